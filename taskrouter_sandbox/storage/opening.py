"""Open the sandbox's state, or keep aside what cannot be read and begin with nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from .errors import NotKept, UnreadableState, not_kept
from .store import IN_MEMORY, Store

T = TypeVar("T")

CHANGES_LOST = (
    "The newest changes are missing: the sandbox was killed, and {log}, which held them, is gone; what was kept before "
    "is there."
)


def open_state(path: Path, load: Callable[[Store], T]) -> tuple[Store, T, str | None]:
    """Open the database at `path`, made when it is not there, or IN_MEMORY: the store, and what `load` makes of it.

    State of a newer version, with a kind, a field or a value that is not known, or damaged, is renamed as it is, and
    both are empty then. The third value is the sentence that says so, None where all went well. Raises NotKept for a
    file that another program holds, or that cannot be opened.
    """
    if path == IN_MEMORY:
        store = Store(path)
        return store, load(store), None
    if path.is_symlink():
        path = path.resolve()  # where SQLite has its log of changes
    try:
        return _opened(path, load)
    except UnreadableState as error:
        kept = keep_aside(path, error.version)
        store, loaded, _ = _opened(path, load)
        return store, loaded, notice(path, kept, error)


def _opened(path: Path, load: Callable[[Store], T]) -> tuple[Store, T, str | None]:
    """Open what is there. Raises UnreadableState, and NotKept."""
    changes = path.with_name(path.name + "-wal")
    changes_found = changes.exists() and changes.stat().st_size > 0
    if path.is_file() and not path.stat().st_size:
        raise UnreadableState("its file is empty", None)
    if changes_found and not path.exists():
        raise UnreadableState(f"{path.name} is gone, and only its newest changes are left", None)
    store: Store | None = None
    try:
        store = Store(path)
        was_killed = store.is_in_use
        if was_killed:
            _check_pages(store)
        loaded = load(store)
        store.begin_use()
        return store, loaded, CHANGES_LOST.format(log=changes) if was_killed and not changes_found else None
    except Exception as error:
        if store is not None:
            store.db.close()
        if isinstance(error, (UnreadableState, NotKept, OSError)):
            raise
        if explained := not_kept(error, path):
            raise explained from error
        if isinstance(error, sqlite3.Error):
            raise UnreadableState(f"it is damaged ({error})", None) from error
        raise UnreadableState(f"something is not stored as it should be ({error!r})", None) from error


def _check_pages(store: Store) -> None:
    """Look at every page, also at those that a start does not read. Raises UnreadableState for a damaged one."""
    (found,) = store.db.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise UnreadableState(f"it is damaged ({' '.join(found.split())})", None)


def keep_aside(path: Path, version: int | None) -> Path:
    """Rename a database, and what SQLite has beside it, to a free name that tells its version, or since when it is
    broken."""
    name = f"{path.name}.version-{version}-kept" if version is not None else f"{path.name}.broken-{date.today()}"
    kept, number = path.with_name(name), 1
    while any(kept.with_name(kept.name + end).exists() for end in ("", "-wal")):
        number += 1
        kept = path.with_name(f"{name}-{number}")
    for end in ("-wal", "-shm", ""):
        if (part := path.with_name(path.name + end)).exists():
            part.rename(kept.with_name(kept.name + end))
    return kept


def notice(path: Path, kept: Path, error: UnreadableState) -> str:
    """Say in a sentence why the sandbox is empty, and how what it had comes back."""
    if error.version is None:
        return (
            f"What the sandbox had before cannot be read, since {error}: it is kept untouched as {kept}, and the "
            f"sandbox begins empty; to have an earlier copy again, stop the sandbox and put it at {path}."
        )
    return (
        f"What the sandbox had before cannot be read by this version, since {error}: it is kept untouched as {kept}, "
        f"and the sandbox begins empty; to have it again, stop the sandbox, rename that file to {path.name}, and start "
        "the version that wrote it."
    )
