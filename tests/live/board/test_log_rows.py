"""The rows of the board's log: what is one row with a count, and what stays."""

from __future__ import annotations

import pytest

from helpers.live.board.log_rows import LogRows
from tests.live.board.log_entries import WORKSPACE, alert, delivery, exchange, failed


def test_a_storm_is_one_row_and_leaves_what_was_before_it():
    rows = LogRows(WORKSPACE, kept=5)
    rows.add_exchange(exchange(1, answer='{"instruction": "acept"}'))
    for number in range(2, 400):
        rows.add_exchange(failed(number))
        rows.add_alerts([alert(number)])
    mistake, storm, complaint = rows.snapshot().values()
    assert mistake["problem"].startswith("'acept' is not an instruction; known are accept, reject")
    assert storm["problem"] == "KeyError: 'x', line 7 of the cell"
    assert (storm["id"], storm["times"], storm["number"]) == ("call 2", 398, 399)
    assert storm["since"] != storm["at"]
    assert complaint["times"] == 398


def test_what_came_again_is_the_newest_and_the_oldest_goes_first():
    rows = LogRows(WORKSPACE, kept=2)
    rows.add_exchange(failed(1))
    rows.add_exchange(exchange(2))
    rows.add_exchange(failed(3))
    rows.add_exchange(exchange(4))
    assert list(rows.snapshot()) == ["call 1", "call 4"]
    assert rows.take_changes().keys() == {"call 1", "call 2", "call 4"}
    assert rows.take_changes() == {}


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({}, None),
        ({"answer": "{}"}, None),
        ({"form": {}, "status": 404}, None),
        ({"status": 405}, "does not take POST"),
        ({"status": 404}, "the answer was 404"),
        ({"form": {}, "error": "ValueError"}, "ValueError"),
    ],
)
def test_what_counts_as_a_problem(more, problem):
    rows = LogRows(WORKSPACE)
    rows.add_exchange(exchange(1, **more))
    (row,) = rows.snapshot().values()
    assert (row["problem"] is None) if problem is None else (problem in row["problem"])


def test_a_task_that_its_worker_rejects_over_and_over_is_one_row():
    rows = LogRows(WORKSPACE)
    for number in range(1, 4):
        rows.add_exchange(exchange(number, answer='{"instruction": "reject"}'))
    other = exchange(4).form | {"WorkerSid": "WK2"}
    rows.add_exchange(exchange(4, answer='{"instruction": "reject"}', form=other))
    assert [row["times"] for row in rows.snapshot().values()] == [3, 1]


def test_a_request_whose_background_work_fails_later_is_the_same_row():
    rows = LogRows(WORKSPACE)
    rows.add_exchange(exchange(1))
    rows.add_exchange(exchange(1, error="ValueError"))
    (row,) = rows.snapshot().values()
    assert (row["times"], row["problem"]) == (1, "ValueError")


def test_alerts_count_once_however_often_they_are_read():
    rows = LogRows(WORKSPACE)
    rows.add_alerts([alert(2), alert(1)])
    rows.add_alerts([alert(3), alert(2), alert(1), alert(0) | {"more": {"workspace_sid": "WS2"}}])
    (row,) = rows.snapshot().values()
    assert (row["id"], row["times"]) == ("alert 1", 3)
    assert row["about"] == "WR1"


def test_folded_calls_have_arrived_and_the_number_of_the_last_is_known():
    rows = LogRows(WORKSPACE)
    for number in range(1, 4):
        rows.add_exchange(failed(number))
    for _ in range(3):
        rows.add_deliveries([delivery(3), delivery(2), delivery(1)])
    (row,) = rows.snapshot().values()
    assert (row["times"], row["delivery"]) == (3, 3)


def test_a_delivery_that_is_not_here_at_the_second_look_is_lost():
    rows = LogRows(WORKSPACE)
    lost = [delivery(number, attempts=[{"error": "refused", "seconds": 0.1}]) for number in (2, 1)]
    rows.add_deliveries([*lost, delivery(3, outcome=None)])
    assert rows.snapshot() == {}
    rows.add_deliveries(lost)
    rows.add_deliveries(lost)
    (row,) = rows.snapshot().values()
    assert (row["times"], row["delivery"]) == (2, 2)
    assert row["problem"] == "no answer from http://x/: refused"


def test_what_a_fallback_answered_is_not_told_of_the_first_address():
    rows = LogRows(WORKSPACE)
    attempts = [{"url": "http://x/", "status": 500}, {"url": "http://y/", "error": "refused"}]
    for _ in range(3):
        rows.add_deliveries([delivery(1, attempts=attempts)])
    (row,) = rows.snapshot().values()
    assert (row["request"], row["problem"]) == ("POST http://y/", "no answer from http://y/: refused")


def test_a_callback_that_was_not_sent_is_not_lost():
    rows = LogRows(WORKSPACE)
    for _ in range(2):
        rows.add_deliveries([delivery(1, attempts=[], result="gone", outcome="not asked: meanwhile …")])
    assert rows.snapshot() == {}
