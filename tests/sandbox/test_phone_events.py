"""Announcements, recordings and called numbers over real HTTP, with the unmodified `twilio` client (voice.md §2)."""

from __future__ import annotations

import json

from tests.sandbox.conftest import Reply
from tests.sandbox.phone_story import kind, story, twiml
from tests.waiting import wait_for

__all__ = ["kind", "story"]

CALLER, OURS = "+15005550100", "+15005550006"


def answered_by(client, receiver, number: str, document: str) -> None:
    """Let a number of the account be answered by a document."""
    path = f"/{number[1:]}"
    receiver.replies[path] = twiml(document)
    found = client.incoming_phone_numbers.list(phone_number=number)
    one = found[0] if found else client.incoming_phone_numbers.create(phone_number=number)
    one.update(voice_url=receiver.url + path)


def asked(receiver, path: str) -> list:
    return [one for one in receiver.requests if one.path.partition("?")[0] == path]


def test_the_end_of_an_announcement_is_told_and_waiting_music_comes_back(client, sandbox, receiver):
    room = '<Conference statusCallback="/room" statusCallbackEvent="announcement" waitUrl="/wait">Ours</Conference>'
    answered_by(client, receiver, OURS, f"<Response><Dial>{room}</Dial></Response>")
    receiver.replies |= {
        "/wait": twiml("<Response><Say>Soon</Say><Pause length='600'/></Response>"),
        "/news": twiml("<Response><Say>News</Say></Response>"),
    }
    caller = sandbox.calls.dial()["sid"]

    def heard() -> list[str]:
        return [one["text"] for one in sandbox.calls.fetch(caller)["captions"] if one["source"] == "Say"]

    assert wait_for(lambda: heard() == ["Soon"])
    [conference] = client.conferences.list(friendly_name="Ours")
    conference.participants(caller).update(announce_url=f"{receiver.url}/news")
    assert wait_for(lambda: heard() == ["Soon", "News"])
    sandbox.clock.advance(seconds=1)
    [told] = wait_for(lambda: asked(receiver, "/room"))
    assert (told.form["StatusCallbackEvent"], told.form["CallSid"], told.valid) == ("announcement-end", caller, True)
    assert told.form["AnnounceUrl"] == f"{receiver.url}/news"
    assert client.conferences(conference.sid).fetch().status == "init"
    receiver.replies["/nowhere"] = Reply(404)
    conference.update(announce_url=f"{receiver.url}/nowhere")
    failed = wait_for(lambda: [one for one in asked(receiver, "/room") if "ReasonAnnouncementFailed" in one.form])
    assert failed[0].form["StatusCallbackEvent"] == "announcement-fail"
    assert client.conferences(conference.sid).participants(caller).fetch().status == "connected"


def test_a_recording_is_told_when_it_begins_and_when_it_is_not_kept(client, sandbox, receiver):
    sandbox.options.set(silent_record="next")
    told = 'recordingStatusCallback="/recorded" recordingStatusCallbackEvent="in-progress absent"'
    answered_by(client, receiver, OURS, f"<Response><Record {told}/><Pause length='60'/></Response>")
    sid = sandbox.calls.dial()["sid"]
    [began] = wait_for(lambda: asked(receiver, "/recorded"))
    assert (began.form["RecordingStatus"], began.form["CallSid"], began.valid) == ("in-progress", sid, True)
    sandbox.clock.advance(seconds=5)
    assert wait_for(lambda: len(asked(receiver, "/recorded")) == 2)
    absent = asked(receiver, "/recorded")[1].form
    assert (absent["RecordingStatus"], absent["ErrorCode"]) == ("absent", "16102")
    assert absent["RecordingSid"] == began.form["RecordingSid"]


def test_a_number_of_the_account_that_is_dialed_asks_its_own_voice_url(client, sandbox, receiver):
    other = "+15005550007"
    menu = '<Gather numDigits="1" action="/chosen"><Say>Press a key</Say></Gather><Say>Bye</Say>'
    answered_by(client, receiver, OURS, f'<Response><Dial action="/after">{other}</Dial></Response>')
    answered_by(client, receiver, other, f"<Response>{menu}</Response>")
    receiver.replies |= {
        "/chosen": twiml("<Response><Say>Thank you</Say></Response>"),
        "/after": twiml("<Response><Pause length='60'/></Response>"),
    }
    caller = sandbox.calls.dial()["sid"]
    assert wait_for(lambda: len(client.calls.list(status="in-progress")) == 3)
    [second] = [one for one in client.calls.list(to=other) if one.direction == "inbound"]
    [leg] = client.calls.list(parent_call_sid=caller)
    assert (second._from, leg._from, leg.to, leg.direction) == (CALLER, CALLER, other, "outbound-dial")
    assert sandbox.calls.fetch(caller)["connected_with"] == [other]
    sandbox.calls.press(second.sid, "1")
    [chosen] = wait_for(lambda: asked(receiver, "/chosen"))
    assert (chosen.form["CallSid"], chosen.form["Digits"]) == (second.sid, "1")
    sandbox.clock.advance(seconds=5)
    [after] = wait_for(lambda: asked(receiver, "/after"))
    assert (after.form["DialCallSid"], after.form["DialCallStatus"]) == (leg.sid, "completed")
    assert second.fetch().status == leg.fetch().status == "completed"


def test_a_dequeue_from_no_number_and_from_a_foreign_one(story):
    """voice.md §4.1: the first is refused with 40132, the second is warned of with 21210."""
    phone = "+15005550111"
    story.cast.alice.update(attributes=json.dumps({"languages": ["en", "es"], "contact_uri": phone}))
    numbers = iter(("five", "+15005550999"))
    story.receiver.replies["/assignment"] = lambda _: Reply(
        body=json.dumps({"instruction": "dequeue", "from": next(numbers)})
    )

    def alerts() -> list[tuple[int, str]]:
        wanted = (40132, 21210)
        return [(one["code"], one["level"]) for one in story.sandbox.alerts.list() if one["code"] in wanted]

    first = story.queued()
    story.cast.alice.update(activity_sid=story.cast.activities["Idle"].sid)
    assert wait_for(lambda: alerts() == [(40132, "error")])
    story.sandbox.calls.hang_up(first)
    assert wait_for(lambda: story.task().assignment_status == "canceled")
    story.cast.alice.update(activity_sid=story.cast.activities["Idle"].sid)
    second = story.queued()
    assert wait_for(lambda: (21210, "warning") in alerts())
    story.sandbox.clock.advance(seconds=3)
    assert wait_for(lambda: story.sandbox.calls.fetch(second)["connected_with"] == [phone])
