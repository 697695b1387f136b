"""The events, and beside them each decision about a task, with what it saw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ...explanation.facts import Decision, Ending, FilterFacts, StepFacts, StepReason
from ..model.effects import Effects
from ..model.entities import DEFAULT_FILTER, NO_FILTER, Task, Worker
from ..model.observer import StepEnd
from ..model.state import State
from .decision_facts import asked_filters, match_facts, new_decision
from .event_recorder import EventRecorder

MOST_REMEMBERED = 500


class _Left(NamedTuple):
    """A step that a task has left: why, which filter and which step of it, and what its `skip_if` saw."""

    why: StepEnd
    filter: int
    target: int
    skip_if: str | None
    counts: dict[str, int | float] | None


class DecisionRecorder(EventRecorder):
    """An observer that adds the decisions about tasks to the effects as well: see EventRecorder."""

    def __init__(self, state: State, last_event_at: int = 0) -> None:
        super().__init__(state, last_event_at)
        self._left: dict[str, _Left] = {}
        # the newest step, as long as no match for it has followed, and the effects that it is among
        self._entered: tuple[Decision, Effects] | None = None
        self._asked: dict[tuple[str | None, int, int, int], tuple[Sequence[FilterFacts], int]] = {}

    def task_created(self, now: int, task: Task) -> None:
        """Record its events, and how it came into its first step."""
        super().task_created(now, task)
        if task.filter_index != NO_FILTER:
            self._enter(now, task, "created", 0)

    def step_left(self, now: int, task: Task, why: StepEnd) -> None:
        """Remember the step, for what comes of it."""
        skip_if, counts = task.target.skip_if, None
        if why == "skipped" and skip_if is not None:
            counts = self.state.count_workers(self.state.queue_of(task))
        text = skip_if.text if skip_if is not None and why == "skipped" else None
        self._left[task.sid] = _Left(why, task.filter_index, task.target_index, text, counts)

    def step_entered(self, now: int, task: Task) -> None:
        """Record its event, and how it came into this step."""
        super().step_entered(now, task)
        left = self._left.pop(task.sid)
        if left.why in ("attributes-changed", "re-evaluated"):
            self._enter(now, task, left.why, 0, left)
        elif (task.filter_index, task.target_index) == (left.filter, left.target + 1):
            self._enter(now, task, left.why, None, left)
        else:
            self._enter(now, task, left.why, left.filter + 1, left)

    def _enter(self, now: int, task: Task, why: StepReason, start: int | None, left: _Left | None = None) -> None:
        """Note a step. start: the first filter that was asked for it; None where none was asked."""
        state, chosen, workflow = self.state, self.state.filter_of(task), self.state.workflow_of(task)
        assert chosen is not None
        assert workflow is not None
        filters, left_out = ((), 0) if start is None else self._filters(task, start)
        effects = state.recorder.effects
        decision = new_decision(state, now, task)
        self._entered = decision, effects
        decision.step = StepFacts(
            why,
            workflow.sid,
            workflow.friendly_name,
            filters,
            left_out,
            task.filter_index,
            chosen.name or ("" if task.filter_index != DEFAULT_FILTER else "Default Filter"),
            task.target_index,
            len(chosen.targets),
            left.skip_if if left else None,
            left.counts if left else None,
        )
        effects.decisions.append(decision)

    def _filters(self, task: Task, start: int) -> tuple[Sequence[FilterFacts], int]:
        """Note the filters that were asked; tasks that were asked the same share the note."""
        key = task.workflow_sid, task.revision, start, task.filter_index
        if (found := self._asked.get(key)) is None:
            if len(self._asked) >= MOST_REMEMBERED:
                self._asked.clear()
            found = self._asked[key] = asked_filters(self.state, task, start)
        return found

    def workers_chosen(self, now: int, task: Task, workers: list[Worker]) -> None:
        """Record a match."""
        self._match(now, task, workers)

    def nobody_chosen(self, now: int, task: Task) -> None:
        """Record that nobody could take the task."""
        self._match(now, task, ())

    def _match(self, now: int, task: Task, workers: Sequence[Worker]) -> None:
        effects = self.state.recorder.effects
        entered, self._entered = self._entered, None
        if entered is not None and entered[0].task_sid == task.sid and entered[1] is effects:
            decision = entered[0]
        else:
            decision = new_decision(self.state, now, task)
            effects.decisions.append(decision)
        decision.match = match_facts(self.state, task, workers)

    def workflow_timed_out(self, now: int, task: Task) -> None:
        """Record its event, and that the workflow is over."""
        super().workflow_timed_out(now, task)
        self._end(now, task, "timeout")

    def workflow_skipped(self, now: int, task: Task) -> None:
        """Record its event, and that the workflow is over."""
        super().workflow_skipped(now, task)
        left = self._left.get(task.sid)
        self._end(now, task, "failed" if left and left.why == "failed" else "skipped")

    def _end(self, now: int, task: Task, why: Ending) -> None:
        self._left.pop(task.sid, None)
        decision = new_decision(self.state, now, task)
        decision.ended = why
        self.state.recorder.effects.decisions.append(decision)
