"""How long things are kept, and how much of them: what is older, or more, is deleted."""

from __future__ import annotations

import sqlite3
from contextlib import suppress

from msgspec import Struct

DAY = 86_400_000  # milliseconds
ROWS_AT_ONCE = 20_000  # of a workspace that is gone
PAGES_AT_ONCE = 2_000  # of 4 kB


class Retention(Struct, frozen=True):
    """How much is kept.

    days: how long events stay, decisions about tasks, and what statistics know. Documented are thirty (rest-contract.md
    §12), and that the attributes of older ones are redacted (§4.3): events stay a day longer, in which that can be
    seen. Statistics go back thirty days (§11.3).
    events, decisions, alerts, deliveries: how many at most, of all workspaces together; the newest stay. A delivery
    that is under way stays in any case.
    calls: how many at most that have ended, and how many conferences and messages; they, too, stay only so many days.
    """

    days: int = 31
    events: int = 500_000
    decisions: int = 20_000
    alerts: int = 10_000
    deliveries: int = 10_000
    calls: int = 10_000


# tables that grow with time: the column of a row's time; rows are in the order of their time, or very nearly
DATED = {"event": "at", "counted_event": "at", "activity_interval": "ended", "decision": "at"}
ENDED = ("ended_call", "ended_conference", "ended_message")


def delete_old(db: sqlite3.Connection, retention: Retention, now: int) -> None:
    """Forget what is not kept any more at `now` (milliseconds); inside the caller's transaction.

    It reads what it deletes, one row more of each table, and which workspaces there are events of. Of a workspace that
    is gone, whose events nobody can ask for, it deletes some at a time: others wait meanwhile.
    """
    gone = "NOT IN (SELECT sid FROM resource WHERE kind = 'Workspace')"
    for (workspace_sid,) in db.execute(
        f"SELECT DISTINCT workspace_sid FROM event WHERE workspace_sid {gone}"
    ).fetchall():
        for table in DATED:
            rows = f"SELECT rowid FROM {table} WHERE workspace_sid = ? LIMIT ?"
            db.execute(f"DELETE FROM {table} WHERE rowid IN ({rows})", (workspace_sid, ROWS_AT_ONCE))
    oldest = now - retention.days * DAY
    for table, at in DATED.items():
        first_kept = f"SELECT rowid FROM {table} WHERE {at} >= ? ORDER BY rowid LIMIT 1"
        beyond = f"SELECT max(rowid) + 1 FROM {table}"
        db.execute(f"DELETE FROM {table} WHERE rowid < coalesce(({first_kept}), ({beyond}))", (oldest,))
    for table, most in (
        ("event", retention.events),
        ("decision", retention.decisions),
        ("alert", retention.alerts),
    ):
        db.execute(f"DELETE FROM {table} WHERE number <= (SELECT max(number) FROM {table}) - ?", (most,))
    for table in ENDED:
        db.execute(f"DELETE FROM {table} WHERE date_updated < ?", (oldest,))
        first_beyond = f"SELECT number FROM {table} ORDER BY number DESC LIMIT 1 OFFSET ?"
        db.execute(f"DELETE FROM {table} WHERE number <= ({first_beyond})", (retention.calls,))
    db.execute(
        "DELETE FROM delivery WHERE number <= (SELECT max(number) FROM delivery) - ? AND outcome IS NOT NULL",
        (retention.deliveries,),
    )


def give_back(db: sqlite3.Connection, most: int = 0) -> None:
    """Make the file smaller by pages that are not used any more, at most so many (0: all); outside of transactions.

    A file that an earlier version made, which did not ask for this, stays as large as it was.
    """
    with suppress(sqlite3.OperationalError):  # while another program holds it; then with the next sweep
        db.executescript(f"PRAGMA incremental_vacuum({most})")  # `execute` takes one step of it, which is one page
