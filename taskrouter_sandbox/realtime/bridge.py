"""Answers agents' browsers: their requests, and the websockets on which they hear what happens (agent-sdk.md §1)."""

from __future__ import annotations

import asyncio
from functools import partial
from urllib.parse import parse_qsl

import orjson

from ..engine.model.errors import TaskRouterError
from ..http.dispatcher import BRIDGE, Dispatcher
from ..http.errors import refusal
from ..http.messages import Headers, Reply, Request
from ..runtime.service import Service
from .announcer import Announcer
from .legacy import Legacy
from .requests import Operations, read_envelope
from .sessions import Session, Sessions
from .todays import Todays
from .websocket import CloseCode, WebSocket

BEAT_SECONDS = 15.0  # from one blank message to the next: an SDK misses them after 30 s (agent-sdk.md §3)
LOST_SECONDS = 50.0  # without a sign of life, after which a client is gone
ANSWERED_SECONDS = 0.02  # that an SDK gets to take an answer, before it hears the events of its own request
MOST_PARAMETERS = 20  # in the address of a websocket
ENDS = "The sandbox ends"
GONE = "What this page listens to is not there any more"
CORS: Headers = [(b"access-control-allow-origin", b"*")]
JSON: Headers = [(b"content-type", b"application/json; charset=utf-8"), *CORS]
PREFLIGHT: Headers = [
    *CORS,
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"apiVersion, clientVersion, If-Match, Content-Type"),
    (b"access-control-max-age", b"600"),
]


class EventBridge:
    """The event bridge of a server.

    dispatcher: whose operations it uses.
    """

    def __init__(self, dispatcher: Dispatcher):
        operations = Operations(dispatcher)
        self.todays, self.legacy = Todays(operations), Legacy(operations)
        self._sessions: dict[str, Sessions] = {}
        self._open: set[Session] = set()
        self._beat: asyncio.TimerHandle | None = None

    @property
    def is_listened_to(self) -> bool:
        """Is any websocket open?"""
        return bool(self._open)

    def _generation(self, request: Request) -> Todays | Legacy:
        """Tell by its address which version of the SDK asks. Raises TaskRouterError where it is none's."""
        rest = request.path.removeprefix(BRIDGE).strip("/")
        if request.path.removeprefix(BRIDGE)[:1] not in ("", "/") or (rest and rest.count("/") != 1):
            raise refusal("not found", path=request.path.removeprefix("/v1"))
        return self.legacy if rest else self.todays

    def answer(self, request: Request) -> Reply:
        """Answer a request. Raises TaskRouterError."""
        generation = self._generation(request)
        if request.method == "OPTIONS":
            return 204, PREFLIGHT, b""
        if request.method != "POST":
            raise refusal("not allowed", method=request.method, path=BRIDGE, allowed="POST, or a websocket")
        envelope = read_envelope(request.body)
        for sessions in self._sessions.values():
            sessions.delay = ANSWERED_SECONDS
        try:
            return 200, JSON, orjson.dumps(generation.answer(request, envelope))
        finally:
            for sessions in self._sessions.values():
                sessions.delay = 0.0

    # ---- websockets ----------------------------------------------------------------------------------------------

    def open_socket(self, request: Request, transport: asyncio.Transport, rest: bytes) -> Reply | None:
        """Make a websocket of a connection, or say no. Raises TaskRouterError."""
        generation = self._generation(request)
        try:
            query = dict(parse_qsl(request.query, max_num_fields=MOST_PARAMETERS))
        except ValueError:
            raise TaskRouterError(f"The address has more than {MOST_PARAMETERS} parameters") from None
        service, session = generation.session(request, query)
        sessions = self._of(service)
        socket = WebSocket(partial(self._closed, session, sessions))
        if (refused := socket.refuses(request.headers)) is not None:
            return refused
        session.use(socket, sessions)
        socket.begin(transport, rest)
        socket.say(generation.greeting(session))
        self._open.add(session)
        sessions.add(session)
        if self._beat is None:
            self._beat = socket.loop.call_later(BEAT_SECONDS, self._keep_alive)
        return None

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
