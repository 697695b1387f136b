"""The requests of calls in the log of deliveries, the faults that are ordered for them, and which are sent again."""

from __future__ import annotations

import pytest

from helpers import sandbox as sandboxes
from helpers.errors import LessonError
from helpers.sandbox_tools.faults import faults
from tests.sandbox.conftest import Reply
from tests.waiting import wait_for

HELLO = "<Response><Gather numDigits='1' action='/pressed'/><Say>Goodbye.</Say></Response>"


def xml(body: str) -> Reply:
    return Reply(body=body, content_type="text/xml")


@pytest.fixture
def number(client, receiver, sandbox):
    """The number of the account, whose calls the receiver answers and is told of."""
    receiver.replies |= {"/voice": xml(HELLO), "/pressed": xml("<Response><Hangup/></Response>")}
    [number] = client.incoming_phone_numbers.list()
    return number.update(voice_url=f"{receiver.url}/voice", status_callback=f"{receiver.url}/status")


def over(sandbox, kind: str, count: int = 1) -> list[dict]:
    """Wait until so many deliveries of a kind have come to an end; the oldest first."""

    def ended() -> list[dict] | None:
        found = sandbox.deliveries.list(kind)
        return found[::-1] if len(found) == count and all(one["outcome"] for one in found) else None

    return wait_for(ended)


def asked(receiver, path: str) -> list:
    return [one for one in receiver.requests if one.path.partition("?")[0] == path]


def test_what_a_call_asks_for_and_what_is_reported_of_it(number, receiver, sandbox):
    number.update(voice_method="GET")
    sid = sandbox.calls.dial()["sid"]
    [document] = over(sandbox, "voice")
    assert (document["subject_sid"], document["method"], document["workspace_sid"]) == (sid, "GET", "")
    assert (document["url"], document["result"], document["outcome"]) == (
        f"{receiver.url}/voice", "done", "the call runs it"
    )  # fmt: skip
    assert document["parameters"]["CallStatus"] == "ringing"
    [attempt] = document["attempts"]
    assert (attempt["status"], attempt["content_type"], attempt["body"]) == (200, "text/xml", HELLO)
    assert attempt["signed"].startswith(f"{receiver.url}/voice?AccountSid=")
    sandbox.calls.press(sid, "1")
    [report] = over(sandbox, "status")
    assert (report["subject_sid"], report["method"], report["result"]) == (sid, "POST", "done")
    assert report["parameters"]["CallStatus"] == "completed"
    assert [one["kind"] for one in sandbox.deliveries.list()] == ["status", "voice", "voice"]


def test_what_has_failed_says_why(number, receiver, sandbox):
    receiver.replies |= {"/voice": Reply(500), "/status": Reply(404)}
    sid = sandbox.calls.dial()["sid"]
    sandbox.calls.hang_up(sid)
    [document], [report] = over(sandbox, "voice"), over(sandbox, "status")
    assert (document["result"], document["outcome"]) in [
        ("failed", f"failed: {receiver.url}/voice: it answered 500"),
        ("too-late", "too late: the call has ended, or runs something else"),  # it had been hung up
    ]
    assert (report["result"], report["outcome"]) == ("failed", "failed: it answered 404")
    receiver.replies["/voice"] = xml("<Response>")
    sandbox.calls.dial()
    [_, faulty] = over(sandbox, "voice", 2)
    assert (faulty["result"], faulty["outcome"]) == ("failed", "failed: its answer is no document that can be run")


def test_a_document_that_times_out_and_its_fallback(number, receiver, sandbox):
    """The request arrives, but its answer counts as too late (voice.md §1.5)."""
    number.update(voice_fallback_url=f"{receiver.url}/fallback")
    receiver.replies["/fallback"] = xml(HELLO)
    with faults(deliveries="timeout", kind="voice"):
        sandbox.calls.dial()
        [document, fallback] = over(sandbox, "voice", 2)
    assert document["attempts"][0]["fault"] == "timeout"
    assert "15 seconds (as a fault has ordered)" in document["outcome"]
    assert "fault" not in fallback["attempts"][0]
    assert (fallback["result"], fallback["parameters"]["ErrorCode"]) == ("done", "11205")
    assert len(asked(receiver, "/voice")) == 1


def test_a_document_that_times_out_and_is_asked_for_again(number, receiver, sandbox):
    """voice.md §1.4: where the address says so, before the fallback."""
    number.update(voice_url=f"{receiver.url}/voice#rp=rt", voice_fallback_url=f"{receiver.url}/fallback")
    with faults(deliveries="timeout", kind="voice"):
        sandbox.calls.dial()
        [document] = over(sandbox, "voice")
    assert [one.get("fault") for one in document["attempts"]] == ["timeout", None]
    assert document["result"] == "done"
    first, second = asked(receiver, "/voice")
    assert [bool(one.headers.get("I-Twilio-Idempotency-Token")) for one in (first, second)] == [False, True]


def test_a_document_that_is_asked_for_twice(number, receiver, sandbox):
    """The second request says that it may have arrived already; the first answer counts."""
    with faults(deliveries="twice", kind="voice"):
        sid = sandbox.calls.dial()["sid"]
        [first, second] = over(sandbox, "voice", 2)
    assert (second["repeats"], second["result"]) == (first["number"], "too-late")
    [once, again] = asked(receiver, "/voice")
    assert once.body == again.body
    assert "I-Twilio-Idempotency-Token" not in once.headers
    assert "I-Twilio-Idempotency-Token" in again.headers
    assert sandbox.calls.fetch(sid)["waits_for"] == "keys"


@pytest.mark.parametrize("kind", ["voice", "status"])
def test_what_arrives_late(number, sandbox, kind):
    with faults(deliveries="late", kind=kind, seconds=0.05):
        sandbox.calls.hang_up(sandbox.calls.dial()["sid"])
        [entry] = over(sandbox, kind)
    assert entry["attempts"][0]["fault"] == "late"


def status_callbacks(client, receiver) -> str:
    """Call a phone, every event of which is reported."""
    events = ["initiated", "ringing", "answered", "completed"]
    call = client.calls.create(
        to="+15005550111", from_="+15005550006", twiml="<Response/>",
        status_callback=f"{receiver.url}/progress", status_callback_event=events,
    )  # fmt: skip
    return call.sid


def test_status_callbacks_twice_and_out_of_order(client, number, receiver, sandbox):
    sandbox.phones.set("+15005550111", "after", 0)
    with faults(deliveries="out-of-order", kind="status", seconds=20):
        status_callbacks(client, receiver)
        entries = over(sandbox, "status", 4)
    assert [one.form["SequenceNumber"] for one in asked(receiver, "/progress")][:2] == ["1", "0"]
    assert [one["attempts"][0].get("fault") for one in entries] == ["out-of-order", None, None, None]
    receiver.requests.clear()
    with faults(deliveries="twice", kind="status"):
        status_callbacks(client, receiver)
        over(sandbox, "status", 9)
    assert sorted(one.form["SequenceNumber"] for one in asked(receiver, "/progress")) == ["0", "0", "1", "2", "3"]


def test_a_status_callback_is_not_held_back_once_the_fault_is_off(number, sandbox):
    with faults(deliveries="out-of-order", kind="status", seconds=60):
        sandbox.calls.hang_up(sandbox.calls.dial()["sid"])
        assert wait_for(lambda: sandbox.deliveries.list("status"))
    [entry] = over(sandbox, "status")
    assert "fault" not in entry["attempts"][0]


def test_the_events_of_a_conference_are_reported_too(number, receiver, sandbox):
    room = f"<Conference statusCallback='{receiver.url}/room' statusCallbackEvent='join'>Ours</Conference>"
    receiver.replies["/voice"] = xml(f"<Response><Dial>{room}</Dial></Response>")
    sandbox.calls.dial()
    [entry] = over(sandbox, "status")
    assert entry["subject_sid"].startswith("CF")
    assert entry["parameters"]["StatusCallbackEvent"] == "participant-join"


def test_documents_have_no_order_that_could_be_wrong(sandbox):
    with pytest.raises(LessonError, match="leave each for itself: only events and status callbacks"):
        sandbox.faults.order(deliveries="out-of-order", kind="voice")


def test_a_status_callback_is_sent_again_and_a_document_is_not(number, receiver, sandbox):
    sid = sandbox.calls.dial()["sid"]
    over(sandbox, "voice")
    sandbox.calls.press(sid, "1")
    [report] = over(sandbox, "status")
    again = sandbox.deliveries.resend(report["number"])
    [_, second] = over(sandbox, "status", 2)
    assert (second["number"], second["repeats"]) == (again, report["number"])
    first_sent, second_sent = asked(receiver, "/status")
    assert first_sent.body == second_sent.body
    [document, _] = over(sandbox, "voice", 2)
    with pytest.raises(LessonError, match=r"a call, which has gone on since.*Calls\(sid\)\.update"):
        sandbox.deliveries.resend(document["number"])


def test_what_was_under_way_when_the_sandbox_was_stopped(number, receiver, sandbox):
    """A status callback is sent again; a document is not, as its call has failed."""
    with faults(deliveries="late", seconds=60, first=3):
        sid = sandbox.calls.dial()["sid"]
        other = sandbox.calls.dial(from_="+15005550101")["sid"]
        sandbox.calls.hang_up(other)
        assert wait_for(lambda: len(sandbox.deliveries.list()) == 3)
    assert receiver.requests == []
    sandboxes.stop()
    running = sandboxes.ensure()
    reports = over(running, "status", 2)
    assert [(one["subject_sid"], one["parameters"]["CallStatus"]) for one in reports] == [
        (other, "no-answer"), (sid, "failed")
    ]  # fmt: skip
    assert len(asked(receiver, "/status")) == 2
    documents = over(running, "voice", 2)
    assert [one["result"] for one in documents] == ["gone", "gone"]
    assert asked(receiver, "/voice") == []
