"""Each fault of a document and of its request, on a real call: the code in the alerts, and a call that goes on or ends
(voice.md §1.4, §1.5, §1.8)."""

from __future__ import annotations

import json
import socket
import threading
from contextlib import suppress

import pytest

from helpers.errors import LessonError
from tests.sandbox.conftest import Reply
from tests.sandbox.phone_story import AGENT, answered_by, story, the_call_of, twiml
from tests.voice.test_twiml_schema import PROBLEMS
from tests.waiting import wait_for

__all__ = ["story"]

OURS = "+15005550006"
BIG = "<Response><Say>" + "a" * 66_000 + "</Say></Response>"


def refused_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


REPLIES = {
    "an answer 404": (Reply(404), 11200),
    "an answer 500": (Reply(500, "boom"), 11200),
    "redirects for ever": (Reply(302, headers={"Location": "/again"}), 11215),
    "a redirect to another scheme": (Reply(302, headers={"Location": "ftp://there/"}), 11200),
    "more than 64 kB": (twiml(BIG), 11750),
    "nothing": (twiml(""), 12100),
    "blanks before the declaration": (twiml(' <?xml version="1.0"?><Response/>'), 12100),
    "text before the document": (twiml("Hello <Response/>"), 12100),
    "an ampersand": (twiml("<Response><Say>you & me</Say></Response>"), 12100),
    "a tag that is not closed": (twiml("<Response><Say>Hello</Response>"), 12100),
    "two roots": (twiml("<Response/><Response/>"), 12100),
    "an entity": (twiml("<!DOCTYPE x [<!ENTITY a 'b'>]><Response><Say>&a;</Say></Response>"), 12100),
    "another version": (twiml('<Response version="9"/>'), 12101),
    "another root": (twiml("<response/>"), 12102),
    "HTML": (Reply(body="<html><body/></html>", content_type="text/html"), 12102),
    "JSON": (Reply(body='{"say": "Hello"}'), 12300),
    "no type": (Reply(body="<Response/>", content_type=None), 12300),
    "a picture": (Reply(body="GIF89a", content_type="image/gif"), 12300),
}


def codes(story, sid: str) -> list[tuple[int, str]]:
    return [(one["code"], one["level"]) for one in story.sandbox.alerts.list() if one["subject_sid"] == sid]


def document(story, content: str) -> str:
    """Let somebody dial, and answer with these verbs; gives the SID of the call."""
    story.receiver.replies["/incoming_call"] = twiml(f"<Response>{content}</Response>")
    return story.sandbox.calls.dial()["sid"]


def ends(story, sid: str) -> bool:
    """Skip time until a call has ended; it must, and soon."""
    for _ in range(20):
        if story.sandbox.calls.fetch(sid)["status"] == "completed":
            return True
        story.sandbox.clock.advance(seconds=5)
    return False


@pytest.mark.parametrize("what", REPLIES)
def test_what_cannot_be_run_is_an_error_that_the_caller_hears(story, what):
    """No fallback: an apology, then the end; the status callback comes as usual."""
    reply, code = REPLIES[what]
    story.receiver.replies |= {"/incoming_call": reply, "/again": Reply(302, headers={"Location": "/again"})}
    sid = story.sandbox.calls.dial()["sid"]
    assert wait_for(lambda: codes(story, sid)) == [(code, "error")]
    assert wait_for(lambda: ends(story, sid))
    [_, sorry] = [one["text"] for one in story.sandbox.calls.fetch(sid)["captions"]]
    assert "application error" in sorry
    [status] = wait_for(lambda: story.asked("/status"))
    assert status.form["CallStatus"] == "completed"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:{port}/", 11205),
        ("http://nobody.invalid/", 11210),
        ("https://{host}/", 11220),
        ("http://{host}/slow#tt=300&rt=200", 11205),
    ],
)
def test_who_cannot_be_asked(story, url, code):
    gate = threading.Event()
    story.receiver.replies["/slow"] = Reply(gate=gate)
    [number] = story.client.incoming_phone_numbers.list()
    host = story.receiver.url.partition("://")[2]
    number.update(voice_url=url.replace("{host}", host).replace("{port}", str(refused_port())))
    sid = story.sandbox.calls.dial()["sid"]
    assert wait_for(lambda: codes(story, sid)) == [(code, "error")]
    gate.set()
    assert wait_for(lambda: ends(story, sid))


def test_every_problem_of_a_document_is_told_and_the_call_comes_to_an_end(story):
    """All rows of the parser's table, each on a call of its own."""
    placed: dict[str, tuple[int, str]] = {}
    [number] = story.client.incoming_phone_numbers.list()
    for row, (content, code, level, _) in enumerate(PROBLEMS):
        story.receiver.replies[f"/document/{row}"] = twiml(f"<Response>{content}</Response>")
        number.update(voice_url=f"{story.receiver.url}/document/{row}")
        sid = story.sandbox.calls.dial(from_=f"+1500555{row + 1000}")["sid"]
        placed[sid] = (code, level)
    assert wait_for(lambda: len(story.sandbox.deliveries.list("voice", 1000)) >= len(placed))
    told: dict[str, list[tuple[int, str]]] = {}

    def all_told() -> bool:
        told.clear()
        for one in story.sandbox.alerts.list(5000):
            told.setdefault(one["subject_sid"], []).append((one["code"], one["level"]))
        return all(placed[sid] in told.get(sid, []) for sid in placed)

    assert wait_for(all_told), {placed[sid]: told.get(sid) for sid in placed if placed[sid] not in told.get(sid, [])}
    story.sandbox.clock.advance(minutes=2)
    for one in story.sandbox.calls.list(1000):
        if one["ended"] is None:  # it waits, or repeats its document for ever, as a Record without an action does
            with suppress(LessonError):  # it has just ended
                story.sandbox.calls.hang_up(one["sid"])
    assert wait_for(lambda: all(one["ended"] for one in story.sandbox.calls.list(1000)))


# faults that need others in the queue, in the room, or at TaskRouter


def test_a_queue_that_is_full(story):
    story.client.queues.create(friendly_name="Small", max_size=1)
    document(story, "<Enqueue waitUrl=''>Small</Enqueue>")
    assert wait_for(lambda: [one for one in story.client.queues.list() if one.current_size == 1])
    sid = story.sandbox.calls.dial(from_="+15005550101")["sid"]
    assert wait_for(lambda: codes(story, sid)) == [(14207, "warning")]
    assert wait_for(lambda: ends(story, sid))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<Enqueue/>", 14204),
        (f"<Enqueue>{'Q' * 65}</Enqueue>", 14205),
        ("<Enqueue workflowSid='WW1'/>", 14220),
        (f"<Enqueue workflowSid='WW{'0' * 32}'/>", 14220),
        ("<Enqueue workflowSid='{workflow}'><Task>language=es</Task></Enqueue>", 14221),
        ("<Enqueue workflowSid='{workflow}'><Task>[1]</Task></Enqueue>", 14221),
        ("<Enqueue workflowSid='{workflow}'><Task>{'selected_language': 'es'}</Task></Enqueue>", 14221),
        ('<Enqueue workflowSid="{workflow}"><Task>{"selected_language": "fr"}</Task></Enqueue>', 14222),
        ('<Enqueue workflowSid="{workflow}"><Task>{"selected_language": "es", "a": "LONG"}</Task></Enqueue>', 14222),
    ],
)
def test_an_enqueue_that_makes_no_task(story, content, code):
    """The document goes on with the next verb, and no task is left behind (voice.md §3.3)."""
    workflow = story.cast.workflow.sid
    content = content.replace("{workflow}", workflow).replace("LONG", "a" * 4100)
    sid = document(story, f"{content}<Say>Not queued.</Say>")
    assert wait_for(lambda: codes(story, sid)) == [(code, "error")]
    assert wait_for(lambda: "Not queued." in [one["text"] for one in story.sandbox.calls.fetch(sid)["captions"]])
    assert story.cast.workspace.tasks.list() == []


def reserved(story) -> str:
    """Have a caller wait whose reservation nobody answers; gives its SID."""
    story.receiver.replies["/assignment"] = Reply(status=200, body="", content_type=None)
    story.queued()
    story.cast.alice.update(activity_sid=story.cast.activities["Idle"].sid)
    return wait_for(lambda: story.task().reservations.list())[0].sid


@pytest.mark.parametrize(
    ("attributes", "before", "code"),
    [
        ("reservationSid='WR1'", None, 14215),
        ("reservationSid='{sid}'", "accepted", 14215),
        ("reservationSid='{sid}'", "rejected", 14215),
        (f"reservationSid='WR{'0' * 32}'", None, 14217),
        ("reservationSid='{sid}'", "canceled", 14217),
    ],
)
def test_a_dial_for_a_reservation_that_is_of_no_use(story, attributes, before, code):
    sid = reserved(story)
    if before == "canceled":
        story.task().update(assignment_status="canceled", reason="nobody")
    elif before:
        worker = {"worker_activity_sid": story.cast.activities["Offline"].sid} if before == "rejected" else {}
        story.task().reservations(sid).update(reservation_status=before, **worker)
    queue = f"<Dial><Queue {attributes.replace('{sid}', sid)}/></Dial>"
    call = story.client.calls.create(to=AGENT, from_=OURS, twiml=f"<Response>{queue}<Say>Alone.</Say></Response>")
    story.sandbox.calls.answer(wait_for(lambda: the_call_of(story, AGENT)["sid"]))
    assert wait_for(lambda: codes(story, call.sid)) == [(code, "error")]
    assert wait_for(lambda: "Alone." in [one["text"] for one in story.sandbox.calls.fetch(call.sid)["captions"]])


def test_an_activity_after_the_talk_that_is_none(story):
    """voice.md §1.8: they talk all the same."""
    sid = reserved(story)
    queue = f"<Queue reservationSid='{sid}' postWorkActivitySid='WA{'0' * 32}'/>"
    story.client.calls.create(to=AGENT, from_=OURS, twiml=f"<Response><Dial>{queue}</Dial></Response>")
    story.sandbox.calls.answer(wait_for(lambda: the_call_of(story, AGENT)["sid"]))
    assert wait_for(lambda: the_call_of(story, AGENT)["connected_with"])
    assert wait_for(lambda: codes(story, sid)) == [(14218, "error")]


def test_rooms_that_one_cannot_come_into(story):
    def room(attributes: str, from_: str) -> str:
        story.receiver.replies["/incoming_call"] = twiml(
            f"<Response><Dial><Conference {attributes}>Ours</Conference></Dial><Say>Outside.</Say></Response>"
        )
        return story.sandbox.calls.dial(from_=from_)["sid"]

    first = room("maxParticipants='2' participantLabel='boss'", "+15005550101")
    assert wait_for(lambda: story.sandbox.calls.fetch(first)["conference_sid"])
    twice = room("participantLabel='boss'", "+15005550102")
    assert wait_for(lambda: codes(story, twice)) == [(16025, "error")]
    coach = room(f"coach='CA{'0' * 32}'", "+15005550103")
    assert wait_for(lambda: codes(story, coach)) == [(13240, "error")]
    second = room("", "+15005550104")
    assert wait_for(lambda: story.sandbox.calls.fetch(second)["conference_sid"])
    third = room("", "+15005550105")
    assert wait_for(lambda: codes(story, third)) == [(16020, "error")]
    for sid in (twice, coach, third):
        assert wait_for(lambda sid=sid: ends(story, sid))


def test_what_a_room_plays_and_reports(story):
    """13238: a verb that its waiting document may not have; 16011: an event callback that fails."""
    story.receiver.replies |= {
        "/music": twiml("<Response><Gather/><Say>Wait.</Say></Response>"), "/events": Reply(500),
    }  # fmt: skip
    attributes = "waitUrl='/music' statusCallback='/events' statusCallbackEvent='join'"
    sid = document(story, f"<Dial><Conference {attributes}>Ours</Conference></Dial>")
    assert wait_for(lambda: (13238, "error") in codes(story, sid))
    room = story.sandbox.calls.fetch(sid)["conference_sid"]
    assert wait_for(lambda: codes(story, room)) == [(16011, "error")]
    assert wait_for(lambda: "Wait." in [one["text"] for one in story.sandbox.calls.fetch(sid)["captions"]])


@pytest.mark.parametrize(
    ("content", "codes_told"),
    [
        ("<Dial>+15005550111</Dial>", [(13201, "error")]),
        ("<Pause/><Say>Hello</Say>", [(12200, "warning")]),
        ("<Enqueue>Q</Enqueue>", [(12200, "warning")]),
    ],
)
def test_what_a_whisper_may_not_say(story, content, codes_told):
    story.sandbox.phones.set(AGENT, "after", 0)
    story.receiver.replies["/whisper"] = twiml(f"<Response>{content}</Response>")
    document(story, "<Dial><Number url='/whisper'>+15005550177</Number></Dial>")
    leg = wait_for(lambda: the_call_of(story, "+15005550177"))["sid"]
    story.sandbox.clock.advance(seconds=3)
    assert wait_for(lambda: codes(story, leg)) == codes_told


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<Gather action='/pressed' timeout='1' actionOnEmptyResult='true'/>", 15004),
        ("<Redirect>/more</Redirect>", 15004),
        ("<Record timeout='1'/>", 11100),
        ("<Redirect/>", 11100),
    ],
)
def test_addresses_in_twiml_that_is_given_over_rest(story, content, code):
    call = story.client.calls.create(to="+15005550177", from_=OURS, twiml=f"<Response>{content}</Response>")
    story.sandbox.clock.advance(seconds=10)
    assert wait_for(lambda: codes(story, call.sid)) == [(code, "error")]
    assert wait_for(lambda: ends(story, call.sid))


def test_a_callback_of_a_dial_that_is_answered_badly(story):
    story.receiver.replies["/progress"] = Reply(503)
    story.sandbox.phones.set("+15005550177", "busy")
    document(story, "<Dial><Number statusCallback='/progress'>+15005550177</Number></Dial>")
    leg = wait_for(lambda: the_call_of(story, "+15005550177"))["sid"]
    assert wait_for(lambda: codes(story, leg)) == [(15003, "warning")]


def test_a_number_without_an_address_and_one_that_cannot_be_dialed(story):
    [number] = story.client.incoming_phone_numbers.list()
    sid = document(story, "<Dial>+12</Dial><Say>Next.</Say>")
    leg = wait_for(lambda: next((one for one in story.sandbox.calls.list() if one["to"] == "+12"), None))
    assert (leg["status"], codes(story, leg["sid"])) == ("failed", [(13223, "warning")])
    assert wait_for(lambda: ends(story, sid))
    number.update(voice_url="")
    sid = story.sandbox.calls.dial(from_="+15005550101")["sid"]
    assert wait_for(lambda: codes(story, sid)) == [(11100, "error")]


def test_a_recording_in_which_nobody_spoke(story):
    story.sandbox.options.set(silent_record="next")
    sid = document(story, "<Record timeout='1'/><Say>No message.</Say>")
    assert wait_for(lambda: story.sandbox.calls.fetch(sid)["waits_for"] == "the end of the recording")
    story.sandbox.clock.advance(seconds=2)
    assert wait_for(lambda: codes(story, sid)) == [(16102, "warning")]
    assert wait_for(lambda: "No message." in [one["text"] for one in story.sandbox.calls.fetch(sid)["captions"]])


@pytest.mark.parametrize("what", ["faulty", "missing"])
def test_a_waiting_document_that_cannot_be_had_ends_the_waiting(story, what):
    """voice.md §1.5: QueueResult=error, and the task is canceled."""
    story.receiver.replies |= {
        "/music": twiml("<Response>") if what == "faulty" else Reply(404),
        "/enqueue_call": twiml(
            f'<Response><Enqueue workflowSid="{story.cast.workflow.sid}" action="/left" waitUrl="/music"><Task>'
            f"{json.dumps({'selected_language': 'es'})}</Task></Enqueue></Response>"
        ),
    }
    sid = story.dial()
    story.sandbox.calls.press(sid, "1")
    [left] = wait_for(lambda: story.asked("/left"))
    assert left.form["QueueResult"] == "error"
    assert wait_for(lambda: codes(story, sid)) == [(12100 if what == "faulty" else 11200, "error")]
    assert wait_for(lambda: story.task().assignment_status == "canceled")


def test_an_instruction_that_comes_to_nothing(story):
    """voice.md §4.1: 40133 where the worker cannot be dialed at all."""
    story.queued()
    answered_by(story, {"instruction": "dequeue", "from": OURS, "to": "+12"})
    [reservation] = wait_for(lambda: story.task().reservations.list())
    assert wait_for(lambda: (40133, "error") in codes(story, reservation.sid))
    assert reservation.fetch().reservation_status == "pending"
