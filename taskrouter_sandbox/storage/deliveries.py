"""The stored form of webhooks: a row for each delivery, its attempts as JSON."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

from ..webhooks.delivery import Attempt, Delivery, Outcome
from .resources import to_json


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
