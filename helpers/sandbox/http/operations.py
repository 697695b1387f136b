"""How an operation is declared, and how a request becomes a call of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..routing import Router
from ..routing.refusals import Refusal, Stale
from ..service import Service
from .errors import invalid
from .parameters import JsonBody, Parameters


@dataclass(slots=True)
class Call:
    """One request at work.

    base: scheme and host that it was asked on, for links; query: its parameters as they were sent; path: SIDs from the
    address by name, such as `WorkspaceSid`; now: milliseconds since 1970.
    """

    service: Service
    base: str
    url_path: str
    query: list[tuple[str, str]]
    path: dict[str, str]
    if_match: str | None
    now: int
    router: Router | None = None

    @property
    def workspace(self) -> Router:
        """The router of the workspace in the address."""
        assert self.router is not None
        return self.router

    def link(self, *parts: str) -> str:
        """An absolute address below `/v1/Workspaces`."""
        return "/".join((self.base + "/v1/Workspaces", *parts))

    def match(self, version: int) -> None:
        """Check `If-Match`, plain, quoted or weak; Stale when it names another version (rest-contract.md §1.1)."""
        if self.if_match is None:
            return
        wanted = self.if_match.strip().removeprefix("W/").strip('"')
        if wanted not in ("*", str(version)):
            raise Stale(f"Precondition failed: the version is {version}, If-Match says {wanted}. Fetch it again.")


@dataclass(slots=True)
class Answer:
    """What an operation answers: a body to be rendered as JSON, or none; its version, where the resource has one."""

    body: Any = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One of TaskRouter's operations (rest-contract.md §3).

    id: Twilio's own name for it; path: below `/v1`; parameters: what it reads, or None; status: of a success.
    """

    id: str
    method: str
    path: str
    run: Callable[..., Answer]
    parameters: type[Parameters] | None
    status: int


@dataclass
class Registry:
    """The operations of a resource, declared where they are written."""

    operations: list[Operation] = field(default_factory=list)

    def operation(
        self, id: str, method: str, path: str, parameters: type[Parameters] | None = None, status: int = 200
    ) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
        """Declare the function below as an operation. It is given the Call, and its parameters if it has any."""

        def declare(run: Callable[..., Answer]) -> Callable[..., Answer]:
            self.operations.append(Operation(id, method, path, run, parameters, status))
            return run

        return declare


async def read_parameters(operation: Operation, request: Request) -> tuple[Parameters | None, set[str]]:
    """The parameters of a request, and the names of those that nothing reads. Raises Refusal for a wrong value.

    A GET and a DELETE carry them in the query, whatever their Content-Type says (rest-contract.md §13).
    """
    if operation.parameters is not None and issubclass(operation.parameters, JsonBody):
        return _read_json(operation.parameters, await request.body()), set()
    raw = request.url.query if operation.method != "POST" else (await request.body()).decode(errors="replace")
    pairs = parse_qsl(raw, keep_blank_values=True)
    if operation.parameters is None:
        return None, {name for name, _ in pairs}
    try:
        return operation.parameters.read(pairs)
    except ValidationError as error:
        raise invalid(error) from None


def _read_json(parameters: type[JsonBody], body: bytes) -> Parameters:
    try:
        return parameters.model_validate(json.loads(body))
    except ValidationError as error:
        raise invalid(error) from None
    except (ValueError, RecursionError):
        raise Refusal("The body must be JSON, sent with Content-Type: application/json") from None


def respond(operation: Operation, answer: Answer) -> Response:
    """The HTTP answer of a success."""
    status = operation.status
    response = Response(status_code=status) if status == 204 else JSONResponse(answer.body, status)
    if answer.version is not None:
        # raw, since clients that keep headers in a plain dictionary look for this very spelling
        response.raw_headers.append((b"ETag", str(answer.version).encode()))
    return response
