"""Tells agents what concerns them: an event is written as it happens, and leaves when it is kept (agent-sdk.md §3.2).

Its payload is what the resource is like at that moment: one that was fetched later would have another version.
"""

from __future__ import annotations

from ..engine.model.effects import Notice
from ..engine.model.entities import Activity, Entity, Reservation, Task, Transfer, Worker, WorkerChannel, Workspace
from ..engine.model.observer import Configured
from ..engine.model.state import State
from ..engine.reporting.decision_recorder import DecisionRecorder
from ..engine.reporting.event_recorder import RESERVATION_EVENTS, TRANSFER_ENDS
from .sessions import EventMessages, Parting, Session

AFTERWARDS = 5_000  # milliseconds for which an SDK keeps a reservation that has ended (agent-sdk.md §3.2)


class Announcer(DecisionRecorder):
    """An observer that leaves notices for agents among the effects, beside all events and decisions.

    listening: the sessions by the SIDs of their workers.
    """

    def __init__(self, state: State, last_event_at: int, listening: dict[str, list[Session]]) -> None:
        super().__init__(state, last_event_at)
        self.listening = listening

    def _tell(self, worker_sid: str, event_type: str, about: Entity) -> None:
        sessions = self.listening.get(worker_sid)
        if not sessions:
            return
        written: dict[EventMessages, bytes | None] = {}
        for session in sessions:
            kind = session.messages
            if kind not in written:
                written[kind] = kind.event(self.state, event_type, about)
            if (text := written[kind]) is not None:
                self.state.recorder.effects.notices.append(Notice(session, text))

    def _tell_holders(self, now: int, event_type: str, task: Task) -> None:
        """Tell those who have a reservation of a task, or had one a moment ago."""
        if not self.listening:
            return
        kept = now - AFTERWARDS
        holders = {
            one.worker_sid for one in task.reservations.values() if one.sid in task.open or one.date_updated >= kept
        }
        for worker_sid in holders:
            self._tell(worker_sid, event_type, task)

    # tasks

    def task_updated(self, now: int, task: Task) -> None:
        """Tell its holders."""
        super().task_updated(now, task)
        self._tell_holders(now, "task.updated", task)

    def task_wrapping(self, now: int, task: Task) -> None:
        """Tell its holders."""
        super().task_wrapping(now, task)
        self._tell_holders(now, "task.wrapup", task)

    def task_completed(self, now: int, task: Task) -> None:
        """Tell its holders."""
        super().task_completed(now, task)
        self._tell_holders(now, "task.completed", task)

    def task_canceled(self, now: int, task: Task) -> None:
        """Tell its holders."""
        super().task_canceled(now, task)
        self._tell_holders(now, "task.canceled", task)

    # reservations

    def reservation_created(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        """Tell its worker."""
        super().reservation_created(now, task, worker, reservation)
        self._tell(worker.sid, "reservation.created", reservation)

    def reservation_changed(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        """Tell its worker."""
        super().reservation_changed(now, task, worker, reservation)
        self._tell(worker.sid, RESERVATION_EVENTS[reservation.reservation_status][0], reservation)

    def reservation_never_made(self, now: int, task: Task) -> None:
        """Tell the worker whom the task was for."""
        super().reservation_never_made(now, task)
        self._tell(task.routing_target or "", "reservation.failed", task)

    # transfers

    def transfer_initiated(self, now: int, task: Task, transfer: Transfer) -> None:
        """Tell the worker who has begun it."""
        super().transfer_initiated(now, task, transfer)
        self._tell(transfer.initiating_worker_sid, "task.transfer-initiated", transfer)

    def transfer_attempt_failed(self, now: int, task: Task, transfer: Transfer) -> None:
        """Tell the worker who has begun it."""
        super().transfer_attempt_failed(now, task, transfer)
        self._tell(transfer.initiating_worker_sid, "task.transfer-attempt-failed", transfer)

    def transfer_ended(self, now: int, task: Task, transfer: Transfer) -> None:
        """Tell the worker who has begun it."""
        super().transfer_ended(now, task, transfer)
        what = TRANSFER_ENDS[transfer.transfer_status]
        self._tell(transfer.initiating_worker_sid, f"task.transfer-{what}", transfer)

    # workers

    def worker_activity_changed(self, now: int, worker: Worker, before: Activity, since: int) -> None:
        """Tell the worker."""
        super().worker_activity_changed(now, worker, before, since)
        self._tell(worker.sid, "worker.activity.update", worker)

    def worker_attributes_changed(self, now: int, worker: Worker) -> None:
        """Tell the worker."""
        super().worker_attributes_changed(now, worker)
        self._tell(worker.sid, "worker.attributes.update", worker)

    def worker_capacity_changed(self, now: int, worker: Worker, channel: WorkerChannel, before: int) -> None:
        """Tell the worker."""
        super().worker_capacity_changed(now, worker, channel, before)
        self._tell(worker.sid, "worker.capacity.update", channel)

    def worker_availability_changed(self, now: int, worker: Worker, channel: WorkerChannel, before: int) -> None:
        """Tell the worker."""
        super().worker_availability_changed(now, worker, channel, before)
        self._tell(worker.sid, "worker.channel.availability.update", channel)

    # what goes

    def worker_deleted(self, now: int, worker: Worker) -> None:
        """Let go of the worker."""
        super().worker_deleted(now, worker)
        self._part(worker.sid, f"Worker {worker.sid} was deleted")

    def unconfigured(self, now: int, resource: Configured) -> None:
        """Let go of who listens to a workspace or a queue that goes, and of the workers of that workspace."""
        super().unconfigured(now, resource)
        gone = [resource.sid, *self.state.workers] if isinstance(resource, Workspace) else [resource.sid]
        for sid in gone:
            self._part(sid, f"{type(resource).__name__} {resource.sid} was deleted")

    def _part(self, sid: str, why: str) -> None:
        notices = self.state.recorder.effects.notices
        notices += [Notice(Parting(session), why.encode()) for session in self.listening.get(sid, ())]
