"""The list of a worker's reservations that are not over, which REST has no operation for (agent-sdk.md §4.1)."""

from __future__ import annotations

from ..engine.model.entities import Reservation, Worker
from ..http.operation import Answer, Operation, RequestContext
from ..http.paging import ListInMemory
from ..http.parameters import Listing
from ..http.rendering import page


class ListActiveReservation(Listing):
    """What the list takes; `active` is always true."""

    active: bool = True


def _list(context: RequestContext, asked: ListActiveReservation) -> Answer:
    worker = context.state.get(Worker, context.path["WorkerSid"])
    return page(context, "reservations", ListInMemory(worker.open), _render, asked)


def _render(context: RequestContext, reservation: Reservation) -> dict[str, str]:
    return {"sid": reservation.sid}


LIST = Operation(
    "ListWorkerReservation",
    "GET",
    "/v1/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Reservations",
    _list,
    ListActiveReservation,
    200,
    key="reservations",
)
