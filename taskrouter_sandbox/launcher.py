"""One sandbox for all the notebooks of a person: found by its run file, started by the first that asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from filelock import FileLock, Timeout

from . import run_file, token_file
from .control_client import Sandbox
from .control_requests import SECONDS
from .defaults import ACCOUNT_SID, AUTH_TOKEN_VARIABLE, data_folder
from .errors import SandboxError
from .processes import END_SECONDS, end, has_ended, is_sandbox, runs
from .run_file import RunFile

T = TypeVar("T")

IDLE_SECONDS = 3600.0  # without a request, after which the sandbox ends by itself, unless this names another time:
IDLE_VARIABLE = "TASKROUTER_SANDBOX_IDLE_SECONDS"
START_SECONDS = 30.0  # that a start may take
STRANGER_SECONDS = 1.0  # that a process may take to answer before it is looked at whether it is a sandbox
_started: list[subprocess.Popen[bytes]] = []  # kept, since Python warns of a process that nobody holds any more


class Credentials(NamedTuple):
    """What clients present to the sandbox of this user; its webhooks are signed with the token."""

    account_sid: str
    auth_token: str

    def __repr__(self) -> str:
        """Show no secret."""
        return f"Credentials({self.account_sid!r})"


def credentials() -> Credentials:
    """Read the credentials of the sandbox that runs, or that the next start has; asks nobody.

    The token is "" where there was no start yet.
    """
    folder = data_folder()
    if (said := run_file.read(folder)) is not None:
        return Credentials(said.account_sid, said.auth_token)
    return Credentials(ACCOUNT_SID, token_file.read(folder) or "")


def find(answer_seconds: float = SECONDS) -> Sandbox | None:
    """Find the sandbox that runs now; None when there is none, or one of earlier code.

    answer_seconds: that its answer may take.
    """
    folder = data_folder()
    said = run_file.read(folder)
    if said is None or not said.is_current:
        return None
    sandbox = _sandbox(said)
    return sandbox if _answers(sandbox, folder, answer_seconds) else None


def ensure(answer_seconds: float = SECONDS) -> Sandbox:
    """Find the sandbox that runs, or start it; state of earlier runs is there again.

    Of several that ask at once, one starts it and the others wait. answer_seconds: that the answer of one which runs
    may take. Raises SandboxError when it cannot be started, or does not answer.
    """
    if (sandbox := find(answer_seconds)) is not None:
        return sandbox
    folder = data_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with FileLock(folder / "start.lock", timeout=START_SECONDS * 2, mode=0o600):
            return _current(folder, answer_seconds) or _start(folder)
    except Timeout:
        raise SandboxError(
            f"another program has been starting the sandbox for more than {START_SECONDS * 2:g} seconds: "
            f"look into {folder / 'start.log'}, then try again"
        ) from None
    except OSError as error:
        raise SandboxError(
            f"{folder} cannot be the folder of the sandbox's state ({error.strerror or error}): "
            "name another by TASKROUTER_SANDBOX_DIR"
        ) from None


def stop(folder: Path | None = None, answer_seconds: float = SECONDS) -> bool:
    """End the running sandbox, if there is one; its state stays. A live view that is open starts it again.

    folder: of its state, that of this user when left out. One that does not answer within `answer_seconds` is ended by
    a signal. Returns whether one has run. Raises SandboxError when it goes on all the same.
    """
    ended = _stop(folder or data_folder(), answer_seconds)
    _started[:] = [process for process in _started if process.poll() is None]
    return ended


def _stop(folder: Path, answer_seconds: float) -> bool:
    said = run_file.read(folder)
    if said is None:
        return False
    sandbox = _sandbox(said)
    if _answers(sandbox, folder, answer_seconds):
        try:
            sandbox.stop()
        except SandboxError:
            if not has_ended(sandbox.pid, END_SECONDS):  # by itself, or because somebody else has stopped it
                raise
    elif is_sandbox(sandbox.pid, folder):
        end(sandbox.pid)
    else:
        return False
    if not has_ended(sandbox.pid, START_SECONDS):  # until then it holds its data, and that is after its last answer
        raise SandboxError(f"the running sandbox (process {sandbox.pid}) did not stop: end it by `kill {sandbox.pid}`")
    return True


def _current(folder: Path, answer_seconds: float) -> Sandbox | None:
    """Find the sandbox of a folder, and end one of earlier code.

    Raises SandboxError for one that runs and does not answer: it may only be slow.
    """
    said = run_file.read(folder)
    if said is None:
        return None
    sandbox, asked_at = _sandbox(said), time.monotonic()
    if _answers(sandbox, folder, answer_seconds):
        if said.is_current:
            return sandbox
        stop(folder, answer_seconds)
    elif is_sandbox(said.pid, folder):
        if time.monotonic() - asked_at < answer_seconds and has_ended(said.pid, END_SECONDS):
            return None  # it was just ending: it had closed its port
        raise SandboxError(
            f"the sandbox runs (process {said.pid}) but does not answer: wait a moment, or end it by "
            f"`{sys.executable} -m taskrouter_sandbox stop`, which loses nothing"
        )
    return None


def reset() -> None:
    """Forget every workspace, event, webhook, alert and fault, and set clock and options right again."""
    ensure().reset()


def _start(folder: Path) -> Sandbox:
    command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--data", str(folder)]
    command += ["--idle-exit", os.environ.get(IDLE_VARIABLE) or str(IDLE_SECONDS), "--quiet"]
    log = folder / "start.log"
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).resolve().parents[1],
            env={name: value for name, value in os.environ.items() if name != AUTH_TOKEN_VARIABLE},
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "DETACHED_PROCESS", 0),
        )
    _started.append(process)

    def ready() -> Sandbox | None:
        if process.poll() is not None:
            if (found := find()) is not None:  # one that had lost its run file
                return found
            said = log.read_text(errors="replace").strip()[-500:]
            if not said and shutil.disk_usage(folder).free < 2**20:
                said = f"no space is left on the disk of {folder}"
            raise SandboxError(f"the sandbox did not start: {said or 'it said nothing'} (its log: {log})")
        told = run_file.read(folder)  # which may be that of another one until then
        return find() if told is not None and told.pid == process.pid else None

    return _until(ready, f"the sandbox did not answer within {START_SECONDS:g} seconds; its log: {log}")


def _until(condition: Callable[[], T | None], failure: str) -> T:
    """Wait for the first true value of a condition. Raises SandboxError when it stays false for START_SECONDS."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise SandboxError(failure)


def _sandbox(said: RunFile) -> Sandbox:
    return Sandbox(said.url, said.account_sid, said.auth_token, said.pid, said.source)


def _answers(sandbox: Sandbox, folder: Path, answer_seconds: float) -> bool:
    """Tell whether that very process is there; another program may have taken its port, and never answer there.

    One that does not answer soon is asked again, with more time, when it looks like a sandbox.
    """
    soon = min(answer_seconds, STRANGER_SECONDS)
    if not runs(sandbox.pid):
        return False
    if _answers_within(soon, sandbox):
        return True
    return soon < answer_seconds and is_sandbox(sandbox.pid, folder) and _answers_within(answer_seconds, sandbox)


def _answers_within(seconds: float, sandbox: Sandbox) -> bool:
    try:
        return replace(sandbox, answer_seconds=seconds).health().get("pid") == sandbox.pid
    except (SandboxError, AttributeError):  # what answers may be no sandbox at all
        return False
