"""What an assignment callback does with a whole phone call: dequeue, conference, redirect, supervise (voice.md §4)."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.conftest import Reply
from tests.sandbox.phone_story import AGENT, BOB, CALLER, answered_by, kind, story, the_call_of, twiml
from tests.waiting import wait_for

__all__ = ["kind", "story"]


def test_a_dequeue_in_both_kinds_of_workspace(kind, story):
    """voice.md §4.7: after the talk a multitasking worker has to complete the task."""
    caller = story.queued()
    answered_by(story, {"instruction": "dequeue", "from": "+15005550006"})
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    story.sandbox.calls.hang_up(caller)
    assert wait_for(lambda: story.task().assignment_status == ("wrapping" if kind else "completed"))
    assert the_call_of(story, AGENT)["status"] == "completed"


def test_a_conference_in_both_kinds_of_workspace(kind, story):
    """voice.md §4.5: the room is named by the task, and is in its attributes; its end ends the talk."""
    caller = story.queued()
    answered_by(story, {"instruction": "conference", "from": "+15005550006", "end_conference_on_exit": True})
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    task = story.task()
    assert task.assignment_status == "assigned"
    [room] = story.client.conferences.list(status="in-progress")
    assert room.friendly_name == task.sid
    agent = the_call_of(story, AGENT)["sid"]
    assert json.loads(task.attributes)["conference"] == {
        "sid": room.sid, "participants": {"worker": agent, "customer": caller}
    }  # fmt: skip
    assert "worker_call_sid" not in json.loads(task.attributes)
    assert len(room.participants.list()) == 2
    story.sandbox.calls.hang_up(agent)
    assert wait_for(lambda: story.task().assignment_status == ("wrapping" if kind else "completed"))
    assert room.fetch().status == "completed"


def test_a_redirect_lets_the_caller_dial_the_agent(kind, story):
    """voice.md §4.4: accepted at once; the task is the application's business from then on."""
    story.receiver.replies["/talk"] = twiml("<Response><Dial><Client>alice</Client></Dial></Response>")
    caller = story.queued()
    url = f"{story.receiver.url}/talk"
    answered_by(story, {"instruction": "redirect", "call_sid": caller, "url": url, "accept": True})
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    assert story.task().assignment_status == "assigned"
    assert the_call_of(story, AGENT)["direction"] == "outbound-dial"
    [left] = wait_for(lambda: story.asked("/left"))
    assert left.form["QueueResult"] == "redirected"


def test_a_call_whose_document_dials_the_reservation(kind, story):
    """voice.md §4.3: the agent hears the document first; accepted at the bridge."""

    def ask_first(form: dict[str, str]) -> Reply:
        [reservation] = story.task().reservations.list()
        return twiml(f'<Response><Dial><Queue reservationSid="{reservation.sid}"/></Dial></Response>')

    story.receiver.replies["/agent"] = ask_first
    caller = story.queued()
    answered_by(story, {"instruction": "call", "from": "+15005550006", "url": f"{story.receiver.url}/agent"})
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    assert story.task().assignment_status == "assigned"
    [document] = story.asked("/agent")
    assert document.form["Direction"] == "outbound-api"


@pytest.mark.parametrize(
    ("mode", "heard_by", "at_alice", "at_caller"),
    [
        ("monitor", [], [CALLER], [AGENT]),
        ("whisper", [AGENT], [BOB, CALLER], [AGENT]),
        ("barge", [AGENT, CALLER], [BOB, CALLER], [AGENT, BOB]),
    ],
)
def test_a_second_agent_listens_in(story, mode, heard_by, at_alice, at_caller):
    """voice.md §4.6: over REST, muted, heard by the agent, or by all; who does not hear him is not told of him."""
    caller = story.queued()
    answered_by(story, {"instruction": "conference", "from": "+15005550006"})
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    story.cast.bob.update(attributes=json.dumps({"languages": ["en"], "contact_uri": BOB}))
    story.sandbox.phones.set(BOB, "after", 0)
    [reservation] = story.task().reservations.list()
    reservation.update(
        instruction="supervise", supervisor=story.cast.bob.sid, supervisor_mode=mode, from_="+15005550006"
    )
    [room] = story.client.conferences.list()
    assert wait_for(lambda: len([one for one in room.participants.list() if one.status == "connected"]) == 3)
    supervisor = the_call_of(story, BOB)
    assert (sorted(supervisor["connected_with"]), sorted(supervisor["heard_by"])) == ([CALLER, AGENT], sorted(heard_by))
    assert sorted(the_call_of(story, AGENT)["connected_with"]) == sorted(at_alice)
    assert sorted(story.sandbox.calls.fetch(caller)["connected_with"]) == sorted(at_caller)
    [listener] = [one for one in room.participants.list() if one.call_sid == supervisor["sid"]]
    assert (listener.muted, listener.coaching) == (mode == "monitor", mode == "whisper")
    listener.update(muted=True, coaching=False)
    assert the_call_of(story, AGENT)["connected_with"] == [CALLER]


def test_an_agent_who_is_muted_is_still_the_one_whom_the_caller_has(story):
    caller = story.queued()
    answered_by(story, {"instruction": "conference", "from": "+15005550006"})
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    agent = the_call_of(story, AGENT)
    [room] = story.client.conferences.list()
    room.participants(agent["sid"]).update(muted=True)
    agent = the_call_of(story, AGENT)
    assert (agent["connected_with"], agent["heard_by"]) == ([CALLER], [])
    caller = story.sandbox.calls.fetch(caller)
    assert (caller["connected_with"], caller["heard_by"]) == ([AGENT], [AGENT])
