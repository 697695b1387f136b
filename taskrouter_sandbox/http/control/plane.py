"""The control plane under `/_sandbox/`: what the real service does not have."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from difflib import get_close_matches
from functools import partial
from typing import get_args, get_type_hints

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from ...code_version import fingerprint
from ...engine.model.errors import TaskRouterError
from ...engine.model.options import CompatibilityOptions
from ...runtime.clock import LATEST
from ...runtime.faults import ANY, Bend, Fault
from ...runtime.service import Service
from ...webhooks.alert_catalog import explained
from ...webhooks.delivery import Kind
from ..authentication import authenticate
from ..errors import not_found
from ..resources import OPERATIONS
from . import transfers

MAX_NUMBER = 2**63  # that SQLite can count to
READINGS = {name: get_args(hint) for name, hint in get_type_hints(CompatibilityOptions).items()}
BELONGS_TO = {"operation": ("status", "code"), "deliveries": ("kind", "seconds")}  # settings of the two sorts of fault
MAX_ADVANCE = 366 * 86_400  # seconds


def _whole(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A query parameter that is a whole number in that range; TaskRouterError when it is not."""
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 20 and least <= int(text) <= most):
        raise TaskRouterError(f"{name} must be a whole number from {least} to {most}; it was {text[:40]!r}")
    return int(text)


def _order(service: Service, request: Request) -> Fault:
    """Order what the query says; TaskRouterError when it makes no sense.

    `operation` (such as CreateTask, or *) with `status` and perhaps `code`; or `deliveries` (timeout, late, twice,
    out-of-order) with perhaps `kind` and `seconds`. `first`: how many, 1 unless told otherwise.
    """
    asked = request.query_params
    unknown = asked.keys() - {"operation", "status", "code", "deliveries", "kind", "seconds", "first"}
    if unknown:
        raise TaskRouterError(f"A fault knows no {', '.join(sorted(unknown))}")
    operation, bend, kind = asked.get("operation"), asked.get("deliveries"), asked.get("kind")
    if (operation is None) == (bend is None):
        raise TaskRouterError("Say either operation, such as CreateTask or *, or deliveries, such as twice")
    sort, other = ("operation", "deliveries") if operation is not None else ("deliveries", "operation")
    if strange := [name for name in BELONGS_TO[other] if name in asked]:
        raise TaskRouterError(f"{', '.join(strange)} belongs to {other}, and means nothing for {sort}: leave it out")
    first = _whole(request, "first", 1, 1, 1_000_000)
    if operation is not None:
        if operation not in (ANY, *(o.id for o in OPERATIONS)):
            names = {o.id.lower(): o.id for o in OPERATIONS}
            near = get_close_matches(operation.lower(), names, 1)
            meant = f"did you mean {names[near[0]]}? " if near else ""
            raise TaskRouterError(f"There is no operation {operation}; {meant}/_sandbox/operations names them")
        code = _whole(request, "code", 0, 0, 99_999) or None
        status = _whole(request, "status", 500, 400, 599)
        return service.faults.order(first, operation=operation, status=status, code=code)
    if bend not in get_args(Bend):
        raise TaskRouterError(f"deliveries must be one of {', '.join(get_args(Bend))}; it was {bend!r}")
    if kind not in (None, *get_args(Kind)):
        raise TaskRouterError(f"kind must be one of {', '.join(get_args(Kind))}; it was {kind!r}")
    if bend == "out-of-order" and kind == "assignment":
        raise TaskRouterError("Assignment callbacks leave at once, each for itself: only events can come out of order")
    if "seconds" in asked and bend not in ("late", "out-of-order"):
        raise TaskRouterError(f"seconds belongs to late and out-of-order, and means nothing for {bend}: leave it out")
    return service.faults.order(first, deliveries=bend, kind=kind, seconds=_seconds(asked.get("seconds", "2")))


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 60:
        raise TaskRouterError(f"seconds must be a number from 0 to 60; it was {text!r}")
    return seconds


def control_routes(service: Service, stop: Callable[[], None]) -> list[Mount]:
    """Health is open to everyone on this machine; all else needs the sandbox's credentials."""

    def guarded(answer: Callable[[Request], object]) -> Callable:
        async def endpoint(request: Request) -> Response:
            authenticate(request, service)
            return JSONResponse(answer(request))

        return endpoint

    async def health(request: Request) -> Response:
        about = {"status": "ok", "pid": os.getpid(), "code": fingerprint(), "now": service.clock.now()}
        return JSONResponse(about | {"notice": service.notice})

    def deliveries(request: Request) -> object:
        """Every webhook, the newest first: request, attempts, outcome; `kind` and `limit` choose.

        An attempt's `signed` is what its signature was computed over: address and sorted parameters. The token and the
        signature itself are kept nowhere.
        """
        kind = request.query_params.get("kind")
        if kind not in (None, *get_args(Kind)):
            raise TaskRouterError(f"kind must be one of {', '.join(get_args(Kind))}; it was {kind!r}")
        limit = _whole(request, "limit", 500, 1, 10_000)
        return {"deliveries": [delivery.told() for delivery in service.store.deliveries(kind, limit)]}

    def alerts(request: Request) -> object:
        """What Twilio's debugger would show, the newest first, each with what to do about it."""
        return {
            "alerts": [explained(alert) for alert in service.store.alerts(_whole(request, "limit", 500, 1, 10_000))]
        }

    def rules(request: Request) -> object:
        """How the sandbox reads what the sources leave open (`CompatibilityOptions`); a POST sets it."""
        if request.method == "POST":
            for name, reading in request.query_params.items():
                readings = READINGS.get(name)
                if readings is None:
                    raise TaskRouterError(f"There is no rule {name}; there are {', '.join(READINGS)}")
                if reading not in readings:
                    raise TaskRouterError(f"{name} must be one of {', '.join(readings)}; it was {reading!r}")
            service.set_options(**request.query_params)
        return {"rules": asdict(service.options), "readings": READINGS, "usual": asdict(CompatibilityOptions())}

    def resend(request: Request) -> object:
        """Deliver a webhook once more; its answer counts like that of any other."""
        number = request.path_params["number"]
        delivery = service.store.delivery(number) if number < MAX_NUMBER else None
        if delivery is None:
            raise not_found(request.url.path)
        return {"number": service.send_again(delivery).number, "repeats": number}

    def faults(request: Request) -> object:
        """What is ordered to go wrong; a POST orders a fault (see `_order`), a DELETE takes all of them back."""
        if request.method == "POST":
            return _order(service, request).told()
        if request.method == "DELETE":
            service.faults.clear()
        return {"faults": [fault.told() for fault in service.faults.ordered.values()]}

    def fault(request: Request) -> object:
        """Take one fault back: how often it happened."""
        found = service.faults.take_back(request.path_params["number"])
        if found is None:
            raise not_found(request.url.path)
        return found.told()

    def unread(request: Request) -> object:
        """Parameters that a client sent and nothing read."""
        return {
            "unread": [
                {"operation": operation, "parameter": name, "times": times}
                for (operation, name), times in sorted(service.unread.items())
            ]
        }

    def operations(request: Request) -> object:
        """The operations by Twilio's names for them."""
        return {"operations": [{"id": o.id, "method": o.method, "path": "/v1" + o.path} for o in OPERATIONS]}

    def clock(request: Request) -> object:
        """What time it is in the sandbox; a POST moves it forward by `advance` seconds."""
        if request.method == "POST":
            try:
                seconds = float(request.query_params.get("advance", ""))
            except ValueError:
                seconds = -1.0
            if not 0 < seconds <= MAX_ADVANCE:
                raise TaskRouterError(
                    f"Time goes forward by more than 0 and at most {MAX_ADVANCE:,} seconds "
                    f"({MAX_ADVANCE // 86_400} days) at once: say how many, as in advance=120"
                )
            if service.clock.now() + seconds * 1000 > LATEST:
                raise TaskRouterError(
                    "Time ends where the year 9999 begins: POST /_sandbox/reset sets the clock right again"
                )
            service.fast_forward(round(seconds * 1000))
        return {"now": service.clock.now(), "ahead": service.clock.offset / 1000}

    def reset(request: Request) -> object:
        service.reset()
        return {"status": "empty"}

    def end(request: Request) -> object:
        stop()
        return {"status": "stopping"}

    return [
        Mount(
            "/_sandbox",
            routes=[
                Route("/health", health),
                Route("/deliveries", guarded(deliveries)),
                Route("/deliveries/{number:int}/resend", guarded(resend), methods=["POST"]),
                Route("/faults", guarded(faults), methods=["GET", "POST", "DELETE"]),
                Route("/faults/{number:int}", guarded(fault), methods=["DELETE"]),
                Route("/alerts", guarded(alerts)),
                Route("/transfers", guarded(partial(transfers.transfers, service)), methods=["GET", "POST"]),
                Route("/transfers/{sid}", guarded(partial(transfers.transfer, service)), methods=["GET", "DELETE"]),
                Route("/unread", guarded(unread)),
                Route("/operations", guarded(operations)),
                Route("/rules", guarded(rules), methods=["GET", "POST"]),
                Route("/clock", guarded(clock), methods=["GET", "POST"]),
                Route("/reset", guarded(reset), methods=["POST"]),
                Route("/stop", guarded(end), methods=["POST"]),
            ],
        )
    ]
