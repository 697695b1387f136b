"""Runs the sandbox: a socket on loopback, one process for one data folder, an end when nobody asks any more."""

from __future__ import annotations

import asyncio
import math
import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType

from filelock import FileLock, Timeout

from . import run_file
from .defaults import AUTH_TOKEN
from .http.app import create_app
from .http.dispatcher import MAX_BODY
from .http.peers import OwnUserOnly
from .http.protocol import Connection
from .runtime.service import Service
from .storage.errors import NotKept

WATCH_SECONDS = 1.0  # from one look for the run file to the next
OWNER_SECONDS = 2.0  # that a sandbox which is just ending may take to let go of the folder, or to be found again


def serve(
    port: int,
    data: Path,
    account_sid: str,
    auth_token: str,
    idle_exit: float | None,
    api_keys: Sequence[str] = (),
) -> int:
    """Serve until stopped; give the process's exit code. What it makes is for this user alone.

    port: on loopback, 0 for any free one; data: folder of the state; idle_exit: seconds without a request after which
    the process ends by itself, None for never; api_keys: `SK...:secret` each, for clients to present. Prints one line
    with the address as soon as it answers.
    """
    os.umask(0o077)
    if mistake := _mistake(port, account_sid, auth_token, idle_exit, api_keys):
        print(mistake)
        return 1
    owner = FileLock(data / "owner.lock")
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner.acquire(timeout=OWNER_SECONDS)
    except Timeout:
        from .processes import holders

        who = "".join(f" ({name})" for name in holders(data / "owner.lock")[:1])
        print(f"Another sandbox already uses {data}{who}: stop it first, or choose another folder with --data.")
        return 1
    except OSError as error:
        print(f"{data} cannot be the folder of the state ({error.strerror}): choose another with --data.")
        return 1
    _make_private(data)
    try:
        listener = bound_socket(port)
    except OSError:
        print(f"Port {port} on 127.0.0.1 is taken: choose another with --port, or 0 for any free one.")
        return 1
    try:
        service = Service(data, account_sid, auth_token, api_keys=dict(key.split(":", 1) for key in api_keys))
    except (NotKept, OSError) as error:
        print(_why_not(error, data))
        return 1
    service.store.stay_with(data / "owner.lock")
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def announce() -> None:
        run_file.write(data, address, account_sid, auth_token)
        print(f"TaskRouter sandbox at {address} for account {account_sid}", flush=True)
        if service.notice:
            print(service.notice, flush=True)

    def announce_again() -> None:
        with suppress(OSError):
            if not (data / run_file.NAME).exists():
                run_file.write(data, address, account_sid, auth_token)

    return _run(Server(service, listener, announce, idle_exit, announce_again), data)


def _mistake(
    port: int, account_sid: str, auth_token: str, idle_exit: float | None, api_keys: Sequence[str]
) -> str | None:
    """Say which argument of `serve` cannot be, and what to give instead; None when all can."""
    if not 0 <= port <= 65_535:
        return f"{port} is no port: choose one from 1024 to 65535 with --port, or 0 for any free one."
    if not re.fullmatch("AC[0-9a-fA-F]{32}", account_sid) or not auth_token:
        return "--account-sid must be AC and 32 hexadecimal digits, and --auth-token must not be empty."
    if not all(re.fullmatch("SK[0-9a-fA-F]{32}:.+", key) for key in api_keys):
        return "--api-key must be SK and 32 hexadecimal digits, a colon, and its secret."
    if idle_exit is not None and not 0 < idle_exit < math.inf:
        return f"{idle_exit:g} is no time to wait: give --idle-exit more than 0 seconds, or leave it out."
    return None


def _make_private(data: Path) -> None:
    """Take from other users what earlier versions let them read: the state and the log."""
    for path in (*data.glob("sandbox.sqlite3*"), data / "sandbox.log"):
        with suppress(OSError):
            path.chmod(0o600)


def _why_not(error: NotKept | OSError, data: Path) -> str:
    """Say in a sentence why the state cannot be opened, or why the sandbox ends."""
    if isinstance(error, OSError):
        return (
            f"{data} cannot be written ({error.strerror or error}): see to that, or choose another folder with --data."
        )
    if error.reason == "in use":
        from .processes import holders

        who = " and ".join(holders(error.path)) or "another program, such as a database browser or a backup"
        return f"The state in {data} is in use by {who}: close it there, then start the sandbox again."
    if error.reason == "no space":
        return f"No space is left on the disk of {data}: make room, then start the sandbox again."
    if error.reason == "gone":
        return f"{error.path} was removed or replaced while the sandbox used it: the sandbox has ended; start it again."
    return f"The state in {data} cannot be opened ({error.why}): see to that, or choose another folder with --data."


def bound_socket(port: int) -> socket.socket:
    """Make a socket for a server on loopback; port: 0 for any free one. Raises OSError for one that is taken."""
    # IPPROTO_TCP: without it asyncio leaves Nagle's algorithm on, and every answer takes 40 ms
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name != "nt":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        listener.close()
        raise
    return listener


class Server:
    """A sandbox on a socket.

    listener: bound; ready: called once requests are answered; idle_exit: seconds without a request after which it
    stops by itself, None for never; watch: called again and again while it runs. Where its token is the one that
    everybody knows, other users are refused.
    """

    def __init__(
        self,
        service: Service,
        listener: socket.socket,
        ready: Callable[[], None] = lambda: None,
        idle_exit: float | None = None,
        watch: Callable[[], None] = lambda: None,
    ):
        self.service, self.listener, self.ready, self.idle_exit = service, listener, ready, idle_exit
        self.watch = watch
        self.dispatcher = create_app(service, self.stop)
        self._peers: OwnUserOnly | None = None
        self._connections: set[Connection] = set()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Serve until stopped; what was answered by then still leaves.

        Raises NotKept when the files of the state are gone, and what `ready` raises.
        """
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(self._connect, sock=self.listener, backlog=1024)
        if self.service.auth_token == AUTH_TOKEN:
            self._peers = OwnUserOnly(self.listener)
        running: list[asyncio.Task[object]] = []
        try:
            self.ready()
            running.append(self._loop.create_task(self._stopping.wait()))
            running.append(self._loop.create_task(self.service.run()))
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
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            await self.service.close()

    async def _accept_no_more(self) -> None:
        """Let those who came a moment ago have their connection: asyncio loses the socket of one still to be made."""
        with suppress(NotImplementedError):  # on Windows
            self._loop.remove_reader(self.listener)
        for _ in range(3):  # rounds of the loop that a connection takes
            await asyncio.sleep(0)

    def _connect(self) -> Connection:
        return Connection(self.dispatcher, MAX_BODY, self._connections, admits=self._admits)

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
        while (left := self.dispatcher.last_request + seconds - time.monotonic()) > 0:
            await asyncio.sleep(left)


def _run(server: Server, data: Path) -> int:
    """Serve until stopped, by a client or a signal; give the exit code."""

    def stop(number: int, frame: FrameType | None) -> None:
        server.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    try:
        asyncio.run(server.run())
    except (NotKept, OSError) as error:
        print(_why_not(error, data), flush=True)
        if isinstance(error, NotKept):  # its database is still open, see `Store.close`
            run_file.remove(data)
            sys.stderr.flush()
            os._exit(1)
        return 1
    finally:
        run_file.remove(data)
    return 0
