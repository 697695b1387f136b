"""conference: worker and customer meet in a room that is named by the task (voice.md §4.5)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from ..calls import legs
from ..model.effects import Connect, OrderRefused, Outcome
from ..model.entities import Call, CallStatus, Conference
from ..model.run import ByConference, Frame, InConference, Participant
from ..model.state import VoiceState
from ..model.terms import InstructionOrder, StatusCallback
from ..rooms import conferences
from ..verbs import conference as rooms
from ..verbs import leaving
from . import reservations

NOT_MADE, GONE = 40145, 40144
CUSTOMER_CODES: dict[CallStatus, int] = {"busy": 45303, "no-answer": 45305}  # otherwise 13223, a bad number (§4.5)
NO_TARGET = "RoutingTarget not available for Reservation acceptance: {}"


def start(state: VoiceState, order: InstructionOrder) -> None:
    """Call the worker; the customer waits on, or is called later."""
    attributes, parameters = order.task_attributes, order.parameters
    caller = reservations.caller_of(state, order)
    if caller is None and (attributes.get("call_sid") or not attributes.get("outbound_to")):
        text = f"The caller of task {order.task_sid} does not wait in the queue any more."
        return reservations.fail(state, order.reservation_sid, text, GONE, cancels=True)
    if not reservations.may_call(state, order, NOT_MADE, cancels=True):
        return None
    purpose = ByConference("worker", Participant(call_sid="", conference_sid="", date_created=state.now), order)
    purpose.customer_sid = caller.sid if caller else None
    events = tuple(parameters["status_callback_event"]) or ("completed",)
    url, method = parameters["status_callback"], parameters["status_callback_method"]
    leg = legs.make(
        state,
        from_address=parameters["from"],
        to=reservations.address(state, order, parameters["to"]),
        purpose=purpose,
        timeout=parameters["timeout"],
        status_callback=StatusCallback(url, method, events) if url else None,
    )
    purpose.participant = Participant(
        call_sid=leg.sid,
        conference_sid="",
        date_created=state.now,
        muted=parameters["muted"],
        start_conference_on_enter=parameters["start_conference_on_enter"],
        end_conference_on_exit=parameters["end_conference_on_exit"],
        beep=parameters["beep"],
        wait_url=parameters["wait_url"],
        wait_method=parameters["wait_method"],
    )
    if parameters["record"]:
        leg.recording = state.new_sid("RE")
        leg.recording_status_callback = _recorded(parameters, "recording_status_callback")
    return reservations.follow(state, order.reservation_sid, leg, note=False)


def worker_answered(state: VoiceState, leg: Call, purpose: ByConference, order: InstructionOrder) -> None:
    """Let the worker into the room; then comes the customer."""
    if state.following.get(order.reservation_sid) is not leg:
        return state.hang_up(leg)
    room = _room(state, order)
    _put_in(state, leg, room, purpose.participant)
    if purpose.customer_sid is not None:
        return _ask(state, leg, purpose, order, room, purpose.customer_sid)
    customer = legs.make(
        state,
        from_address=order.parameters["from"],
        to=str(order.task_attributes["outbound_to"]),
        purpose=ByConference("customer", Participant(call_sid="", conference_sid=room.sid, date_created=0), order),
        timeout=order.parameters["timeout"],
    )
    assert isinstance(customer.purpose, ByConference)
    customer.purpose.worker_sid = leg.sid
    customer.purpose.participant = _customer(state, customer, order)
    purpose.customer_sid = customer.sid
    return None


def customer_answered(state: VoiceState, customer: Call, purpose: ByConference, order: InstructionOrder) -> None:
    """Have the reservation accepted: the customer who was called has answered."""
    worker = state.calls.get(purpose.worker_sid or "")
    room = state.conferences.get(worker.conference_sid or "") if worker is not None else None
    if worker is None or room is None or not isinstance(worker.purpose, ByConference):
        return state.hang_up(customer)
    return _ask(state, worker, worker.purpose, order, room, customer.sid)


def _room(state: VoiceState, order: InstructionOrder) -> Conference:
    parameters = order.parameters
    name = parameters["room_name"] or order.task_sid
    room = conferences.find(state, name)
    if room is None:
        room = conferences.make(state, name)
        room.max_participants = parameters["max_participants"]
        if url := parameters["conference_status_callback"]:
            events = tuple(parameters["conference_status_callback_event"]) or ("start", "end")
            room.status_callback = StatusCallback(url, parameters["conference_status_callback_method"], events)
        if parameters["conference_record"] in ("true", "record-from-start"):
            room.recording = state.new_sid("RE")
            room.recording_status_callback = _recorded(parameters, "conference_recording_status_callback")
    return room


def _recorded(parameters: Mapping[str, Any], name: str) -> StatusCallback | None:
    """Read where a recording is to be reported."""
    return StatusCallback(parameters[name], parameters[f"{name}_method"]) if parameters[name] else None


def _put_in(state: VoiceState, call: Call, room: Conference, participant: Participant) -> None:
    """Let a call into a room without a document to come back to."""
    call.frames = [Frame("main", activity=InConference(None, room.sid))]
    rooms.enter(state, call, room, participant)


def _customer(state: VoiceState, customer: Call, order: InstructionOrder) -> Participant:
    parameters = order.parameters
    return Participant(
        call_sid=customer.sid,
        conference_sid="",
        date_created=state.now,
        end_conference_on_exit=parameters["end_conference_on_customer_exit"],
        beep="true" if parameters["beep_on_customer_entrance"] else "false",
    )


def _ask(
    state: VoiceState, leg: Call, purpose: ByConference, order: InstructionOrder, room: Conference, customer_sid: str
) -> None:
    purpose.asked = True
    participants = {"worker": leg.sid, "customer": customer_sid}
    about = {"sid": room.sid, "participants": participants}
    connect = Connect(state.new_sid("CM"), order.reservation_sid, about)
    state.order(connect, partial(_told, leg=leg, order=order, customer_sid=customer_sid))


def _told(state: VoiceState, outcome: Outcome, leg: Call, order: InstructionOrder, customer_sid: str) -> None:
    """Let the customer into the room, if all are still there and TaskRouter agrees."""
    was_ours = reservations.settle(state, order.reservation_sid, leg)
    customer, room = state.calls.get(customer_sid), state.conferences.get(leg.conference_sid or "")
    made = customer is not None and isinstance(customer.purpose, ByConference) and customer.purpose.order is order
    there = customer is not None and (customer.is_live if made else state.waits_with(customer, order.task_sid))
    if customer is None or room is None or isinstance(outcome, OrderRefused) or not (was_ours and there):
        if not isinstance(outcome, OrderRefused):
            state.call_ended(order.reservation_sid)
        state.hang_up(leg)
        if customer is not None and made:
            state.hang_up(customer)
        return
    room.reservation_sid = order.reservation_sid
    state.changed(room)
    participant = _customer(state, customer, order)
    if not made:
        leaving.leave(state, customer, moved=True, keeps_task=True)
    _put_in(state, customer, room, participant)


def ended(state: VoiceState, leg: Call, purpose: ByConference, order: InstructionOrder) -> None:
    """Note that the set-up has failed, whichever of the two was not reached (voice.md §4.5)."""
    match purpose.role:
        case "worker" if not purpose.asked:
            if reservations.settle(state, order.reservation_sid, leg):
                text = f"{leg.to}: {leg.status if leg.answered_at is None else 'has hung up'}."
                reservations.fail(state, order.reservation_sid, text, NOT_MADE, cancels=True)
            customer = state.calls.get(purpose.customer_sid or "")
            if customer is not None and isinstance(customer.purpose, ByConference):
                state.hang_up(customer, "canceled")
        case "customer" if leg.answered_at is None:
            worker = state.calls.get(purpose.worker_sid or "")
            if worker is not None and reservations.settle(state, order.reservation_sid, worker):
                why = CUSTOMER_CODES.get(leg.status, 13223)
                text = f"The customer {leg.to}: {leg.status} ({why})."
                reservations.fail(state, order.reservation_sid, text, NOT_MADE, cancels=True, reason_code=why)
                state.cancel_task(order.task_sid, NO_TARGET.format(order.worker_sid))
                state.hang_up(worker)
        case "participant":
            participant_ended(state, leg, purpose)
            if leg.answered_at is None:
                text = f"The supervisor {leg.to}: {leg.status}."
                state.recorder.alert(NOT_MADE, text, order.reservation_sid)
        case _:
            pass


# participants who are called without a reservation


def call_participant(
    state: VoiceState, room: Conference, participant: Participant, order: InstructionOrder | None = None, **leg: Any
) -> Call:
    """Call somebody who joins a room on answering. order: of whoever supervises; `leg`: as `legs.make` takes it."""
    purpose = ByConference("participant", participant, order)
    call = legs.make(state, purpose=purpose, **leg)
    participant.call_sid = call.sid
    conferences.expect(state, room, participant)
    return call


def participant_answered(state: VoiceState, leg: Call, purpose: ByConference) -> None:
    """Let somebody into the room for which they were called."""
    room = state.conferences.get(purpose.participant.conference_sid)
    if room is None or room.status == "completed":
        return state.hang_up(leg)
    return _put_in(state, leg, room, purpose.participant)


def participant_ended(state: VoiceState, leg: Call, purpose: ByConference) -> None:
    """Forget somebody who has not come; a room that nobody has entered, or is about to, ends."""
    room = state.conferences.get(purpose.participant.conference_sid)
    if room is None:
        return
    conferences.forget(state, room, leg.sid)
    if room.status != "completed" and not room.participants:
        conferences.end(state, room, conferences.BY_LAST)
