"""Workers: who takes tasks, with what skills, in which activity."""

from __future__ import annotations

from collections.abc import Mapping

from ..model.entities import Worker, WorkerChannel
from ..model.errors import TaskRouterError
from ..model.state import State
from ..rules import expression_alerts, queue_members, reservations, routing, transitions
from ..rules.expiry import advance
from ..rules.worker_channels import add_worker_channel
from .common import KEEP, Any, activity_named, differ, free_name, read_attributes


class Workers:
    """Commands on workers."""

    def __init__(self, state: State):
        self.state = state

    def create(
        self, now: int, *, friendly_name: str, attributes: str = "{}", activity_sid: str | None = None
    ) -> Worker:
        """Create a worker, in the workspace's default activity unless told otherwise; it joins its queues at once.

        Raises TaskRouterError when the name is taken in any spelling, or the attributes are not a JSON object.
        """
        state = advance(self.state, now)
        free_name(self.state, Worker, friendly_name)
        if len(state.workers) >= state.limits.workers:
            raise TaskRouterError(f"A workspace holds at most {state.limits.workers:,} workers: delete one first")
        attributes, names = read_attributes(attributes)
        activity = activity_named(self.state, activity_sid or self.state.workspace.default_activity_sid, "ActivitySid")
        worker = Worker(
            sid=state.new_sid("WK"),
            date_created=state.now,
            date_updated=state.now,
            friendly_name=friendly_name,
            attributes=attributes,
            activity_sid=activity.sid,
            date_status_changed=state.now,
        )
        worker.number, worker.parsed_attributes = next(state.numbers), names
        state.add(worker)
        state.recorder.record(worker)
        for channel in state.task_channels.values():
            add_worker_channel(state, worker, channel)
        state.observer.worker_created(state.now, worker)
        expression_alerts.warn_about_worker(state, worker, queue_members.join_queues(state, worker))
        routing.dispatch(state)
        return worker

    def update(
        self,
        now: int,
        worker: Worker,
        *,
        friendly_name: Any = KEEP,
        attributes: Any = KEEP,
        activity_sid: Any = KEEP,
        reject_pending_reservations: bool = False,
    ) -> Worker:
        """Change a worker. Pending reservations stay with it unless they are to be rejected (behaviour.md §2.3)."""
        state = advance(self.state, now)
        if friendly_name is not KEEP:
            free_name(self.state, Worker, friendly_name, but=worker)
        names = None
        if attributes is not KEEP:
            attributes, names = read_attributes(attributes)
        activity = None if activity_sid is KEEP else activity_named(self.state, activity_sid, "ActivitySid")
        if reject_pending_reservations:
            if activity is None:
                text = "RejectPendingReservations needs ActivitySid: the unavailable Activity the worker goes to."
                raise TaskRouterError(text)
            if activity.available:
                text = "Unable to reject pending reservations when updating to an Available activity state."
                raise TaskRouterError(text)
        if friendly_name is not KEEP:
            with queue_members.reindexing(state, worker):
                state.rename(worker, friendly_name)
        if names is not None:
            self._replace_attributes(worker, attributes, names)
        if activity is not None and activity.sid != worker.activity_sid:
            transitions.move_worker(state, worker, activity.sid)
            transitions.clear_holds(state, worker)
        else:
            state.recorder.changed(worker, state.now)
        if names is not None:
            state.observer.worker_attributes_changed(state.now, worker)
        if reject_pending_reservations:
            for reservation in [r for r in worker.open.values() if r.reservation_status == "pending"]:
                reservations.reject(state, reservation, worker.activity_sid)
        routing.dispatch(state)
        return worker

    def _replace_attributes(self, worker: Worker, attributes: str, names: Mapping[str, Any]) -> None:
        before, worker.attributes, worker.parsed_attributes = worker.parsed_attributes, attributes, names
        changed = {name for name in before.keys() | names.keys() if differ(before.get(name), names.get(name))}
        expression_alerts.warn_about_worker(self.state, worker, queue_members.join_queues(self.state, worker, changed))

    def delete(self, now: int, worker: Worker) -> None:
        """Delete a worker. Raises TaskRouterError while it could be given tasks (rest-contract.md §8).

        What it holds is given back by `rules.reservations.release_worker`.
        """
        state = advance(self.state, now)
        if state.activity_of(worker).available:
            raise TaskRouterError(
                f"Cannot delete Worker {worker.friendly_name} ({worker.sid}) while it is available: "
                "move it to an unavailable activity first."
            )
        reservations.release_worker(state, worker)
        queue_members.leave_all(worker)
        state.pending.freed_workers.pop(worker.sid, None)
        state.observer.worker_deleted(state.now, worker)
        for channel in worker.channels.values():
            state.remove(channel)
        state.remove(worker)
        routing.dispatch(state)


class WorkerChannels:
    """Commands on the channels of workers."""

    def __init__(self, state: State):
        self.state = state

    def update(self, now: int, channel: WorkerChannel, *, capacity: Any = KEEP, available: Any = KEEP) -> WorkerChannel:
        """Change how many tasks of a channel a worker takes at a time, and whether it takes any."""
        state, worker = advance(self.state, now), self.state.workers[channel.worker_sid]
        before = channel.configured_capacity
        with queue_members.reindexing(state, worker):
            if capacity is not KEEP:
                channel.configured_capacity = capacity
            if available is not KEEP:
                channel.available = available
        state.recorder.changed(channel, state.now)
        if capacity is not KEEP:
            state.recorder.changed(worker, state.now)  # its version counts each of these events (agent-sdk.md §7)
            state.observer.worker_capacity_changed(state.now, worker, channel, before)
        if available is not KEEP:
            state.recorder.changed(worker, state.now)
            state.observer.worker_availability_changed(state.now, worker, channel, before)
        routing.dispatch(state)
        return channel
