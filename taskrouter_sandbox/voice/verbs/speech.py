"""Say, Play and Pause: something is heard for a time (voice.md §2.1, §2.2)."""

from __future__ import annotations

from ..calls import lifecycle
from ..calls.documents import BadAddress, resolve
from ..model.entities import Call
from ..model.run import Frame, Speaking
from ..model.state import VoiceState
from ..twiml.document import Verb
from . import attributes

ENDLESS = 1000  # how often a loop="0" is played (voice.md §2.1)
DIGIT = 500  # milliseconds of a played tone


def begin(state: VoiceState, call: Call, frame: Frame, verb: Verb) -> int:
    """Note what is heard of a Say, Play or Pause, and give how long it lasts, in milliseconds."""
    milliseconds = _begin(state, call, frame, verb)
    if milliseconds:
        frame.silent = 0
    return milliseconds


def _begin(state: VoiceState, call: Call, frame: Frame, verb: Verb) -> int:
    loops = attributes.whole(verb, "loop", 1) or ENDLESS
    match verb.name:
        case "Say":
            text = " ".join(verb.text.split())
            lifecycle.note(state, call, "Say", text, verb.attributes.get("language"))
            return min(loops, ENDLESS) * len(text) * state.options.say_per_character
        case "Play":
            if digits := verb.attributes.get("digits"):
                lifecycle.note(state, call, "Play", f"tones {digits}")
                return len(digits) * DIGIT
            lifecycle.note(state, call, "Play", _address(frame, verb.text))
            return min(loops, ENDLESS) * state.options.play
        case _:
            return attributes.whole(verb, "length", 1) * 1000


def start(state: VoiceState, call: Call, frame: Frame, verb: Verb) -> None:
    """Run a Say, Play or Pause."""
    frame.activity = Speaking()
    state.set_timer(call, "verb", begin(state, call, frame, verb))


def timer(state: VoiceState, call: Call, frame: Frame) -> None:
    """Go on: all was heard."""
    frame.activity = None
    state.go_on(call)


def _address(frame: Frame, url: str) -> str:
    """Give the address that is played, which is only noted; relative ones count against the document's."""
    try:
        return resolve(frame, url)
    except BadAddress:
        return url
