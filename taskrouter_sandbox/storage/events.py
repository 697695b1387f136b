"""The events that are kept, read a page at a time, the newest first.

Within a workspace no two events are of the same millisecond (behaviour.md §4.4), so that their time is the key by which
a page begins where the one before it ended: what came before is not read again.
"""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from typing import Any, cast

import orjson
from msgspec import Struct

from ..engine.model.entities import Event

# the SIDs that an event can be found by: column, and the field of the event that it is taken from
KEYS = {
    "task_sid": "TaskSid",
    "worker_sid": "WorkerSid",
    "reservation_sid": "ReservationSid",
    "task_queue_sid": "TaskQueueSid",
    "workflow_sid": "WorkflowSid",
    "task_channel_sid": "TaskChannelSid",
    "task_channel_unique_name": "TaskChannelUniqueName",
}


class EventQuery(Struct, frozen=True, kw_only=True):
    """Which events of a workspace are wanted; None for any.

    since, until: milliseconds since 1970, both inclusive; task_channel: its SID or its unique name.
    """

    workspace_sid: str
    since: int | None = None
    until: int | None = None
    event_type: str | None = None
    sid: str | None = None
    task_sid: str | None = None
    worker_sid: str | None = None
    reservation_sid: str | None = None
    task_queue_sid: str | None = None
    workflow_sid: str | None = None
    task_channel: str | None = None

    def conditions(self) -> list[tuple[str, Any]]:
        """Say it in SQL: conditions with one `?` each, and its value."""
        # of a task there are few events: with the + SQLite finds them by the task and not by the workspace
        workspace = "+workspace_sid = ?" if self.task_sid is not None else "workspace_sid = ?"
        wanted = {
            workspace: self.workspace_sid,
            "at >= ?": self.since,
            "at <= ?": self.until,
            "type = ?": self.event_type,
            "sid = ?": self.sid,
            "task_sid = ?": self.task_sid,
            "worker_sid = ?": self.worker_sid,
            "reservation_sid = ?": self.reservation_sid,
            "task_queue_sid = ?": self.task_queue_sid,
            "workflow_sid = ?": self.workflow_sid,
            "? IN (task_channel_sid, task_channel_unique_name)": self.task_channel,
        }
        return [(sql, value) for sql, value in wanted.items() if value is not None]


class EventList:
    """The events that a query is about, the newest first: a source of pages (see `http/paging.py`)."""

    ahead = 1  # no event goes but with its workspace, or by its age

    def __init__(self, db: sqlite3.Connection, query: EventQuery):
        self.db, self.query = db, query

    def following(self, sid: str | None, limit: int) -> list[Event]:
        """Read so many events that are older than that one, or the newest. Raises KeyError when it is not there."""
        return self._read([("at < ?", self._at(sid))] if sid is not None else [], limit)

    def starting_at(self, sid: str, limit: int) -> list[Event]:
        """Read so many events, that one first. Raises KeyError when it is not there."""
        return self._read([("at <= ?", self._at(sid))], limit)

    def preceding(self, sid: str, places: int) -> str | None:
        """Give the SID of the event so many places before (newer than) that one; None where there are fewer."""
        conditions = [*self.query.conditions(), ("at > ?", self._at(sid))]
        row = self._select("sid", conditions, "ORDER BY at LIMIT 1 OFFSET ?", places - 1).fetchone()
        return row[0] if row else None

    def all(self) -> list[Event]:
        """Read every one."""
        return self._read([], -1)

    def _at(self, sid: str) -> int:
        sql = "SELECT at FROM event WHERE sid = ? AND workspace_sid = ?"
        row = self.db.execute(sql, (sid, self.query.workspace_sid)).fetchone()
        if row is None:
            raise KeyError(sid)
        return row[0]

    def _read(self, more: list[tuple[str, Any]], limit: int) -> list[Event]:
        rows = self._select("*", [*self.query.conditions(), *more], "ORDER BY at DESC LIMIT ?", limit)
        return [_event(row) for row in rows]

    def _select(self, what: str, conditions: list[tuple[str, Any]], rest: str, number: int) -> sqlite3.Cursor:
        where = " AND ".join(sql for sql, _ in conditions)
        return self.db.execute(
            f"SELECT {what} FROM event WHERE {where} {rest}", [*(value for _, value in conditions), number]
        )


COLUMNS = (
    *("sid", "workspace_sid", "at", "type", "description", "resource_type", "resource_sid", "data", *KEYS),
    "transaction_number",
)
INSERT_EVENT = f"INSERT INTO event ({', '.join(COLUMNS)}) VALUES (?{', ?' * (len(COLUMNS) - 1)})"


def event_row(workspace_sid: str, event: Event, transaction_number: int | None) -> tuple[object, ...]:
    """Make the row of an event, for `INSERT_EVENT`. transaction_number: None where transactions are not counted."""
    return (
        event.sid,
        workspace_sid,
        event.date_created,
        event.event_type,
        event.description,
        event.resource_type,
        event.resource_sid,
        orjson.dumps(event.data).decode(),
        *map(event.data.get, KEYS.values()),
        transaction_number,
    )


def _data(row: sqlite3.Row) -> dict[str, str]:
    """Read an event's data; where that is damaged, and those beside it are not, what the other columns say."""
    with suppress(orjson.JSONDecodeError):
        data: object = orjson.loads(row["data"])
        if isinstance(data, dict):
            return cast(dict[str, str], data)
    known = {name: row[column] for column, name in KEYS.items() if row[column] is not None}
    return {"unreadable": str(row["data"]), **known}


def _event(row: sqlite3.Row) -> Event:
    return Event(
        sid=row["sid"],
        date_created=row["at"],
        date_updated=row["at"],
        event_type=row["type"],
        description=row["description"],
        resource_type=row["resource_type"],
        resource_sid=row["resource_sid"],
        data=_data(row),
    )
