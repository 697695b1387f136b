"""The 2010-04-01 API with the unmodified `twilio` client (voice.md §5)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import Reply
from tests.waiting import patience, wait_for

AGENT, CUSTOMER = "+15005550111", "+15005550100"
OURS = "+15005550006"
TALK = "<Response><Say>Hello</Say><Pause length='600'/></Response>"


def twiml(body: str) -> Reply:
    return Reply(body=body, content_type="text/xml")


def in_progress(client, sid):
    assert wait_for(lambda: client.calls(sid).fetch().status == "in-progress")


def refusal(what, *arguments, **parameters):
    with pytest.raises(TwilioRestException) as refused:
        what(*arguments, **parameters)
    return refused.value.status, refused.value.code


def test_a_call_from_its_beginning_to_its_end(client, sandbox):
    call = client.calls.create(to=AGENT, from_=OURS, twiml=TALK)
    assert (call.status, call.direction, call.to, call._from) == ("queued", "outbound-api", AGENT, OURS)
    assert call.to_formatted == "(500) 555-0111"
    assert (call.duration, call.price, call.parent_call_sid, call.end_time) == (None, None, None, None)
    assert call.uri == f"/2010-04-01/Accounts/{call.account_sid}/Calls/{call.sid}.json"
    assert call.subresource_uris["user_defined_messages"] == call.uri.replace(".json", "/UserDefinedMessages.json")
    assert call.date_created is None  # only the answer that makes it has no dates
    assert isinstance(call.fetch().date_created, datetime)
    sandbox.clock.advance(seconds=20)
    in_progress(client, call.sid)
    sandbox.clock.advance(seconds=30)
    ended = client.calls(call.sid).update(status="completed")
    assert ended.status == "completed"
    assert int(ended.duration) >= 30
    assert ended.start_time <= ended.end_time
    assert refusal(client.calls(call.sid).update, status="completed") == (400, 21220)
    assert client.calls(call.sid).delete() is True
    assert refusal(client.calls(call.sid).fetch) == (404, 20404)


def test_calls_are_listed_and_filtered_by_pages(client, sandbox):
    calls = [client.calls.create(to=f"+150055502{n:02}", from_=OURS, twiml=TALK) for n in range(5)]
    newest = [call.sid for call in reversed(calls)]
    assert [call.sid for call in client.calls.list()] == newest
    assert [call.sid for call in client.calls.list(page_size=2)] == newest
    page = client.calls.page(page_size=2)
    following = page.next_page()
    assert [call.sid for call in following] == newest[2:4]
    assert [call.sid for call in following.previous_page()] == newest[:2]
    assert [call.sid for call in client.calls.list(to=calls[1].to)] == [calls[1].sid]
    sandbox.clock.advance(seconds=1)
    client.calls(calls[0].sid).update(status="canceled")
    assert [call.sid for call in client.calls.list(status="canceled")] == [calls[0].sid]
    assert client.calls.list(from_=AGENT) == []
    sandbox.clock.advance(seconds=20)
    assert len(client.calls.list(start_time=sandbox.clock.now())) == 5
    later = datetime.now(UTC) + timedelta(days=2)
    assert client.calls.list(start_time_after=later) == []
    assert len(client.calls.list(start_time_before=later)) == 5
    assert client.calls.list(start_time=date(2020, 1, 1)) == []


def test_the_envelope_of_a_list(client):
    for n in range(3):
        client.calls.create(to=f"+150055502{n:02}", from_=OURS, twiml=TALK)
    sandbox = client.http_client
    address = f"https://api.twilio.com/2010-04-01/Accounts/{client.account_sid}/Calls.json"
    answer = sandbox.request("GET", address, {"PageSize": 2, "From": OURS}, auth=client.auth)
    body = __import__("json").loads(answer.text)
    assert set(body) == {
        "calls", "first_page_uri", "next_page_uri", "previous_page_uri", "uri", "page", "page_size", "start", "end",
    }  # fmt: skip
    assert (body["page"], body["page_size"], body["start"], body["end"]) == (0, 2, 0, 1)
    assert body["previous_page_uri"] is None
    path = f"/2010-04-01/Accounts/{client.account_sid}/Calls.json"
    assert body["first_page_uri"] == f"{path}?From=%2B15005550006&PageSize=2&Page=0"
    assert body["next_page_uri"].startswith(f"{path}?From=%2B15005550006&PageSize=2&Page=1&PageToken=PA")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"to": "", "from_": OURS, "url": "http://127.0.0.1/"}, 21201),
        ({"to": "Alice", "from_": OURS, "url": "http://127.0.0.1/"}, 21211),
        ({"to": AGENT, "from_": "", "url": "http://127.0.0.1/"}, 21213),
        ({"to": AGENT, "from_": "Alice", "url": "http://127.0.0.1/"}, 21212),
        ({"to": AGENT, "from_": OURS}, 21205),
        ({"to": AGENT, "from_": OURS, "url": "/voice"}, 21205),
        ({"to": AGENT, "from_": OURS, "twiml": TALK, "timeout": 601}, 21208),
        ({"to": AGENT, "from_": OURS, "twiml": TALK, "method": "PUT"}, 21209),
        ({"to": AGENT, "from_": OURS, "twiml": TALK, "send_digits": "abc"}, 21206),
        ({"to": AGENT, "from_": OURS, "application_sid": "AP" + "0" * 32}, 21218),
        ({"to": AGENT, "from_": OURS, "twiml": "x" * 4001}, 20001),
    ],
)
def test_a_call_that_is_refused(client, parameters, code):
    assert refusal(client.calls.create, **parameters) == (400, code)


def test_what_is_odd_about_a_call_is_told_in_the_alerts(client, sandbox):
    client.calls.create(
        to=AGENT, from_="+15005550999", twiml=TALK, status_callback="http://127.0.0.1/", status_callback_event=["rang"]
    )
    assert sorted(alert["code"] for alert in sandbox.alerts.list()) == [21210, 21626]


def test_from_may_have_to_be_a_number_of_the_account(client, sandbox):
    """voice.md §5.4: refused where the options say so."""
    sandbox.options.set(unknown_from="refused")
    assert refusal(client.calls.create, to=AGENT, from_="+15005550999", twiml=TALK) == (400, 21210)
    room = client.conferences("Ours")
    assert refusal(room.participants.create, to=AGENT, from_="+15005550999") == (400, 21210)
    assert client.calls.create(to=AGENT, from_=OURS, twiml=TALK).status == "queued"
    assert client.calls.create(to="client:bob", from_="client:alice", twiml=TALK).status == "queued"


def test_a_telephone_is_called_from_a_number(client):
    """voice.md §5.1."""
    assert refusal(client.calls.create, to=AGENT, from_="client:alice", twiml=TALK) == (400, 21212)
    assert refusal(client.conferences("Ours").participants.create, to=AGENT, from_="client:alice") == (400, 21212)


def test_tones_a_recording_and_who_has_answered(client, sandbox, receiver):
    """voice.md §1.6, §5.1: SendDigits, Record and MachineDetection of a call."""
    receiver.replies["/voice"] = twiml(TALK)
    call = client.calls.create(
        to=AGENT, from_=OURS, url=receiver.url + "/voice", send_digits="12w#", record=True,
        recording_status_callback=receiver.url + "/recorded", machine_detection="Enable",
    )  # fmt: skip
    sandbox.clock.advance(seconds=3)
    in_progress(client, call.sid)
    [document] = wait_for(lambda: receiver.requests)
    assert document.form["AnsweredBy"] == "human"
    assert client.calls(call.sid).fetch().answered_by == "human"
    assert sandbox.calls.fetch(call.sid)["captions"][0]["text"] == "tones 12w#"
    sandbox.clock.advance(seconds=9)
    client.calls(call.sid).update(status="completed")
    recorded = wait_for(lambda: next((one for one in receiver.requests if one.path == "/recorded"), None))
    assert (recorded.form["CallSid"], recorded.form["RecordingSource"]) == (call.sid, "OutboundAPI")
    assert int(recorded.form["RecordingDuration"]) >= 9


def test_a_conference_is_recorded_and_its_music_changed_over_rest(client, sandbox, receiver):
    receiver.replies |= {path: twiml(f"<Response><Say>{path}</Say></Response>") for path in ("/music", "/other")}
    room = client.conferences("Ours")
    participant = room.participants.create(
        to=AGENT, from_=OURS, wait_url=receiver.url + "/music", conference_record="record-from-start",
        conference_recording_status_callback=receiver.url + "/room", record=True,
        recording_status_callback=receiver.url + "/leg",
    )  # fmt: skip
    sandbox.phones.set("+15005550112", "by-hand")
    other = room.participants.create(to="+15005550112", from_=OURS, early_media=False)
    sandbox.clock.advance(seconds=3)
    in_progress(client, participant.call_sid)

    def heard() -> list[str]:
        return [one["text"] for one in sandbox.calls.fetch(participant.call_sid)["captions"]]

    assert wait_for(lambda: "/music" in heard())
    room.participants(participant.call_sid).update(wait_url=receiver.url + "/other")
    assert wait_for(lambda: "/other" in heard())
    sandbox.calls.answer(other.call_sid)
    [ours] = wait_for(lambda: client.conferences.list(friendly_name="Ours", status="in-progress"))
    sandbox.clock.advance(seconds=5)
    ours.update(status="completed")
    sources = wait_for(
        lambda: (found := {one.path: one.form["RecordingSource"] for one in receiver.requests if "RecordingSource" in
                           one.form}) and len(found) == 2 and found
    )  # fmt: skip
    assert sources == {"/room": "Conference", "/leg": "OutboundAPI"}


def test_a_live_call_is_moved_to_another_document(client, sandbox, receiver):
    receiver.replies["/more"] = twiml("<Response><Pause length='60'/></Response>")
    call = client.calls.create(to=AGENT, from_=OURS, twiml=TALK)
    assert refusal(client.calls(call.sid).update, url=receiver.url + "/more") == (400, 21220)
    sandbox.clock.advance(seconds=20)
    in_progress(client, call.sid)
    client.calls(call.sid).update(url=receiver.url + "/more", method="GET")
    request = wait_for(lambda: receiver.requests and receiver.requests[0])
    assert (request.method, request.valid) == ("GET", True)
    assert "CallStatus=in-progress" in request.path


def test_status_callbacks_come_signed_and_in_sequence(client, sandbox, receiver):
    call = client.calls.create(
        to=AGENT, from_=OURS, twiml=TALK, status_callback=receiver.url + "/status",
        status_callback_event=["initiated", "ringing", "answered", "completed"],
    )  # fmt: skip
    sandbox.clock.advance(seconds=20)
    in_progress(client, call.sid)
    client.calls(call.sid).update(status="completed")
    assert wait_for(lambda: len(receiver.requests) == 4)
    reported = sorted(receiver.requests, key=lambda request: request.form["SequenceNumber"])
    assert [request.form["CallStatus"] for request in reported] == [
        "initiated", "ringing", "in-progress", "completed"
    ]  # fmt: skip
    assert [request.form["SequenceNumber"] for request in reported] == ["0", "1", "2", "3"]
    assert all(request.valid and request.form["CallSid"] == call.sid for request in receiver.requests)


def test_conferences_and_their_participants(client, sandbox, receiver):
    made = client.conferences("Room").participants.create(
        to=AGENT, from_=OURS, label="agent", end_conference_on_exit=True,
        conference_status_callback=receiver.url + "/room", conference_status_callback_event=["start", "end", "join"],
    )  # fmt: skip
    assert (made.status, made.label, made.queue_time) == ("queued", "agent", "0")
    room = client.conferences(made.conference_sid)
    assert (room.fetch().status, room.fetch().friendly_name) == ("init", "Room")
    other = room.participants.create(to=CUSTOMER, from_=OURS)
    sandbox.clock.advance(seconds=20)
    assert wait_for(lambda: room.fetch().status == "in-progress")
    assert {one.call_sid for one in room.participants.list()} == {made.call_sid, other.call_sid}
    assert room.participants("agent").fetch().call_sid == made.call_sid
    assert room.participants(made.call_sid).update(muted=True).muted is True
    assert room.participants("agent").update(hold=True, hold_url=receiver.url + "/hold").hold is True
    assert wait_for(lambda: [r for r in receiver.requests if r.path.startswith("/hold") and r.method == "GET"])
    assert [one.call_sid for one in room.participants.list(muted=True)] == [made.call_sid]
    assert room.participants(other.call_sid).delete() is True
    assert refusal(room.participants(other.call_sid).fetch) == (404, 20404)
    assert room.update(status="completed").reason_conference_ended == "conference-ended-via-api"
    assert room.participants.list() == []
    assert [one.sid for one in client.conferences.list(status="completed", friendly_name="Room")] == [room.fetch().sid]
    assert client.conferences.list(date_created=date(2020, 1, 1)) == []
    assert refusal(client.conferences("CF" + "0" * 32).fetch) == (404, 20404)
    assert refusal(client.conferences("CF" + "0" * 32).participants.create, to=AGENT, from_=OURS) == (404, 20404)

    def reported() -> set[str]:
        return {request.form["StatusCallbackEvent"] for request in receiver.requests if request.path == "/room"}

    assert wait_for(lambda: reported() == {"conference-start", "conference-end", "participant-join"})


def test_queues_and_who_waits_there(client, sandbox, receiver):
    receiver.replies["/incoming"] = twiml("<Response><Enqueue waitUrl=''>support</Enqueue></Response>")
    receiver.replies["/agent"] = twiml("<Response><Pause length='60'/></Response>")
    queue = client.queues.create("support", max_size=5)
    assert (queue.max_size, queue.current_size, queue.average_wait_time) == (5, 0, 0)
    assert refusal(client.queues.create, "support") == (400, 20001)
    assert refusal(client.queues.create, "large", max_size=5001) == (400, 20001)
    [number] = client.incoming_phone_numbers.list(phone_number=OURS)
    number.update(voice_url=receiver.url + "/incoming")
    requests.post(
        f"{sandbox.url}/_sandbox/calls", params={"from": CUSTOMER, "to": OURS}, auth=client.auth, timeout=patience(10)
    ).raise_for_status()
    assert wait_for(lambda: queue.fetch().current_size == 1)
    sandbox.clock.advance(seconds=30)
    [member] = queue.members.list()
    assert (member.position, member.queue_sid) == (1, queue.sid)
    assert member.wait_time >= 30
    assert queue.members("Front").fetch().call_sid == member.call_sid
    assert refusal(client.queues(queue.sid).delete) == (400, 20001)
    moved = queue.members("Front").update(url=receiver.url + "/agent", method="POST")
    assert moved.call_sid == member.call_sid
    assert wait_for(lambda: [request for request in receiver.requests if request.path == "/agent"])
    assert queue.fetch().current_size == 0
    assert refusal(queue.members("Front").fetch) == (404, 20404)
    assert client.queues(queue.sid).update(friendly_name="help", max_size=7).friendly_name == "help"
    assert [one.friendly_name for one in client.queues.list()] == ["help"]
    assert client.queues(queue.sid).delete() is True
    assert client.queues.list() == []


def test_numbers_are_there_made_changed_and_given_back(client):
    [first] = client.incoming_phone_numbers.list()
    assert (first.phone_number, first.voice_url, first.voice_method, first.status) == (OURS, "", "POST", "in-use")
    assert first.capabilities["voice"] is True
    made = client.incoming_phone_numbers.create(phone_number="+15005550007", voice_url="http://127.0.0.1:1/a")
    assert (made.friendly_name, made.voice_url) == ("(500) 555-0007", "http://127.0.0.1:1/a")
    assert refusal(client.incoming_phone_numbers.create, phone_number="+15005550007") == (400, 20001)
    assert refusal(client.incoming_phone_numbers.create, phone_number="five") == (400, 21421)
    area = client.incoming_phone_numbers.create(area_code="305")
    assert area.phone_number.startswith("+1305")
    changed = client.incoming_phone_numbers(made.sid).update(
        friendly_name="Support", voice_method="GET", status_callback="http://127.0.0.1:1/s", voice_url=""
    )
    assert (changed.friendly_name, changed.voice_method, changed.voice_url) == ("Support", "GET", "")
    assert client.incoming_phone_numbers(made.sid).fetch().status_callback == "http://127.0.0.1:1/s"
    assert [one.sid for one in client.incoming_phone_numbers.list(friendly_name="Support")] == [made.sid]
    assert [one.sid for one in client.incoming_phone_numbers.list(phone_number="5550007")] == [made.sid]
    assert client.incoming_phone_numbers(made.sid).delete() is True
    assert refusal(client.incoming_phone_numbers(made.sid).fetch) == (404, 20404)


def test_a_number_that_names_an_application_that_is_not_there_is_answered_by_its_voice_url(client, sandbox, receiver):
    receiver.replies["/voice"] = twiml(TALK)
    [number] = client.incoming_phone_numbers.list()
    number.update(voice_url=receiver.url + "/voice", voice_application_sid="AP" + "0" * 32)
    sid = sandbox.calls.dial()["sid"]
    assert wait_for(lambda: receiver.requests)
    [alert] = sandbox.alerts.list()
    assert (alert["code"], alert["level"], alert["subject_sid"]) == (21218, "warning", sid)


def test_who_may_ask_and_for_what(client, sandbox):
    def ask(path, **options):
        return requests.get(f"{sandbox.url}/2010-04-01/Accounts/{path}", timeout=patience(10), **options)

    sid = client.account_sid
    assert ask(f"{sid}/Calls.json").status_code == 401
    missing = ask(f"{sid}/Calls/CA1.json", auth=client.auth)
    assert (missing.status_code, missing.json()["message"]) == (
        404, f"The requested resource /2010-04-01/Accounts/{sid}/Calls/CA1.json was not found"
    )  # fmt: skip
    assert set(missing.json()) == {"code", "message", "more_info", "status"}
    assert ask(f"{sid}/Calls", auth=client.auth).status_code == 404
    assert ask(f"AC{'0' * 32}/Calls.json", auth=client.auth).status_code == 404
    assert ask(f"{sid}/Recordings.json", auth=client.auth).status_code == 404
