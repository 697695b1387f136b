"""What a worker's browser does with who talks in the conference of its task (agent-sdk.md §9).

They act on calls and not on TaskRouter: so they run beside the workspace's unit of work, in one of the voice side.
"""

from __future__ import annotations

from typing import Any, Literal, cast

from ..engine.model.entities import Task
from ..engine.model.errors import TaskRouterError
from ..http.operation import Answer, Operation, RequestContext
from ..http.parameter_types import ReservationSid, TaskSid, Url, WorkerSid
from ..http.parameters import Parameters
from ..voice.engine import VoiceEngine
from ..voice.model.entities import Conference
from ..voice.model.run import ByConference
from .own_operations import OF_WORKER, own_reservation, own_task

Verb = Literal["GET", "POST"]


class _Holding(Parameters):
    """Whom to put on hold, and what they hear then."""

    task_sid: TaskSid
    hold: bool
    hold_url: Url | None = None
    hold_method: Verb = "GET"


class HoldWorker(_Holding, kw_only=True):
    """The same, of a worker."""

    target_worker_sid: WorkerSid


class HoldCustomer(_Holding):
    """The same, of the customer."""


class KickWorker(Parameters):
    """Who is to leave."""

    task_sid: TaskSid
    target_worker_sid: WorkerSid


class UpdateOwn(Parameters):
    """How the worker itself takes part. beep_on_exit is taken and, as over REST, heard by nobody."""

    reservation_sid: ReservationSid
    end_conference_on_exit: bool | None = None
    mute: bool | None = None
    beep_on_exit: bool | None = None


def hold_customer(context: RequestContext, asked: HoldCustomer) -> Answer:
    """Put the customer on hold, or take it off."""
    task = own_task(context, asked.task_sid)

    def hold(engine: VoiceEngine) -> None:
        room = _room(engine, task)
        _hold(context, engine, room, _customer(engine, room, task), asked)

    return _done(context, hold, task)


def hold_worker(context: RequestContext, asked: HoldWorker) -> Answer:
    """Put a worker on hold, also oneself, or take it off."""
    task = own_task(context, asked.task_sid)

    def hold(engine: VoiceEngine) -> None:
        room = _room(engine, task)
        _call_of(engine, room, context.path["WorkerSid"])
        _hold(context, engine, room, _call_of(engine, room, asked.target_worker_sid), asked)

    return _done(context, hold, task)


def kick_worker(context: RequestContext, asked: KickWorker) -> Answer:
    """Let a worker leave the conference."""
    task = own_task(context, asked.task_sid)

    def kick(engine: VoiceEngine) -> None:
        room = _room(engine, task)
        call_sid = _call_of(engine, room, asked.target_worker_sid)
        engine.conferences.delete_participant(context.now, room.sid, call_sid)

    return _done(context, kick, task)


def update_own(context: RequestContext, asked: UpdateOwn) -> Answer:
    """Mute the worker, or let the conference end when it leaves."""
    task = context.state.tasks[own_reservation(context, asked.reservation_sid).task_sid]

    def update(engine: VoiceEngine) -> None:
        room = _room(engine, task)
        engine.conferences.update_participant(
            context.now,
            room.sid,
            _call_of(engine, room, context.path["WorkerSid"]),
            muted=asked.mute,
            end_conference_on_exit=asked.end_conference_on_exit,
        )

    return _done(context, update, task)


def _hold(context: RequestContext, engine: VoiceEngine, room: Conference, call_sid: str, asked: _Holding) -> None:
    engine.conferences.update_participant(
        context.now,
        room.sid,
        call_sid,
        hold=asked.hold,
        hold_url=asked.hold_url or None,
        hold_method=asked.hold_method,
    )


def _done(context: RequestContext, command: Any, task: Task) -> Answer:
    context.service.telephony.apply(context.now, command)
    return Answer({"sid": task.sid})


def _named(task: Task) -> dict[str, Any]:
    """Read what a task's attributes say of its conference; what is no object counts as empty."""
    named = task.parsed_attributes.get("conference")
    return cast("dict[str, Any]", named) if isinstance(named, dict) else {}


def _room(engine: VoiceEngine, task: Task) -> Conference:
    """Find the conference of a task. Raises TaskRouterError where nobody talks in one."""
    room = engine.state.conferences.get(str(_named(task).get("sid")))
    if room is None or room.status == "completed":
        raise TaskRouterError(
            f"Task {task.sid} has no conference that goes on: accept its reservation by reservation.conference() first"
        )
    return room


def _call_of(engine: VoiceEngine, room: Conference, worker_sid: str) -> str:
    """Find the call of a worker who is in a conference. Raises TaskRouterError."""
    for call_sid in room.participants:
        purpose = engine.state.calls[call_sid].purpose
        order = purpose.order if isinstance(purpose, ByConference) and purpose.role == "worker" else None
        if order is not None and order.worker_sid == worker_sid:
            return call_sid
    raise TaskRouterError(f"Worker {worker_sid} is not in conference {room.sid}")


def _customer(engine: VoiceEngine, room: Conference, task: Task) -> str:
    """Find the customer's call. Raises TaskRouterError."""
    for call_sid in room.participants:
        purpose = engine.state.calls[call_sid].purpose
        if isinstance(purpose, ByConference) and purpose.role == "worker" and purpose.customer_sid in room.participants:
            return str(purpose.customer_sid)
    raise TaskRouterError(f"The customer of task {task.sid} is not in its conference {room.sid} any more")


HOLD_CUSTOMER = Operation(
    "UpdateCustomerParticipant", "POST", OF_WORKER + "/CustomerParticipant", hold_customer, HoldCustomer, 200
)
UPDATE_OWN = Operation("UpdateWorkerParticipant", "POST", OF_WORKER + "/WorkerParticipant", update_own, UpdateOwn, 200)
HOLD_WORKER = Operation(
    "HoldWorkerParticipant", "POST", OF_WORKER + "/HoldWorkerParticipant", hold_worker, HoldWorker, 200
)
KICK_WORKER = Operation(
    "KickWorkerParticipant", "POST", OF_WORKER + "/KickWorkerParticipant", kick_worker, KickWorker, 200
)
