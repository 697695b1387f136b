"""What TaskRouter says of its webhooks: alerts in both worlds, and in the sandbox every delivery."""

from __future__ import annotations

from typing import Any

from twilio.rest import Client

from helpers import sandbox
from helpers.connection import account
from helpers.errors import LessonError

AT_MOST = 60


def alerts(client: Client) -> list[dict[str, Any]]:
    """The newest alerts, as {number, at (ms since 1970), code, level, text, more {name: text}}."""
    if account.current().mode == "sandbox":
        found = sandbox.ensure().ask(f"alerts?limit={AT_MOST}")["alerts"]
        shown = ("number", "at", "code", "level", "text")
        return [
            {name: each.get(name) for name in shown}
            | {"more": {name: str(value) for name, value in each.items() if name not in shown and value is not None}}
            for each in found
        ]
    return [
        {
            "number": each.sid,
            "at": int(each.date_created.timestamp() * 1000),
            "code": each.error_code,
            "level": str(each.log_level),
            "text": each.alert_text or "",
            "more": {"what it means": each.more_info or "", "resource_sid": each.resource_sid or ""},
        }
        for each in client.monitor.v1.alerts.list(limit=AT_MOST)
    ]


def deliveries() -> list[dict[str, Any]]:
    """The newest assignment callbacks as the sandbox sent them; on live Twilio nobody can tell: an empty list."""
    if account.current().mode == "live":
        return []
    return sandbox.ensure().ask(f"deliveries?kind=assignment&limit={AT_MOST}")["deliveries"]


def send_again(number: int) -> int:
    """Have the sandbox deliver a webhook once more; gives the number of the new delivery.

    Raises LessonError on live Twilio, which sends nothing twice on request, and when there is no such delivery.
    """
    if account.current().mode == "live":
        raise LessonError("A webhook cannot be sent again on live Twilio: work in the sandbox for this.")
    return sandbox.ensure().ask(f"deliveries/{number}/resend", method="POST")["number"]
