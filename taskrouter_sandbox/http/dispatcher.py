"""TaskRouter's REST API as an ASGI application: from the bytes of a request to those of its answer.

Every request below `/v1` passes here, so this is written to do little: no middleware, one look at the headers, one walk
down the path.
"""

from __future__ import annotations

import logging
import time
import zlib
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from ..engine.model.errors import NotFound, TaskRouterError
from ..runtime.service import Service
from .authentication import Credentials
from .errors import body as error_body
from .errors import headers as error_headers
from .errors import not_found, refusal
from .operation import Answer, Operation, RequestContext, read_pairs, read_parameters
from .paging import Cursors
from .rate_limits import FREE, RateLimits

log = logging.getLogger(__name__)

MAX_BODY = 4 * 1024 * 1024  # bytes: the largest configuration, with every character escaped
MAX_UNREAD = 1_000  # parameters that are kept for `/_sandbox/unread`
Headers = list[tuple[bytes, bytes]]
Reply = tuple[int, Headers, bytes]


class ExactCaseHeader(bytes):
    """The name of a header in this very spelling: uvicorn writes all names in small letters, and some clients keep
    headers in a plain dictionary."""

    def lower(self) -> bytes:
        return self


JSON = (b"content-type", b"application/json;charset=utf-8")
CORS: Headers = [  # rest-contract.md §1
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, DELETE, OPTIONS"),
    (b"access-control-allow-headers", b"Accept, Authorization, Content-Type, If-Match"),
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-expose-headers", b"ETag"),
]


def _rate(limit: int, remaining: int, config: str) -> Headers:
    return [
        (b"x-rate-limit-limit", str(limit).encode()),
        (b"x-rate-limit-remaining", str(remaining).encode()),
        (b"x-rate-limit-config", config.encode()),
    ]


FREE_HEADERS = _rate(*FREE)
ANSWER_HEADERS = [JSON, *CORS, *FREE_HEADERS]


class PathTree:
    """The paths of all operations, by segment: a fixed one is preferred to a SID."""

    def __init__(self) -> None:
        self.fixed: dict[str, PathTree] = {}
        self.any: PathTree | None = None
        self.verbs: dict[str, tuple[Operation, tuple[str, ...]]] = {}

    def add(self, operation: Operation) -> None:
        node, names = self, []
        for part in operation.path.split("/")[1:]:
            if part.startswith("{"):
                names.append(part[1:-1])
                node.any = node.any or PathTree()
                node = node.any
            else:
                node = node.fixed.setdefault(part, PathTree())
        node.verbs[operation.method] = operation, tuple(names)

    def find(self, parts: list[str]) -> tuple[PathTree | None, list[str]]:
        """The node of a path, and what stands where its SIDs are."""
        node, sids = self, []
        for part in parts:
            if part in node.fixed:
                node = node.fixed[part]
            elif node.any is not None and part:
                node = node.any
                sids.append(part)
            else:
                return None, sids
        return (node if node.verbs else None), sids


class Dispatcher:
    """Everything below `/v1`. `last_request` is when something was last asked, on the clock of `time.monotonic`."""

    def __init__(self, service: Service, operations: Iterable[Operation]):
        self.service = service
        self.credentials = Credentials(service.account_sid, service.auth_token)
        self.limits, self.cursors = RateLimits(), Cursors()
        self.last_request = time.monotonic()
        self.tree = PathTree()
        for operation in operations:
            self.tree.add(operation)

    async def __call__(self, scope: dict[str, Any], receive: Callable, send: Callable) -> None:
        self.last_request = time.monotonic()
        try:
            body = b"" if scope["method"] == "GET" else await _read(receive)
            status, headers, content = self.answer(scope, body)
        except TaskRouterError as refused:
            status, headers, content = refuse(refused)
        except Exception:
            log.exception("%s %s", scope["method"], scope["path"])
            status, headers, content = refuse(refusal("failed"))
        headers.append((b"content-length", b"%d" % len(content)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    def answer(self, scope: dict[str, Any], body: bytes) -> Reply:
        """The answer to a request. Raises TaskRouterError."""
        method, path = scope["method"], scope["path"]
        sent = dict(scope["headers"])
        node, sids = self.tree.find(path.split("/")[2:])
        if method == "OPTIONS" and node is not None:
            return 204, [*CORS], b""  # what a browser asks before it sends credentials; `host_guard` lets few that far
        self.credentials.check(sent.get(b"authorization", b""))
        if node is None:
            raise not_found(path)
        found = node.verbs.get("GET" if method == "HEAD" else method)
        if found is None:
            allowed = ", ".join(sorted(node.verbs))
            raise refusal("not allowed", method=method, path=path.removeprefix("/v1"), allowed=allowed)
        operation, names = found
        self.service.faults.fail(operation.id)
        query = read_pairs(scope["query_string"].decode("latin-1"))
        context = RequestContext(
            service=self.service,
            base=_base(scope, sent),
            url_path=path,
            query=query,
            path=dict(zip(names, sids, strict=True)),
            if_match=sent[b"if-match"].decode("latin-1") if b"if-match" in sent else None,
            now=self.service.clock.now(),
            limits=self.limits,
            cursors=self.cursors,
        )
        parameters, unread = read_parameters(operation, query, body, sent.get(b"content-type", b"").decode("latin-1"))
        if unread:
            self._note(operation.id, unread)
        return _reply(operation, context, self.perform(operation, context, parameters))

    def _note(self, id: str, unread: set[str]) -> None:
        """Keep which parameters nothing has read, within bounds."""
        noted = self.service.unread
        for name in unread:
            key = id, name[:100]
            if key in noted or len(noted) < MAX_UNREAD:
                noted[key] += 1

    def perform(self, operation: Operation, context: RequestContext, parameters: Any) -> Answer:
        """Run an operation and keep its effects, then let its webhooks begin. Raises TaskRouterError."""
        service, refused, answer = self.service, None, Answer()
        try:
            if "WorkspaceSid" in context.path:
                context.engine_in_use = service.router(context.path["WorkspaceSid"], context.now)
            answer = operation.run(context) if parameters is None else operation.run(context, parameters)
        except NotFound:
            refused = not_found(context.url_path)
        except TaskRouterError as refusal_:
            refused = refusal_
        except Exception:
            self._go_back(context)
            raise
        if context.engine_in_use is not None:  # a refused command may still have let time pass
            try:
                service.commit(context.engine_in_use)
            except Exception:
                self._go_back(context)
                raise
        if refused is not None:
            raise refused
        return answer

    def _go_back(self, context: RequestContext) -> None:
        """Return to what the store knows of the workspace."""
        if context.engine_in_use is not None:
            self.service.reload(context.engine_in_use.workspace.sid)


async def _read(receive: Callable) -> bytes:
    """The body of a request. Raises TaskRouterError when it is too large, once it has all arrived."""
    message = await receive()
    if not message.get("more_body"):
        body = message.get("body", b"")
        size = len(body)
    else:
        chunks, size = [], 0
        while True:
            chunk = message.get("body", b"")
            size += len(chunk)
            if size <= MAX_BODY:
                chunks.append(chunk)
            if not message.get("more_body"):
                break
            message = await receive()
        body = b"".join(chunks)
    if size > MAX_BODY:
        raise refusal("too large", limit=MAX_BODY)
    return body


def _reply(operation: Operation, context: RequestContext, answer: Answer) -> Reply:
    rate = FREE_HEADERS if context.rate is None else _rate(*context.rate)
    if operation.status == 204:
        return 204, [*rate], b""
    content = orjson.dumps(answer.body)
    headers = [*ANSWER_HEADERS] if context.rate is None else [JSON, *CORS, *rate]
    if operation.etag:
        # a list has no version of its own: its ETag tells whether the page is the same (rest-contract.md §15, point 1)
        value = f'W/"{zlib.crc32(content):08x}"' if answer.version is None else str(answer.version)
        headers.append((ExactCaseHeader(operation.etag.encode()), value.encode()))
    return operation.status, headers, content


def refuse(refused: TaskRouterError) -> Reply:
    """The answer for a refusal."""
    more = [(name.lower().encode(), value.encode()) for name, value in error_headers(refused).items()]
    rate = FREE_HEADERS if refused.rate is None else _rate(*refused.rate)
    return refused.status, [JSON, *CORS, *rate, *more], error_body(refused)


def _base(scope: dict[str, Any], sent: dict[bytes, bytes]) -> str:
    """Scheme and host as the client wrote them: links must lead back the way it came (rest-contract.md §2.2)."""
    host = sent.get(b"host", b"127.0.0.1").decode("latin-1")
    return f"{'https' if host.endswith('.twilio.com') else scope['scheme']}://{host}"
