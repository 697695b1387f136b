"""Why stored state cannot be read, and why nothing can be written."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Literal

Reason = Literal["in use", "no space", "gone", "unwritable"]

REASONS: dict[int, Reason] = {
    sqlite3.SQLITE_BUSY: "in use",
    sqlite3.SQLITE_FULL: "no space",
    sqlite3.SQLITE_IOERR_SHMSIZE: "no space",  # where there is no room for the file beside it, `-shm`
    sqlite3.SQLITE_CANTOPEN: "unwritable",
    sqlite3.SQLITE_IOERR: "unwritable",
    sqlite3.SQLITE_PERM: "unwritable",
    sqlite3.SQLITE_READONLY: "unwritable",
}


class UnreadableState(Exception):
    """State has a version, a kind or a form that this sandbox does not know. The message is half a sentence.

    version: of the database that it stands in; None for one that is damaged.
    """

    def __init__(self, why: str, version: int | None):
        super().__init__(why)
        self.version = version


class NotKept(Exception):
    """The database cannot be written or opened now, and nothing is lost by that.

    reason: another program holds it, its disk is full, its files are no longer at `path`, or something else, in words
    in `why`.
    """

    def __init__(self, reason: Reason, path: Path, why: str = ""):
        super().__init__(f"{path} is {reason}{why and f' ({why})'}")
        self.reason, self.path, self.why = reason, path, why


def not_kept(error: BaseException | None, path: Path) -> NotKept | None:
    """Explain an error of SQLite's that is nothing about the data; None for any other."""
    if not isinstance(error, sqlite3.Error):
        return None
    code = getattr(error, "sqlite_errorcode", None) or 0
    reason = REASONS.get(code) or REASONS.get(code & 0xFF)  # the rest tells which of its kind
    return NotKept(reason, path, str(error)) if reason else None
