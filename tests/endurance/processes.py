"""A sandbox process for the long runs, and the shortest way to ask it."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from taskrouter_sandbox import ACCOUNT_SID

AUTH_TOKEN = "a-token-of-the-long-runs"

HEADERS = {
    "Authorization": "Basic " + b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode(),
    "Content-Type": "application/x-www-form-urlencoded",
}


class Connection:
    """One connection to a sandbox, over which one thread asks."""

    def __init__(self, url: str):
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)

    def ask(self, method: str, path: str, **form: str) -> Any:
        """Make a request, and give the answer's JSON. Raises AssertionError for one that is refused."""
        self._connection.request(method, path, urlencode(form) if form else None, HEADERS)
        answer = self._connection.getresponse()
        body = answer.read()
        assert answer.status < 400, f"{method} {path}: {answer.status} {body.decode()}"
        return json.loads(body) if body else None

    def all(self, path: str, key: str) -> list[Any]:
        """Read a whole list, page by page."""
        found: list[Any] = []
        following = f"{path}?PageSize=1000"
        while following:
            page = self.ask("GET", "/" + following.split("/", 3)[-1] if "//" in following else following)
            found += page[key]
            following = page["meta"]["next_page_url"]
        return found


def start(data: Path) -> tuple[subprocess.Popen[str], str]:
    """Start a sandbox on a folder: the process, and its address. Raises AssertionError where it says anything else.

    It ends with this process.
    """
    command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--data", str(data), "--json"]
    command += ["--stop-with-input", "--auth-token", AUTH_TOKEN]
    with (data.parent / "log").open("a") as log:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout
    said = process.stdout.readline()
    assert said, f"no start: {(data.parent / 'log').read_text()}"
    ready = json.loads(said)
    assert ready["notice"] is None, ready["notice"]
    return process, ready["url"]
