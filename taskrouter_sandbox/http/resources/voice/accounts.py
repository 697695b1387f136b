"""The account itself, which programs fetch to find out whether their credentials are right (voice.md §5.1)."""

from __future__ import annotations

from typing import Literal, TypedDict

from ...operation import Answer, RequestContext
from ...parameter_types import AccountSid
from .common import Date2822, registry, uri

resource = registry()
BELOW = (
    "applications",
    "calls",
    "conferences",
    "incoming_phone_numbers",
    "messages",
    "outgoing_caller_ids",
    "queues",
)


class AccountResponse(TypedDict):
    auth_token: str | None
    date_created: Date2822 | None
    date_updated: Date2822 | None
    friendly_name: str
    owner_account_sid: AccountSid
    sid: AccountSid
    status: Literal["active", "suspended", "closed"]
    subresource_uris: dict[str, str]
    type: Literal["Trial", "Full"]
    uri: str


@resource.operation("FetchAccount", "GET", "", returns=AccountResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch the account. Its token is not told, and it was created at no date."""
    sid = context.service.account_sid
    below = {name: uri(context, name.title().replace("_", "")) + ".json" for name in BELOW}
    account: AccountResponse = {
        "auth_token": None,
        "date_created": None,
        "date_updated": None,
        "friendly_name": "TaskRouter sandbox",
        "owner_account_sid": sid,
        "sid": sid,
        "status": "active",
        "subresource_uris": below,
        "type": "Full",
        "uri": uri(context) + ".json",
    }
    return Answer(account)
