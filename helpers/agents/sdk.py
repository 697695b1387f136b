"""What an agent's page needs: an API key for its token, Twilio's SDK as one script, and where TaskRouter is."""

from __future__ import annotations

from typing import NamedTuple

from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import TaskRouterGrant
from twilio.rest import Client

from helpers import sandbox
from helpers.connection.clients import mode_of
from helpers.errors import LessonError
from helpers.live.widgets.base import DIST

AGENT_SDK = DIST / "twilio-taskrouter.js"
"""Twilio's SDK `twilio-taskrouter` 2.1.1 as one script for a page, with the global name `TaskRouter`."""

BRIDGE_PATH = "/v1/wschannels"  # agent-sdk.md §1
LIFETIME = 3600
"""Seconds that the token of an agent's page is good for."""

NO_KEY = (
    "An agent's token is signed with an API key. Make one on console.twilio.com (Account, API keys & tokens, type "
    "Standard), put its SID and secret into .env as TWILIO_API_KEY and TWILIO_API_KEY_SECRET, then restart the kernel "
    "and run the cells again."
)


class ApiKey(NamedTuple):
    """An API key: its SID (`SK...`) goes into a token, its secret signs it."""

    sid: str
    secret: str

    def __repr__(self) -> str:
        """Show no secret."""
        return f"ApiKey({self.sid!r})"


def api_key(client: Client) -> ApiKey:
    """Give the API key with which tokens for agents are signed: that of the client; in the sandbox, the sandbox's own.

    Raises LessonError on a live account when the client has none: it may have the auth token instead.
    """
    if mode_of(client) == "sandbox":
        running = sandbox.ensure()
        return ApiKey(f"SK{running.account_sid[2:]}", running.auth_token)  # agent-sdk.md §2
    user, secret = client.username or "", client.password or ""
    if not user.startswith("SK"):
        raise LessonError(NO_KEY)
    return ApiKey(user, secret)


def sdk_options(client: Client) -> dict[str, str]:
    """Give the options with which the SDK's `Worker` finds TaskRouter (agent-sdk.md §1).

    In the sandbox both addresses of its event bridge; on a live account nothing, or the account's region.
    """
    if mode_of(client) == "sandbox":
        address = sandbox.ensure().url + BRIDGE_PATH
        return {"ebServer": address, "wsServer": address.replace("http", "ws", 1)}
    return {"region": client.region} if client.region else {}


def agent_token(client: Client, workspace_sid: str, worker_sid: str, identity: str, seconds: int = LIFETIME) -> str:
    """Make the token with which a page acts as one worker. Raises LessonError when there is no API key.

    identity: any name, which TaskRouter does not look at. seconds: how long it is good for.
    """
    key = api_key(client)
    grant = TaskRouterGrant(workspace_sid=workspace_sid, worker_sid=worker_sid, role="worker")
    token = AccessToken(client.account_sid, key.sid, key.secret, grants=[grant], identity=identity, ttl=seconds)
    return token.to_jwt()
