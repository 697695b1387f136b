"""Dial: numbers, clients and SIP addresses that ring (voice.md §2.5).

A Dial of a queue is in `dial_queue`, one of a conference in `conference`; how any of them ends, in `dial_ending`.
"""

from __future__ import annotations

from ..calls import documents, legs, lifecycle, parameters
from ..model.entities import Call
from ..model.run import ByDial, Dialing, Frame
from ..model.state import VoiceState
from ..rooms import bridges
from ..twiml.document import Verb
from . import attributes, conference, dial_ending, dial_queue

NOUNS = ("Number", "Client", "Sip", "Queue", "Conference")
IN_WHISPER, NOTHING_TO_DIAL, DECLINED = 13201, 13215, 12200
MOST_AT_ONCE = 10


def start(state: VoiceState, call: Call, frame: Frame, verb: Verb) -> None:
    """Dial whom the verb names."""
    if frame.role == "whisper":
        lifecycle.note_error(state, call, IN_WHISPER, "A call that was dialed cannot Dial before it is connected.")
        return state.hang_up(call)
    nouns = _nouns(state, call, verb)
    dialing = frame.activity = Dialing(verb)
    if not nouns:
        dialing.status = "failed"
        return dial_ending.over(state, call, frame, dialing)
    match nouns[0].name:
        case "Conference":
            return conference.start(state, call, frame, verb, nouns[0])
        case "Queue":
            return dial_queue.start(state, call, frame, dialing, nouns[0])
        case _:
            dialing.ahead = nouns[:MOST_AT_ONCE]
            return _dial_next(state, call, frame, dialing)


def _nouns(state: VoiceState, call: Call, verb: Verb) -> list[Verb]:
    """Find whom a Dial names: its nested nouns, or the number in its text."""
    for child in verb.children:
        if child.name not in NOUNS:
            text = f"The sandbox does not dial {child.name}; it dials {', '.join(NOUNS)}."
            state.recorder.alert(DECLINED, text, call.sid, "warning")
    nouns = [child for child in verb.children if child.name in NOUNS]
    if not nouns and verb.text.strip():
        nouns = [Verb("Number", {}, verb.text, (), verb.line)]
    if not nouns:
        text = "Dial names nobody: write a number between its tags, or a Number, Client, Sip, Queue or Conference."
        state.recorder.alert(NOTHING_TO_DIAL, text, call.sid, "warning")
    return nouns


def _dial_next(state: VoiceState, call: Call, frame: Frame, dialing: Dialing) -> None:
    """Dial all who are left at once, or the next one only."""
    one_by_one = attributes.flag(dialing.verb, "sequential")
    now, dialing.ahead = (dialing.ahead[:1], dialing.ahead[1:]) if one_by_one else (dialing.ahead, [])
    for noun in now:
        caller_id = dialing.verb.attributes.get("callerId") or call.from_address
        leg = legs.make(
            state,
            from_address=caller_id,
            to=_address(noun),
            purpose=ByDial(call.sid, noun),
            direction="outbound-dial",
            parent=call,
            timeout=attributes.whole(dialing.verb, "timeout", 30),
            status_callback=documents.callback_of(state, call, frame, noun),
        )
        dialing.legs.append(leg.sid)


def _address(noun: Verb) -> str:
    text = noun.text.strip()
    match noun.name:
        case "Client":
            named = next((child.text.strip() for child in noun.children if child.name == "Identity"), text)
            return f"client:{named}"
        case "Sip":
            return text if text.startswith(("sip:", "sips:")) else f"sip:{text}"
        case _:
            return "".join(letter for letter in text if letter not in " -().")


# what becomes of those who are called


def leg_answered(state: VoiceState, leg: Call, purpose: ByDial) -> None:
    """Connect the first who answers, after the whisper of its noun; the others need not answer any more."""
    call = state.calls[purpose.parent_sid]
    dialing = state.dialing(call)
    if dialing is None or leg.sid not in dialing.legs or dialing.winner is not None:
        return state.hang_up(leg)
    dialing.winner, dialing.ahead = leg.sid, []
    for sid in dialing.legs:
        if sid != leg.sid:
            legs.stop_ringing(state, state.calls[sid])
    if digits := purpose.noun.attributes.get("sendDigits"):
        lifecycle.note(state, leg, "Play", f"tones {digits}")
    url = purpose.noun.attributes.get("url")
    if not url:
        return connect(state, leg, purpose)
    frame = Frame("whisper")
    leg.frames = [frame]
    try:
        url = documents.resolve(call.frames[0], url)
    except documents.BadAddress as error:
        return documents.fail(state, leg, frame, error.code, str(error), url)
    return documents.request(state, leg, frame, url, documents.method_of(purpose.noun))


def connect(state: VoiceState, leg: Call, purpose: ByDial) -> None:
    """Connect whoever has answered with the call that dials."""
    call = state.calls[purpose.parent_sid]
    dialing = state.dialing(call)
    if dialing is None or dialing.winner != leg.sid:
        return state.hang_up(leg)
    leg.frames = []
    lifecycle.answer(state, call)
    bridges.join(state, call, leg)
    dial_ending.bridged(state, call, dialing)
    return None


def leg_ended(state: VoiceState, leg: Call, purpose: ByDial) -> None:
    """Go on when somebody who was called has hung up, cannot be reached, or runs something else."""
    call = state.calls[purpose.parent_sid]
    dialing = state.dialing(call)
    if dialing is None or leg.sid not in dialing.legs:
        return
    frame = call.frames[0]
    dialing.legs.remove(leg.sid)
    if dialing.winner is None or dialing.winner == leg.sid:
        dialing.status, dialing.leg_sid = "completed" if leg.is_live else leg.status, leg.sid
        dialing.leg_seconds = None if leg.is_live else parameters.talk_seconds(leg)
    if dialing.winner == leg.sid or not (dialing.legs or dialing.ahead):
        dial_ending.over(state, call, frame, dialing)
    elif not dialing.legs:
        _dial_next(state, call, frame, dialing)
