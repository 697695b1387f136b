"""Answers agents' browsers: their requests, and the websockets on which they hear what happens (agent-sdk.md §1)."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from urllib.parse import parse_qsl
from weakref import WeakValueDictionary

import orjson
from websockets.frames import CloseCode

from ..engine.model.errors import TaskRouterError
from ..http.dispatcher import BRIDGE, Dispatcher
from ..http.errors import not_found, refusal
from ..http.messages import Reply, Request, header_lines
from ..runtime.service import Service
from .announcer import Announcer
from .legacy import Legacy
from .requests import Operations, read_envelope
from .sessions import Pace, Session, Sessions
from .todays import Todays
from .websocket import WebSocket

ANSWERED_SECONDS = 0.02  # that an SDK gets to take an answer, before it hears the events of its own request
MOST_PARAMETERS = 20  # in the address of a websocket
ENDS = "The sandbox ends"
GONE = "What this page listens to is not there any more"
CORS = (b"access-control-allow-origin", b"*")
JSON = header_lines((b"content-type", b"application/json; charset=utf-8"), CORS)
PREFLIGHT = header_lines(
    CORS,
    (b"access-control-allow-methods", b"POST, OPTIONS"),
    (b"access-control-allow-headers", b"apiVersion, clientVersion, If-Match, Content-Type"),
    (b"access-control-max-age", b"600"),
)


class EventBridge:
    """The event bridge of a server.

    dispatcher: whose operations it uses.
    """

    def __init__(self, dispatcher: Dispatcher):
        self.dispatcher, operations = dispatcher, Operations(dispatcher)
        self.todays, self.legacy = Todays(operations), Legacy(operations)
        self._sessions: WeakValueDictionary[str, Sessions] = WeakValueDictionary()  # each account holds its own
        self._pace = Pace()
        self._open: set[Session] = set()

    @property
    def is_listened_to(self) -> bool:
        """Is any websocket open?"""
        return bool(self._open)

    def _generation(self, request: Request) -> Todays | Legacy:
        """Tell by its address which version of the SDK asks. Raises TaskRouterError where it is none's."""
        rest = request.path.removeprefix(BRIDGE).strip("/")
        if request.path.removeprefix(BRIDGE)[:1] not in ("", "/") or (rest and rest.count("/") != 1):
            raise not_found(request.path)
        return self.legacy if rest else self.todays

    def answer(self, request: Request) -> Reply:
        """Answer a request. Raises TaskRouterError."""
        generation = self._generation(request)
        if request.method == "OPTIONS":
            return 204, PREFLIGHT, b""
        if request.method != "POST":
            raise refusal("not allowed", method=request.method, path=BRIDGE, allowed="POST, or a websocket")
        envelope = read_envelope(request.body)
        self._pace.delay = ANSWERED_SECONDS
        try:
            return 200, JSON, orjson.dumps(generation.answer(request, envelope))
        finally:
            self._pace.delay = 0.0

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
        session.use(socket, self._pace)
        socket.begin(transport, rest)
        socket.say(generation.greeting(session))
        self._open.add(session)
        sessions.add(session)
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
        self.dispatcher.last_request = time.monotonic()  # a page that is loaded anew comes back soon
        sessions.remove(session)

    def close(self) -> None:
        """End all websockets, as the sandbox ends: an SDK connects again, to the next one."""
        for sessions in list(self._sessions.values()):
            sessions.close(CloseCode.GOING_AWAY, ENDS, at_once=True)
