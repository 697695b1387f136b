"""The sandbox of a test session: a process of its own, in which each test has a world."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ..defaults import AUTH_TOKEN_VARIABLE
from ..errors import SandboxError

URL_VARIABLE = "TASKROUTER_SANDBOX_URL"
START_SECONDS, END_SECONDS = 60.0, 10.0
SERVE = ("serve", "--any-account", "--port", "0", "--json", "--stop-with-input")


@contextmanager
def running() -> Generator[str]:
    """Give the address of a sandbox for any account: that of TASKROUTER_SANDBOX_URL, or one that lives as long as the
    block. It ends also when this process is killed. Raises SandboxError when it cannot be started."""
    if given := os.environ.get(URL_VARIABLE):
        yield given.rstrip("/")
        return
    with tempfile.TemporaryFile() as log, _started(log.fileno()) as process:
        impatience = threading.Timer(START_SECONDS, process.kill)
        impatience.start()
        assert process.stdout is not None
        said = process.stdout.readline()
        impatience.cancel()
        try:
            yield json.loads(said)["url"]
        except ValueError:
            log.seek(0)
            why = (said + log.read().decode(errors="replace")).strip() or "it said nothing"
            raise SandboxError(f"the sandbox did not start: {why}") from None
        finally:
            _end(process)


def _started(log: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "taskrouter_sandbox", *SERVE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
        env={name: value for name, value in os.environ.items() if name != AUTH_TOKEN_VARIABLE},
        start_new_session=os.name != "nt",  # Control-C is for the tests, which may ask once more
    )


def _end(process: subprocess.Popen[str]) -> None:
    """Close its input, which ends it."""
    try:
        process.communicate(timeout=END_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
