"""Which ngrok agents belong to which kernel, and that none outlives its own.

An agent belongs to the kernel that holds the lock beside its config file, and is known by the name of that file in
its command line, which no other process has. When a kernel is gone, however it went, the guardian process that it
started ends its agent; should both have been killed, the next kernel that opens a tunnel does.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import psutil
from filelock import FileLock, Timeout

from helpers.callback_server import public_addresses


def folder() -> Path:
    """Tell where config files and agent are kept: the user's data folder, or what TASKROUTER_TUNNEL_DIR names."""
    return public_addresses.folder() / "ngrok"


class NgrokProcessLease:
    """This kernel's claim on the agent that will run with `file`, a config file that only this user can read."""

    def __init__(self, config: str) -> None:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file = folder() / f"{uuid4().hex}.yml"
        self._lock = _lock_of(self.file)
        self._lock.acquire()
        with open(self.file, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write(config)
        self._guardian = _start_guardian(self.file)

    def give_up(self) -> None:
        """End the agent, and leave nothing of it behind."""
        _clear_away(self.file)
        self._lock.release()
        self._guardian.kill()
        self._guardian.communicate()


def end_agents(file: Path) -> None:
    """End the agents that run with this config file, at once."""
    for process in psutil.process_iter(["cmdline"]):
        if str(file) in (process.info["cmdline"] or ()):
            with suppress(psutil.Error):
                process.kill()


def end_orphans() -> None:
    """End the agents whose kernels are gone."""
    for file in folder().glob("*.yml"):
        with suppress(Timeout), _lock_of(file):
            _clear_away(file)


def _lock_of(file: Path) -> FileLock:
    return FileLock(file.with_suffix(".lock"), timeout=0, thread_local=False)


def _clear_away(file: Path) -> None:
    end_agents(file)
    for leftover in (file, file.with_suffix(".lock")):
        with suppress(OSError):
            leftover.unlink()


def _start_guardian(file: Path) -> subprocess.Popen:
    guardian = subprocess.Popen(
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        text=True,
    )
    print(file, file=guardian.stdin, flush=True)
    return guardian


def _guard() -> None:
    """Wait until the kernel that started this process is gone, then end its agent; its first line names the file."""
    file = Path(sys.stdin.readline().strip())
    sys.stdin.read()  # its end is the end of the kernel
    _clear_away(file)


if __name__ == "__main__":
    _guard()
