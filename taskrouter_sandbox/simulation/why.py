"""Why a task went where it went: the day is played once more up to its end, and each decision about it is noted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec.json import decode, encode

from ..engine.model.observer import Observer
from ..engine.model.state import State
from ..engine.reporting.decision_recorder import DecisionRecorder
from ..explanation.answers import DecisionAnswer
from ..explanation.explain import explain
from ..explanation.facts import Decision
from ..snapshot import Snapshot
from .columns import NONE
from .day import Day, clock
from .draws import draw
from .observer import DayObserver
from .records import TaskRecord
from .run import DayRun


@dataclass(frozen=True, repr=False)
class Why:
    """Why a task went where it went. task: its record; begins: of the day, in milliseconds since 1970.

    decisions: the oldest first, each as the sandbox tells them: its `text`, its `step`, with the filters that were
    asked, and its `match`, with each worker and why not (`taskrouter_sandbox/explanation/answers.py`).
    """

    task: TaskRecord
    begins: int
    decisions: list[DecisionAnswer]

    def __repr__(self) -> str:
        """Tell each decision in a line, with the time of the day."""
        came = clock(round(self.task.came * 1000))
        lines = [f"{self.task.class_name} number {self.task.number}, came at {came}, {self.task.how}"]
        lines += [f"{clock(each['at'] - self.begins)} {each['text']}" for each in self.decisions]
        return "\n".join(lines)


class Telling(DayObserver):
    """An observer that lets events and decisions be recorded, too."""

    def __init__(self, state: State, begins: int) -> None:
        super().__init__(state, begins)
        self.recorder = DecisionRecorder(state)


def _both(name: str) -> Callable[..., None]:
    def tell(self: Telling, *what: Any) -> None:
        getattr(DayObserver, name)(self, *what)
        getattr(self.recorder, name)(*what)

    return tell


for _name in (each for each in vars(Observer) if not each.startswith("_")):
    setattr(Telling, _name, _both(_name))


class _Ended(Exception):
    """The task has come to its end."""


class _Replay(DayRun):
    """A day that is played until one task has ended. row: the task's."""

    def __init__(self, snapshot: Snapshot, day: Day, seed: int, task: TaskRecord) -> None:
        draws = draw(day, seed, task.replication)
        kinds = [each.name for each in day.classes]
        (self.row,) = np.flatnonzero((draws.kind == kinds.index(task.class_name)) & (draws.number == task.number))
        self.decisions: list[Decision] = []
        super().__init__(snapshot, day, draws, Telling)

    def _forget(self) -> None:
        """Keep what was decided about the task, and let go of all else."""
        made = self.engine.drain().decisions
        self.decisions += [each for each in made if self.rows.get(each.task_sid) == self.row]

    def _offer(self, now: int) -> None:
        super()._offer(now)
        self._forget()
        if self.observer.ended[self.row] != NONE:
            raise _Ended


def why(snapshot: Snapshot, day: Day, seed: int, task: TaskRecord) -> Why:
    """Play a day until a task of it has ended, and explain each decision about it."""
    replay = _Replay(snapshot, day, seed, task)
    with suppress(_Ended):
        replay.play()
    # as decisions are stored and read: what many of them share is JSON in them
    decisions = decode(encode(replay.decisions), type=list[Decision])
    return Why(task, day.begins, [explain(each) for each in decisions])
