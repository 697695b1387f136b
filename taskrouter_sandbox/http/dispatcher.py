"""Takes each request to its operation: from the bytes of the request to those of the answer.

The REST API and the control plane both pass here, so this is written to do little: no middleware, one look at the
headers, one walk down the path.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from ..engine import WorkspaceEngine
from ..engine.model.errors import NotFound, TaskRouterError
from ..runtime.service import Service
from ..storage.errors import NotKept
from . import host_guard
from .authentication import BasicAuthentication
from .errors import not_found, refusal
from .forms import read_pairs
from .messages import RealtimeBridge, Reply, Request
from .operation import Answer, Operation, Place, RequestContext, ServerState, read_parameters
from .parameters import Parameters
from .path_tree import PathTree
from .replies import failure, preflight, success
from .request_warnings import repeated_parameters, unread_parameters

T = TypeVar("T")

log = logging.getLogger(__name__)

MAX_BODY = 4 * 1024 * 1024  # bytes: the largest configuration, with every character escaped
REST = ("/v1/", "/2010-04-01/")
OTHERS = "GET /_sandbox/openapi.json names what there is besides /v1 and /2010-04-01"
ADDRESS = "give clients the sandbox's address alone, without a path, and without a slash at its end"
WITH_A_PATH = re.compile(r"//|/(v1|2010-04-01)/+(v1|2010-04-01|_sandbox)/")
ELSEWHERE = "the sandbox does not have it of {host}, GET /_sandbox/operations names what it has"
WHOLE = "taskrouter.twilio.com", "event-bridge.twilio.com"  # hosts of which it has everything
BRIDGE = "/v1/wschannels"  # of Twilio's browser SDKs (agent-sdk.md §1)
MAX_UNREAD = 1_000  # parameters that are kept for `/_sandbox/unread`


class Dispatcher:
    """What answers HTTP requests by the operations of a server.

    load_bridge: makes what answers agents' browsers, when one first asks. `last_request` is when the REST API was last
    asked, on the clock of `time.monotonic`; `bridge` what `load_bridge` has made.
    """

    def __init__(self, server: ServerState, load_bridge: Callable[[Dispatcher], RealtimeBridge] | None = None):
        self.server, self.worlds = server, server.worlds
        self.credentials = BasicAuthentication(self.worlds)
        self.last_request = time.monotonic()
        self.tree = PathTree()
        self._serve(server.operations)
        self._has_others = False
        self.bridge: RealtimeBridge | None = None
        self._load_bridge = load_bridge

    def _serve(self, operations: Sequence[Operation]) -> None:
        for operation in operations:
            self.tree.add(operation)

    def __call__(self, request: Request) -> Reply:
        """Answer a request, whatever it is."""
        answer = self._answer_bridge if request.path.startswith(BRIDGE) else self.answer
        return self._guarded(request, answer)

    def open_socket(self, request: Request, transport: asyncio.Transport, rest: bytes) -> Reply | None:
        """Make a websocket of a connection, on which `rest` has come already; or answer as if none were asked for."""
        if request.method != "GET" or not request.path.startswith(BRIDGE):
            return self(request)

        def answer(request: Request) -> Reply | None:
            return self._use_bridge().open_socket(request, transport, rest)

        return self._guarded(request, answer)

    def _answer_bridge(self, request: Request) -> Reply:
        return self._use_bridge().answer(request)

    def _use_bridge(self) -> RealtimeBridge:
        if self.bridge is None:
            if self._load_bridge is None:
                raise not_found(BRIDGE)
            self.bridge = self._load_bridge(self)
        return self.bridge

    def _guarded(self, request: Request, answer: Callable[[Request], T]) -> T | Reply:
        """Let those in who may ask, and turn what goes wrong into a reply."""
        try:
            if not request.admitted:
                raise refusal("another user")
            host_guard.check(request.method, request.header, self.server.any_host)
        except TaskRouterError as refused:
            return failure(refused, rest=False)
        rest = request.path.startswith(REST)
        try:
            if rest:
                self.last_request = time.monotonic()
            if request.size > MAX_BODY:
                raise refusal("too large", limit=MAX_BODY)
            return answer(request)
        except TaskRouterError as refused:
            return failure(refused, rest)
        except NotKept as failed:
            log.warning("%s %s: %s", request.method, request.path, failed)
            self.worlds.first.due.wake()  # it may have to end
            return failure(refusal(failed.reason, path=failed.path, why=failed.why), rest)
        except Exception:
            log.exception("%s %s", request.method, request.path)
            return failure(refusal("failed"), rest)

    def answer(self, request: Request) -> Reply:
        """Answer a request. Raises TaskRouterError."""
        method, path = request.method, request.path.removesuffix("/")  # every path may end in one (§1 of the contract)
        sent = request.header
        node, sids = self._find(path)
        service = self.worlds.first
        if request.path.startswith(REST):
            if method == "OPTIONS" and node is not None:
                return preflight()  # `host_guard` lets few that far
            service = self.credentials.service(sent.get(b"authorization", b""))
        if node is None:
            raise not_found(request.path, _advice(request))
        found = node.verbs.get("GET" if method == "HEAD" else method)
        if found is None:
            allowed = ", ".join(sorted(node.verbs))
            raise refusal("not allowed", method=method, path=path.removeprefix("/v1"), allowed=allowed)
        operation, names = found
        if not operation.control:
            service.faults.fail(operation.id)
        elif not operation.open:
            service = self.credentials.service(sent.get(b"authorization", b""))
        query = read_pairs(request.query)
        context = RequestContext(
            server=self.server,
            service=service,
            base=base_of(sent),
            url_path=path,
            query=query,
            path=dict(zip(names, sids, strict=True)),
            if_match=sent[b"if-match"].decode("latin-1") if b"if-match" in sent else None,
            now=service.now(),
        )
        parameters, unread = read_parameters(
            operation, query, request.body, sent.get(b"content-type", b"").decode("latin-1")
        )
        if unread:
            _note(service, operation.id, unread)
        return success(operation, self.perform(operation, context, parameters, unread), context.rate)

    def _find(self, path: str) -> tuple[PathTree | None, list[str]]:
        """Find the node of a path, as the tree does; what is not among the first operations may be among the others."""
        node, sids = self.tree.find(path)
        if node is None and not self._has_others:
            self._has_others = True
            self._serve(self.server.load_others())
            return self.tree.find(path)
        return node, sids

    def perform(
        self,
        operation: Operation,
        context: RequestContext,
        parameters: Parameters | None,
        unread: Mapping[str, Place],
    ) -> Answer:
        """Run an operation, as one unit of work where its path names a workspace. Raises TaskRouterError.

        unread: names of parameters that nothing reads, with where they stand; one that is nearly right raises an alert.
        """

        def run(engine: WorkspaceEngine | None = None) -> Answer:
            context.engine_in_use = engine
            if unread and engine is not None:
                context.warn(unread_parameters(operation, unread))
            if parameters is not None and parameters.repeated and engine is not None:
                context.warn(repeated_parameters(parameters.repeated))
            return operation.run(context) if parameters is None else operation.run(context, parameters)

        try:
            if "WorkspaceSid" in context.path:
                return self._apply(context, run, reads=operation.method == "GET")
            account_sid = context.service.account_sid
            if context.path.get("AccountSid", account_sid) != account_sid:
                raise not_found(context.url_path)
            return run()
        except NotFound as missing:
            raise missing if operation.control else not_found(context.url_path) from None

    def _apply(self, context: RequestContext, run: Callable[[WorkspaceEngine], Answer], reads: bool) -> Answer:
        """Run an operation in the workspace of its path.

        Where what is due there cannot be kept for now, what only reads is answered from what was kept before.
        """
        workspaces, sid = context.service.workspaces, context.path["WorkspaceSid"]
        try:
            return workspaces.apply(sid, context.now, run)
        except NotKept as waiting:
            engine = workspaces.engines.get(sid)
            if not reads or engine is None or waiting.reason == "gone":
                raise
            return run(engine)


def _advice(request: Request) -> str:
    """Say of a path that leads nowhere whether it would on Twilio, or was put behind another one; "" for neither."""
    if WITH_A_PATH.match(request.path):
        return ADDRESS
    host = request.header.get(b"host", b"").decode("latin-1").partition(":")[0].lower()
    labels = host.removesuffix(".twilio.com").split(".")  # product, and perhaps edge and region (§14 of the contract)
    host = f"{labels[0]}.twilio.com" if host.endswith(".twilio.com") else ""
    if request.path.startswith("/2010-04-01/"):
        host = "api.twilio.com"
    if host and host not in WHOLE:
        return ELSEWHERE.format(host=host)
    return "" if request.path.startswith(REST) else OTHERS


def _note(service: Service, id: str, unread: Iterable[str]) -> None:
    """Keep which parameters nothing has read, within bounds."""
    noted = service.unread
    for name in unread:
        key = id, name[:100]
        if key in noted or len(noted) < MAX_UNREAD:
            noted[key] += 1


def base_of(sent: dict[bytes, bytes]) -> str:
    """Tell scheme and host as the client wrote them: links must lead back the way it came (rest-contract.md §2.2)."""
    return _base(sent.get(b"host", b"127.0.0.1"))


@lru_cache
def _base(host: bytes) -> str:
    name = host.decode("latin-1")
    return f"{'https' if name.endswith('.twilio.com') else 'http'}://{name}"
