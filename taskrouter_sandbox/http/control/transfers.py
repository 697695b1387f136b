"""Transfers under `/_sandbox/`: what a worker's browser asks of Twilio, and REST has no operation for."""

from __future__ import annotations

from typing import Any, get_args

from starlette.requests import Request

from ...engine import WorkspaceEngine
from ...engine.model.entities import Reservation, Transfer, TransferMode
from ...engine.model.errors import NotFound, TaskRouterError
from ...runtime.service import Service

MAX_PRIORITY = 2_147_483_647  # behaviour.md §2.1
SETTINGS = ("reservation", "to", "mode", "attributes", "priority")


def transfers(service: Service, request: Request) -> object:
    """Every transfer, the oldest first, or those of one `task`; a POST begins one (see `_begin`)."""
    asked = dict(request.query_params)
    if request.method == "POST":
        return _begin(service, asked)
    _check(asked, ("task",))
    service.tick()
    return {
        "transfers": [
            _told(router, each)
            for router in service.routers.values()
            for each in router.state.transfers.values()
            if asked.get("task") in (None, each.task_sid)
        ]
    }


def transfer(service: Service, request: Request) -> object:
    """One transfer; a DELETE takes it back."""
    now = service.clock.now()
    router, found = _find(service, now, Transfer, request.path_params["sid"])
    if request.method == "DELETE":
        service.carry_out(router, lambda: router.transfers.cancel(now, found))
    return _told(router, found)


def _begin(service: Service, asked: dict[str, str]) -> object:
    """Pass a task on. reservation: that of the worker who has it; to: a Worker's or a TaskQueue's SID; mode: WARM,
    unless told otherwise, or COLD; attributes, priority: what the task has from now on."""
    _check(asked, SETTINGS)
    if not asked.get("reservation") or not asked.get("to"):
        raise TaskRouterError(
            "Say which reservation is passed on, and to whom: reservation=WR..., to=WK... or to=WQ..."
        )
    settings: dict[str, Any] = {"mode": asked.get("mode", "WARM").upper()}
    if settings["mode"] not in get_args(TransferMode):
        raise TaskRouterError(f"mode must be one of {', '.join(get_args(TransferMode))}; it was {asked['mode'][:40]!r}")
    if "attributes" in asked:
        settings["attributes"] = asked["attributes"]
    if "priority" in asked:
        text = asked["priority"]
        if not (text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= MAX_PRIORITY):
            raise TaskRouterError(f"priority must be a whole number from 0 to {MAX_PRIORITY}; it was {text[:40]!r}")
        settings["priority"] = int(text)
    now = service.clock.now()
    router, reservation = _find(service, now, Reservation, asked["reservation"])
    begun = service.carry_out(router, lambda: router.transfers.create(now, reservation, asked["to"], **settings))
    return _told(router, begun)


def _check(asked: dict[str, str], known: tuple[str, ...]) -> None:
    if unknown := asked.keys() - set(known):
        raise TaskRouterError(f"Nothing reads {', '.join(sorted(unknown))} here; there is {', '.join(known)}")


def _find(service: Service, now: int, kind: type, sid: str) -> tuple[WorkspaceEngine, Any]:
    """A resource and the workspace that it is in, when all is done there that was due by `now`. Raises NotFound."""
    for router in list(service.routers.values()):
        if sid in router.state.table(kind):
            service.carry_out(router, lambda router=router: router.advance(now))
            if found := router.state.table(kind).get(sid):
                return router, found
    text = f"{kind.__name__} {sid[:40]} was not found in any workspace"
    if kind is Transfer:
        text += ": a transfer goes with its task, five minutes after the task has ended"
    elif sid.startswith("WT"):
        text += ": give the accepted reservation of that task, WR..."
    raise NotFound(text)


def _told(router: WorkspaceEngine, transfer: Transfer) -> dict[str, Any]:
    """A transfer by the names that the worker SDK reads; times in seconds since 1970."""
    return {
        "account_sid": router.state.account_sid,
        "workspace_sid": router.workspace.sid,
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
