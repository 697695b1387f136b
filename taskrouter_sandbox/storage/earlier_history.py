"""Counts what happened before statistics were recorded, from the events that are still kept.

A step of `migrations`: what it reads and writes is the stored form of that version, and does not change any more.
"""

from __future__ import annotations

import json
import sqlite3
from typing import Any

COUNTED = frozenset(
    (
        "task.created",
        "task.canceled",
        "task.completed",
        "task.deleted",
        "task.system-deleted",
        "task-queue.entered",
        "task-queue.moved",
        "workflow.entered",
        "workflow.timeout",
        "reservation.created",
        "reservation.accepted",
        "reservation.rejected",
        "reservation.timeout",
        "reservation.canceled",
        "reservation.rescinded",
        "reservation.completed",
        "reservation.wrapup",
    )
)
Row = tuple[Any, ...]


def count_earlier_events(db: sqlite3.Connection) -> None:
    """Record the events of each workspace that are older than its first record, as if they had been recorded."""
    counted: list[Row] = []
    intervals: list[Row] = []
    for (workspace_sid,) in db.execute("SELECT DISTINCT workspace_sid FROM event").fetchall():
        history = _History(workspace_sid)
        for event in db.execute(
            "SELECT * FROM event WHERE workspace_sid = ? AND at < coalesce("
            "(SELECT min(at) FROM counted_event WHERE workspace_sid = ?), 9e99) ORDER BY at",
            (workspace_sid, workspace_sid),
        ):
            history.add(event)
        counted += history.counted
        (first,) = db.execute(
            "SELECT min(ended) FROM activity_interval WHERE workspace_sid = ?", (workspace_sid,)
        ).fetchone()
        intervals += [each for each in history.intervals if first is None or each[4] < first]
    _put_first(db, "counted_event", sorted(counted, key=lambda row: row[1]))
    _put_first(db, "activity_interval", sorted(intervals, key=lambda row: row[4]))


class _History:
    """The events of one workspace, and what they add up to.

    counted, intervals: rows of the two tables.
    """

    def __init__(self, workspace_sid: str):
        self.workspace_sid = workspace_sid
        self.counted: list[Row] = []
        self.intervals: list[Row] = []
        self._created: dict[str, int] = {}  # by the task's SID: when it was created, in milliseconds
        self._entered: dict[str, int] = {}  # since when it has waited in its queue
        self._queue: dict[str, str] = {}  # the queue that it was in last
        self._since: dict[str, int] = {}  # by the worker's SID: since when it has had its activity

    def add(self, event: sqlite3.Row) -> None:
        """Take the next event into account."""
        at, kind, task_sid = event["at"], event["type"], event["task_sid"]
        if kind in ("worker.created", "worker.activity.update", "worker.deleted"):
            self._add_interval(event)
        if kind == "task.created":
            self._created[task_sid] = at
        elif kind == "task.transfer-initiated":
            self._entered[task_sid] = at
        if kind in COUNTED:
            self._add_counted(event)
        if kind == "task-queue.entered":
            self._entered[task_sid] = at
            self._queue[task_sid] = event["task_queue_sid"]

    def _add_counted(self, event: sqlite3.Row) -> None:
        at, task_sid, queue_sid = event["at"], event["task_sid"], event["task_queue_sid"]
        if event["type"] == "task-queue.moved":
            queue_sid = self._queue.get(task_sid, queue_sid)
        created = self._created.get(task_sid)
        if created is None:
            created = at - 1000 * int(json.loads(event["data"]).get("TaskAge") or 0)
        entered = at if event["type"] == "task-queue.entered" else self._entered.get(task_sid, created)
        where = queue_sid, event["workflow_sid"], event["worker_sid"], event["task_channel_sid"]
        self.counted.append((self.workspace_sid, at, event["type"], *where, at - created, at - entered))

    def _add_interval(self, event: sqlite3.Row) -> None:
        at, worker_sid, data = event["at"], event["worker_sid"], json.loads(event["data"])
        activity_sid = data.get("WorkerPreviousActivitySid") or data.get("WorkerActivitySid")
        began = self._since.get(worker_sid)
        if event["type"] != "worker.created" and began is not None and activity_sid:
            self.intervals.append((self.workspace_sid, worker_sid, activity_sid, began, at))
        self._since[worker_sid] = at


def _put_first(db: sqlite3.Connection, table: str, rows: list[Row]) -> None:
    """Put rows before those that are there: a table is in the order of its time."""
    if rows:
        later = [tuple(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY rowid")]
        db.execute(f"DELETE FROM {table}")
        places = ", ".join("?" * len(rows[0]))
        db.executemany(f"INSERT INTO {table} VALUES ({places})", rows + later)
