"""The store: everything the sandbox knows, in one SQLite file, so that what was acknowledged survives a killed process.

A request is one transaction. It is not forced to the disk by itself (`synchronous=NORMAL`), unless that is asked for: a
sandbox that is killed loses nothing without it. Only a power cut may take the newest ones; those before stay whole.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import convert
from msgspec.structs import asdict

from ..control_types import DeliveryKind, StoredAlert
from ..engine.model.effects import Alert, Effects
from ..engine.model.entities import Entity, Workspace
from ..engine.model.options import CompatibilityOptions
from ..language.strict_json import to_json
from ..statistics import history
from ..webhooks.delivery import Delivery
from . import alerts as alert_rows
from . import decisions as decision_rows
from . import deliveries as delivery_rows
from . import new_database, resource_rows
from .alerts import AlertPages, AlertQuery
from .counting import NAME, TransactionCount
from .damage import DamagedRows
from .errors import NotKept, UnreadableState
from .events import INSERT_EVENT, EventList, EventQuery, event_row
from .migrations import VERSION, check_version, migrate, version_of
from .retention import PAGES_AT_ONCE, Retention, delete_old, give_back
from .schema import TABLES
from .transaction import OPENING_SECONDS, WAITING_MS, CreationNumbers, OpenFiles, Transaction

LOG_PAGES = 4_000
"""Pages of 4 KiB in the log of changes before SQLite writes them to the database: those that change often, once."""
IN_USE = "in_use"
IN_MEMORY = Path(":memory:")


class Store:
    """All data of the sandbox, in SQLite.

    path: the SQLite file, made when it is not there, or IN_MEMORY for one that ends with the process; data of an
    earlier version is brought to the present one. Raises UnreadableState for what this version does not know, and
    leaves the file as it was then; NotKept and sqlite3.DatabaseError where it cannot be opened.

    durable: what is kept is on the disk, and survives a power cut; each write waits for the disk then.
    """

    def __init__(self, path: Path, durable: bool = False):
        self._syncs = "FULL" if durable else "NORMAL"
        is_new = path != IN_MEMORY and not path.exists()
        if is_new:
            new_database.create(path)
        self.db = sqlite3.connect(path, OPENING_SECONDS, isolation_level=None, check_same_thread=False)
        self.db.row_factory = sqlite3.Row
        self._numbers, self._files, self._in_use = CreationNumbers(), OpenFiles(path), False
        self._transaction = Transaction(self.db, self._files, self._numbers)
        self._damaged = DamagedRows(delivery_rows.TABLE)
        if path == IN_MEMORY:
            new_database.make_tables(self.db)
            return
        try:
            check_version(self.db)
            if version_of(self.db) < VERSION:
                with self._transaction:
                    migrate(self.db)
                    self._check()
            # a new one has nothing to lose before it is used
            self.db.executescript(
                f"PRAGMA synchronous={'OFF' if is_new and not durable else self._syncs}; PRAGMA journal_mode=WAL;"
                f"PRAGMA busy_timeout={WAITING_MS}; PRAGMA wal_autocheckpoint={LOG_PAGES};"
            )
            self._numbers.begin(self.db.execute("SELECT sid, number FROM resource"))
        except Exception:
            self.db.close()
            raise

    def _check(self) -> None:
        """Read every resource and the options once, before what a migration did is kept."""
        for _ in resource_rows.every(self.db):
            pass
        self.options()

    def begin_use(self) -> None:
        """Note in the file that it is in use: without its log of changes, it is not whole until `close`.

        From now on the transactions are counted.
        """
        self._transaction.count = TransactionCount(self._files.path, self.transactions)
        self.keep_setting(IN_USE, True)
        self.db.execute("PRAGMA wal_checkpoint(FULL)").fetchall()  # which leaves the log as long as it was
        self.db.execute(f"PRAGMA synchronous={self._syncs}")
        self._files.note()
        self._in_use = True

    @property
    def is_in_use(self) -> bool:
        """Tell whether the file says that it is in use, as it does where a sandbox was killed."""
        return self.setting(IN_USE, False) is True

    @property
    def transactions(self) -> int:
        """How many transactions the database has had, of those that were counted."""
        newest = self.db.execute("SELECT transaction_number FROM event ORDER BY number DESC LIMIT 1").fetchone()
        found = [
            self.setting(NAME, 0),
            newest[0] if newest else 0,
        ]  # what has deleted the newest events is in a setting
        return max((number for number in found if isinstance(number, int)), default=0)

    def stay_with(self, lock: Path) -> None:
        """Let `check_files` look at another file too: the one that keeps others from using these."""
        self._files.note(lock)

    def check_files(self) -> None:
        """Raise NotKept where the files are no longer those at their path: what is written now would be lost."""
        self._files.check()

    def close(self) -> None:
        """Let go of the file. Raises NotKept as `check_files` does; what is at the path belongs to somebody else then.

        SQLite would remove that on closing, so the file stays open.
        """
        self.check_files()
        if self._in_use:
            with suppress(NotKept, sqlite3.Error):  # the next start reads it all the same
                self.keep_setting(IN_USE, False)
        self._in_use = False
        if self._transaction.count is not None:
            self._transaction.count.close()
        self._files.forget()
        self.db.close()

    # ---- resources and what a command did ------------------------------------------------------------------------

    def workspaces(self) -> list[Workspace]:
        """Read all workspaces, the oldest first."""
        return resource_rows.workspaces(self.db)

    def workspace(self, sid: str) -> Workspace | None:
        """Read one workspace; None when there is none of that SID."""
        return resource_rows.workspace(self.db, sid)

    def contents(self, workspace_sid: str) -> Iterator[Entity]:
        """Read all resources of a workspace but itself, in the order of their creation."""
        return resource_rows.contents(self.db, workspace_sid)

    def all_contents(self) -> dict[str, list[Entity]]:
        """Read what `contents` gives of every workspace, by its SID."""
        return resource_rows.all_contents(self.db)

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
            resource_rows.write(self.db, self._numbers, workspace_sid, effects.changed.values())
            if effects.deleted:
                resource_rows.delete(self.db, self._numbers, effects.deleted)
            if effects.events:
                number = self._transaction.number_in_event()
                rows = [event_row(workspace_sid, event, number) for event in effects.events]
                self.db.executemany(INSERT_EVENT, rows)
                history.record_events(self.db, workspace_sid, effects.events)
            if effects.decisions:
                decision_rows.insert(self.db, workspace_sid, effects.decisions)
            if effects.alerts:
                alert_rows.insert(self.db, workspace_sid, effects.alerts, at)
            delivery_rows.insert(self.db, deliveries, at)
            if finished is not None:
                delivery_rows.finish(self.db, finished)

    @property
    def has_voice(self) -> bool:
        """Tell whether anything of the voice side is kept; `VoiceStore` reads it."""
        sql = "SELECT EXISTS (SELECT 1 FROM telephony) OR EXISTS (SELECT 1 FROM setting WHERE name LIKE 'voice%')"
        return bool(self.db.execute(sql).fetchone()[0])

    def transaction(self) -> Transaction:
        """Give a transaction, for a `with` block."""
        return self._transaction

    # ---- events --------------------------------------------------------------------------------------------------

    def events(self, query: EventQuery) -> EventList:
        """Find the events that a query is about, the newest first."""
        return EventList(self.db, query)

    def last_event_at(self, workspace_sid: str) -> int:
        """Tell when the newest event happened, in milliseconds; 0 when there is none."""
        row = self.db.execute("SELECT max(at) FROM event WHERE workspace_sid = ?", (workspace_sid,)).fetchone()
        return row[0] or 0

    def newest_instant(self) -> int:
        """Tell when the newest event of any workspace happened, in milliseconds; 0 when there is none."""
        row = self.db.execute(
            "SELECT max((SELECT max(at) FROM event WHERE workspace_sid = resource.workspace_sid))"
            " FROM resource WHERE kind = 'Workspace'"
        ).fetchone()
        return row[0] or 0

    # ---- webhooks and alerts -------------------------------------------------------------------------------------

    def deliveries(self, kind: DeliveryKind | None = None, limit: int = 500) -> list[Delivery]:
        """Read the newest deliveries, of that kind or of any, the newest first."""
        return delivery_rows.newest(self.db, self._damaged, kind, limit)

    def delivery(self, number: int) -> Delivery | None:
        """Read the delivery of that number; None when there is none."""
        return delivery_rows.of_number(self.db, self._damaged, number)

    def keep_deliveries(self, deliveries: list[Delivery], at: int) -> None:
        """Keep deliveries that no command has called for; they get their numbers."""
        with self.transaction():
            delivery_rows.insert(self.db, deliveries, at)

    def keep_again(self, delivery: Delivery, at: int) -> Delivery:
        """Keep a delivery once more, as one of its own that is still to be made, and give that."""
        again = delivery.again()
        self.keep_deliveries([again], at)
        return again

    def open_deliveries(self) -> list[Delivery]:
        """Read what was still to be delivered when the sandbox ended, the oldest first."""
        return delivery_rows.still_open(self.db)

    def finish_delivery(self, delivery: Delivery, alerts: Iterable[Alert] = (), at: int = 0) -> None:
        """Keep what came of a delivery, and the alerts that it gave rise to at that time."""
        with self.transaction():
            delivery_rows.finish(self.db, delivery)
            alert_rows.insert(self.db, delivery.workspace_sid, alerts, at)

    def alerts(self, limit: int = 500) -> list[StoredAlert]:
        """Read the newest alerts, the newest first."""
        return alert_rows.newest(self.db, limit)

    def alert_pages(self, query: AlertQuery) -> AlertPages:
        """Read alerts page by page."""
        return AlertPages(self.db, query)

    # ---- the whole -----------------------------------------------------------------------------------------------

    def setting(self, name: str, default: Any = None) -> Any:
        """Read a setting; the default when it was never kept."""
        row = self.db.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else default

    def keep_setting(self, name: str, value: Any) -> None:
        """Keep a setting: any JSON value."""
        with self.transaction():
            self.db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (name, to_json(value)))

    def options(self) -> CompatibilityOptions:
        """Read how the sandbox reads what the sources leave open. Raises UnreadableState for one that is not known."""
        stored: dict[str, Any] = self.setting("rules", {})
        try:
            options = convert(stored, CompatibilityOptions)
        except ValueError as error:
            raise UnreadableState(f"it has options that are not known ({error})", VERSION) from None
        if unknown := stored.keys() - set(CompatibilityOptions.__struct_fields__):
            raise UnreadableState(f"it has an unknown option {min(unknown)!r}", VERSION)
        return options

    def keep_options(self, options: CompatibilityOptions) -> None:
        """Keep how the sandbox reads what the sources leave open."""
        self.keep_setting("rules", asdict(options))

    def sweep(self, retention: Retention, now: int) -> None:
        """Forget what is not kept any more at `now`, in milliseconds since 1970, and give some of its room back."""
        with self.transaction():
            delete_old(self.db, retention, now)
        give_back(self.db, PAGES_AT_ONCE)

    def clear(self) -> None:
        """Forget everything, and give all its room back."""
        with self.transaction():
            for table in TABLES:
                self.db.execute(f"DELETE FROM {table}")
            if self._in_use:
                self.db.execute("INSERT INTO setting (name, value) VALUES (?, 'true')", (IN_USE,))
            self._numbers.deleted += self._numbers
        self._damaged.forget()
        give_back(self.db)
