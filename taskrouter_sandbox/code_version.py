"""Tells which code a running sandbox was started from, so that an older one is replaced."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

__version__ = "0.1.0"

SOURCE = Path(__file__).resolve().parent


@lru_cache
def fingerprint() -> str:
    """Return a short hash over the state of the sandbox's source files, as it was when first asked for."""
    return fingerprint_on_disk()


def fingerprint_on_disk(source: Path = SOURCE) -> str:
    """Return a short hash over the state of the source files as it is now: that of a sandbox that starts now.

    It tells the sizes of the files and when they were changed: to read them all would take as long as to make a
    database. source: their folder.
    """
    return hashlib.sha256(repr(sorted(_source_files(str(source)))).encode()).hexdigest()[:16]


def _source_files(folder: str) -> Iterator[tuple[str, int, int]]:
    """Yield path, size and time of change (nanoseconds) of each source file below a folder."""
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                status = entry.stat()
                yield entry.path, status.st_size, status.st_mtime_ns
            elif entry.name != "__pycache__" and entry.is_dir(follow_symlinks=False):
                yield from _source_files(entry.path)
