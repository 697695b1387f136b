"""Calls, conferences and messages that have ended: found by their SID, or read in the order of their creation.

They stand in the tables `ended_call`, `ended_conference` and `ended_message`, whose columns are the fields that lists
are filtered by. What goes on is in `telephony`, which a start reads whole; of these it reads nothing.
"""

from __future__ import annotations

import operator
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Any, Generic, Literal, TypeVar, cast

import msgspec
from msgspec import Struct

from ..engine.model.entities import Entity
from ..voice.model.entities import FINAL, Call, Conference, Message, VoiceRequest
from .damage import DamagedRows
from .errors import UnreadableState
from .voice_forms import ENDED_CALL, FORMS, StoredVoiceForm

MOST_REQUESTS = 100  # of a call that are kept, the newest
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    ">=": operator.ge,
    "<=": operator.le,
    "IN": lambda value, values: value in values,
}

E = TypeVar("E", bound=Entity)


class Condition(Struct, frozen=True):
    """What a field must be like: equal to a value, no less, no more, or one of several. A field that is None is not.

    field: a column of the table, and an attribute of the entity.
    """

    field: str
    operator: Literal["=", ">=", "<=", "IN"]
    value: Any

    def holds(self, entity: Entity) -> bool:
        """Say whether an entity is so."""
        found = getattr(entity, self.field)
        return found is not None and OPERATORS[self.operator](found, self.value)

    @property
    def sql(self) -> str:
        """The same for the table, with a `?` for each of `values`."""
        value = f"({', '.join('?' * len(self.values))})" if self.operator == "IN" else "?"
        return f'"{self.field}" {self.operator} {value}'

    @property
    def values(self) -> tuple[Any, ...]:
        """What stands in the places of the `?`."""
        return tuple(self.value) if self.operator == "IN" else (self.value,)


class Ended(Generic[E]):
    """One of these tables.

    form: of the JSON in `state`; columns: the fields that stand in columns of their own, all that an entity must have
    among them; final: the values of `status` that there are here. Each of its writes belongs into a transaction of the
    caller's.
    """

    def __init__(self, db: sqlite3.Connection, table: str, form: StoredVoiceForm, columns: str, final: Iterable[str]):
        self.db, self.table, self.form, self.final = db, table, form, frozenset(final)
        self._damaged = DamagedRows(table)
        self.columns = f"sid date_created date_updated {columns}".split()
        self._values = attrgetter(*self.columns)
        names = ", ".join(f'"{name}"' for name in ("number", "state", *self.columns))
        self._insert = f"INSERT INTO {table} ({names}) VALUES (?{', ?' * (len(self.columns) + 1)})"
        changes = ", ".join(f'"{name}" = ?' for name in ("state", *self.columns))
        self._update = f"UPDATE {table} SET {changes} WHERE sid = ?"

    def add(self, number: int, entity: E) -> None:
        """Keep one that has just ended. number: its place in the order of creation."""
        self.db.execute(self._insert, (number, self.form.write(entity), *self._values(entity)))

    def change(self, entity: E) -> None:
        """Keep what has changed since; nothing where it has been deleted meanwhile."""
        self.db.execute(self._update, (self.form.write(entity), *self._values(entity), entity.sid))

    def delete(self, sids: Iterable[str]) -> None:
        """Forget these, as far as they are here."""
        self.db.executemany(f"DELETE FROM {self.table} WHERE sid = ?", [(sid,) for sid in sids])

    def get(self, sid: str) -> E | None:
        """Read one; None where it is not here."""
        row = self.db.execute(f"SELECT * FROM {self.table} WHERE sid = ?", (sid,)).fetchone()
        return self._entity(row) if row else None

    def number(self, sid: str) -> int | None:
        """Tell the place of one in the order of creation; None where it is not here."""
        row = self.db.execute(f"SELECT number FROM {self.table} WHERE sid = ?", (sid,)).fetchone()
        return row[0] if row else None

    def up_to(self, number: int | None, limit: int, conditions: Sequence[Condition]) -> list[tuple[int, E]]:
        """Read so many, the newest first, from that number down; None: from the newest of all.

        Gives each with its number.
        """
        more = [] if number is None else [Condition("number", "<=", number)]
        rows = self._select("*", [*conditions, *more], "DESC", limit)
        return [(row["number"], self._entity(row)) for row in rows]

    def after(self, number: int, limit: int, conditions: Sequence[Condition]) -> list[tuple[int, str]]:
        """Read number and SID of so many that were created after that number, the oldest first."""
        rows = self._select("number, sid", [*conditions, Condition("number", ">=", number + 1)], "ASC", limit)
        return [(row["number"], row["sid"]) for row in rows]

    def newest(self, column: str) -> int:
        """Tell the highest value of a column, `number` or `date_updated`; 0 when there is none."""
        return self.db.execute(f"SELECT ifnull(max({column}), 0) FROM {self.table}").fetchone()[0]

    def _select(self, what: str, conditions: Sequence[Condition], order: str, limit: int) -> list[sqlite3.Row]:
        if any(one.field == "status" and self.final.isdisjoint(one.values) for one in conditions):
            return []  # asked for what goes on
        where = " AND ".join(one.sql for one in conditions) or "1"
        sql = f"SELECT {what} FROM {self.table} WHERE {where} ORDER BY number {order} LIMIT ?"
        return self.db.execute(sql, [*(value for one in conditions for value in one.values), limit]).fetchall()

    def _entity(self, row: sqlite3.Row) -> E:
        try:
            return cast(E, self.form.read(row["state"]))
        except UnreadableState as error:  # and those beside it are not
            self._damaged.tell(row["sid"], error)
            return cast(E, self.form.entity(**{name: row[name] for name in self.columns}))


class EndedCalls(Ended[Call]):
    """The calls that have ended, with the requests that were made for them."""

    def __init__(self, db: sqlite3.Connection):
        columns = "direction from_address to parent_call_sid status start_time end_time"
        super().__init__(db, "ended_call", ENDED_CALL, columns, FINAL)

    def add(self, number: int, entity: Call) -> None:
        """Keep one that has just ended; see `Ended`."""
        super().add(number, entity)
        if entity.requests:
            self._keep_requests(entity.sid, entity.requests)

    def asked(self, sid: str, requests: Sequence[VoiceRequest]) -> None:
        """Keep requests that were made for a call since it ended; nothing where it is not here."""
        row = self.db.execute("SELECT requests FROM ended_call WHERE sid = ?", (sid,)).fetchone()
        if row:
            self._keep_requests(sid, [*_requests(row["requests"]), *requests])

    def _keep_requests(self, sid: str, requests: Sequence[VoiceRequest]) -> None:
        text = msgspec.json.encode(requests[-MOST_REQUESTS:]).decode()
        self.db.execute("UPDATE ended_call SET requests = ? WHERE sid = ?", (text, sid))

    def _entity(self, row: sqlite3.Row) -> Call:
        call = super()._entity(row)
        call.requests = _requests(row["requests"])
        return call


class EndedConferences(Ended[Conference]):
    """The conferences that are over."""

    def __init__(self, db: sqlite3.Connection):
        super().__init__(db, "ended_conference", FORMS["Conference"], "friendly_name status", ("completed",))


class EndedMessages(Ended[Message]):
    """The messages that have arrived, or never will."""

    def __init__(self, db: sqlite3.Connection):
        columns = "from_address to body status date_sent"
        super().__init__(db, "ended_message", FORMS["Message"], columns, ("delivered", "undelivered"))


def _requests(text: str) -> list[VoiceRequest]:
    try:
        return msgspec.json.decode(text, type=list[VoiceRequest])
    except ValueError:  # damaged
        return []
