"""What a view is told of: each change once, a snapshot where changes are no help, nothing after the end."""

from __future__ import annotations

from threading import RLock

import pytest

from helpers.live.feed.changes import ChangeTracker


@pytest.fixture
def table() -> dict[tuple[str, str], object]:
    return {("tasks", "WT1"): {"sid": "WT1"}, ("workspace", ""): {"name": "Mine"}}


@pytest.fixture
def tracker(table):
    tracker = ChangeTracker(RLock(), lambda collection, sid: table.get((collection, sid)), lambda tracker: None)
    assert tracker.changes() is None  # whoever begins takes a snapshot
    return tracker


def test_a_change_is_told_once_as_it_stands_then(tracker, table):
    tracker.note("tasks", "WT1")
    table["tasks", "WT1"] = {"sid": "WT1", "status": "canceled"}
    tracker.note("tasks", "WT1")
    assert tracker.changes() == {"tasks": {"WT1": {"sid": "WT1", "status": "canceled"}}}
    assert tracker.changes() == {}


def test_what_has_gone_is_none_and_what_is_a_single_thing_has_no_sid(tracker, table):
    del table["tasks", "WT1"]
    tracker.note("tasks", "WT1")
    tracker.note("workspace", "")
    assert tracker.changes() == {"tasks": {"WT1": None}, "workspace": {"name": "Mine"}}


def test_after_a_reset_a_snapshot_is_taken_once(tracker):
    tracker.note("tasks", "WT1")
    tracker.reset()
    assert tracker.changes() is None
    assert tracker.changes() == {}


def test_at_its_end_it_says_who_ends():
    ended: list[ChangeTracker] = []
    tracker = ChangeTracker(RLock(), lambda collection, sid: None, ended.append)
    tracker.end()
    assert ended == [tracker]
