"""The timeline: when a wait, an offer, a piece of work and an activity begin and end, and how many are kept."""

from __future__ import annotations

import pytest

from helpers.live.feed.entities import ReservationEntity, TaskEntity
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.spans import Spans


@pytest.fixture
def changed() -> list[str]:
    return []


@pytest.fixture
def spans(changed) -> Spans:
    return Spans(changed.append, kept=100)


def task(status: str) -> TaskEntity:
    return {
        "sid": "WT1", "status": status, "attributes": "{}", "priority": 0, "channel": None, "created": 100,
        "updated": 100, "entered": 100, "reason": None,
    }  # fmt: skip


def reservation(status: str) -> ReservationEntity:
    return {"sid": "WR1", "task": "WT1", "worker": "WK1", "status": status, "created": 200, "updated": 200}


def moved(at: int, left: str, entered: str, spent: int = 0) -> TaskRouterEvent:
    data = {"worker_previous_activity_sid": left, "worker_activity_sid": entered}
    data["worker_time_in_previous_activity_ms"] = str(spent)
    return TaskRouterEvent(f"EV{at}", "worker.activity.update", at, "WK1", data=data)


def told(spans: Spans) -> list[tuple]:
    return [(span["kind"], span["from"], span["to"], span.get("end")) for span in spans.by_key.values()]


def test_a_wait_lasts_from_the_creation_to_the_assignment_and_begins_anew(spans):
    for status, at in (("pending", 100), ("reserved", 150), ("assigned", 300), ("pending", 400), ("canceled", 500)):
        spans.wait(task(status), at)
    assert told(spans) == [("wait", 100, 300, "assigned"), ("wait", 400, 500, "canceled")]


def test_a_task_that_is_first_seen_assigned_has_waited(spans):
    spans.wait(task("assigned"), 300)
    assert told(spans) == [("wait", 100, 300, "assigned")]


def test_an_offer_ends_where_the_work_begins(spans):
    for status, at in (("pending", 200), ("accepted", 250), ("wrapping", 300), ("completed", 350)):
        spans.hold(reservation(status), at)
    assert told(spans) == [("offer", 200, 250, "accepted"), ("work", 250, 350, "completed")]


def test_a_reservation_whose_task_was_removed_ends(spans):
    spans.hold(reservation("accepted"), 250)
    spans.end_reservation("WR1", 400)
    assert told(spans) == [("offer", 200, 250, "accepted"), ("work", 250, 400, None)]


def test_activities_follow_one_another(spans):
    spans.begin_activity("WK1", "WA1", 100)
    spans.change_activity(moved(200, "WA1", "WA2"), "WK1")
    assert told(spans) == [("activity", 100, 200, None), ("activity", 200, None, None)]


def test_an_activity_that_nobody_knew_of_is_added_by_its_length(spans):
    spans.begin_activity("WK1", "WA1", 100)
    spans.change_activity(moved(200, "WA2", "WA3", spent=50), "WK1")
    assert told(spans) == [("activity", 100, 150, None), ("activity", 150, 200, None), ("activity", 200, None, None)]


def test_an_activity_that_a_read_has_found_before_its_event_came_is_not_there_twice(spans):
    spans.begin_activity("WK1", "WA2", 1000)  # by the whole second, as dates are in REST
    spans.change_activity(moved(1400, "WA1", "WA2", spent=900), "WK1")
    spans.change_activity(moved(2000, "WA2", "WA3", spent=600), "WK1")
    assert sorted(told(spans)[1:]) == [
        ("activity", 500, 1400, None), ("activity", 1400, 2000, None), ("activity", 2000, None, None)
    ]  # fmt: skip
    assert told(spans)[0] == ("activity", 1000, 1000, None)


def test_the_activity_of_a_deleted_worker_ends(spans):
    spans.begin_activity("WK1", "WA1", 100)
    spans.end_activity("WK1", 300)
    spans.end_activity("WK2", 300)
    assert told(spans) == [("activity", 100, 300, None)]
    assert not spans.knows_activity("WK1")


def test_a_change_that_changes_nothing_is_not_told(spans, changed):
    spans.hold(reservation("pending"), 200)
    before = len(changed)
    spans.hold(reservation("pending"), 220)
    assert len(changed) == before


def test_the_oldest_that_have_ended_are_forgotten(changed):
    spans = Spans(changed.append, kept=8)
    spans.begin_activity("WK0", "WA1", 0)
    for number in range(8):
        spans.change_activity(moved(100 + number, f"WA{number}", f"WA{number + 1}"), "WK1")
    assert len(spans.by_key) <= 8
    assert told(spans)[0] == ("activity", 0, None, None)  # which goes on
    assert set(changed) > set(spans.by_key)
