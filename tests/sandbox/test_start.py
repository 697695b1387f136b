"""What a start leaves out: it answers soon because what belongs to calls, or loads slowly, waits until it is needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from taskrouter_sandbox import ACCOUNT_SID
from taskrouter_sandbox.token_file import read
from tests.waiting import patience

EXPLAINING = {"taskrouter_sandbox.explanation.explain", "taskrouter_sandbox.http.control.decisions"}
VOICE = {
    "taskrouter_sandbox.http.control.calls",
    "taskrouter_sandbox.http.resources.voice",
    "taskrouter_sandbox.runtime.telephony",
    "taskrouter_sandbox.storage.telephony",
    "taskrouter_sandbox.voice.engine",
    "taskrouter_sandbox.voice.twiml.reader",
}
SLOW = {
    *("aiohttp", "email", "lark", "numpy", "platformdirs", "psutil", "requests", "twilio.rest", "websockets"),
    *("xml.parsers.expat", "taskrouter_sandbox.http.openapi", "taskrouter_sandbox.webhooks.alert_catalog"),
}


class Started:
    """A sandbox process that tells what it imports."""

    def __init__(self, data: Path, log: Path):
        self._log, self._data = log, data
        command = [sys.executable, "-X", "importtime", "-m", "taskrouter_sandbox", "serve", "--port", "0"]
        with log.open("w") as file:
            self.process = subprocess.Popen(
                [*command, "--data", str(data)], stdout=subprocess.PIPE, stderr=file, text=True
            )
        assert self.process.stdout
        self._url = next(word for word in self.process.stdout.readline().split() if word.startswith("http://"))

    def get(self, path: str) -> requests.Response:
        token = read(self._data)
        assert token is not None
        answer = requests.get(self._url + path, auth=(ACCOUNT_SID, token), timeout=patience(20))
        answer.raise_for_status()
        return answer

    @property
    def imported(self) -> set[str]:
        return {line.rpartition("|")[2].strip() for line in self._log.read_text().splitlines()}


@contextmanager
def started(data: Path, log: Path) -> Iterator[Started]:
    sandbox = Started(data, log)
    try:
        yield sandbox
    finally:
        sandbox.process.terminate()
        sandbox.process.communicate(timeout=patience(20))


def test_a_sandbox_without_calls_loads_nothing_of_them(tmp_path):
    data, log = tmp_path / "data", tmp_path / "log"
    with started(data, log) as sandbox:
        assert sandbox.get("/v1/Workspaces").json()["workspaces"] == []
        assert {"taskrouter_sandbox.runtime.service", "sqlite3"} <= sandbox.imported
        assert (VOICE | EXPLAINING | SLOW) & sandbox.imported == set()
        numbers = sandbox.get(f"/2010-04-01/Accounts/{ACCOUNT_SID}/IncomingPhoneNumbers.json").json()
        assert len(numbers["incoming_phone_numbers"]) == 1
        assert sandbox.imported >= VOICE
    with started(data, log) as sandbox:  # which reads, and so checks, what is stored
        assert sandbox.imported >= {"taskrouter_sandbox.storage.telephony", "taskrouter_sandbox.voice.engine"}
