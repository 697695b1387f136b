"""What a call is doing: the documents that it runs, the verb at work in each, and whom it talks with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct, field

from ..twiml.document import Verb
from .terms import InstructionOrder, Method, Parameters, StatusCallback

Role = Literal["main", "wait", "announce", "whisper", "room"]
"""Which document it is: the call's own; a queue's waiting document; what a queued caller hears before `Dial Queue`
connects; what whoever was dialed hears before the bridge; what a conference plays before it begins, or on hold."""


class Fetching(Struct, eq=False):
    """A document has been requested."""

    fetch_sid: str


class Speaking(Struct, eq=False):
    """Say, Play or Pause: the call's timer ends it."""


class Silence(Struct, eq=False):
    """Nothing is heard. then: what is done after it; without it nothing follows."""

    then: Callable[[], None] | None = None


class Gathering(Struct, eq=False):
    """Gather: its prompts, then its timeout.

    prompt: the number of the nested verb that comes next; spoken_since: milliseconds, when the speech began.
    """

    verb: Verb
    prompt: int = 0
    spoken_since: int | None = None
    digits: str = ""
    words: list[str] = field(default_factory=list)


class Recording(Struct, eq=False):
    """Record. since: milliseconds; status_callback: where the recording is reported; words: what was said."""

    verb: Verb
    sid: str
    since: int
    status_callback: StatusCallback | None = None
    words: list[str] = field(default_factory=list)


class Enqueuing(Struct, eq=False):
    """Enqueue, until its task is made. order_sid: the CreateVoiceTask."""

    verb: Verb
    queue_sid: str
    order_sid: str


class Waiting(Struct, eq=False):
    """Enqueue, from then on.

    since, left_at: milliseconds; once the call has left the queue, it talks with whoever took it. taken: somebody is
    about to be connected.
    """

    verb: Verb
    queue_sid: str
    since: int
    task_sid: str | None = None
    taken: bool = False
    left_at: int | None = None


class Dialing(Struct, eq=False):
    """Dial.

    legs: SIDs of the calls that were made; ahead: nouns that are still to be dialed, one after the other; winner: the
    leg that has answered; status: its DialCallStatus; caller: who is taken out of the queue `queue_sid`, by the Queue
    `noun`; queue_since: since when that caller waits; order_sid: what TaskRouter was asked; bridged, talked_at: that
    they talk, and since when; leg_sid, leg_seconds: of whom the action is told; recording: SID of the talk's recording,
    which is reported to `recording_status_callback`.
    """

    verb: Verb
    status: str = "no-answer"
    legs: list[str] = field(default_factory=list)
    ahead: list[Verb] = field(default_factory=list)
    winner: str | None = None
    noun: Verb | None = None
    queue_sid: str | None = None
    queue_since: int | None = None
    caller: str | None = None
    reservation_sid: str | None = None
    order_sid: str | None = None
    bridged: bool = False
    talked_at: int | None = None
    leg_sid: str | None = None
    leg_seconds: int | None = None
    recording: str | None = None
    recording_status_callback: StatusCallback | None = None


class InConference(Struct, eq=False):
    """Dial Conference, or the room that a call was put into."""

    verb: Verb | None
    conference_sid: str


Activity = Fetching | Speaking | Silence | Gathering | Recording | Enqueuing | Waiting | Dialing | InConference


class Frame(Struct, eq=False):
    """A document of a call: where it has come to, and the verb at work.

    url: against which relative addresses count and where an `action` goes that is not given; None for a document given
    over REST (voice.md §1.4). restart: what is requested again at the end of a waiting document. needed: without it the
    call cannot stay where it is. silent: requests since something was heard. extra: parameters of all its requests.
    told: of an announcement, called at its end with why it has failed, None if it has not.
    """

    role: Role
    url: str | None = None
    method: Method = "POST"
    verbs: tuple[Verb, ...] = ()
    index: int = 0
    activity: Activity | None = None
    restart: tuple[str, Method] | None = None
    needed: bool = False
    silent: int = 0
    extra: Parameters = ()
    told: Callable[[str | None], None] | None = None


class Bridge(Struct, eq=False):
    """Two calls that talk. reservation_sid: whose talk it is, which ends with it."""

    one: str
    other: str
    since: int
    reservation_sid: str | None = None

    def peer_of(self, call_sid: str) -> str:
        """Give the other call."""
        return self.other if call_sid == self.one else self.one


class Participant(Struct, eq=False, kw_only=True):
    """A call in a conference, or on its way there."""

    call_sid: str
    conference_sid: str
    date_created: int
    label: str | None = None
    muted: bool = False
    hold: bool = False
    coaching: bool = False
    call_sid_to_coach: str | None = None
    start_conference_on_enter: bool = True
    end_conference_on_exit: bool = False
    beep: str = "true"
    wait_url: str | None = None  # None: the built-in music; empty: silence
    wait_method: Method = "POST"
    joined: bool = False


# what an outbound call was made for


class ByApi(Struct, eq=False):
    """A call made over REST, or by the instruction `call`: its document is requested when it is answered.

    twiml: the document itself, if it was given; reservation_sid, accepted: of the instruction; digits: that are played
    first; detects: whether a person has answered is found out first.
    """

    url: str | None
    method: Method
    twiml: str | None = None
    reservation_sid: str | None = None
    accepted: bool = False
    digits: str = ""
    detects: bool = False


class ByDial(Struct, eq=False):
    """A call made by Dial. noun: the Number, Client or Sip."""

    parent_sid: str
    noun: Verb


class ByDequeue(Struct, eq=False):
    """A worker's call of the instruction `dequeue`."""

    reservation_sid: str
    task_sid: str
    caller_sid: str
    record: bool = False


class ByConference(Struct, eq=False):
    """A call that joins a conference when it is answered.

    order: the instruction for which worker or customer are called, None for anybody else; customer_sid, worker_sid: the
    other of the two.
    """

    role: Literal["worker", "customer", "participant"]
    participant: Participant
    order: InstructionOrder | None = None
    customer_sid: str | None = None
    worker_sid: str | None = None
    asked: bool = False  # TaskRouter is about to accept the reservation


Purpose = ByApi | ByDial | ByDequeue | ByConference
