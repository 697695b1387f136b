"""The alerts that are kept, read together or a page at a time, the newest first."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, Literal, cast

from msgspec import Struct

from ..control_types import StoredAlert
from ..engine.model.effects import Alert
from ..engine.model.entities import Entity
from .deliveries import newest_question

PREFIX = "NO"


class AlertEntity(Entity, kw_only=True, eq=False):
    """An alert as a resource of its own.

    subject_sid: what it is about; workspace_sid: "" for those of calls; delivery: the number of the webhook that it
    came of, None where it came of none; attempt: which of its addresses, None for the last.
    """

    code: int
    level: Literal["error", "warning"]
    text: str
    subject_sid: str
    workspace_sid: str
    delivery: int | None
    attempt: int | None


class AlertQuery(Struct, frozen=True, kw_only=True):
    """Which alerts are wanted; None for any. since, until: milliseconds since 1970, both inclusive."""

    level: str | None = None
    since: int | None = None
    until: int | None = None

    def conditions(self) -> list[tuple[str, Any]]:
        """Say it in SQL: conditions with one `?` each, and its value."""
        wanted = {"level = ?": self.level, "at >= ?": self.since, "at <= ?": self.until}
        return [(sql, value) for sql, value in wanted.items() if value is not None]


def insert(db: sqlite3.Connection, workspace_sid: str, alerts: Iterable[Alert], at: int) -> None:
    """Keep alerts of that time (milliseconds), in a transaction, before the webhooks that the same command calls for.

    One that does not know its webhook is of the last that asked what to do with the same reservation or call.
    workspace_sid: "" for those of calls.
    """
    for alert in alerts:
        delivery = alert.delivery or newest_question(db, alert.subject_sid)
        db.execute(
            "INSERT INTO alert (workspace_sid, at, code, level, text, subject_sid, delivery, attempt)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (workspace_sid, at, alert.code, alert.level, alert.text, alert.subject_sid, delivery, alert.attempt),
        )


def newest(db: sqlite3.Connection, limit: int) -> list[StoredAlert]:
    """Read the newest alerts, the newest first."""
    rows = db.execute(
        "SELECT number, workspace_sid, at, code, level, text, subject_sid FROM alert ORDER BY number DESC LIMIT ?",
        (limit,),
    )
    return [cast(StoredAlert, dict(row)) for row in rows]


class AlertPages:
    """The alerts that a query is about, the newest first: a source of pages (see `http/paging.py`)."""

    ahead = 20  # the oldest go when there are too many

    def __init__(self, db: sqlite3.Connection, query: AlertQuery):
        self.db, self.query = db, query

    def following(self, sid: str | None, limit: int) -> list[AlertEntity]:
        """Read so many alerts that are older than that one, or the newest. Raises KeyError when it is not there."""
        return self._read([("number < ?", self._number(sid))] if sid is not None else [], limit)

    def starting_at(self, sid: str, limit: int) -> list[AlertEntity]:
        """Read so many alerts, that one first. Raises KeyError when it is not there."""
        return self._read([("number <= ?", self._number(sid))], limit)

    def preceding(self, sid: str, places: int) -> str | None:
        """Give the SID of the alert so many places before (newer than) that one; None where there are fewer."""
        rows = self._select([("number > ?", self._number(sid))], "ORDER BY number LIMIT 1 OFFSET ?", places - 1)
        row = rows.fetchone()
        return _sid(row["number"]) if row else None

    def one(self, sid: str) -> AlertEntity:
        """Read the alert with that SID. Raises KeyError when it is not there."""
        return self._read([("number = ?", self._number(sid))], 1)[0]

    def _number(self, sid: str) -> int:
        """Read the number in a SID. Raises KeyError when no alert has it."""
        digits = sid.removeprefix(PREFIX)
        if len(sid) == 34 and digits != sid and digits.isdecimal():
            row = self.db.execute("SELECT number FROM alert WHERE number = ?", (min(int(digits), 2**62),)).fetchone()
            if row:
                return row["number"]
        raise KeyError(sid)

    def _read(self, more: list[tuple[str, Any]], limit: int) -> list[AlertEntity]:
        return [_entity(row) for row in self._select(more, "ORDER BY number DESC LIMIT ?", limit)]

    def _select(self, more: list[tuple[str, Any]], rest: str, number: int) -> sqlite3.Cursor:
        conditions = [*self.query.conditions(), *more]
        where = " AND ".join(["1 = 1", *(sql for sql, _ in conditions)])
        return self.db.execute(
            f"SELECT * FROM alert WHERE {where} {rest}", [*(value for _, value in conditions), number]
        )


def _sid(number: int) -> str:
    return f"{PREFIX}{number:032d}"


def _entity(row: sqlite3.Row) -> AlertEntity:
    return AlertEntity(
        sid=_sid(row["number"]),
        date_created=row["at"],
        date_updated=row["at"],
        code=row["code"],
        level=row["level"],
        text=row["text"],
        subject_sid=row["subject_sid"],
        workspace_sid=row["workspace_sid"],
        delivery=row["delivery"],
        attempt=row["attempt"],
    )
