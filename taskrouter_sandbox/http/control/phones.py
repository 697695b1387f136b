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
    """How a phone answers: `after` so many seconds, `never`, `busy`, `reject`, `unreachable`, or `by-hand`."""

    answer: PhoneBehaviour
    seconds: Annotated[int, Meta(ge=0, le=3600)] = 2


def _state(phone: Phone) -> PhoneState:
    return {"address": phone.address, "answer": phone.behaviour, "seconds": phone.seconds}


@control.operation("ListPhone", "GET", "/phones", returns=PhoneList)
def list_(context: RequestContext) -> Answer:
    """List the phones that were told how to behave."""
    phones = context.service.telephony.engine.state.phones.values()
    return Answer(PhoneList(phones=[_state(phone) for phone in phones]))


@control.operation("SetPhone", "POST", "/phones/{address}", SetPhone, returns=PhoneState)
def set_(context: RequestContext, asked: SetPhone) -> Answer:
    """Let a phone behave so by itself, from the next call on."""
    address = context.path["address"]
    phone = context.service.telephony.apply(
        context.now, lambda engine: engine.people.set_phone(context.now, address, asked.answer, asked.seconds)
    )
    return Answer(_state(phone))
