"""Transfers, as a worker's browser begins them and takes them back (see `rules.transfers`)."""

from __future__ import annotations

from typing import Any

from ..model.entities import Reservation, TaskQueue, Transfer, TransferMode, Worker
from ..model.errors import TaskRouterError
from ..model.state import State
from ..rules import routing, transfers
from ..rules.expiry import advance
from .common import KEEP, read_attributes


class Transfers:
    """Commands on transfers."""

    def __init__(self, state: State):
        self.state = state

    def create(
        self,
        now: int,
        reservation: Reservation,
        to: str,
        *,
        mode: TransferMode = "WARM",
        attributes: Any = KEEP,
        priority: Any = KEEP,
    ) -> Transfer:
        """Pass a task on; it is matched at once.

        reservation: the accepted one of the worker who has the task; to: SID of a Worker or of a TaskQueue; attributes,
        priority: what the task has from now on. Raises TaskRouterError when that worker does not have the task, it is
        on its way already, or goes nowhere.
        """
        state = advance(self.state, now)
        task = state.tasks[reservation.task_sid]
        if task.transfer is not None:
            raise TaskRouterError(
                f"Task {task.sid} is being transferred already, by {task.transfer.sid}: cancel that first."
            )
        if reservation.reservation_status != "accepted":
            raise TaskRouterError(
                f"Only an accepted reservation can be transferred; {reservation.sid} is "
                f"{reservation.reservation_status}."
            )
        kind = Worker if to.startswith("WK") else TaskQueue
        if to not in state.table(kind):
            raise TaskRouterError(
                f"To {to} is not the SID of a Worker or a TaskQueue of workspace {state.workspace.sid}"
            )
        if any(r.worker_sid == to and r.reservation_status == "accepted" for r in task.open.values()):
            name = state.workers[to].friendly_name
            raise TaskRouterError(
                f"Task {task.sid} is with Worker {name} already: transfer it to somebody else, or to a queue."
            )
        names = None
        if attributes is not KEEP:
            attributes, names = read_attributes(attributes)
        transfer = Transfer(
            sid=state.new_sid("TT"),
            date_created=state.now,
            date_updated=state.now,
            task_sid=task.sid,
            initiating_reservation_sid=reservation.sid,
            initiating_worker_sid=reservation.worker_sid,
            initiating_queue_sid=state.queue_of(task).sid,
            initiating_workflow_sid=reservation.workflow_sid,
            transfer_to=to,
            transfer_mode=mode,
        )
        if names is not None:
            task.attributes, task.parsed_attributes = attributes, names
        state.add(transfer)
        state.recorder.record(transfer)
        transfers.begin_transfer(state, reservation, transfer, task.priority if priority is KEEP else priority)
        routing.dispatch(state)
        return transfer

    def cancel(self, now: int, transfer: Transfer) -> Transfer:
        """Take a transfer back; the task goes back. Raises TaskRouterError, in the service's words, when it is over."""
        state = advance(self.state, now)
        if transfer.transfer_status != "initiated":
            over = {"complete": "completed"}.get(transfer.transfer_status, transfer.transfer_status)
            raise TaskRouterError(f"Transfer {transfer.sid} is already {over} . Cannot cancel transfer.")
        transfers.abort_transfer(state, state.tasks[transfer.task_sid], "canceled")
        routing.dispatch(state)
        return transfer
