"""Tasks that are passed on: begun under `/_sandbox/`, seen by the real client and told by real event callbacks."""

from __future__ import annotations

import pytest

from helpers import LessonError, sandbox, skip, transfer
from helpers.connection import account
from taskrouter_sandbox import launcher
from tests.sandbox.conftest import SPANISH, Reply
from tests.waiting import wait_for


@pytest.fixture
def accepted(cast):
    """Alice's accepted reservation for the Spanish task."""
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    (reservation,) = task.reservations.list()
    return reservation.update(reservation_status="accepted")


@pytest.fixture
def task(cast, accepted):
    return cast.workspace.tasks(accepted.task_sid).fetch()


def told(receiver, task) -> list[str]:
    forms = [request.form for request in receiver.requests if request.path == "/events"]
    return [form["EventType"] for form in forms if form.get("TaskSid") == task.sid]


def test_bob_is_called_back_for_what_alice_passes_on(cast, task, accepted, receiver):
    """The scene of the lesson goes on: the callback accepts for Bob, both have the task, each completes its part."""
    receiver.replies["/callback"] = Reply(body='{"instruction": "accept"}')
    cast.workflow.update(assignment_callback_url=f"{receiver.url}/callback")
    cast.workspace.update(event_callback_url=f"{receiver.url}/events")
    moved = transfer(accepted, cast.bob)
    assert (moved.status, moved.mode, moved.to) == ("initiated", "WARM", cast.bob.sid)
    wait_for(lambda: moved.fetch().status == "complete")
    (asked,) = [r for r in receiver.requests if r.path == "/callback"]
    assert (asked.form["WorkerSid"], asked.valid) == (cast.bob.sid, True)
    by_worker = {r.worker_name: r for r in task.reservations.list()}
    assert {name: r.reservation_status for name, r in by_worker.items()} == {"Alice": "accepted", "Bob": "accepted"}
    by_worker["Alice"].update(reservation_status="completed")
    assert task.fetch().assignment_status == "assigned"
    by_worker["Bob"].update(reservation_status="completed")
    assert task.fetch().assignment_status == "completed"
    wait_for(lambda: "task.completed" in told(receiver, task))
    assert [kind for kind in told(receiver, task) if kind.startswith("task.")] == [
        "task.transfer-initiated",
        "task.transfer-completed",
        "task.completed",
    ]
    (first, *_) = [r for r in receiver.requests if r.form.get("EventType") == "task.transfer-initiated"]
    assert (first.valid, first.form["TransferTo"], first.form["TransferMode"]) == (True, cast.bob.sid, "WARM")


def test_a_cold_transfer_to_a_queue(cast, task, accepted):
    english = next(q for q in cast.workspace.task_queues.list() if "English" in q.friendly_name)
    moved = transfer(accepted, english, mode="COLD", attributes='{"selected_language": "en"}', priority=3)
    now = task.fetch()
    assert (now.assignment_status, now.priority, now.attributes) == ("pending", 3, '{"selected_language":"en"}')
    assert now.task_queue_sid == english.sid
    assert accepted.fetch().reservation_status == "wrapping"
    cast.bob.update(activity_sid=cast.activities["Idle"].sid)
    (offer,) = [r for r in task.reservations.list() if r.worker_sid == cast.bob.sid]
    offer.update(reservation_status="accepted")
    assert moved.fetch().status == "complete"


def test_it_is_taken_back_once(task, accepted, cast):
    moved = transfer(accepted.sid, cast.bob.sid)
    assert moved.cancel().status == "canceled"
    assert task.fetch().assignment_status == "assigned"
    with pytest.raises(LessonError, match=f"Transfer {moved.sid} is already canceled"):
        moved.cancel()


def test_it_fails_in_words(task, accepted, cast):
    moved = transfer(accepted, cast.bob)
    skip(minutes=20, seconds=1)
    assert (moved.fetch().status, moved.fetch().failed_reason) == (
        "failed",
        "Transfer failed because the reservation timed out",
    )
    assert task.fetch().assignment_status == "assigned"
    assert cast.bob.fetch().activity_name == "Offline"
    (event,) = cast.workspace.events.list(event_type="task.transfer-failed", task_sid=task.sid, minutes=60)
    assert event.event_data["transfer_failed_reason"] == moved.fetch().failed_reason


def test_it_survives_a_restart(task, accepted, cast):
    moved = transfer(accepted, cast.bob)
    sandbox.stop()
    assert launcher.find() is None
    assert moved.fetch() == moved
    assert moved.cancel().status == "canceled"


def test_the_transfers_of_a_task(sandbox, task, accepted, cast):
    moved = transfer(accepted, cast.bob)
    listed = sandbox.transfers.list(task.sid)
    assert [(t["sid"], t["initiating_worker_sid"]) for t in listed] == [(moved.sid, cast.alice.sid)]
    assert sandbox.transfers.list("WT" + "0" * 32) == []


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "Say which reservation"),
        (f"reservation=WR{'0' * 32}&to=WK{'0' * 32}", "was not found"),
        ("reservation={0}&to=nobody", "not the SID of a Worker or a TaskQueue"),
        ("reservation={0}&to={1}&mode=HOT", "mode: must be one of WARM, COLD; it was 'HOT'"),
        ("reservation={0}&to={1}&priority=-1", "priority: must be at least 0"),
        (f"reservation={{0}}&to={{1}}&priority={'9' * 5000}", "priority: integer value out of range"),
        ("reservation={0}&to={1}&priority=99999999999", "priority: must be at most"),
        ("reservation={2}&to={1}", "give the accepted reservation of that task"),
        ("reservation={0}&to={1}&attributes=[]", "JSON object"),
        (
            "reservation={0}&to={1}&attributes=%7B%27level%27%3A2%7D",
            "attributes: must be JSON: a dict has to go through",
        ),
        ("reservation={0}&to={1}&where=there", "Nothing reads where"),
    ],
)
def test_what_is_wrong_is_said(sandbox, accepted, cast, query, words):
    with pytest.raises(LessonError, match=words):
        sandbox.request("POST", f"transfers?{query.format(accepted.sid, cast.bob.sid, accepted.task_sid)}")
    assert accepted.fetch().reservation_status == "accepted"


def test_one_that_is_not_there(sandbox):
    with pytest.raises(LessonError, match="not found in any workspace: a transfer goes with its task"):
        sandbox.transfers.fetch("TT" + "0" * 32)
    with pytest.raises(LessonError, match="Transfer no SID was not found"):
        sandbox.transfers.cancel("no SID")
    with pytest.raises(LessonError, match="Nothing reads tsk"):
        sandbox.request("GET", "transfers", tsk=1)


def test_what_is_due_comes_first(accepted, cast):
    """After a day the assigned task is deleted, before it could be passed on."""
    skip(hours=24, seconds=1)
    with pytest.raises(LessonError, match="was not found"):
        transfer(accepted, cast.bob)


def test_on_live_twilio_a_browser_does_it(accepted, cast, monkeypatch):
    live = account.Account("live", "AC" + "0" * 32, "token")
    monkeypatch.setattr(account, "current", lambda: live)
    with pytest.raises(LessonError, match="Transfer button of Flex"):
        transfer(accepted, cast.bob)


@pytest.mark.parametrize(
    ("reservation", "to"), [(None, "bob"), ("accepted", None), ("accepted", "Bob"), ("task", "bob")]
)
def test_what_is_no_reservation_or_no_worker_is_said(accepted, task, cast, reservation, to):
    given = {"accepted": accepted, "task": task, "bob": cast.bob}
    with pytest.raises(LessonError, match="takes an accepted reservation, and the worker or queue"):
        transfer(given.get(reservation, reservation), given.get(to, to))
