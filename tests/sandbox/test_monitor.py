"""Alerts as the unmodified client reads them from the Monitor API (rest-contract.md §16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException

from taskrouter_sandbox.engine.model.effects import Alert
from taskrouter_sandbox.storage.alerts import AlertQuery
from taskrouter_sandbox.storage.deliveries import newest_question
from taskrouter_sandbox.storage.migrations import STEPS, alerts_with_their_webhooks
from taskrouter_sandbox.storage.store import IN_MEMORY, Store
from taskrouter_sandbox.webhooks.delivery import Delivery
from tests.sandbox.callback_scene import outcome, reserve_alice
from tests.sandbox.conftest import SPANISH, Reply
from tests.waiting import wait_for


@pytest.fixture
def alert(cast, receiver, client):
    """The alert about an assignment callback that was answered without an instruction."""
    receiver.replies["/callback"] = Reply(body='{"message": "hello"}')
    cast.workflow.update(assignment_callback_url=receiver.url + "/callback")
    cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    return wait_for(lambda: next(iter(client.monitor.v1.alerts.list(limit=1)), None))


def test_a_list_tells_what_went_wrong_and_where(alert, receiver, cast, client):
    assert (alert.error_code, alert.log_level) == ("40005", "warning")
    assert alert.account_sid == client.account_sid
    assert alert.more_info == "https://www.twilio.com/docs/errors/40005"
    assert alert.request_url == receiver.url + "/callback"
    assert alert.request_method == "POST"
    assert alert.resource_sid.startswith("WR")
    assert alert.service_sid == cast.workspace.sid
    assert alert.url == f"https://monitor.twilio.com/v1/Alerts/{alert.sid}"
    assert abs(alert.date_created - datetime.now(UTC)) < timedelta(minutes=10)
    assert alert.response_body is None


def test_fetched_it_has_what_was_sent_and_what_came_back(alert):
    fetched = alert.fetch()
    assert fetched.response_body == '{"message": "hello"}'
    assert parse_qs(fetched.request_variables)["ReservationSid"] == [alert.resource_sid]
    assert (fetched.sid, fetched.alert_text) == (alert.sid, alert.alert_text)


def test_filters(alert, client):
    alerts = client.monitor.v1.alerts
    assert [one.sid for one in alerts.list(log_level="warning")] == [alert.sid]
    assert alerts.list(log_level="error") == []
    assert [one.sid for one in alerts.list(start_date=alert.date_created, end_date=alert.date_created)] == [alert.sid]
    assert alerts.list(end_date=alert.date_created - timedelta(seconds=1)) == []
    assert alerts.list(start_date=alert.date_created + timedelta(seconds=1)) == []


def test_pages_hold_each_alert_once(cast, client):
    for number in range(5):
        cast.workspace.tasks.list(assignment_status=f"unknown{number}")  # which is warned of (rest-contract.md §10.12)
    listed = client.monitor.v1.alerts.list()
    assert len(listed) >= 5
    paged = client.monitor.v1.alerts.list(page_size=2)
    assert [one.sid for one in paged] == [one.sid for one in listed]
    assert len({one.sid for one in paged}) == len(paged)
    page = client.monitor.v1.alerts.page(page_size=2).next_page()
    assert [one.sid for one in page.previous_page()] == [one.sid for one in listed[:2]]


@pytest.mark.parametrize("sid", ["NO" + "0" * 32, "NO" + "f" * 32, "NO" + "9" * 32, "NO1", "x"])
def test_an_alert_that_is_not_there(client, sid):
    with pytest.raises(TwilioRestException) as refused:
        client.monitor.v1.alerts(sid).fetch()
    assert refused.value.status == 404


def test_a_level_that_there_is_not(client):
    with pytest.raises(TwilioException, match="LogLevel: must be one of error, warning, notice, debug"):
        client.monitor.v1.alerts.list(log_level="loud")


def test_the_webhook_of_an_alert_is_found_without_a_walk_over_the_others():
    asked: list[str] = []
    store = Store(IN_MEMORY)
    store.db.set_trace_callback(asked.append)
    assert newest_question(store.db, "WR1") is None
    store.db.set_trace_callback(None)
    (plan,) = store.db.execute(f"EXPLAIN QUERY PLAN {asked[0]}").fetchall()
    assert "USING INDEX delivery_subject (" in plan["detail"], plan["detail"]
    store.close()


def requests_of(client) -> list[tuple[str, str | None, str | None]]:
    """Give what each alert came of, the oldest first: its code, and the address and the answer of a webhook."""
    alerts = [one.fetch() for one in client.monitor.v1.alerts.list()]
    return [(one.error_code, one.request_url, one.response_body) for one in reversed(alerts)]


@pytest.mark.parametrize("second", ["accept", "dequeue"])
def test_an_alert_about_the_first_address_has_its_request_when_the_fallback_is_asked(
    second, cast, receiver, client, sandbox
):
    receiver.replies["/callback"] = Reply(500, body="out of order")
    receiver.replies["/fallback"] = Reply(body=f'{{"instruction": "{second}"}}')
    first, fallback = receiver.url + "/callback", receiver.url + "/fallback"
    reserve_alice(cast, assignment_callback_url=first, fallback_assignment_callback_url=fallback)
    assert outcome(sandbox)["result"] == ("done" if second == "accept" else "refused")
    expected = [("11200", first, "out of order")]
    if second == "dequeue":
        expected.append(("40140", fallback, '{"instruction": "dequeue"}'))
    assert requests_of(client) == expected


def test_alerts_about_both_addresses_have_each_its_own_request(cast, receiver, client, sandbox):
    receiver.replies["/callback"] = Reply(body="<p>hello", content_type="text/html")
    receiver.replies["/fallback"] = Reply(body="hello", content_type="text/plain")
    first, fallback = receiver.url + "/callback", receiver.url + "/fallback"
    reserve_alice(cast, assignment_callback_url=first, fallback_assignment_callback_url=fallback)
    outcome(sandbox)
    assert requests_of(client)[:2] == [("40000", first, "<p>hello"), ("40000", fallback, "hello")]


def test_an_alert_of_a_call_is_about_the_document_that_failed(receiver, client, sandbox):
    """And not about what is asked for, or reported, in the same moment."""
    receiver.replies["/voice"] = Reply(500, body="out of order")
    [number] = client.incoming_phone_numbers.list()
    number.update(
        voice_url=f"{receiver.url}/voice",
        voice_fallback_url=f"{receiver.url}/fallback",
        status_callback=f"{receiver.url}/status",
    )
    receiver.replies["/fallback"] = Reply(body="<Response><Hangup/></Response>", content_type="text/xml")
    receiver.replies["/status"] = Reply(404)
    sandbox.calls.dial()
    alerts = wait_for(lambda: found if len(found := requests_of(client)) == 2 else None)
    assert alerts == [
        ("11200", f"{receiver.url}/voice", "out of order"),
        ("15003", f"{receiver.url}/status", ""),
    ]


def test_an_alert_of_an_earlier_version_is_taken_to_be_of_the_last_webhook_until_then(tmp_path):
    path = tmp_path / "sandbox.sqlite3"
    store = Store(path)
    deliveries = [
        Delivery(kind="assignment", workspace_sid="WS1", subject_sid="WR1", url=f"http://127.0.0.1/{at}", parameters={})
        for at in (1, 3)
    ]
    for at, delivery in zip((1, 3), deliveries, strict=True):
        store.keep_deliveries([delivery], at)
    store.finish_delivery(deliveries[0], [Alert(11200, "error", "it failed", "WR1")], 2)
    store.db.execute("ALTER TABLE alert DROP COLUMN delivery")
    store.db.execute("ALTER TABLE alert DROP COLUMN attempt")
    store.db.execute(f"PRAGMA user_version = {STEPS.index(alerts_with_their_webhooks)}")
    store.close()
    store = Store(path)
    (alert,) = store.alert_pages(AlertQuery()).following(None, 2)
    assert (alert.delivery, alert.attempt) == (deliveries[0].number, None)
    store.close()
