"""Transfers: what a worker's browser asks of Twilio, and REST has no operation for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ...control_types import TransferList, TransferRecord
from ...engine import WorkspaceEngine
from ...engine.model.entities import Entity, Reservation, Transfer
from ...engine.model.errors import NotFound, TaskRouterError
from ..operation import Answer, Registry, RequestContext
from ..parameter_types import JsonText, Mode, Priority
from .parameters import ControlParameters

E = TypeVar("E", bound=Entity)

control = Registry(control=True)
ONE = "/transfers/{transfer_sid}"


class ListTransfer(ControlParameters):
    """The SID of the task whose transfers are wanted; all when it is left out."""

    task: str | None = None


class CreateTransfer(ControlParameters):
    """What is passed on, and to whom.

    reservation: of the worker who has the task; to: SID of a Worker or a TaskQueue; mode: does the worker keep the task
    until another accepts it (WARM), or not (COLD)? attributes, priority: what the task has from now on.
    """

    reservation: str = ""
    to: str = ""
    mode: Mode = "WARM"
    attributes: JsonText = ""
    priority: Priority = 0


@control.operation("ListTransfer", "GET", "/transfers", ListTransfer, returns=TransferList)
def list_(context: RequestContext, asked: ListTransfer) -> Answer:
    """List transfers, the oldest first."""
    context.service.tick()
    found = [
        _record(engine, each)
        for engine in context.service.workspaces.engines.values()
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

    def begin(engine: WorkspaceEngine, reservation: Reservation) -> TransferRecord:
        return _record(engine, engine.transfers.create(context.now, reservation, asked.to, **settings))

    return Answer(_apply_to(context, Reservation, asked.reservation, begin))


@control.operation("FetchTransfer", "GET", ONE, returns=TransferRecord)
def fetch(context: RequestContext) -> Answer:
    """Tell what has become of a transfer."""
    return Answer(_apply_to(context, Transfer, context.path["transfer_sid"], _record))


@control.operation("CancelTransfer", "DELETE", ONE, returns=TransferRecord)
def cancel(context: RequestContext) -> Answer:
    """Take a transfer back: the task stays with the worker who is at work on it, or is routed again."""

    def take_back(engine: WorkspaceEngine, transfer: Transfer) -> TransferRecord:
        engine.transfers.cancel(context.now, transfer)
        return _record(engine, transfer)

    return Answer(_apply_to(context, Transfer, context.path["transfer_sid"], take_back))


def _apply_to(
    context: RequestContext, kind: type[E], sid: str, command: Callable[[WorkspaceEngine, E], TransferRecord]
) -> TransferRecord:
    """Do something with a resource, in whichever workspace it is. Raises NotFound."""

    def run(engine: WorkspaceEngine) -> TransferRecord:
        found = engine.state.table(kind).get(sid)
        if found is None:
            raise _not_found(kind, sid)
        return command(engine, found)

    for workspace_sid, engine in context.service.workspaces.engines.items():
        if sid in engine.state.table(kind):
            return context.service.workspaces.apply(workspace_sid, context.now, run)
    raise _not_found(kind, sid)


def _not_found(kind: type[Entity], sid: str) -> NotFound:
    text = f"{kind.__name__} {sid[:40]} was not found in any workspace"
    if kind is Transfer:
        text += ": a transfer goes with its task, five minutes after the task has ended"
    elif sid.startswith("WT"):
        text += ": give the accepted reservation of that task, WR..."
    return NotFound(text)


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
