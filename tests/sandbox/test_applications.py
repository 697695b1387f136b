"""The account, Applications and OutgoingCallerIds over REST, with the unmodified `twilio` client (voice.md §5)."""

from __future__ import annotations

from datetime import datetime

import pytest
from twilio.base.exceptions import TwilioRestException

from tests.sandbox.conftest import Reply
from tests.waiting import wait_for

CALLER, AGENT, OURS = "+15005550100", "+15005550111", "+15005550006"
BYE = Reply(body="<Response><Say>Bye</Say></Response>", content_type="text/xml")


def refusal(what, *arguments, **parameters):
    with pytest.raises(TwilioRestException) as refused:
        what(*arguments, **parameters)
    return refused.value.status, refused.value.code


def test_an_application_is_created_found_changed_and_deleted(client):
    made = client.applications.create(friendly_name="Center", voice_url="https://example.com/call", voice_method="GET")
    assert made.sid.startswith("AP")
    assert (made.friendly_name, made.voice_url, made.voice_method) == ("Center", "https://example.com/call", "GET")
    assert (made.status_callback, made.sms_url, made.sms_method, made.message_status_callback) == ("", "", "POST", "")
    assert (made.voice_caller_id_lookup, made.public_application_connect_enabled) == (False, False)
    assert isinstance(made.date_created, datetime)
    assert made.uri == f"/2010-04-01/Accounts/{made.account_sid}/Applications/{made.sid}.json"
    other = client.applications.create()
    assert [one.sid for one in client.applications.list()] == [other.sid, made.sid]
    assert [one.sid for one in client.applications.list(friendly_name="Center")] == [made.sid]
    changed = made.update(friendly_name="Desk", status_callback="https://example.com/status")
    assert (changed.friendly_name, changed.voice_url) == ("Desk", "https://example.com/call")
    assert client.applications(made.sid).fetch().status_callback == "https://example.com/status"
    assert refusal(made.update, voice_url="nowhere")[0] == 400
    assert made.delete() is True
    assert refusal(made.fetch) == (404, 20404)
    assert refusal(made.update, friendly_name="x") == (404, 20404)
    assert refusal(made.delete) == (404, 20404)


def test_the_application_of_a_number_comes_before_the_numbers_own_addresses(client, sandbox, receiver):
    receiver.replies |= {"/application": BYE, "/number": BYE}
    application = client.applications.create(
        voice_url=f"{receiver.url}/application", status_callback=f"{receiver.url}/ended"
    )
    [number] = client.incoming_phone_numbers.list()
    number.update(voice_url=f"{receiver.url}/number", voice_application_sid=application.sid)
    sandbox.calls.dial()
    assert wait_for(lambda: [one.path for one in receiver.requests] == ["/application"])
    sandbox.clock.advance(seconds=10)
    assert wait_for(lambda: [one.path for one in receiver.requests] == ["/application", "/ended"])
    application.update(voice_url="")
    sid = sandbox.calls.dial()["sid"]
    [alert] = wait_for(lambda: [one for one in sandbox.alerts.list() if one["subject_sid"] == sid])
    assert alert["code"] == 11100
    assert application.sid in alert["text"]


def test_a_call_over_rest_may_name_an_application(client, sandbox, receiver):
    receiver.replies["/application"] = BYE
    application = client.applications.create(
        voice_url=f"{receiver.url}/application", voice_method="GET", status_callback=f"{receiver.url}/ended"
    )
    client.calls.create(to=AGENT, from_=OURS, application_sid=application.sid)
    sandbox.clock.advance(seconds=3)
    assert wait_for(lambda: [(one.method, one.path[:12]) for one in receiver.requests] == [("GET", "/application")])
    sandbox.clock.advance(seconds=10)
    assert wait_for(lambda: len(receiver.requests) == 2)
    assert receiver.requests[1].form["CallStatus"] == "completed"
    application.update(voice_url="")
    assert refusal(client.calls.create, to=AGENT, from_=OURS, application_sid=application.sid) == (400, 21205)


def test_a_text_may_name_an_application(client, sandbox, receiver):
    application = client.applications.create(message_status_callback=f"{receiver.url}/application")
    client.messages.create(to=AGENT, from_=OURS, body="Hello", application_sid=application.sid)
    own = f"{receiver.url}/own"
    client.messages.create(to=AGENT, from_=OURS, body="Hi", application_sid=application.sid, status_callback=own)
    sandbox.clock.advance(seconds=2)
    assert wait_for(lambda: sorted(one.path for one in receiver.requests) == ["/application"] * 2 + ["/own"] * 2)


def test_no_numbers_of_others_are_verified(client):
    assert client.outgoing_caller_ids.list() == []
    assert client.outgoing_caller_ids.list(phone_number=CALLER) == []
    assert refusal(client.outgoing_caller_ids("PN" + "0" * 32).fetch) == (404, 20404)


def test_the_account_is_found_by_its_own_credentials_only(client, sandbox):
    account = client.api.accounts(client.account_sid).fetch()
    assert (account.sid, account.owner_account_sid, account.status, account.type) == (
        client.account_sid, client.account_sid, "active", "Full"
    )  # fmt: skip
    assert (account.auth_token, account.date_created) == (None, None)
    assert account.uri == f"/2010-04-01/Accounts/{client.account_sid}.json"
    assert account.subresource_uris["incoming_phone_numbers"] == (
        f"/2010-04-01/Accounts/{client.account_sid}/IncomingPhoneNumbers.json"
    )
    assert refusal(client.api.accounts("AC" + "0" * 32).fetch) == (404, 20404)
