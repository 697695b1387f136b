"""Requests and alerts about phone calls in the board's log."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.live.board.log_rows import LogRows
from tests.live.board.log_entries import WORKSPACE, alert, delivery, exchange, failed

CALL = {"CallSid": "CA1", "From": "+1500", "To": "+1501", "CallStatus": "ringing"}
NOBODY = [{"url": "http://x/", "error": "refused", "seconds": 0.1}]


def about_call(number: int, **more: Any) -> Any:
    """The sandbox's record of a request for the document of a call."""
    own = {
        "kind": "voice",
        "workspace_sid": "",
        "subject_sid": "CA1",
        "parameters": CALL,
        "outcome": "the call runs it",
    }
    return delivery(number, **(own | more))


def test_a_request_about_a_call_that_came_here_is_one_row():
    rows = LogRows(WORKSPACE)
    rows.add_exchange(exchange(1, form=CALL, answer="<Response/>", path="/menu"))
    rows.add_exchange(exchange(2, form=CALL | {"CallStatus": "completed"}, status=204, answer="", path="/status"))
    status = about_call(2, kind="status", url="http://x/status")
    for _ in range(3):
        rows.add_deliveries([status, about_call(1, url="http://x/menu?a=b")], ["CA1"])
    menu, over = rows.snapshot().values()
    assert (menu["said"], menu["problem"], menu.get("delivery")) == (["+1500 → +1501", "ringing"], None, None)
    assert (over["said"][1], over["delivery"]) == ("completed", 2)  # it can be sent again


def test_requests_about_a_call_that_fail_elsewhere_are_one_row_and_one_problem():
    rows = LogRows(WORKSPACE)
    lost = [about_call(number, attempts=NOBODY, result="failed", outcome="failed: refused") for number in (2, 1)]
    for _ in range(2):
        rows.add_deliveries(lost)
    rows.add_alerts([alert(1, about="CA1")])
    row, told = rows.snapshot().values()
    assert (row["times"], row["problem"], told["problem"]) == (2, "no answer from http://x/: refused", None)


def test_another_alert_about_a_call_is_a_problem_of_its_own():
    rows = LogRows(WORKSPACE)
    rows.add_exchange(exchange(1, form=CALL, status=500, answer=""))
    rows.add_alerts([alert(1, about="CA1"), alert(2, "no XML", about="CA1") | {"code": 12100}])
    assert [row["problem"] for row in rows.snapshot().values()] == [
        "the answer was 500, and only 200 to 299 count", "no XML", None,
    ]  # fmt: skip


def test_what_went_well_at_another_server_is_a_row_for_calls_of_this_workspace_only():
    rows = LogRows(WORKSPACE)
    status = about_call(1, kind="status", url="http://x/status", attempts=[{"url": "http://x/status", "status": 500}])
    for _ in range(2):
        rows.add_deliveries([about_call(3, subject_sid="CA2", parameters=CALL | {"CallSid": "CA2"}), status], ["CA1"])
    (row,) = rows.snapshot().values()
    assert (row["request"], row["problem"]) == ("POST http://x/status", "http://x/status answered 500")


def test_music_that_a_caller_hears_again_and_again_is_one_row():
    rows = LogRows(WORKSPACE)
    for number in range(1, 9):
        rows.add_exchange(exchange(number, form=CALL | {"QueueTime": str(number)}, answer="<Response/>", path="/wait"))
    (row,) = rows.snapshot().values()
    assert (row["times"], row["problem"]) == (8, None)


def test_alerts_of_calls_belong_to_every_workspace():
    rows = LogRows(WORKSPACE)
    rows.add_alerts([alert(1) | {"more": {"workspace_sid": "", "subject_sid": "CA1"}}])
    [row] = rows.snapshot().values()
    assert row["about"] == "CA1"


@pytest.mark.parametrize("alert_first", [False, True])
@pytest.mark.parametrize("kind", ["failed", "lost", "event"])
def test_a_call_that_failed_and_its_alert_are_one_problem(kind, alert_first):
    rows = LogRows(WORKSPACE)
    form = {"EventType": "reservation.created", "ReservationSid": "WR1", "Sid": "EV1"}

    def call() -> None:
        if kind == "failed":
            rows.add_exchange(failed(1))
        elif kind == "event":
            rows.add_exchange(exchange(1, form=form, error="ValueError"))
        else:
            for _ in range(2):
                rows.add_deliveries([delivery(1, attempts=[{"error": "refused", "seconds": 0.1}])])

    def complain() -> None:
        rows.add_alerts([alert(1, about="EV1" if kind == "event" else "WR1")])

    for add in (complain, call) if alert_first else (call, complain):
        add()
    assert [row["of"] for row in rows.snapshot().values() if row["problem"]] == ["call"]
    assert len(rows.snapshot()) == 2


def test_an_alert_is_a_problem_where_its_call_shows_none():
    rows = LogRows(WORKSPACE)
    rows.add_exchange(exchange(1))
    rows.add_exchange(failed(2))
    rows.add_alerts([alert(1, "the task is canceled")])
    assert [row["of"] for row in rows.snapshot().values() if row["problem"]] == ["call", "alert"]
