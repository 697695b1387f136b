"""The store: everything the sandbox knows, in one SQLite file, so that what was acknowledged survives.

Resources are rows of JSON that are replaced when they change and keep their place, so that reading them back gives the
order of their creation. A request is one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, cast

from msgspec import convert
from msgspec.structs import asdict, fields

from ..control_types import DeliveryKind, StoredAlert
from ..engine.model.effects import Alert, Effects
from ..engine.model.entities import Entity, Workspace
from ..engine.model.options import CompatibilityOptions
from ..statistics import history
from ..webhooks.delivery import Delivery
from . import deliveries as delivery_rows
from .errors import UnreadableState
from .events import INSERT_EVENT, EventList, EventQuery, event_row
from .migrations import VERSION, check_version, migrate, version_of
from .resources import read_resource, to_json, write_resource
from .retention import Retention, delete_old
from .schema import TABLES
from .transaction import Numbers, Transaction


class Store:
    """All data of the sandbox, in SQLite.

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
        """Read every resource and the options once, before what a migration did is kept."""
        for _ in self._entities(""):
            pass
        self.options()

    def close(self) -> None:
        """Let go of the file."""
        self.db.close()

    # ---- resources and what a command did ------------------------------------------------------------------------

    def workspaces(self) -> list[Workspace]:
        """Read all workspaces, the oldest first."""
        return [cast(Workspace, each) for each in self._entities("WHERE kind = 'Workspace' ORDER BY number")]

    def workspace(self, sid: str) -> Workspace | None:
        """Read one workspace; None when there is none of that SID."""
        sql = "SELECT kind, state FROM resource WHERE workspace_sid = ? AND kind = 'Workspace'"
        row = self.db.execute(sql, (sid,)).fetchone()
        return cast(Workspace, _entity(row)) if row else None

    def contents(self, workspace_sid: str) -> Iterator[Entity]:
        """Read all resources of a workspace but itself, in the order of their creation."""
        return self._entities("WHERE workspace_sid = ? AND kind <> 'Workspace' ORDER BY number", workspace_sid)

    def _entities(self, condition: str, *values: str) -> Iterator[Entity]:
        """Read resources. One that cannot be read leaves no cursor open, with which the file would stay in use."""
        with closing(self.db.execute(f"SELECT kind, state FROM resource {condition}", values)) as rows:
            for row in rows:
                yield _entity(row)

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
            self.db.executemany(INSERT_EVENT, [event_row(workspace_sid, event) for event in effects.events])
            history.record_events(self.db, workspace_sid, effects.events)
            self._write_alerts(workspace_sid, effects.alerts, at)
            delivery_rows.insert(self.db, deliveries, at)
            if finished is not None:
                delivery_rows.finish(self.db, finished)

    def transaction(self) -> Transaction:
        """Begin a transaction, for a `with` block."""
        return Transaction(self.db, self._numbers)

    # ---- events --------------------------------------------------------------------------------------------------

    def events(self, query: EventQuery) -> EventList:
        """Find the events that a query is about, the newest first."""
        return EventList(self.db, query)

    def last_event_at(self, workspace_sid: str) -> int:
        """Tell when the newest event happened, in milliseconds; 0 when there is none."""
        row = self.db.execute("SELECT max(at) FROM event WHERE workspace_sid = ?", (workspace_sid,)).fetchone()
        return row[0] or 0

    # ---- webhooks and alerts -------------------------------------------------------------------------------------

    def deliveries(self, kind: DeliveryKind | None = None, limit: int = 500) -> list[Delivery]:
        """Read the newest deliveries, of that kind or of any, the newest first."""
        rows = self.db.execute(
            "SELECT * FROM delivery WHERE ? IS NULL OR kind = ? ORDER BY number DESC LIMIT ?", (kind, kind, limit)
        )
        return [delivery_rows.read(row) for row in rows]

    def delivery(self, number: int) -> Delivery | None:
        """Read the delivery of that number; None when there is none."""
        row = self.db.execute("SELECT * FROM delivery WHERE number = ?", (number,)).fetchone()
        return delivery_rows.read(row) if row else None

    def keep_deliveries(self, deliveries: list[Delivery], at: int) -> None:
        """Keep deliveries that no command has called for; they get their numbers."""
        with self.transaction():
            delivery_rows.insert(self.db, deliveries, at)

    def open_deliveries(self) -> list[Delivery]:
        """Read what was still to be delivered when the sandbox ended, the oldest first."""
        rows = self.db.execute("SELECT * FROM delivery WHERE outcome IS NULL ORDER BY number")
        return [delivery_rows.read(row) for row in rows]

    def finish_delivery(self, delivery: Delivery, alerts: Iterable[Alert] = (), at: int = 0) -> None:
        """Keep what came of a delivery, and the alerts that it gave rise to at that time."""
        with self.transaction():
            delivery_rows.finish(self.db, delivery)
            self._write_alerts(delivery.workspace_sid, alerts, at)

    def _write_alerts(self, workspace_sid: str, alerts: Iterable[Alert], at: int) -> None:
        self.db.executemany(
            "INSERT INTO alert VALUES (NULL, ?, ?, ?, ?, ?, ?)",
            [(workspace_sid, at, a.code, a.level, a.text, a.subject_sid) for a in alerts],
        )

    def alerts(self, limit: int = 500) -> list[StoredAlert]:
        """Read the newest alerts, the newest first."""
        rows = self.db.execute("SELECT * FROM alert ORDER BY number DESC LIMIT ?", (limit,))
        return [cast(StoredAlert, dict(row)) for row in rows]

    # ---- the whole -----------------------------------------------------------------------------------------------

    def setting(self, name: str, default: Any = None) -> Any:
        """Read a setting; the default when it was never kept."""
        row = self.db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def keep_setting(self, name: str, value: Any) -> None:
        """Keep a setting: any JSON value."""
        self.db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, to_json(value)))

    def options(self) -> CompatibilityOptions:
        """Read how the sandbox reads what the sources leave open. Raises UnreadableState for one that is not known."""
        try:
            stored: dict[str, Any] = self.setting("rules", {})
            options = convert(stored, CompatibilityOptions)
        except ValueError as error:
            raise UnreadableState(f"it has options that are not known ({error})", VERSION) from None
        if unknown := stored.keys() - {each.name for each in fields(CompatibilityOptions)}:
            raise UnreadableState(f"it has an unknown option {min(unknown)!r}", VERSION)
        return options

    def keep_options(self, options: CompatibilityOptions) -> None:
        """Keep how the sandbox reads what the sources leave open."""
        self.keep_setting("rules", asdict(options))

    def sweep(self, retention: Retention, now: int) -> None:
        """Forget what is not kept any more at `now`, in milliseconds since 1970."""
        with self.transaction():
            delete_old(self.db, retention, now)

    def clear(self) -> None:
        """Forget everything."""
        with self.transaction():
            for table in TABLES:
                self.db.execute(f"DELETE FROM {table}")
            self._numbers.deleted += self._numbers


def _entity(row: sqlite3.Row) -> Entity:
    return read_resource(row["kind"], row["state"])
