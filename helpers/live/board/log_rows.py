"""Makes the rows of the board's log: what reached the callback server, what did not, and what TaskRouter complained of.

A row: `id`, `of` ("call" or "alert"), `ms_at` (milliseconds since 1970 by TaskRouter's clock), `times` and `since` (how
often it came, and when first), `problem` (what is wrong, in words; None: nothing). An alert about a call whose row has
a `problem` has none of its own, so that one mistake counts once, nor has a warning about what was changed or deleted
afterwards, or about an answer after which the app has given a better one. A call also has what `call_row` gives, and
`delivery`, the number under which the sandbox sent it.

What comes again and again is one row with a count, so that a callback that fails twice a second leaves the entries
before it in the log.
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from helpers.live.board.past_warnings import PastWarnings
from helpers.live.board.recent import Recent, forget_oldest
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.widgets.call_row import about_call, call_row, fold_key, once_more, said_by
from helpers.live.widgets.text import clock

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange
    from taskrouter_sandbox.control_types import DeliveryRecord

ROWS_KEPT = 200
"""Rows that are kept, the newest."""

KNOWN_KEPT = 2000
"""Alerts, deliveries and arrivals that are remembered, so that each is counted once."""

REQUEST_FAILED = (*range(11200, 11300), 15003, 16011)
"""Twilio's codes of a request about a call that got no answer which counts (voice.md §1.8)."""

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
        self._past = PastWarnings()
        self._failed: dict[str, None] = {}  # reservations and events whose call has a row that says what is wrong
        self._deliveries: dict[int, None] = {}
        self._missing: set[int] = set()  # deliveries that were not here at the last look
        self._arrived: dict[int, _Arrived] = {}  # by the number of the exchange

    def add_exchange(self, exchange: Exchange) -> None:
        """Take in a request that reached the callback server; a second time when its background work has failed."""
        row = of_exchange(exchange)
        own = self.get(row["id"])
        if own and own["times"] == 1:
            self.remove(row["id"])
        about = subjects_of(dict(row["form"]))
        key = self._put(row, fold_key(row), about)
        if about:
            self._arrived[exchange.number] = _Arrived(about, exchange.path, row["ms_at"], key)
            forget_oldest(self._arrived, KNOWN_KEPT)
        if self._past.add_exchange(exchange):
            self._forgive()

    def add_alerts(self, alerts: Iterable[dict[str, Any]]) -> None:
        """Take in alerts of this workspace, or of none, the newest first; one that is known counts once."""
        for row in reversed(of_alerts(alerts, self._workspace_sid)):
            if row["id"] not in self._alerts:
                self._alerts[row["id"]] = None
                if _is_said_by(row, self._failed) or self._past.has(row):
                    row["problem"] = None
                self._put(row, ("alert", row["code"], row["text"]))
        forget_oldest(self._alerts, KNOWN_KEPT)

    def add_event(self, event: TaskRouterEvent) -> None:
        """Have the warnings about what was changed or deleted be no problem any more."""
        if self._past.add_event(event):
            self._forgive()

    def _forgive(self) -> None:
        """Have the warnings that say nothing any more be no problem."""
        for row in self.snapshot().values():
            if row["problem"] and self._past.has(row):
                self.put(row | {"problem": None})

    def add_deliveries(self, deliveries: Iterable[DeliveryRecord], calls: Container[str] = ()) -> None:
        """Take in the sandbox's deliveries, the newest first: the number of what arrived, and a row of what did not.

        calls: those of this workspace; a request about another one is a row only where it has failed. One that has not
        arrived is looked for a second time, since it may be on its way into the log.
        """
        missing = set()
        lost = []
        deliveries = tuple(deliveries)
        news = [self._past.add_delivery(each) for each in reversed(deliveries)]
        if any(news):
            self._forgive()
        for delivery in deliveries:
            number = delivery["number"]
            if number in self._deliveries:
                continue
            if _was_not_sent(delivery) or self._has_arrived(delivery):
                self._deliveries[number] = None
            elif delivery["outcome"] and self._is_wanted(delivery, calls):
                missing.add(number)
                if number in self._missing:
                    self._deliveries[number] = None
                    lost.append(delivery)
        for delivery in reversed(lost):
            row = of_lost(delivery)
            self._put(row, fold_key(row), (delivery["subject_sid"],))
        self._missing = missing
        forget_oldest(self._deliveries, KNOWN_KEPT)

    def _is_wanted(self, delivery: DeliveryRecord, calls: Container[str]) -> bool:
        if delivery["kind"] in ("voice", "status"):
            call = delivery["parameters"].get("CallSid", delivery["subject_sid"])
            return delivery["result"] == "failed" or call in calls
        return delivery["workspace_sid"] == self._workspace_sid

    def _has_arrived(self, delivery: DeliveryRecord) -> bool:
        sent = delivery["at"] - CLOCKS_DIFFER
        urls = [delivery["url"], *(each["url"] for each in delivery["attempts"] if "url" in each)]
        paths = {urlsplit(url).path or "/" for url in urls}
        any_path = delivery["kind"] == "assignment"  # of one reservation; a call asks for many documents
        own = (
            exchange
            for exchange, arrived in reversed(self._arrived.items())
            if delivery["subject_sid"] in arrived.about
            and (any_path or arrived.path in paths)
            and arrived.ms_at >= sent
        )
        exchange = next(own, None)
        if exchange is None:
            return False
        key = self._arrived.pop(exchange).row
        row = self.get(key)
        if row and row["number"] == exchange and delivery["kind"] != "voice":  # what a call has asked for is past
            self.put(row | {"delivery": delivery["number"]})
        return True

    def _put(self, row: Row, key: Hashable | None, about: Iterable[str] = ()) -> str:
        """Keep a row, as one more of those that are equal, if there are any; gives the id of the row.

        about: SIDs of what a request is about, whose alerts are no problem of their own once it has failed.
        """
        known = self.get(self._folded.get(key, "")) if key else None
        if known:
            row = once_more(row, known) | {"id": known["id"]}
        elif key:
            self._folded[key] = row["id"]
            forget_oldest(self._folded, KNOWN_KEPT)
        self.put(row)
        if row["of"] == "call" and row["problem"]:
            for subject in about:
                self._say_once(subject)
        return row["id"]

    def _say_once(self, subject: str) -> None:
        """Have the alerts of a request that has failed be no problem of their own: those here, and those to come."""
        self._failed[subject] = None
        forget_oldest(self._failed, KNOWN_KEPT)
        for row in self.snapshot().values():
            if row["of"] == "alert" and row["problem"] and _is_said_by(row, {subject: None}):
                self.put(row | {"problem": None})


@dataclass(frozen=True)
class _Arrived:
    """A request that reached the server. about: SIDs; row: the id of its row."""

    about: tuple[str, ...]
    path: str
    ms_at: float
    row: str


def subjects_of(form: Mapping[str, str]) -> tuple[str, ...]:
    """Give the SIDs of what a request is about, as deliveries and alerts name it."""
    if about_call(form):
        return tuple(form[name] for name in ("CallSid", "ConferenceSid", "RecordingSid") if form.get(name))
    return tuple(form[name] for name in ("Sid", "ReservationSid") if form.get(name))[:1]


def _is_said_by(alert: Row, failed: Container[str]) -> bool:
    """Tell whether the row of a request that has failed says what an alert does; of a call there may be others."""
    of_request = alert["code"] in REQUEST_FAILED or not str(alert["about"]).startswith(("CA", "CF", "RE"))
    return of_request and alert["about"] in failed


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


def _was_not_sent(delivery: DeliveryRecord) -> bool:
    """Tell whether nobody was asked, since the reservation ended while its callback waited."""
    return delivery["kind"] == "assignment" and delivery["result"] == "gone" and not delivery["attempts"]


def of_lost(delivery: DeliveryRecord) -> Row:
    """Make the row of an assignment callback, or of a request about a call, that did not come to this server."""
    attempt: Mapping[str, Any] = delivery["attempts"][-1] if delivery["attempts"] else {}
    at = datetime.fromtimestamp(delivery["at"] / 1000, UTC)
    error = attempt.get("error")
    parameters = delivery["parameters"]
    status, url = attempt.get("status", 200), attempt.get("url", delivery["url"])
    refused = f"{url} answered {status}" if delivery["kind"] != "assignment" and status >= 400 else None
    time = f"{clock(at)}.{at.microsecond // 1000:03d}"
    return {
        "id": f"delivery {delivery['number']}",
        "of": "call",
        "number": delivery["number"],
        "ms_at": delivery["at"],
        "at": time,
        "request": f"{delivery['method']} {url}",
        "said": [*(said_by(parameters) if about_call(parameters) else ()), delivery["outcome"]],
        "signature": "sent by the sandbox, and not to this server",
        "signed": "none",
        "status": attempt.get("status", "no answer"),
        "instruction": None,
        "warning": None,
        "answer": attempt.get("body", ""),
        "ms": round(attempt.get("seconds", 0) * 1000),
        "error": error,
        "form": [[name, value] for name, value in parameters.items()],
        **({} if delivery["kind"] == "voice" else {"delivery": delivery["number"]}),
        "reservation": parameters.get("ReservationSid"),
        "times": 1,
        "since": time,
        "problem": f"no answer from {url}: {error}" if error else refused,
    }
