"""One sandbox for all the notebooks of a person: found by its run file, started by the first that asks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import psutil
from filelock import FileLock

from .code_version import SOURCE, __version__, fingerprint
from .control_client import Sandbox
from .defaults import data_folder
from .errors import SandboxError

T = TypeVar("T")

IDLE_SECONDS = 3600.0  # without a request, after which the sandbox ends by itself
START_SECONDS = 30.0  # that a start may take
_started: list[subprocess.Popen[bytes]] = []  # kept, since Python warns of a process that nobody holds any more


class RunFile(NamedTuple):
    """A sandbox as its run file names it. code: fingerprint of its source files; version: of the package."""

    sandbox: Sandbox
    code: str
    version: str

    @property
    def is_current(self) -> bool:
        """Tell whether it may be used as it is.

        An earlier state of this code may not. Another checkout's may, as long as the version is the same: two that are
        used at once would else stop each other's by turns.
        """
        elsewhere = self.sandbox.source not in ("", str(SOURCE))
        return self.code == fingerprint() or (elsewhere and self.version == __version__)


def find() -> Sandbox | None:
    """Find the sandbox that runs now; None when there is none, or one of earlier code."""
    found = _read_run_file()
    return found.sandbox if found and found.is_current and _answers(found.sandbox) else None


def ensure() -> Sandbox:
    """Find the sandbox that runs, or start it; state of earlier runs is there again.

    Of several that ask at once, one starts it and the others wait. Raises SandboxError when it cannot be started.
    """
    if (sandbox := find()) is not None:
        return sandbox
    folder = data_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "start.lock", timeout=START_SECONDS * 2):
        if (sandbox := find()) is not None:
            return sandbox
        stop()
        return _start(folder)


def stop() -> None:
    """End the running sandbox, if there is one; its state stays. A live view that is open starts it again."""
    found = _read_run_file()
    if found is None or not _answers(found.sandbox):
        return
    found.sandbox.stop()
    pid = found.sandbox.pid
    try:  # it holds its data until it has ended, and that is after its last answer
        psutil.Process(pid).wait(START_SECONDS)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        raise SandboxError(f"the running sandbox (process {pid}) did not stop") from None
    _started[:] = [process for process in _started if process.poll() is None]


def reset() -> None:
    """Forget every workspace, event, webhook, alert and fault, and set clock and options right again."""
    ensure().reset()


def _start(folder: Path) -> Sandbox:
    command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--data", str(folder)]
    command += ["--idle-exit", str(IDLE_SECONDS)]
    log = folder / "sandbox.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).resolve().parents[1],
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "DETACHED_PROCESS", 0),
        )
    _started.append(process)

    def ready() -> Sandbox | None:
        if process.poll() is not None:
            said = log.read_text(errors="replace").strip()[-500:]
            raise SandboxError(f"the sandbox did not start: {said or 'it said nothing'} (its log: {log})")
        found = find()
        return found if found and found.pid == process.pid else None

    return _until(ready, f"the sandbox did not answer within {START_SECONDS:g} seconds; its log: {log}")


def _until(condition: Callable[[], T | None], failure: str) -> T:
    """Wait for the first true value of a condition. Raises SandboxError when it stays false for START_SECONDS."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise SandboxError(failure)


def _read_run_file() -> RunFile | None:
    try:
        said = json.loads((data_folder() / "run.json").read_text())
        source = said.get("source", "")  # run files had none once
        sandbox = Sandbox(said["url"], said["account_sid"], said["auth_token"], said["pid"], source)
        return RunFile(sandbox, said["code"], said.get("version", ""))
    except (OSError, ValueError, KeyError):
        return None


def _answers(sandbox: Sandbox) -> bool:
    """Tell whether that very process is there; another program may have taken its port."""
    try:
        return sandbox.health().get("pid") == sandbox.pid
    except (SandboxError, AttributeError):  # what answers may be no sandbox at all
        return False
