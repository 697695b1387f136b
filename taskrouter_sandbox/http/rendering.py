"""How values look on the wire (rest-contract.md §1, §2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar, overload
from urllib.parse import urlencode

from ..engine.model.entities import Entity
from .errors import refusal
from .operation import Answer, RequestContext
from .paging import PageSource, read_page
from .parameters import PAGING, Listing
from .response_types import CommonFields

E = TypeVar("E", bound=Entity)


@overload
def date(ms: int) -> str: ...
@overload
def date(ms: int | None) -> str | None: ...
def date(ms: int | None) -> str | None:
    """Write ISO 8601 in whole seconds, the only form that every client reads as a date (rest-contract.md §1)."""
    return None if ms is None else _second(ms // 1000)


@lru_cache(4096)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def common(context: RequestContext, entity: Entity, workspace_sid: str) -> CommonFields:
    """Render the fields that every resource of a workspace has."""
    return {
        "account_sid": context.service.account_sid,
        "workspace_sid": workspace_sid,
        "sid": entity.sid,
        "date_created": date(entity.date_created),
        "date_updated": date(entity.date_updated),
    }


def page(
    context: RequestContext,
    key: str,
    source: PageSource[E],
    render: Callable[[RequestContext, E], Any],
    asked: Listing,
) -> Answer:
    """Make one page of a list, with its `meta` (rest-contract.md §2).

    A page token is `PA` and the SID of the last item of the page before. A page number without one is absolute paging,
    which is refused (code 40153).
    """
    number = asked.page or 0
    if number > 0 and not asked.page_token:
        raise refusal("absolute paging")
    read = read_page(source, context.server.shown_pages, context.url_path, asked.page_token, asked.page_size)
    filters = [(name, value) for name, value in context.query if name not in PAGING]
    address = f"{context.base}{context.url_path}?{urlencode([*filters, ('PageSize', asked.page_size)])}"
    url, first, previous, following = read.links(address, number, asked.page_token)
    return Answer(
        {
            key: [render(context, entity) for entity in read.items],
            "meta": {
                "key": key,
                "page": number,
                "page_size": asked.page_size,
                "url": url,
                "first_page_url": first,
                "previous_page_url": previous,
                "next_page_url": following,
            },
        }
    )
