"""The sandbox on a socket, until it is stopped or nobody asks any more."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress

from .defaults import PUBLISHED_TOKEN
from .http.app import create_app
from .http.dispatcher import MAX_BODY, Dispatcher
from .http.messages import RealtimeBridge
from .http.peers import OwnUserOnly
from .http.protocol import HttpConnection
from .runtime.worlds import Worlds

LOOPBACK = "127.0.0.1"
WATCH_SECONDS = 1.0  # from one look for the run file to the next


def bound_socket(port: int, host: str = LOOPBACK) -> socket.socket:
    """Make a socket for a server; port: 0 for any free one; host: the address that it listens on.

    Raises OSError for a port that is taken, and for an address that this machine does not have.
    """
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # IPPROTO_TCP: without it asyncio leaves Nagle's algorithm on, and every answer takes 40 ms
    listener = socket.socket(family, kind, socket.IPPROTO_TCP)
    if os.name != "nt":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError:
        listener.close()
        raise
    return listener


def is_open(worlds: Worlds) -> bool:
    """Tell whether everybody knows how to be let in: the first account's token is that of old, or any will do."""
    return worlds.first.auth_token == PUBLISHED_TOKEN or (worlds.any_account and worlds.auth_token is None)


class Server:
    """A sandbox on a socket.

    worlds: the accounts; listener: bound; ready: called once requests are answered; idle_exit: seconds without a
    request after which it stops by itself, None for never; watch: called again and again while it runs. Where no token
    of its own keeps them out, other users are refused.
    """

    def __init__(
        self,
        worlds: Worlds,
        listener: socket.socket,
        ready: Callable[[], None] = lambda: None,
        idle_exit: float | None = None,
        watch: Callable[[], None] = lambda: None,
    ):
        self.worlds, self.listener, self.ready, self.idle_exit = worlds, listener, ready, idle_exit
        self.watch = watch
        any_host = listener.getsockname()[0] != LOOPBACK
        self.dispatcher = create_app(worlds, self.stop, any_host, _load_bridge)
        self._peers: OwnUserOnly | None = None
        self._connections: set[HttpConnection] = set()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Serve until stopped; what was answered by then still leaves.

        Raises NotKept when the files of the state are gone, and what `ready` raises.
        """
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(self._connect, sock=self.listener, backlog=1024)
        if is_open(self.worlds):
            self._peers = OwnUserOnly(self.listener)
        running: list[asyncio.Task[object]] = []
        try:
            self.ready()
            running.append(self._loop.create_task(self._stopping.wait()))
            running.append(self._loop.create_task(self.worlds.run()))
            running.append(self._loop.create_task(self._watch()))
            if self.idle_exit is not None:
                running.append(self._loop.create_task(self._wait_until_idle(self.idle_exit)))
            ended, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                task.result()
        finally:
            await self._accept_no_more()
            server.close()
            for connection in list(self._connections):
                connection.close()
            if self.dispatcher.bridge is not None:
                self.dispatcher.bridge.close()
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await self.worlds.close()

    async def _accept_no_more(self) -> None:
        """Let those who came a moment ago have their connection: asyncio loses the socket of one still to be made."""
        with suppress(NotImplementedError):  # on Windows
            self._loop.remove_reader(self.listener)
        for _ in range(3):  # rounds of the loop that a connection takes
            await asyncio.sleep(0)

    def _connect(self) -> HttpConnection:
        dispatcher = self.dispatcher
        return HttpConnection(
            dispatcher, MAX_BODY, self._connections, admits=self._admits, open_socket=dispatcher.open_socket
        )

    def _admits(self, client: tuple[str, int]) -> bool:
        return self._peers is None or self._peers.admits(client)

    def stop(self) -> None:
        """Let `run` end; from any thread."""
        self._loop.call_soon_threadsafe(self._stopping.set)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            self.watch()

    async def _wait_until_idle(self, seconds: float) -> None:
        """Wait until nobody has asked anything for so long, and nobody listens any more."""
        dispatcher = self.dispatcher
        while (left := dispatcher.last_request + seconds - time.monotonic()) > 0:
            await asyncio.sleep(left)
            if dispatcher.bridge is not None and dispatcher.bridge.is_listened_to:
                dispatcher.last_request = time.monotonic()


def _load_bridge(dispatcher: Dispatcher) -> RealtimeBridge:
    from .realtime.bridge import EventBridge

    return EventBridge(dispatcher)
