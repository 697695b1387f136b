"""Runs the sandbox: a socket on loopback, one process for one data folder, an end when nobody asks any more."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import sys
import threading
import time
from pathlib import Path

import uvicorn
from filelock import FileLock, Timeout

from .code_version import fingerprint
from .http.app import App, create_app
from .http.write_coalescing import Protocol
from .runtime.service import Service


def serve(port: int, data: Path, account_sid: str, auth_token: str, idle_exit: float | None) -> int:
    """Serve until stopped; the process's exit code.

    port: on loopback, 0 for any free one; data: folder of the state; idle_exit: seconds without a request after which
    the process ends by itself, None for never. Prints one line with the address as soon as it answers.
    """
    if not 0 <= port <= 65_535:
        print(f"{port} is no port: choose one from 1024 to 65535 with --port, or 0 for any free one.")
        return 1
    if not re.fullmatch("AC[0-9a-fA-F]{32}", account_sid) or not auth_token:
        print("--account-sid must be AC and 32 hexadecimal digits, and --auth-token must not be empty.")
        return 1
    try:
        data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        print(f"{data} cannot be the folder of the state ({error.strerror}): choose another with --data.")
        return 1
    owner = FileLock(data / "owner.lock")
    try:
        owner.acquire(timeout=0)
    except Timeout:
        print(f"Another sandbox already uses {data}: stop it first, or choose another folder with --data.")
        return 1
    # IPPROTO_TCP: without it asyncio leaves Nagle's algorithm on, and every answer takes 40 ms
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name != "nt":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except OSError:
        print(f"Port {port} on 127.0.0.1 is taken: choose another with --port, or 0 for any free one.")
        return 1
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    run_file = data / "run.json"
    return _Process(listener, address, run_file, idle_exit).run(data, account_sid, auth_token)


class _Process:
    def __init__(self, listener: socket.socket, address: str, run_file: Path, idle_exit: float | None):
        self.listener, self.address, self.run_file, self.idle_exit = listener, address, run_file, idle_exit

    def run(self, data: Path, account_sid: str, auth_token: str) -> int:
        try:
            service = Service(data, account_sid, auth_token)
        except sqlite3.DatabaseError as error:
            print(f"The state in {data} cannot be read ({error}): remove that folder, or choose another with --data.")
            return 1
        app = create_app(service, stop=self.stop)
        config = uvicorn.Config(
            app,
            http=Protocol,
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
            timeout_keep_alive=600,  # longer than a learner thinks: a client may be about to use what is closed
        )
        self.server = uvicorn.Server(config)
        threading.Thread(target=self._announce, args=(account_sid, auth_token, service.notice), daemon=True).start()
        if self.idle_exit is not None:
            threading.Thread(target=self._watch, args=(app,), daemon=True).start()
        # uvicorn ends gracefully on a signal, then raises it again: make that an ordinary end
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        try:
            self.server.run([self.listener])
        finally:
            self.run_file.unlink(missing_ok=True)
        return 0

    def stop(self) -> None:
        self.server.should_exit = True

    def _announce(self, account_sid: str, auth_token: str, notice: str | None) -> None:
        while not self.server.started:
            time.sleep(0.005)
        write_run_file(self.run_file, self.address, account_sid, auth_token)
        print(f"TaskRouter sandbox at {self.address} for account {account_sid}", flush=True)
        if notice:
            print(notice, flush=True)

    def _watch(self, app: App) -> None:
        while time.monotonic() - app.last_request < self.idle_exit:
            time.sleep(min(5.0, self.idle_exit / 4))
        self.stop()


def write_run_file(path: Path, address: str, account_sid: str, auth_token: str) -> None:
    """Say where the sandbox is, in one step and for this user alone."""
    draft = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(
            {
                "url": address,
                "pid": os.getpid(),
                "code": fingerprint(),
                "account_sid": account_sid,
                "auth_token": auth_token,
            },
            file,
        )
    os.replace(draft, path)
