"""The control plane under `/_sandbox/`: what the real service does not have."""

from __future__ import annotations

import os
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

from ..fingerprint import fingerprint
from ..routing.refusals import Refusal
from ..service import Service
from .resources import OPERATIONS

MAX_ADVANCE = 366 * 86_400  # seconds


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
        """Every webhook: what was sent where, each attempt with its answer and timing, what came of it."""
        return {"deliveries": service.store.deliveries()}

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
        """What is built."""
        built = [{"id": o.id, "method": o.method, "path": "/v1" + o.path, "built": True} for o in OPERATIONS]
        return {"operations": built}

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
