"""The way of a task through its workflow, from routing step to routing step (behaviour.md §5.2)."""

from __future__ import annotations

from typing import Literal

from ...language import workflow_configuration
from ...language.expressions import time_names
from ...language.lint import lint_filters
from ...language.workflow_configuration import Configuration
from ..model.entities import DEFAULT_FILTER, Task, TaskQueue, Workflow
from ..model.errors import TaskRouterError
from ..model.observer import StepEnd
from ..model.state import State
from . import deadlines, matching, tasks

Why = Literal["timeout", "skipped", "failed"]


def first_match(state: State, task: Task, configuration: Configuration, start: int = 0) -> int | None:
    """Find the first filter from `start` on whose expression holds: its index, or None."""
    names = task.parsed_attributes
    if configuration.reads_time:
        names = {**names, **time_names(state.now)}
    for index in range(start, len(configuration.filters)):
        if configuration.filters[index].expression.matches(names):
            return index
    return None


def enter_workflow(state: State, task: Task, workflow: Workflow) -> None:
    """Put a new task into the first step of the first filter that matches it, or of the default filter.

    Raises TaskRouterError when neither is there; nothing has been changed then (behaviour.md §5.5: sources differ on
    what the service does; the sandbox refuses, so that the mistake is seen where it is made).
    """
    task.workflow_sid, task.revision = workflow.sid, len(workflow.revisions) - 1
    configuration = newest_configuration(workflow)
    index = first_filter(state, task, configuration)
    if index is None:
        warning = next(iter(lint_filters(configuration, task.parsed_attributes)), None)
        raise TaskRouterError(
            f"Couldn't match task to queue in workspace {state.workspace.sid} for account {state.account_sid}. "
            f"Its attributes match no filter of Workflow {workflow.friendly_name} ({workflow.sid}), "
            "which has no default filter: look for a misspelt attribute, or add a default_filter."
            + (f" In {warning}." if warning else "")
        )
    take_step(state, task, configuration, index, 0)


def read_configurations(state: State, workflow: Workflow) -> None:
    """Parse every configuration of a workflow that is kept."""
    missing = state.options.missing_attribute
    workflow.parsed = [
        workflow_configuration.parse(text, None, missing) if text else None for text in workflow.revisions
    ]


def newest_configuration(workflow: Workflow) -> Configuration:
    """Give the configuration that new tasks follow; it is always kept."""
    configuration = workflow.parsed[-1]
    assert configuration is not None
    return configuration


def first_filter(state: State, task: Task, configuration: Configuration) -> int | None:
    """Find where a task begins its workflow: the first filter that matches, the default filter, or None."""
    index = first_match(state, task, configuration)
    return DEFAULT_FILTER if index is None and configuration.default else index


def take_step(state: State, task: Task, configuration: Configuration, filter_index: int, target_index: int) -> None:
    """Let a task enter a routing step: its priority, its queue and its limit come from there."""
    task.filter_index, task.target_index = filter_index, target_index
    target = task.target = configuration.filter(filter_index).targets[target_index]
    if target.priority is not None:
        task.priority = target.priority
    if target.timeout is not None:
        task.step_limit = (task.step_limit or 0) + target.timeout
    if target.queue_sid != task.task_queue_sid:
        task.task_queue_sid = target.queue_sid
        task.task_queue_entered_date = state.now


def is_for_one_target(task: Task) -> bool:
    """Whether a task was made for one worker or one queue, whatever its workflow says."""
    return (task.routing_target or "").startswith(("WK", "WQ"))


def begin_again(state: State, task: Task) -> bool:
    """Let a waiting task begin its workflow again, with the newest configuration (behaviour.md §5.2).

    False when it has none, or this configuration matches it nowhere: it stays where it is.
    """
    workflow = state.workflow_of(task)
    if workflow is None or is_for_one_target(task):
        return False
    configuration = newest_configuration(workflow)
    index = first_filter(state, task, configuration)
    if index is None:
        return False
    task.revision = len(workflow.revisions) - 1
    _begin_at(state, task, configuration, index, "re-evaluated")
    return True


def follow_attributes(state: State, task: Task) -> bool:
    """Let a waiting task whose attributes have changed begin at the filter that they match now (behaviour.md §5.2).

    False when it is in the first step of that filter already, or matches none, or no configuration routes it.
    """
    task.has_new_attributes = False
    configuration = state.configuration_of(task)
    index = first_filter(state, task, configuration) if configuration else None
    if configuration is None or index is None or (index, 0) == (task.filter_index, task.target_index):
        return False
    _begin_at(state, task, configuration, index, "attributes-changed")
    return True


def _begin_at(state: State, task: Task, configuration: Configuration, filter_index: int, why: StepEnd) -> None:
    before, priority_before = state.queue_of(task), task.priority
    state.observer.step_left(state.now, task, why)
    matching.wait_no_longer(state, task)
    task.step_limit, task.timed_out, task.has_new_attributes = None, False, False
    take_step(state, task, configuration, filter_index, 0)
    _enter_step(state, task, before, priority_before)


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
    state.recorder.changed(task, state.now)
    state.observer.queue_changed(state.now, task, before, task.priority)
    state.pending.look_again(task, "rematch")
    return True


def has_next_step(state: State, task: Task) -> bool:
    """Tell whether there is another step in the filter that the task is in."""
    chosen = state.filter_of(task)
    return chosen is not None and task.target_index + 1 < len(chosen.targets)


def move_on(state: State, task: Task, why: Why) -> None:
    """Leave a step: for the next step, the next matching filter, or the end of the workflow.

    A filter that was skipped counts as one that did not match, so that the default filter may catch the task; after a
    filter that timed out it never does (behaviour.md §5.2, §5.3).
    """
    before, configuration = state.queue_of(task), state.configuration_of(task)
    state.observer.step_left(state.now, task, why)
    if has_next_step(state, task):
        step = (task.filter_index, task.target_index + 1)
    else:
        task.timed_out = task.timed_out or why == "timeout"
        is_over = why == "timeout" and state.options.after_filter_timeout == "end"
        index = None if is_over else _later_filter(state, task, configuration)
        if index is None:
            if why == "timeout":
                state.observer.workflow_timed_out(state.now, task)
                tasks.end_task(state, task, "canceled", tasks.WORKFLOW_TIMEOUT)
            else:
                state.observer.workflow_skipped(state.now, task)
                tasks.end_task(state, task, "canceled", tasks.WORKFLOW_SKIPPED)
            return
        step = (index, 0)
    assert configuration is not None  # it has a step to go to
    matching.wait_no_longer(state, task)
    priority_before = task.priority
    take_step(state, task, configuration, *step)
    _enter_step(state, task, before, priority_before)


def _later_filter(state: State, task: Task, configuration: Configuration | None) -> int | None:
    """Find the next filter that matches a task which has come to the end of one; None when the workflow is over."""
    if configuration is None or task.filter_index == DEFAULT_FILTER:
        return None
    index = first_match(state, task, configuration, task.filter_index + 1)
    if index is None and not task.timed_out and configuration.default:
        return DEFAULT_FILTER
    return index


def _enter_step(state: State, task: Task, before: TaskQueue, priority_before: int) -> None:
    """Let a task that has taken a step wait there, and be matched."""
    matching.wait(state, task)
    deadlines.schedule_task_deadline(state, task)
    state.recorder.changed(task, state.now)
    state.observer.step_entered(state.now, task)
    if task.task_queue_sid != before.sid:
        state.observer.queue_changed(state.now, task, before, priority_before)
    state.pending.enter[task.sid] = task
