"""The stored form of the voice side's resources: under which names their fields are kept.

The names are a contract with the data of earlier versions, as in `resources`.
"""

from __future__ import annotations

from operator import attrgetter
from typing import get_type_hints

import msgspec
from msgspec import UNSET, Struct, UnsetType, defstruct

from ..engine.model.entities import Entity
from ..voice.model.entities import Application, Call, Conference, Message, Phone, PhoneNumber, Queue
from .errors import UnreadableState
from .migrations import VERSION
from .resources import read_object

COMMON = "sid date_created date_updated"


class StoredVoiceForm:
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

        Raises UnreadableState for an unknown or missing field, or one of another type, and for what is no JSON object.
        """
        kind = self.entity.__name__
        try:
            stored: Struct = self._decoder.decode(text)
            return self.entity(**{name: value for name in self._names if (value := getattr(stored, name)) is not UNSET})
        except (TypeError, ValueError) as error:
            read_object(kind, text)
            raise UnreadableState(f"one {kind} is not stored as it should be ({error})", VERSION) from None


CALL = (
    "from_address to direction status parent_call_sid phone_number_sid start_time answered_at end_time queue_time "
    "fallback_url fallback_method status_callback reported timeout time_limit recording answered_by task_sid "
    "reservation_sid redirected"
)
FORMS = {
    "Call": StoredVoiceForm(Call, CALL),
    "PhoneNumber": StoredVoiceForm(
        PhoneNumber,
        "phone_number friendly_name voice_url voice_method voice_fallback_url voice_fallback_method status_callback "
        "status_callback_method voice_application_sid voice_caller_id_lookup sms_url sms_method sms_fallback_url "
        "sms_fallback_method sms_application_sid",
    ),
    "Application": StoredVoiceForm(
        Application,
        "friendly_name voice_url voice_method voice_fallback_url voice_fallback_method status_callback "
        "status_callback_method voice_caller_id_lookup sms_url sms_method sms_fallback_url sms_fallback_method "
        "sms_status_callback message_status_callback public_application_connect_enabled",
    ),
    "Message": StoredVoiceForm(Message, "from_address to body status date_sent error_code status_callback"),
    "Queue": StoredVoiceForm(Queue, "friendly_name max_size"),
    "Conference": StoredVoiceForm(
        Conference,
        "friendly_name status status_callback reported max_participants reason_conference_ended "
        "call_sid_ending_conference recording reservation_sid",
    ),
    "Phone": StoredVoiceForm(Phone, "address behaviour seconds"),
}
ENDED_CALL = StoredVoiceForm(Call, f"{CALL} captions")  # with what its phone showed
