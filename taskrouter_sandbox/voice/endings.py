"""How calls end, also those at which the sandbox has failed, and how whoever has to do with them goes on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager

from ..engine.model.errors import TaskRouterError
from .calls import lifecycle
from .instructions import call as call_instruction
from .instructions import conference as conference_instruction
from .instructions import dequeue, reservations
from .model.effects import Connect, CreateVoiceTask, FindReservation, OrderRefused, Outcome, TaskCommand
from .model.entities import Call, CallStatus
from .model.run import ByApi, ByConference, ByDequeue, ByDial
from .model.state import VoiceState
from .model.terms import InstructionOrder
from .verbs import dial, leaving

FAILED = 12400

log = logging.getLogger(__name__)


def end(state: VoiceState, call: Call, unanswered: CallStatus | None) -> None:
    """End a call. unanswered: its last status if nobody has answered it."""
    lifecycle.finish(state, call, unanswered)
    for part in PARTS:
        part(state, call)


def _cancel_redirected(state: VoiceState, call: Call) -> None:
    for task_sid in call.redirected:
        state.cancel_task(task_sid, "hangup")


def _tell_who_called(state: VoiceState, call: Call) -> None:
    """Let whatever has made a call go on without it."""
    match call.purpose:
        case ByApi(reservation_sid=str()):
            call_instruction.ended(state, call, call.purpose)
        case ByDial():
            dial.leg_ended(state, call, call.purpose)
        case ByDequeue():
            dequeue.ended(state, call, call.purpose)
        case ByConference(order=None):
            conference_instruction.participant_ended(state, call, call.purpose)
        case ByConference(order=order) if order is not None:
            conference_instruction.ended(state, call, call.purpose, order)
        case _:
            pass


def _leave(state: VoiceState, call: Call) -> None:
    leaving.leave(state, call, moved=False)


PARTS: tuple[Callable[[VoiceState, Call], None], ...] = (
    _leave,
    reservations.caller_gone,
    _cancel_redirected,
    _tell_who_called,
)


# where the sandbox itself fails


@contextmanager
def giving_up(state: VoiceState, calls: Iterable[Call]) -> Generator[None]:
    """Do something for calls, which end as `failed`, with an alert, where it fails by a mistake of the sandbox's."""
    try:
        yield
    except TaskRouterError:
        raise
    except Exception as error:
        log.exception("the voice side")
        for call in calls:
            give_up(state, call, error)


def give_up(state: VoiceState, call: Call, error: Exception) -> None:
    """End a call at which the sandbox has failed: its task and reservation go on, as far as that can be told."""
    text = f"The sandbox itself failed at this call ({error!r}), which has failed with it; its log says where."
    state.recorder.alert(FAILED, text, call.sid)
    task_sid, reservation_sid = call.task_sid, call.reservation_sid
    talks = call.answered_at is not None and reservation_sid not in state.following
    is_clean = True
    for part in (_fail, *PARTS):
        try:
            part(state, call)
        except Exception:
            is_clean = False
            log.exception("the end of call %s", call.sid)
    if not is_clean:
        state.cancel_task(task_sid, "failed")
        if talks:
            state.call_ended(reservation_sid)
        elif reservation_sid is not None:
            give_up_reservation(state, reservation_sid, text, isinstance(call.purpose, ByConference))


def _fail(state: VoiceState, call: Call) -> None:
    if call.is_live:
        try:
            lifecycle.fail(state, call)
        finally:
            call.status = "failed"


def give_up_reservation(state: VoiceState, reservation_sid: str, text: str, cancels: bool) -> None:
    """Let a reservation go whose instruction came to nothing. cancels: else it stays pending until its time is over."""
    state.following.pop(reservation_sid, None)
    reservations.fail(state, reservation_sid, text, FAILED, cancels)


@contextmanager
def giving_up_instruction(state: VoiceState, order: InstructionOrder) -> Generator[None]:
    """Carry out an instruction, which has come to nothing where that fails by a mistake of the sandbox's."""
    try:
        yield
    except TaskRouterError:
        raise
    except Exception as error:
        log.exception("the instruction %s", order.instruction)
        if (leg := state.following.get(order.reservation_sid)) is not None:
            give_up(state, leg, error)
        else:
            text = f"The sandbox itself failed at this instruction ({error!r}); its log says where."
            give_up_reservation(state, order.reservation_sid, text, order.instruction == "conference")


@contextmanager
def giving_up_outcome(state: VoiceState, command: TaskCommand, outcome: Outcome) -> Generator[None]:
    """Take the outcome of an order; where that fails by a mistake of the sandbox's, those who wait for it end."""
    calls = list(_concerned(state, command))
    with giving_up(state, calls):
        try:
            yield
        except Exception:
            if isinstance(command, Connect) and not isinstance(outcome, OrderRefused):
                state.call_ended(command.reservation_sid)
            raise


def _concerned(state: VoiceState, command: TaskCommand) -> Iterator[Call]:
    """Find the calls that wait for the outcome of an order."""
    match command:
        case CreateVoiceTask(call_sid=sid) | FindReservation(call_sid=sid) if sid in state.calls:
            yield state.calls[sid]
        case Connect(reservation_sid=reservation_sid):
            for call in state.live_calls():
                dialing = state.dialing(call)
                if dialing is not None and dialing.order_sid == command.sid:
                    yield call
            leg = state.following.get(reservation_sid)
            if leg is not None:
                yield leg
            match leg.purpose if leg is not None else None:
                case ByDequeue(caller_sid=str() as sid) | ByConference(customer_sid=str() as sid) if sid in state.calls:
                    yield state.calls[sid]
                case _:
                    pass
        case _:
            pass
