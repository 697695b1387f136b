"""Workers: who takes tasks, with what skills, in which activity."""

from __future__ import annotations

from .. import dispatch, happenings, lifecycle, matching
from ..entities import TaskChannel, Worker, WorkerChannel
from ..refusals import Refusal
from ..state import State
from .common import KEEP, Any, activity_named, begin, free_name, read_attributes


class Workers:
    """Commands on workers."""

    def __init__(self, state: State):
        self.state = state

    def create(
        self, now: int, *, friendly_name: str, attributes: str = "{}", activity_sid: str | None = None
    ) -> Worker:
        """A new worker, in the workspace's default activity unless told otherwise; it joins its queues at once.

        Raises Refusal when the name is taken in any spelling, or the attributes are not a JSON object.
        """
        state = begin(self.state, now)
        free_name(self.state, Worker, friendly_name)
        attributes, names = read_attributes(attributes)
        activity = activity_named(self.state, activity_sid or self.state.workspace.default_activity_sid, "ActivitySid")
        worker = Worker(
            sid=state.new_sid("WK"),
            date_created=now,
            date_updated=now,
            friendly_name=friendly_name,
            attributes=attributes,
            activity_sid=activity.sid,
            date_status_changed=now,
        )
        worker.number, worker.names = next(state.numbers), names
        state.workers[worker.sid] = worker
        state.journal.created(worker)
        for channel in state.task_channels.values():
            add_worker_channel(state, worker, channel)
        happenings.worker_created(state, worker)
        self._joined(worker)
        return worker

    def _joined(self, worker: Worker) -> None:
        matching.join_queues(self.state, worker)
        if worker.listed:
            self.state.freed[worker.sid] = worker
        dispatch.dispatch(self.state)

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
        state = begin(self.state, now)
        if friendly_name is not KEEP:
            free_name(self.state, Worker, friendly_name, but=worker)
        names = None
        if attributes is not KEEP:
            attributes, names = read_attributes(attributes)
        activity = None if activity_sid is KEEP else activity_named(self.state, activity_sid, "ActivitySid")
        if reject_pending_reservations and (activity is None or activity.available):
            raise Refusal("Unable to reject pending reservations when updating to an Available activity state.")
        if friendly_name is not KEEP:
            worker.friendly_name = friendly_name
        if names is not None:
            worker.attributes, worker.names = attributes, names
        if activity is not None and activity.sid != worker.activity_sid:
            lifecycle.move_worker(state, worker, activity.sid)
        else:
            state.journal.changed(worker)
        if names is not None:
            happenings.worker_attributes(state, worker)
        if reject_pending_reservations:
            for reservation in [r for r in worker.open.values() if r.reservation_status == "pending"]:
                lifecycle.reject(state, reservation, worker.activity_sid)
        if names is not None:
            self._joined(worker)
        else:
            dispatch.dispatch(state)
        return worker

    def delete(self, now: int, worker: Worker) -> None:
        """Raises Refusal while the worker could be given tasks, or holds one (rest-contract.md §8)."""
        state = begin(self.state, now)
        name = f"Worker {worker.friendly_name} ({worker.sid})"
        if state.activity_of(worker).available:
            raise Refusal(f"Cannot delete {name} while it is available: move it to an unavailable activity first.")
        if worker.open:
            raise Refusal(f"Cannot delete {name}: it holds reservations. Reject them or complete their tasks first.")
        matching.unlist(state, worker)
        for queue in worker.queues:
            del queue.members[worker.sid]
        happenings.worker_deleted(state, worker)
        for reservation in [r for r in state.reservations.values() if r.worker_sid == worker.sid]:
            del state.reservations[reservation.sid]
            state.tasks[reservation.task_sid].reservations.pop(reservation.sid)
            state.journal.deleted(reservation)
        for channel in worker.channels.values():
            del state.worker_channels[channel.sid]
            state.journal.deleted(channel)
        del state.workers[worker.sid]
        state.journal.deleted(worker)


def add_worker_channel(state: State, worker: Worker, channel: TaskChannel) -> None:
    """Every worker has a channel for each task channel (rest-contract.md §7)."""
    entity = WorkerChannel(
        sid=state.new_sid("WC"),
        date_created=state.now,
        date_updated=state.now,
        worker_sid=worker.sid,
        task_channel_sid=channel.sid,
    )
    state.worker_channels[entity.sid] = worker.channels[channel.sid] = entity
    state.journal.created(entity)


class WorkerChannels:
    """Commands on the channels of workers."""

    def __init__(self, state: State):
        self.state = state

    def update(self, now: int, channel: WorkerChannel, *, capacity: Any = KEEP, available: Any = KEEP) -> WorkerChannel:
        """Change how many tasks of a channel a worker takes at a time, and whether it takes any."""
        state, worker = begin(self.state, now), self.state.workers[channel.worker_sid]
        previous = channel.configured_capacity
        with matching.changing(state, worker):
            if capacity is not KEEP:
                channel.configured_capacity = capacity
            if available is not KEEP:
                channel.available = available
        state.journal.changed(channel)
        if capacity is not KEEP:
            happenings.worker_channel(state, channel, "capacity.update", previous)
        if available is not KEEP:
            happenings.worker_channel(state, channel, "channel.availability.update", previous)
        dispatch.dispatch(state)
        return channel
