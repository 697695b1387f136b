"""Pages of a list in memory and of the stored events: against the plain list that they are pages of."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskrouter_sandbox.engine.model.effects import Effects
from taskrouter_sandbox.engine.model.entities import Event
from taskrouter_sandbox.engine.model.errors import TaskRouterError
from taskrouter_sandbox.http.paging import ListInMemory, ShownPages, read_page
from taskrouter_sandbox.storage.events import EventQuery
from taskrouter_sandbox.storage.store import Store

WORKSPACE = "WS1"


@dataclass
class Item:
    sid: str


def pages(source: Any, size: int, shown_pages: ShownPages | None = None) -> list[list[str]]:
    """All pages of a list, by following the next one's token; each previous token leads back."""
    shown_pages, token, found, tokens = shown_pages or ShownPages(), None, [], [None]
    while True:
        page = read_page(source, shown_pages, "/list", token, size)
        found.append([item.sid for item in page.items])
        back = None if page.previous is None else page.previous or None
        assert page.previous is None if len(tokens) == 1 else back == tokens[-2]
        if page.next is None:
            return found
        token = page.next
        tokens.append(token)


def cut(sids: list[str], size: int) -> list[list[str]]:
    return [sids[start : start + size] for start in range(0, len(sids), size)] or [[]]


@given(st.integers(0, 30), st.integers(1, 8), st.sets(st.integers(0, 29)))
def test_a_list_in_memory(count, size, hidden):
    items = {f"X{number}": Item(f"X{number}") for number in range(count)}
    without = {f"X{number}" for number in hidden}
    assert pages(ListInMemory(items), size) == cut(list(items), size)
    shown = [sid for sid in items if sid not in without]
    assert pages(ListInMemory(items, lambda item: item.sid not in without), size) == cut(shown, size)


def test_an_item_that_left_the_filter_still_says_where_its_page_ended():
    """A client cancels each pending task that it reads: the next page begins with those it has not seen."""
    items = {sid: Item(sid) for sid in "ABCDE"}
    done: set[str] = set()
    source = ListInMemory(items, lambda item: item.sid not in done)
    first = read_page(source, ShownPages(), "/list", None, 2)
    done |= {"A", "B", "C"}
    assert [item.sid for item in read_page(source, ShownPages(), "/list", first.next, 2).items] == ["D", "E"]


class TestAnItemThatIsGone:
    def test_its_successor_begins_the_page(self):
        items, shown_pages = {sid: Item(sid) for sid in "ABCDE"}, ShownPages()
        token = read_page(ListInMemory(items), shown_pages, "/list", None, 2).next
        del items["B"]
        page = read_page(ListInMemory(items), shown_pages, "/list", token, 2)
        assert [item.sid for item in page.items] == ["C", "D"]
        assert page.previous == ""  # the first page, by now of one item

    def test_without_its_page_it_says_nothing(self):
        items = {sid: Item(sid) for sid in "ABCDE"}
        with pytest.raises(TaskRouterError, match="names no item of this list"):
            read_page(ListInMemory(items), ShownPages(), "/list", "PAZ", 2)

    def test_when_its_successor_is_gone_too_the_next_one_begins_the_page(self):
        items, shown_pages = {sid: Item(sid) for sid in "ABCDEF"}, ShownPages()
        token = read_page(ListInMemory(items), shown_pages, "/list", None, 2).next
        for sid in "ABCD":
            del items[sid]
        assert [item.sid for item in read_page(ListInMemory(items), shown_pages, "/list", token, 2).items] == ["E", "F"]

    def test_when_all_that_followed_is_gone_the_page_is_empty(self):
        items, shown_pages = {sid: Item(sid) for sid in "ABCDE"}, ShownPages()
        token = read_page(ListInMemory(items), shown_pages, "/list", None, 2).next
        for sid in "BCDE":
            del items[sid]
        page = read_page(ListInMemory(items), shown_pages, "/list", token, 2)
        assert (page.items, page.previous, page.next) == ([], "", None)

    def test_when_more_is_gone_than_is_remembered_the_client_begins_again(self):
        items, shown_pages = {str(n): Item(str(n)) for n in range(1000)}, ShownPages()
        token = read_page(ListInMemory(items), shown_pages, "/list", None, 2).next
        for number in range(1, 1 + ListInMemory.ahead + 1):
            del items[str(number)]
        with pytest.raises(TaskRouterError, match="start again at the first page"):
            read_page(ListInMemory(items), shown_pages, "/list", token, 2)


def test_a_thousand_pages_are_no_more_to_remember_than_sixty_four():
    items, shown_pages = {f"X{number}": Item(f"X{number}") for number in range(1001)}, ShownPages()
    assert len(pages(ListInMemory(items), 1, shown_pages)) == 1001
    assert len(shown_pages._successors) == 64
    assert max(map(len, shown_pages._successors.values())) <= ListInMemory.ahead


@pytest.fixture
def store(tmp_path):
    """Three kinds of events about two tasks, one a millisecond, and one of another workspace between each two."""
    store = Store(tmp_path / "events.sqlite3")
    effects, others = Effects(), Effects()
    for number in range(40):
        task = {"TaskSid": f"WT{number % 2}", "WorkerSid": "WK1"} if number % 4 else {"TaskSid": f"WT{number % 2}"}
        kind = ("task.created", "task.updated", "reservation.created")[number % 3]
        effects.events.append(Event(f"EV{number}", number, number, kind, "", "task", task["TaskSid"], task))
        others.events.append(Event(f"EVx{number}", number, number, kind, "", "task", task["TaskSid"], task))
        for sid, what in ((WORKSPACE, effects), ("WS2", others)):
            store.write(sid, what, [], number)
            what.events.clear()
    yield store
    store.close()


QUERIES = {
    "all": ({}, lambda e: True),
    "one task": ({"task_sid": "WT1"}, lambda e: e.number % 2),
    "a worker, of one type": (
        {"worker_sid": "WK1", "event_type": "task.updated"},
        lambda e: e.number % 4 and e.number % 3 == 1,
    ),
    "between": ({"since": 7, "until": 23}, lambda e: 7 <= e.number <= 23),
    "of a task, since": ({"task_sid": "WT0", "since": 11}, lambda e: not e.number % 2 and e.number >= 11),
    "none": ({"task_sid": "WT9"}, lambda e: False),
}


@pytest.mark.parametrize("size", [1, 3, 40, 50])
@pytest.mark.parametrize("name", QUERIES)
def test_stored_events(store, name, size):
    wanted, belongs = QUERIES[name]
    expected = [f"EV{number}" for number in reversed(range(40)) if belongs(SimpleNamespace(number=number))]
    source = store.events(EventQuery(workspace_sid=WORKSPACE, **wanted))
    assert pages(source, size) == cut(expected, size)
    assert [event.sid for event in source.all()] == expected


def test_a_page_of_events_is_found_by_its_key(store):
    """Neither a sort nor a walk over other events: what makes a page cost what it shows."""
    for wanted, index in (({}, "event_at"), ({"since": 3}, "event_at"), ({"task_sid": "WT1"}, "event_task")):
        conditions = EventQuery(workspace_sid=WORKSPACE, **wanted).conditions()
        where = " AND ".join(sql for sql, _ in [*conditions, ("at < ?", 0)])
        sql = f"EXPLAIN QUERY PLAN SELECT * FROM event WHERE {where} ORDER BY at DESC LIMIT 51"
        (plan,) = store.db.execute(sql, [*(value for _, value in conditions), 20]).fetchall()
        assert f"USING INDEX {index} (" in plan["detail"], plan["detail"]
        assert "SCAN" not in plan["detail"]
