"""What the rows of a log are made of: exchanges, deliveries, alerts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from helpers.callback_server.exchange_log import Exchange

WORKSPACE = "WS1"
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def exchange(number: int, **more: Any) -> Exchange:
    """An assignment callback that was answered with an accept, unless `more` says otherwise."""
    form = {"ReservationSid": f"WR{number}", "TaskSid": "WT1", "WorkerSid": "WK1"}
    usual = {"status": 200, "answer": '{"instruction": "accept"}', "form": form}
    at = START + timedelta(seconds=number)
    path = more.pop("path", "/assignment_callback")
    return Exchange(number, at, "POST", path, signature="valid", seconds=0.1, **(usual | more))


def failed(number: int) -> Exchange:
    return exchange(number, status=500, answer="", error="KeyError: 'x', line 7 of the cell")


def delivery(number: int, **more: Any) -> Any:
    """The sandbox's record of the exchange with that number."""
    at = int((START + timedelta(seconds=number)).timestamp() * 1000)
    usual = {"url": "http://x/", "parameters": {}, "attempts": [{"status": 200, "body": "", "seconds": 0.1}]}
    own = {"number": number, "kind": "assignment", "workspace_sid": WORKSPACE, "subject_sid": f"WR{number}", "at": at}
    own["method"], own["result"] = "POST", "done"
    return own | usual | {"outcome": "instruction accept"} | more


def alert(number: int, text: str = "no answer", about: str = "WR1") -> dict[str, Any]:
    more = {"workspace_sid": WORKSPACE, "subject_sid": about}
    return {"number": number, "at": number, "code": 11200, "level": "error", "text": text, "more": more}
