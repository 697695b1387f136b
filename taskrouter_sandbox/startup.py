"""Starts the process of a sandbox as its options say: the folder of its state, a socket, an end with an exit code."""

from __future__ import annotations

import json
import logging
import math
import os
import re
import signal
import socket
import stat
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from errno import EADDRINUSE
from pathlib import Path
from types import FrameType
from typing import TextIO

from . import __version__, run_file, token_file
from .defaults import ACCOUNT_SID, AUTH_TOKEN_VARIABLE, PUBLISHED_TOKEN
from .runtime.service import Service
from .runtime.worlds import ACCOUNT, Worlds
from .server import LOOPBACK, Server, bound_socket
from .storage.errors import NotKept

log = logging.getLogger(__name__)

OWNER_SECONDS = 2.0  # that a sandbox which is just ending may take to let go of the folder, or to be found again
STOPPED, FAILED, WRONG_OPTIONS = 0, 1, 2
EVERYWHERE = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104  # and where programs of this machine find it then


@dataclass(frozen=True, kw_only=True)
class Options:
    """What a sandbox is started with.

    port: 0 for the last one of the folder, or any free one where it is taken; host: the address it listens on.
    data: folder of its state, None for one in memory.
    account_sid, auth_token: of the first account; without a token it is the one that the folder keeps, or a new one for
    a sandbox in memory. any_account: every other account is a world of its own, with the token that is given, or with
    the one that it is first asked with.
    api_keys: `SK...:secret` each. idle_exit: seconds without a request after which it ends, None for never;
    stop_with_input: it ends when its standard input does. as_json: what it says when it is ready is a line of JSON.
    quiet: warnings go to the log of the folder alone. durable: what was acknowledged survives a power cut.
    """

    port: int = 8901
    host: str = LOOPBACK
    data: Path | None = None
    account_sid: str = ACCOUNT_SID
    auth_token: str | None = field(default=None, repr=False)
    any_account: bool = False
    api_keys: Sequence[str] = field(default=(), repr=False)
    idle_exit: float | None = None
    stop_with_input: bool = False
    as_json: bool = False
    quiet: bool = False
    durable: bool = False

    @property
    def mistake(self) -> str | None:
        """Which of them cannot be, and what to give instead; None when all can."""
        if not 0 <= self.port <= 65_535:
            return f"{self.port} is no port: choose one from 1024 to 65535 with --port, or 0 for any free one."
        if not ACCOUNT.fullmatch(self.account_sid):
            return "--account-sid must be AC and 32 hexadecimal digits."
        if self.auth_token == "":
            return f"The auth token must not be empty: give one by --auth-token or {AUTH_TOKEN_VARIABLE}, or neither."
        if not all(re.fullmatch("SK[0-9a-fA-F]{32}:.+", key) for key in self.api_keys):
            return "--api-key must be SK and 32 hexadecimal digits, a colon, and its secret."
        if self.idle_exit is not None and not 0 < self.idle_exit < math.inf:
            return f"{self.idle_exit:g} is no time to wait: give --idle-exit more than 0 seconds, or leave it out."
        if not self.host:
            return f"--host must be an address to listen on, such as {LOOPBACK}, or 0.0.0.0 for all of this machine."
        if self.host != LOOPBACK and self.auth_token in (None, PUBLISHED_TOKEN):
            return (
                f"Other machines may reach {self.host}, so it needs a token of its own, which is a secret: give one "
                "with --auth-token or TASKROUTER_SANDBOX_AUTH_TOKEN."
            )
        secrets = [self.auth_token or "", *(key.partition(":")[2] for key in self.api_keys)]
        if not _is_loopback(self.host) and min(map(len, secrets)) < token_file.FEWEST_CHARACTERS:
            return (
                f"Other machines may reach {self.host}, and could guess a short secret: give --auth-token (or "
                f"TASKROUTER_SANDBOX_AUTH_TOKEN) and the secret of each --api-key at least "
                f"{token_file.FEWEST_CHARACTERS} characters, such as those that `openssl rand -hex 16` makes."
            )
        return None


def _is_loopback(host: str) -> bool:
    """Tell whether only this machine reaches an address; of another name than localhost that is not known."""
    from ipaddress import ip_address

    try:
        return host in (LOOPBACK, "localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


class CannotRun(Exception):
    """The sandbox cannot start, or has to end. The message is a sentence that says why and what to do."""


def serve(options: Options) -> int:
    """Serve until stopped; give the process's exit code: 0, 1 where it cannot, 2 for options that cannot be.

    What it makes is for this user alone. Prints one line with the address as soon as it answers, or why it does not.
    """
    os.umask(0o077)
    if mistake := options.mistake:
        print(mistake)
        return WRONG_OPTIONS
    try:
        with ExitStack() as held:
            if options.data is not None:
                _take(options.data, held)
                _keep_log(options.data, options.quiet)
            listener = _listener(options)
            worlds = _worlds(options)
            return _run(_server(options, worlds, listener), options)
    except CannotRun as refused:
        _say(str(refused))
        return FAILED


def _take(data: Path, held: ExitStack) -> None:
    """Make the folder of the state this process's own, for as long as `held`, and that of the database, where it lies
    elsewhere. Raises CannotRun."""
    from filelock import FileLock, Timeout

    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        folders = dict.fromkeys((data.resolve(), (data / "sandbox.sqlite3").resolve().parent))
        for folder in folders:
            held.enter_context(FileLock(folder / "owner.lock").acquire(timeout=OWNER_SECONDS))
    except Timeout as taken:
        from .processes import holders

        who = "".join(f" ({name})" for name in holders(Path(taken.lock_file))[:1])
        raise CannotRun(
            f"Another sandbox already uses {data}{who}: stop it first, or choose another folder with --data."
        ) from None
    except OSError as error:
        raise CannotRun(
            f"{data} cannot be the folder of the state ({error.strerror}): choose another with --data."
        ) from None
    for path in (*data.glob("sandbox.sqlite3*"), *data.glob("*.log*")):  # which earlier versions let others read
        with suppress(OSError):
            path.chmod(0o600)


def _keep_log(data: Path, quiet: bool) -> None:
    from . import log_file

    log_file.keep(data, quiet=quiet)
    log.info("version %s, process %d", __version__, os.getpid())


def _say(text: str) -> None:
    """Say something to whoever has started it, and keep it in the log."""
    print(text, flush=True)
    log.info(text)


def _listener(options: Options) -> socket.socket:
    """Make the socket; where any port will do, at the last one, since pages know that. Raises CannotRun."""
    if options.port == 0 and options.data is not None:
        with suppress(OSError):
            return bound_socket(run_file.last_port(options.data), options.host)
    try:
        return bound_socket(options.port, options.host)
    except OSError as error:
        if options.host != LOOPBACK and error.errno != EADDRINUSE:
            raise CannotRun(
                f"{options.host} is no address to listen on here ({error.strerror}): give one of this machine with "
                "--host, or 0.0.0.0 for all of them."
            ) from None
        raise CannotRun(
            f"Port {options.port} on {options.host} is taken: choose another with --port, or 0 for any free one."
        ) from None


def _worlds(options: Options) -> Worlds:
    """Open the state. Raises CannotRun."""
    keys = dict(key.split(":", 1) for key in options.api_keys)
    try:
        token = options.auth_token or _own_token(options.data)
        first = Service(options.data, options.account_sid, token, api_keys=keys, durable=options.durable)
    except (NotKept, OSError) as error:
        raise CannotRun(_why_not(error, options.data)) from None
    if options.data is not None:
        first.store.stay_with(options.data / "owner.lock")
    return Worlds(first, any_account=options.any_account, auth_token=options.auth_token)


def _own_token(data: Path | None) -> str:
    """Give the token that was not told. Raises CannotRun where that of the folder cannot be read, and OSError where a
    new one cannot be kept."""
    if data is None:
        return token_file.new()
    try:
        return token_file.ensure(data)
    except token_file.Unreadable as error:
        raise CannotRun(
            f"{data / token_file.NAME}, which keeps the token of this sandbox, cannot be read ({error}): "
            "remove it, and the next start makes a new one; or give a token with --auth-token."
        ) from None


def _about_token(options: Options, told: bool, token: str) -> str:
    """Say what the token is, or how to learn it; nothing of one that was given."""
    if options.auth_token is not None:
        return ""
    if told:
        return f", token {token}"
    if options.data is None:
        return ", with a token that nobody was told: give one with --auth-token"
    from shlex import quote

    return f"; `taskrouter-sandbox status --show-token --data {quote(str(options.data))}` shows its token"


def _is_private(output: TextIO, as_json: bool) -> bool:
    """Tell whether only this user reads what is said: at a terminal, or, as JSON, in the program that has started this.

    A file may be read by others, and lines that are no JSON end in a log.
    """
    try:
        return not stat.S_ISREG(os.fstat(output.fileno()).st_mode) if as_json else output.isatty()
    except (OSError, ValueError):
        return False


def _server(options: Options, worlds: Worlds, listener: socket.socket) -> Server:
    """Make the server, which says where it is: in its run file, and in a line."""
    first, data = worlds.first, options.data
    host = EVERYWHERE.get(options.host, options.host)
    address = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"

    tells_token = options.auth_token is None and _is_private(sys.stdout, options.as_json)

    def announce() -> None:
        if data is not None:
            run_file.write(data, address, first.account_sid, first.auth_token)
        if options.as_json:
            account = {"account_sid": first.account_sid, "auth_token": first.auth_token if tells_token else None}
            print(json.dumps({"url": address, **account, "pid": os.getpid(), "notice": first.notice}), flush=True)
            log.info("at %s", address)
            return
        whom = "any account" if options.any_account else f"account {first.account_sid}"
        where = f"TaskRouter sandbox at {address} for {whom}"
        print(where + ("" if options.any_account else _about_token(options, tells_token, first.auth_token)), flush=True)
        log.info(where)
        if first.notice:
            _say(first.notice)

    def announce_again() -> None:
        with suppress(OSError):
            if data is not None and not (data / run_file.NAME).exists():
                run_file.write(data, address, first.account_sid, first.auth_token)

    return Server(worlds, listener, announce, options.idle_exit, announce_again)


def _run(server: Server, options: Options) -> int:
    """Serve until stopped, by a client, a signal or the end of the input; give the exit code. Raises CannotRun."""
    import asyncio

    def stop(number: int, frame: FrameType | None) -> None:
        server.stop()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    if options.stop_with_input:
        threading.Thread(target=_stop_at_the_end_of_input, args=(server,), daemon=True).start()
    try:
        asyncio.run(server.run())
    except (NotKept, OSError) as error:
        if isinstance(error, NotKept):  # its database is still open, see `Store.close`
            _say(_why_not(error, options.data))
            _remove_run_file(options)
            sys.stderr.flush()
            os._exit(FAILED)
        raise CannotRun(_why_not(error, options.data)) from None
    finally:
        _remove_run_file(options)
    log.info("stopped")
    return STOPPED


def _stop_at_the_end_of_input(server: Server) -> None:
    while os.read(0, 4096):
        pass
    server.stop()


def _remove_run_file(options: Options) -> None:
    if options.data is not None:
        run_file.remove(options.data)


def _why_not(error: NotKept | OSError, data: Path | None) -> str:
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
