"""The control plane under `/_sandbox/`: what the real service does not have."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from ..deliveries import Delivery
from ..fingerprint import fingerprint
from ..routing.refusals import Refusal
from ..service import Service
from ..webhooks import signature_base
from .resources import NOT_BUILT, OPERATIONS

MAX_ADVANCE = 366 * 86_400  # seconds


def _whole(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A query parameter that is a whole number in that range; Refusal when it is not."""
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise Refusal(f"{name} must be a whole number from {least} to {most}; it was {text!r}")
    return int(text)


def _shown(delivery: Delivery) -> dict[str, Any]:
    """A delivery as the log shows it: what was sent where, what came of it, each attempt with its answer and timing.

    An attempt's `signed` is what its signature was computed over: address and sorted parameters; the token and the
    signature itself are never shown.
    """
    shown = asdict(delivery)
    for attempt in shown["attempts"]:
        attempt["signed"] = signature_base(attempt, delivery.parameters)
    return shown


def control_routes(service: Service, stop: Callable[[], None]) -> list[Mount]:
    """Health is open to everyone on this machine; all else needs the sandbox's credentials."""
    from .app import authenticate

    def guarded(answer: Callable[[Request], object]) -> Callable:
        async def endpoint(request: Request) -> Response:
            authenticate(request, service)
            return JSONResponse(answer(request))

        return endpoint

    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "pid": os.getpid(), "code": fingerprint(), "now": service.clock.now()})

    def deliveries(request: Request) -> object:
        """Every webhook, the newest first; `kind` and `limit` choose (see `_shown`)."""
        kind = request.query_params.get("kind")
        if kind not in (None, "assignment", "event"):
            raise Refusal(f"kind must be assignment or event; it was {kind!r}")
        limit = _whole(request, "limit", 500, 1, 10_000)
        return {"deliveries": [_shown(delivery) for delivery in service.store.deliveries(kind, limit)]}

    def alerts(request: Request) -> object:
        """What Twilio's debugger would show."""
        return {"alerts": service.store.alerts()}

    def unread(request: Request) -> object:
        """Parameters that a client sent and nothing read."""
        return {
            "unread": [
                {"operation": operation, "parameter": name, "times": times}
                for (operation, name), times in sorted(service.unread.items())
            ]
        }

    def operations(request: Request) -> object:
        """What is built, and what is not."""
        built = [{"id": o.id, "method": o.method, "path": "/v1" + o.path, "built": True} for o in OPERATIONS]
        missing = [{"id": i, "method": m, "path": "/v1" + p, "built": False} for i, m, p in NOT_BUILT]
        return {"operations": built + missing}

    def clock(request: Request) -> object:
        """What time it is in the sandbox; a POST moves it forward by `advance` seconds."""
        if request.method == "POST":
            try:
                seconds = float(request.query_params.get("advance", ""))
            except ValueError:
                seconds = -1.0
            if not 0 < seconds <= MAX_ADVANCE:
                raise Refusal(f"advance must be a number of seconds above 0 and up to {MAX_ADVANCE}")
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
                Route("/alerts", guarded(alerts)),
                Route("/unread", guarded(unread)),
                Route("/operations", guarded(operations)),
                Route("/clock", guarded(clock), methods=["GET", "POST"]),
                Route("/reset", guarded(reset), methods=["POST"]),
                Route("/stop", guarded(end), methods=["POST"]),
            ],
        )
    ]
