"""What was acknowledged survives: everything the sandbox knows, in one SQLite file.

Resources are rows of JSON that are replaced when they change and keep their place, so that reading them back gives the
order of their creation. A request is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..control_types import DeliveryKind
from ..engine.model.effects import Alert, Effects
from ..engine.model.entities import Entity, Event, Workspace
from ..statistics import history
from ..webhooks.delivery import Attempt, Delivery, Outcome
from .events import KEYS, EventList, EventQuery
from .migrations import VERSION, check_version, migrate, version_of
from .resources import read_resource, write_resource
from .resources import to_json as _dump
from .retention import Retention
from .retention import sweep as retention_sweep
from .schema import TABLES


class Store:
    """All data of the sandbox.

    path: the SQLite file, made when it is not there; data of an earlier version is brought to the present one. Raises
    UnreadableState for what this version does not know, and leaves the file as it was then.
    """

    def __init__(self, path: Path):
        self.db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        try:
            check_version(self.db)
            self._numbers = Numbers()
            if version_of(self.db) < VERSION:
                with self.transaction():
                    migrate(self.db)
                    self._check()
            self.db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
            self._numbers.read(self.db)
        except Exception:
            self.db.close()
            raise

    def _check(self) -> None:
        """Read every resource once, before what a migration did is kept."""
        for row in self.db.execute("SELECT kind, state FROM resource"):
            _entity(row)

    def close(self) -> None:
        self.db.close()

    # ---- resources and what a command did ------------------------------------------------------------------------

    def workspaces(self) -> list[Workspace]:
        """All workspaces, the oldest first."""
        rows = self.db.execute("SELECT kind, state FROM resource WHERE kind = 'Workspace' ORDER BY number")
        return [_entity(row) for row in rows]  # type: ignore[misc]

    def workspace(self, sid: str) -> Workspace | None:
        """Read one workspace; None when there is none of that SID."""
        sql = "SELECT kind, state FROM resource WHERE workspace_sid = ? AND kind = 'Workspace'"
        row = self.db.execute(sql, (sid,)).fetchone()
        return _entity(row) if row else None  # type: ignore[return-value]

    def contents(self, workspace_sid: str) -> Iterator[Entity]:
        """All resources of a workspace but itself, in the order of their creation."""
        rows = self.db.execute(
            "SELECT kind, state FROM resource WHERE workspace_sid = ? AND kind <> 'Workspace' ORDER BY number",
            (workspace_sid,),
        )
        return (_entity(row) for row in rows)

    def write(
        self,
        workspace_sid: str,
        effects: Effects,
        deliveries: list[Delivery],
        at: int,
        finished: Delivery | None = None,
    ) -> None:
        """Keep what a command did, the deliveries it calls for, and the end of the one that it answers: all or nothing.

        The new deliveries get their numbers.
        """
        with self.transaction():
            self.db.executemany(
                "INSERT INTO resource VALUES (?, ?, ?, ?, ?) ON CONFLICT (number) DO UPDATE SET state = excluded.state",
                [
                    (self._numbers[entity.sid], entity.sid, workspace_sid, *write_resource(entity))
                    for entity in effects.changed.values()
                ],
            )
            self.db.executemany(
                "DELETE FROM resource WHERE number = ?", [(self._numbers[sid],) for sid in effects.deleted]
            )
            self._numbers.deleted += effects.deleted
            self.db.executemany(
                f"INSERT INTO event VALUES (NULL{', ?' * (8 + len(KEYS))})",
                [_event_row(workspace_sid, event) for event in effects.events],
            )
            history.keep(self.db, workspace_sid, effects.events)
            self._write_alerts(workspace_sid, effects.alerts, at)
            self._write_deliveries(deliveries, at)
            if finished is not None:
                self._finish(finished)

    def transaction(self) -> Transaction:
        return Transaction(self.db, self._numbers)

    # ---- events --------------------------------------------------------------------------------------------------

    def events(self, query: EventQuery) -> EventList:
        """The events that a query is about, the newest first."""
        return EventList(self.db, query)

    def last_event_at(self, workspace_sid: str) -> int:
        """When the newest event happened, in milliseconds; 0 when there is none."""
        row = self.db.execute("SELECT max(at) FROM event WHERE workspace_sid = ?", (workspace_sid,)).fetchone()
        return row[0] or 0

    # ---- webhooks and alerts -------------------------------------------------------------------------------------

    def deliveries(self, kind: DeliveryKind | None = None, limit: int = 500) -> list[Delivery]:
        """The newest deliveries, of that kind or of any, the newest first."""
        rows = self.db.execute(
            "SELECT * FROM delivery WHERE ? IS NULL OR kind = ? ORDER BY number DESC LIMIT ?", (kind, kind, limit)
        )
        return [_delivery(row) for row in rows]

    def delivery(self, number: int) -> Delivery | None:
        row = self.db.execute("SELECT * FROM delivery WHERE number = ?", (number,)).fetchone()
        return _delivery(row) if row else None

    def keep_deliveries(self, deliveries: list[Delivery], at: int) -> None:
        """Deliveries that no command has called for; they get their numbers."""
        with self.transaction():
            self._write_deliveries(deliveries, at)

    def _write_deliveries(self, deliveries: list[Delivery], at: int) -> None:
        for delivery in deliveries:
            delivery.at = at
            cursor = self.db.execute(
                "INSERT INTO delivery (workspace_sid, subject_sid, kind, at, url, fallback_url, parameters, repeats) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    delivery.workspace_sid,
                    delivery.subject_sid,
                    delivery.kind,
                    at,
                    delivery.url,
                    delivery.fallback_url,
                    _dump(delivery.parameters),
                    delivery.repeats,
                ),
            )
            delivery.number = cursor.lastrowid or 0

    def open_deliveries(self) -> list[Delivery]:
        """What was still to be delivered when the sandbox ended, the oldest first."""
        rows = self.db.execute("SELECT * FROM delivery WHERE outcome IS NULL ORDER BY number")
        return [_delivery(row) for row in rows]

    def finish_delivery(self, delivery: Delivery, alerts: Iterable[Alert] = (), at: int = 0) -> None:
        """Keep what came of a delivery, and the alerts that it gave rise to at that time."""
        with self.transaction():
            self._finish(delivery)
            self._write_alerts(delivery.workspace_sid, alerts, at)

    def _finish(self, delivery: Delivery) -> None:
        attempts = [attempt.to_dict() for attempt in delivery.attempts]
        result, text = delivery.outcome or (None, None)
        self.db.execute(
            "UPDATE delivery SET attempts = ?, outcome = ?, result = ? WHERE number = ?",
            (_dump(attempts), text, result, delivery.number),
        )

    def _write_alerts(self, workspace_sid: str, alerts: Iterable[Alert], at: int) -> None:
        self.db.executemany(
            "INSERT INTO alert VALUES (NULL, ?, ?, ?, ?, ?, ?)",
            [(workspace_sid, at, a.code, a.level, a.text, a.subject_sid) for a in alerts],
        )

    def alerts(self, limit: int = 500) -> list[dict[str, Any]]:
        """The newest alerts, the newest first."""
        return [dict(row) for row in self.db.execute("SELECT * FROM alert ORDER BY number DESC LIMIT ?", (limit,))]

    # ---- the whole -----------------------------------------------------------------------------------------------

    def setting(self, name: str, default: Any = None) -> Any:
        row = self.db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def keep_setting(self, name: str, value: Any) -> None:
        self.db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, _dump(value)))

    def sweep(self, retention: Retention, now: int) -> None:
        """Forget what is not kept any more at `now`, in milliseconds since 1970."""
        with self.transaction():
            retention_sweep(self.db, retention, now)

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in TABLES:
                self.db.execute(f"DELETE FROM {table}")
            self._numbers.deleted += self._numbers


class Numbers(dict[str, int]):
    """Number resources by their SIDs, in the order of their creation: a SID that is new gets the next number.

    deleted: SIDs of resources that the transaction at work has deleted.
    """

    def __init__(self) -> None:
        self.deleted: list[str] = []
        self._last = 0

    def read(self, db: sqlite3.Connection) -> None:
        """Take over what is stored."""
        self.update(row[:] for row in db.execute("SELECT sid, number FROM resource"))
        self._last = max(self.values(), default=0)

    def __missing__(self, sid: str) -> int:
        self._last += 1
        self[sid] = self._last
        return self._last

    def forget_deleted(self) -> None:
        """Drop what a transaction has deleted, now that it is kept."""
        for sid in self.deleted:
            self.pop(sid, None)


class Transaction:
    """All or nothing."""

    def __init__(self, db: sqlite3.Connection, numbers: Numbers):
        self.db, self.numbers = db, numbers

    def __enter__(self) -> None:
        self.db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, *_: object) -> None:
        self.db.execute("ROLLBACK" if kind else "COMMIT")
        if not kind:
            self.numbers.forget_deleted()
        self.numbers.deleted.clear()


def _entity(row: sqlite3.Row) -> Entity:
    return read_resource(row["kind"], row["state"])


def _event_row(workspace_sid: str, event: Event) -> tuple:
    return (
        event.sid,
        workspace_sid,
        event.date_created,
        event.event_type,
        event.description,
        event.resource_type,
        event.resource_sid,
        _dump(event.data),
        *(event.data.get(field) for field in KEYS.values()),
    )


def _delivery(row: sqlite3.Row) -> Delivery:
    values = dict(row)
    result, text = values.pop("result"), values.pop("outcome")
    return Delivery(
        **values
        | {
            "parameters": json.loads(row["parameters"]),
            "attempts": [Attempt.from_dict(each) for each in json.loads(row["attempts"])],
            "outcome": None if text is None else Outcome(result, text),
        }
    )
