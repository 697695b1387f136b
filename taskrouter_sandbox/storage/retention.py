"""How long things are kept, and how much of them: what is older, or more, is deleted."""

from __future__ import annotations

import sqlite3

from msgspec import Struct

DAY = 86_400_000  # milliseconds


class Retention(Struct, frozen=True):
    """How much is kept.

    days: how long events stay, and what statistics know of them. Documented are thirty (rest-contract.md §12), and that
    the attributes of older ones are redacted (§4.3): events stay a day longer, in which that can be seen. Statistics go
    back thirty days (§11.3).
    events, alerts, deliveries: how many at most, of all workspaces together; the newest stay. A delivery that is under
    way stays in any case.
    """

    days: int = 31
    events: int = 500_000
    alerts: int = 10_000
    deliveries: int = 10_000


# tables that grow with time: the column of a row's time; rows are in the order of their time, or very nearly
DATED = {"event": "at", "counted_event": "at", "activity_interval": "ended"}


def delete_old(db: sqlite3.Connection, retention: Retention, now: int) -> None:
    """Forget what is not kept any more at `now` (milliseconds); inside the caller's transaction.

    It reads what it deletes, and one row more of each table.
    """
    oldest = now - retention.days * DAY
    for table, at in DATED.items():
        first_kept = f"SELECT rowid FROM {table} WHERE {at} >= ? ORDER BY rowid LIMIT 1"
        beyond = f"SELECT max(rowid) + 1 FROM {table}"
        db.execute(f"DELETE FROM {table} WHERE rowid < coalesce(({first_kept}), ({beyond}))", (oldest,))
    for table, most in (("event", retention.events), ("alert", retention.alerts)):
        db.execute(f"DELETE FROM {table} WHERE number <= (SELECT max(number) FROM {table}) - ?", (most,))
    db.execute(
        "DELETE FROM delivery WHERE number <= (SELECT max(number) FROM delivery) - ? AND outcome IS NOT NULL",
        (retention.deliveries,),
    )
