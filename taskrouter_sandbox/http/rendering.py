"""How values look on the wire (rest-contract.md §1, §2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeVar
from urllib.parse import quote_plus, urlencode

from ..engine.model.entities import Entity
from .errors import refusal
from .operation import Answer, RequestContext
from .parameters import PAGING, Listing

E = TypeVar("E", bound=Entity)


def date(ms: int | None) -> str | None:
    """ISO 8601 in whole seconds, the only form that every client reads as a date (rest-contract.md §1)."""
    return None if ms is None else _second(ms // 1000)


@lru_cache(4096)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def common(context: RequestContext, entity: Entity, workspace_sid: str) -> dict[str, Any]:
    """The fields that every resource of a workspace has."""
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
    entities: Iterable[E],
    render: Callable[[RequestContext, E], dict[str, Any]],
    asked: Listing,
) -> Answer:
    """One page of a list, with its `meta` (rest-contract.md §2).

    A page token is `PA` and the SID of the last item of the page before. A page number without one is absolute paging,
    which is refused (code 40153).
    """
    every = list(entities)
    start, number = 0, asked.page or 0
    if asked.page_token:
        start = _start(context, every, asked.page_token)
    elif number > 0:
        raise refusal("absolute paging")
    filters = [(name, value) for name, value in context.query if name not in PAGING]
    shown = every[start : start + asked.page_size]
    end = start + len(shown)
    address = f"{context.base}{context.url_path}?{urlencode([*filters, ('PageSize', asked.page_size)])}"

    def url(page: int, token: str | None) -> str:
        return f"{address}&Page={page}" + (f"&PageToken={quote_plus(token)}" if token else "")

    if end < len(every):
        context.cursors.keep(context.url_path, shown[-1].sid, [entity.sid for entity in every[end:]])
    before = max(0, start - asked.page_size)
    return Answer(
        {
            key: [render(context, entity) for entity in shown],
            "meta": {
                "key": key,
                "page": number,
                "page_size": asked.page_size,
                "url": url(number, asked.page_token),
                "first_page_url": url(0, None),
                "previous_page_url": (
                    url(max(0, number - 1), f"PA{every[before - 1].sid}" if before else None) if start else None
                ),
                "next_page_url": url(number + 1, f"PA{shown[-1].sid}") if end < len(every) else None,
            },
        }
    )


def _start(context: RequestContext, every: list[E], token: str) -> int:
    """Where the page after that token begins; also when the token's item is gone by now."""
    last = token.removeprefix("PA")
    places = {entity.sid: index for index, entity in enumerate(every)}
    if last in places:
        return places[last] + 1
    following = context.cursors.after(context.url_path, last)
    if following is None:
        raise refusal("unknown page token", token=token)
    return next((places[sid] for sid in following if sid in places), len(every))
