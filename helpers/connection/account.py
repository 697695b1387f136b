"""Which TaskRouter a lesson talks to: the sandbox on this machine, or a live Twilio account.

It is the sandbox, unless the project's own `.env` holds credentials, or TASKROUTER_LIVE asks for those that are
elsewhere.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from helpers import sandbox
from helpers.connection import settings
from helpers.connection.error_messages import ONLY_AN_API_KEY, describe_error, explain_in_cells
from helpers.errors import LessonError
from taskrouter_sandbox.code_version import SOURCE

if TYPE_CHECKING:
    from twilio.http.response import Response

Mode = Literal["sandbox", "live"]

TIMEOUT = 15.0
"""Seconds that a call waits for its answer, live and in the sandbox."""


@dataclass(frozen=True)
class Account:
    """The account that the lessons use. `repr` shows no secret.

    mode: "sandbox" or "live"; account_sid: `AC...`; auth_token: what webhooks are signed with, "" when only an API key
    is known; api_key, api_key_secret: what calls are made with instead of the auth token, when there is one;
    region, edge: of Twilio, as its client takes them.
    """

    mode: Mode
    account_sid: str
    auth_token: str = field(repr=False)
    api_key: str | None = field(default=None, repr=False)
    api_key_secret: str | None = field(default=None, repr=False)
    region: str | None = field(default=None, repr=False)
    edge: str | None = field(default=None, repr=False)

    @property
    def key_in_words(self) -> str:
        """What calls are made with, as it may be shown: the API key's SID, or the last two characters of the token."""
        return f"API key {self.api_key}" if self.api_key else f"token {'•' * 6}{self.auth_token[-2:]}"


def current() -> Account:
    """Tell which account `connect` would use now; starts nothing and asks nobody.

    Raises LessonError when credentials are incomplete or not what they should be, or TASKROUTER_LIVE asks for some that
    are not there.
    """
    source = settings.source_of_credentials()
    if source is None:
        return Account("sandbox", sandbox.ACCOUNT_SID, sandbox.AUTH_TOKEN)
    account_sid, auth_token, api_key, secret = (source.values.get(name, "") for name in settings.CREDENTIALS)
    _require_complete(source)
    if not (account_sid.startswith("AC") and len(account_sid) == 34):
        raise LessonError(
            "TWILIO_ACCOUNT_SID is not an account SID: it starts with AC and has 34 characters (console.twilio.com "
            "shows it); an API key (SK...) belongs into TWILIO_API_KEY, its secret into TWILIO_API_KEY_SECRET."
        )
    if api_key and not api_key.startswith("SK"):
        raise LessonError(
            "TWILIO_API_KEY is not the SID of an API key: it starts with SK (console.twilio.com shows it)."
        )
    region, edge = source.values.get("TWILIO_REGION"), source.values.get("TWILIO_EDGE")
    return Account("live", account_sid, auth_token, api_key or None, secret or None, region, edge)


def _require_complete(source: settings.Source) -> None:
    """Raise LessonError when a credential is there without the one that it goes with."""
    for there, others in (
        ("TWILIO_AUTH_TOKEN", ["TWILIO_ACCOUNT_SID"]),
        ("TWILIO_API_KEY", ["TWILIO_ACCOUNT_SID"]),
        ("TWILIO_API_KEY", ["TWILIO_API_KEY_SECRET"]),
        ("TWILIO_API_KEY_SECRET", ["TWILIO_API_KEY"]),
        ("TWILIO_ACCOUNT_SID", ["TWILIO_AUTH_TOKEN", "TWILIO_API_KEY"]),
    ):
        if there in source.values and not any(name in source.values for name in others):
            raise LessonError(
                f"{there} is set but {others[0]} is not: set both (in {source.place}) to work on live Twilio, or "
                "neither to work in the sandbox; then run this cell again."
            )


class SandboxHttpClient(TwilioHttpClient):
    """Sends what is meant for `*.twilio.com` to the sandbox, and refuses any other host.

    The host that was asked for travels along, so that `url`, `links` and page addresses come back as the real
    service would write them. A sandbox that has gone (idle, killed) is started again.
    """

    def __init__(self, address: str, timeout: float = TIMEOUT):
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


def live_client(account: Account, timeout: float = TIMEOUT) -> Client:
    """Make the plain `twilio` client for a live account, with its key, its region and a time limit; asks nobody.

    timeout: seconds that each call waits for its answer; by itself Twilio's client waits for ever.
    """
    user, password = account.api_key or account.account_sid, account.api_key_secret or account.auth_token
    client = Client(user, password, account.account_sid, http_client=TwilioHttpClient(timeout=timeout))
    client.region, client.edge = account.region, account.edge  # not those of another account in the environment
    return client


def mode_of(client: Client) -> Mode:
    """Tell where a client's calls go, whatever `current` says by now."""
    http_client = client.http_client
    http_client = getattr(http_client, "inner", http_client)  # of one whose calls are recorded
    return "sandbox" if isinstance(http_client, SandboxHttpClient) else "live"


def connect(*, quiet: bool = False, timeout: float = TIMEOUT) -> Client:
    """Make the `twilio` client of the lessons; says which TaskRouter it talks to; `current` decides which.

    In live mode this is the plain client with a time limit (`live_client`). In the sandbox it is the same client with
    another way out (`SandboxHttpClient`); the sandbox is started when it does not run yet.

    quiet: say nothing. timeout: seconds that each call waits for its answer.
    Raises LessonError when the credentials are incomplete or not accepted, when live Twilio cannot be reached, or when
    the sandbox cannot be started.
    """
    account = current()
    explain_in_cells()
    if account.mode == "live":
        client = live_client(account, timeout)
        _greet(client)
        told = _about_live(account)
    else:
        running = sandbox.ensure()
        http_client = SandboxHttpClient(running.url, timeout)
        client = Client(running.account_sid, running.auth_token, http_client=http_client)
        told = _about_sandbox(running)
    if not quiet:
        print("\n".join(told))
    return client


def _about_live(account: Account) -> list[str]:
    details = [account.key_in_words]
    details += [f"{name} {value}" for name, value in (("region", account.region), ("edge", account.edge)) if value]
    told = [
        f"{_loud(' LIVE ')} You are talking to live Twilio, account {account.account_sid} "
        f"({', '.join(details)}), with the credentials in {_place_of_credentials()}.",
        "What you create here is real. To go back to the sandbox, take the credentials away or set "
        f"{settings.LIVE}=0, and restart the kernel.",
    ]
    if not account.auth_token:
        told.append(f"{ONLY_AN_API_KEY}.")
    return told


def _place_of_credentials() -> str:
    source = settings.source_of_credentials()
    return source.place if source else "the environment"


def _about_sandbox(running: sandbox.LessonSandbox) -> list[str]:
    told = [
        f"You are talking to the sandbox on this machine ({running.url}).",
        "No account is needed and nothing leaves this machine.",
        *credentials_left_alone(),
    ]
    if on := running.faults.descriptions():
        told.append(f"Faults are on: {'; '.join(on)}. `faults.all_off()`, from helpers, takes them back.")
    return [*told, *unusual(running)]


def credentials_left_alone() -> list[str]:
    """Say, in at most one sentence, which credentials are there and not used, and how to use them."""
    source = settings.unused_credentials()
    if source is None:
        return []
    names = " and ".join(source.credentials)
    if settings.wants_live() is False:
        return [f"{names} (in {source.place}) are not used, since {settings.LIVE} asks for the sandbox."]
    return [
        f"{names} (in {source.place}) are not used: to work on that account, put them into "
        f"{settings.PROJECT / '.env'} and restart the kernel, or start JupyterLab with {settings.LIVE}=1."
    ]


def _loud(words: str) -> str:
    """Set words off in white on red, where colours are shown."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    coloured = "NO_COLOR" not in os.environ and (hasattr(shell, "kernel") or sys.stdout.isatty())
    return f"\x1b[1;97;41m{words}\x1b[0m" if coloured else words.strip() + ":"


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
            f"Its clock is {_length(ahead)} ahead, since time was skipped or this machine's clock was set back: "
            "`sandbox.reset()`, from helpers, sets it right and empties the sandbox."
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
