"""The application: the REST API below `/v1`, the control plane below `/_sandbox`, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..engine.model.errors import TaskRouterError
from ..runtime.service import Service
from . import host_guard, openapi
from .authentication import authenticate
from .control.plane import control_routes
from .dispatcher import Dispatcher
from .errors import document, not_found, refusal
from .resources import OPERATIONS

log = logging.getLogger(__name__)


class App:
    """The sandbox as an ASGI application.

    stop: called when a client asks for the end of the process.
    """

    def __init__(self, service: Service, stop: Callable[[], None]):
        @asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncIterator[None]:
            async with anyio.create_task_group() as group:
                group.start_soon(service.run)
                yield
                group.cancel_scope.cancel()
            await service.close()

        self.rest = Dispatcher(service, OPERATIONS)
        self.others = Starlette(
            routes=[Route("/_sandbox/openapi.json", _openapi(service)), *control_routes(service, stop)],
            lifespan=lifespan,
            exception_handlers={
                TaskRouterError: lambda request, refused: document(refused),
                HTTPException: _http_exception,
                Exception: lambda request, error: document(refusal("failed")),
            },
        )

    async def __call__(self, scope: dict[str, Any], receive: Callable, send: Callable) -> None:
        answer = self.others
        if scope["type"] == "http":
            try:
                host_guard.check(scope["headers"])
            except TaskRouterError as refused:
                answer = document(refused)
            else:
                answer = self.rest if scope["path"].startswith("/v1/") else self.others
        await answer(scope, receive, send)

    @property
    def last_request(self) -> float:
        """When the REST API was last asked, on the clock of `time.monotonic`."""
        return self.rest.last_request


def create_app(service: Service, stop: Callable[[], None]) -> App:
    """The sandbox for an ASGI server; stop: called when a client asks for the end of the process."""
    return App(service, stop)


def _openapi(service: Service) -> Callable:
    async def endpoint(request: Request) -> Response:
        authenticate(request, service)
        return JSONResponse(openapi.document(OPERATIONS, str(request.base_url).rstrip("/")))

    return endpoint


def _http_exception(request: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "another verb")
        return document(refusal("not allowed", method=request.method, path=request.url.path, allowed=allowed))
    return document(not_found(request.url.path))
