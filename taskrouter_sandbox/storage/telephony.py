"""The voice side in the store: what goes on and what stays, which a start reads whole, and what has ended.

Calls, conferences, messages, numbers and so on, and orders that are still open, are rows of `telephony`, in the order
of their creation. A call, conference or message that ends moves to a table of those that have (see `ended`), with its
number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import asdict

from ..engine.model.entities import Entity
from ..voice.model.effects import TaskCommand, VoiceEffects
from ..voice.model.entities import Call, Conference, Message, VoiceRequest, has_ended
from ..voice.model.options import VoiceOptions
from ..webhooks.delivery import Delivery
from . import alerts as alert_rows
from . import deliveries as delivery_rows
from .ended import Ended, EndedCalls, EndedConferences, EndedMessages
from .errors import UnreadableState
from .migrations import VERSION
from .resources import read_object
from .store import Store
from .transaction import CreationNumbers
from .voice_forms import FORMS

ORDER = "TaskCommand"
VOICE_OPTIONS = "voice_options"


class StoredVoice(NamedTuple):
    """What a start reads: the resources that have not ended, in the order of their creation, the orders that were not
    carried out, how to read what the sources leave open, and when anything that has ended changed last."""

    entities: list[Entity]
    orders: list[TaskCommand]
    options: VoiceOptions
    last_ended: int

    @classmethod
    def nothing(cls) -> StoredVoice:
        """Give what there is at first."""
        return cls([], [], VoiceOptions(), 0)


class VoiceStore:
    """The voice side in the sandbox's store.

    numbers: the places of what has not ended, in the order of creation; calls, conferences, messages: those that have.
    """

    def __init__(self, store: Store):
        self._store, self._db = store, store.db
        self.calls, self.conferences = EndedCalls(store.db), EndedConferences(store.db)
        self.messages = EndedMessages(store.db)
        self._ended: dict[type[Entity], Ended[Any]] = {
            Call: self.calls,
            Conference: self.conferences,
            Message: self.messages,
        }
        self.numbers = CreationNumbers()
        rows = self._db.execute("SELECT sid, number FROM telephony ORDER BY number")
        self.numbers.begin(rows.fetchall(), self._newest("number"))

    def read(self) -> StoredVoice:
        """Read what has not ended. Raises UnreadableState for what is not known."""
        ended = self._newest("date_updated")
        options = self._store.setting(VOICE_OPTIONS, {})
        try:
            stored = StoredVoice([], [], msgspec.convert(options, VoiceOptions), ended)
        except ValueError as error:
            raise UnreadableState(f"it has options of calls that are not known ({error})", VERSION) from None
        for kind, state in self._rows():
            if kind == ORDER:
                try:
                    stored.orders.append(msgspec.json.decode(state, type=TaskCommand))
                except ValueError as error:
                    read_object("order to TaskRouter", state)
                    raise UnreadableState(
                        f"an order to TaskRouter is not stored as it should be ({error})", VERSION
                    ) from None
            elif kind in FORMS:
                stored.entities.append(FORMS[kind].read(state))
            else:
                raise UnreadableState(f"it holds a resource of the unknown kind {kind!r}", VERSION)
        return stored

    def _newest(self, column: str) -> int:
        return max(table.newest(column) for table in self._ended.values())

    def ended(self, sid: str) -> Entity | None:
        """Read something that has ended; None where there is nothing of that SID."""
        found = (table.get(sid) for table in self._ended.values())
        return next((entity for entity in found if entity is not None), None)

    def _rows(self) -> Iterator[tuple[str, str]]:
        with closing(self._db.execute("SELECT kind, state FROM telephony ORDER BY number")) as rows:
            for row in rows:
                yield row["kind"], row["state"]

    def keep_options(self, options: VoiceOptions) -> None:
        """Keep how calls are read where the sources leave it open."""
        self._store.keep_setting(VOICE_OPTIONS, asdict(options))

    def write(
        self,
        effects: VoiceEffects,
        carried_out: Iterable[str],
        at: int,
        deliveries: Iterable[Delivery] = (),
        finished: Iterable[Delivery] = (),
        asked: Mapping[str, list[VoiceRequest]] | None = None,
    ) -> None:
        """Keep what a command did, the deliveries that it calls for, and the end of others, and forget the orders that
        are carried out: all or nothing.

        Resources and orders that are there already keep their place; the new deliveries get their numbers.
        at: milliseconds since 1970; asked: requests that were made for calls, by SID, since they ended.
        """
        rows: list[tuple[int, str, str, str]] = []
        ended: list[tuple[int | None, Entity]] = []  # each with its number, if that is just now
        for sid, entity in effects.changed.items():
            if not has_ended(entity):
                kind = type(entity).__name__
                rows.append((self.numbers[sid], sid, kind, FORMS[kind].write(entity)))
            else:
                ended.append((self.numbers[sid] if sid in effects.ended else None, entity))
        for order in effects.task_commands:
            rows.append((self.numbers[order.sid], order.sid, ORDER, msgspec.json.encode(order).decode()))
        with self._store.transaction():
            alert_rows.insert(self._db, "", effects.alerts, at)
            delivery_rows.insert(self._db, deliveries, at)
            for delivery in finished:
                delivery_rows.finish(self._db, delivery)
            self._db.executemany(
                "INSERT INTO telephony (number, sid, kind, state) VALUES (?, ?, ?, ?)"
                " ON CONFLICT (number) DO UPDATE SET state = excluded.state",
                rows,
            )
            for number, entity in ended:
                table = self._ended[type(entity)]
                if number is None:
                    table.change(entity)
                else:
                    table.add(number, entity)
            for sid, requests in (asked or {}).items():
                self.calls.asked(sid, requests)
            if effects.deleted:
                for table in self._ended.values():
                    table.delete(effects.deleted)
            gone = [*effects.ended, *effects.deleted, *carried_out]
            numbers = [(self.numbers[sid],) for sid in gone if sid in self.numbers]
            self._db.executemany("DELETE FROM telephony WHERE number = ?", numbers)
        self.numbers.forget(gone)
