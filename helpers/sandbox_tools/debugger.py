"""Reads what TaskRouter says of its webhooks: alerts on both TaskRouters, and in the sandbox every delivery."""

from __future__ import annotations

from typing import Any

from twilio.rest import Client

from helpers import sandbox
from helpers.connection import account
from helpers.errors import LessonError
from taskrouter_sandbox.control_types import DeliveryKind, DeliveryRecord

AT_MOST = 60


def alerts(client: Client) -> list[dict[str, Any]]:
    """List the newest alerts, as {number, at (ms since 1970), code, level, text, more {name: text}}."""
    if account.current().mode == "sandbox":
        found = sandbox.ensure().alerts.list(AT_MOST)
        shown = ("number", "at", "code", "level", "text")
        return [
            {name: each.get(name) for name in shown}
            | {"more": {name: str(value) for name, value in each.items() if name not in shown and value is not None}}
            for each in found
        ]
    return [
        {
            "number": each.sid,
            "at": int(each.date_created.timestamp() * 1000) if each.date_created else 0,
            "code": each.error_code,
            "level": str(each.log_level),
            "text": each.alert_text or "",
            "more": {"what it means": each.more_info or "", "resource_sid": each.resource_sid or ""},
        }
        for each in client.monitor.v1.alerts.list(limit=AT_MOST)
    ]


def deliveries(*kinds: DeliveryKind) -> list[DeliveryRecord]:
    """List the newest webhooks of each of these kinds as the sandbox sent them, the newest first.

    On live Twilio nobody can tell: an empty list.
    """
    if account.current().mode == "live":
        return []
    found = [each for kind in kinds for each in sandbox.ensure().deliveries.list(kind, AT_MOST)]
    return sorted(found, key=lambda each: each["number"], reverse=True)


def send_again(number: int) -> int:
    """Have the sandbox deliver a webhook once more; returns the number of the new delivery.

    Raises LessonError on live Twilio, which sends nothing twice on request, and when there is no such delivery.
    """
    if account.current().mode == "live":
        raise LessonError("A webhook cannot be sent again on live Twilio: work in the sandbox for this.")
    return sandbox.ensure().deliveries.resend(number)
