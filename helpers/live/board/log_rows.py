"""Makes the rows of the board's log: what reached the callback server, what did not, and what TaskRouter complained of.

A row: `id`, `of` ("call" or "alert"), `ms_at` (milliseconds since 1970 by TaskRouter's clock), `times` and `since` (how
often it came, and when first), `problem` (what is wrong, in words; None: nothing). An alert about a call whose row has
a `problem` has none of its own, so that one mistake counts once. A call also has what `call_row` gives, and
`delivery`, the number under which the sandbox sent it.

What comes again and again is one row with a count, so that a callback that fails twice a second leaves the entries
before it in the log.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from helpers.live.board.recent import Recent
from helpers.live.widgets.call_row import call_row, fold_key, once_more
from helpers.live.widgets.text import clock

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange
    from taskrouter_sandbox.control_types import DeliveryRecord

ROWS_KEPT = 200
"""Rows that are kept, the newest."""

KNOWN_KEPT = 2000
"""Alerts, deliveries and arrivals that are remembered, so that each is counted once."""

CLOCKS_DIFFER = 200
"""Milliseconds by which a webhook may seem to arrive before it was sent."""

Row = dict[str, Any]


class LogRows(Recent):
    """The rows of one workspace's log. Not safe from several threads by itself.

    Args:
        workspace_sid: `WS...`.
        kept: how many rows at most.
    """

    def __init__(self, workspace_sid: str, kept: int = ROWS_KEPT) -> None:
        super().__init__(kept)
        self._workspace_sid = workspace_sid
        self._folded: dict[Hashable, str] = {}  # what makes two rows equal -> the id of the row
        self._alerts: dict[str, None] = {}
        self._failed: dict[str, None] = {}  # reservations and events whose call has a row that says what is wrong
        self._deliveries: dict[int, None] = {}
        self._missing: set[int] = set()  # deliveries that were not here at the last look
        self._arrived: dict[int, tuple[str, float, str]] = {}  # exchange -> reservation, milliseconds, id of its row

    def add_exchange(self, exchange: Exchange) -> None:
        """Take in a request that reached the callback server; a second time when its background work has failed."""
        row = of_exchange(exchange)
        own = self.get(row["id"])
        if own and own["times"] == 1:
            self.remove(row["id"])
        key = self._put(row, fold_key(row))
        if row["reservation"]:
            self._arrived[exchange.number] = row["reservation"], row["ms_at"], key
            _forget_oldest(self._arrived)

    def add_alerts(self, alerts: Iterable[dict[str, Any]]) -> None:
        """Take in alerts of this workspace, or of none, the newest first; one that is known counts once."""
        for row in reversed(of_alerts(alerts, self._workspace_sid)):
            if row["id"] not in self._alerts:
                self._alerts[row["id"]] = None
                if row["about"] in self._failed:
                    row["problem"] = None
                self._put(row, ("alert", row["code"], row["text"]))
        _forget_oldest(self._alerts)

    def add_deliveries(self, deliveries: Iterable[DeliveryRecord]) -> None:
        """Take in the sandbox's deliveries, the newest first: the number of what arrived, and a row of what did not.

        One that has not arrived is looked for a second time, since it may be on its way into the log.
        """
        missing = set()
        lost = []
        for delivery in deliveries:
            number = delivery["number"]
            if number in self._deliveries:
                continue
            if self._has_arrived(delivery):
                self._deliveries[number] = None
            elif delivery["workspace_sid"] == self._workspace_sid and delivery["outcome"]:
                missing.add(number)
                if number in self._missing:
                    self._deliveries[number] = None
                    lost.append(of_lost(delivery))
        for row in reversed(lost):
            self._put(row, fold_key(row))
        self._missing = missing
        _forget_oldest(self._deliveries)

    def _has_arrived(self, delivery: DeliveryRecord) -> bool:
        sent = delivery["at"] - CLOCKS_DIFFER
        own = (
            exchange
            for exchange, (reservation, at, _) in reversed(self._arrived.items())
            if reservation == delivery["subject_sid"] and at >= sent
        )
        exchange = next(own, None)
        if exchange is None:
            return False
        _, _, key = self._arrived.pop(exchange)
        row = self.get(key)
        if row and row["number"] == exchange:
            self.put(row | {"delivery": delivery["number"]})
        return True

    def _put(self, row: Row, key: Hashable | None) -> str:
        """Keep a row, as one more of those that are equal, if there are any; gives the id of the row."""
        known = self.get(self._folded.get(key, "")) if key else None
        if known:
            row = once_more(row, known) | {"id": known["id"]}
        elif key:
            self._folded[key] = row["id"]
            _forget_oldest(self._folded)
        self.put(row)
        if row["of"] == "call" and row["problem"]:
            self._say_once(dict(row["form"]).get("Sid") or row["reservation"])
        return row["id"]

    def _say_once(self, subject: str | None) -> None:
        """Have the alerts of a call that has failed be no problem of their own: those here, and those to come."""
        if subject is None:
            return
        self._failed[subject] = None
        _forget_oldest(self._failed)
        for row in self.snapshot().values():
            if row["of"] == "alert" and row["about"] == subject and row["problem"]:
                self.put(row | {"problem": None})


def _forget_oldest(known: dict[Any, Any]) -> None:
    while len(known) > KNOWN_KEPT:
        del known[next(iter(known))]


def of_exchange(exchange: Exchange) -> Row:
    """Make the row of a request that reached the callback server."""
    return call_row(exchange) | {
        "id": f"call {exchange.number}",
        "of": "call",
        "ms_at": exchange.at.timestamp() * 1000,
        "reservation": exchange.form.get("ReservationSid"),
    }


def of_alerts(alerts: Iterable[dict[str, Any]], workspace_sid: str) -> list[Row]:
    """Make the rows of the alerts that are of this workspace, or of none."""
    own = (each for each in alerts if each["more"].get("workspace_sid") in (None, "", workspace_sid))  # "": of calls
    return [
        {
            "id": f"alert {alert['number']}",
            "of": "alert",
            "ms_at": alert["at"],
            "at": clock(alert["at"]),
            "code": alert["code"],
            "level": alert["level"],
            "text": alert["text"],
            "about": alert["more"].get("subject_sid"),
            "detail": [[name, text] for name, text in alert["more"].items()],
            "times": 1,
            "since": clock(alert["at"]),
            "problem": alert["text"],
        }
        for alert in own
    ]


def of_lost(delivery: DeliveryRecord) -> Row:
    """Make the row of an assignment callback that did not come to this server."""
    attempt: Mapping[str, Any] = delivery["attempts"][-1] if delivery["attempts"] else {}
    at = datetime.fromtimestamp(delivery["at"] / 1000, UTC)
    error = attempt.get("error")
    time = f"{clock(at)}.{at.microsecond // 1000:03d}"
    return {
        "id": f"delivery {delivery['number']}",
        "of": "call",
        "number": delivery["number"],
        "ms_at": delivery["at"],
        "at": time,
        "request": f"POST {delivery['url']}",
        "said": [delivery["outcome"]],
        "signature": "sent by the sandbox, and not to this server",
        "signed": "none",
        "status": attempt.get("status", "no answer"),
        "instruction": None,
        "warning": None,
        "answer": attempt.get("body", ""),
        "ms": round(attempt.get("seconds", 0) * 1000),
        "error": error,
        "form": [[name, value] for name, value in delivery["parameters"].items()],
        "delivery": delivery["number"],
        "reservation": delivery["subject_sid"],
        "times": 1,
        "since": time,
        "problem": f"no answer from {delivery['url']}: {error}" if error else None,
    }
