"""What people do at phones: dial, press keys, speak, answer, reject and hang up."""

from __future__ import annotations

import re

from ...engine.model.errors import NotFound, TaskRouterError
from ..calls import inbound, legs, lifecycle
from ..flow import advance, settle
from ..model.entities import Behaviour, Call, Phone
from ..model.run import Dialing, Gathering, InConference, Recording
from ..model.state import VoiceState
from ..verbs import conference, dial_ending, gather, record
from .common import check_live, found

WITHHELD = re.compile("[A-Za-z]{1,40}")


def _check_address(address: str) -> None:
    if not legs.ADDRESS.fullmatch(address):
        text = f"{address[:60]!r} is no phone: give a number such as +15005550100, client:name or sip:name@domain"
        raise TaskRouterError(text)


class People:
    """What people do at phones."""

    def __init__(self, state: VoiceState):
        self.state = state

    def dial(self, now: int, from_address: str, to: str) -> Call:
        """Dial a number of the account from a phone. Raises NotFound when the account has no such number.

        from_address: a number, `client:name`, `sip:name@domain`, or a word such as `anonymous` (voice.md §1.2); for
        anything else TaskRouterError is raised.
        """
        state = advance(self.state, now)
        if not WITHHELD.fullmatch(from_address):
            _check_address(from_address)
        number = state.number_at(to)
        if number is None:
            raise NotFound(f"The account has no number {to}: add it to IncomingPhoneNumbers, or dial another one")
        call = inbound.arrive(state, number, from_address)
        settle(state)
        return call

    def press(self, now: int, call_sid: str, digits: str) -> Call:
        """Press keys: `0` to `9`, `*` and `#`. Raises TaskRouterError for others, and when the call is over."""
        state, call = self._live(now, call_sid, "Cannot press keys.")
        if not digits or any(digit not in gather.KEYS for digit in digits):
            raise TaskRouterError(f"Keys are 0 to 9, * and #; {digits!r} cannot be pressed")
        gather.note_keys(state, call, digits)
        heard = call.frames[-1] if call.frames else None
        if heard is None:
            return call
        at = heard.activity
        for digit in digits:
            if heard.activity is not at:
                break  # what is typed ahead is dropped (voice.md §8, point 21)
            match at:
                case Gathering():
                    gather.key(state, call, heard, at, digit)
                case Recording():
                    record.key(state, call, heard, at, digit)
                case Dialing() if digit == "*":
                    dial_ending.star(state, call, heard, at)
                case _:
                    pass
        room = state.main(call, InConference)
        if room is not None and "*" in digits:
            conference.star(state, call, call.frames[0], room)
        settle(state)
        return call

    def say(self, now: int, call_sid: str, words: str) -> Call:
        """Speak. Raises TaskRouterError when the call is over."""
        state, call = self._live(now, call_sid, "Cannot speak.")
        lifecycle.note(state, call, "phone", words)
        heard = call.frames[-1] if call.frames else None
        match heard.activity if heard else None:
            case Gathering() as gathering if heard:
                gather.words(state, call, heard, gathering, words)
            case Recording() as recording if heard:
                record.words(state, call, heard, recording, words)
            case _:
                pass
        settle(state)
        return call

    def answer(self, now: int, call_sid: str) -> Call:
        """Answer a phone that rings. Raises TaskRouterError when it does not ring."""
        state, call = self._ringing(now, call_sid)
        legs.answer(state, call)
        settle(state)
        return call

    def reject(self, now: int, call_sid: str) -> Call:
        """Reject a call; whoever called hears that the line is busy. Raises TaskRouterError when it does not ring."""
        state, call = self._ringing(now, call_sid)
        state.hang_up(call, "busy")
        settle(state)
        return call

    def hang_up(self, now: int, call_sid: str) -> Call:
        """Hang up. Raises TaskRouterError when the call is over."""
        state, call = self._live(now, call_sid, "Cannot hang up.")
        lifecycle.note(state, call, "phone", "hangs up")
        state.hang_up(call, None if call.direction == "inbound" else "busy")
        settle(state)
        return call

    def set_phone(self, now: int, address: str, behaviour: Behaviour, seconds: int = 2) -> Phone:
        """Let a phone behave so by itself, from the next call on. seconds: after which it answers, or rejects.

        Raises TaskRouterError when the address is that of no phone.
        """
        state = advance(self.state, now)
        _check_address(address)
        phone = state.phones.get(address)
        if phone is None:
            phone = Phone(sid=state.new_sid("PH"), date_created=now, date_updated=now, address=address)
            state.add(phone)
        phone.behaviour, phone.seconds = behaviour, seconds
        state.changed(phone)
        return phone

    def set_phone_for_now(self, now: int, address: str, behaviour: Behaviour, seconds: int = 2) -> Phone:
        """Let a phone that was told nothing else behave so from the next call on, until `as_before`.

        A call that rings there already is left to the person who has come to answer it.

        Raises TaskRouterError when the address is that of no phone.
        """
        state = advance(self.state, now)
        _check_address(address)
        phone = Phone(sid="", date_created=now, date_updated=now, address=address, behaviour=behaviour, seconds=seconds)
        state.phones_for_now[address] = phone
        if state.phone_at(address).behaviour == "by-hand":
            for call in state.live_calls():
                if call.to == address and call.status == "ringing":
                    state.drop_timers(call, "phone")
        return state.phone_at(address)

    def as_before(self, now: int, address: str) -> Phone:
        """Let a phone behave as it was told, or else as phones do by themselves, from the next call on."""
        state = advance(self.state, now)
        state.phones_for_now.pop(address, None)
        return state.phone_at(address)

    def _live(self, now: int, call_sid: str, what: str) -> tuple[VoiceState, Call]:
        state = advance(self.state, now)
        call = found("Call", call_sid, state.calls)
        check_live(call, what)
        return state, call

    def _ringing(self, now: int, call_sid: str) -> tuple[VoiceState, Call]:
        state, call = self._live(now, call_sid, "Its phone does not ring.")
        if call.direction == "inbound" or call.status != "ringing":
            raise TaskRouterError(f"The phone of call {call.sid} does not ring: the call is {call.status}")
        if call.far_end is not None:
            raise TaskRouterError(f"{call.to} is a number of the account: its voice URL answers, not a person")
        return state, call
