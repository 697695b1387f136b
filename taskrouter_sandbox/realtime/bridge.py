"""Answers agents' browsers: requests in one envelope, and the websockets on which they hear (agent-sdk.md §1, §4)."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any, cast
from urllib.parse import parse_qsl

import orjson
from msgspec import Struct

from ..engine.model.entities import Entity, Reservation, Task, Transfer, Worker, WorkerChannel
from ..engine.model.errors import NotFound, TaskRouterError
from ..engine.model.state import State
from ..http.dispatcher import BRIDGE, Dispatcher
from ..http.errors import invalid, refusal
from ..http.messages import Headers, Reply, Request
from ..http.operation import Answer, RequestContext
from ..http.parameters import InvalidParameter
from ..runtime.service import Service
from . import routes, shapes
from .announcer import Announcer
from .rights import check_access
from .sessions import Asked, Messages, Session, Sessions
from .tokens import Access, Refused, read_access
from .websocket import CloseCode, WebSocket

BEAT_SECONDS = 15.0  # from one blank message to the next: an SDK misses them after 30 s (agent-sdk.md §3)
LOST_SECONDS = 50.0  # without a sign of life, after which a client is gone
ENDS = "The sandbox ends"
GONE = "The workspace is gone"
JSON = (b"content-type", b"application/json; charset=utf-8")
CORS: Headers = [(b"access-control-allow-origin", b"*")]
PREFLIGHT: Headers = [
    *CORS,
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"apiVersion, clientVersion, If-Match, Content-Type"),
    (b"access-control-max-age", b"600"),
]
SHAPES: dict[type[Entity], Any] = {
    Worker: shapes.worker,
    WorkerChannel: shapes.worker_channel,
    Task: shapes.task,
    Reservation: shapes.reservation_task,
    Transfer: shapes.transfer,
}


class TodaysMessages(Messages):
    """Events in the shapes of the SDK's second and third versions."""

    def message(self, state: State, event_type: str, about: Entity) -> bytes:
        """Write an event as a message."""
        return message(event_type, SHAPES[type(about)](state, about))


def message(event_type: str, payload: Any) -> bytes:
    """Write what is said on a websocket."""
    return orjson.dumps({"event_type": event_type, "payload": payload})


TODAYS = TodaysMessages()


class Envelope(Struct):
    """What a request holds: the method and the url that it really asks, its params, and a token."""

    url: str
    method: str
    params: dict[str, Any]
    token: str
    event_type: str | None


def read_envelope(body: bytes) -> Envelope:
    """Read the body of a request. Raises TaskRouterError (400)."""
    try:
        told = orjson.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise TaskRouterError("The body must be a JSON object with url, method, params and token, as the SDK sends it")
    found = cast("dict[str, Any]", told)
    url, method, token = found.get("url"), found.get("method"), found.get("token")
    params: object = found.get("params") or {}
    event_type = found.get("event_type")
    if not isinstance(url, str) or not isinstance(method, str):
        raise TaskRouterError("The body must have a url and a method, as the SDK sends them")
    if not isinstance(params, dict):
        raise TaskRouterError("params must be a JSON object")
    return Envelope(
        url,
        method.upper(),
        cast("dict[str, Any]", params),
        token if isinstance(token, str) else "",
        event_type if isinstance(event_type, str) else None,
    )


class EventBridge:
    """The event bridge of a server.

    dispatcher: whose operations it uses.
    """

    def __init__(self, dispatcher: Dispatcher):
        self.dispatcher, self.worlds = dispatcher, dispatcher.worlds
        self._sessions: dict[str, Sessions] = {}
        self._open: set[Session] = set()
        self._beat: asyncio.TimerHandle | None = None

    @property
    def is_listened_to(self) -> bool:
        """Is any websocket open?"""
        return bool(self._open)

    # ---- requests ------------------------------------------------------------------------------------------------

    def answer(self, request: Request) -> Reply:
        """Answer a request. Raises TaskRouterError."""
        if request.method == "OPTIONS":
            return 204, PREFLIGHT, b""
        if request.method != "POST":
            raise refusal("not allowed", method=request.method, path=BRIDGE, allowed="POST, or a websocket")
        envelope = read_envelope(request.body)
        return 200, [JSON, *CORS], orjson.dumps({"payload": self._perform(request, envelope)})

    def _perform(self, request: Request, envelope: Envelope) -> Any:
        service, claims = read_access(self.worlds, envelope.token)
        route, path = routes.find(envelope.method, envelope.url)
        if route is None:
            raise NotFound(f"The SDK has no {envelope.method[:20]} of {envelope.url[:200]!r}")
        engine = service.workspaces.engines.get(path["WorkspaceSid"])
        check_access(claims, engine.state if engine else None, envelope.method, path)
        context = self.context(request, service, f"/v1/{envelope.url.strip('/')}", routes.rest_path(path))
        if path.get("OtherWorkerSid", claims.worker_sid) == claims.worker_sid:
            context.if_match = dict(request.headers).get(b"if-match", b"").decode("latin-1") or None
        answer = self.run(route.operation, context, routes.pairs(envelope.params))
        if route.kind is None or route.shape is None:
            return {}
        state, body = context.state, cast("dict[str, Any]", answer.body)
        if route.operation.key is None:
            return route.shape(state, state.get(route.kind, body["sid"]))
        contents = [route.shape(state, state.get(route.kind, one["sid"])) for one in body[route.operation.key]]
        return _list(contents, more=body["meta"]["next_page_url"] is not None)

    def context(self, request: Request, service: Service, url_path: str, path: dict[str, str]) -> RequestContext:
        """Make what an operation is given, without an If-Match."""
        host = dict(request.headers).get(b"host", b"127.0.0.1").decode("latin-1")
        return RequestContext(
            server=self.dispatcher.server,
            service=service,
            base=f"http://{host}",
            url_path=url_path,
            query=[],
            path=path,
            if_match=None,
            now=service.now(),
        )

    def run(self, operation: Any, context: RequestContext, pairs: list[tuple[str, str]]) -> Answer:
        """Run an operation of REST. Raises TaskRouterError."""
        context.service.faults.fail(operation.id)
        parameters, unread = None, set[str]()
        if operation.parameters is not None:
            try:
                parameters, unread = operation.parameters.read(pairs)
            except InvalidParameter as error:
                raise invalid(error) from None
        return self.dispatcher.perform(operation, context, parameters, unread)

    # ---- websockets ----------------------------------------------------------------------------------------------

    def open_socket(self, request: Request, transport: asyncio.Transport, rest: bytes) -> Reply | None:
        """Make a websocket of a connection, or say no. Raises TaskRouterError."""
        query = dict(parse_qsl(request.query, max_num_fields=20))
        service, claims = read_access(self.worlds, query.get("token"))
        session = self._session(service, claims, query)
        sessions = self._of(service)
        socket = WebSocket(partial(self._closed, session, sessions))
        if (refused := socket.refuses(request.headers)) is not None:
            return refused
        session.use(socket)
        socket.begin(transport, rest)
        self._open.add(session)
        sessions.add(session)
        init = {
            "channel_id": session.channel,
            "account_sid": claims.account_sid,
            "workspace_sid": claims.workspace_sid,
            "token_lifetime": claims.milliseconds_left,
        }
        socket.say([message("init", init)])
        if self._beat is None:
            self._beat = socket.loop.call_later(BEAT_SECONDS, self._keep_alive)
        return None

    def _session(self, service: Service, claims: Access, query: dict[str, str]) -> Session:
        engine = service.workspaces.engines.get(claims.workspace_sid)
        if engine is None or claims.worker_sid not in engine.state.workers:
            raise Refused(
                f"There is no worker {claims.worker_sid} in workspace {claims.workspace_sid}: make the token for one "
                "that is there"
            )
        leaves = query.get("setWorkerOfflineIfDisconnected") == "true"
        asked = Asked(query.get("closeExistingSessions") == "true", "" if leaves else None)
        return Session(claims, claims.worker_sid or "", TODAYS, asked)

    def _of(self, service: Service) -> Sessions:
        """Give the sessions of an account; with the first of them its workspaces begin to tell what happens."""
        known = self._sessions.get(service.account_sid)
        if known is None or known.service is not service:
            known = self._sessions[service.account_sid] = Sessions(service)
            service.workspaces.report_to(partial(Announcer, listening=known.listening))
            service.when_emptied.append(partial(known.close, CloseCode.GOING_AWAY, GONE))
        return known

    def _closed(self, session: Session, sessions: Sessions) -> None:
        self._open.discard(session)
        sessions.remove(session)

    def _keep_alive(self) -> None:
        """Say a blank to everybody, which keeps an SDK from giving up, and let go of who is not there any more."""
        self._beat = None
        for session in list(self._open):
            socket = session.socket
            if socket.loop.time() - socket.last_heard > LOST_SECONDS:
                socket.abort()
            else:
                socket.say([b" "])
                socket.ping()
        if self._open:
            self._beat = asyncio.get_running_loop().call_later(BEAT_SECONDS, self._keep_alive)

    def close(self) -> None:
        """End all websockets, as the sandbox ends: an SDK connects again, to the next one."""
        for sessions in self._sessions.values():
            sessions.close(CloseCode.GOING_AWAY, ENDS, at_once=True)
        if self._beat is not None:
            self._beat.cancel()


def _list(contents: list[Any], more: bool) -> dict[str, Any]:
    """Make one page of a list (agent-sdk.md §4.2)."""
    after = contents[-1]["sid"] if more else None
    return {
        "contents": contents,
        "after_sid": after,
        "before_sid": None,
        "meta": {"list_key": "contents", "next_token": after},
        "page": 0,
        "total": len(contents),
        "start": 0,
        "end": 0,
        "nextPage": 0,
        "lastPage": 0,
    }
