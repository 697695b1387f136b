"""The decisions about tasks that are kept, each with what it saw, as JSON."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable

import msgspec

from ..explanation.facts import Decision

to_json = msgspec.json.Encoder().encode


def insert(db: sqlite3.Connection, workspace_sid: str, decisions: Iterable[Decision]) -> None:
    """Keep decisions; in a transaction."""
    db.executemany(
        "INSERT INTO decision (workspace_sid, task_sid, at, facts) VALUES (?, ?, ?, ?)",
        [(workspace_sid, one.task_sid, one.at, to_json(one).decode()) for one in decisions],
    )


def of_task(db: sqlite3.Connection, task_sid: str, newest: int) -> tuple[list[Decision], int]:
    """Read the first decision about a task and the newest ones, the oldest first; and tell how many are left out.

    newest: how many of them. One that is damaged is left out.
    """
    rows = db.execute("SELECT facts FROM decision WHERE task_sid = ? ORDER BY number", (task_sid,)).fetchall()
    wanted = rows if len(rows) <= newest + 1 else [rows[0], *rows[len(rows) - newest :]]
    found = [one for row in wanted if (one := read(row["facts"])) is not None]
    return found, len(rows) - len(found)


def workspace_of(db: sqlite3.Connection, task_sid: str) -> str | None:
    """Find the workspace in which something was decided about a task; None where nothing is kept."""
    row = db.execute("SELECT workspace_sid FROM decision WHERE task_sid = ? LIMIT 1", (task_sid,)).fetchone()
    return row["workspace_sid"] if row else None


def read(text: str | bytes) -> Decision | None:
    """Make a decision of its stored form; None where that is damaged."""
    try:
        return msgspec.convert(json.loads(text), Decision)
    except ValueError:
        return None
