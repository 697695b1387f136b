"""What the board shows of phone calls, against a real sandbox and an app that answers with TwiML."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from twilio.rest.api.v2010.account.call import CallInstance

from helpers import board, phone
from helpers.live.board import calls
from helpers.live.feed.call_feed import CallFeedLimits
from tests.live.hotline import ALICE, CALLER, NUMBER, hotline
from tests.waiting import wait_for


@pytest.fixture
def line(client, team, sandbox, closed_at_the_end):
    """The hotline; nobody answers a phone by itself."""
    for address in (CALLER, ALICE):
        sandbox.phones.set(address, "by-hand")
    with hotline(client, team) as line:
        line.number.update(status_callback=f"{line.server.url}/status")
        yield line


@pytest.fixture
def view(line):
    view = board(line.client, line.team.workspace, line.server)
    view.wait_until_drawn()
    return view


def shown(view, side: str = "caller"):
    """What the board says of the newest call of that side; None when there is none."""
    return next((each for each in view._everything()["calls"].values() if each["side"] == side), None)


def says(view, words: str, side: str = "caller") -> dict:
    def said():
        call = shown(view, side)
        return call and call["words"] == words and call

    return wait_for(said, what=f"that the board says {words!r} of the {side}")


def queued(sandbox) -> str:
    """Somebody calls, presses 1 and waits."""
    call = sandbox.calls.dial(NUMBER, CALLER)["sid"]
    wait_for(lambda: sandbox.calls.fetch(call)["waits_for"] == "keys")
    sandbox.calls.press(call, "1")
    wait_for(lambda: sandbox.calls.fetch(call)["queue"])
    return call


def talking(sandbox, line) -> tuple[str, str]:
    caller = queued(sandbox)
    line.move_alice("Idle")
    agent = wait_for(lambda: next((each["sid"] for each in sandbox.calls.list(9) if each["phone"] == ALICE), None))
    wait_for(lambda: sandbox.calls.fetch(agent)["status"] == "ringing")
    return caller, agent


def steps(view, **of) -> list[dict]:
    found = sorted(view._everything()["steps"].values(), key=lambda each: each["at"])
    return [each for each in found if all(each.get(name) == value for name, value in of.items())]


def test_a_call_is_shown_with_its_task_from_the_queue_to_the_end(view, line, sandbox):
    caller, agent = talking(sandbox, line)
    call = says(view, "waits in the queue, place 1 of 1")
    [task] = line.team.workspace.tasks.list()
    assert (call["sid"], call["task"], call["name"], call["live"]) == (caller, task.sid, CALLER, True)
    ringing = says(view, "rings", "agent")
    assert (ringing["sid"], ringing["task"], ringing["name"], ringing["phone"]) == (agent, task.sid, "Alice", ALICE)
    sandbox.calls.answer(agent)
    since = says(view, "talks with Alice")["since"]
    assert since == sandbox.calls.fetch(agent)["captions"][0]["at"]
    says(view, f"talks with {CALLER}", "agent")
    sandbox.calls.hang_up(agent)
    assert not says(view, "is not on the line any more")["live"]
    assert not says(view, "is not on the line any more", "agent")["live"]


def test_the_steps_of_a_call_lead_from_the_dialing_to_the_hanging_up(view, line, sandbox):
    caller, agent = talking(sandbox, line)
    sandbox.calls.answer(agent)
    says(view, "talks with Alice")
    sandbox.calls.hang_up(agent)
    says(view, "is not on the line any more")
    at_caller = [(each["from"], each["to"], each["label"]) for each in steps(view, kind="phone", call=caller)]
    assert at_caller == [
        ("caller", "taskrouter", f"dials {NUMBER}"),
        ("taskrouter", "caller", "answered"),
        ("taskrouter", "caller", "“Para Español, oprima el uno.”"),
        *[("taskrouter", "caller", "“For English, press two.”")] * (len(at_caller) - 8),
        ("caller", "taskrouter", "presses 1"),
        ("taskrouter", "caller", "waits, number 1"),
        ("taskrouter", "caller", "♪ waiting music"),
        ("agent", "caller", "connected with Alice"),
        ("taskrouter", "caller", "the call is over"),
    ]
    at_agent = [(each["from"], each["to"], each["label"]) for each in steps(view, kind="phone", call=agent)]
    assert at_agent == [
        ("taskrouter", "agent", "calls Alice"),
        ("agent", "taskrouter", "answers"),
        ("agent", "taskrouter", "hangs up"),
    ]
    wait_for(lambda: [each for each in steps(view, kind="webhook", call=caller) if "completed" in each["words"]])
    labels = [each["label"] for each in steps(view) if each["kind"] in ("webhook", "instruction")]
    assert labels == [
        "POST /incoming_call", "200 Gather, Say", "POST /enqueue_call", "200 Enqueue", "POST /assignment_callback",
        "200 dequeue", "POST /status", "404",
    ]  # fmt: skip


def test_what_the_requests_of_a_call_came_to_is_in_the_log(view, line, sandbox):
    """Also those that did not reach this server: a number that leads nowhere, and where a call is reported to."""
    line.number.update(status_callback="http://127.0.0.1:9/status")
    caller = queued(sandbox)
    sandbox.calls.hang_up(caller)
    line.number.update(voice_url="http://127.0.0.1:9/nobody")
    lost = sandbox.calls.dial(NUMBER, CALLER)["sid"]
    wait_for(lambda: sandbox.calls.fetch(lost)["ended"])

    def of(request: str) -> dict:
        rows = view._everything()["rows"].values()
        return next((row for row in rows if row.get("request") == request), {})

    wait_for(lambda: of("POST http://127.0.0.1:9/nobody"))
    assert "no answer" in of("POST http://127.0.0.1:9/nobody")["problem"]
    wait_for(lambda: of("POST http://127.0.0.1:9/status").get("times") == 2, what="one row of two calls")
    assert of("POST /enqueue_call")["said"] == [f"{CALLER} → {NUMBER}", "in-progress", "Digits 1"]
    assert of("POST /incoming_call")["problem"] is None


def test_a_board_that_comes_later_knows_what_has_happened_at_the_phones(line, sandbox):
    talking(sandbox, line)
    view = board(line.client, line.team.workspace)
    says(view, "waits in the queue, place 1 of 1")
    assert {"presses 1", "calls Alice"} <= {each["label"] for each in steps(view, kind="phone")}


def test_a_call_whose_task_is_canceled_waits_on_and_the_board_says_so(view, line, sandbox):
    queued(sandbox)
    says(view, "waits in the queue, place 1 of 1")
    [task] = line.team.workspace.tasks.list()
    task.update(assignment_status="canceled")
    says(view, "still waits in the queue, place 1 of 1, with no task any more")


def test_a_call_for_a_conference_that_fails_belongs_to_the_task_that_was_offered(view, line, sandbox):
    """The task comes back at once, and nothing but the time tells of which task the call was (voice.md §4.5)."""
    sandbox.phones.set(ALICE, "busy")
    line.team.workflow.update(assignment_callback_url="")
    queued(sandbox)
    [task] = line.team.workspace.tasks.list()
    line.move_alice("Idle")
    [reservation] = wait_for(lambda: task.reservations.list(reservation_status="pending"))
    reservation.update(instruction="conference", from_=NUMBER)
    says(view, "was not answered: busy, or rejected", "agent")
    wait_for(lambda: (shown(view, "agent") or {}).get("task") == task.sid)  # its reservation may be told a moment later
    assert shown(view, "agent")["name"] == "Alice"


def test_a_call_to_a_worker_for_whom_nothing_is_reserved_belongs_to_no_task(view, line, sandbox):
    queued(sandbox)
    sandbox.phones.set(ALICE, "busy")
    line.client.calls.create(to=ALICE, from_=NUMBER, twiml="<Response/>")
    assert says(view, "was not answered: busy, or rejected", "agent")["task"] is None


def test_a_caller_who_has_waited_longer_than_many_others_is_still_seen(view, line, sandbox, client):
    """More calls have come since than a feed reads, and than a board keeps."""
    waiting = queued(sandbox)
    says(view, "waits in the queue, place 1 of 1")
    line.number.update(voice_url="http://127.0.0.1:9/")
    for _ in range(calls.CALLS_KEPT + 5):
        sandbox.calls.dial(NUMBER, "+15005550101")
    assert waiting not in {each["sid"] for each in sandbox.calls.list(CallFeedLimits().calls)}
    caller = phone(client, CALLER)
    wait_for(lambda: "In the queue" in caller.state["sentence"])
    wait_for(lambda: len(view._calls._feed.calls) > CallFeedLimits().calls)

    def words(view) -> str:
        return view._everything()["calls"].get(waiting, {}).get("words", "")

    assert words(view) == "waits in the queue, place 1 of 1"
    comes_later = board(client, line.team.workspace)
    wait_for(lambda: words(comes_later) == "waits in the queue, place 1 of 1")
    sandbox.calls.hang_up(waiting)
    wait_for(lambda: words(comes_later) == "is not on the line any more")
    wait_for(lambda: caller.state["sentence"] == "The call is over.")


def test_calls_for_another_workspace_are_not_shown(line, sandbox):
    other = line.client.taskrouter.v1.workspaces.create(friendly_name="Other")
    view = board(line.client, other.sid)
    queued(sandbox)
    wait_for(lambda: view._calls._feed and view._calls._feed.calls[0]["task_sid"])
    wait_for(lambda: (shown(view), steps(view, kind="phone")) == (None, []))


class LiveClient:
    """Stands in for the client of a live account, of whose calls it knows one status.

    A call begins when the client is made, and has ended some seconds after that.
    """

    def __init__(self, status: str, lasts: int = 3600) -> None:
        self.status, self.asked = status, []
        self.began = int(time.time())
        self.ended = self.began + lasts

    def calls(self, sid):
        self.asked.append(sid)
        payload = {
            "sid": sid, "status": self.status, "direction": "inbound", "from": CALLER, "to": NUMBER,
            "start_time": formatdate(self.began),
            "end_time": None if self.status == "in-progress" else formatdate(self.ended),
        }  # fmt: skip
        return type("Context", (), {"fetch": lambda _: CallInstance(None, payload, account_sid="AC" + "0" * 32)})()


def test_on_a_live_account_the_calls_of_open_tasks_are_asked_for_and_once_more_at_their_end(view, line, sandbox):
    caller = queued(sandbox)
    says(view, "waits in the queue, place 1 of 1")
    known = calls.BoardCalls(view.model, view._lock, lambda: None)
    known.read(live := LiveClient("in-progress"))  # pyright: ignore[reportArgumentType]
    entity = known.entities.get(caller)
    assert entity is not None
    assert (entity["words"], entity["live"], entity["name"]) == ("goes on", True, CALLER)
    sandbox.calls.hang_up(caller)
    wait_for(lambda: [task["status"] for task in view.model.tasks.values()] == ["canceled"])
    live.status = "completed"
    known.read(live)  # pyright: ignore[reportArgumentType]
    entity = known.entities.get(caller)
    assert entity is not None
    assert (entity["words"], entity["live"]) == ("is not on the line any more", False)
    assert entity["since"] == live.ended * 1000
    known.read(live)  # pyright: ignore[reportArgumentType]
    assert live.asked == [caller] * 2
    began, answered, ended = sorted(known.steps.snapshot().values(), key=lambda each: each["at"])
    assert [each["label"] for each in (began, answered, ended)] == [
        f"dials {NUMBER}", "is answered by now", "the call is over",
    ]  # fmt: skip
    assert (began["at"], began["from"], began["to"]) == (live.began * 1000, "caller", "taskrouter")
    assert answered["words"].startswith("Inferred: ")
    assert ended["words"] == "REST does not tell who has hung up."


def test_a_live_call_ends_after_it_was_answered_though_rest_tells_its_end_in_whole_seconds(view, line, sandbox):
    """The end is told as of the beginning of its second: before the moment at which the call was first seen."""
    caller = queued(sandbox)
    says(view, "waits in the queue, place 1 of 1")
    known = calls.BoardCalls(view.model, view._lock, lambda: None)
    known.read(live := LiveClient("in-progress", lasts=0))  # pyright: ignore[reportArgumentType]
    known.steps.take_changes()
    live.status = "completed"
    known.read(live)  # pyright: ignore[reportArgumentType]
    steps = known.steps.snapshot()
    began, answered, ended = (steps[f"phone {caller} {key}"]["at"] for key in ("began", "answered", "ended"))
    assert began <= answered < ended == live.ended * 1000 + 1
    assert f"phone {caller} answered" in known.steps.take_changes()  # so an open board is told
