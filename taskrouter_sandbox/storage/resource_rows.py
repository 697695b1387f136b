"""The resources that are kept: a row of JSON for each, which is replaced when it changes and keeps its place.

So reading them back gives the order of their creation.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from typing import cast

from ..engine.model.entities import Entity, Workspace
from .resources import read_resource, write_resource
from .transaction import CreationNumbers


def every(db: sqlite3.Connection) -> Iterator[Entity]:
    """Read all resources."""
    return _read(db, "")


def workspaces(db: sqlite3.Connection) -> list[Workspace]:
    """Read all workspaces, the oldest first."""
    return [cast(Workspace, each) for each in _read(db, "WHERE kind = 'Workspace' ORDER BY number")]


def workspace(db: sqlite3.Connection, sid: str) -> Workspace | None:
    """Read one workspace; None when there is none of that SID."""
    sql = "SELECT kind, state FROM resource WHERE workspace_sid = ? AND kind = 'Workspace'"
    row = db.execute(sql, (sid,)).fetchone()
    return cast(Workspace, _entity(row)) if row else None


def contents(db: sqlite3.Connection, workspace_sid: str) -> Iterator[Entity]:
    """Read all resources of a workspace but itself, in the order of their creation."""
    return _read(db, "WHERE workspace_sid = ? AND kind <> 'Workspace' ORDER BY number", workspace_sid)


def all_contents(db: sqlite3.Connection) -> dict[str, list[Entity]]:
    """Read what `contents` gives of every workspace, by its SID."""
    found: dict[str, list[Entity]] = defaultdict(list)
    sql = "SELECT workspace_sid, kind, state FROM resource WHERE kind <> 'Workspace' ORDER BY number"
    with closing(db.execute(sql)) as rows:
        for row in rows:
            found[row["workspace_sid"]].append(_entity(row))
    return found


def write(db: sqlite3.Connection, numbers: CreationNumbers, workspace_sid: str, changed: Iterable[Entity]) -> None:
    """Keep resources that are new or have changed."""
    db.executemany(
        "INSERT INTO resource (number, sid, workspace_sid, kind, state) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (number) DO UPDATE SET state = excluded.state",
        [(numbers[entity.sid], entity.sid, workspace_sid, *write_resource(entity)) for entity in changed],
    )


def delete(db: sqlite3.Connection, numbers: CreationNumbers, sids: Collection[str]) -> None:
    """Keep resources no more; those that never were are left out."""
    stored = [sid for sid in sids if sid in numbers]
    db.executemany("DELETE FROM resource WHERE number = ?", [(numbers[sid],) for sid in stored])
    numbers.deleted += stored


def _read(db: sqlite3.Connection, condition: str, *values: str) -> Iterator[Entity]:
    """Read resources. One that cannot be read leaves no cursor open, with which the file would stay in use."""
    with closing(db.execute(f"SELECT kind, state FROM resource {condition}", values)) as rows:
        for row in rows:
            yield _entity(row)


def _entity(row: sqlite3.Row) -> Entity:
    return read_resource(row["kind"], row["state"])
