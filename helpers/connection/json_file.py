"""A small JSON file of this user's own: private, written as a whole or not at all, and by one process at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock

from helpers import whole_file

WAIT = 10.0
"""Seconds to wait for another process that writes the same file."""


def read(file: Path) -> dict[str, Any]:
    """Read the object that a file holds; {} when there is no file.

    Raises OSError when it cannot be read, ValueError when it holds something else.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    if not isinstance(content, dict):
        raise ValueError(f"{file} holds no JSON object")
    return content


def write(file: Path, content: dict[str, Any]) -> None:
    """Put an object into a file that only this user can read, in a folder that is made. Raises OSError."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    whole_file.write(file, json.dumps(content, indent=1).encode(), mode=0o600)


@contextmanager
def alone_with(file: Path) -> Iterator[None]:
    """Keep other processes from changing a file meanwhile. Raises OSError (TimeoutError among them)."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(file.with_suffix(".lock"), timeout=WAIT):
        yield
