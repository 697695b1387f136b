"""The rows of the board's log: what is one row with a count, and what stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from helpers.callback_server.exchange_log import Exchange
from helpers.live.board.log_rows import LogRows
from helpers.live.feed.event import TaskRouterEvent

WORKSPACE = "WS1"
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def exchange(number: int, **more: Any) -> Exchange:
    """An assignment callback that was answered with an accept, unless `more` says otherwise."""
    form = {"ReservationSid": f"WR{number}", "TaskSid": "WT1", "WorkerSid": "WK1"}
    usual = {"status": 200, "answer": '{"instruction": "accept"}', "form": form}
    at = START + timedelta(seconds=number)
    path = more.pop("path", "/assignment_callback")
    return Exchange(number, at, "POST", path, signature="valid", seconds=0.1, **(usual | more))


def failed(number: int) -> Exchange:
    return exchange(number, status=500, answer="", error="KeyError: 'x', line 7 of the cell")


def delivery(number: int, **more: Any) -> Any:
    """The sandbox's record of the exchange with that number."""
    at = int((START + timedelta(seconds=number)).timestamp() * 1000)
    usual = {"url": "http://x/", "parameters": {}, "attempts": [{"status": 200, "body": "", "seconds": 0.1}]}
    own = {"number": number, "kind": "assignment", "workspace_sid": WORKSPACE, "subject_sid": f"WR{number}", "at": at}
    own["method"], own["result"] = "POST", "done"
    return own | usual | {"outcome": "instruction accept"} | more


def alert(number: int, text: str = "no answer", about: str = "WR1") -> dict[str, Any]:
    more = {"workspace_sid": WORKSPACE, "subject_sid": about}
    return {"number": number, "at": number, "code": 11200, "level": "error", "text": text, "more": more}


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


def changed(what: str, at: int) -> TaskRouterEvent:
    return TaskRouterEvent(f"EV{at}", what, at, "WQ1")


def warning(number: int) -> dict[str, Any]:
    return alert(number, "worker.languages is not there", "WQ1") | {"level": "warning"}


@pytest.mark.parametrize("read_late", [False, True])
@pytest.mark.parametrize("what", ["task-queue.expression.updated", "task-queue.deleted"])
def test_a_warning_is_no_problem_once_its_subject_was_changed(what, read_late):
    rows = LogRows(WORKSPACE)
    steps = [lambda: rows.add_alerts([warning(5), alert(4)]), lambda: rows.add_event(changed(what, 6))]
    for step in reversed(steps) if read_late else steps:
        step()
    assert [row["problem"] for row in rows.snapshot().values()] == ["no answer", None]


REJECT, TO_LUNCH = '{"instruction": "reject"}', '{"instruction": "reject", "activity_sid": "WA1"}'
ACCEPT = '{"instruction": "accept"}'


def asked(number: int, answer: str, worker: str = "WK1", **more: Any) -> Exchange:
    """An assignment callback about that worker, and its answer."""
    form = {"ReservationSid": f"WR{number}", "WorkflowSid": "WW1", "WorkerSid": worker}
    return exchange(number, answer=answer, form=form | more.pop("form", {}), **more)


def warned_of(number: int, code: int = 40005) -> dict[str, Any]:
    """The warning about the answer to that callback, a tenth of a second after it."""
    at = int(START.timestamp() * 1000) + number * 1000 + 100
    return alert(number, "not a good answer", f"WR{number}") | {"level": "warning", "code": code, "at": at}


@pytest.mark.parametrize("read_late", [False, True])
@pytest.mark.parametrize(
    ("code", "later", "is_past"),
    [
        (40005, asked(2, ACCEPT), True),
        (40005, asked(2, "{}"), True),
        (40005, asked(2, "", worker="WK2"), True),
        (40005, asked(2, REJECT), True),
        (40001, asked(2, ACCEPT), True),
        (40005, asked(2, '{"answer": "accept"}'), False),
        (40005, asked(2, '{"instruction": ["acept"]}'), False),
        (40005, asked(2, "[]"), False),
        (40005, asked(2, "no JSON"), False),
        (40005, asked(2, ACCEPT, status=500), False),
        (40005, asked(2, ACCEPT, error="ValueError"), False),
        (40005, asked(2, ACCEPT, by_app=False), False),
        (40005, asked(2, ACCEPT, form={"WorkflowSid": "WW2"}), False),
        (40005, asked(2, ACCEPT, form={"EventType": "reservation.created"}), False),
        (40005, asked(0, ACCEPT), False),
        (40100, asked(2, TO_LUNCH, worker="WK2"), True),
        (40100, asked(2, ACCEPT), True),
        (40100, asked(2, ACCEPT, worker="WK2"), False),
        (40100, asked(2, REJECT), False),
    ],
)
def test_a_warning_about_an_answer_is_no_problem_once_the_app_answers_better(code, later, is_past, read_late):
    rows = LogRows(WORKSPACE)
    rows.add_exchange(asked(1, REJECT if code == 40100 else '{"answer": "accept"}'))
    steps = [lambda: rows.add_alerts([warned_of(1, code)]), lambda: rows.add_exchange(later)]
    for step in reversed(steps) if read_late else steps:
        step()
    assert (rows.snapshot()["alert 1"]["problem"] is None) == is_past


def document(number: int, call: str, answer: str, path: str = "/incoming_call", **more: Any) -> Exchange:
    """A request about a call, and the TwiML that answers it."""
    return exchange(number, form={"CallSid": call, "CallStatus": "ringing"}, answer=answer, path=path, **more)


@pytest.mark.parametrize(
    ("later", "is_past"),
    [
        (document(3, "CA2", "<Response/>"), True),
        (document(3, "CA1", "<Response/>"), True),
        (document(3, "CA2", '<Response lang="es"/>'), False),
        (document(3, "CA2", "<Response/>", path="/enqueue_call"), False),
        (document(3, "CA2", "<Response/>", status=500), False),
        (document(3, "CA2", "<Response/>", error="ValueError"), False),
        (document(0, "CA2", "<Response/>"), False),
    ],
)
def test_a_warning_about_a_document_is_no_problem_once_the_app_gives_another(later, is_past):
    rows = LogRows(WORKSPACE)
    rows.add_exchange(document(1, "CA1", '<Response lang="es"/>'))
    rows.add_exchange(document(2, "CA1", "<Response><Hangup/></Response>", path="/enqueue_call"))
    warning = warned_of(1, 12200)
    warning["more"] |= {"workspace_sid": "", "subject_sid": "CA1"}
    rows.add_exchange(later)
    rows.add_alerts([warning])
    assert (rows.snapshot()["alert 1"]["problem"] is None) == is_past


@pytest.mark.parametrize("known", [False, True])
def test_answers_of_a_server_before_a_restart_count_as_well(known):
    rows = LogRows(WORKSPACE)

    def sent(number: int, answer: str, **more: Any) -> Any:
        parameters = {"ReservationSid": f"WR{number}", "WorkflowSid": "WW1", "WorkerSid": "WK1"}
        attempts = [{"url": "http://x/", "status": 200, "body": answer, "seconds": 0.1} | more]
        return delivery(number, parameters=parameters, attempts=attempts)

    if known:  # here, where the answer was a board's, in the place of the app's
        rows.add_exchange(asked(2, ACCEPT, by_app=False))
    rows.add_alerts([warned_of(1)])
    rows.add_deliveries([sent(2, ACCEPT), sent(1, '{"answer": "accept"}')])
    assert (rows.snapshot()["alert 1"]["problem"] is None) == (not known)
    rows.add_alerts([warned_of(3)])
    rows.add_deliveries([sent(4, ACCEPT, error="it took too long"), sent(3, "[]")])
    assert rows.snapshot()["alert 1"]["problem"]


def test_documents_of_a_server_before_a_restart_count_as_well():
    rows = LogRows(WORKSPACE)

    def sent(number: int, call: str, answer: str, path: str = "/incoming_call") -> Any:
        attempts = [{"url": f"http://x{path}", "status": 200, "body": answer, "seconds": 0.1}]
        more = {"kind": "voice", "subject_sid": call, "workspace_sid": "", "parameters": {"CallSid": call}}
        return delivery(number, attempts=attempts, **more)

    warning = warned_of(2, 12200)
    warning["more"] |= {"workspace_sid": "", "subject_sid": "CA1"}
    rows.add_alerts([warning])
    before = [sent(2, "CA1", '<Response lang="es"/>', "/enqueue_call"), sent(1, "CA1", "<Response/>")]
    rows.add_deliveries([sent(4, "CA2", "<Response>other</Response>"), *before])
    assert rows.snapshot()["alert 2"]["problem"]
    rows.add_deliveries([sent(5, "CA2", "<Response/>", "/enqueue_call"), *before])
    assert rows.snapshot()["alert 2"]["problem"] is None


def test_a_warning_about_an_instruction_stays_while_the_app_gives_the_same():
    rows = LogRows(WORKSPACE)
    wrong = '{"instruction": "dequeue", "from": "+4915112345678"}'
    rows.add_exchange(asked(1, wrong))
    rows.add_alerts([warned_of(1, 21210)])
    rows.add_exchange(asked(2, wrong))
    assert rows.snapshot()["alert 1"]["problem"]
    rows.add_exchange(asked(3, '{"instruction": "dequeue"}'))
    assert rows.snapshot()["alert 1"]["problem"] is None


def test_a_warning_about_an_answer_comes_back_with_its_mistake():
    rows = LogRows(WORKSPACE)
    for number, answer in ((1, "[]"), (2, ACCEPT), (3, "[]")):
        rows.add_exchange(asked(number, answer))
    rows.add_alerts([warned_of(3, 40001), warned_of(1, 40001)])
    (row,) = (row for row in rows.snapshot().values() if row["of"] == "alert")
    assert (row["times"], row["problem"]) == (2, "not a good answer")


def test_a_warning_stays_as_long_as_its_mistake():
    rows = LogRows(WORKSPACE)
    rows.add_alerts([warning(5)])
    rows.add_event(changed("task-queue.expression.updated", 5))  # the very change that it warns of
    rows.add_event(changed("task-queue.entered", 6))
    assert rows.snapshot()["alert 5"]["problem"]
    rows.add_event(changed("task-queue.expression.updated", 7))
    assert not rows.snapshot()["alert 5"]["problem"]
    rows.add_alerts([warning(7), warning(5)])  # with the mistake still in it
    assert rows.snapshot()["alert 5"]["problem"]


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
