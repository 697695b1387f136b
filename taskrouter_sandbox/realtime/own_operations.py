"""What only a worker's browser asks for, and not REST: what is open, and transfers (agent-sdk.md §4.1, §8)."""

from __future__ import annotations

from ..engine.model.entities import Reservation, Task, Transfer, Worker
from ..engine.model.errors import TaskRouterError
from ..http.operation import Answer, Operation, RequestContext
from ..http.paging import ListInMemory
from ..http.parameter_types import JsonText, Mode, Priority, ReservationSid, TaskSid
from ..http.parameters import Listing, Parameters
from ..http.rendering import page

OF_WORKER = "/v1/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}"


class ListActiveReservation(Listing):
    """What the list takes; `active` is always true."""

    active: bool = True


def list_active(context: RequestContext, asked: ListActiveReservation) -> Answer:
    """List the reservations of a worker that have not ended, the oldest first."""
    worker = context.state.get(Worker, context.path["WorkerSid"])
    return page(context, "reservations", ListInMemory(worker.open), _sid, asked)


def _sid(context: RequestContext, reservation: Reservation) -> dict[str, str]:
    return {"sid": reservation.sid}


class CreateOwnTransfer(Parameters):
    """What is passed on, and to whom; see `Transfers.create`."""

    reservation_sid: ReservationSid
    task_sid: TaskSid
    to: str
    mode: Mode = "WARM"
    attributes: JsonText = "{}"
    priority: Priority = 0


def create_transfer(context: RequestContext, asked: CreateOwnTransfer) -> Answer:
    """Pass the task of a reservation on to a worker or a queue."""
    reservation = own_reservation(context, asked.reservation_sid)
    if reservation.task_sid != asked.task_sid:
        raise TaskRouterError(f"Reservation {reservation.sid} is for task {reservation.task_sid}, not {asked.task_sid}")
    settings = asked.given()
    for name in ("reservation_sid", "task_sid", "to"):
        del settings[name]
    transfer = context.engine.transfers.create(context.now, reservation, asked.to, **settings)
    return Answer({"sid": transfer.sid})


class UpdateTransfer(Parameters):
    """The only change there is."""

    transfer_status: str
    task_sid: TaskSid | None = None


def update_transfer(context: RequestContext, asked: UpdateTransfer) -> Answer:
    """Take a transfer back."""
    transfer = context.state.get(Transfer, context.path["Sid"])
    if transfer.initiating_worker_sid != context.path["WorkerSid"] or asked.task_sid not in (None, transfer.task_sid):
        raise context.state.missing(Transfer, transfer.sid)
    if asked.transfer_status != "canceled":
        raise TaskRouterError(f"TransferStatus can only be set to canceled, not {asked.transfer_status[:40]!r}")
    context.engine.transfers.cancel(context.now, transfer)
    return Answer({"sid": transfer.sid})


def own_reservation(context: RequestContext, sid: str) -> Reservation:
    """Find a reservation of the worker in the path. Raises TaskRouterError (400) when it is none of this worker's."""
    reservation = context.state.reservations.get(sid)
    if reservation is None or reservation.worker_sid != context.path["WorkerSid"]:
        raise TaskRouterError(f"ReservationSid {sid} is no reservation of worker {context.path['WorkerSid']}")
    return reservation


def own_task(context: RequestContext, sid: str) -> Task:
    """Find a task of which the worker in the path has a reservation. Raises TaskRouterError (400)."""
    task = context.state.tasks.get(sid)
    worker_sid = context.path["WorkerSid"]
    if task is None or all(one.worker_sid != worker_sid for one in task.reservations.values()):
        raise TaskRouterError(f"TaskSid {sid} is no task of which worker {worker_sid} has a reservation")
    return task


LIST_ACTIVE = Operation(
    "ListWorkerReservation",
    "GET",
    OF_WORKER + "/Reservations",
    list_active,
    ListActiveReservation,
    200,
    key="reservations",
)
CREATE_TRANSFER = Operation("CreateTransfer", "POST", OF_WORKER + "/Transfers", create_transfer, CreateOwnTransfer, 200)
UPDATE_TRANSFER = Operation(
    "UpdateTransfer", "POST", OF_WORKER + "/Transfers/{Sid}", update_transfer, UpdateTransfer, 200
)
