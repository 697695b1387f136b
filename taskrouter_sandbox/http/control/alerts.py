"""Alerts: what Twilio's debugger would show."""

from __future__ import annotations

from ...control_types import AlertList
from ...webhooks.alert_catalog import explained
from ..operation import Answer, Registry, RequestContext
from .parameters import Newest

control = Registry(control=True)


@control.operation("ListAlert", "GET", "/alerts", Newest, returns=AlertList)
def list_(context: RequestContext, asked: Newest) -> Answer:
    """List alerts, the newest first, each with what to do about it."""
    found = [explained(alert) for alert in context.service.store.alerts(asked.limit)]
    return Answer(AlertList(alerts=found))
