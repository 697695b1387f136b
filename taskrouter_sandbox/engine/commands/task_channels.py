"""Task channels: kinds of work, each with a capacity of its own for every worker."""

from __future__ import annotations

from ..model.entities import TaskChannel
from ..model.errors import TaskRouterError
from ..model.state import State
from ..rules import expression_alerts, queue_members, routing
from ..rules.expiry import advance
from ..rules.worker_channels import add_worker_channel
from .common import Any, add, assign, drop, taken, what_first


class TaskChannels:
    """Commands on task channels."""

    def __init__(self, state: State):
        self.state = state

    def create(
        self, now: int, *, friendly_name: str, unique_name: str, channel_optimized_routing: bool = False
    ) -> TaskChannel:
        """Create a channel; every worker gets a worker channel for it (rest-contract.md §7)."""
        state = advance(self.state, now)
        if any(c.unique_name == unique_name for c in state.task_channels.values()):
            raise TaskRouterError(taken(self.state, "TaskChannel", unique_name))
        channel = add(
            self.state,
            TaskChannel,
            friendly_name=friendly_name,
            unique_name=unique_name,
            channel_optimized_routing=channel_optimized_routing,
        )
        expression_alerts.warn_about_task_channel(state, channel)
        for worker in state.workers.values():
            with queue_members.reindexing(state, worker):
                add_worker_channel(state, worker, channel)
        routing.dispatch(state)
        return channel

    def update(self, now: int, channel: TaskChannel, **settings: Any) -> TaskChannel:
        """Change a channel; `channel_optimized_routing` decides anew who has been idle longest."""
        state = advance(self.state, now)
        assign(channel, settings)
        if "channel_optimized_routing" in settings:
            for queue in state.task_queues.values():
                queue.ready.pop(channel.sid, None)
        state.recorder.changed(channel, state.now)
        state.observer.reconfigured(state.now, channel)
        return channel

    def delete(self, now: int, channel: TaskChannel) -> None:
        """Delete a channel. Raises TaskRouterError for the default channel, and while a task uses it."""
        state = advance(self.state, now)
        if channel.unique_name == "default":
            raise TaskRouterError("The default TaskChannel cannot be deleted: tasks without a channel use it.")
        if task := next((t for t in state.tasks.values() if t.task_channel_sid == channel.sid), None):
            raise TaskRouterError(
                f"Cannot delete TaskChannel {channel.sid}: tasks use it. {task.sid} is {task.assignment_status}: "
                f"{what_first(task)}."
            )
        for worker in state.workers.values():
            with queue_members.reindexing(state, worker):
                state.remove(worker.channels.pop(channel.sid))
        for queue in state.task_queues.values():
            queue.ready.pop(channel.sid, None)
        drop(state, channel)
        routing.dispatch(state)
