"""Counts the transactions, in the database and in a file beside it: a database with fewer of them has lost some.

What is lost is not seen in the database itself where it ends with a whole transaction: an older copy that was put
back, a log of changes that was cut off there.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

DIGITS = 20
END = "-count"
NO_WAITING = getattr(os, "O_NONBLOCK", 0)  # for a pipe that stands there, which would never answer
NAME = "transactions"
"""The setting that has the number in the database, where no event has it."""


class TransactionCount:
    """The number of the newest transaction, kept in a file beside a database.

    The file is written after the transaction and not waited for, so that it may be behind the database, and ahead of it
    only where the database has lost something. Where it cannot be written, it is left as it is.

    number: of the newest transaction.
    """

    def __init__(self, path: Path, number: int):
        self.number = number
        self._file: int | None = None
        with suppress(OSError):
            self._file = os.open(count_file(path), os.O_WRONLY | os.O_CREAT | NO_WAITING, 0o600)
        self.note(number)
        if self._file is not None:
            with suppress(OSError):
                os.ftruncate(self._file, DIGITS)  # where something longer stood there, it would not be read any more

    def note(self, number: int) -> None:
        """Note that this transaction is kept."""
        self.number = number
        if self._file is None:
            return
        try:
            _write_at_begin(self._file, b"%0*d" % (DIGITS, number))
        except OSError:
            return  # what stands there is behind the database then

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


if sys.platform == "win32":

    def _write_at_begin(file: int, data: bytes) -> None:
        os.lseek(file, 0, os.SEEK_SET)
        os.write(file, data)

else:

    def _write_at_begin(file: int, data: bytes) -> None:
        os.pwrite(file, data, 0)


def count_file(path: Path) -> Path:
    """Give the file in which the transactions of a database are counted."""
    return path.with_name(path.name + END)


def noted(path: Path) -> int:
    """Read how many transactions a database has had; 0 where that was never noted."""
    try:
        with open(count_file(path), "rb", opener=_open) as file:
            return int(file.read(DIGITS))
    except (OSError, ValueError):
        return 0


def _open(path: str, flags: int) -> int:
    return os.open(path, flags | NO_WAITING)
