"""Each instruction with a call, in both kinds of workspace, and every way in which it ends (voice.md §4, §6.2)."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.conftest import Reply
from tests.sandbox.phone_story import AGENT, kind, story, the_call_of, twiml
from tests.waiting import wait_for

__all__ = ["kind", "story"]

OURS = "+15005550006"
NOT_REACHED = {"never": "no-answer", "busy": "busy", "reject": "busy", "unreachable": "failed"}
NOT_MADE = {"dequeue": 40133, "call": 40113, "conference": 40145}
WITH_A_LEG = ["dequeue", "call", "conference"]


def begin(story, instruction: str, seconds: int = 1200, **said: object) -> str:
    """Have a caller wait and Alice's phone be called for him; gives the SID of the caller's call."""

    def document(_: dict[str, str]) -> Reply:
        [reservation] = story.task().reservations.list()
        return twiml(f'<Response><Dial><Queue reservationSid="{reservation.sid}"/></Dial></Response>')

    status = "status_callback" if instruction == "conference" else "status_callback_url"
    answer = {"instruction": instruction, "from": OURS, "url": f"{story.receiver.url}/agent", **said}
    story.receiver.replies |= {
        "/assignment": Reply(body=json.dumps({status: f"{story.receiver.url}/leg"} | answer)),
        "/agent": document,
        "/left": twiml("<Response><Say>Goodbye.</Say></Response>"),
    }
    story.cast.workflow.update(task_reservation_timeout=seconds)
    caller = story.queued()
    story.cast.alice.update(activity_sid=story.cast.activities["Idle"].sid)
    return caller


def rings(story) -> str:
    """Wait until Alice's phone rings, and give the SID of its call."""
    assert wait_for(lambda: the_call_of(story, AGENT).get("status") == "ringing")
    return the_call_of(story, AGENT)["sid"]


def talk(story, instruction: str, **said: object) -> tuple[str, str]:
    """Have caller and agent talk; gives the SIDs of their calls."""
    caller = begin(story, instruction, **said)
    agent = rings(story)
    story.sandbox.calls.answer(agent)
    assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
    assert story.task().assignment_status == "assigned"
    return caller, agent


def status(story, sid: str) -> str:
    return story.client.calls(sid).fetch().status


def state(story) -> tuple[str, list[str]]:
    """The task's status, and those of its reservations, the first one first."""
    task = story.task()
    return task.assignment_status, [one.reservation_status for one in task.reservations.list()]


def test_a_call_that_fails_after_its_reservation_was_accepted_is_told(story):
    """Whoever accepts before dialing has to act, and learns it by the alert (voice.md §4.3; §8, point 19)."""
    story.sandbox.phones.set(AGENT, "unreachable", 0)
    begin(story, "call", accept=True)
    assert wait_for(lambda: [alert["code"] for alert in story.sandbox.alerts.list()]) == [NOT_MADE["call"]]
    assert state(story) == ("assigned", ["accepted"])


@pytest.mark.parametrize("behaviour", NOT_REACHED)
@pytest.mark.parametrize("instruction", WITH_A_LEG)
def test_the_worker_is_not_reached(kind, story, instruction, behaviour):
    """The caller waits on. A conference's reservation is canceled, the others stay pending (voice.md §4.2, §4.5)."""
    story.sandbox.phones.set(AGENT, behaviour, 0)
    caller = begin(story, instruction)
    assert wait_for(lambda: the_call_of(story, AGENT))
    if behaviour == "never":
        assert wait_for(lambda: the_call_of(story, AGENT)["status"] == "ringing")
        story.sandbox.clock.advance(seconds=61)
    [leg] = wait_for(lambda: story.asked("/leg")[:1])
    assert (leg.form["CallStatus"], leg.form["To"]) == (NOT_REACHED[behaviour], AGENT)
    first = story.task().reservations.list()[0]
    if instruction == "conference":
        assert wait_for(lambda: first.fetch().reservation_status == "canceled")
    else:
        assert state(story) == ("reserved", ["pending"])
    told = [one["code"] for one in story.sandbox.alerts.list() if one["subject_sid"] == first.sid]
    wanted = [NOT_MADE[instruction]] if instruction == "conference" or behaviour == "unreachable" else []
    assert told == wanted
    assert story.sandbox.calls.fetch(caller)["queue"]["position"] == 1


@pytest.mark.parametrize("instruction", WITH_A_LEG)
def test_the_caller_hangs_up_while_it_rings(kind, story, instruction):
    caller = begin(story, instruction)
    agent = rings(story)
    story.sandbox.calls.hang_up(caller)
    assert wait_for(lambda: state(story) == ("canceled", ["canceled"]))
    assert story.task().reason == "hangup"
    assert wait_for(lambda: status(story, agent) == "canceled")
    [left] = wait_for(lambda: story.asked("/left"))
    assert left.form["QueueResult"] == "hangup"


@pytest.mark.parametrize("instruction", WITH_A_LEG)
def test_the_task_is_canceled_while_it_rings(kind, story, instruction):
    """The phone stops; the caller stays where he is (voice.md §3.4)."""
    caller = begin(story, instruction)
    agent = rings(story)
    story.task().update(assignment_status="canceled", reason="nobody")
    assert wait_for(lambda: status(story, agent) == "canceled")
    assert state(story) == ("canceled", ["canceled"])
    assert story.sandbox.calls.fetch(caller)["queue"]["position"] == 1


@pytest.mark.parametrize("instruction", ["dequeue", "call"])
def test_the_reservations_time_is_up_while_it_rings(kind, story, instruction):
    """voice.md §6.2: the phone stops, the worker goes to the timeout activity, the caller waits on."""
    caller = begin(story, instruction, seconds=15)
    agent = rings(story)
    story.sandbox.clock.advance(seconds=16)
    assert wait_for(lambda: status(story, agent) == "canceled")
    assert wait_for(lambda: state(story) == ("pending", ["timeout"]))
    timeout = story.cast.workspace.fetch().timeout_activity_sid
    assert story.cast.alice.fetch().activity_sid == timeout
    assert story.sandbox.calls.fetch(caller)["queue"]["position"] == 1
    [leg] = wait_for(lambda: story.asked("/leg"))
    assert leg.form["CallStatus"] == "canceled"


def test_the_phone_gives_up_before_the_reservation_does(kind, story):
    """voice.md §6.2: 60 seconds of ringing, a reservation of 120; nobody asks again meanwhile."""
    caller = begin(story, "dequeue", seconds=120)
    agent = rings(story)
    story.sandbox.clock.advance(seconds=61)
    assert wait_for(lambda: status(story, agent) == "no-answer")
    assert state(story) == ("reserved", ["pending"])
    story.sandbox.clock.advance(seconds=60)
    assert wait_for(lambda: state(story) == ("pending", ["timeout"]))
    assert story.sandbox.calls.fetch(caller)["queue"]["position"] == 1


def test_the_time_of_a_conference_stands_still_while_it_is_set_up(kind, story):
    """voice.md §4.5: 15 seconds are up while it rings; then the phone gives up, and the reservation is canceled."""
    begin(story, "conference", seconds=15)
    rings(story)
    story.sandbox.clock.advance(seconds=30)
    assert state(story) == ("reserved", ["pending"])
    story.sandbox.clock.advance(seconds=31)
    assert wait_for(lambda: state(story)[1][0] == "canceled")


@pytest.mark.parametrize("who", ["caller", "agent"])
@pytest.mark.parametrize("instruction", ["dequeue", "call"])
def test_one_hangs_up_and_the_talk_is_over(kind, story, instruction, who):
    """The caller's document goes on where he is still there (voice.md §4.7)."""
    caller, agent = talk(story, instruction)
    story.sandbox.calls.hang_up(caller if who == "caller" else agent)
    ended = "wrapping" if kind else "completed"
    assert wait_for(lambda: state(story) == (ended, [ended]))
    assert wait_for(lambda: [status(story, sid) for sid in (caller, agent)] == ["completed", "completed"])
    [left] = wait_for(lambda: story.asked("/left"))
    assert left.form["QueueResult"] == "bridged"
    heard = [one["text"] for one in story.sandbox.calls.fetch(caller)["captions"]]
    assert ("Goodbye." in heard) == (who == "agent")
    [leg] = wait_for(lambda: story.asked("/leg"))
    assert leg.form["CallStatus"] == "completed"
    if kind:
        story.task().update(assignment_status="completed")
        assert state(story) == ("completed", ["completed"])


@pytest.mark.parametrize("who", ["caller", "agent"])
def test_one_leaves_the_room_and_the_other_stays_alone(kind, story, who):
    """voice.md §4.5, §4.7: without flags the room goes on until the last one leaves; then the talk is over."""
    calls = dict(zip(("caller", "agent"), talk(story, "conference"), strict=True))
    task = story.task()
    [room] = story.client.conferences.list(friendly_name=task.sid)
    other = calls["agent" if who == "caller" else "caller"]
    story.sandbox.calls.hang_up(calls[who])
    assert wait_for(lambda: status(story, calls[who]) == "completed")
    assert (room.fetch().status, status(story, other)) == ("in-progress", "in-progress")
    assert [one.call_sid for one in room.participants.list()] == [other]
    assert task.fetch().assignment_status == "assigned"
    story.sandbox.calls.hang_up(other)
    ended = "wrapping" if kind else "completed"
    assert wait_for(lambda: state(story) == (ended, [ended]))
    assert (room.fetch().status, room.participants.list()) == ("completed", [])
    assert not kind or task.fetch().reason == "Conference ended"


@pytest.mark.parametrize(
    ("who", "flag"), [("agent", "end_conference_on_exit"), ("caller", "end_conference_on_customer_exit")]
)
def test_a_room_that_ends_with_somebody(kind, story, who, flag):
    caller, agent = talk(story, "conference", **{flag: True})
    story.sandbox.calls.hang_up(caller if who == "caller" else agent)
    ended = "wrapping" if kind else "completed"
    assert wait_for(lambda: state(story) == (ended, [ended]))
    assert wait_for(lambda: [status(story, sid) for sid in (caller, agent)] == ["completed", "completed"])


def test_a_call_that_was_accepted_first_and_nobody_answers(kind, story):
    """voice.md §4.3, §8: the reservation stays accepted, and the application must act."""
    story.sandbox.phones.set(AGENT, "busy")
    caller = begin(story, "call", accept=True)
    [leg] = wait_for(lambda: story.asked("/leg"))
    assert leg.form["CallStatus"] == "busy"
    assert state(story) == ("assigned", ["accepted"])
    assert story.sandbox.calls.fetch(caller)["queue"]["position"] == 1


def test_the_worker_declines_in_the_document(kind, story):
    caller = begin(story, "call")
    story.receiver.replies["/agent"] = twiml("<Response><Say>Press nothing to decline.</Say><Hangup/></Response>")
    agent = rings(story)
    story.sandbox.calls.answer(agent)
    assert wait_for(lambda: story.sandbox.calls.fetch(agent)["waits_for"] == "the end of what is heard")
    story.sandbox.clock.advance(seconds=5)
    assert wait_for(lambda: status(story, agent) == "completed")
    assert state(story) == ("reserved", ["pending"])
    assert story.sandbox.calls.fetch(caller)["queue"]["position"] == 1


@pytest.mark.parametrize("instruction", WITH_A_LEG)
def test_the_callback_of_the_leg_fails(kind, story, instruction):
    """It changes nothing (voice.md §4.2): a warning, and the talk goes on."""
    story.receiver.replies["/leg"] = Reply(500)
    more = {"status_callback_event": "ringing"} if instruction == "conference" else {}
    caller, agent = talk(story, instruction, **more)
    story.sandbox.calls.hang_up(agent)
    assert wait_for(
        lambda: (15003, agent) in [(one["code"], one["subject_sid"]) for one in story.sandbox.alerts.list()]
    )
    if instruction == "conference":
        story.sandbox.calls.hang_up(caller)
    ended = "wrapping" if kind else "completed"
    assert wait_for(lambda: state(story) == (ended, [ended]))


REDIRECTED = "<Response><Dial action='/dialed' timeout='20'><Client>alice</Client></Dial></Response>"


@pytest.mark.parametrize("ending", [*NOT_REACHED, "caller", "agent"])
@pytest.mark.parametrize("accept", [True, False])
def test_a_caller_who_is_redirected_and_dials_the_agent(kind, story, accept, ending):
    """voice.md §4.4: nothing ties that call to the task, but that a caller who goes is nobody's task any more."""
    story.receiver.replies |= {
        "/talk": twiml(REDIRECTED),
        "/dialed": twiml("<Response><Pause length='60'/></Response>"),
    }
    story.sandbox.phones.set(AGENT, ending if ending in NOT_REACHED else "by-hand", 0)
    caller = story.queued()
    said = {"instruction": "redirect", "call_sid": caller, "url": f"{story.receiver.url}/talk", "accept": accept}
    story.receiver.replies["/assignment"] = Reply(body=json.dumps(said))
    story.cast.alice.update(activity_sid=story.cast.activities["Idle"].sid)
    assert wait_for(lambda: the_call_of(story, AGENT))
    now = ("assigned", ["accepted"]) if accept else ("reserved", ["pending"])
    if ending in NOT_REACHED:
        story.sandbox.clock.advance(seconds=21)
        [dialed] = wait_for(lambda: story.asked("/dialed"))
        assert dialed.form["DialCallStatus"] == NOT_REACHED[ending]
    else:
        agent = rings(story)
        story.sandbox.calls.answer(agent)
        assert wait_for(lambda: story.sandbox.calls.fetch(caller)["connected_with"] == [AGENT])
        if ending == "agent":
            story.sandbox.calls.hang_up(agent)
            [dialed] = wait_for(lambda: story.asked("/dialed"))
            assert (dialed.form["DialCallStatus"], dialed.form["DialBridged"]) == ("completed", "true")
    assert state(story) == now
    story.sandbox.calls.hang_up(caller)
    assert wait_for(lambda: state(story) == (("assigned", ["accepted"]) if accept else ("canceled", ["canceled"])))


def test_the_finish_key_alone_is_no_input(story):
    """voice.md §6.2: no request, and the document goes on to its end."""
    caller = story.dial()
    story.sandbox.calls.press(caller, "#")
    assert wait_for(lambda: status(story, caller) == "completed")
    assert story.asked("/enqueue_call") == []


def test_an_agent_is_called_over_rest(story):
    """voice.md §6.2: the document is asked for on answer, each request signed."""
    story.receiver.replies["/agent"] = twiml("<Response><Say>Hello.</Say></Response>")
    call = story.client.calls.create(
        to=AGENT, from_=OURS, url=f"{story.receiver.url}/agent", method="GET",
        status_callback=f"{story.receiver.url}/leg", status_callback_method="GET",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )  # fmt: skip
    assert call.status == "queued"
    agent = rings(story)
    assert story.asked("/agent") == []
    story.sandbox.calls.answer(agent)
    [document] = wait_for(lambda: story.asked("/agent"))
    assert f"CallSid={call.sid}" in document.path
    story.sandbox.clock.advance(seconds=5)
    assert wait_for(lambda: status(story, agent) == "completed")
    assert wait_for(lambda: len(story.asked("/leg")) == 4)
    assert all(
        one.valid and one.method == "GET" for one in story.receiver.requests if one.path.startswith(("/agent", "/leg"))
    )
