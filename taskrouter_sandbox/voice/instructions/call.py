"""call: the worker's phone rings and runs a document of its own (voice.md §4.3)."""

from __future__ import annotations

from ..calls import legs
from ..model.entities import Call
from ..model.run import ByApi
from ..model.state import VoiceState
from ..model.terms import InstructionOrder
from . import reservations
from .dequeue import status_callback_of

NOT_MADE = 40113


def start(state: VoiceState, order: InstructionOrder) -> None:
    """Call the worker; whoever waits goes on waiting."""
    parameters = order.parameters
    cancels = state.options.dequeue_failure == "canceled" and not parameters["accept"]
    if not reservations.may_call(state, order, NOT_MADE, cancels):
        return
    purpose = ByApi(parameters["url"], "POST", None, order.reservation_sid, bool(parameters["accept"]))
    caller = state.calls.get(str(order.task_attributes.get("call_sid")))
    leg = legs.make(
        state,
        from_address=parameters["from"],
        to=reservations.address(state, order, parameters["to"]),
        purpose=purpose,
        timeout=parameters["timeout"],
        status_callback=status_callback_of(state, order, parameters, caller),
    )
    if parameters["record"] == "record-from-answer":
        leg.recording = state.new_sid("RE")
    reservations.follow(state, order.reservation_sid, leg)


def answered(state: VoiceState, leg: Call, reservation_sid: str) -> None:
    """Leave the rest to the worker's document: the reservation may be accepted there."""
    reservations.settle(state, reservation_sid, leg)


def ended(state: VoiceState, leg: Call, purpose: ByApi) -> None:
    """Note that the worker was not reached; an accepted reservation stays accepted (voice.md §8, point 19)."""
    assert purpose.reservation_sid is not None
    if leg.answered_at is None and reservations.settle(state, purpose.reservation_sid, leg):
        cancels = state.options.dequeue_failure == "canceled" and not purpose.accepted
        code = NOT_MADE if leg.status == "failed" or cancels else None
        reservations.fail(state, purpose.reservation_sid, f"{leg.to}: {leg.status}.", code, cancels)
