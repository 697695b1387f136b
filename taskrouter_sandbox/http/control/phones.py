"""Phones: how each behaves when it is called."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from ...control_types import PhoneBehaviour, PhoneList, PhoneState
from ...voice.model.entities import Phone
from ..operation import Answer, Registry, RequestContext
from .parameters import ControlParameters

control = Registry(control=True)


class SetPhone(ControlParameters):
    """How a phone answers: `after` so many seconds, `never`, `busy`, `reject`, `unreachable`, or `by-hand`.

    for_seconds: it behaves so unless it was told otherwise for good, and after so many seconds of this machine's clock
    as before, unless it is told again; 0: at once. renew: a phone that was told so for some seconds before goes on
    behaving as it does, for the new seconds.
    """

    answer: PhoneBehaviour
    seconds: Annotated[int, Meta(ge=0, le=3600)] = 2
    for_seconds: Annotated[int, Meta(ge=0, le=3600)] | None = None
    renew: bool = False


def _state(context: RequestContext, address: str, phone: Phone) -> PhoneState:
    state = context.service.telephony.engine.state
    for_now = address in state.phones_for_now and address not in state.phones
    return {"address": address, "answer": phone.behaviour, "seconds": phone.seconds, "for_now": for_now}


@control.operation("ListPhone", "GET", "/phones", returns=PhoneList)
def list_(context: RequestContext) -> Answer:
    """List the phones that were told how to behave."""
    state = context.service.telephony.engine.state
    addresses = state.phones | state.phones_for_now
    return Answer(PhoneList(phones=[_state(context, each, state.phone_at(each)) for each in addresses]))


@control.operation("SetPhone", "POST", "/phones/{address}", SetPhone, returns=PhoneState)
def set_(context: RequestContext, asked: SetPhone) -> Answer:
    """Let a phone behave so by itself, from the next call on."""
    address = context.path["address"]
    telephony = context.service.telephony
    now = telephony.engine.state.phones_for_now.get(address) if asked.renew else None
    behaviour, seconds = (now.behaviour, now.seconds) if now else (asked.answer, asked.seconds)
    phone = telephony.set_phone(address, behaviour, seconds, asked.for_seconds)
    return Answer(_state(context, address, phone))
