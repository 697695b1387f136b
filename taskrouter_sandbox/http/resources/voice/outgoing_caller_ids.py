"""OutgoingCallerIds: numbers of others that were verified, of which the sandbox has none (voice.md §5.5)."""

from __future__ import annotations

from typing import Any, TypedDict

from ....engine.model.entities import Entity
from ....engine.model.errors import NotFound
from ...operation import Answer, RequestContext
from ...parameter_types import AccountSid
from ...parameters import Listing
from .common import Date2822, page, registry

resource = registry()
PATH = "/OutgoingCallerIds"


class ListCallerIds(Listing):
    phone_number: str | None = None
    friendly_name: str | None = None


class CallerIdResponse(TypedDict):
    sid: str
    date_created: Date2822
    date_updated: Date2822
    friendly_name: str
    account_sid: AccountSid
    phone_number: str
    uri: str


@resource.operation("ListOutgoingCallerId", "GET", PATH, ListCallerIds, returns=CallerIdResponse,
                    key="outgoing_caller_ids")  # fmt: skip
def list_(context: RequestContext, asked: ListCallerIds) -> Answer:
    """List verified numbers: there are none, and calls may be made from any number (§5.4)."""

    def render(_: RequestContext, __: Entity) -> dict[str, Any]:
        raise AssertionError("there is none")

    return page(context, "outgoing_caller_ids", {}, render, asked)


@resource.operation("FetchOutgoingCallerId", "GET", PATH + "/{Sid}", returns=CallerIdResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a verified number: there is none."""
    raise NotFound(f"OutgoingCallerId {context.path['Sid']} was not found")
