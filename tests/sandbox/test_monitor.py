"""Alerts as the unmodified client reads them from the Monitor API (rest-contract.md §16)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException

from taskrouter_sandbox.storage.store import IN_MEMORY, Store
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
    assert store.delivery_about("WR1", 5) is None
    store.db.set_trace_callback(None)
    (plan,) = store.db.execute(f"EXPLAIN QUERY PLAN {asked[0]}").fetchall()
    assert "USING INDEX delivery_subject (" in plan["detail"], plan["detail"]
    store.close()
