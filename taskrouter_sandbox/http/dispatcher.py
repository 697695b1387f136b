"""Takes each request to its operation: from the bytes of the request to those of the answer.

The REST API and the control plane both pass here, so this is written to do little: no middleware, one look at the
headers, one walk down the path.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ..engine.model.errors import NotFound, TaskRouterError
from . import host_guard
from .authentication import Credentials
from .errors import not_found, refusal
from .operation import Answer, Operation, RequestContext, ServerState, read_pairs, read_parameters
from .parameters import Parameters
from .path_tree import PathTree
from .replies import Reply, failure, preflight, success

log = logging.getLogger(__name__)

MAX_BODY = 4 * 1024 * 1024  # bytes: the largest configuration, with every character escaped
MAX_UNREAD = 1_000  # parameters that are kept for `/_sandbox/unread`

Scope = dict[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Dispatcher:
    """Answer HTTP requests by the operations of a server.

    `last_request` is when the REST API was last asked, on the clock of `time.monotonic`.
    """

    def __init__(self, server: ServerState):
        self.server, self.service = server, server.service
        self.credentials = Credentials(self.service.account_sid, self.service.auth_token)
        self.last_request = time.monotonic()
        self.tree = PathTree()
        for operation in server.operations:
            self.tree.add(operation)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        rest = scope["path"].startswith("/v1/")
        try:
            host_guard.check(scope["headers"])
        except TaskRouterError as refused:
            status, headers, content = failure(refused, rest=False)
        else:
            status, headers, content = await self._answer(scope, receive, rest)
        headers.append((b"content-length", b"%d" % len(content)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _answer(self, scope: Scope, receive: Receive, rest: bool) -> Reply:
        if rest:
            self.last_request = time.monotonic()
        try:
            body = b"" if scope["method"] == "GET" else await _read(receive)
            return self.answer(scope, body)
        except TaskRouterError as refused:
            return failure(refused, rest)
        except Exception:
            log.exception("%s %s", scope["method"], scope["path"])
            return failure(refusal("failed"), rest)

    def answer(self, scope: Scope, body: bytes) -> Reply:
        """Answer a request. Raises TaskRouterError."""
        method, path = scope["method"], scope["path"]
        sent: dict[bytes, bytes] = dict(scope["headers"])
        node, sids = self.tree.find(path)
        if path.startswith("/v1/"):
            if method == "OPTIONS" and node is not None:
                return preflight()  # `host_guard` lets few that far
            self.credentials.check(sent.get(b"authorization", b""))
        if node is None:
            raise not_found(path)
        found = node.verbs.get("GET" if method == "HEAD" else method)
        if found is None:
            allowed = ", ".join(sorted(node.verbs))
            raise refusal("not allowed", method=method, path=path.removeprefix("/v1"), allowed=allowed)
        operation, names = found
        if not operation.control:
            self.service.faults.fail(operation.id)
        elif not operation.open:
            self.credentials.check(sent.get(b"authorization", b""))
        query = read_pairs(scope["query_string"].decode("latin-1"))
        context = RequestContext(
            server=self.server,
            base=_base(scope, sent),
            url_path=path,
            query=query,
            path=dict(zip(names, sids, strict=True)),
            if_match=sent[b"if-match"].decode("latin-1") if b"if-match" in sent else None,
            now=self.service.clock.now(),
        )
        parameters, unread = read_parameters(operation, query, body, sent.get(b"content-type", b"").decode("latin-1"))
        if unread:
            self._note(operation.id, unread)
        return success(operation, self.perform(operation, context, parameters), context.rate)

    def _note(self, id: str, unread: set[str]) -> None:
        """Keep which parameters nothing has read, within bounds."""
        noted = self.service.unread
        for name in unread:
            key = id, name[:100]
            if key in noted or len(noted) < MAX_UNREAD:
                noted[key] += 1

    def perform(self, operation: Operation, context: RequestContext, parameters: Parameters | None) -> Answer:
        """Run an operation and keep its effects, then let its webhooks begin. Raises TaskRouterError."""
        service, refused, answer = self.service, None, Answer()
        try:
            if "WorkspaceSid" in context.path:
                context.engine_in_use = service.router(context.path["WorkspaceSid"], context.now)
            answer = operation.run(context) if parameters is None else operation.run(context, parameters)
        except NotFound as missing:
            refused = missing if operation.control else not_found(context.url_path)
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


async def _read(receive: Receive) -> bytes:
    """Read the body of a request. Raises TaskRouterError when it is too large, once it has all arrived."""
    message = await receive()
    if not message.get("more_body"):
        body: bytes = message.get("body", b"")
        size = len(body)
    else:
        chunks: list[bytes] = []
        size = 0
        while True:
            chunk: bytes = message.get("body", b"")
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


def _base(scope: Scope, sent: dict[bytes, bytes]) -> str:
    """Tell scheme and host as the client wrote them: links must lead back the way it came (rest-contract.md §2.2)."""
    host = sent.get(b"host", b"127.0.0.1").decode("latin-1")
    return f"{'https' if host.endswith('.twilio.com') else scope['scheme']}://{host}"
