"""Which TaskRouter a lesson talks to: the sandbox on this machine, or a live Twilio account.

Credentials in the environment or in a `.env` file make it live; without them it is the sandbox.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit, urlunsplit

import requests
from dotenv import dotenv_values, find_dotenv
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from helpers import sandbox
from helpers.connection.error_messages import describe_error, explain_in_cells
from helpers.errors import LessonError
from taskrouter_sandbox.code_version import SOURCE

if TYPE_CHECKING:
    from twilio.http.response import Response

PROJECT = Path(__file__).resolve().parents[2]
NAMES = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN")


@dataclass(frozen=True)
class Account:
    """The account that the lessons use.

    mode: "sandbox" or "live"; account_sid: `AC...`; auth_token: never shown by `repr`.
    """

    mode: Literal["sandbox", "live"]
    account_sid: str
    auth_token: str = field(repr=False)

    @property
    def masked_token(self) -> str:
        """The token as it may be shown: its last two characters."""
        return "•" * 6 + self.auth_token[-2:]


def setting(name: str) -> str | None:
    """Read one setting from the environment or, failing that, from `.env` (this folder, its parents, the project).

    An empty value counts as not set; in the environment it also hides what `.env` says.
    """
    if name in os.environ:
        return os.environ[name].strip() or None
    for path in (find_dotenv(usecwd=True), PROJECT / ".env"):
        if path and Path(path).is_file() and (value := (dotenv_values(path).get(name) or "").strip()):
            return value
    return None


def current() -> Account:
    """Tell which account `connect` would use now; starts nothing and asks nobody.

    Raises LessonError when only one of the two credentials is set, or the account SID is not one.
    """
    account_sid, auth_token = (setting(name) for name in NAMES)
    if not account_sid and not auth_token:
        return Account("sandbox", sandbox.ACCOUNT_SID, sandbox.AUTH_TOKEN)
    if not account_sid or not auth_token:
        there, missing = NAMES if account_sid else reversed(NAMES)
        raise LessonError(
            f"{there} is set but {missing} is not: set both (in the environment or in .env) to work on live "
            f"Twilio, or neither to work in the sandbox; then run this cell again."
        )
    if not (account_sid.startswith("AC") and len(account_sid) == 34):
        raise LessonError(
            "TWILIO_ACCOUNT_SID is not an account SID: it starts with AC and has 34 characters "
            "(console.twilio.com shows it); API keys (SK...) are not used here."
        )
    return Account("live", account_sid, auth_token)


class SandboxHttpClient(TwilioHttpClient):
    """Sends what is meant for `*.twilio.com` to the sandbox, and refuses any other host.

    The host that was asked for travels along, so that `url`, `links` and page addresses come back as the real
    service would write them. A sandbox that has gone (idle, killed) is started again.
    """

    def __init__(self, address: str, timeout: float = 15.0):
        super().__init__(timeout=timeout)
        self.address = address
        if self.session is not None:
            self.session.trust_env = False  # no proxy between this machine and itself

    def request(self, method: str, url: str, *args: Any, headers: dict | None = None, **kwargs: Any) -> Response:
        """Send a request to the sandbox, which is started again if need be. Raises LessonError for another host."""
        asked = urlsplit(url)
        if asked.hostname is None or not asked.hostname.endswith(".twilio.com"):
            raise LessonError(f"the sandbox client only talks to *.twilio.com, not to {asked.netloc or url}")
        headers = {**(headers or {}), "Host": asked.netloc}

        def send() -> Response:
            here = urlunsplit(("http", urlsplit(self.address).netloc, asked.path, asked.query, ""))
            return super(SandboxHttpClient, self).request(method, here, *args, headers=headers, **kwargs)

        try:
            return send()
        except requests.exceptions.ConnectionError as error:
            running = sandbox.ensure()
            if running.url == self.address or not (method == "GET" or _never_sent(error)):
                raise
            self.address = running.url
            return send()


def _never_sent(error: requests.exceptions.ConnectionError) -> bool:
    """Tell whether there was no connection at all, so that sending again cannot do anything twice."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError)


def connect(*, quiet: bool = False) -> Client:
    """Make the `twilio` client of the lessons; says which TaskRouter it talks to; `current` decides which.

    In live mode this is the plain `Client(account_sid, auth_token)`. In the sandbox it is the same client with
    another way out (`SandboxHttpClient`); the sandbox is started when it does not run yet.

    quiet: say nothing.
    Raises LessonError when the credentials are incomplete or not accepted, when live Twilio cannot be reached, or when
    the sandbox cannot be started.
    """
    account = current()
    explain_in_cells()
    if account.mode == "live":
        client = Client(account.account_sid, account.auth_token)
        _greet(client)
        place = f"live Twilio, account {account.account_sid} (token {account.masked_token})"
        note = "What you create here is real."
    else:
        running = sandbox.ensure()
        client = Client(running.account_sid, running.auth_token, http_client=SandboxHttpClient(running.url))
        place = f"the sandbox on this machine ({running.url})"
        note = "No account is needed and nothing leaves this machine."
        if on := running.faults.descriptions():
            note += f"\nFaults are on: {'; '.join(on)}. `faults.all_off()`, from helpers, takes them back."
        note = "\n".join([note, *unusual(running)])
    if not quiet:
        print(f"You are talking to {place}.\n{note}")
    return client


def unusual(running: sandbox.LessonSandbox) -> list[str]:
    """Say what is not as usual in the sandbox, each in a sentence with the way back: state, code, clock, options."""
    told = []
    if notice := running.health()["notice"]:
        told.append(notice)
    if running.source not in ("", str(SOURCE)):
        told.append(
            f"It was started from another checkout, {running.source}: `sandbox.stop()`, from helpers, ends it, and the "
            "next connect() starts this one's."
        )
    if (ahead := running.clock.ahead()) >= 1:
        told.append(
            f"Its clock is {_length(ahead)} ahead, since time was skipped: `sandbox.reset()`, from helpers, sets it "
            "right and empties the sandbox."
        )
    if options := running.options.unusual():
        chosen = ", ".join(f"{name} is {choice!r}" for name, (choice, _) in options.items())
        back = ", ".join(f"{name}={usual!r}" for name, (_, usual) in options.items())
        told.append(
            f"Its options are not the usual ones: {chosen}. "
            f"`sandbox.ensure().options.set({back})`, `sandbox` from helpers, brings those back."
        )
    return told


def _length(seconds: float) -> str:
    """Write a length of time in its largest unit of which there are two: `119 seconds`, `2 minutes`."""
    for unit, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} second{'s' if round(seconds) > 1 else ''}"


def _greet(client: Client) -> None:
    """Make one cheap call, so that wrong credentials and a missing network show here and not later in a lesson."""
    try:
        client.taskrouter.v1.workspaces.page(page_size=1)
    except (TwilioException, requests.exceptions.RequestException) as error:
        raise LessonError(f"{describe_error(error)}.") from None
