"""The stored form of the voice side: calls, numbers, queues, conferences, phones, and orders that are still open.

The names are a contract with the data of earlier versions, as in `resources`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from operator import attrgetter
from typing import Any, NamedTuple, get_type_hints

import msgspec
from msgspec import UNSET, Struct, UnsetType, defstruct

from ..engine.model.entities import Entity
from ..voice.model.effects import TaskCommand
from ..voice.model.entities import Call, Conference, Phone, PhoneNumber, Queue
from ..voice.model.options import VoiceOptions
from .errors import UnreadableState
from .migrations import VERSION

COMMON = "sid date_created date_updated"
ORDER = "TaskCommand"


class Form:
    """How one kind of resource is stored: as a JSON object. names: of its fields, apart by spaces."""

    def __init__(self, entity: type[Entity], names: str):
        self.entity = entity
        self._names = f"{COMMON} {names}".split()
        self._values = attrgetter(*self._names)
        hints = get_type_hints(entity)
        fields = [(name, hints[name] | UnsetType, UNSET) for name in self._names]
        self._decoder = msgspec.json.Decoder(defstruct(entity.__name__, fields, forbid_unknown_fields=True))

    def write(self, entity: Entity) -> str:
        """Put a resource's state down as JSON."""
        return msgspec.json.encode(dict(zip(self._names, self._values(entity), strict=True))).decode()

    def read(self, text: str) -> Entity:
        """Make a resource of its JSON; a field that the class has a default for may be missing.

        Raises UnreadableState for an unknown or missing field, or one of another type.
        """
        try:
            stored: Struct = self._decoder.decode(text)
            return self.entity(**{name: value for name in self._names if (value := getattr(stored, name)) is not UNSET})
        except (TypeError, ValueError) as error:
            raise UnreadableState(
                f"a {self.entity.__name__} is not stored as it should be ({error})", VERSION
            ) from None


FORMS = {
    "Call": Form(
        Call,
        "from_address to direction status parent_call_sid phone_number_sid start_time answered_at end_time queue_time "
        "fallback_url fallback_method notify reported timeout time_limit recording task_sid reservation_sid",
    ),
    "PhoneNumber": Form(
        PhoneNumber,
        "phone_number friendly_name voice_url voice_method voice_fallback_url voice_fallback_method status_callback "
        "status_callback_method voice_application_sid voice_caller_id_lookup sms_url sms_method sms_fallback_url "
        "sms_fallback_method sms_application_sid",
    ),
    "Queue": Form(Queue, "friendly_name max_size"),
    "Conference": Form(
        Conference,
        "friendly_name status notify reported max_participants reason_conference_ended call_sid_ending_conference "
        "recording reservation_sid",
    ),
    "Phone": Form(Phone, "address behaviour seconds"),
}


class StoredVoice(NamedTuple):
    """What a start reads: the resources in the order of their creation, the orders that were not carried out, and how
    to read what the sources leave open."""

    entities: list[Entity]
    orders: list[TaskCommand]
    options: VoiceOptions


def read(db: sqlite3.Connection, options: object) -> StoredVoice:
    """Read the voice side. options: as they were kept. Raises UnreadableState for what is not known."""
    try:
        stored = StoredVoice([], [], msgspec.convert(options, VoiceOptions))
    except ValueError as error:
        raise UnreadableState(f"it has options of calls that are not known ({error})", VERSION) from None
    for kind, state in _rows(db):
        if kind == ORDER:
            try:
                stored.orders.append(msgspec.json.decode(state, type=TaskCommand))
            except ValueError as error:
                raise UnreadableState(
                    f"an order to TaskRouter is not stored as it should be ({error})", VERSION
                ) from None
        elif kind in FORMS:
            stored.entities.append(FORMS[kind].read(state))
        else:
            raise UnreadableState(f"it holds a resource of the unknown kind {kind!r}", VERSION)
    return stored


def _rows(db: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    with closing(db.execute("SELECT kind, state FROM telephony ORDER BY number")) as rows:
        for row in rows:
            yield row["kind"], row["state"]


def write(
    db: sqlite3.Connection, changed: Iterable[Entity], orders: Iterable[TaskCommand], gone: Iterable[str]
) -> None:
    """Keep resources and orders, which keep their place, and forget those of the SIDs `gone`; in a transaction."""
    rows: list[tuple[Any, ...]] = []
    for entity in changed:
        kind = type(entity).__name__
        rows.append((entity.sid, kind, FORMS[kind].write(entity)))
    rows += [(order.sid, ORDER, msgspec.json.encode(order).decode()) for order in orders]
    db.executemany(
        "INSERT INTO telephony (sid, kind, state) VALUES (?, ?, ?)"
        " ON CONFLICT (sid) DO UPDATE SET state = excluded.state",
        rows,
    )
    db.executemany("DELETE FROM telephony WHERE sid = ?", [(sid,) for sid in gone])
