"""Addresses of callbacks that redirect, that are signed, and that ask for a password."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest

from tests.sandbox.callback_scene import outcome, reserve_alice
from tests.sandbox.conftest import Reply
from tests.waiting import wait_for


def test_redirects_are_followed_and_signed_for_where_they_lead(cast, receiver, sandbox):
    """§11: up to a few; a 307 carries the form along."""
    receiver.replies["/callback"] = Reply(status=307, headers={"Location": "/there"})
    receiver.replies["/there"] = Reply(body='{"instruction": "accept"}')
    task = reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    delivery = outcome(sandbox)
    assert task.fetch().assignment_status == "assigned"
    first, second = receiver.requests
    assert first.form == second.form
    assert second.valid
    (attempt,) = delivery["attempts"]
    assert attempt["redirects"] == [{"status": 307, "url": receiver.url + "/there"}]
    assert attempt["signed"].startswith(receiver.url + "/thereAccountSid")


def test_a_redirect_that_makes_it_a_get(cast, receiver, sandbox):
    """As browsers and most clients do after 301, 302 and 303: without the form, signed over the address alone."""
    receiver.replies["/callback"] = Reply(status=302, headers={"Location": receiver.url + "/there?a=1"})
    receiver.replies["/there?a=1"] = Reply(body='{"instruction": "accept"}')
    task = reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    assert outcome(sandbox)["attempts"][0]["signed"] == receiver.url + "/there?a=1"
    assert task.fetch().assignment_status == "assigned"
    second = receiver.requests[1]
    assert (second.method, second.body, second.valid) == ("GET", "", True)


@pytest.mark.parametrize(
    ("status", "there", "expected"),
    [
        (307, Reply(404), "{0}/callback: it answered 404 (redirected by 307 to {0}/there)"),
        (
            302,
            Reply(405),
            "{0}/callback: it answered 405 (redirected by 302 to {0}/there, and asked there by GET, without the form)",
        ),
        (
            302,
            Reply(body="<p>Log in", content_type="text/html"),
            "it was text/html (redirected by 302 to {0}/there, and asked there by GET, without the form)",
        ),
    ],
)
def test_what_fails_where_a_redirect_leads_is_told_with_that_address(status, there, expected, cast, receiver, sandbox):
    receiver.replies["/callback"] = Reply(status=status, headers={"Location": "/there"})
    receiver.replies["/there"] = there
    reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    outcome(sandbox)
    assert sandbox.alerts.list()[-1]["text"].endswith(expected.format(receiver.url))


@pytest.mark.parametrize(
    ("there", "what"),
    [
        ("https://{0}/callback", "{0} does not speak TLS as it should: is it meant to be http://?"),
        ("ftp://{0}/callback", "that is no address to call"),
    ],
)
def test_what_cannot_be_reached_where_a_redirect_leads_is_told_with_that_address(there, what, cast, receiver, sandbox):
    """As from an application that sends every caller to https."""
    host = receiver.url.removeprefix("http://")
    there = there.format(host)
    receiver.replies["/callback"] = Reply(status=302, headers={"Location": there})
    reserve_alice(cast, assignment_callback_url=receiver.url + "/callback")
    outcome(sandbox)
    expected = f"{receiver.url}/callback: {what.format(host)} (redirected by 302 to {there}, and asked there by GET"
    assert expected in sandbox.alerts.list()[-1]["text"]


def test_a_document_of_a_call_that_a_redirect_led_to_is_told_with_that_address(client, receiver, sandbox):
    receiver.replies["/voice"] = Reply(status=307, headers={"Location": "/login"})
    receiver.replies["/login"] = Reply(body="<p>Log in</p>", content_type="text/html")
    [number] = client.incoming_phone_numbers.list()
    number.update(voice_url=receiver.url + "/voice")
    sandbox.calls.dial()
    (alert,) = wait_for(sandbox.alerts.list)
    assert alert["text"].endswith(f" (redirected by 307 to {receiver.url}/login)")


def test_a_redirect_that_leads_in_circles(cast, receiver, sandbox):
    receiver.replies["/callback"] = Reply(status=307, headers={"Location": "/callback"})
    receiver.replies["/fallback"] = Reply(body='{"instruction": "accept"}')
    task = reserve_alice(
        cast,
        assignment_callback_url=receiver.url + "/callback",
        fallback_assignment_callback_url=receiver.url + "/fallback",
    )
    outcome(sandbox)
    assert task.fetch().assignment_status == "assigned"
    assert [alert["code"] for alert in sandbox.alerts.list()] == [11215]


@pytest.mark.parametrize("path", ["", "?a=b", "/cb?a=%7e&b=x|y&c=%20", "/cb%2Fd?q=é", "/cb#rc=2&rt=100"])
def test_the_signature_holds_for_the_address_that_the_receiver_sees(cast, receiver, path):
    """§3.4: whatever of the address is written in another way on the wire."""
    reserve_alice(cast, assignment_callback_url=receiver.url + path)
    assert wait_for(lambda: receiver.requests)[0].valid


BASIC = "Basic " + base64.b64encode(b"me:s:e@cr\xc3\xa9t").decode()


def digest(path: str) -> str:
    """RFC 2617, without qop."""
    parts = (hashlib.md5(part.encode()).hexdigest() for part in ("me:Here:s:e@crét", f"POST:{path}"))
    return hashlib.md5(":n0nce:".join(parts).encode()).hexdigest()


@pytest.mark.parametrize(
    ("challenge", "right"),
    [
        ('Basic realm="Here"', lambda said: said == BASIC),
        ('Digest realm="Here", nonce="n0nce"', lambda said: f'response="{digest("/callback")}"' in said),
    ],
    ids=["Basic", "Digest"],
)
def test_a_user_in_the_address_is_sent_when_the_answer_asks_for_it(cast, receiver, sandbox, challenge, right):
    """Twilio's page on security: not before, in either way. It is not signed, and the password is shown nowhere."""

    def reply(form):
        said = receiver.answering.headers.get("Authorization", "")
        if right(said):
            return Reply(body='{"instruction": "accept"}')
        return Reply(status=401, headers={"WWW-Authenticate": challenge})

    receiver.replies["/callback"] = reply
    url = receiver.url.replace("//", "//me:s%3Ae%40cr%C3%A9t@") + "/callback"
    cast.workspace.update(event_callback_url=url + "?event")
    task = reserve_alice(cast, assignment_callback_url=url)
    wait_for(lambda: task.fetch().assignment_status == "assigned")
    first, second = [request for request in receiver.requests if request.path == "/callback"]
    assert "Authorization" not in first.headers
    assert first.form == second.form
    assert first.valid
    assert second.valid
    (delivery,) = sandbox.deliveries.list("assignment")
    (attempt,) = delivery["attempts"]
    assert (attempt["status"], attempt["authorized"]) == (200, challenge.partition(" ")[0])
    assert attempt["signed"].startswith(receiver.url + "/callbackAccountSid")
    assert delivery["url"] == attempt["url"] == receiver.url.replace("//", "//me:***@") + "/callback"


def test_a_password_that_is_wrong_is_shown_nowhere(cast, receiver, sandbox):
    """The receiver asks for it twice in vain; log and alerts name the address without it."""
    sandbox.options.set(fallback="with-error")
    challenge = Reply(status=401, headers={"WWW-Authenticate": 'Basic realm="Here"'})
    receiver.replies.update({"/callback": challenge, "/events": challenge})
    url = receiver.url.replace("//", "//me:s3cret@")
    cast.workspace.update(event_callback_url=url + "/events")
    replies = iter([Reply(status=307, headers={"Location": "/there"})])
    receiver.replies["/fallback"] = lambda form: next(replies, Reply())
    reserve_alice(cast, assignment_callback_url=url + "/callback", fallback_assignment_callback_url=url + "/fallback")
    outcome(sandbox, count=2)
    wait_for(lambda: all(entry["outcome"] for entry in sandbox.deliveries.list()))
    alerts = sandbox.alerts.list()
    assert {"me:***@" in alert["text"] for alert in alerts if "/events" in alert["text"]} == {True}
    assert "s3cret" not in json.dumps(alerts)
    assert "s3cret" not in json.dumps(sandbox.deliveries.list())
