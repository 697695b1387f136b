"""Text messages over the 2010-04-01 API with the unmodified `twilio` client (voice.md §5.6)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioRestException

from helpers import sandbox as sandboxes
from taskrouter_sandbox.runtime.limits import ServiceLimits
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.storage.retention import Retention
from tests.sandbox.conftest import TOKEN, Reply
from tests.waiting import wait_for

WORKER, OURS = "+15005550111", "+15005550006"
TEXT = "Your status has changed to Offline."


def refusal(what, *arguments, **parameters):
    with pytest.raises(TwilioRestException) as refused:
        what(*arguments, **parameters)
    return refused.value.status, refused.value.code


def test_a_text_is_queued_sent_and_delivered_by_the_sandboxs_clock(client, sandbox, receiver):
    receiver.replies["/sent"] = Reply(204, content_type=None)
    message = client.messages.create(to=WORKER, from_=OURS, body=TEXT, status_callback=f"{receiver.url}/sent")
    assert (message.status, message.direction, message.date_sent) == ("queued", "outbound-api", None)
    assert (message.to, message.from_, message.body, message.num_segments) == (WORKER, OURS, TEXT, "1")
    assert (message.price, message.error_code, message.error_message, message.num_media) == (None, None, None, "0")
    assert message.uri == f"/2010-04-01/Accounts/{message.account_sid}/Messages/{message.sid}.json"
    assert isinstance(message.date_created, datetime)
    assert refusal(message.delete) == (400, 20009)
    sandbox.clock.advance(seconds=1)
    assert wait_for(lambda: message.fetch().status != "queued")
    assert isinstance(message.fetch().date_sent, datetime)
    sandbox.clock.advance(seconds=1)
    assert wait_for(lambda: message.fetch().status == "delivered")
    assert wait_for(lambda: len(receiver.requests) == 2)
    sent, delivered = receiver.requests
    assert (sent.form["MessageStatus"], delivered.form["MessageStatus"]) == ("sent", "delivered")
    assert sent.form == {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "MessageStatus": "sent",
        "SmsStatus": "sent",
        "AccountSid": message.account_sid,
        "From": OURS,
        "To": WORKER,
        "ApiVersion": "2010-04-01",
    }
    assert delivered.form["RawDlrDoneDate"].isdigit()
    assert [(one.method, one.valid) for one in receiver.requests] == [("POST", True)] * 2
    assert message.delete() is True
    assert refusal(message.fetch) == (404, 20404)


def test_a_phone_that_is_switched_off_gets_no_text(client, sandbox, receiver):
    sandbox.phones.set(WORKER, "unreachable")
    message = client.messages.create(to=WORKER, from_=OURS, body=TEXT, status_callback=f"{receiver.url}/sent")
    sandbox.clock.advance(seconds=2)
    assert wait_for(lambda: message.fetch().status == "undelivered")
    assert (message.fetch().error_code, message.fetch().error_message) == (30003, "Unreachable destination handset")
    assert wait_for(lambda: [one.form.get("ErrorCode") for one in receiver.requests] == [None, "30003"])


def test_a_callback_that_fails_is_told_in_the_alerts(client, sandbox, receiver):
    receiver.replies["/sent"] = Reply(500)
    message = client.messages.create(to=WORKER, from_=OURS, body=TEXT, status_callback=f"{receiver.url}/sent")
    sandbox.clock.advance(seconds=2)
    found = wait_for(lambda: [one for one in sandbox.alerts.list() if one["subject_sid"] == message.sid][1:])
    assert (found[0]["code"], found[0]["level"]) == (11200, "error")


def test_texts_are_listed_and_filtered(client, sandbox):
    texts = [client.messages.create(to=f"+150055502{n:02}", from_=OURS, body=str(n)) for n in range(5)]
    newest = [text.sid for text in reversed(texts)]
    assert [text.sid for text in client.messages.list()] == newest
    assert [text.sid for text in client.messages.list(page_size=2)] == newest
    assert [text.body for text in client.messages.list(to="+15005550203")] == ["3"]
    assert client.messages.list(from_="+15005550203") == []
    assert client.messages.list(date_sent=datetime.now(UTC)) == []  # none was sent yet
    sandbox.clock.advance(seconds=2)
    now = sandbox.clock.now()
    assert len(client.messages.list(date_sent=now.date())) == 5
    assert client.messages.list(date_sent_after=now + timedelta(days=1)) == []
    assert len(client.messages.list(date_sent_before=now + timedelta(days=1))) == 5


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"to": ""}, 21604),
        ({"to": "alice"}, 21211),
        ({"to": "client:alice"}, 21211),
        ({"to": "+1\N{ARABIC-INDIC DIGIT THREE}" + "5" * 9}, 21211),
        ({"to": "whatsapp:+15005550111"}, 21211),
        ({"to": OURS}, 21266),
        ({"from_": ""}, 21603),
        ({"from_": "Twilio"}, 21212),
        ({"from_": "+15005550199"}, 21606),
        ({"body": ""}, 21602),
        ({"body": "a" * 1601}, 21617),
        ({"media_url": ["https://example.com/a.png"]}, 21621),
        ({"from_": "", "messaging_service_sid": "MG" + "0" * 32}, 21701),
        ({"status_callback": "nowhere"}, 21609),
        ({"application_sid": "AP" + "0" * 32}, 21218),
    ],
)
def test_what_cannot_be_sent_has_twilios_code(client, asked, code):
    assert refusal(client.messages.create, **{"to": WORKER, "from_": OURS, "body": TEXT} | asked) == (400, code)
    assert client.messages.list() == []


@pytest.mark.parametrize(
    ("body", "segments"),
    [
        ("a" * 160, "1"),
        ("a" * 161, "2"),
        ("a" * 306, "2"),
        ("a" * 307, "3"),
        ("€" * 80, "1"),
        ("€" * 81, "2"),
        ("ñ" * 160, "1"),
        ("á" * 70, "1"),
        ("á" * 71, "2"),
        ("\N{GRINNING FACE}" * 35, "1"),
        ("\N{GRINNING FACE}" * 36, "2"),
    ],
)
def test_long_texts_are_several_segments(client, body, segments):
    assert client.messages.create(to=WORKER, from_=OURS, body=body).num_segments == segments


def status(service: Service, sid: str) -> str | None:
    found = service.telephony.messages.get(sid)
    return found.status if found else None


def listed(service: Service) -> list[str]:
    return [one.sid for one in service.telephony.messages.newest_first().following(None, 100)]


def test_a_text_survives_a_restart_and_goes_on(tmp_path):
    service = Service(tmp_path, sandboxes.ACCOUNT_SID, TOKEN)
    now = service.clock.now()
    message = service.telephony.apply(
        now, lambda engine: engine.messages.create(now, from_address=OURS, to=WORKER, body=TEXT, status_callback=None)
    )
    service.store.close()
    service = Service(tmp_path, sandboxes.ACCOUNT_SID, TOKEN)
    telephony = service.telephony
    found = telephony.engine.state.messages[message.sid]
    assert (found.status, found.body, found.date_created) == ("queued", TEXT, message.date_created)
    telephony.look(now + 60_000)
    assert status(service, message.sid) == "delivered"
    service.store.close()
    service = Service(tmp_path, sandboxes.ACCOUNT_SID, TOKEN)
    assert status(service, message.sid) == "delivered"
    service.store.close()


def test_of_texts_that_have_arrived_only_the_newest_are_kept(tmp_path):
    limits = ServiceLimits(retention=Retention(calls=2))
    service = Service(tmp_path, sandboxes.ACCOUNT_SID, TOKEN, limits)
    now = service.clock.now()

    def send(engine):
        return [engine.messages.create(now, from_address=OURS, to=WORKER, body=str(n)) for n in range(6)]

    messages = service.telephony.apply(now, send)
    service.store.sweep(limits.retention, now)
    assert len(listed(service)) == 6  # all are on their way
    service.telephony.look(now + 60_000)
    service.store.sweep(limits.retention, now)
    assert listed(service) == [one.sid for one in messages[:3:-1]]
    assert not service.telephony.engine.state.messages
    service.store.close()
    service = Service(tmp_path, sandboxes.ACCOUNT_SID, TOKEN)
    assert listed(service) == [one.sid for one in messages[:3:-1]]
    service.store.close()
