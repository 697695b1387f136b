"""The sandbox is killed in the midst of a call: what is found again over REST, and what has become of the rest."""

from __future__ import annotations

import json
import os
import signal
import threading

import pytest

from helpers import sandbox as sandboxes
from taskrouter_sandbox.processes import has_ended
from tests.sandbox.conftest import Reply
from tests.sandbox.phone_story import AGENT, answered_by, kind, story, the_call_of, twiml
from tests.waiting import patience, wait_for

__all__ = ["kind", "story"]

OURS = "+15005550006"


def killed(story):
    """Kill the sandbox and start it again on what it has kept."""
    pid = story.sandbox.pid
    os.kill(pid, signal.SIGKILL)
    assert has_ended(pid, patience(10))
    for reply in story.receiver.replies.values():
        if isinstance(reply, Reply) and reply.gate is not None:
            reply.gate.set()
    story.sandbox = sandboxes.ensure()
    assert story.sandbox.pid != pid
    return story.sandbox


def document(story, content: str) -> str:
    story.receiver.replies["/incoming_call"] = twiml(f"<Response>{content}</Response>")
    return story.sandbox.calls.dial()["sid"]


def asked(story) -> str:
    story.receiver.replies["/incoming_call"] = Reply(gate=threading.Event())
    sid = story.sandbox.calls.dial()["sid"]
    assert wait_for(lambda: story.asked("/incoming_call"))
    return sid


def recording(story) -> str:
    sid = document(story, "<Record timeout='60' action='/recorded'/>")
    assert wait_for(lambda: story.sandbox.calls.fetch(sid)["waits_for"] == "the end of the recording")
    return sid


def ringing_out(story) -> str:
    story.sandbox.phones.set("+15005550177", "by-hand")
    call = story.client.calls.create(to="+15005550177", from_=OURS, twiml="<Response/>")
    assert wait_for(lambda: story.client.calls(call.sid).fetch().status == "ringing")
    return call.sid


def dialing(story) -> str:
    story.sandbox.phones.set("+15005550177", "by-hand")
    sid = document(story, "<Dial action='/dialed'>+15005550177</Dial>")
    assert wait_for(lambda: the_call_of(story, "+15005550177").get("status") == "ringing")
    return sid


def dialed(story) -> str:
    sid = dialing(story)
    story.sandbox.calls.answer(the_call_of(story, "+15005550177")["sid"])
    assert wait_for(lambda: story.sandbox.calls.fetch(sid)["connected_with"])
    return sid


def in_a_plain_queue(story) -> str:
    sid = document(story, "<Enqueue action='/left'>Plain</Enqueue>")
    assert wait_for(lambda: story.sandbox.calls.fetch(sid)["queue"])
    return sid


MOMENTS = {one.__name__: one for one in (asked, recording, ringing_out, dialing, dialed, in_a_plain_queue)} | {
    "gathering": lambda story: story.dial(),
    "queued": lambda story: story.queued(),
}


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_call_that_went_on_is_found_as_failed(story, moment):
    over = story.sandbox.calls.dial(from_="+15005550109")["sid"]
    story.sandbox.calls.hang_up(over)
    before = story.client.calls(over).fetch().status
    sid = MOMENTS[moment](story)
    live = [one["sid"] for one in story.sandbox.calls.list() if one["ended"] is None]
    assert sid in live
    running = killed(story)
    assert story.client.calls(over).fetch().status == before
    alerts = {one["subject_sid"]: one["code"] for one in running.alerts.list()}
    for one in live:
        call = story.client.calls(one).fetch()
        assert (call.status, call.end_time is None, alerts.get(one)) == ("failed", False, 12400)
    if moment != "ringing_out":  # which nobody wanted to be told of
        [reported] = wait_for(lambda: [one for one in story.asked("/status") if one.form["CallSid"] == sid])
        assert reported.form["CallStatus"] == "failed"
    assert all(queue.current_size == 0 for queue in story.client.queues.list())
    assert all(one["outcome"] for one in running.deliveries.list("voice"))
    assert wait_for(lambda: all(one.assignment_status == "canceled" for one in story.cast.workspace.tasks.list()))
    story.receiver.replies["/incoming_call"] = twiml("<Response><Say>Back again.</Say></Response>")
    again = running.calls.dial()["sid"]
    assert wait_for(lambda: "Back again." in [one["text"] for one in running.calls.fetch(again)["captions"]])


def serve_again(story) -> None:
    """A caller after the restart is connected with the same worker."""
    running = story.sandbox
    if story.cast.alice.fetch().activity_name != "Idle":
        story.cast.alice.update(activity_sid=story.cast.activities["Idle"].sid)
    running.phones.set(AGENT, "after", 0)
    caller = story.dial()
    running.calls.press(caller, "1")
    assert wait_for(lambda: running.calls.fetch(caller)["connected_with"] == [AGENT])


@pytest.mark.parametrize("instruction", ["dequeue", "conference"])
def test_a_talk_ends_as_if_both_had_hung_up(kind, story, instruction):
    """voice.md §5.5: the task is not left with a worker who talks to nobody."""
    caller = story.queued()
    answered_by(story, {"instruction": instruction, "from": OURS})
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    task = story.task()
    agent = the_call_of(story, AGENT)["sid"]
    killed(story)
    assert [story.client.calls(sid).fetch().status for sid in (caller, agent)] == ["failed", "failed"]
    assert wait_for(lambda: task.fetch().assignment_status == ("wrapping" if kind else "completed"))
    if instruction == "conference":
        assert task.fetch().reason == ("Conference ended" if kind else "All reservations were completed")
        assert [room.status for room in story.client.conferences.list()] == ["completed"]
        assert story.client.conferences.list()[0].participants.list() == []
    if kind:
        task.update(assignment_status="completed")
    serve_again(story)


@pytest.mark.parametrize("instruction", ["dequeue", "conference", "call"])
def test_a_phone_that_rang_for_a_reservation_does_not_hold_its_worker(kind, story, instruction):
    caller = story.queued()
    said = {"instruction": instruction, "from": OURS, "url": f"{story.receiver.url}/agent"}
    story.receiver.replies["/assignment"] = Reply(body=json.dumps(said))
    agent = story.ringing()
    task = story.task()
    killed(story)
    assert [story.client.calls(sid).fetch().status for sid in (caller, agent)] == ["failed", "failed"]
    assert wait_for(lambda: task.fetch().assignment_status == "canceled")
    assert {one.reservation_status for one in task.reservations.list()} == {"canceled"}
    story.receiver.replies["/assignment"] = Reply(body=json.dumps({"instruction": "dequeue", "from": OURS}))
    serve_again(story)


def test_phones_and_numbers_are_as_they_were(story):
    story.sandbox.phones.set("+15005550177", "never")
    bought = story.client.incoming_phone_numbers.create(phone_number="+15005550008", voice_url="http://127.0.0.1/x")
    queue = story.client.queues.create(friendly_name="Plain", max_size=5)
    running = killed(story)
    assert {one["address"]: one["answer"] for one in running.phones.list()} == {
        AGENT: "by-hand",
        "+15005550177": "never",
    }
    assert bought.fetch().voice_url == "http://127.0.0.1/x"
    assert queue.fetch().max_size == 5
