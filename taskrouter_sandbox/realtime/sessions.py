"""Who listens: the open websockets of an account, by worker (agent-sdk.md §10)."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Protocol

import orjson
from msgspec import Struct

from ..engine import WorkspaceEngine
from ..engine.model.entities import Entity
from ..engine.model.errors import NotFound
from ..engine.model.state import State
from ..runtime.service import Service
from .tokens import Claims
from .websocket import WebSocket

REPLACED = 4001  # the code of a websocket that another one of its worker has pushed out (agent-sdk.md §16)
VANISHED = 4004  # what it listened to is not there any more
GRACE_SECONDS = 3.0  # within which a page that is loaded anew has connected again

log = logging.getLogger(__name__)


class EventMessages(Protocol):
    """How events are told: in the shapes of one generation of the SDK."""

    def event(self, state: State, event_type: str, about: Entity) -> bytes | None:
        """Write an event as a message; None where this generation does not know it."""
        ...


def message(event_type: str, payload: Any) -> bytes:
    """Write what is said on a websocket."""
    return orjson.dumps({"event_type": event_type, "payload": payload})


class SessionRequest(Struct, frozen=True):
    """What a client asked for when it connected.

    closes_others: the worker's other websockets end; leaves_for: SID of the activity that the worker goes to when its
    last one has ended, "" for the workspace's default activity, None to stay as it is.
    """

    closes_others: bool = False
    leaves_for: str | None = None


class Pace:
    """When sessions are told: `delay` seconds after something has happened."""

    delay = 0.0


class Session:
    """One websocket of a worker, or of what else a token names, and what waits to be told there.

    channel: SID of what it listens to; messages: how it is told.
    """

    def __init__(self, claims: Claims, channel: str, messages: EventMessages, asked: SessionRequest):
        self.claims, self.channel, self.messages, self.asked = claims, channel, messages, asked
        self._waiting: list[bytes] = []

    def use(self, socket: WebSocket, pace: Pace) -> None:
        """Give it its websocket. pace: that of all sessions."""
        self.socket, self._pace = socket, pace

    def tell(self, texts: list[bytes]) -> None:
        """Tell something now, or after the answer to the browser that has caused it."""
        if self._waiting:
            self._waiting += texts
        elif self._pace.delay:
            self._waiting += texts
            self.socket.loop.call_later(self._pace.delay, self._tell_waiting)
        else:
            self.socket.say(texts)

    def end(self, reason: str) -> None:
        """Close its websocket, as what it listens to goes; what waits is told before."""
        self._tell_waiting()
        self.socket.close(VANISHED, reason)

    def _tell_waiting(self) -> None:
        texts, self._waiting = self._waiting, []
        self.socket.say(texts)


class Parting:
    """What lets a session end, as what it listens to goes."""

    def __init__(self, session: Session):
        self.session = session

    def tell(self, texts: list[bytes]) -> None:
        """End it, for this reason."""
        self.session.end(texts[0].decode())


class Sessions:
    """The open websockets of an account.

    service: the account. `listening` has the sessions by the SID of what they listen to.
    """

    def __init__(self, service: Service):
        self.service = service
        self.listening: dict[str, list[Session]] = {}
        self._asked: dict[str, Session] = {}  # the newest one that has gone and wants its worker to leave
        self._leaving: dict[str, asyncio.TimerHandle] = {}

    def add(self, session: Session) -> None:
        """Let a session hear from now on; the others of its worker end where it asked for that."""
        others = self.listening.setdefault(session.channel, [])
        if session.asked.closes_others:
            for other in list(others):
                other.socket.close(REPLACED, "Another page of this worker has connected and closed this one")
            others.clear()
        others.append(session)
        if (leaving := self._leaving.pop(session.channel, None)) is not None:
            leaving.cancel()

    def remove(self, session: Session) -> None:
        """Forget a session whose websocket has ended; its worker may have to leave."""
        others = self.listening.get(session.channel, [])
        if session not in others:
            return  # it was pushed out, or all were let go
        others.remove(session)
        channel = session.channel
        if session.asked.leaves_for is not None:
            self._asked[channel] = session
        if others:
            return
        del self.listening[channel]
        if (asked := self._asked.pop(channel, None)) is not None:
            self._leaving[channel] = session.socket.loop.call_later(GRACE_SECONDS, self._leave, asked)

    def _leave(self, session: Session) -> None:
        """Put the worker of a session into the activity that it asked for, as it has not come back."""
        del self._leaving[session.channel]
        now = self.service.now()

        def leave(engine: WorkspaceEngine) -> None:
            worker = engine.state.workers.get(session.channel)
            to = session.asked.leaves_for or engine.workspace.default_activity_sid
            if worker is not None and worker.activity_sid != to:
                engine.workers.update(now, worker, activity_sid=to)

        try:
            self.service.workspaces.apply(session.claims.workspace_sid, now, leave)
        except NotFound:
            pass  # the workspace has gone as well
        except Exception as error:
            log.warning("worker %s stays as it is, though its page has gone: %s", session.channel, error)

    def close(self, code: int, reason: str, at_once: bool = False) -> None:
        """End every session; nobody leaves because of it."""
        for sessions in list(self.listening.values()):
            for session in list(sessions):
                session.socket.close(code, reason, at_once)
        self.listening.clear()
        self.stop_leaving()

    def stop_leaving(self) -> None:
        """Let every worker stay as it is."""
        self._asked.clear()
        for timer in self._leaving.values():
            timer.cancel()
        self._leaving.clear()
