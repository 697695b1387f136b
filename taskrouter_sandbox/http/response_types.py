"""The types of values in answers, for the shapes that each resource declares (rest-contract.md §5)."""

from __future__ import annotations

from typing import Annotated

from pydantic import WithJsonSchema
from typing_extensions import TypedDict  # pydantic reads these only, before Python 3.12

from .parameters import AccountSid, WorkspaceSid

Date = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Uri = Annotated[str, WithJsonSchema({"type": "string", "format": "uri"})]
UriOrEmpty = Annotated[
    str, WithJsonSchema({"anyOf": [{"type": "string", "format": "uri"}, {"type": "string", "const": ""}]})
]
Links = Annotated[dict[str, str | None], WithJsonSchema({"type": "object", "format": "uri-map"})]


class Resource(TypedDict):
    """What every resource in a workspace has, beside its own SID and address."""

    account_sid: AccountSid
    workspace_sid: WorkspaceSid
    date_created: Date
    date_updated: Date
    url: Uri


class Meta(TypedDict):
    """The `meta` of a page (rest-contract.md §2.1)."""

    key: str
    page: int
    page_size: int
    url: Uri
    first_page_url: Uri
    previous_page_url: Uri | None
    next_page_url: Uri | None
