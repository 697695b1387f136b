"""Dial Queue: the first caller of a queue, or that of a reservation (voice.md §2.5)."""

from __future__ import annotations

import re
from functools import partial

from ..calls import documents, lifecycle
from ..model.effects import Connect, FindReservation, OrderRefused, Outcome, ReservationFound
from ..model.entities import Call
from ..model.run import Dialing, Frame
from ..model.state import VoiceState
from ..rooms import queues
from ..twiml.document import Verb
from . import attributes, dial_ending

RESERVATION = re.compile("WR[0-9a-f]{32}")
NOT_PENDING, GONE = 14215, 14217


def start(state: VoiceState, call: Call, frame: Frame, dialing: Dialing, noun: Verb) -> None:
    """Take the caller of the reservation that is named, or the first of the queue, or wait for one."""
    dialing.noun = noun
    if reservation_sid := noun.attributes.get("reservationSid"):
        return _ask(state, call, dialing, reservation_sid)
    name = " ".join(noun.text.split())
    queue = queues.find(state, name)
    if queue is None:
        return _fail(state, call, dialing)
    dialing.queue_sid = queue.sid
    return _take_first(state, call, dialing)


def _take_first(state: VoiceState, call: Call, dialing: Dialing) -> None:
    assert dialing.queue_sid is not None
    caller = queues.first(state, state.queues[dialing.queue_sid])
    if caller is not None:
        return take(state, call, dialing, caller)
    return state.set_timer(call, "queue", attributes.whole(dialing.verb, "timeout", 30) * 1000)


def caller_waits(state: VoiceState, caller: Call) -> None:
    """Take somebody who has just begun to wait, if a call dials that queue."""
    waiting = state.waiting(caller)
    if waiting is None or waiting.taken:
        return
    for call in state.live_calls():
        dialing = state.dialing(call)
        if dialing is not None and dialing.queue_sid == waiting.queue_sid and dialing.caller is None:
            return take(state, call, dialing, caller)


def timer(state: VoiceState, call: Call, dialing: Dialing) -> None:
    """Stop waiting for somebody to come into the queue."""
    dialing.status = "no-answer"
    dial_ending.over(state, call, call.frames[0], dialing)


def caller_gone(state: VoiceState, caller: Call) -> None:
    """Do without a caller who was about to be connected: take the next one, or wait for one."""
    call = _taker(state, caller)
    dialing = state.dialing(call)
    if call is None or dialing is None or dialing.bridged:
        return None
    dialing.caller, dialing.order_sid = None, None
    if dialing.reservation_sid is not None:
        text = f"The caller of reservation {dialing.reservation_sid} has hung up: nobody was connected."
        lifecycle.note_error(state, call, GONE, text)
        return _fail(state, call, dialing)
    return _take_first(state, call, dialing)


def _fail(state: VoiceState, call: Call, dialing: Dialing) -> None:
    dialing.status = "failed"
    dial_ending.over(state, call, call.frames[0], dialing)


def _ask(state: VoiceState, call: Call, dialing: Dialing, reservation_sid: str) -> None:
    if not RESERVATION.fullmatch(reservation_sid):
        lifecycle.note_error(state, call, NOT_PENDING, f"Queue's reservationSid {reservation_sid!r} is no SID (WR...).")
        return _fail(state, call, dialing)
    dialing.reservation_sid = reservation_sid
    question = FindReservation(state.new_sid("CM"), call.sid, reservation_sid)
    dialing.order_sid = state.order(question, partial(_found, question=question))
    return None


def _found(state: VoiceState, outcome: Outcome, question: FindReservation) -> None:
    """Take the caller of a reservation, if it is pending and he still waits."""
    call = state.calls.get(question.call_sid)
    dialing = state.dialing(call)
    if call is None or dialing is None or dialing.order_sid != question.sid:
        return
    if not isinstance(outcome, ReservationFound):
        return _of_no_use(state, call, dialing, GONE, "is not known")
    if outcome.status != "pending":
        code = GONE if outcome.status in ("canceled", "rescinded") else NOT_PENDING
        return _of_no_use(state, call, dialing, code, f"is {outcome.status}")
    caller = state.calls.get(outcome.call_sid or "")
    waiting = state.waiting(caller)
    if caller is None or waiting is None or waiting.taken or waiting.task_sid != outcome.task_sid:
        return _of_no_use(state, call, dialing, NOT_PENDING, "has no caller who waits")
    return take(state, call, dialing, caller)


def _of_no_use(state: VoiceState, call: Call, dialing: Dialing, code: int, why: str) -> None:
    lifecycle.note_error(state, call, code, f"Reservation {dialing.reservation_sid} {why}: nobody was connected.")
    _fail(state, call, dialing)


def take(state: VoiceState, call: Call, dialing: Dialing, caller: Call) -> None:
    """Take a caller out of the line: what the noun's `url` says to him comes first."""
    waiting = state.waiting(caller)
    assert waiting is not None
    assert dialing.noun is not None
    waiting.taken, dialing.caller, dialing.queue_since = True, caller.sid, waiting.since
    dialing.queue_sid = waiting.queue_sid
    state.drop_timers(call, "queue")
    url = dialing.noun.attributes.get("url")
    if not url:
        return announced(state, caller)
    documents.silence(state, caller)
    extra = (
        ("QueueSid", waiting.queue_sid),
        ("QueueTime", str((state.now - waiting.since) // 1000)),
        ("DequeingCallSid", call.sid),
    )
    frame = Frame("announce", extra=extra)
    caller.frames.append(frame)
    try:
        url = documents.resolve(call.frames[0], url)
    except documents.BadAddress as error:
        return documents.fail(state, caller, frame, error.code, str(error), url)
    return documents.request(state, caller, frame, url, documents.method_of(dialing.noun))


def announced(state: VoiceState, caller: Call) -> None:
    """Connect a caller who has been taken; TaskRouter is asked first where a reservation is to be accepted."""
    call = _taker(state, caller)
    dialing = state.dialing(call)
    if call is None or dialing is None:
        return
    if dialing.reservation_sid is None:
        return _connect(state, call, dialing, caller)
    assert dialing.noun is not None
    activity_sid = dialing.noun.attributes.get("postWorkActivitySid")
    order = Connect(state.new_sid("CM"), dialing.reservation_sid, post_work_activity_sid=activity_sid)
    dialing.order_sid = state.order(order, partial(_accepted, order=order, call_sid=call.sid, caller_sid=caller.sid))
    return None


def _taker(state: VoiceState, caller: Call) -> Call | None:
    dials = (call for call in state.live_calls() if (at := state.dialing(call)) and at.caller == caller.sid)
    return next(dials, None)


def _accepted(state: VoiceState, outcome: Outcome, order: Connect, call_sid: str, caller_sid: str) -> None:
    """Connect the two as the reservation is accepted; if one of them has gone meanwhile, the talk is over at once."""
    call, caller = state.calls.get(call_sid), state.calls.get(caller_sid)
    dialing = state.dialing(call)
    if call is None or dialing is None or dialing.order_sid != order.sid:
        if not isinstance(outcome, OrderRefused):
            state.call_ended(order.reservation_sid)
    elif isinstance(outcome, OrderRefused):
        lifecycle.note_error(state, call, GONE, f"Nobody was connected: {outcome.text}")
        dial_ending.free_caller(state, dialing)
        _fail(state, call, dialing)
    elif caller is not None and state.waiting(caller) is not None:
        _connect(state, call, dialing, caller)
    else:
        state.call_ended(order.reservation_sid)


def _connect(state: VoiceState, call: Call, dialing: Dialing, caller: Call) -> None:
    lifecycle.answer(state, call)
    queues.connect(state, caller, call, dialing.reservation_sid)
    dial_ending.bridged(state, call, dialing)
