"""What can be said of a day before it is played: more work than those have time for who could do it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine import WorkspaceEngine
from ..engine.model.entities import Worker
from ..engine.model.state import State
from ..language.expressions import time_names
from ..language.workflow_configuration import Configuration, Target
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
CHANGES = re.compile(r"taskrouter\b|worker\.channel\b")  # what the beginning of a day does not tell of the rest
OFTEN = 10  # offers of each task on average, from which it is said
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Work:
    """The work of a class. takers: who could do it, and how many such tasks each at once; come: tasks, by piece of the
    day; takes: seconds for each; channel: whose tasks share its takers' capacity, None where those of all channels do.
    """

    kind: TaskClass
    takers: dict[str, int]
    come: Floats
    takes: float
    channel: str | None


def notes_of(snapshot: Snapshot, day: Day) -> list[str]:
    """Say of a day where more comes than can be done, and how the queue grows then; and of answers that never end."""
    engine, _ = engine_of(snapshot, day.begins, {})
    work = [one for kind in day.classes if (one := _work(engine, day, kind)) is not None]
    there = _time_there(snapshot, day)
    said = list(_rejections(snapshot, day))
    for channel in dict.fromkeys(each.channel for each in work):
        mine = [each for each in work if each.channel == channel]
        groups = dict.fromkeys(frozenset(each.takers) for each in mine)
        if len(groups) > 1:
            groups[frozenset().union(*groups)] = None
        said += [note for takers in groups for note in _overloads(takers, mine, there)]
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
    state = engine.state
    flow = next(one for one in state.workflows.values() if kind.workflow in (None, one.friendly_name))
    configuration = flow.parsed[-1]
    if configuration is None or configuration.reads_time:
        return None
    several = engine.workspace.multi_task_enabled
    takers: dict[str, int] = {}
    for target in _targets(configuration, kind, day):
        for worker in state.task_queues[target.queue_sid].members.values():
            at_once = _at_once(state, worker, kind.channel)
            if at_once and _could_take(state, target, worker, kind.attributes):
                takers[worker.friendly_name] = at_once if several else 1  # which counts as one (behaviour.md §2.3)
    return Work(kind, takers, *work_of(kind, PIECE), kind.channel if several else None)


def work_of(kind: TaskClass, piece: int) -> tuple[Floats, float]:
    """Tell how many tasks of a class come in each piece of the day, and the seconds each takes. piece: milliseconds."""
    edges = np.minimum(np.arange(-(-LENGTH // piece) + 1) * piece, LENGTH)
    come = np.histogram([each.at.ms for each in kind.recorded], edges)[0].astype(float)
    for rate in kind.arrivals:
        come += np.diff(np.clip(edges, rate.start.ms, rate.end.ms)) / 3_600_000 * rate.per_hour
    rng = generator(0, "load")
    means = [float(each.draw(rng, SAMPLE).mean()) / 1000 for each in (kind.talk, kind.wrap_up)]
    return come, sum(means)


def _targets(configuration: Configuration, kind: TaskClass, day: Day) -> Iterator[Target]:
    """Give the targets that tasks of a class could come to: as long as they move on (behaviour.md §5.2, §5.3)."""
    names = {**kind.attributes, **time_names(day.begins)}
    matching = [one for one in configuration.filters if one.expression.matches(names)]
    default = configuration.default
    for chosen in [*matching, *([default] if default else [])]:
        if chosen is default and any(each.skip_if is None for one in matching for each in one.targets):
            return
        for target in chosen.targets:
            yield target
            if target.timeout is None and target.skip_if is None:
                return


def _at_once(state: State, worker: Worker, channel: str) -> int:
    """Tell how many tasks of a channel a worker can have at once."""
    return sum(
        each.configured_capacity
        for sid, each in worker.channels.items()
        if each.available and state.task_channels[sid].unique_name == channel
    )


def _could_take(state: State, target: Target, worker: Worker, attributes: dict[str, Any]) -> bool:
    """Tell whether a target may take a worker who is available; also where that hangs on the time or on channels."""
    view = state.names_of_worker(worker)
    names = {"task": attributes, "worker": view}
    if target.known_worker_sid and target.known_worker_sid(names) != worker.sid:
        return False
    if target.known_worker_name and target.known_worker_name(names) != worker.friendly_name:
        return False
    expression = target.expression
    if expression is None or any(map(CHANGES.match, expression.references)):
        return True
    if not expression.references & {"worker.activity_name", "worker.activity_sid"}:
        return expression.matches(names)
    return any(
        expression.matches({**names, "worker": {**view, "activity_name": each.friendly_name, "activity_sid": each.sid}})
        for each in state.activities.values()
        if each.available
    )


def _time_there(snapshot: Snapshot, day: Day) -> dict[str, Floats]:
    """Find which share of each piece of the day each worker is on duty."""
    edges = np.arange(PIECES + 1) * PIECE / 1000
    found: dict[str, Floats] = {}
    for name, spans in duty_of(snapshot, day).items():
        found[name] = np.zeros(PIECES)
        for start, end in spans:
            found[name] += np.diff(np.clip(edges, start, end)) / (PIECE / 1000)
    return found


def _overloads(takers: frozenset[str], work: list[Work], there: dict[str, Floats]) -> Iterator[str]:
    """Say when those classes that only these could take are more than they have time for."""
    mine = [each for each in work if each.takers.keys() <= takers]
    at_once = {name: count for each in mine for name, count in each.takers.items()}
    needed = sum((each.come * each.takes / (PIECE / 1000) for each in mine), np.zeros(PIECES))
    present = sum((there[name] * count for name, count in at_once.items() if name in there), np.zeros(PIECES))
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
    come = float(sum(each.come[span].sum() for each in mine))
    takes = sum(each.come[span].sum() * each.takes for each in mine) / come
    hours = (span.stop - span.start) * PIECE / 3_600_000
    asks, gets = float(needed[span].mean()), float(present[span].mean())
    names = ", ".join(each.kind.name for each in mine if each.come[span].any())
    when = f"From {clock(span.start * PIECE)} to {clock(span.stop * PIECE)}"
    if not gets:
        return f"{when} nobody is on duty who takes {names}: {f'{come:.0f} tasks come' if come > 1 else '1 task comes'}"
    grows = min((asks - gets) * 3600 / takes, come / hours)
    leaves = all(each.kind.patience is not None for each in mine if each.come[span].any())
    unless = ", less those who hang up" if leaves else ""
    return (
        f"{when} more comes than can be done: {names} would keep {asks:.1f} workers busy, and {gets:.1f} are there "
        f"for them; the queue grows by {grows:.0f} tasks an hour{unless}"
    )
