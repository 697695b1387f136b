"""Tasks on their way through a workflow, and the matching that follows every change (behaviour.md §5.2, §7)."""

from __future__ import annotations

from heapq import heappop, heappush
from itertools import count
from typing import Literal, NamedTuple

from ..language.workflow_configuration import Target
from ..model.entities import DEFAULT_FILTER, NO_FILTER, Task, Worker
from ..model.errors import TaskRouterError
from ..model.state import State
from ..reporting import event_recorder
from . import deadlines, matching, transitions

Why = Literal["timeout", "skipped", "failed"]
Reason = Literal["enter", "evaluate", "rematch", "restart_workflow", "leave_step"]  # see PendingWork


class Turn(NamedTuple):
    """A task to look at, and why. The most urgent one comes first, whoever brings it up."""

    urgency: tuple
    number: int
    task: Task
    worker: Worker | None  # who brings it up, having become free
    reason: Reason


def dispatch(state: State) -> None:
    """Match what the command at work has left open, until nothing waits that a ready worker could take.

    The tasks that come up are those pending, and for each worker that has become free the one that comes first
    for it. The most urgent of them all is served first, by the worker that has been idle longest (behaviour.md §7).
    """
    heap: list[Turn] = []
    numbers = count()
    while state.pending or heap:
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
            state.pending.freed_workers[worker.sid] = worker  # there may be more for it, or something else


def _take_turns(state: State, heap: list[Turn], numbers: count) -> None:
    """Move all pending work onto the heap."""
    pending = state.pending
    waiting: tuple[tuple[Reason, dict[str, Task]], ...] = (
        ("leave_step", pending.leave_step),
        ("restart_workflow", pending.restart_workflow),
        ("enter", pending.enter),
        ("evaluate", pending.evaluate),
        ("rematch", pending.rematch),
    )
    for reason, tasks in waiting:
        while tasks:
            _, task = tasks.popitem()
            heappush(heap, Turn(matching.urgency(state, task), next(numbers), task, None, reason))
    while pending.freed_workers:
        _, worker = pending.freed_workers.popitem()
        if task := matching.next_task(state, worker):
            heappush(heap, Turn(matching.urgency(state, task), next(numbers), task, worker, "rematch"))


def _process(state: State, task: Task, reason: Reason) -> None:
    """Find workers for a waiting task; or let it go on in its workflow; or let it wait in the step that it is in.

    A task that comes into a step is offered to its workers first, even when it comes too late to wait there; only then
    is it asked whether the step is skipped (behaviour.md §5.2, §5.3). One that comes back to its step, because a
    reservation has failed, may have used up its time there.
    """
    if reason == "enter":
        if workers := matching.choose_workers(state, task):
            transitions.reserve(state, task, workers)
        elif is_skipped(state, task):
            move_on(state, task, "skipped")
        elif is_over(state, task):
            _time_out(state, task)
        return
    if _begins_again(state, task, reason) and begin_again(state, task):
        return
    if reason == "restart_workflow" and return_to_origin_queue(state, task):
        return
    if is_over(state, task):
        _time_out(state, task)
    elif reason == "leave_step" and _next_target(state, task):
        move_on(state, task, "failed")
    elif workers := matching.choose_workers(state, task):
        transitions.reserve(state, task, workers)


def _time_out(state: State, task: Task) -> None:
    event_recorder.queue_timeout(state, task)
    move_on(state, task, "timeout")


def is_over(state: State, task: Task) -> bool:
    """Has the task reached the age at which its step ends (behaviour.md §2.4)?"""
    end = deadlines.step_end(state, task)
    return end is not None and state.now >= end


def is_skipped(state: State, task: Task) -> bool:
    """Is this step passed over, now that nobody could be reserved: by its `skip_if`, or for want of its known agent?

    Asked when a task comes into the step, and not again when a reservation for it there has failed: inside its timeout
    the step offers such a task to its other workers (SKIP, LIFE-W in behaviour.md §0).
    """
    if _known_agent_is_missing(state, task):
        return True
    condition = task.target.skip_if
    if condition is None:
        return False
    return condition.matches({"workers": matching.count_workers(state, state.queue_of(task))})


def _known_agent_is_missing(state: State, task: Task) -> bool:
    """Does a known-agent step name nobody who could ever take the task (behaviour.md §5.4)?

    A real null passes without an error, everything else that is wrong raises an alert. Sources do not say what becomes
    of the task then; the sandbox lets it go on to its next step, instead of waiting for nobody. A worker who is only
    busy or offline is waited for.
    """
    target = task.target
    known = matching.known_worker(task, target)
    if known is None:
        return False
    worker, queue = matching.named_worker(state, known), state.queue_of(task)
    if worker is not None and worker.sid in queue.members:
        return False
    alert = state.recorder.alert
    if worker is not None:
        text = f"Known worker {worker.friendly_name} is not a member of TaskQueue {queue.friendly_name}"
        alert(40152, text, task.sid)
    elif not _names_null(task, target):
        alert(40154, f"Task {task.sid} names no known worker, or one that does not exist: {known[1]!r}", task.sid)
    return True


def _names_null(task: Task, target: Target) -> bool:
    """Is the attribute that a known-agent step reads there, and null?"""
    read, text = target.known_worker_sid or target.known_worker_name, target.known_worker_text or ""
    first_name = text.removeprefix("task.").partition(".")[0]
    return read is not None and read({"task": task.parsed_attributes}) is None and first_name in task.parsed_attributes


# the way through a workflow


def first_match(state: State, task: Task, start: int = 0) -> int | None:
    """The first filter from `start` on whose expression holds, or None."""
    configuration = state.configuration_of(task)
    assert configuration is not None
    names = state.names_for_filter(task)
    for index in range(start, len(configuration.filters)):
        if configuration.filters[index].expression.matches(names):
            return index
    return None


def enter_workflow(state: State, task: Task) -> None:
    """Put a new task into the first step of the first filter that matches it, or of the default filter.

    Raises TaskRouterError when neither is there; nothing has been changed then (behaviour.md §5.5: sources differ on
    what the service does; the sandbox refuses, so that the mistake is seen where it is made).
    """
    index = _first_filter(state, task)
    if index is None:
        workflow = state.workflow_of(task)
        assert workflow is not None
        raise TaskRouterError(
            f"The attributes of this task match no filter of Workflow {workflow.friendly_name} ({workflow.sid}), "
            "and it has no default filter: look for a misspelt attribute, or add a default_filter."
        )
    take_step(state, task, index, 0)


def _first_filter(state: State, task: Task) -> int | None:
    """Where a task begins its workflow: the first filter that matches, the default filter, or None."""
    configuration = state.configuration_of(task)
    assert configuration is not None
    index = first_match(state, task)
    return DEFAULT_FILTER if index is None and configuration.default else index


def take_step(state: State, task: Task, filter_index: int, target_index: int) -> None:
    """Let a task enter a routing step: its priority, its queue and its limit come from there."""
    task.filter_index, task.target_index = filter_index, target_index
    state.find_target(task)
    target = task.target
    if target.priority is not None:
        task.priority = target.priority
    if target.timeout is not None:
        task.step_limit = (task.step_limit or 0) + target.timeout
    if target.queue_sid != task.task_queue_sid:
        task.task_queue_sid = target.queue_sid
        task.task_queue_entered_date = state.now


def _begins_again(state: State, task: Task, reason: Reason) -> bool:
    """Is the task to begin its workflow again: since a transfer came to nothing, or the workflow was edited?"""
    return reason == "restart_workflow" or (reason != "rematch" and _was_re_evaluated(state, task))


def _was_re_evaluated(state: State, task: Task) -> bool:
    """Was the workflow edited with ReEvaluateTasks while this task was reserved (behaviour.md §5.2)?"""
    workflow = state.workflow_of(task)
    return workflow is not None and task.filter_index != NO_FILTER and task.revision < workflow.re_evaluated_from


def begin_again(state: State, task: Task) -> bool:
    """Let a waiting task begin its workflow again, with the newest configuration (behaviour.md §5.2).

    False when it has none, or this configuration matches it nowhere: it stays where it is.
    """
    workflow, place = state.workflow_of(task), (task.revision, task.filter_index)
    if workflow is None or (task.routing_target or "").startswith(("WK", "WQ")):
        return False
    before = state.queue_of(task)
    task.revision, task.filter_index = len(workflow.revisions) - 1, DEFAULT_FILTER
    index = _first_filter(state, task)
    task.revision, task.filter_index = place
    if index is None:
        return False
    matching.wait_no_longer(state, task)
    task.revision, task.step_limit, task.timed_out = len(workflow.revisions) - 1, None, False
    take_step(state, task, index, 0)
    _enter_step(state, task, before.sid)
    return True


def return_to_origin_queue(state: State, task: Task) -> bool:
    """Let a task that has no workflow to begin again wait in the queue that its last transfer took it from.

    False when it is there already.
    """
    before, home = state.queue_of(task), list(task.transfers.values())[-1].initiating_queue_sid
    if home == before.sid:
        return False
    matching.wait_no_longer(state, task)
    task.task_queue_sid, task.task_queue_entered_date = home, state.now
    matching.wait(state, task)
    state.recorder.changed(task)
    event_recorder.queue_moved(state, task, before)
    event_recorder.queue_entered(state, task)
    state.pending.rematch[task.sid] = task
    return True


def _next_target(state: State, task: Task) -> bool:
    """Is there another step in the filter that the task is in?"""
    chosen = state.filter_of(task)
    return chosen is not None and task.target_index + 1 < len(chosen.targets)


def move_on(state: State, task: Task, why: Why) -> None:
    """Leave a step: for the next step, the next matching filter, or the end of the workflow.

    A filter that was skipped counts as one that did not match, so that the default filter may catch the task; after a
    filter that timed out it never does (behaviour.md §5.2, §5.3).
    """
    before = state.queue_of(task)
    if _next_target(state, task):
        step = (task.filter_index, task.target_index + 1)
    else:
        task.timed_out = task.timed_out or why == "timeout"
        index = _later_filter(state, task)
        if index is None:
            ending: Literal["timeout", "skipped"] = "timeout" if why == "timeout" else "skipped"
            event_recorder.workflow_step(state, task, ending)
            words = transitions.WORKFLOW_TIMEOUT if ending == "timeout" else transitions.WORKFLOW_SKIPPED
            transitions.end_task(state, task, "canceled", words)
            return
        step = (index, 0)
    matching.wait_no_longer(state, task)
    take_step(state, task, *step)
    _enter_step(state, task, before.sid)


def _later_filter(state: State, task: Task) -> int | None:
    """The next filter that matches a task which has come to the end of one, or None when the workflow is over."""
    if task.filter_index == DEFAULT_FILTER:
        return None
    index = first_match(state, task, task.filter_index + 1)
    configuration = state.configuration_of(task)
    if index is None and not task.timed_out and configuration is not None and configuration.default:
        return DEFAULT_FILTER
    return index


def _enter_step(state: State, task: Task, queue_before: str) -> None:
    """A task has taken a step: it waits there, and is to be matched."""
    matching.wait(state, task)
    deadlines.schedule_task_deadline(state, task)
    state.recorder.changed(task)
    event_recorder.target_matched(state, task)
    if task.task_queue_sid != queue_before:
        event_recorder.queue_moved(state, task, state.task_queues[queue_before])
        event_recorder.queue_entered(state, task)
    state.pending.enter[task.sid] = task
