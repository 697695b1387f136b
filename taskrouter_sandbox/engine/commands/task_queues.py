"""Task queues: where tasks wait, and for which workers."""

from __future__ import annotations

from collections.abc import Iterator

from ...language import expressions
from ...language.workflow_configuration import Configuration
from ..model.entities import Task, TaskQueue
from ..model.errors import TaskRouterError
from ..model.state import State
from ..rules import expression_alerts, matching, queue_members, routing, workflow_steps
from ..rules.expiry import advance
from .common import Any, activity_named, add, assign, drop, free_name, what_first


class TaskQueues:
    """Commands on task queues."""

    def __init__(self, state: State):
        self.state = state

    def create(self, now: int, *, friendly_name: str, **settings: Any) -> TaskQueue:
        """Create a queue with the workers whose attributes match its expression.

        Raises TaskRouterError when the name is taken, the expression cannot be read, or an activity does not exist.
        """
        state = advance(self.state, now)
        free_name(self.state, TaskQueue, friendly_name)
        if len(state.task_queues) >= state.limits.task_queues:
            raise TaskRouterError(
                f"A workspace holds at most {state.limits.task_queues:,} task queues: delete one first"
            )
        settings = self._queue_settings(settings)
        queue = add(self.state, TaskQueue, friendly_name=friendly_name, **settings)
        queue_members.read_expression(state, queue)
        queue.waiting = matching.new_lines(queue)
        queue_members.rebuild_members(state, queue)
        expression_alerts.warn_about_queue(state, queue)
        return queue

    def _queue_settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        for name in ("ReservationActivitySid", "AssignmentActivitySid"):
            field = f"{name.removesuffix('ActivitySid').lower()}_activity_sid"
            if field in settings:
                settings[field] = settings[field] or None  # an empty value takes the activity off (§9.4)
                if settings[field]:
                    activity_named(self.state, settings[field], name)
        if "target_workers" in settings:
            try:
                expressions.parse(settings["target_workers"])
            except expressions.ExpressionError as error:
                raise TaskRouterError(f"TargetWorkers: {error}") from None
        return settings

    def update(self, now: int, queue: TaskQueue, **settings: Any) -> TaskQueue:
        """Change a queue. A new expression decides its members anew; tasks that wait are matched at once."""
        state = advance(self.state, now)
        if "friendly_name" in settings:
            free_name(self.state, TaskQueue, settings["friendly_name"], but=queue)
        settings = self._queue_settings(settings)
        expression_before = queue.target_workers
        state.rename(queue, settings.pop("friendly_name", queue.friendly_name))
        assign(queue, settings)
        state.recorder.changed(queue, state.now)
        if "task_order" in settings:
            before, queue.waiting = queue.waiting, matching.new_lines(queue)
            for task in before:
                assert task.demand is not None
                queue.waiting.add(task, task.task_channel_sid, task.demand)
        if queue.target_workers != expression_before:
            queue_members.read_expression(state, queue)
            queue_members.rebuild_members(state, queue)
            state.observer.queue_expression_changed(state.now, queue)
            expression_alerts.warn_about_queue(state, queue)
            routing.dispatch(state)
        return queue

    def delete(self, now: int, queue: TaskQueue) -> None:
        """Delete a queue (rest-contract.md §8).

        Raises TaskRouterError while a workflow routes to it, or a task is in it. So it is, too, while a waiting task
        follows an old configuration that names the queue (behaviour.md §5.2).
        """
        state, name = advance(self.state, now), f"TaskQueue {queue.friendly_name} ({queue.sid})"
        for workflow in state.workflows.values():
            if queue.sid in workflow_steps.newest_configuration(workflow).queue_sids():
                raise TaskRouterError(
                    f"Cannot delete {name}: Workflow {workflow.friendly_name} routes tasks to it. Take it out of its "
                    "configuration first."
                )
        for task in state.tasks.values():
            homes = {task.task_queue_sid, task.transfer.initiating_queue_sid if task.transfer else None}
            if queue.sid in homes and task.assignment_status not in ("completed", "canceled"):
                raise TaskRouterError(
                    f"Cannot delete {name}: tasks are still processed in it. {task.sid} is {task.assignment_status}: "
                    f"{_way_out_of_queue(state, task)}."
                )
        for task, configuration in waiting_by_configuration(state):
            if queue.sid in configuration.queue_sids():
                raise TaskRouterError(
                    f"Cannot delete {name}: task {task.sid} still follows an old configuration of its workflow that "
                    f"routes to it. {_way_out(state, task)}"
                )
        queue_members.clear_members(queue)
        drop(self.state, queue)


def _way_out_of_queue(state: State, task: Task) -> str:
    """Say what is to be done with a task before the queue that it is in can be deleted."""
    workflow = state.workflow_of(task)
    waits = task.assignment_status == "pending" and task.transfer is None
    if not waits or workflow is None or workflow_steps.is_for_one_target(task):
        return what_first(task)
    if _newest_takes(state, task):
        return f"{what_first(task)}, or update its workflow with ReEvaluateTasks=true, so that it goes elsewhere"
    return (
        f"{what_first(task)}, or add a filter or a default_filter that takes it, with ReEvaluateTasks=true: it "
        "matches none of its workflow's newest configuration"
    )


def _way_out(state: State, task: Task) -> str:
    """Say how a task that follows an old configuration of its workflow can be made to leave it (behaviour.md §5.2)."""
    if task.assignment_status == "reserved":
        return "It is reserved, so no update of the workflow reaches it: answer its reservation first."
    if _newest_takes(state, task):
        return "Update the workflow with ReEvaluateTasks=true, or wait until the task is done."
    return (
        "It matches no filter of the new one: add a filter or a default_filter that takes it, with "
        "ReEvaluateTasks=true, or end the task."
    )


def _newest_takes(state: State, task: Task) -> bool:
    """Whether a task would find its way through the newest configuration of its workflow."""
    workflow = state.workflow_of(task)
    if workflow is None:
        return False
    newest = workflow_steps.newest_configuration(workflow)
    return workflow_steps.first_filter(state, task, newest) is not None


def waiting_by_configuration(state: State) -> Iterator[tuple[Task, Configuration]]:
    """Give each configuration that pending or reserved tasks follow, after one of these tasks."""
    seen: set[tuple[str | None, int]] = set()
    for task in state.tasks.values():
        if task.assignment_status in ("pending", "reserved") and (task.workflow_sid, task.revision) not in seen:
            configuration = state.configuration_of(task)
            if configuration is not None:
                seen.add((task.workflow_sid, task.revision))
                yield task, configuration
