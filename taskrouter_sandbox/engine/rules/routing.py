"""The matching that follows every change, until nothing waits that a ready worker could take (behaviour.md §7)."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Literal, NamedTuple

from ...language.strict_json import quoted
from ...language.workflow_configuration import Target
from ..model.entities import NO_FILTER, Task, Worker
from ..model.known_worker import known_worker, named_value, named_worker
from ..model.pending_work import Again
from ..model.state import State
from ..model.task_lines import Key
from . import deadlines, matching, reservations, workflow_steps

Reason = Again | Literal["enter"]  # see PendingWork


class Turn(NamedTuple):
    """A task to look at, and why. The most urgent one comes first, whoever brings it up.

    Its own turn comes before one that a worker brings up: a task that has come into a step is offered to everybody
    there before it can time out.
    """

    urgency: tuple[bool, Key]
    by_worker: bool
    number: int
    task: Task
    worker: Worker | None  # who brings it up, having become free
    reason: Reason


def dispatch(state: State) -> None:
    """Match what the command at work has left open, until nothing waits that a ready worker could take.

    The tasks that come up are those pending, and for each worker that has become free the one that comes first
    for it. The most urgent of them all is served first, by the worker that has been idle longest (behaviour.md §7).
    """
    pending = state.pending
    task = pending.take_single_entry() if state.waiting else None
    if task is not None and task.assignment_status == "pending":  # there is nothing to put in order
        _process(state, task, "enter")
    if not state.waiting:
        pending.clear()
        return
    heap: list[Turn] = []
    numbers = count()
    while pending or heap:
        _take_turns(state, heap, numbers)
        if not heap:
            return
        turn = heappop(heap)
        task, worker = turn.task, turn.worker
        if task.assignment_status == "pending" and matching.urgency(state, task) == turn.urgency:
            if worker is None or matching.next_task(state, worker) is task:
                _process(state, task, turn.reason)
        elif task.assignment_status == "pending" and worker is None:
            heappush(heap, turn._replace(urgency=matching.urgency(state, task)))
        if worker is not None and worker.listed:
            pending.freed_workers[worker.sid] = worker  # there may be more for it, or something else


def _take_turns(state: State, heap: list[Turn], numbers: Iterator[int]) -> None:
    """Move all pending work onto the heap."""
    pending = state.pending
    while pending.enter:
        _, task = pending.enter.popitem()
        heappush(heap, Turn(matching.urgency(state, task), False, next(numbers), task, None, "enter"))
    while pending.again:
        _, (reason, task) = pending.again.popitem()
        heappush(heap, Turn(matching.urgency(state, task), False, next(numbers), task, None, reason))
    while pending.freed_workers:
        _, worker = pending.freed_workers.popitem()
        if task := matching.next_task(state, worker):
            heappush(heap, Turn(matching.urgency(state, task), True, next(numbers), task, worker, "rematch"))


def _process(state: State, task: Task, reason: Reason) -> None:
    """Find workers for a waiting task; or let it go on in its workflow; or let it wait in the step that it is in.

    A task that comes into a step is offered to its workers first, even when it comes too late to wait there; only then
    is it asked whether the step is skipped (behaviour.md §5.2, §5.3). One that comes back to its step, because a
    reservation has failed, may have used up its time there.
    """
    if reason == "enter":
        if workers := matching.choose_workers(state, task):
            reservations.reserve(state, task, workers)
            return
        state.observer.nobody_chosen(state.now, task)
        _warn_of_known_agent(state, task)
        if is_skipped(state, task):
            workflow_steps.move_on(state, task, "skipped")
        elif is_over(state, task):
            _time_out(state, task)
        return
    if _begins_again(state, task, reason) and workflow_steps.begin_again(state, task):
        return
    has_changed = reason == "attributes_changed" or task.has_new_attributes
    if has_changed and workflow_steps.follow_attributes(state, task):
        return
    if reason == "restart_workflow" and workflow_steps.return_to_origin_queue(state, task):
        return
    if is_over(state, task):
        _time_out(state, task)
    elif reason == "leave_step" and workflow_steps.has_next_step(state, task):
        workflow_steps.move_on(state, task, "failed")
    elif workers := matching.choose_workers(state, task):
        reservations.reserve(state, task, workers)
    else:
        if reason != "rematch":
            state.observer.nobody_chosen(state.now, task)
        if has_changed:
            _warn_of_known_agent(state, task)


def _time_out(state: State, task: Task) -> None:
    state.observer.queue_timed_out(state.now, task)
    workflow_steps.move_on(state, task, "timeout")


def is_over(state: State, task: Task) -> bool:
    """Tell whether the task has reached the age at which its step ends (behaviour.md §2.4)."""
    end = deadlines.step_end(task)
    return end is not None and state.now >= end


def is_skipped(state: State, task: Task) -> bool:
    """Tell whether this step is skipped by its `skip_if`, now that nobody could be reserved.

    Asked when a task comes into the step, and not again when a reservation for it there has failed: inside its timeout
    the step offers such a task to its other workers (SKIP, LIFE-W in behaviour.md §0).
    """
    condition = task.target.skip_if
    if condition is None:
        return False
    return condition.matches({"workers": state.count_workers(state.queue_of(task))})


def _warn_of_known_agent(state: State, task: Task) -> None:
    """Raise an alert when a known-agent step names nobody who could take the task now (behaviour.md §5.4).

    The task waits there all the same, until the step is over, or such a worker is there. A real null is no error, nor
    is a worker who is only busy or offline.
    """
    target = task.target
    known = known_worker(task, target)
    if known is None:
        return
    worker, queue = named_worker(state, known), state.queue_of(task)
    if worker is not None and worker.sid not in queue.members:
        text = f"Known worker {worker.friendly_name} is not a member of TaskQueue {queue.friendly_name}"
        state.recorder.alert(40152, text, task.sid)
    elif worker is None and state.surroundings is not None and state.surroundings.has_worker(known[1]):
        text = f"Task {task.sid} names a known worker of another workspace: {known[1]}"
        state.recorder.alert(40155, text, task.sid)
    elif worker is None and not _names_null(task, target):
        text = f"Task {task.sid} names no known worker, or one that does not exist: {_said_of_worker(task, target)}"
        state.recorder.alert(40154, text, task.sid)


def _said_of_worker(task: Task, target: Target) -> str:
    value = named_value(task, target)
    return f"it has no {target.known_worker_text}" if value is None else quoted(value)


def _names_null(task: Task, target: Target) -> bool:
    """Tell whether the attribute that a known-agent step reads is there, and null."""
    first_name = (target.known_worker_text or "").removeprefix("task.").partition(".")[0]
    return named_value(task, target) is None and first_name in task.parsed_attributes


def _begins_again(state: State, task: Task, reason: Reason) -> bool:
    """Tell whether the task begins its workflow again: a transfer came to nothing, or the workflow was edited."""
    return reason == "restart_workflow" or (reason != "rematch" and _was_re_evaluated(state, task))


def _was_re_evaluated(state: State, task: Task) -> bool:
    """Tell whether the workflow was edited with ReEvaluateTasks while this task was reserved (behaviour.md §5.2)."""
    workflow = state.workflow_of(task)
    return workflow is not None and task.filter_index != NO_FILTER and task.revision < workflow.re_evaluated_from
