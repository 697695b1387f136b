"""The application: who may ask, which operation is meant, and one place where exceptions become answers."""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import anyio
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..faults import OrderedFailure
from ..routing.refusals import Missing, Refusal
from ..service import Service
from .control import control_routes
from .errors import Failed, NotAllowed, NotBuilt, Unauthorized, document, not_found
from .operations import Call, Operation, read_parameters, respond
from .resources import NOT_BUILT, OPERATIONS

log = logging.getLogger(__name__)


def create_app(service: Service, stop: Callable[[], None]) -> Starlette:
    """The sandbox as an ASGI application.

    stop: called when a client asks for the end of the process.
    """

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with anyio.create_task_group() as group:
            group.start_soon(service.run)
            yield
            group.cancel_scope.cancel()
        await service.close()

    app = Starlette(
        routes=[*control_routes(service, stop), *_routes(service)],
        lifespan=lifespan,
        exception_handlers={
            OrderedFailure: _ordered_failure,
            Refusal: lambda request, refusal: document(refusal),
            HTTPException: _http_exception,
            Exception: lambda request, error: document(Failed("The sandbox itself failed here; sandbox.log says why")),
        },
    )
    app.state.last_request = time.monotonic()
    return app


def _routes(service: Service) -> list[Route]:
    """One route for each path, so that a wrong verb is told from a wrong path. Fixed paths come before SIDs."""
    paths: dict[str, dict[str, Operation | str]] = {}
    for id, method, path in NOT_BUILT:
        paths.setdefault(path, {})[method] = id
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = operation
    return [Route("/v1" + path, _endpoint(service, verbs), methods=list(verbs)) for path, verbs in paths.items()]


def _endpoint(service: Service, verbs: dict[str, Operation | str]) -> Callable:
    async def endpoint(request: Request) -> Response:
        authenticate(request, service)
        operation = verbs["GET" if request.method == "HEAD" else request.method]
        if isinstance(operation, str):
            raise NotBuilt(f"The operation {operation} is not built in this sandbox yet")
        return await perform(service, operation, request)

    return endpoint


async def perform(service: Service, operation: Operation, request: Request) -> Response:
    """Read the parameters, run the operation, keep its effects, answer; webhooks leave after that."""
    request.app.state.last_request = time.monotonic()
    service.faults.fail(operation.id)
    parameters, unread = await read_parameters(operation, request)
    for name in unread:
        service.unread[operation.id, name] += 1
    call = Call(
        service=service,
        base=_base(request),
        url_path=request.url.path,
        query=parse_qsl(request.url.query, keep_blank_values=True),
        path=request.path_params,
        if_match=request.headers.get("If-Match"),
        now=service.clock.now(),
    )
    try:
        if "WorkspaceSid" in call.path:
            call.router = service.router(call.path["WorkspaceSid"], call.now)
        answer = operation.run(call) if parameters is None else operation.run(call, parameters)
    except Missing:
        raise not_found(request.url.path) from None
    except Refusal:
        raise
    except Exception:
        log.exception("%s failed", operation.id)
        if call.router is not None:
            service.reload(call.router.workspace.sid)
            call.router = None
        raise
    finally:
        if call.router is not None:  # a refused command may still have let time pass
            service.commit(call.router)
    return respond(operation, answer)


def _base(request: Request) -> str:
    """Scheme and host as the client wrote them: links must lead back the way it came (rest-contract.md §2.2)."""
    host = request.headers.get("Host", "127.0.0.1")
    return f"{'https' if host.endswith('.twilio.com') else request.url.scheme}://{host}"


def authenticate(request: Request, service: Service) -> None:
    """HTTP Basic with the sandbox's own credentials; Unauthorized otherwise (rest-contract.md §11.2)."""
    kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "basic":
        raise Unauthorized("Authentication Error - No credentials provided")
    try:
        given = base64.b64decode(encoded)
    except binascii.Error:
        given = b""
    if not hmac.compare_digest(given, f"{service.account_sid}:{service.auth_token}".encode()):
        raise Unauthorized("Authenticate")


def _http_exception(request: Request, error: HTTPException) -> Response:
    if error.status_code == 405:
        return document(NotAllowed(f"{request.method} is not allowed on {request.url.path.removeprefix('/v1')}"))
    return document(not_found(request.url.path))


def _ordered_failure(request: Request, failure: OrderedFailure) -> Response:
    response = document(failure)
    response.headers.update(failure.headers)
    return response
