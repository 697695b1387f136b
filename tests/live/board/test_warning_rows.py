"""Warnings in the board's log: a problem until what they warn of is changed."""

from __future__ import annotations

from typing import Any

import pytest

from helpers.callback_server.exchange_log import Exchange
from helpers.live.board.log_rows import LogRows
from helpers.live.feed.event import TaskRouterEvent
from tests.live.board.log_entries import START, WORKSPACE, alert, delivery, exchange


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
