"""Compact records of what happened, kept beside the events so that a long history is counted in one sweep.

An event with its texts takes a kilobyte, its record a tenth of that. Finished tasks leave the workspace after five
minutes; their records stay.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..engine.model.entities import Event
from .cumulative import COUNTED, EventTotals, TotalsByType
from .durations import Durations
from .window import Window


class Scope(NamedTuple):
    """Which records are counted; None for all.

    column, sid: those of one resource, as in ("task_queue_sid", "WQ..."); workers: those of some workers, by SID.
    """

    column: str | None = None
    sid: str | None = None
    task_channel_sid: str | None = None
    workers: list[str] | None = None

    def conditions(self) -> list[tuple[str, str]]:
        """Say it in SQL: conditions with one `?` each, and its value."""
        return [
            *([(f"{self.column} = ?", self.sid)] if self.column and self.sid else []),
            *([("task_channel_sid = ?", self.task_channel_sid)] if self.task_channel_sid else []),
            *self.of_workers(),
        ]

    def of_workers(self) -> list[tuple[str, str]]:
        """Say in SQL which workers are meant."""
        if self.column == "worker_sid" and self.sid:
            return [("worker_sid = ?", self.sid)]
        wanted = "worker_sid IN (SELECT value FROM json_each(?))"
        return [] if self.workers is None else [(wanted, json.dumps(self.workers))]


def record_events(db: sqlite3.Connection, workspace_sid: str, events: Iterable[Event]) -> None:
    """Record what statistics will want to know of these events; inside the caller's transaction."""
    counted: list[tuple[object, ...]] = []
    intervals: list[tuple[object, ...]] = []
    for event in events:
        data = event.data
        if event.event_type in COUNTED:
            queue_sid = event.queue_left or data.get("TaskQueueSid")
            where = (queue_sid, data.get("WorkflowSid"), data.get("WorkerSid"), data.get("TaskChannelSid"))
            counted.append((workspace_sid, event.date_created, event.event_type, *where, event.age, event.queue_age))
        elif event.activity_interval:
            activity_sid = data.get("WorkerPreviousActivitySid") or data["WorkerActivitySid"]
            intervals.append((workspace_sid, data["WorkerSid"], activity_sid, *event.activity_interval))
    if counted:
        db.executemany(
            "INSERT INTO counted_event (workspace_sid, at, type, task_queue_sid, workflow_sid, worker_sid,"
            " task_channel_sid, age, queue_age) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            counted,
        )
    if intervals:
        db.executemany(
            "INSERT INTO activity_interval (workspace_sid, worker_sid, activity_sid, began, ended)"
            " VALUES (?, ?, ?, ?, ?)",
            intervals,
        )


def totals_by(
    db: sqlite3.Connection,
    workspace_sid: str,
    window: Window,
    scope: Scope,
    column: str,
    thresholds: Sequence[int] = (),
) -> dict[str, TotalsByType]:
    """Count what happened in a window: the totals for each value of a column.

    thresholds: seconds, for `EventTotals.above`.
    """
    conditions = [
        ("workspace_sid = ?", workspace_sid),
        ("at >= ?", window.start),
        ("at <= ?", window.last),
        *scope.conditions(),
    ]
    split = "".join(", total(age / 1000 > ?)" for _ in thresholds)
    rows = db.execute(
        f"SELECT {column}, type, count(*), count(age), sum(age), min(age), max(age),"
        f" count(queue_age), sum(queue_age), min(queue_age), max(queue_age){split}"
        f" FROM counted_event WHERE {' AND '.join(sql for sql, _ in conditions)} GROUP BY {column}, type",
        [*thresholds, *(value for _, value in conditions)],
    )
    found: dict[str, dict[str, EventTotals]] = defaultdict(dict)
    for key, type_, count, *figures in map(tuple, rows):
        ages, queue_ages, above = figures[:4], figures[4:8], figures[8:]
        found[key][type_] = EventTotals(count, _durations(ages), _durations(queue_ages), [int(n) for n in above])
    return dict(found)


def totals(
    db: sqlite3.Connection, workspace_sid: str, window: Window, scope: Scope, thresholds: Sequence[int] = ()
) -> TotalsByType:
    """Count what happened in a window; thresholds as in `totals_by`."""
    return totals_by(db, workspace_sid, window, scope, "workspace_sid", thresholds).get(workspace_sid, {})


def ended_intervals(db: sqlite3.Connection, workspace_sid: str, window: Window, scope: Scope) -> dict[str, Durations]:
    """Add up intervals in activities that have ended, cut at the window's bounds, by the activity's SID."""
    conditions = [
        ("workspace_sid = ?", workspace_sid),
        ("ended > ?", window.start),
        ("began < ?", window.end),
        *scope.of_workers(),
    ]
    rows = db.execute(
        "SELECT activity_sid, count(*), sum(length), min(length), max(length) FROM"
        " (SELECT activity_sid, min(ended, ?) - max(began, ?) AS length FROM activity_interval"
        f" WHERE {' AND '.join(sql for sql, _ in conditions)}) GROUP BY activity_sid",
        [window.end, window.start, *(value for _, value in conditions)],
    )
    return {row[0]: Durations(*tuple(row)[1:]) for row in rows}


def _durations(figures: Sequence[int | None]) -> Durations:
    return Durations(*(figure or 0 for figure in figures))
