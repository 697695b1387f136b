"""dequeue: the worker's phone rings; when it is answered, caller and worker are connected (voice.md §4.2)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from ..calls import legs
from ..model.effects import Connect, OrderRefused, Outcome
from ..model.entities import Call
from ..model.run import ByDequeue
from ..model.state import VoiceState
from ..model.terms import InstructionOrder, StatusCallback
from ..rooms import queues
from . import reservations

NOT_MADE = 40133


def start(state: VoiceState, order: InstructionOrder) -> None:
    """Call the worker, if the caller still waits."""
    caller = reservations.caller_of(state, order)
    if caller is None:
        text = f"The caller of task {order.task_sid} does not wait in the queue any more."
        return reservations.fail(state, order.reservation_sid, text, NOT_MADE, cancels=False)
    if not reservations.may_call(state, order, NOT_MADE, cancels=state.options.dequeue_failure == "canceled"):
        return None
    parameters = order.parameters
    leg = legs.make(
        state,
        from_address=parameters["from"],
        to=reservations.address(state, order, parameters["to"]),
        purpose=ByDequeue(
            order.reservation_sid, order.task_sid, caller.sid, parameters["record"] == "record-from-answer"
        ),
        timeout=parameters["timeout"],
        status_callback=status_callback_of(state, order, parameters, caller),
    )
    return reservations.follow(state, order.reservation_sid, leg)


def status_callback_of(
    state: VoiceState, order: InstructionOrder, parameters: Mapping[str, Any], caller: Call | None
) -> StatusCallback | None:
    """Work out the status callback of a worker's call: the task is named in the query of its address (§4.2)."""
    url = parameters.get("status_callback_url")
    if not url:
        return None
    more = {"TaskSid": order.task_sid, "ReservationSid": order.reservation_sid}
    if caller is not None:
        more |= {"TaskCallSid": caller.sid, "taskCallSid": caller.sid}
    parts = urlsplit(str(url))
    query = "&".join(part for part in (parts.query, urlencode(more)) if part)
    events = tuple(parameters.get("status_callback_events") or ("completed",))
    return StatusCallback(urlunsplit(parts._replace(query=query)), state.options.dequeue_callback, events)


def answered(state: VoiceState, leg: Call, purpose: ByDequeue) -> None:
    """Have the reservation accepted: the worker has answered."""
    if state.following.get(purpose.reservation_sid) is not leg:
        return state.hang_up(leg)
    order = Connect(state.new_sid("CM"), purpose.reservation_sid)
    state.order(order, partial(_told, leg=leg, purpose=purpose))
    return None


def _told(state: VoiceState, outcome: Outcome, leg: Call, purpose: ByDequeue) -> None:
    """Connect caller and worker, if both are still there and TaskRouter agrees."""
    was_ours = reservations.settle(state, purpose.reservation_sid, leg)
    caller = state.calls.get(purpose.caller_sid)
    if isinstance(outcome, OrderRefused):
        return state.hang_up(leg)
    if caller is None or not (was_ours and leg.is_live and state.waits_with(caller, purpose.task_sid)):
        state.call_ended(purpose.reservation_sid)
        return state.hang_up(leg)
    if purpose.record:
        leg.recording = state.new_sid("RE")
        state.changed(leg)
    return queues.connect(state, caller, leg, purpose.reservation_sid)


def ended(state: VoiceState, leg: Call, purpose: ByDequeue) -> None:
    """Note that the worker was not reached; a talk that was under way has ended by itself."""
    if leg.answered_at is None and reservations.settle(state, purpose.reservation_sid, leg):
        cancels = state.options.dequeue_failure == "canceled"
        code = NOT_MADE if leg.status == "failed" or cancels else None
        reservations.fail(state, purpose.reservation_sid, f"{leg.to}: {leg.status}.", code, cancels)
