"""The types of values in answers, for the shapes that each resource declares (rest-contract.md §5)."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

import msgspec

from .parameter_types import AccountSid, WorkspaceSid


def _format(**schema: Any) -> msgspec.Meta:
    return msgspec.Meta(extra_json_schema=schema)


Date = Annotated[str, _format(format="date-time")]
Uri = Annotated[str, _format(format="uri")]
UriOrEmpty = Annotated[str, _format(anyOf=[{"format": "uri"}, {"const": ""}])]
Links = Annotated[dict[str, str | None], _format(format="uri-map")]


class CommonFields(TypedDict):
    """What every resource in a workspace has, beside its address."""

    account_sid: str
    workspace_sid: str
    sid: str
    date_created: str
    date_updated: str


class Resource(TypedDict):
    """What every resource in a workspace has, beside its own SID and address."""

    account_sid: AccountSid
    workspace_sid: WorkspaceSid
    date_created: Date
    date_updated: Date
    url: Uri


class PageMeta(TypedDict):
    """The `meta` of a page (rest-contract.md §2.1)."""

    key: str
    page: int
    page_size: int
    url: Uri
    first_page_url: Uri
    previous_page_url: Uri | None
    next_page_url: Uri | None


class PageLinks(TypedDict):
    """What a page of the 2010-04-01 API has beside its list (voice.md §5.3)."""

    page: int
    page_size: int
    start: int
    end: int
    uri: str
    first_page_uri: str
    previous_page_uri: str | None
    next_page_uri: str | None
