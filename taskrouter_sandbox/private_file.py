"""Writes files that this user alone may read."""

from __future__ import annotations

import os
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a file in one step: whoever reads it finds the old content or the new one.

    Raises OSError, and leaves the old one then.
    """
    draft = path.with_name(f"{path.stem}.{os.getpid()}")
    draft.unlink(missing_ok=True)  # of a process that was killed
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        os.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def is_private(status: os.stat_result) -> bool:
    """Tell from a file's status whether other users may do nothing with it; Windows has no such modes."""
    return os.name == "nt" or not status.st_mode & 0o077
