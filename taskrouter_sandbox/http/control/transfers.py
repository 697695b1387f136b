"""Transfers: what a worker's browser asks of Twilio, and REST has no operation for."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta

from ...control_types import TransferList, TransferRecord
from ...engine import WorkspaceEngine
from ...engine.model.entities import Reservation, Transfer, TransferMode
from ...engine.model.errors import NotFound, TaskRouterError
from ..operation import Answer, Registry, RequestContext
from ..parameters import Priority
from .parameters import ControlParameters

control = Registry(control=True)
ONE = "/transfers/{transfer_sid}"


def _upper(value: Any) -> str:
    return str(value).upper()


class ListTransfer(ControlParameters):
    """Take the SID of the task whose transfers are wanted; all when it is left out."""

    task: str | None = None


class CreateTransfer(ControlParameters):
    """Take what is passed on, and to whom.

    reservation: of the worker who has the task; to: SID of a Worker or a TaskQueue; mode: does the worker keep the task
    until another accepts it (WARM), or not (COLD)? attributes, priority: what the task has from now on.
    """

    reservation: str = ""
    to: str = ""
    mode: Annotated[TransferMode, Meta(extra={"read": _upper})] = "WARM"
    attributes: str = ""
    priority: Priority = 0


@control.operation("ListTransfer", "GET", "/transfers", ListTransfer, returns=TransferList)
def list_(context: RequestContext, asked: ListTransfer) -> Answer:
    """List transfers, the oldest first."""
    context.service.tick()
    found = [
        _record(engine, each)
        for engine in context.service.routers.values()
        for each in engine.state.transfers.values()
        if asked.task in (None, each.task_sid)
    ]
    return Answer(TransferList(transfers=found))


@control.operation("CreateTransfer", "POST", "/transfers", CreateTransfer, returns=TransferRecord)
def create(context: RequestContext, asked: CreateTransfer) -> Answer:
    """Pass the task of an accepted reservation on to a worker or a queue."""
    if not asked.reservation or not asked.to:
        raise TaskRouterError(
            "Say which reservation is passed on, and to whom: reservation=WR..., to=WK... or to=WQ..."
        )
    settings = {name: value for name, value in asked.given().items() if name not in ("reservation", "to")}
    settings["mode"] = asked.mode
    now = context.now
    engine, reservation = _find(context, Reservation, asked.reservation)
    begun = context.service.carry_out(engine, lambda: engine.transfers.create(now, reservation, asked.to, **settings))
    return Answer(_record(engine, begun))


@control.operation("FetchTransfer", "GET", ONE, returns=TransferRecord)
def fetch(context: RequestContext) -> Answer:
    """Tell what has become of a transfer."""
    return Answer(_record(*_find(context, Transfer, context.path["transfer_sid"])))


@control.operation("CancelTransfer", "DELETE", ONE, returns=TransferRecord)
def cancel(context: RequestContext) -> Answer:
    """Take a transfer back: the task stays with the worker who is at work on it, or is routed again."""
    engine, found = _find(context, Transfer, context.path["transfer_sid"])
    context.service.carry_out(engine, lambda: engine.transfers.cancel(context.now, found))
    return Answer(_record(engine, found))


def _find(context: RequestContext, kind: type, sid: str) -> tuple[WorkspaceEngine, Any]:
    """Find a resource and the workspace that it is in, when all is done there that is due. Raises NotFound."""
    for engine in list(context.service.routers.values()):
        if sid in engine.state.table(kind):
            context.service.carry_out(engine, lambda engine=engine: engine.advance(context.now))
            if found := engine.state.table(kind).get(sid):
                return engine, found
    text = f"{kind.__name__} {sid[:40]} was not found in any workspace"
    if kind is Transfer:
        text += ": a transfer goes with its task, five minutes after the task has ended"
    elif sid.startswith("WT"):
        text += ": give the accepted reservation of that task, WR..."
    raise NotFound(text)


def _record(engine: WorkspaceEngine, transfer: Transfer) -> TransferRecord:
    return {
        "account_sid": engine.state.account_sid,
        "workspace_sid": engine.workspace.sid,
        "task_sid": transfer.task_sid,
        "sid": transfer.sid,
        "transfer_type": transfer.transfer_type,
        "transfer_mode": transfer.transfer_mode,
        "transfer_to": transfer.transfer_to,
        "transfer_status": transfer.transfer_status,
        "transfer_failed_reason": transfer.transfer_failed_reason,
        "date_created": transfer.date_created // 1000,
        "date_updated": transfer.date_updated // 1000,
        "initiating_reservation_sid": transfer.initiating_reservation_sid,
        "initiating_worker_sid": transfer.initiating_worker_sid,
        "initiating_queue_sid": transfer.initiating_queue_sid,
        "initiating_workflow_sid": transfer.initiating_workflow_sid,
    }
