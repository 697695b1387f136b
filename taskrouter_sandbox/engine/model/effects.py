"""What a command leaves behind: changed resources, events, callbacks to make, calls to place, what was decided, and
what is to be told at once."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, Protocol

from msgspec import Struct, field

from ...explanation.facts import Decision
from .entities import Entity, Event, Reservation, Task, Worker

Level = Literal["error", "warning"]


class AssignmentCallback(Struct, frozen=True):
    """An assignment callback that is due: where to, and what it tells, as it was when the reservation was made.

    task_age: seconds since the task was created. The form is that of behaviour.md §3.1.
    """

    reservation_sid: str
    url: str
    fallback_url: str | None
    task_sid: str
    task_age: int
    task_attributes: str
    task_priority: int
    task_queue_sid: str
    worker_sid: str
    worker_attributes: str
    workflow_sid: str


class CallRequest(Struct, frozen=True):
    """A phone call that an instruction asks for (behaviour.md §3.3). parameters: all of them, with their defaults."""

    instruction: str
    reservation_sid: str
    parameters: dict[str, Any]


class Alert(Struct, frozen=True):
    """What Twilio's debugger would show (behaviour.md §3.5).

    subject_sid: the resource that it is about; delivery: the number of the webhook that it came of, and attempt: which
    of its addresses, from 0 (None for the last), where the caller knows.
    """

    code: int
    level: Level
    text: str
    subject_sid: str
    delivery: int | None = None
    attempt: int | None = None


class NoticeReceiver(Protocol):
    """Somebody who listens to what happens."""

    def tell(self, texts: list[bytes]) -> None:
        """Tell it something, in order; it never waits, and never fails."""
        ...


class Notice(NamedTuple):
    """What is told to somebody who listens, once it is kept."""

    receiver: NoticeReceiver
    text: bytes


class Effects(Struct):
    """What one or more commands did, for the caller to store and to carry out."""

    changed: dict[str, Entity] = field(default_factory=dict)
    deleted: dict[str, Entity] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    assignment_callbacks: list[AssignmentCallback] = field(default_factory=list)
    call_requests: list[CallRequest] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)  # none without an event

    def __bool__(self) -> bool:
        return bool(
            self.changed
            or self.deleted
            or self.events
            or self.assignment_callbacks
            or self.call_requests
            or self.alerts
            or self.decisions
        )


VERSIONED = (Task, Reservation, Worker)


class EffectRecorder:
    """The effects of the command at work, as they are collected.

    keeps_changes: False when nobody stores the workspace; changed and deleted resources are then left out.
    """

    def __init__(self, keeps_changes: bool = True) -> None:
        self.keeps_changes = keeps_changes
        self.effects = Effects()

    def drain(self) -> Effects:
        """Give all effects since the last call."""
        effects, self.effects = self.effects, Effects()
        return effects

    def record(self, entity: Entity) -> None:
        """Note a resource that is new, or of which something is to be kept that its version does not count."""
        if self.keeps_changes:
            self.effects.changed[entity.sid] = entity

    def changed(self, entity: Entity, now: int) -> None:
        """Note a change and its date, in milliseconds; a version is counted up (rest-contract.md §1.1)."""
        entity.date_updated = now
        if isinstance(entity, VERSIONED):
            entity.version += 1
        if self.keeps_changes:
            self.effects.changed[entity.sid] = entity

    def deleted(self, entity: Entity) -> None:
        """Note a resource that is gone."""
        if self.keeps_changes:
            self.effects.changed.pop(entity.sid, None)
            self.effects.deleted[entity.sid] = entity

    def assignment_callback(self, callback: AssignmentCallback) -> None:
        """Ask for an assignment callback."""
        self.effects.assignment_callbacks.append(callback)

    def call_request(self, request: CallRequest) -> None:
        """Ask for a phone call."""
        self.effects.call_requests.append(request)

    def alert(self, code: int, text: str, subject_sid: str, level: Level = "error") -> None:
        """Note something for the debugger (behaviour.md §3.5)."""
        self.effects.alerts.append(Alert(code, level, text, subject_sid))
