"""The webhooks that are kept: a row for each delivery, its attempts as JSON."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from ..control_types import DeliveryKind
from ..language.strict_json import to_json
from ..webhooks.delivery import Attempt, Delivery, Outcome
from .damage import DamagedRows

TABLE = "delivery"


def insert(db: sqlite3.Connection, deliveries: Iterable[Delivery], at: int) -> None:
    """Add deliveries that begin at that time (milliseconds); they get their numbers."""
    for delivery in deliveries:
        delivery.at = at
        cursor = db.execute(
            "INSERT INTO delivery (workspace_sid, subject_sid, kind, at, method, url, fallback_url, parameters, "
            "repeats) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                delivery.workspace_sid,
                delivery.subject_sid,
                delivery.kind,
                at,
                delivery.method,
                delivery.url,
                delivery.fallback_url,
                to_json(delivery.parameters),
                delivery.repeats,
            ),
        )
        delivery.number = cursor.lastrowid or 0


def finish(db: sqlite3.Connection, delivery: Delivery) -> None:
    """Put down what came of a delivery."""
    attempts = [attempt.to_dict() for attempt in delivery.attempts]
    result, text = delivery.outcome or (None, None)
    db.execute(
        "UPDATE delivery SET attempts = ?, outcome = ?, result = ? WHERE number = ?",
        (to_json(attempts), text, result, delivery.number),
    )


def newest(db: sqlite3.Connection, damaged: DamagedRows, kind: DeliveryKind | None, limit: int) -> list[Delivery]:
    """Read the newest deliveries, of that kind or of any, the newest first. One that is damaged is left out."""
    rows = db.execute(
        "SELECT * FROM delivery WHERE ? IS NULL OR kind = ? ORDER BY number DESC LIMIT ?", (kind, kind, limit)
    )
    return [one for row in rows if (one := _read_whole(row, damaged)) is not None]


def of_number(db: sqlite3.Connection, damaged: DamagedRows, number: int) -> Delivery | None:
    """Read the delivery of that number; None when there is none, or it is damaged."""
    row = db.execute("SELECT * FROM delivery WHERE number = ?", (number,)).fetchone()
    return _read_whole(row, damaged) if row else None


def newest_question(db: sqlite3.Connection, subject_sid: str) -> int | None:
    """Give the number of the last delivery about that resource whose answer says what to do, or None."""
    sql = "SELECT number FROM delivery WHERE subject_sid = ? AND kind <> 'status' ORDER BY at DESC, number DESC LIMIT 1"
    row = db.execute(sql, (subject_sid,)).fetchone()
    return row["number"] if row else None


def still_open(db: sqlite3.Connection) -> list[Delivery]:
    """Read the deliveries that nothing has come of so far, the oldest first."""
    return [read(row) for row in db.execute("SELECT * FROM delivery WHERE outcome IS NULL ORDER BY number")]


def _read_whole(row: sqlite3.Row, damaged: DamagedRows) -> Delivery | None:
    try:
        return read(row)
    except (LookupError, TypeError, ValueError) as error:  # and those beside it are not
        damaged.tell(row["number"], error)
        return None


def read(row: sqlite3.Row) -> Delivery:
    """Make a delivery of its row."""
    return Delivery(
        kind=row["kind"],
        workspace_sid=row["workspace_sid"],
        subject_sid=row["subject_sid"],
        method=row["method"],
        url=row["url"],
        parameters=json.loads(row["parameters"]),
        fallback_url=row["fallback_url"],
        number=row["number"],
        at=row["at"],
        attempts=[Attempt.from_dict(each) for each in json.loads(row["attempts"])],
        outcome=None if row["outcome"] is None else Outcome(row["result"], row["outcome"]),
        repeats=row["repeats"],
    )
