"""What can be said of a day before it is played: more work than those have time for who could do it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..engine import WorkspaceEngine
from ..engine.model.entities import Worker
from ..language.expressions import time_names
from ..language.workflow_configuration import Filter, Target
from ..snapshot import Snapshot
from .chance import generator
from .checks import MOST_RESERVATIONS, least_rejected
from .day import LENGTH, Day, TaskClass, clock
from .duty import duty_of
from .workspace import engine_of

PIECE = 1_800_000  # milliseconds of each piece of the day that is looked at
PIECES = LENGTH // PIECE
SAMPLE = 4096  # durations that are drawn to find their mean
LEAST = 1.02  # work of a piece, as a share of the time for it, from which it is said
OFTEN = 10  # offers of each task on average, from which it is said
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Work:
    """The work of a class. takers: who could do it; come: tasks, by piece of the day; takes: seconds for each."""

    kind: TaskClass
    takers: frozenset[str]
    come: Floats
    takes: float


def notes_of(snapshot: Snapshot, day: Day) -> list[str]:
    """Say of a day where more comes than can be done, and how the queue grows then; and of answers that never end."""
    engine, _ = engine_of(snapshot, day.begins, {})
    work = [one for kind in day.classes if (one := _work(engine, day, kind)) is not None]
    there = _time_there(engine, snapshot, day)
    groups = dict.fromkeys(each.takers for each in work)
    if len(groups) > 1:
        groups[frozenset().union(*groups)] = None
    said = [*_rejections(snapshot, day), *(note for takers in groups for note in _overloads(takers, work, there))]
    return list(dict.fromkeys(said))


def _rejections(snapshot: Snapshot, day: Day) -> Iterator[str]:
    """Say which tasks are offered again and again."""
    for kind in day.classes:
        least = least_rejected(snapshot, day, kind)
        if least == 1:
            yield f"{kind.name}: every offer is rejected; TaskRouter cancels a task after {MOST_RESERVATIONS:,} of them"
        elif 1 / (1 - least) >= OFTEN:
            times = f"so that each task is offered {1 / (1 - least):.0f} times"
            yield f"{kind.name}: {least:.0%} of the offers are rejected, {times}"


def _work(engine: WorkspaceEngine, day: Day, kind: TaskClass) -> Work | None:
    """Find who could take the tasks of a class, and how much there is; None where that hangs on the time."""
    takers = _takers(engine, day, kind)
    if takers is None:
        return None
    return Work(kind, frozenset(each.friendly_name for each in takers), *work_of(kind, PIECE))


def work_of(kind: TaskClass, piece: int) -> tuple[Floats, float]:
    """Tell how many tasks of a class come in each piece of the day, and the seconds each takes. piece: milliseconds."""
    edges = np.minimum(np.arange(-(-LENGTH // piece) + 1) * piece, LENGTH)
    come = np.histogram([each.at.ms for each in kind.recorded], edges)[0].astype(float)
    for rate in kind.arrivals:
        come += np.diff(np.clip(edges, rate.start.ms, rate.end.ms)) / 3_600_000 * rate.per_hour
    rng = generator(0, "load")
    means = [float(each.draw(rng, SAMPLE).mean()) / 1000 for each in (kind.talk, kind.wrap_up)]
    return come, sum(means)


def _takers(engine: WorkspaceEngine, day: Day, kind: TaskClass) -> list[Worker] | None:
    state = engine.state
    flow = next(one for one in state.workflows.values() if kind.workflow in (None, one.friendly_name))
    configuration = flow.parsed[-1]
    if configuration is None or configuration.reads_time:
        return None
    names = {**kind.attributes, **time_names(day.begins)}
    chosen = next((one for one in configuration.filters if one.expression.matches(names)), configuration.default)
    found: dict[str, Worker] = {}
    for target, worker in _members(engine, chosen):
        if target.expression is None or target.expression.matches(
            {"task": kind.attributes, "worker": state.names_of_worker(worker), **time_names(day.begins)}
        ):
            found[worker.sid] = worker
    return list(found.values())


def _members(engine: WorkspaceEngine, chosen: Filter | None) -> Iterator[tuple[Target, Worker]]:
    for target in chosen.targets if chosen else ():
        for worker in engine.state.task_queues[target.queue_sid].members.values():
            yield target, worker


def _time_there(engine: WorkspaceEngine, snapshot: Snapshot, day: Day) -> dict[str, Floats]:
    """Find how many tasks at once each worker takes, on average over each piece of the day."""
    edges = np.arange(PIECES + 1) * PIECE / 1000
    several = engine.workspace.multi_task_enabled
    found: dict[str, Floats] = {}
    duty = duty_of(snapshot, day)
    for worker in engine.state.workers.values():
        capacities = [each.configured_capacity for each in worker.channels.values() if each.available]
        at_once = max(capacities, default=0) if several else 1
        there = np.zeros(PIECES)
        for start, end in duty.get(worker.friendly_name, ()):
            there += np.diff(np.clip(edges, start, end)) / (PIECE / 1000)
        found[worker.friendly_name] = there * at_once
    return found


def _overloads(takers: frozenset[str], work: list[Work], there: dict[str, Floats]) -> Iterator[str]:
    """Say when those classes that only these could take are more than they have time for."""
    mine = [each for each in work if each.takers <= takers]
    needed = sum((each.come * each.takes / (PIECE / 1000) for each in mine), np.zeros(PIECES))
    present = sum((there[name] for name in takers), np.zeros(PIECES))
    is_over = needed > present * LEAST
    start = 0
    while start < PIECES:
        if not is_over[start]:
            start += 1
            continue
        end = start
        while end < PIECES and is_over[end]:
            end += 1
        yield _told(mine, slice(start, end), needed, present)
        start = end


def _told(mine: list[Work], span: slice, needed: Floats, present: Floats) -> str:
    come = sum(each.come[span].sum() for each in mine)
    takes = sum(each.come[span].sum() * each.takes for each in mine) / come
    hours = (span.stop - span.start) * PIECE / 3_600_000
    asks, gets = float(needed[span].mean()), float(present[span].mean())
    names = ", ".join(each.kind.name for each in mine if each.come[span].any())
    when = f"From {clock(span.start * PIECE)} to {clock(span.stop * PIECE)}"
    if not gets:
        return f"{when} nobody is on duty who takes {names}: {come:.0f} tasks come"
    grows = min((asks - gets) * 3600 / takes, come / hours)
    leaves = all(each.kind.patience is not None for each in mine if each.come[span].any())
    unless = ", less those who hang up" if leaves else ""
    return (
        f"{when} more comes than can be done: {names} would keep {asks:.1f} workers busy, and {gets:.1f} are there "
        f"for them; the queue grows by {grows:.0f} tasks an hour{unless}"
    )
