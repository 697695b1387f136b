"""Open the sandbox's state, or keep aside what cannot be read and begin with nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from .errors import UnreadableState
from .store import Store

T = TypeVar("T")


def open_state(path: Path, load: Callable[[Store], T]) -> tuple[Store, T, str | None]:
    """Open the database at `path`, made when it is not there: the store, and what `load` makes of it.

    State of a newer version, or with a kind or a field that is not known, is renamed as it is, and both are empty then.
    The third value is the sentence that says so, None where all went well. Raises sqlite3.DatabaseError for a file that
    is no database.
    """
    try:
        store = Store(path)
        try:
            return store, load(store), None
        except UnreadableState:
            store.close()
            raise
    except UnreadableState as error:
        kept = keep_aside(path, error.version)
        store = Store(path)
        return store, load(store), notice(path, kept, error)


def keep_aside(path: Path, version: int) -> Path:
    """Rename a database, and what SQLite has beside it, to a name that is free and tells its version."""
    name, number = f"{path.name}.version-{version}-kept", 1
    kept = path.with_name(name)
    while kept.exists():
        number += 1
        kept = path.with_name(f"{name}-{number}")
    for end in ("-wal", "-shm", ""):
        if (part := path.with_name(path.name + end)).exists():
            part.rename(kept.with_name(kept.name + end))
    return kept


def notice(path: Path, kept: Path, error: UnreadableState) -> str:
    """Say in a sentence why the sandbox is empty, and how what it had comes back."""
    return (
        f"What the sandbox had before cannot be read by this version, since {error}: it is kept untouched as {kept}, "
        f"and the sandbox begins empty; to have it again, stop the sandbox, rename that file to {path.name}, and start "
        "the version that wrote it."
    )
