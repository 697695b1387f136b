"""Twilio clients for commands: of a live account, with patience, and of a sandbox on this machine."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException  # pyright: ignore[reportMissingTypeStubs]
from twilio.http.http_client import TwilioHttpClient  # pyright: ignore[reportMissingTypeStubs]
from twilio.rest import Client  # pyright: ignore[reportMissingTypeStubs]

from ..control_client import Sandbox
from .common import CannotDo, tell

ANSWER_SECONDS = 30.0
PATIENCE_SECONDS = 180.0  # for which a request is sent again
LONGEST_PAUSE = 30.0
BUSY = (429, 503)


class NoAnswer(TwilioException):
    """No answer came, or no request is allowed to leave. The message says what to do."""


class PatientHttpClient(TwilioHttpClient):
    """Sends a request again where the service asks for it with 429 or 503, after a pause that grows, or that it names.

    read_only: nothing but GET leaves. patience: seconds in all, for one request; sleep: waits so many seconds.
    """

    def __init__(
        self,
        *,
        read_only: bool = False,
        patience: float = PATIENCE_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(timeout=ANSWER_SECONDS)
        self.read_only, self.patience, self.sleep = read_only, patience, sleep

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        """Send a request. Raises NoAnswer."""
        if self.read_only and method.upper() != "GET":
            raise NoAnswer(f"only GET may be sent here, not {method} {url}")
        waited, pause = 0.0, 0.5
        while True:
            answer = self._send(method, url, *args, **kwargs)
            pause = _named_pause(answer) or pause
            if not _may_repeat(method, url, answer.status_code) or waited + pause > self.patience:
                return answer
            tell(f"{urlsplit(url).hostname} answers {answer.status_code}: asking again in {pause:g} s")
            self.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, LONGEST_PAUSE)

    def _send(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().request(method, url, *args, **kwargs)
        except requests.exceptions.RequestException as error:
            raise NoAnswer(f"{urlsplit(url).hostname} does not answer ({type(error).__name__})") from None


def _may_repeat(method: str, url: str, status: int) -> bool:
    """Tell whether to ask again. After a 503 something may have been made all the same; names are unique but for those
    of workspaces (rest-contract.md §15, point 6), of which there would be two.
    """
    makes_a_workspace = method.upper() == "POST" and urlsplit(url).path.endswith("/Workspaces")
    return status in BUSY and not (makes_a_workspace and status == 503)


def _named_pause(answer: Any) -> float:
    try:
        return min(max(float(answer.headers["Retry-After"]), 0.1), LONGEST_PAUSE)
    except (KeyError, TypeError, ValueError):
        return 0.0


class PatientSandboxHttpClient(PatientHttpClient):
    """Sends what is meant for Twilio to a sandbox, and refuses any other host."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.place = urlsplit(url).netloc
        if self.session is not None:
            self.session.trust_env = False  # no proxy between this machine and itself

    def _send(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        asked = urlsplit(url)
        if not (asked.hostname or "").endswith(".twilio.com"):
            raise NoAnswer(f"only *.twilio.com is asked for here, not {asked.netloc}")
        kwargs["headers"] = {**(kwargs.get("headers") or {}), "Host": asked.netloc}
        return super()._send(method, urlunsplit(("http", self.place, asked.path, asked.query, "")), *args, **kwargs)


def of_sandbox(sandbox: Sandbox) -> Any:
    """Make a client of a sandbox."""
    return Client(sandbox.account_sid, sandbox.auth_token, http_client=PatientSandboxHttpClient(sandbox.url))


def of_live_account(*, read_only: bool = False) -> Any:
    """Make a client of the live account that the environment names. Raises CannotDo where it names none.

    TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or with TWILIO_API_KEY and TWILIO_API_KEY_SECRET; TWILIO_REGION and
    TWILIO_EDGE are heeded.
    """
    account, token, key, secret = (
        os.environ.get(name, "").strip()
        for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_KEY_SECRET")
    )
    if not (account.startswith("AC") and len(account) == 34) or not (token or (key and secret)):
        raise CannotDo(
            "No live account is named: set TWILIO_ACCOUNT_SID (AC and 32 digits), and TWILIO_AUTH_TOKEN or both "
            "TWILIO_API_KEY and TWILIO_API_KEY_SECRET, in the environment."
        )
    user, password = (key, secret) if key and secret else (account, token)
    return Client(user, password, account, http_client=PatientHttpClient(read_only=read_only))
