"""Looks at processes of this machine: whether one is a sandbox, and which have a file open."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

END_SECONDS = 10.0  # that a process may take to end by itself


def is_sandbox(pid: int, folder: Path) -> bool:
    """Tell whether that process is there and is a sandbox on that folder; another may have got its number."""
    try:
        process = psutil.Process(pid)
        words = " ".join(process.cmdline())
        if process.status() == psutil.STATUS_ZOMBIE or "serve" not in words or "taskrouter" not in words:
            return False
        return os.name == "nt" or any(folder.resolve() in Path(file.path).parents for file in process.open_files())
    except (psutil.Error, ValueError, OverflowError):
        return False


def end(pid: int) -> None:
    """End a process that does not listen any more: ask it by a signal, and kill it where that does nothing."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        process.terminate()
        if not has_ended(pid, END_SECONDS):
            process.kill()


def has_ended(pid: int, seconds: float) -> bool:
    """Wait so many seconds for the end of a process, and tell whether it has come.

    It has also where somebody else who started it has not been told yet.
    """
    deadline = time.monotonic() + seconds
    while runs(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def runs(pid: int) -> bool:
    """Tell whether there is a process of that number, which has not ended."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except (psutil.NoSuchProcess, ValueError, OverflowError):
        return False
    except psutil.Error:  # it is somebody else's
        return True


def holders(path: Path) -> list[str]:
    """Name the other processes of this user that have a file open, as in `sqlitebrowser (process 12)`."""
    if os.name == "nt":  # to ask there may take for ever
        return []
    return [f"{name} (process {pid})" for pid, name in _open(path) if pid != os.getpid()]


def _open(path: Path) -> Iterable[tuple[int, str]]:
    wanted = str(path.resolve())
    for process in psutil.process_iter():
        try:
            if any(file.path == wanted for file in process.open_files()):
                yield process.pid, process.name()
        except psutil.Error:  # it is somebody else's, or has ended
            continue
