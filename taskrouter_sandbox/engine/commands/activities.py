"""Activities: what a worker can be doing, and whether that makes it available."""

from __future__ import annotations

from ..model.entities import Activity
from ..model.errors import TaskRouterError
from ..model.state import State
from ..rules import queue_members, routing
from ..rules.expiry import advance
from .common import KEEP, Any, add, drop, free_name


class Activities:
    """Commands on activities."""

    def __init__(self, state: State):
        self.state = state

    def create(self, now: int, *, friendly_name: str, available: bool = False) -> Activity:
        """Create an activity; whether it is available is fixed for life.

        Raises TaskRouterError when the name is taken.
        """
        state = advance(self.state, now)
        free_name(state, Activity, friendly_name)
        if len(state.activities) >= state.limits.activities:
            raise TaskRouterError(f"A workspace holds at most {state.limits.activities} activities: delete one first")
        return add(state, Activity, friendly_name=friendly_name, available=available)

    def update(self, now: int, activity: Activity, *, friendly_name: Any = KEEP) -> Activity:
        """Rename an activity; target expressions may see its name. Raises TaskRouterError when the name is taken."""
        state = advance(self.state, now)
        if friendly_name is not KEEP:
            free_name(self.state, Activity, friendly_name, but=activity)
            state.rename(activity, friendly_name)
        state.recorder.changed(activity, state.now)
        state.observer.reconfigured(state.now, activity)
        if friendly_name is not KEEP:
            for worker in [w for w in state.workers.values() if w.activity_sid == activity.sid]:
                queue_members.invalidate_view(state, worker)
            routing.dispatch(state)
        return activity

    def delete(self, now: int, activity: Activity) -> None:
        """Delete an activity. Raises TaskRouterError while it is used by anything (rest-contract.md §8)."""
        state, sid = advance(self.state, now), activity.sid
        name = f"activity {activity.friendly_name} ({sid})"
        if sid in (self.state.workspace.default_activity_sid, self.state.workspace.timeout_activity_sid):
            raise TaskRouterError(
                f"Cannot delete {name}: it is the workspace's default or timeout activity. "
                "Give the workspace another one first."
            )
        if worker := next((w for w in state.workers.values() if w.activity_sid == sid), None):
            raise TaskRouterError(
                f"Cannot delete {name}: Worker {worker.friendly_name} is in it. Move the worker first."
            )
        for queue in state.task_queues.values():
            if sid in (queue.reservation_activity_sid, queue.assignment_activity_sid):
                raise TaskRouterError(
                    f"Cannot delete {name}: TaskQueue {queue.friendly_name} uses it. "
                    "Give the queue another one, or none, first."
                )
        drop(self.state, activity)
