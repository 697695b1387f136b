"""Transfers under `/_sandbox/`: what a worker's browser asks of Twilio, and REST has no operation for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

from starlette.requests import Request

from ..routing import Router
from ..routing.entities import Reservation, Transfer, TransferMode
from ..routing.refusals import Missing, Refusal
from ..service import Service
from .errors import not_found

MAX_PRIORITY = 2_147_483_647  # behaviour.md §2.1
SETTINGS = ("reservation", "to", "mode", "attributes", "priority")


def transfers(service: Service, request: Request) -> object:
    """Every transfer, the oldest first, or those of one `task`; a POST begins one (see `_begin`)."""
    if request.method == "POST":
        return _begin(service, dict(request.query_params))
    task_sid = request.query_params.get("task")
    return {
        "transfers": [
            told(router, transfer)
            for router in service.routers.values()
            for transfer in router.state.transfers.values()
            if task_sid in (None, transfer.task_sid)
        ]
    }


def transfer(service: Service, request: Request) -> object:
    """One transfer; a DELETE takes it back."""
    try:
        router, found = _find(service, Transfer, request.path_params["sid"])
    except Missing:
        raise not_found(request.url.path) from None
    if request.method == "DELETE":
        _carry_out(service, router, lambda now: router.transfers.cancel(now, found))
    return told(router, found)


def _begin(service: Service, asked: dict[str, str]) -> object:
    """Pass a task on. reservation: that of the worker who has it; to: a Worker's or a TaskQueue's SID; mode: WARM,
    unless told otherwise, or COLD; attributes, priority: what the task has from now on."""
    unknown = asked.keys() - set(SETTINGS)
    if unknown:
        raise Refusal(f"A transfer knows no {', '.join(sorted(unknown))}; it takes {', '.join(SETTINGS)}")
    if not asked.get("reservation") or not asked.get("to"):
        raise Refusal("Say which reservation is passed on, and to whom: reservation=WR..., to=WK... or to=WQ...")
    settings: dict[str, Any] = {"mode": asked.get("mode", "WARM").upper()}
    if settings["mode"] not in get_args(TransferMode):
        raise Refusal(f"mode must be one of {', '.join(get_args(TransferMode))}; it was {asked['mode']!r}")
    if "attributes" in asked:
        settings["attributes"] = asked["attributes"]
    if "priority" in asked:
        text = asked["priority"]
        if not (text.isascii() and text.isdigit() and int(text[:11]) <= MAX_PRIORITY):
            raise Refusal(f"priority must be a whole number from 0 to {MAX_PRIORITY}; it was {text[:40]!r}")
        settings["priority"] = int(text)
    router, reservation = _find(service, Reservation, asked["reservation"])
    begun = _carry_out(service, router, lambda now: router.transfers.create(now, reservation, asked["to"], **settings))
    return told(router, begun)


def _find(service: Service, kind: type, sid: str) -> tuple[Router, Any]:
    """A resource and the workspace that it is in. Raises Missing."""
    for router in service.routers.values():
        if found := router.state.shelf(kind).get(sid):
            return router, found
    raise Missing(f"{kind.__name__} {sid} was not found in any workspace")


def _carry_out(service: Service, router: Router, command: Callable[[int], Transfer]) -> Transfer:
    """Give a command at the present time and keep what it did. Raises Refusal."""
    refused: Refusal | None = None
    try:
        transfer = command(service.clock.now())
    except Refusal as refusal:
        refused = refusal
    except Exception:
        service.reload(router.workspace.sid)
        raise
    service.commit(router)  # a refused command may still have let time pass
    if refused is not None:
        raise refused
    return transfer


def told(router: Router, transfer: Transfer) -> dict[str, Any]:
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
