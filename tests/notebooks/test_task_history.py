"""The story of a task: order, selection, words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace.event import EventInstance
from twilio.rest.taskrouter.v1.workspace.task import TaskInstance

from helpers.callback_server.exchange_log import Exchange
from helpers.lesson.task_history import what_happened

VERSION = Client("AC" + "0" * 32, "secret").taskrouter.v1
WS, WT, OTHER, WR = "WS" + "1" * 32, "WT" + "1" * 32, "WT" + "2" * 32, "WR" + "1" * 32
TASK = TaskInstance(VERSION, {"sid": WT}, WS)
START = 1_700_000_000_000


def event(ms: int, kind: str, task: str = WT, **data: str) -> EventInstance:
    payload = {
        "sid": "EV" + "1" * 32,
        "event_type": kind,
        "event_date_ms": START + ms,
        "event_data": {"task_sid": task, **data},
        "description": f"{kind}, described",
    }
    return EventInstance(VERSION, payload, WS)


def moved(ms: int, before: str, after: str) -> EventInstance:
    names = {"worker_name": "Alice", "worker_previous_activity_name": before, "worker_activity_name": after}
    return event(ms, "worker.activity.update", "", **names)


def callback(ms: int, answer: str = '{"instruction":"accept"}', **form: str) -> Exchange:
    return Exchange(
        number=1,
        at=datetime.fromtimestamp((START + ms) / 1000, UTC),
        method="POST",
        path="/assignment_callback",
        form={"TaskSid": WT, "ReservationSid": WR, **form},
        signature="valid",
        status=200,
        answer=answer,
        seconds=0.004,
    )


CREATED = event(0, "task.created")
IDLE = moved(5_000, "Offline", "Idle")
RESERVED = event(5_000, "reservation.created", reservation_sid=WR, worker_name="Alice")
TO_RESERVED = moved(5_000, "Idle", "Reserved")
ACCEPTED = event(5_030, "reservation.accepted", reservation_sid=WR, worker_name="Alice")
TO_BUSY = moved(5_030, "Reserved", "Busy")
HISTORY = [CREATED, IDLE, RESERVED, TO_RESERVED, ACCEPTED, TO_BUSY]
IN_ORDER = [
    "The task is created",
    "Alice: Offline → Idle",
    "A reservation for Alice: the task is reserved",
    "Alice: Idle → Reserved",
    'POST /assignment_callback is answered 200 {"instruction":"accept"} in 4 ms',
    "The reservation is accepted: the task is assigned",
    "Alice: Reserved → Busy",
]


def words(*args) -> list[str]:
    return [row.words for row in what_happened(TASK, *args).rows]


@pytest.mark.parametrize("events", [HISTORY, HISTORY[::-1]], ids=["oldest first", "newest first"])
def test_events_and_callback_stand_in_order(events):
    assert words(events, [callback(5_012)]) == IN_ORDER


@pytest.mark.parametrize("skew", [-90_000, 90_000], ids=["server's clock slow", "server's clock fast"])
def test_a_callback_stands_between_its_reservation_and_the_accept_even_when_the_clocks_disagree(skew):
    story = what_happened(TASK, HISTORY, [callback(5_012 + skew)])

    assert [row.words for row in story.rows] == IN_ORDER
    assert story.rows[4].clock == ""  # the time of a clock that does not agree says nothing here
    lines = repr(story).splitlines()
    assert "+" not in lines[4]
    assert "+30 ms" in lines[5]


def test_other_tasks_and_what_went_before_are_left_out():
    before = moved(-40, "Busy", "Offline")
    foreign = event(3, "reservation.created", OTHER, reservation_sid="WR" + "2" * 32, worker_name="Bob")

    assert words([before, foreign, *HISTORY], [callback(5_012), callback(9, TaskSid=OTHER)]) == IN_ORDER


def test_a_request_that_is_no_assignment_callback_is_left_out():
    assert words([CREATED], [callback(4, TaskSid="")]) == ["The task is created"]


def test_an_event_without_a_sentence_is_told_in_its_own_words():
    assert words([CREATED, event(9, "task.updated")], []) == ["The task is created", "task.updated, described"]


def test_times_are_told_in_local_time_to_the_millisecond():
    text = repr(what_happened(TASK, HISTORY, [callback(5_012)]))

    here = datetime.fromtimestamp((START + 5_012) / 1000)
    assert f"{here:%H:%M:%S}.012" in text
    assert "+5,000 ms" in text
    assert "+18 ms" in text


@pytest.mark.parametrize(
    ("events", "still_to_do"),
    [
        ([CREATED], "Nothing is reserved yet"),
        ([CREATED, IDLE, RESERVED], "Nobody has accepted"),
        ([CREATED, IDLE, RESERVED, TO_RESERVED, event(9_000, "reservation.canceled")], "TaskRouter has canceled"),
        ([CREATED, IDLE, RESERVED, event(9_000, "reservation.rejected"), TO_RESERVED], "was rejected"),
        ([CREATED, IDLE, RESERVED, event(9_000, "reservation.timeout")], "has timed out"),
        ([CREATED, event(9_000, "task.canceled")], "The task was canceled"),
        (HISTORY, ""),
        ([], "Nothing is reserved yet"),
    ],
)
def test_it_says_what_is_still_to_do(events, still_to_do):
    story = what_happened(TASK, events, [])

    assert still_to_do in story.still_to_do
    assert bool(story.still_to_do) == bool(still_to_do)
    assert story.still_to_do in repr(story)
    assert story.still_to_do in story._repr_html_()


def test_what_a_server_answered_cannot_break_the_page():
    html = what_happened(TASK, HISTORY, [callback(5_012, "<script>alert(1)</script>")])._repr_html_()

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("times", "rows", "folded"), [(3, 7, []), (40, 6, ["… 38 more reservations: 1 rejected, 37 canceled"])]
)
def test_what_comes_again_and_again_is_counted(times, rows, folded):
    bounces = []
    for n in range(times):
        who = {"reservation_sid": f"WR{n:032}", "worker_name": "Alice"}
        end = "reservation.rejected" if n == 1 else "reservation.canceled"
        bounces += [event(100 * n + 1, "reservation.created", **who), event(100 * n + 9, end, **who)]

    story = what_happened(TASK, [CREATED, *bounces], [])

    assert len(story.rows) == rows
    assert [row.words for row in story.rows if row.kind == "folded"] == folded
    assert "TaskRouter has canceled the reservation" in story.still_to_do
