"""The `twilio` clients of the lessons: the plain one for a live account, and the same one on its way to the sandbox."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.base.exceptions import TwilioException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from helpers import sandbox
from helpers.connection import account
from helpers.connection.account import Account, Mode
from helpers.connection.error_messages import describe_error, explain_in_cells, status_of
from helpers.connection.greeting import about_live, about_sandbox
from helpers.connection.rest_log import record
from helpers.errors import LessonError

if TYPE_CHECKING:
    from twilio.http.response import Response

TIMEOUT = 15.0
"""Seconds that a call waits for its answer, live and in the sandbox."""


def connect(*, quiet: bool = False, timeout: float = TIMEOUT) -> Client:
    """Make the `twilio` client of the lessons, and say which TaskRouter it talks to: the one that `current` gives.

    In live mode this is the plain client with a time limit (`live_client`). In the sandbox it is the same client with
    another way out (`SandboxHttpClient`); the sandbox is started when it does not run yet, and the newest calls
    are kept for the checkpoints (`helpers/connection/rest_log.py`).

    quiet: say nothing. timeout: seconds that each call waits for its answer.
    Raises LessonError when the credentials are incomplete or not accepted, when live Twilio cannot be reached, or when
    the sandbox cannot be started.
    """
    chosen = account.current()
    if chosen.mode == "live":
        client = live_client(chosen, timeout)
        _try(client)
        told = about_live(chosen)
    else:
        running = sandbox.ensure()
        credentials = running.account_sid, running.auth_token
        client = Client(*credentials, http_client=SandboxHttpClient(running.url, timeout, credentials, running.pid))
        record(client)
        told = about_sandbox(running)
    explain_in_cells(partial(_has_workspace, client))
    if not quiet:
        print("\n".join(told))
    return client


def _has_workspace(client: Client, sid: str) -> bool:
    """Tell whether there is a workspace of that SID; True where that cannot be found out."""
    try:
        client.taskrouter.v1.workspaces(sid).fetch()
    except TwilioException as error:
        return status_of(error) != 404
    except requests.exceptions.RequestException:
        pass
    return True


def _try(client: Client) -> None:
    """Make one cheap call, so that wrong credentials and a missing network show here and not later in a lesson."""
    try:
        client.taskrouter.v1.workspaces.page(page_size=1)
    except (TwilioException, requests.exceptions.RequestException) as error:
        raise LessonError(f"{describe_error(error)}.") from None


def live_client(chosen: Account, timeout: float = TIMEOUT) -> Client:
    """Make the plain `twilio` client for a live account, with its key, its region and a time limit; asks nobody.

    timeout: seconds that each call waits for its answer; by itself Twilio's client waits for ever.
    """
    user, password = chosen.api_key or chosen.account_sid, chosen.api_key_secret or chosen.auth_token
    client = Client(user, password, chosen.account_sid, http_client=TwilioHttpClient(timeout=timeout))
    client.region, client.edge = chosen.region, chosen.edge  # not those of another account in the environment
    return client


def mode_of(client: Client) -> Mode:
    """Tell where a client's calls go, whatever `current` says by now."""
    http_client = client.http_client
    http_client = getattr(http_client, "inner", http_client)  # of one whose calls are recorded
    return "sandbox" if isinstance(http_client, SandboxHttpClient) else "live"


class SandboxHttpClient(TwilioHttpClient):
    """Sends what is meant for `*.twilio.com` to the sandbox, and refuses any other host.

    The host that was asked for travels along, so that `url`, `links` and page addresses come back as the real
    service would write them. A sandbox that has gone (idle, killed) is started again.

    address: of the sandbox; timeout: seconds; credentials: account SID and token that clients present to it, in whose
    place those of the sandbox that runs are sent, where they have changed meanwhile; pid: of its process, since one
    that is started again may have the same address.
    """

    def __init__(
        self,
        address: str,
        timeout: float = TIMEOUT,
        credentials: tuple[str, str] | None = None,
        pid: int | None = None,
    ):
        super().__init__(timeout=timeout)
        self._credentials = credentials
        self._sandbox = _Place(address, credentials, pid)
        if self.session is not None:
            self.session.trust_env = False  # no proxy between this machine and itself

    def request(
        self, method: str, url: str, *args: Any, headers: dict | None = None, auth: Any = None, **kwargs: Any
    ) -> Response:
        """Send a request to the sandbox, which is started again if need be. Raises LessonError for another host."""
        asked = urlsplit(url)
        if asked.hostname is None or not asked.hostname.endswith(".twilio.com"):
            raise LessonError(f"the sandbox client only talks to *.twilio.com, not to {asked.netloc or url}")
        headers = {**(headers or {}), "Host": asked.netloc}
        is_own = auth is not None and auth == self._credentials

        def send(to: _Place) -> Response:
            here = urlunsplit(("http", urlsplit(to.url).netloc, asked.path, asked.query, ""))
            given = to.credentials if is_own else auth
            return super(SandboxHttpClient, self).request(method, here, *args, headers=headers, auth=given, **kwargs)

        asked_at = self._sandbox
        try:
            answer = send(asked_at)
        except requests.exceptions.ConnectionError as error:
            found = self._look()
            if found == asked_at or not (method == "GET" or _never_sent(error)):
                raise
            return send(found)
        if answer.status_code == 401 and is_own and self._look() != asked_at:
            return send(self._sandbox)
        return answer

    def _look(self) -> _Place:
        """Find the sandbox that runs now, or start it."""
        running = sandbox.ensure()
        self._sandbox = _Place(running.url, (running.account_sid, running.auth_token), running.pid)
        return self._sandbox


class _Place(NamedTuple):
    """Where a sandbox is, the account SID and token that it takes, and its process."""

    url: str
    credentials: tuple[str, str] | None
    pid: int | None


def _never_sent(error: requests.exceptions.ConnectionError) -> bool:
    """Tell whether there was no connection at all, so that sending again cannot do anything twice."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, NewConnectionError)
