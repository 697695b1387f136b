"""Open the sandbox's state, or keep aside what cannot be read and begin with nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from .counting import count_file, noted
from .errors import NotKept, UnreadableState, not_kept
from .store import IN_MEMORY, Store

T = TypeVar("T")

HEADER, FRAME = 32, 24  # bytes before the first frame of a log of changes, and before the page of each frame

CHANGES_LOST = (
    "The newest changes are missing: the sandbox was killed, and {log}, which held them, is gone; what was kept before "
    "is there."
)
CHANGES_DAMAGED = (
    "Some of the newest changes are missing: {log}, which held them, is damaged in its middle; it is kept as {kept}, "
    "and what was kept before is there."
)

CHANGES_ROLLED_BACK = (
    "The newest changes are missing, {missing} of {all}: {path} is older than what the sandbox has answered, as a copy "
    "is that was put back, or one whose {log} was cut off; what it holds is there."
)
STATE_GONE = (
    "The sandbox begins empty: {path}, which had {all} changes, is gone; to have an earlier copy of it again, stop the "
    "sandbox and put it there."
)


def open_state(path: Path, load: Callable[[Store], T], durable: bool = False) -> tuple[Store, T, str | None]:
    """Open the database at `path`, made when it is not there, or IN_MEMORY: the store, and what `load` makes of it.

    State of a newer version, with a kind, a field or a value that is not known, or damaged, is renamed as it is, and
    both are empty then. The third value is the sentence that says so, None where all went well. Raises NotKept for a
    file that another program holds, or that cannot be opened. durable: see `Store`.
    """
    if path == IN_MEMORY:
        store = Store(path)
        return store, load(store), None
    if path.is_symlink():
        path = path.resolve()  # where SQLite has its log of changes
    try:
        return _opened(path, load, durable)
    except UnreadableState as error:
        kept = keep_aside(path, error.version)
        store, loaded, _ = _opened(path, load, durable)
        return store, loaded, notice(path, kept, error)


def _opened(path: Path, load: Callable[[Store], T], durable: bool) -> tuple[Store, T, str | None]:
    """Open what is there. Raises UnreadableState, and NotKept."""
    changes = path.with_name(path.name + "-wal")
    changes_found = changes.exists() and changes.stat().st_size > 0
    if path.is_file() and not path.stat().st_size:
        raise UnreadableState("its file is empty", None)
    if changes_found and not path.exists():
        raise UnreadableState(f"{path.name} is gone, and only its newest changes are left", None)
    store: Store | None = None
    is_new, counted = not path.exists(), noted(path)
    written = _frames_written(changes) if changes_found else 0
    try:
        store = Store(path, durable)
        was_killed = store.is_in_use
        if was_killed:
            _check_pages(store)
        damaged = _keep_damaged(changes, path) if changes_found and _frames(store) < written else None
        loaded = load(store)
        missing = counted - store.transactions
        store.begin_use()
        if damaged is not None:
            return store, loaded, CHANGES_DAMAGED.format(log=changes, kept=damaged)
        if was_killed and not changes_found and (missing > 0 or not counted):
            return store, loaded, CHANGES_LOST.format(log=changes)
        if missing <= 0:  # also where another program has had the file open, and has put the changes into it
            return store, loaded, None
        words = STATE_GONE if is_new else CHANGES_ROLLED_BACK
        return store, loaded, words.format(missing=missing, all=counted, path=path, log=changes.name)
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


def _frames_written(changes: Path) -> int:
    """Count the frames of a log of changes up to the end of a transaction that was written wholly, as another followed.

    Those of the present log have the salts of its header; what comes after them is left over from an earlier one (the
    SQLite file format, section 4.1).
    """
    last = ended = 0
    with changes.open("rb") as file:
        head = file.read(HEADER)
        size = FRAME + int.from_bytes(head[8:12], "big")
        for number in range(1, changes.stat().st_size // size + 1):
            file.seek(HEADER + (number - 1) * size)
            frame = file.read(FRAME)
            if frame[8:16] != head[16:24]:
                break
            last = ended
            if any(frame[4:8]):
                ended = number
    return last


def _frames(store: Store) -> int:
    """Count the frames that SQLite has found whole."""
    return int(store.db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1])


def _keep_damaged(changes: Path, path: Path) -> Path:
    """Copy a damaged log of changes to a free name that tells since when it is broken."""
    name, number = f"{path.name}.broken-{date.today()}", 1
    kept = path.with_name(f"{name}-wal")
    while kept.exists():
        number += 1
        kept = path.with_name(f"{name}-{number}-wal")
    shutil.copy2(changes, kept)
    return kept


def keep_aside(path: Path, version: int | None) -> Path:
    """Rename a database, and what SQLite has beside it, to a free name that tells its version, or since when it is
    broken."""
    name = f"{path.name}.version-{version}-kept" if version is not None else f"{path.name}.broken-{date.today()}"
    kept, number = path.with_name(name), 1
    while any(kept.with_name(kept.name + end).exists() for end in ("", "-wal")):
        number += 1
        kept = path.with_name(f"{name}-{number}")
    count_file(path).unlink(missing_ok=True)
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
