"""Alerts: what Twilio's debugger shows, as `client.monitor.v1.alerts` reads it (rest-contract.md §16)."""

from __future__ import annotations

from typing import Any, Literal, TypedDict
from urllib.parse import urlencode

from ....engine.model.errors import NotFound
from ....storage.alerts import AlertEntity, AlertQuery
from ....webhooks.delivery import Attempt, Delivery, without_password
from ...operation import Answer, Registry, RequestContext
from ...parameter_types import AccountSid, Moment
from ...parameters import Listing
from ...rendering import date, page
from ...response_types import Date, Uri

resource = Registry()
SECOND = 999  # a bound is a whole second, and inclusive


class ListAlert(Listing):
    log_level: Literal["error", "warning", "notice", "debug"] | None = None
    start_date: Moment | None = None
    end_date: Moment | None = None


class AlertResponse(TypedDict):
    account_sid: AccountSid
    alert_text: str
    api_version: str
    date_created: Date
    date_generated: Date
    date_updated: Date
    error_code: str
    log_level: str
    more_info: str
    request_method: str | None
    request_url: str | None
    resource_sid: str
    service_sid: str | None
    sid: str
    url: Uri


class FetchedAlertResponse(AlertResponse):
    request_headers: str | None
    request_variables: str | None
    response_headers: str | None
    response_body: str | None


def render(context: RequestContext, alert: AlertEntity) -> AlertResponse:
    """Render an alert as a list has it. request_method, request_url: of the webhook that it came of, if it did."""
    delivery, attempt = _came_of(context, alert)
    return {
        "account_sid": context.service.account_sid,
        "alert_text": alert.text,
        "api_version": "2010-04-01",
        "date_created": date(alert.date_created),
        "date_generated": date(alert.date_created),
        "date_updated": date(alert.date_updated),
        "error_code": str(alert.code),
        "log_level": alert.level,
        "more_info": f"https://www.twilio.com/docs/errors/{alert.code}",
        "request_method": delivery and delivery.method,
        "request_url": delivery and (attempt.url if attempt else without_password(delivery.url)),
        "resource_sid": alert.subject_sid,
        "service_sid": alert.workspace_sid or None,
        "sid": alert.sid,
        "url": f"{context.base}/v1/Alerts/{alert.sid}",
    }


@resource.operation("ListAlert", "GET", "/Alerts", ListAlert, returns=AlertResponse, key="alerts")
def list_(context: RequestContext, asked: ListAlert) -> Answer:
    """List alerts, the newest first."""
    until = None if asked.end_date is None else asked.end_date + SECOND
    query = AlertQuery(level=asked.log_level, since=asked.start_date, until=until)
    return page(context, "alerts", context.service.store.alert_pages(query), render, asked)


@resource.operation("FetchAlert", "GET", "/Alerts/{Sid}", returns=FetchedAlertResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch an alert, with what was sent to the web server and what it answered."""
    try:
        alert = context.service.store.alert_pages(AlertQuery()).one(context.path["Sid"])
    except KeyError:
        raise NotFound(f"Alert {context.path['Sid']} was not found") from None
    delivery, attempt = _came_of(context, alert)
    content_type = attempt.content_type if attempt else None
    more: dict[str, Any] = {
        "request_headers": None,
        "request_variables": urlencode(delivery.parameters) if delivery else None,
        "response_headers": urlencode({"Content-Type": content_type}) if content_type else None,
        "response_body": attempt.body if attempt else None,
    }
    return Answer({**render(context, alert), **more})


def _came_of(context: RequestContext, alert: AlertEntity) -> tuple[Delivery | None, Attempt | None]:
    """Find the webhook that an alert came of, and which attempt of it; None where there is none."""
    delivery = context.service.store.delivery(alert.delivery) if alert.delivery is not None else None
    if delivery is None or not delivery.attempts:
        return delivery, None
    last = len(delivery.attempts) - 1
    return delivery, delivery.attempts[last if alert.attempt is None else min(alert.attempt, last)]
