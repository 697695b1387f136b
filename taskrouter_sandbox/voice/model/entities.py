"""What the voice side of an account is made of, by the names of voice.md §5.2.

All times are integers: milliseconds since 1970, in UTC. Fields marked `Derived` belong to a call that is going on; they
are not stored, but for what its phone showed, once it has ended; a call that was going on when the sandbox stopped has
failed (see `VoiceEngine.recover`).
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ...engine.model.entities import Derived, Entity, derived
from .run import Bridge, Frame, Participant, Purpose
from .terms import Method, StatusCallback

CallStatus = Literal[
    "queued", "initiated", "ringing", "in-progress", "completed", "busy", "no-answer", "failed", "canceled"
]
Direction = Literal["inbound", "outbound-api", "outbound-dial"]
ConferenceStatus = Literal["init", "in-progress", "completed"]
MessageStatus = Literal["queued", "sent", "delivered", "undelivered"]
Behaviour = Literal["after", "never", "busy", "reject", "unreachable", "by-hand"]

FINAL: frozenset[CallStatus] = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})
UNANSWERED: frozenset[CallStatus] = frozenset({"queued", "initiated", "ringing"})
UNDER_WAY: frozenset[MessageStatus] = frozenset({"queued", "sent"})


class Caption(Struct, frozen=True):
    """What somebody at a phone hears, or does there.

    at: milliseconds; source: the verb, or `phone`; language: of a Say, such as `es`, where it names one.
    """

    at: int
    source: str
    text: str
    language: str | None = None


class VoiceRequest(Struct, frozen=True):
    """A request that was made for a call. at: milliseconds; status: None where no answer came; problem: in words."""

    at: int
    method: str
    url: str
    status: int | None
    problem: str | None


class Call(Entity, kw_only=True, eq=False):
    """One call, which is one phone: that of the caller, or of whoever was called."""

    from_address: str
    to: str
    direction: Direction
    status: CallStatus
    parent_call_sid: str | None = None
    phone_number_sid: str | None = None
    start_time: int | None = None
    answered_at: int | None = None
    end_time: int | None = None
    queue_time: int = 0  # milliseconds in queues
    fallback_url: str | None = None
    fallback_method: Method = "POST"
    status_callback: StatusCallback | None = None
    reported: int = 0  # status callbacks so far: the next one's SequenceNumber
    timeout: int = 60  # seconds that the phone rings
    time_limit: int | None = None  # seconds
    recording: str | None = None  # SID of its recording, from the answer on
    answered_by: str | None = None  # who has answered, where that was to be found out
    task_sid: str | None = None  # the task with which it waits
    reservation_sid: str | None = None  # for which a worker is called, or talks
    redirected: tuple[str, ...] = ()  # tasks whose instruction has sent it elsewhere; they end with it unless assigned

    recording_status_callback: Derived[StatusCallback | None] = derived()
    frames: Derived[list[Frame]] = derived(list)  # the documents that it runs: the last is heard
    purpose: Derived[Purpose | None] = derived()  # what an outbound call was made for
    bridge: Derived[Bridge | None] = derived()  # whom it talks with
    far_end: Derived[str | None] = derived()  # where a number of the account was called: the call at the other end
    conference_sid: Derived[str | None] = derived()  # the room that it is in
    captions: Derived[list[Caption]] = derived(list)
    requests: Derived[list[VoiceRequest]] = derived(list)  # whoever makes them puts them here

    @property
    def phone(self) -> str:
        """The address of the phone at its end."""
        return self.from_address if self.direction == "inbound" else self.to

    @property
    def is_live(self) -> bool:
        """Whether it has not ended."""
        return self.status not in FINAL


class Addresses(Entity, kw_only=True, eq=False):
    """What a number and an application have in common: where to ask what becomes of a call or a text (§5.2)."""

    friendly_name: str = ""
    voice_url: str = ""
    voice_method: Method = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: Method = "POST"
    status_callback: str = ""
    status_callback_method: Method = "POST"
    voice_caller_id_lookup: bool = False
    sms_url: str = ""
    sms_method: Method = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: Method = "POST"


class PhoneNumber(Addresses, kw_only=True, eq=False):
    """A number of the account, and what is requested when somebody dials it."""

    phone_number: str
    voice_application_sid: str = ""
    sms_application_sid: str = ""


class Application(Addresses, kw_only=True, eq=False):
    """The addresses of a program, for the numbers and calls that name it instead of addresses of their own (§5.2)."""

    sms_status_callback: str = ""
    message_status_callback: str = ""
    public_application_connect_enabled: bool = False


class Message(Entity, kw_only=True, eq=False):
    """A text message that was sent over REST (voice.md §5.6)."""

    from_address: str
    to: str
    body: str
    status: MessageStatus = "queued"
    date_sent: int | None = None
    error_code: int | None = None
    status_callback: str | None = None


class Queue(Entity, kw_only=True, eq=False):
    """Callers who wait. That of a workflow is named by the workflow's SID (voice.md §3.2)."""

    friendly_name: str
    max_size: int

    waiting: Derived[list[Call]] = derived(list)  # in the order of their arrival

    @property
    def is_of_workflow(self) -> bool:
        """Whether it is the hidden queue of a workflow."""
        return self.friendly_name.startswith("WW") and len(self.friendly_name) == 34


class Conference(Entity, kw_only=True, eq=False):
    """A room in which calls hear each other."""

    friendly_name: str
    status: ConferenceStatus = "init"
    status_callback: StatusCallback | None = None
    reported: int = 0
    max_participants: int = 250
    reason_conference_ended: str | None = None
    call_sid_ending_conference: str | None = None
    recording: str | None = None  # SID of its recording, from its beginning on
    reservation_sid: str | None = None  # whose talk it is (voice.md §4.5)

    recording_status_callback: Derived[StatusCallback | None] = derived()
    started_at: Derived[int | None] = derived()
    participants: Derived[dict[str, Participant]] = derived(dict)  # by call SID


class Phone(Entity, kw_only=True, eq=False):
    """How a phone behaves when it is called. seconds: after which it answers, when it answers by itself."""

    address: str
    behaviour: Behaviour = "after"
    seconds: int = 2


def has_ended(entity: Entity) -> bool:
    """Tell whether something is over for good: a call, a conference, or a message; nothing else ends."""
    match entity:
        case Call():
            return not entity.is_live
        case Conference():
            return entity.status == "completed"
        case Message():
            return entity.status not in UNDER_WAY
        case _:
            return False
