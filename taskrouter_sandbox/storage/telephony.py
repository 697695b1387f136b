"""The stored form of the voice side: calls, conferences, messages, numbers and so on, and orders that are still open.

The names are a contract with the data of earlier versions, as in `resources`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from operator import attrgetter
from typing import Any, NamedTuple, get_type_hints

import msgspec
from msgspec import UNSET, Struct, UnsetType, defstruct
from msgspec.structs import asdict

from ..engine.model.entities import Entity
from ..voice.model.effects import TaskCommand, VoiceEffects
from ..voice.model.entities import Application, Call, Conference, Message, Phone, PhoneNumber, Queue
from ..voice.model.options import VoiceOptions
from ..webhooks.delivery import Delivery
from . import deliveries as delivery_rows
from .errors import UnreadableState
from .migrations import VERSION
from .store import Store

COMMON = "sid date_created date_updated"
ORDER = "TaskCommand"
VOICE_OPTIONS = "voice_options"


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
        "fallback_url fallback_method status_callback reported timeout time_limit recording answered_by task_sid "
        "reservation_sid redirected",
    ),
    "PhoneNumber": Form(
        PhoneNumber,
        "phone_number friendly_name voice_url voice_method voice_fallback_url voice_fallback_method status_callback "
        "status_callback_method voice_application_sid voice_caller_id_lookup sms_url sms_method sms_fallback_url "
        "sms_fallback_method sms_application_sid",
    ),
    "Application": Form(
        Application,
        "friendly_name voice_url voice_method voice_fallback_url voice_fallback_method status_callback "
        "status_callback_method voice_caller_id_lookup sms_url sms_method sms_fallback_url sms_fallback_method "
        "sms_status_callback message_status_callback public_application_connect_enabled",
    ),
    "Message": Form(Message, "from_address to body status date_sent error_code status_callback"),
    "Queue": Form(Queue, "friendly_name max_size"),
    "Conference": Form(
        Conference,
        "friendly_name status status_callback reported max_participants reason_conference_ended "
        "call_sid_ending_conference recording reservation_sid",
    ),
    "Phone": Form(Phone, "address behaviour seconds"),
}


class StoredVoice(NamedTuple):
    """What a start reads: the resources in the order of their creation, the orders that were not carried out, and how
    to read what the sources leave open."""

    entities: list[Entity]
    orders: list[TaskCommand]
    options: VoiceOptions


class VoiceStore:
    """The voice side in the sandbox's store."""

    def __init__(self, store: Store):
        self._store, self._db = store, store.db

    def read(self) -> StoredVoice:
        """Read calls and all that belongs to them. Raises UnreadableState for what is not known."""
        try:
            stored = StoredVoice([], [], msgspec.convert(self._store.setting(VOICE_OPTIONS, {}), VoiceOptions))
        except ValueError as error:
            raise UnreadableState(f"it has options of calls that are not known ({error})", VERSION) from None
        for kind, state in self._rows():
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
    ) -> None:
        """Keep what a command did, the deliveries that it calls for, and the end of others, and forget the orders that
        are carried out: all or nothing.

        Resources and orders that are there already keep their place; the new deliveries get their numbers.
        at: milliseconds since 1970.
        """
        rows: list[tuple[Any, ...]] = []
        for entity in effects.changed.values():
            kind = type(entity).__name__
            rows.append((entity.sid, kind, FORMS[kind].write(entity)))
        rows += [(order.sid, ORDER, msgspec.json.encode(order).decode()) for order in effects.task_commands]
        with self._store.transaction():
            delivery_rows.insert(self._db, deliveries, at)
            for delivery in finished:
                delivery_rows.finish(self._db, delivery)
            self._db.executemany(
                "INSERT INTO telephony (sid, kind, state) VALUES (?, ?, ?)"
                " ON CONFLICT (sid) DO UPDATE SET state = excluded.state",
                rows,
            )
            gone = [*effects.deleted, *carried_out]
            self._db.executemany("DELETE FROM telephony WHERE sid = ?", [(sid,) for sid in gone])
            self._store.write_alerts("", effects.alerts, at)
