"""Task queues: where tasks wait, and for which workers."""

from __future__ import annotations

from .. import dispatch, expressions, happenings, matching
from ..entities import TaskQueue
from ..refusals import Refusal
from ..state import State
from .common import Any, activity_named, add, assign, begin, drop, free_name


class TaskQueues:
    """Commands on task queues."""

    def __init__(self, state: State):
        self.state = state

    def create(self, now: int, *, friendly_name: str, **settings: Any) -> TaskQueue:
        """A new queue with the workers whose attributes match its expression.

        Raises Refusal when the name is taken, the expression cannot be read, or an activity does not exist.
        """
        state = begin(self.state, now)
        free_name(self.state, TaskQueue, friendly_name)
        settings = self._queue_settings(settings)
        queue = add(self.state, TaskQueue, friendly_name=friendly_name, **settings)
        queue.expression = expressions.parse(queue.target_workers)
        queue.waiting = matching.waiting_list(queue)
        matching.gather_members(state, queue)
        return queue

    def _queue_settings(self, settings: dict[str, Any]) -> dict[str, Any]:
        for name in ("reservation_activity_sid", "assignment_activity_sid"):
            if name in settings:
                settings[name] = settings[name] or None  # an empty value takes the activity off (§9.4)
                if settings[name]:
                    activity_named(self.state, settings[name], name)
        if "target_workers" in settings:
            try:
                expressions.parse(settings["target_workers"])
            except expressions.ExpressionError as error:
                raise Refusal(f"TargetWorkers: {error}") from None
        return settings

    def update(self, now: int, queue: TaskQueue, **settings: Any) -> TaskQueue:
        """Change a queue. A new expression decides its members anew; tasks that wait are matched at once."""
        state = begin(self.state, now)
        if "friendly_name" in settings:
            free_name(self.state, TaskQueue, settings["friendly_name"], but=queue)
        assign(queue, self._queue_settings(settings))
        state.journal.changed(queue)
        if "task_order" in settings:
            waiting = list(queue.waiting)
            queue.waiting = matching.waiting_list(queue)
            queue.waiting.update(waiting)
        if "target_workers" in settings:
            queue.expression = expressions.parse(queue.target_workers)
            matching.gather_members(state, queue)
            happenings.setting(state, queue, "expression.updated")
            state.unsettled |= {task.sid: task for task in queue.waiting}
            dispatch.dispatch(state)
        return queue

    def delete(self, now: int, queue: TaskQueue) -> None:
        """Raises Refusal while a workflow routes to the queue, or a task is in it (rest-contract.md §8)."""
        state, name = begin(self.state, now), f"TaskQueue {queue.friendly_name} ({queue.sid})"
        for workflow in state.workflows.values():
            if queue.sid in workflow.parsed[-1].queue_sids():
                raise Refusal(f"Cannot delete {name}: Workflow {workflow.friendly_name} routes tasks to it.")
        unfinished = ("pending", "reserved", "assigned", "wrapping")
        if any(t.task_queue_sid == queue.sid and t.assignment_status in unfinished for t in state.tasks.values()):
            raise Refusal(f"Cannot delete {name}: tasks are still processed in it.")
        matching.disband(queue)
        drop(self.state, queue)
