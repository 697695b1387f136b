"""Lists that are read a page at a time, and where their clients have got to (rest-contract.md §2)."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from itertools import islice
from operator import indexOf
from typing import Generic, Protocol, TypeVar
from urllib.parse import quote_plus

from msgspec import Struct

from ..engine.model.entities import Entity
from .errors import refusal

E = TypeVar("E", bound=Entity)


class PageSource(Protocol[E]):
    """A list that is read in its order. Each of these raises KeyError where no item has that SID.

    ahead: how many items after a page are remembered, of which all but one may go before the next page is asked for.
    """

    @property
    def ahead(self) -> int:
        """How many."""
        ...

    def following(self, sid: str | None, limit: int) -> list[E]:
        """Read so many items after that one, or from the first on."""
        ...

    def starting_at(self, sid: str, limit: int) -> list[E]:
        """Read so many items, that one first."""
        ...

    def preceding(self, sid: str, places: int) -> str | None:
        """Give the SID of the item that stands so many places before that one; None where the list begins later."""
        ...


class ListInMemory(Generic[E]):
    """A list of resources in memory, of which one page is looked at and the rest is not.

    entities: by SID, in the order of the list; shown: which of them belong to it, None for all. An item that does not
    belong to it any more still says where its page ended.
    """

    ahead = 20

    def __init__(self, entities: Mapping[str, E], shown: Callable[[E], bool] | None = None):
        self.entities, self.shown = entities, shown

    def following(self, sid: str | None, limit: int) -> list[E]:
        """Read so many items after that one, or from the first on; see `PageSource`."""
        return self._read(0 if sid is None else self._place(sid) + 1, limit)

    def starting_at(self, sid: str, limit: int) -> list[E]:
        """Read so many items, that one first; see `PageSource`."""
        return self._read(self._place(sid), limit)

    def preceding(self, sid: str, places: int) -> str | None:
        """Give the SID of an item before that one; see `PageSource`."""
        place = self._place(sid)
        if self.shown is None:
            return next(islice(self.entities, place - places, None)) if place >= places else None
        before = deque(filter(self.shown, islice(self.entities.values(), place)), maxlen=places)
        return before[0].sid if len(before) == places else None

    def _place(self, sid: str) -> int:
        if sid not in self.entities:
            raise KeyError(sid)
        return indexOf(self.entities, sid)

    def _read(self, place: int, limit: int) -> list[E]:
        rest = islice(self.entities.values(), place, None)
        return list(islice(rest if self.shown is None else filter(self.shown, rest), limit))


class ShownPages:
    """Which items came next when a page was shown, by the list's path and the page's last item.

    A client that deletes each page's items before it asks for the next page names an item that is gone.
    """

    def __init__(self, size: int = 64) -> None:
        self.size = size
        self._successors: OrderedDict[tuple[str, str], tuple[str, ...]] = OrderedDict()

    def keep(self, list_path: str, sid: str, successors: tuple[str, ...]) -> None:
        """Remember what came after `sid`; only the last `size` pages are remembered."""
        self._successors[list_path, sid] = successors
        self._successors.move_to_end((list_path, sid))
        if len(self._successors) > self.size:
            self._successors.popitem(last=False)

    def successors(self, list_path: str, sid: str) -> tuple[str, ...]:
        """Give the SIDs that came after `sid`; none when that page was never shown, or is forgotten."""
        return self._successors.get((list_path, sid), ())


class ResourcePage(Struct, Generic[E], frozen=True):
    """Some items of a list, and the tokens of the pages beside it.

    previous: "" for the first page, None where there is none before this one; next: None where there is none.
    """

    items: list[E]
    previous: str | None
    next: str | None

    def links(self, address: str, number: int, token: str | None) -> tuple[str, str, str | None, str | None]:
        """Give the addresses of this page, the first, the one before and the next; None where there is none.

        address: of the list, with its filters and page size; number, token: of this page, as it was asked for.
        """

        def link(number: int, token: str | None) -> str:
            return f"{address}&Page={number}" + (f"&PageToken={quote_plus(token)}" if token else "")

        return (
            link(number, token),
            link(0, None),
            None if self.previous is None else link(max(0, number - 1), self.previous),
            None if self.next is None else link(number + 1, self.next),
        )


def read_page(
    source: PageSource[E], shown_pages: ShownPages, list_path: str, token: str | None, size: int
) -> ResourcePage[E]:
    """Read the page that a token stands for: `PA` and the SID of the last item before it; without one, the first page.

    Raises TaskRouterError (400) for a token that names no item of this list, and none that ended one of its pages.
    """
    if not token:
        found, previous = source.following(None, size + source.ahead), None
    else:
        found, previous = _after(source, shown_pages, list_path, token, size)
    items = found[:size]
    more = len(found) > size
    if more:
        shown_pages.keep(list_path, items[-1].sid, tuple(item.sid for item in found[size:]))
    return ResourcePage(items, previous, _token(items[-1].sid) if more else None)


def _after(
    source: PageSource[E], shown_pages: ShownPages, list_path: str, token: str, size: int
) -> tuple[list[E], str | None]:
    """Read what follows a token's item, and find the token of the page before it."""
    last, limit = token.removeprefix("PA"), size + source.ahead
    try:
        return source.following(last, limit), _token(source.preceding(last, size) or "")
    except KeyError:
        pass  # it is gone
    successors = shown_pages.successors(list_path, last)
    for successor in successors:
        try:
            found = source.starting_at(successor, limit)
        except KeyError:
            continue  # so is this one
        is_first = source.preceding(successor, 1) is None
        return found, None if is_first else _token(source.preceding(successor, size + 1) or "")
    if 0 < len(successors) < source.ahead:  # those were all, and all are gone
        return [], ""
    raise refusal("unknown page token", token=token)


def _token(sid: str) -> str:
    return f"PA{sid}" if sid else ""
