"""Whole phone calls over real HTTP: dialed, answered by a web server, queued, connected, ended (voice.md §6)."""

from __future__ import annotations

import json

import pytest

from helpers import sandbox as sandboxes
from helpers.errors import LessonError
from tests.sandbox.conftest import Reply
from tests.sandbox.phone_story import AGENT, CALLER, MENU, story, the_call_of, twiml
from tests.waiting import wait_for

__all__ = ["story"]


def test_the_quickstart_from_the_first_ring_to_the_last_word(story):
    """voice.md §6.1, in a single-tasking workspace."""
    sandbox, cast = story.sandbox, story.cast
    caller = story.queued()
    [incoming] = story.asked("/incoming_call")
    assert incoming.form["CallStatus"] == "ringing"
    assert len(incoming.form) == 27
    [pressed] = story.asked("/enqueue_call")
    assert (pressed.form["Digits"], pressed.form["CallStatus"]) == ("1", "in-progress")
    captions = [one["text"] for one in sandbox.calls.fetch(caller)["captions"]]
    assert "For English, press two." in captions
    task = story.task()
    attributes = json.loads(task.attributes)
    assert len(attributes) == 25
    assert (attributes["call_sid"], attributes["selected_language"]) == (caller, "es")
    assert task.task_channel_unique_name == "voice"
    [queue] = [one for one in story.client.queues.list() if one.friendly_name == cast.workflow.sid]
    assert [member.call_sid for member in queue.members.list()] == [caller]

    agent = story.ringing()
    assert story.task().assignment_status == "reserved"
    shown = sandbox.calls.fetch(agent)
    assert (shown["phone"], shown["from"], shown["direction"]) == (AGENT, "+15005550006", "outbound-api")
    assert (sandbox.calls.fetch(caller)["ringing"], shown["ringing"]) == ([AGENT], [])
    sandbox.calls.answer(agent)
    assert wait_for(lambda: sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    assert sandbox.calls.fetch(caller)["ringing"] == []
    assert sandbox.calls.fetch(agent)["connected_with"] == [CALLER]
    task = story.task()
    assert task.assignment_status == "assigned"
    assert json.loads(task.attributes)["worker_call_sid"] == agent
    assert queue.members.list() == []

    sandbox.clock.advance(seconds=60)
    sandbox.calls.hang_up(agent)
    assert wait_for(lambda: story.task().assignment_status == "completed")
    assert wait_for(lambda: sandbox.calls.fetch(caller)["status"] == "completed")
    assert wait_for(lambda: cast.alice.fetch().activity_name == "Offline")
    [left] = story.asked("/left")
    assert left.form["QueueResult"] == "bridged"
    assert wait_for(lambda: len(story.asked("/dequeued")) == 4)
    reported = sorted(story.asked("/dequeued"), key=lambda one: one.form["SequenceNumber"])
    assert [one.form["CallStatus"] for one in reported] == [
        "initiated", "ringing", "in-progress", "completed"
    ]  # fmt: skip
    assert "TaskSid" in story.asked("/dequeued")[0].path
    [status] = wait_for(lambda: story.asked("/status"))
    assert (status.form["CallStatus"], status.form["SequenceNumber"]) == ("completed", "0")
    assert int(status.form["CallDuration"]) >= 60
    assert all(one.valid for one in story.receiver.requests)
    assert sandbox.alerts.list() == []


def test_the_caller_hangs_up_in_the_queue(story):
    caller = story.queued()
    story.sandbox.calls.hang_up(caller)
    assert wait_for(lambda: story.task().assignment_status == "canceled")
    assert story.task().reason == "hangup"
    [left] = wait_for(lambda: story.asked("/left"))
    assert (left.form["QueueResult"], left.form["CallStatus"]) == ("hangup", "completed")


def test_the_caller_hangs_up_while_the_agent_s_phone_rings(story):
    caller = story.queued()
    agent = story.ringing()
    story.sandbox.calls.hang_up(caller)
    assert wait_for(lambda: story.sandbox.calls.fetch(agent)["status"] == "canceled")
    assert wait_for(lambda: story.task().assignment_status == "canceled")
    assert [one.reservation_status for one in story.task().reservations.list()] == ["canceled"]


@pytest.mark.parametrize("what", ["task", "workspace"])
def test_what_is_deleted_while_the_agent_s_phone_rings(story, what):
    """Nobody is called any more; the caller waits on, as when the task is canceled over REST (voice.md §3.4)."""
    caller = story.queued()
    agent = story.ringing()
    assert (story.task() if what == "task" else story.cast.workspace).delete()
    assert wait_for(lambda: story.sandbox.calls.fetch(agent)["status"] == "canceled")
    assert story.sandbox.calls.fetch(caller)["queue"]["position"] == 1
    story.sandbox.calls.hang_up(caller)
    assert wait_for(lambda: story.asked("/left"))
    assert story.sandbox.alerts.list() == []


def test_the_agent_does_not_answer(story):
    """voice.md §6.2: the reservation stays pending, and the caller waits on."""
    caller = story.queued()
    agent = story.ringing()
    story.sandbox.clock.advance(seconds=70)
    assert wait_for(lambda: story.sandbox.calls.fetch(agent)["status"] == "no-answer")
    assert story.sandbox.calls.fetch(caller)["queue"]["position"] == 1
    assert [one.reservation_status for one in story.task().reservations.list()] == ["pending"]


@pytest.mark.parametrize(
    ("reserved", "answered", "status", "outcome"),
    [(15, 10, "in-progress", "accepted"), (10, 15, "canceled", "timeout")],
)
def test_what_falls_due_while_time_is_skipped_happens_in_order(story, reserved, answered, status, outcome):
    """The agent's phone answers by itself before the reservation times out, or after."""
    story.cast.workflow.update(task_reservation_timeout=reserved)
    story.sandbox.phones.set(AGENT, "after", answered)
    story.queued()
    agent = story.ringing()
    began = story.sandbox.calls.fetch(agent)["began"]
    story.sandbox.clock.advance(seconds=60)
    shown = story.sandbox.calls.fetch(agent)
    assert shown["status"] == status
    assert [one.reservation_status for one in story.task().reservations.list()] == [outcome]
    at = shown["answered"] if status == "in-progress" else shown["ended"]
    assert 5_000 < at - began < 14_000


def test_the_caller_presses_nothing(story):
    caller = story.dial()
    story.sandbox.clock.advance(seconds=30)
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["status"] == "completed")
    assert story.asked("/enqueue_call") == []


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(body=json.dumps({"say": "hello"})), 12300),
        (Reply(body="<Response/>", content_type=None), 12300),
        (Reply(500, "boom"), 11200),
        (Reply(404), 11200),
        (twiml("<Response><Say>Hello</Response>"), 12100),
        (twiml("<response/>"), 12102),
        (twiml(""), 12100),
        (twiml("<Response><gather/></Response>"), 12200),
        (twiml("<Response><Gather numDigits='0'/></Response>"), 13314),
        (twiml("<Response><Enqueue workflowSid='WW1'/></Response>"), 14220),
        (twiml(f"<Response><Enqueue workflowSid='WW{'0' * 32}'/></Response>"), 14220),
    ],
)
def test_what_is_wrong_with_a_document_is_told_in_the_alerts(story, reply, code):
    story.receiver.replies["/incoming_call"] = reply
    sid = story.sandbox.calls.dial()["sid"]
    [alert] = wait_for(story.sandbox.alerts.list)
    assert (alert["code"], alert["subject_sid"]) == (code, sid)


def test_the_fallback_is_asked_what_to_do(story):
    """voice.md §1.5: with the code and the address of what failed."""
    [number] = story.client.incoming_phone_numbers.list()
    number.update(voice_fallback_url=f"{story.receiver.url}/fallback", voice_fallback_method="GET")
    story.receiver.replies |= {"/incoming_call": Reply(500), "/fallback": twiml(MENU)}
    story.dial()
    [request] = story.asked("/fallback")
    assert request.valid
    assert "ErrorCode=11200" in request.path


def test_a_status_callback_that_fails_is_a_warning(story):
    story.receiver.replies["/status"] = Reply(500)
    story.sandbox.calls.hang_up(story.dial())
    [alert] = wait_for(story.sandbox.alerts.list)
    assert (alert["code"], alert["level"]) == (15003, "warning")


def test_calls_end_as_failed_when_the_sandbox_stops_and_numbers_stay(story):
    caller = story.queued()
    sandboxes.stop()
    running = sandboxes.ensure()
    assert story.client.calls(caller).fetch().status == "failed"
    assert story.client.incoming_phone_numbers.list()[0].voice_url == f"{story.receiver.url}/incoming_call"
    assert wait_for(lambda: story.task().assignment_status == "canceled")
    [alert] = [one for one in running.alerts.list() if one["subject_sid"] == caller]
    assert "stopped" in alert["text"]


def test_a_caller_nobody_serves_is_sent_to_the_voicemail(story):
    """voice.md §3.4: as the tutorial of the dynamic call centre does on `workflow.timeout`."""
    story.receiver.replies |= {
        "/voicemail": twiml('<Response><Say>Leave a message.</Say><Record action="/recorded"/></Response>'),
        "/recorded": twiml("<Response><Hangup/></Response>"),
    }
    caller = story.queued()
    story.client.calls(caller).update(url=f"{story.receiver.url}/voicemail")
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["waits_for"] == "the end of what is heard")
    assert wait_for(lambda: story.task().assignment_status == "canceled")
    story.sandbox.clock.advance(seconds=2)
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["waits_for"] == "the end of the recording")
    story.sandbox.calls.say(caller, "Call me back.")
    story.sandbox.calls.press(caller, "#")
    [recorded] = wait_for(lambda: story.asked("/recorded"))
    assert recorded.form["RecordingUrl"].startswith("https://api.twilio.com/2010-04-01/")
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["status"] == "completed")


@pytest.mark.parametrize(
    ("behaviour", "status"), [("busy", "busy"), ("unreachable", "failed"), ("reject", "busy"), ("never", "no-answer")]
)
def test_an_agent_who_is_not_reached(story, behaviour, status):
    """voice.md §4.2: the callback says why, the reservation stays pending, the caller waits on."""
    caller = story.queued()
    story.sandbox.phones.set(AGENT, behaviour, 0)
    story.cast.alice.update(activity_sid=story.cast.activities["Idle"].sid)
    assert wait_for(lambda: the_call_of(story, AGENT))
    story.sandbox.clock.advance(seconds=100)
    assert wait_for(lambda: status in [one.form["CallStatus"] for one in story.asked("/dequeued")])
    assert [one.reservation_status for one in story.task().reservations.list()] == ["pending"]
    assert story.sandbox.calls.fetch(caller)["queue"]["position"] == 1


def test_what_cannot_be_done_at_a_phone_is_said(story):
    caller, calls = story.dial(), story.sandbox.calls

    def refusal(act, *arguments: str) -> str:
        with pytest.raises(LessonError) as refused:
            act(*arguments)
        return str(refused.value)

    assert "'a' cannot be pressed" in refusal(calls.press, caller, "a")
    assert "does not ring" in refusal(calls.answer, caller)
    assert "has no number +15005550999" in refusal(calls.dial, "+15005550999")
    assert "not found" in refusal(calls.fetch, "CA" + "0" * 32)
    calls.hang_up(caller)
    assert "not in-progress" in refusal(calls.press, caller, "1")
    assert "answer: must be one of" in refusal(story.sandbox.phones.set, AGENT, "perhaps")


def test_phones_behave_as_they_were_told(story):
    story.sandbox.phones.set("+15005550111", "after", 3)
    assert story.sandbox.phones.list() == [
        {"address": AGENT, "answer": "by-hand", "seconds": 2, "for_now": False},
        {"address": "+15005550111", "answer": "after", "seconds": 3, "for_now": False},
    ]
    call = story.client.calls.create(to="+15005550111", from_="+15005550006", twiml="<Response><Pause/></Response>")
    story.sandbox.clock.advance(seconds=1)
    assert story.sandbox.calls.fetch(call.sid)["waits_for"] == "somebody answers"
    story.sandbox.clock.advance(seconds=2.5)
    assert story.client.calls(call.sid).fetch().status in ("in-progress", "completed")


def test_a_call_that_rings_is_left_to_whoever_comes_to_its_phone(story):
    call = story.client.calls.create(to="client:bob", from_="+15005550006", twiml="<Response><Pause/></Response>")
    story.sandbox.phones.set("client:bob", "by-hand", for_seconds=600)
    story.sandbox.clock.advance(seconds=10)
    assert story.sandbox.calls.fetch(call.sid)["waits_for"] == "somebody answers"


def test_a_phone_that_was_told_so_for_some_seconds_behaves_as_before_after_them(story):
    """By the machine's clock: time that is skipped is none in which nobody sat there."""
    phones, lasting = story.sandbox.phones, "+15005550111"

    def told(address: str) -> dict:
        return next((each for each in phones.list() if each["address"] == address), {})

    phones.set(lasting, "busy")
    assert phones.set(lasting, "by-hand", for_seconds=600)["answer"] == "busy"
    assert not told(lasting)["for_now"]

    assert phones.set("client:bob", "by-hand", for_seconds=1)["for_now"]
    phones.set("client:bob", "by-hand", for_seconds=600)
    story.sandbox.clock.advance(hours=1)
    call = story.client.calls.create(to="client:bob", from_="+15005550006", twiml="<Response><Pause/></Response>")
    story.sandbox.clock.advance(seconds=10)
    assert story.client.calls(call.sid).fetch().status == "ringing"
    assert phones.set("client:bob", "by-hand", for_seconds=0) == {
        "address": "client:bob", "answer": "after", "seconds": 2, "for_now": False,
    }  # fmt: skip
    assert told("client:bob") == {}

    phones.set("client:bob", "never", for_seconds=1)
    assert wait_for(lambda: told("client:bob") == {})


def test_whoever_renews_what_a_phone_was_told_does_not_change_it(story):
    """Two kernels show one phone: what was chosen in one is not taken back by the other, which has not heard yet."""
    phones = story.sandbox.phones
    assert phones.set("client:bob", "by-hand", for_seconds=600, renew=True)["answer"] == "by-hand"
    phones.set("client:bob", "busy", for_seconds=600)
    assert phones.set("client:bob", "by-hand", for_seconds=600, renew=True)["answer"] == "busy"
    assert phones.set("client:bob", "never", for_seconds=600)["answer"] == "never"


def test_what_a_phone_shows_tells_which_requests_were_made_for_it(story):
    story.receiver.replies["/enqueue_call"] = Reply(500)
    caller = story.dial()
    story.sandbox.calls.press(caller, "1")
    assert wait_for(lambda: len(story.sandbox.calls.fetch(caller)["requests"]) >= 2)
    first, second = story.sandbox.calls.fetch(caller)["requests"][:2]
    assert (first["method"], first["url"], first["status"], first["problem"]) == (
        "POST", f"{story.receiver.url}/incoming_call", 200, None
    )  # fmt: skip
    assert (second["status"], second["problem"]) == (500, "it answered 500")
    assert any("application error" in one["text"] for one in story.sandbox.calls.fetch(caller)["captions"])
