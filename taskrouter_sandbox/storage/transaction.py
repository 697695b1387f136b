"""Transactions, the files they are written to, and the numbers that resources get in them."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any

from .counting import NAME, TransactionCount
from .errors import NotKept, not_kept

OPENING_SECONDS = 2.0  # that a start waits for another program which holds the database
WAITING_MS = 500  # that a write waits for it
HAS_FOLDER_DATES = os.name == "posix"  # POSIX says which changes of a folder give it a new date, at once
SECOND = 1_000_000_000  # nanoseconds

FolderState = tuple[int, int, int]
"""When a name in it came, went or changed last, in nanoseconds since 1970; its inode, and its device."""


class CreationNumbers(dict[str, int]):
    """The numbers of resources, by SID, in the order of their creation: a SID that is new gets the next number.

    deleted: SIDs of resources that the transaction at work has deleted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.deleted: list[str] = []
        self._last = 0

    def begin(self, stored: Iterable[Iterable[Any]], last: int = 0) -> None:
        """Take over what is stored: pairs of SID and number. last: the highest number of what is kept elsewhere."""
        self.update((sid, number) for sid, number in stored)
        self._last = max(last, *self.values(), 0)

    def __missing__(self, sid: str) -> int:
        self._last += 1
        self[sid] = self._last
        return self._last

    def forget(self, sids: Iterable[str]) -> None:
        """Drop what a transaction has deleted, now that it is kept."""
        for sid in sids:
            self.pop(sid, None)


class OpenFiles:
    """The files of an open database: whether they are still those at its path.

    Somebody may remove or replace them, and SQLite goes on writing to what nobody will ever read again. That cannot be
    done without a change of their folder, which has a date: as long as it is the same, the files need no look.
    """

    def __init__(self, path: Path):
        self.path = path
        self._known: dict[str, tuple[int, int]] = {}
        self._folders: set[str] = set()
        self._unchanged: list[FolderState | None] | None = None  # at the last look; None where that would not tell

    def note(self, *others: Path) -> None:
        """Note which files they are: the database, its log of changes, and others that must stay with them."""
        for path in (self.path, self.path.with_name(self.path.name + "-wal"), *others):
            if (identity := _identity(str(path))) is not None:
                self._known[str(path)] = identity
                self._folders.add(str(path.parent))
        self._unchanged = None

    def forget(self) -> None:
        """Know none any more: they are closed."""
        self._known.clear()
        self._folders.clear()
        self._unchanged = None

    def check(self) -> None:
        """Raise NotKept where one of them is no longer there."""
        folders = [_folder_state(folder) for folder in self._folders]
        if folders == self._unchanged:
            return
        for path, identity in self._known.items():
            if _identity(path) != identity:
                raise NotKept("gone", Path(path))
        self._unchanged = folders if HAS_FOLDER_DATES and all(map(_next_change_shows, folders)) else None


def _folder_state(path: str) -> FolderState | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_dev


def _next_change_shows(folder: FolderState | None) -> bool:
    """Tell whether another change would give a folder another date: some file systems count in steps of two seconds,
    and their dates are whole ones; of the others none takes a tenth of a second."""
    if folder is None:
        return False
    changed = folder[0]
    return time.time_ns() - changed > (SECOND // 10 if changed % SECOND else 2 * SECOND)


def _identity(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino


class Transaction:
    """A block of writes: all of them are kept, or none. Raises NotKept where that is no fault of the block's.

    A write waits a moment for another program that holds the database. Those after it do not, until one goes through:
    nobody is answered while one waits.

    count: of the transactions that change something, None as long as they are not counted. The number of one stands in
    the events that it adds, and where it adds none, among the settings: a row more would be a page more to write.
    """

    def __init__(self, db: sqlite3.Connection, files: OpenFiles, numbers: CreationNumbers):
        self.db, self.files, self.numbers = db, files, numbers
        self.count: TransactionCount | None = None
        self._waits, self._is_numbered, self._changes_before = True, False, 0

    def __enter__(self) -> None:
        self._is_numbered, self._changes_before = False, self.db.total_changes
        self.files.check()
        try:
            self.db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            self._wait(False)
            raise (not_kept(error, self.files.path) or error) from None
        self._wait(True)

    def _wait(self, waits: bool) -> None:
        if waits != self._waits:
            self.db.execute(f"PRAGMA busy_timeout = {WAITING_MS if waits else 0}")
            self._waits = waits

    def number_in_event(self) -> int | None:
        """Give the number of the transaction at work, for the events that it adds; None where it is not counted."""
        self._is_numbered = True
        return None if self.count is None else self.count.number + 1

    def _commit(self) -> None:
        if self.count is None or self.db.total_changes == self._changes_before:
            self.db.execute("COMMIT")
            return
        number = self.count.number + 1
        if not self._is_numbered:
            self.db.execute("INSERT OR REPLACE INTO setting (name, value) VALUES (?, ?)", (NAME, str(number)))
        self.db.execute("COMMIT")
        self.count.note(number)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        deleted, self.numbers.deleted = self.numbers.deleted, []
        try:
            if kind is None:
                self._commit()
                self.numbers.forget(deleted)
        except sqlite3.OperationalError as failed:
            raise (not_kept(failed, self.files.path) or failed) from None
        finally:
            if self.db.in_transaction:  # after some errors, such as a full disk, SQLite has gone back by itself
                self.db.execute("ROLLBACK")
        if explained := not_kept(error, self.files.path):
            raise explained from error
