"""The calls of an account and all that belongs to them, and what the command at work has left to do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from itertools import count
from typing import Literal, NamedTuple, TypeVar

from msgspec import Struct

from ...engine.model.entities import Entity
from ...engine.model.timers import Timers
from .effects import CallEnded, CancelTask, Outcome, TaskCommand, VoiceEffectRecorder, VoiceEffects
from .entities import Application, Call, CallStatus, Conference, Message, Phone, PhoneNumber, Queue, has_ended
from .options import VoiceOptions
from .run import Activity, Dialing, Enqueuing, Frame, Waiting
from .terms import Method

Timer = Literal["dial", "phone", "ring", "limit", "verb", "queue", "talk", "message"]
"""What a call waits for: to be dialed, for whoever is called to act, for the end of the ringing, of the time it may
last, of the verb at work, of the wait for a caller of a queue, of the time that Dial lets them talk; and a message, for
the network."""
RANK: dict[Timer, int] = {"dial": 0, "phone": 1, "ring": 2, "limit": 3, "verb": 4, "queue": 5, "talk": 6, "message": 7}

E = TypeVar("E", bound=Entity)
A = TypeVar("A", bound=Activity)


class Requested(Struct, eq=False):
    """A document that was requested, and for which frame of which call."""

    call: Call
    frame: Frame
    url: str
    method: Method
    fallback: bool


class Ordered(Struct, eq=False):
    """An order to TaskRouter whose outcome is awaited: `told` is called with it."""

    command: TaskCommand
    told: Callable[[VoiceState, Outcome], None]


class CallStep(NamedTuple):
    """Something left to do for a call; `flow.settle` does it before the command is over.

    go-on: its verb is over; end: it is to be taken down, with `status` if it was not answered; answered: whoever was
    called has answered; alone: those with whom it was connected have gone; failed: the document of `frame` cannot be
    had; waits: it waits in a queue from now on.
    """

    what: Literal["go-on", "end", "answered", "alone", "failed", "waits"]
    call: Call
    frame: Frame | None = None
    status: CallStatus | None = None


USUAL_PHONE = Phone(sid="", date_created=0, date_updated=0, address="")  # of which nobody said how it behaves


class VoiceState:
    """The voice side of one account: what goes on. What has ended goes with the effects of the command, by `drain`.

    now: the time of the command at work, in milliseconds since 1970; recorder: collects the effects; pending: what the
    command at work has left to do; timers: what is due when; following: the calls of instructions by the SID of their
    reservation; phones_for_now: how phones behave as long as somebody sits at them, which is not kept.
    """

    def __init__(self, account_sid: str, new_sid: Callable[[str], str], options: VoiceOptions) -> None:
        self.account_sid = account_sid
        self.new_sid = new_sid
        self.options = options
        self.calls: dict[str, Call] = {}
        self.numbers: dict[str, PhoneNumber] = {}
        self.applications: dict[str, Application] = {}
        self.messages: dict[str, Message] = {}
        self.queues: dict[str, Queue] = {}
        self.conferences: dict[str, Conference] = {}
        self.phones: dict[str, Phone] = {}
        self.phones_for_now: dict[str, Phone] = {}
        self.live: dict[str, dict[str, Call]] = {}  # calls that have not ended, by the address of their phone
        self.requested: dict[str, Requested] = {}
        self.ordered: dict[str, Ordered] = {}
        self.following: dict[str, Call] = {}
        self.recorder = VoiceEffectRecorder()
        self.now = 0
        self.timers = Timers()
        self.pending: deque[CallStep] = deque()
        self._numbers = count(1)

    # what there is

    def add(self, entity: Entity) -> None:
        """Let a resource be found, and note that it is new."""
        match entity:
            case Call():
                self.calls[entity.sid] = entity
                if entity.is_live:
                    self.live.setdefault(entity.phone, {})[entity.sid] = entity
            case PhoneNumber():
                self.numbers[entity.sid] = entity
            case Application():
                self.applications[entity.sid] = entity
            case Message():
                self.messages[entity.sid] = entity
            case Queue():
                self.queues[entity.sid] = entity
            case Conference():
                self.conferences[entity.sid] = entity
            case Phone():
                self.phones[entity.address] = entity
            case _:
                raise TypeError(type(entity).__name__)

    def changed(self, entity: Entity) -> None:
        """Note that a resource has changed."""
        self.recorder.changed(entity, self.now)

    def drain(self) -> VoiceEffects:
        """Give the effects since the last time, and know no more what has ended."""
        effects = self.recorder.drain()
        effects.ended = {one.sid for one in filter(has_ended, effects.changed.values()) if self.forget(one)}
        return effects

    def forget(self, entity: Entity) -> bool:
        """Know something no more that has ended; tell whether it was known."""
        tables = (self.calls, self.conferences, self.messages)
        return any(table.pop(entity.sid, None) is not None for table in tables)

    def number_at(self, address: str) -> PhoneNumber | None:
        """Find the account's number by what people dial."""
        return next((number for number in self.numbers.values() if number.phone_number == address), None)

    def phone_at(self, address: str) -> Phone:
        """Tell how a phone behaves: as it was told, as it was told for now, or else as phones do by themselves."""
        return self.phones.get(address) or self.phones_for_now.get(address, USUAL_PHONE)

    def live_calls(self) -> Iterator[Call]:
        """Give the calls that have not ended, phone by phone."""
        for calls in list(self.live.values()):
            yield from list(calls.values())

    # what calls are doing

    def main(self, call: Call, kind: type[A]) -> A | None:
        """Give what the call's own document is at, if it is of that kind."""
        activity = call.frames[0].activity if call.frames else None
        return activity if isinstance(activity, kind) else None

    def waiting(self, call: Call | None) -> Waiting | None:
        """Give the Enqueue of a call that waits in a queue: nobody has been connected yet."""
        waiting = self.main(call, Waiting) if call is not None and call.is_live else None
        return waiting if waiting is not None and waiting.left_at is None else None

    def waits_with(self, call: Call | None, task_sid: str) -> bool:
        """Tell whether a call waits in a queue with that task."""
        waiting = self.waiting(call)
        return waiting is not None and waiting.task_sid == task_sid

    def dialing(self, call: Call | None) -> Dialing | None:
        """Give the Dial that a call is at."""
        return self.main(call, Dialing) if call is not None and call.is_live else None

    def enqueuing(self, call: Call | None) -> Enqueuing | None:
        """Give the Enqueue of a call whose task is being made."""
        return self.main(call, Enqueuing) if call is not None and call.is_live else None

    # what is left to do

    def go_on(self, call: Call) -> None:
        """Run the next verb of a call: the last one is over."""
        self.pending.append(CallStep("go-on", call))

    def hang_up(self, call: Call, unanswered: CallStatus | None = None) -> None:
        """End a call. unanswered: its last status if nobody has answered it."""
        self.pending.append(CallStep("end", call, status=unanswered))

    def answered(self, call: Call) -> None:
        """Do what an outbound call was made for."""
        self.pending.append(CallStep("answered", call))

    def alone(self, call: Call) -> None:
        """Go on with a call whose other side has gone."""
        self.pending.append(CallStep("alone", call))

    def waits(self, call: Call) -> None:
        """Look whether somebody dials the queue that a call waits in."""
        self.pending.append(CallStep("waits", call))

    def failed(self, call: Call, frame: Frame) -> None:
        """Do without a document."""
        self.pending.append(CallStep("failed", call, frame))

    def order(self, command: TaskCommand, told: Callable[[VoiceState, Outcome], None] | None = None) -> str:
        """Give TaskRouter an order. told: what to do with the outcome. Gives the order's SID."""
        self.recorder.effects.task_commands.append(command)
        if told is not None:
            self.ordered[command.sid] = Ordered(command, told)
        return command.sid

    def cancel_task(self, task_sid: str | None, reason: str) -> None:
        """Order the end of a task, if there is one."""
        if task_sid:
            self.order(CancelTask(self.new_sid("CM"), task_sid, reason))

    def call_ended(self, reservation_sid: str | None) -> None:
        """Tell TaskRouter that the talk of a reservation is over, if it was that of one."""
        if reservation_sid:
            self.order(CallEnded(self.new_sid("CM"), reservation_sid))

    # timers

    def set_timer(self, call: Call | Message, timer: Timer, milliseconds: int) -> None:
        """Let a timer of a call or message run out in so many milliseconds, instead of when it would have."""
        self.timers.drop(f"{call.sid}/{timer}")
        self.timers.set(f"{call.sid}/{timer}", self.now + milliseconds, (RANK[timer], next(self._numbers)))

    def drop_timers(self, call: Call, *timers: Timer) -> None:
        """Forget these timers of a call."""
        for timer in timers:
            self.timers.drop(f"{call.sid}/{timer}")
