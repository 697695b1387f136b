"""Transactions, and the numbers that resources get in them."""

from __future__ import annotations

import sqlite3
from types import TracebackType


class Numbers(dict[str, int]):
    """The numbers of resources, by SID, in the order of their creation: a SID that is new gets the next number.

    deleted: SIDs of resources that the transaction at work has deleted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.deleted: list[str] = []
        self._last = 0

    def read(self, db: sqlite3.Connection) -> None:
        """Take over what is stored."""
        self.update((row["sid"], row["number"]) for row in db.execute("SELECT sid, number FROM resource"))
        self._last = max(self.values(), default=0)

    def __missing__(self, sid: str) -> int:
        self._last += 1
        self[sid] = self._last
        return self._last

    def forget(self, sids: list[str]) -> None:
        """Drop what a transaction has deleted, now that it is kept."""
        for sid in sids:
            self.pop(sid, None)


class Transaction:
    """A block of writes: all of them are kept, or none."""

    def __init__(self, db: sqlite3.Connection, numbers: Numbers):
        self.db, self.numbers = db, numbers

    def __enter__(self) -> None:
        self.db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        deleted, self.numbers.deleted = self.numbers.deleted, []
        try:
            if kind is None:
                self.db.execute("COMMIT")
                self.numbers.forget(deleted)
        finally:
            if self.db.in_transaction:  # after some errors, such as a full disk, SQLite has gone back by itself
                self.db.execute("ROLLBACK")
