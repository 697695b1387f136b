"""The reservations whose workers are being called, and what TaskRouter is told of them."""

from __future__ import annotations

from ..calls import legs
from ..model.effects import CallFailed, Dialed
from ..model.entities import UNANSWERED, Call
from ..model.run import ByApi, ByConference, ByDequeue
from ..model.state import VoiceState
from ..model.terms import InstructionOrder

BARE_NAME = 13223


def caller_of(state: VoiceState, order: InstructionOrder) -> Call | None:
    """Find the caller who waits with the task of an instruction; None when nobody does any more."""
    call = state.calls.get(str(order.task_attributes.get("call_sid")))
    return call if state.waits_with(call, order.task_sid) else None


def address(state: VoiceState, order: InstructionOrder, said: str) -> str:
    """Give an address in full: a bare name is that of a client, with a warning (voice.md §4.1)."""
    if legs.ADDRESS.fullmatch(said) or ":" in said or "@" in said or said.startswith("+"):
        return said
    text = f"{said!r} of the {order.instruction} instruction was taken for client:{said}; write it so."
    state.recorder.alert(BARE_NAME, text, order.reservation_sid, "warning")
    return f"client:{said}"


def may_call(state: VoiceState, order: InstructionOrder, code: int, cancels: bool) -> bool:
    """Check from which number an instruction calls; where that is refused, the instruction has come to nothing.

    code: of the alert then; cancels: whether the reservation is canceled.
    """
    number = str(order.parameters["from"])
    if state.options.unknown_from == "refused" and not legs.is_own(state, number):
        text = f"The source phone number provided, {number}, is not yet verified for your account."
        fail(state, order.reservation_sid, f"{text} Call from a number of the account.", code, cancels)
        return False
    legs.warn_of_from(state, number, order.reservation_sid)
    return True


def follow(state: VoiceState, reservation_sid: str, leg: Call, note: bool = True) -> None:
    """Call a worker for a reservation. note: the task's attributes name the call."""
    state.following[reservation_sid] = leg
    leg.reservation_sid = reservation_sid
    state.changed(leg)
    if note:
        state.order(Dialed(state.new_sid("CM"), reservation_sid, leg.sid))


def settle(state: VoiceState, reservation_sid: str, leg: Call) -> bool:
    """Note that a worker need not be called any more for a reservation; tell whether it was this call that did."""
    if state.following.get(reservation_sid) is not leg:
        return False
    del state.following[reservation_sid]
    leg.reservation_sid = None
    state.changed(leg)
    return True


def fail(
    state: VoiceState,
    reservation_sid: str,
    text: str,
    code: int | None,
    cancels: bool,
    reason_code: int | None = None,
) -> None:
    """Tell TaskRouter that an instruction came to nothing. code: of the alert, None for none; for reason_code see
    CallFailed."""
    state.order(CallFailed(state.new_sid("CM"), reservation_sid, text, code, cancels, reason_code))


def changed(state: VoiceState, reservation_sid: str, status: str) -> None:
    """Let a worker's call end when the reservation is not pending any more (voice.md §8, point 18).

    One that TaskRouter is being asked for goes on: it is told what comes of that.
    """
    leg = state.following.get(reservation_sid)
    if leg is None or status == "pending" or (status == "accepted" and _was_accepted_first(leg)):
        return
    if leg.status in UNANSWERED:
        settle(state, reservation_sid, leg)
        legs.stop_ringing(state, leg)
    elif isinstance(leg.purpose, ByConference) and not leg.purpose.asked:
        settle(state, reservation_sid, leg)
        state.hang_up(leg)  # who waits for the customer in the conference


def caller_gone(state: VoiceState, caller: Call) -> None:
    """Let the phones of workers stop ringing for a caller who does not wait any more."""
    for reservation_sid, leg in list(state.following.items()):
        match leg.purpose:
            case ByDequeue(caller_sid=sid) | ByConference(customer_sid=sid):
                ours = sid == caller.sid
            case _:
                ours = False
        if ours and leg.status in UNANSWERED:
            settle(state, reservation_sid, leg)
            legs.stop_ringing(state, leg)


def _was_accepted_first(leg: Call) -> bool:
    return isinstance(leg.purpose, ByApi) and leg.purpose.accepted
