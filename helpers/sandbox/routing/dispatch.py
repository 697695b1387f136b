"""Tasks on their way through a workflow, and the matching that follows every change (behaviour.md §5.2, §7)."""

from __future__ import annotations

from . import happenings, lifecycle, matching
from .entities import Task, Worker
from .refusals import Refusal
from .state import State


def dispatch(state: State) -> None:
    """Match what the command at work has left open, until nothing waits that a ready worker could take.

    Workers that have become free look first, each for the task that comes first; then the tasks that are new or have
    come back look for a worker, and move on along their workflow while a step is over or is skipped.
    """
    while state.freed or state.unsettled:
        while state.freed:
            _, worker = state.freed.popitem()
            serve(state, worker)
        if state.unsettled:
            task = min(state.unsettled.values(), key=matching.most_urgent_first)
            del state.unsettled[task.sid]
            settle(state, task)


def serve(state: State, worker: Worker) -> None:
    """Give a free worker what waits for it; a worker that has been idle longer may be given it instead."""
    while worker.listed and (task := next(matching.tasks_for(state, worker), None)) is not None:
        if is_over(state, task):
            settle(state, task)
        else:
            lifecycle.reserve(state, task, matching.choose_workers(state, task))


def settle(state: State, task: Task) -> None:
    """Find a worker for a pending task, or let it wait in the step of its workflow that it has come to."""
    while task.assignment_status == "pending":
        if is_over(state, task):
            happenings.queue_timeout(state, task)
            move_on(state, task, "timeout")
        elif workers := matching.choose_workers(state, task):
            lifecycle.reserve(state, task, workers)
        elif is_skipped(state, task):
            move_on(state, task, "skipped")
        else:
            return


def is_over(state: State, task: Task) -> bool:
    """Has the task reached the age at which its step ends (behaviour.md §2.4)?"""
    limited = state.target_of(task).timeout is not None
    return limited and task.step_limit is not None and state.age(task) >= task.step_limit


def is_skipped(state: State, task: Task) -> bool:
    """Does the step's `skip_if` hold, now that nobody could be reserved (behaviour.md §5.3)?"""
    condition = state.target_of(task).skip_if
    if condition is None:
        return False
    return condition.matches({"workers": matching.count_workers(state, state.queue_of(task))})


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

    Raises Refusal when neither is there; nothing has been changed then (behaviour.md §5.5: sources differ on what the
    service does; the sandbox refuses, so that the mistake is seen where it is made).
    """
    index = first_match(state, task)
    configuration, workflow = state.configuration_of(task), state.workflow_of(task)
    assert configuration is not None
    assert workflow is not None
    if index is None and configuration.default is None:
        raise Refusal(
            f"The attributes of this task match no filter of Workflow {workflow.friendly_name} ({workflow.sid}), "
            "and it has no default filter: look for a misspelt attribute, or add a default_filter."
        )
    take_step(state, task, -1 if index is None else index, 0)


def take_step(state: State, task: Task, filter_index: int, target_index: int) -> None:
    """Let a task enter a routing step: its priority, its queue and its limit come from there."""
    task.filter_index, task.target_index = filter_index, target_index
    target = state.target_of(task)
    if target.priority is not None:
        task.priority = target.priority
    if target.timeout is not None:
        task.step_limit = (task.step_limit or 0) + target.timeout
        state.timers.set(task.date_created + task.step_limit * 1000, "step", task.sid)
    if target.queue_sid != task.task_queue_sid:
        task.task_queue_sid = target.queue_sid
        task.task_queue_entered_date = state.now


def move_on(state: State, task: Task, why: str) -> None:
    """Leave a step that timed out or is skipped: for the next step, the next matching filter, or the end.

    The default filter catches tasks whose steps were all skipped, never those that timed out (behaviour.md §5.2, §5.3).
    """
    before = state.queue_of(task)
    before.waiting.discard(task)
    configuration, chosen = state.configuration_of(task), state.filter_of(task)
    assert configuration is not None
    assert chosen is not None
    if task.target_index + 1 < len(chosen.targets):
        step = (task.filter_index, task.target_index + 1)
    else:
        index = first_match(state, task, task.filter_index + 1) if task.filter_index >= 0 else None
        if index is None and why == "skipped" and task.filter_index >= 0 and configuration.default:
            index = -1
        if index is None:
            happenings.workflow_step(state, task, why)
            words = "Task canceled on Workflow timeout" if why == "timeout" else "Task skipped by Workflow"
            lifecycle.end_task(state, task, "canceled", words)
            return
        step = (index, 0)
    take_step(state, task, *step)
    state.journal.changed(task)
    after = state.queue_of(task)
    after.waiting.add(task)
    happenings.target_matched(state, task)
    if after is not before:
        happenings.queue_moved(state, task, before)
        happenings.queue_entered(state, task)
