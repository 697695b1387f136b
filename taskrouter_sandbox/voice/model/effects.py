"""What a command leaves behind: requests for documents, callbacks, orders to TaskRouter, alerts, changed resources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field

from ...engine.model.effects import Alert, Level
from ...engine.model.entities import Entity
from .terms import Method, Parameters

Purpose = Literal["document", "notice"]
CallbackKind = Literal["call", "conference", "recording", "partial-result", "message"]


class Fetch(Struct, frozen=True):
    """A request for a document; `VoiceEngine.fetched` is told the answer.

    parameters: all of them, in order, those of every voice request included (voice.md §1.3); cookies of the call go
    with it. fallback: it is the fallback that is asked, after an error. purpose: of a `notice` the answer is ignored,
    as the call is over or runs something else.
    """

    sid: str
    call_sid: str
    url: str
    method: Method
    parameters: Parameters
    fallback: bool = False
    purpose: Purpose = "document"


class Callback(Struct, frozen=True):
    """A request whose answer executes nothing (voice.md §1.5): the progress of a call, a text, a conference."""

    kind: CallbackKind
    subject_sid: str
    url: str
    method: Method
    parameters: Parameters


class FetchReply(Struct, frozen=True):
    """An answer with a status of 2xx.

    url: where the redirects have led, against which relative addresses count; redirected: that in words, to be said
    behind what is wrong with the answer, "" where there were none.
    """

    status: int
    content_type: str | None
    body: bytes
    url: str
    redirected: str = ""


class FetchFailure(Struct, frozen=True):
    """What went wrong instead, with Twilio's code: any other status, no connection, no time left (voice.md §1.5)."""

    code: int
    text: str


# orders to TaskRouter: carried out in their order, each in a unit of its own; `VoiceEngine.ordered` is told the outcome


class CreateVoiceTask(Struct, frozen=True, tag="CreateTask"):
    """Make the task of an Enqueue, on the channel `voice` (voice.md §3.2).

    Outcome: TaskMade, or OrderRefused with a code of §3.3: 14220 for a workflow that is not there, otherwise 14222.
    """

    sid: str
    call_sid: str
    workflow_sid: str
    attributes: str
    priority: int
    timeout: int


class CancelTask(Struct, frozen=True, tag=True):
    """Cancel a task if it is pending or reserved; otherwise do nothing (voice.md §3.4)."""

    sid: str
    task_sid: str
    reason: str


class FindReservation(Struct, frozen=True, tag=True):
    """Tell of a reservation what `Dial Queue` needs (voice.md §2.5). Outcome: ReservationFound, or OrderRefused."""

    sid: str
    call_sid: str
    reservation_sid: str


class Dialed(Struct, frozen=True, tag=True):
    """Note that a worker is being called: the task's attributes name the call (`reservations.dialed`)."""

    sid: str
    reservation_sid: str
    worker_call_sid: str


class Connect(Struct, frozen=True, tag=True):
    """Accept a reservation as its calls come together (`reservations.connected`). Outcome: Carried, or OrderRefused."""

    sid: str
    reservation_sid: str
    conference: Mapping[str, Any] | None = None
    post_work_activity_sid: str | None = None


class CallFailed(Struct, frozen=True, tag=True):
    """Note that an instruction came to nothing (`reservations.call_failed`).

    cancels: whether the reservation is canceled; otherwise it stays pending and its timer goes on (voice.md §4.2).
    code: the debugger's code of the alert, None for no alert; reason_code: why the customer was not reached, as one of
    Voice's codes, None where that was not it.
    """

    sid: str
    reservation_sid: str
    text: str
    code: int | None
    cancels: bool
    reason_code: int | None = None


class CallEnded(Struct, frozen=True, tag=True):
    """Note that the talk of an accepted reservation is over (`reservations.call_ended`)."""

    sid: str
    reservation_sid: str


TaskCommand = CreateVoiceTask | CancelTask | FindReservation | Dialed | Connect | CallFailed | CallEnded


class TaskMade(Struct, frozen=True):
    """The task was made."""

    task_sid: str


class ReservationFound(Struct, frozen=True):
    """A reservation: its status, its task, and the call that waits with it (the task's `call_sid`)."""

    status: str
    task_sid: str
    call_sid: str | None


class Carried(Struct, frozen=True):
    """The order was carried out."""


class OrderRefused(Struct, frozen=True):
    """TaskRouter said no, with the code that the caller's document is told (voice.md §3.3)."""

    code: int
    text: str


Outcome = TaskMade | ReservationFound | Carried | OrderRefused


class VoiceEffects(Struct):
    """What one or more commands did, for the caller to store and to carry out.

    Task commands come first, then callbacks, then fetches (voice.md §8, point 6). ended: SIDs of what
    is over with this (see `has_ended`); what was over before, and has changed, is in `changed` alone.
    """

    changed: dict[str, Entity] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    deleted: dict[str, Entity] = field(default_factory=dict)
    task_commands: list[TaskCommand] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    fetches: list[Fetch] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.changed or self.deleted or self.task_commands or self.callbacks or self.fetches or self.alerts)


class VoiceEffectRecorder:
    """The effects of the command at work, as they are collected."""

    def __init__(self) -> None:
        self.effects = VoiceEffects()

    def drain(self) -> VoiceEffects:
        """Give all effects since the last call."""
        effects, self.effects = self.effects, VoiceEffects()
        return effects

    def changed(self, entity: Entity, now: int) -> None:
        """Note a resource that is new or has changed, and its date, in milliseconds."""
        entity.date_updated = now
        self.effects.changed[entity.sid] = entity

    def deleted(self, entity: Entity) -> None:
        """Note a resource that is gone."""
        self.effects.changed.pop(entity.sid, None)
        self.effects.deleted[entity.sid] = entity

    def alert(self, code: int, text: str, subject_sid: str, level: Level = "error") -> None:
        """Note something for the debugger (voice.md §1.8)."""
        self.effects.alerts.append(Alert(code, level, text, subject_sid))
