"""One sandbox for all the notebooks of a person: found by its run file, started by the first that asks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from filelock import FileLock
from platformdirs import user_data_path

from helpers.errors import LessonError

from .fingerprint import fingerprint

# Plainly local, and no account of anybody's: the real service would refuse both.
ACCOUNT_SID = "AC" + "5a" * 16
AUTH_TOKEN = "sandbox-token-not-a-secret"

IDLE_SECONDS = 3600.0  # without a request, after which the sandbox ends by itself
START_SECONDS = 30.0  # that a start may take


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox: its address on loopback, and what its clients present."""

    url: str
    account_sid: str
    auth_token: str = field(repr=False)
    pid: int = 0

    def ask(self, path: str, *, method: str = "GET") -> dict:
        """Ask the control plane, such as `ask("deliveries")`.

        Raises LessonError when the sandbox has gone, or refuses, with its own words.
        """
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", method=method)
        credentials = b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        request.add_header("Authorization", f"Basic {credentials}")
        try:
            with _DIRECT.open(request, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise LessonError(json.load(refusal)["message"]) from None
        except urllib.error.URLError as error:
            raise LessonError(
                f"the sandbox at {self.url} does not answer ({error}): run connect() again, it starts a new one"
            ) from None

    def faults(self) -> list[str]:
        """As `armed`, in words."""
        return [fault["what"] for fault in self.armed()]

    def armed(self) -> list[dict]:
        """What is ordered to go wrong and has not done so as often as ordered. Raises as `ask` does."""
        return [fault for fault in self.ask("faults")["faults"] if fault["left"]]

    def ahead(self) -> float:
        """Seconds that its clock is ahead of this machine's. Raises as `ask` does."""
        return float(self.ask("clock")["ahead"])

    def unusual_rules(self) -> dict[str, tuple[str, str]]:
        """What it reads in another way than usual: name of the rule -> reading, usual reading. Raises as `ask` does."""
        told = self.ask("rules")
        usual = told["usual"]
        return {name: (reading, usual[name]) for name, reading in told["rules"].items() if reading != usual[name]}


_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy


def data_folder() -> Path:
    """Where the sandbox keeps its state: TASKROUTER_SANDBOX_DIR, or this user's data folder."""
    chosen = os.environ.get("TASKROUTER_SANDBOX_DIR")
    return Path(chosen) if chosen else user_data_path("taskrouter-sandbox", appauthor=False)


def find() -> Sandbox | None:
    """The sandbox that runs now, or None; one that was started from older code counts as none."""
    found = _read_run_file()
    if found is None:
        return None
    sandbox, code = found
    return sandbox if code == fingerprint() and _answers(sandbox) else None


def ensure() -> Sandbox:
    """The sandbox that runs, started first when there is none; state of earlier runs is there again.

    Of several that ask at once, one starts it and the others wait. Raises LessonError when it cannot be started.
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
    if found is None or not _answers(found[0]):
        return
    found[0].ask("stop", method="POST")
    try:  # it holds its data until it has ended, and that is after its last answer
        psutil.Process(found[0].pid).wait(START_SECONDS)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        raise LessonError(f"the running sandbox (process {found[0].pid}) did not stop") from None


def reset() -> None:
    """Forget every workspace, worker, task and event in the sandbox."""
    ensure().ask("reset", method="POST")


def _start(folder: Path) -> Sandbox:
    command = [sys.executable, "-m", "helpers.sandbox", "serve", "--port", "0", "--data", str(folder)]
    command += ["--idle-exit", str(IDLE_SECONDS)]
    log = folder / "sandbox.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).resolve().parents[2],
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "DETACHED_PROCESS", 0),
        )

    def ready() -> Sandbox | None:
        if process.poll() is not None:
            said = log.read_text(errors="replace").strip()[-500:]
            raise LessonError(f"the sandbox did not start: {said or 'it said nothing'} (its log: {log})")
        found = find()
        return found if found and found.pid == process.pid else None

    return _until(ready, f"the sandbox did not answer within {START_SECONDS:g} seconds; its log: {log}")


def _until(condition, failure: str):
    """The first true value of a condition; LessonError when it stays false for START_SECONDS."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise LessonError(failure)


def _read_run_file() -> tuple[Sandbox, str] | None:
    try:
        said = json.loads((data_folder() / "run.json").read_text())
        return Sandbox(said["url"], said["account_sid"], said["auth_token"], said["pid"]), said["code"]
    except (OSError, ValueError, KeyError):
        return None


def _answers(sandbox: Sandbox) -> bool:
    """Is that very process there? Another program may have taken its port."""
    try:
        with _DIRECT.open(f"{sandbox.url}/_sandbox/health", timeout=5) as answer:
            return json.load(answer).get("pid") == sandbox.pid
    except (OSError, ValueError):
        return False
