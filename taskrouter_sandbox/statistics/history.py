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
from .cumulative import COUNTED, Line, Tally
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
        """SQL with one `?` each, and its value."""
        return [
            *([(f"{self.column} = ?", self.sid)] if self.column and self.sid else []),
            *([("task_channel_sid = ?", self.task_channel_sid)] if self.task_channel_sid else []),
            *self.of_workers(),
        ]

    def of_workers(self) -> list[tuple[str, str]]:
        if self.column == "worker_sid" and self.sid:
            return [("worker_sid = ?", self.sid)]
        wanted = "worker_sid IN (SELECT value FROM json_each(?))"
        return [] if self.workers is None else [(wanted, json.dumps(self.workers))]


def keep(db: sqlite3.Connection, workspace_sid: str, events: Iterable[Event]) -> None:
    """Record what statistics will want to know of these events; inside the caller's transaction."""
    records, stays = [], []
    for event in events:
        data = event.data
        if event.event_type in COUNTED:
            queue_sid = event.queue_left or data.get("TaskQueueSid")
            where = (queue_sid, data.get("WorkflowSid"), data.get("WorkerSid"), data.get("TaskChannelSid"))
            records.append(
                (workspace_sid, event.date_created, event.event_type, *where, event.age, event.queue_age),
            )
        elif event.stay:
            activity_sid = data.get("WorkerPreviousActivitySid") or data["WorkerActivitySid"]
            stays.append((workspace_sid, data["WorkerSid"], activity_sid, *event.stay))
    db.executemany("INSERT INTO counted_event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", records)
    db.executemany("INSERT INTO activity_interval VALUES (?, ?, ?, ?, ?)", stays)


def tallies(
    db: sqlite3.Connection, workspace_sid: str, window: Window, scope: Scope, by: str, thresholds: Sequence[int] = ()
) -> dict[str, Tally]:
    """What happened in a window, a tally for each value of the column `by`.

    thresholds: seconds, for `Line.above`.
    """
    conditions = [
        ("workspace_sid = ?", workspace_sid),
        ("at >= ?", window.start),
        ("at <= ?", window.last),
        *scope.conditions(),
    ]
    split = "".join(", total(age / 1000 > ?)" for _ in thresholds)
    rows = db.execute(
        f"SELECT {by}, type, count(*), count(age), sum(age), min(age), max(age),"
        f" count(queue_age), sum(queue_age), min(queue_age), max(queue_age){split}"
        f" FROM counted_event WHERE {' AND '.join(sql for sql, _ in conditions)} GROUP BY {by}, type",
        [*thresholds, *(value for _, value in conditions)],
    )
    found: dict[str, Tally] = defaultdict(dict)
    for key, type_, count, *figures in map(tuple, rows):
        ages, queue_ages, above = figures[:4], figures[4:8], figures[8:]
        found[key][type_] = Line(count, _durations(ages), _durations(queue_ages), [int(n) for n in above])
    return found


def tally(
    db: sqlite3.Connection, workspace_sid: str, window: Window, scope: Scope, thresholds: Sequence[int] = ()
) -> Tally:
    """What happened in a window."""
    return tallies(db, workspace_sid, window, scope, "workspace_sid", thresholds).get(workspace_sid, {})


def stays(db: sqlite3.Connection, workspace_sid: str, window: Window, scope: Scope) -> dict[str, Durations]:
    """How long workers were in each activity, by its SID: the stays that have ended, cut at the window's bounds."""
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


def _durations(figures: list[int | None]) -> Durations:
    return Durations(*(figure or 0 for figure in figures))
