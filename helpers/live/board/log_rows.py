"""Make the rows of the board's log: what reached the callback server, what did not, and what TaskRouter complained of.

A row: `id`, `of` ("call" or "alert"), `ms_at` (milliseconds since 1970 by TaskRouter's clock); a call also has what
`callback_log.call_row` gives, and `delivery`, the number under which the sandbox sent it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpers.live.widgets.callback_log import call_row
from helpers.live.widgets.text import clock

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange
    from taskrouter_sandbox.control_types import DeliveryRecord

CLOCKS_DIFFER = 200
"""Milliseconds by which a webhook may seem to arrive before it was sent."""


def of_exchange(exchange: Exchange) -> dict[str, Any]:
    """Make the row of a request that reached the callback server."""
    return call_row(exchange) | {
        "id": f"call {exchange.number}",
        "of": "call",
        "ms_at": exchange.at.timestamp() * 1000,
        "reservation": exchange.form.get("ReservationSid"),
    }


def of_alerts(alerts: Iterable[dict[str, Any]], workspace_sid: str) -> list[dict[str, Any]]:
    """Make the rows of the alerts that are of this workspace, or of none."""
    own = (each for each in alerts if each["more"].get("workspace_sid") in (None, workspace_sid))
    return [
        {
            "id": f"alert {alert['number']}",
            "of": "alert",
            "ms_at": alert["at"],
            "at": clock(alert["at"]),
            "code": alert["code"],
            "level": alert["level"],
            "text": alert["text"],
            "detail": [[name, text] for name, text in alert["more"].items()],
        }
        for alert in own
    ]


def of_deliveries(
    deliveries: Iterable[DeliveryRecord], workspace_sid: str, known: Iterable[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Make the rows of the sandbox's deliveries: of one that arrived the known row with its number, else a new one.

    deliveries: the newest first; known: the rows that there are.
    """
    arrived = [row for row in known if row["of"] == "call" and row.get("reservation")]
    arrived.sort(key=lambda row: -row["ms_at"])
    rows = []
    for delivery in deliveries:
        sent = delivery["at"] - CLOCKS_DIFFER
        mine = (row for row in arrived if row["reservation"] == delivery["subject_sid"] and row["ms_at"] >= sent)
        row = next(mine, None)
        if row:
            arrived.remove(row)
            rows.append(row | {"delivery": delivery["number"]})
        elif delivery["workspace_sid"] == workspace_sid and delivery["outcome"]:
            rows.append(_of_lost(delivery))
    return rows


def _of_lost(delivery: DeliveryRecord) -> dict[str, Any]:
    """Make the row of an assignment callback that did not come to this server."""
    attempt: Mapping[str, Any] = delivery["attempts"][-1] if delivery["attempts"] else {}
    at = datetime.fromtimestamp(delivery["at"] / 1000, UTC)
    return {
        "id": f"delivery {delivery['number']}",
        "of": "call",
        "number": delivery["number"],
        "ms_at": delivery["at"],
        "at": f"{clock(at)}.{at.microsecond // 1000:03d}",
        "request": f"POST {delivery['url']}",
        "said": [delivery["outcome"]],
        "signature": "sent by the sandbox, and not to this server",
        "signed": "none",
        "status": attempt.get("status", "no answer"),
        "instruction": None,
        "answer": attempt.get("body", ""),
        "ms": round(attempt.get("seconds", 0) * 1000),
        "error": attempt.get("error"),
        "form": [[name, value] for name, value in delivery["parameters"].items()],
        "delivery": delivery["number"],
        "reservation": delivery["subject_sid"],
    }
