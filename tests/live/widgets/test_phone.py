"""Phones against a real sandbox and an app that answers with TwiML."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.events import EventManager, available_events
from twilio.rest import Client

from helpers import phone
from helpers.errors import LessonError
from helpers.live.widgets import base
from helpers.live.widgets.phone import PhoneWidget
from tests.live.hotline import ALICE, CALLER, NUMBER, Hotline, hotline
from tests.waiting import patience, wait_for


@pytest.fixture
def line(client, team):
    with hotline(client, team) as line:
        yield line


@pytest.fixture
def caller(line: Hotline) -> PhoneWidget:
    caller = phone(line.client, CALLER)
    caller.wait_until_drawn()
    return caller


@pytest.fixture
def agent(line: Hotline) -> PhoneWidget:
    agent = phone(line.client, line.team.alice)
    agent.wait_until_drawn()
    return agent


def call(view: PhoneWidget) -> Any:
    """What the phone shows of its newest call."""
    return view.state["calls"][0]


def says(view: PhoneWidget, words: str) -> None:
    def heard() -> bool:
        return words in view.state["sentence"]

    assert wait_for(heard, what=f"that the phone says {words!r}")


def captions(view: PhoneWidget) -> list[str]:
    return [each["text"] for each in call(view)["captions"]]


def in_the_queue(caller: PhoneWidget) -> None:
    caller.dial()
    says(caller, "Press a key now.")
    caller.press("1")
    says(caller, "In the queue")


def test_a_phone_that_nobody_uses_says_so_and_knows_what_to_dial(caller, sandbox):
    assert caller.words() == f"Phone {CALLER}: No call."
    assert caller.state["numbers"] == [NUMBER]
    assert (caller.state["calls"], caller.state["mode"], caller.state["advice"]) == ([], "sandbox", "")
    assert [(each["address"], each["answer"]) for each in sandbox.phones.list()] == [(CALLER, "by-hand")]


def test_a_caller_hears_the_menu_and_waits_in_the_queue(caller, line):
    in_the_queue(caller)
    says(caller, "place 1 of 1. Waiting for an agent.")
    assert "“Para Español, oprima el uno.”" in captions(caller)
    assert "You press 1." in captions(caller)
    assert any("in the queue of the workflow WW…" in words for words in captions(caller))
    assert [(each["said"], each["language"]) for each in call(caller)["captions"]][:1] == [
        ("Para Español, oprima el uno.", "es")
    ]
    assert [each["language"] for each in call(caller)["captions"] if not each["said"]][:1] == ["en-US"]
    assert call(caller)["requests"][0].endswith("/incoming_call → 200")
    assert not any(line.team.workflow.sid in words for words in captions(caller))
    [task] = line.team.workspace.tasks.list()
    assert json.loads(task.attributes)["selected_language"] == "es"


def test_alice_answers_they_talk_and_she_hangs_up(caller, agent, line):
    in_the_queue(caller)
    line.move_alice("Idle")
    says(caller, "Ringing Alice.")
    says(agent, f"It rings: {NUMBER} calls. Answer it, or reject it.")
    assert call(agent)["rings"]
    agent.answer()
    says(caller, "Talking with Alice.")
    says(agent, f"Talking with {CALLER}.")
    assert not call(agent)["rings"]
    assert "Connected with Alice." in captions(caller)
    agent.hang_up()
    says(agent, "The call is over.")
    says(caller, "The call is over.")
    assert captions(agent)[-1] == "You hang up."
    assert call(caller)["took"].endswith(" s")
    [task] = line.team.workspace.tasks.list()
    wait_for(lambda: task.fetch().assignment_status == "completed")


def test_a_call_that_an_earlier_kernel_left_is_the_current_one_and_can_be_hung_up(line, sandbox):
    sandbox.calls.dial(NUMBER, CALLER)
    caller = phone(line.client, CALLER)
    says(caller, "Press a key now.")
    assert (call(caller)["live"], call(caller)["talks"]) == (True, True)
    caller.hang_up()
    says(caller, "The call is over.")


@pytest.mark.parametrize(
    ("mode", "at_bob", "at_alice"),
    [
        ("monitor", f"Listening to Alice and {CALLER}. Nobody hears this phone.", f"Talking with {CALLER}."),
        ("whisper", f"Listening to Alice and {CALLER}. Heard by Alice only.", f"Talking with {CALLER} and Bob."),
        ("barge", f"Talking with Alice and {CALLER}.", f"Talking with {CALLER} and Bob."),
    ],
)
def test_who_listens_in_is_named_only_where_he_is_heard(caller, agent, line, mode, at_bob, at_alice):
    """voice.md §4.6."""
    line.team.bob.update(attributes=json.dumps({"languages": ["en"], "contact_uri": "client:bob"}))
    bob = phone(line.client, line.team.bob)
    line.team.workflow.update(assignment_callback_url="")
    in_the_queue(caller)
    line.move_alice("Idle")
    [task] = line.team.workspace.tasks.list()
    [reservation] = wait_for(task.reservations.list)
    reservation.update(instruction="conference", from_=NUMBER)
    says(agent, "It rings")
    agent.answer()
    says(agent, f"Talking with {CALLER}.")
    reservation.update(instruction="supervise", supervisor=line.team.bob.sid, supervisor_mode=mode)
    says(bob, "It rings")
    bob.answer()
    says(bob, at_bob)
    says(agent, at_alice)
    says(caller, "Talking with Alice and Bob." if mode == "barge" else "Talking with Alice.")


def test_alice_rejects_and_the_caller_goes_on_waiting(caller, agent, line):
    in_the_queue(caller)
    line.move_alice("Idle")
    says(agent, "It rings")
    line.move_alice("Offline")
    agent.reject()
    says(agent, "The call is over: busy, or rejected.")
    says(caller, "In the queue")


def test_a_caller_who_hangs_up_stops_the_ringing(caller, agent, line):
    in_the_queue(caller)
    line.move_alice("Idle")
    says(agent, "It rings")
    caller.hang_up()
    says(agent, "given up before anybody answered")
    [task] = line.team.workspace.tasks.list()
    wait_for(lambda: task.fetch().assignment_status == "canceled")


def test_a_phone_that_answers_by_itself_does(caller, agent, line, sandbox):
    agent.when_called("after")
    agent.wait_until_drawn()
    assert agent.state["behaviour"] == "after"
    in_the_queue(caller)
    line.move_alice("Idle")
    says(agent, "It rings")
    sandbox.clock.advance(seconds=5)
    says(caller, "Talking with Alice.")


def test_how_a_phone_behaves_is_left_as_it_was_told_and_shown(line, sandbox):
    sandbox.phones.set(ALICE, "busy")
    agent = phone(line.client, line.team.alice)
    wait_for(lambda: agent.state["behaviour"] == "busy")
    sandbox.phones.set(ALICE, "never")
    wait_for(lambda: agent.state["behaviour"] == "never")
    sandbox.reset()  # which forgets how it behaves
    wait_for(lambda: [each["answer"] for each in sandbox.phones.list()] == ["by-hand"])


def test_what_the_app_does_wrong_is_heard_as_an_error(caller, line):
    line.number.update(voice_url=f"{line.server.url}/nowhere")
    caller.dial()
    says(caller, "The call is over.")
    assert any(each["kind"] == "wrong" and each["text"].startswith("Error 11200") for each in call(caller)["captions"])


def test_a_click_is_acknowledged_and_drawn(caller, monkeypatch):
    sent: list[dict] = []
    monkeypatch.setattr(caller, "send", sent.append)
    message = {"kind": "action", "id": "c1", "action": {"type": "dial", "to": NUMBER}}
    caller._handle_custom_msg(message, [])
    caller.wait_until_drawn()
    assert [(each["id"], each["outcome"]) for each in sent] == [("c1", "pending"), ("c1", "done")]
    assert caller.state["about_action"].startswith(f"You dialed {NUMBER} at ")


def test_what_was_done_at_a_call_is_not_said_of_the_next_one(caller, agent, line):
    in_the_queue(caller)
    line.move_alice("Idle")
    says(agent, "It rings")
    agent.reject()
    wait_for(lambda: agent.state["about_action"].startswith("You rejected the call at "))
    [task] = line.team.workspace.tasks.list()
    [offer] = task.reservations.list()
    offer.update(reservation_status="rejected")  # so she is asked, and called, again
    says(agent, "It rings")
    assert agent.state["about_action"] == ""


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"type": "dial", "to": "+15005559999"}, "The account has no number +15005559999"),
        ({"type": "press", "call": "CA0", "digits": "1"}, "Call CA0 was not found"),
        ({"type": "press", "digits": "1"}, "'call'"),
        ({"type": "set-phone", "answer": "sing"}, "Choose one of: by-hand"),
        ({"type": "sing"}, "does not know 'sing'"),
    ],
)
def test_what_cannot_be_done_says_why(caller, asked, said):
    caller._handle_custom_msg({"kind": "action", "id": "c1", "action": asked}, [])
    caller.wait_until_drawn()
    assert caller.state["refused"]
    assert said in caller.state["about_action"]


def test_from_a_cell_nothing_is_pressed_or_answered_without_a_call(caller):
    for act in (lambda: caller.press("1"), caller.answer, caller.hang_up):
        with pytest.raises(LessonError, match=r"has no such call now\. No call"):
            act()


def test_a_worker_without_a_phone_is_told_what_to_add(client, team):
    with pytest.raises(LessonError, match='add a contact_uri such as "client:bob"'):
        phone(client, team.bob)


ALICE_LIVE = SimpleNamespace(friendly_name="Alice", attributes='{"contact_uri": "+15005550111"}')
ALICE_LIVE.fetch = lambda: ALICE_LIVE


@pytest.mark.parametrize("whose", [CALLER, ALICE_LIVE])
def test_on_a_live_account_it_says_that_a_real_phone_is_needed(whose):
    view = phone(Client("AC" + "0" * 32, "token"), whose)
    view.wait_until_drawn()
    assert view.state["mode"] == "live"
    assert "a real phone is needed" in view.words()
    view.send_heartbeat()
    assert view.heartbeat["every"] is None
    with pytest.raises(LessonError, match="a real phone is needed"):
        view.dial(NUMBER)
    view._handle_custom_msg({"kind": "action", "id": "c1", "action": {"type": "dial", "to": NUMBER}}, [])
    view.wait_until_drawn()
    assert "a real phone is needed" in view.state["fault"]


def test_a_sandbox_that_is_gone_is_said_and_found_again(caller, sandbox, monkeypatch):
    caller.feed.poller.after_error = 0.05
    with monkeypatch.context() as gone:
        gone.setattr("helpers.sandbox.ensure", lambda: (_ for _ in ()).throw(LessonError("the sandbox is gone")))
        gone.setattr("taskrouter_sandbox.control_client.CallControl.list", lambda *_: 1 / 0)
        wait_for(lambda: caller.state["trouble"])
        wait_for(lambda: "the sandbox is gone" in caller.state["trouble"])
    wait_for(lambda: caller.state["trouble"] is None)


def test_a_read_is_one_request_and_slow_while_nobody_calls(caller, agent, monkeypatch):
    feed = caller.feed
    assert feed is agent.feed
    assert feed.poller.every == feed.limits.quiet_every
    monkeypatch.setattr(feed, "_phones_at", float("inf"))
    for view in (caller, agent):
        monkeypatch.setattr(view, "_told_at", float("inf"))
    asked: list[str] = []
    answer = type(feed.sandbox).request
    monkeypatch.setattr(
        "helpers.sandbox.LessonSandbox.request",
        lambda self, method, path, **more: (asked.append(path), answer(self, method, path, **more))[1],
    )
    assert feed.poller.ask().wait(patience(10))
    assert set(asked) == {"calls"}
    caller.dial(NUMBER)
    wait_for(lambda: feed.poller.every == feed.limits.busy_every)


def test_when_it_is_closed_the_phone_behaves_as_before(agent, sandbox):
    agent.when_called("never")
    wait_for(lambda: agent.state["behaviour"] == "never")
    [told] = sandbox.phones.list()
    assert (told["answer"], told["for_now"]) == ("never", True)
    agent.close()
    assert wait_for(lambda: sandbox.phones.list() == [])


def test_what_a_cell_has_told_the_phone_outlives_the_widget(agent, sandbox):
    sandbox.phones.set(ALICE, "busy")
    wait_for(lambda: agent.state["behaviour"] == "busy")
    agent.when_called("never")
    wait_for(lambda: agent.state["behaviour"] == "never")
    agent.close()
    agent.feed.commands.thread.join(patience(10))
    assert [(each["answer"], each["for_now"]) for each in sandbox.phones.list()] == [("never", False)]


def test_after_its_kernel_was_killed_the_phone_behaves_as_before(line, sandbox):
    code = f"""
import sys
from helpers import connect, phone
from helpers.live.widgets import phone as module
module.LEASE = 2
view = phone(connect(quiet=True), {CALLER!r})
view.wait_until_drawn(60)
print("shown", flush=True)
sys.stdin.read()
"""
    kernel = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert kernel.stdout.readline() == "shown\n"
        wait_for(lambda: [each["answer"] for each in sandbox.phones.list()] == ["by-hand"])
    finally:
        kernel.kill()
        kernel.communicate()
    assert wait_for(lambda: sandbox.phones.list() == [])


def test_as_long_as_it_is_shown_the_phone_is_told_again(agent, monkeypatch):
    told: list[int] = []
    tell = type(agent.feed.sandbox.phones).set
    monkeypatch.setattr("helpers.live.widgets.phone.LEASE", 1)
    monkeypatch.setattr(
        "taskrouter_sandbox.control_client.PhoneControl.set",
        lambda self, *given, for_seconds, **more: (
            told.append(for_seconds),
            tell(self, *given, for_seconds=for_seconds, **more),
        )[1],
    )
    wait_for(lambda: told[:3] == [1, 1, 1])


def test_what_was_chosen_in_another_kernel_is_not_taken_back(agent, sandbox):
    """Its refresh still knows the phone as it was."""
    wait_for(lambda: ALICE in agent.feed.phones)
    before = agent.feed.phones
    sandbox.phones.set(ALICE, "busy", for_seconds=600)
    with agent._lock:
        agent.feed.phones, agent._told_at = before, float("-inf")
        agent.on_refresh()
    assert sandbox.phones.list()[0]["answer"] == "busy"


def test_two_phones_share_one_thread_that_ends_with_the_last(caller, agent):
    def pollers() -> int:
        return sum(each.name == "poller-calls" for each in threading.enumerate())

    assert pollers() == 1
    caller.close()
    assert pollers() == 1
    agent.close()
    wait_for(lambda: pollers() == 0)


def test_a_viewer_without_widgets_shows_the_sentence(caller):
    assert f"Phone {CALLER}: No call." in caller._repr_mimebundle_()[0]["text/plain"]


def test_a_cell_that_is_run_again_shows_its_phones_again_and_closes_those_that_are_no_longer_shown(client, monkeypatch):
    """What stands beside the notebook stays there, though the click that has opened it has selected this cell."""
    events = EventManager(None, available_events)
    monkeypatch.setattr(base, "get_ipython", lambda: SimpleNamespace(events=events))

    def run(number: int, *addresses: str) -> list[PhoneWidget]:
        monkeypatch.setattr(base, "_running", lambda: ("the cell", f"run {number}"))
        phones = [phone(client, address) for address in addresses]
        events.trigger("post_run_cell", None)
        return phones

    caller, alice = run(1, "+15005550100", "client:alice")
    assert run(2, "+15005550100", "client:alice") == [caller, alice]
    assert run(3, "+15005550100", "client:bob")[0] is caller
    assert [repr(one).endswith("(closed)") for one in (caller, alice)] == [False, True]
    assert events.callbacks["post_run_cell"] == []
