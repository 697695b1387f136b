"""Gather: prompts, and what the person at the phone presses or says (voice.md §2.3)."""

from __future__ import annotations

from ..calls import documents, lifecycle
from ..calls.parameters import standard
from ..model.effects import Callback
from ..model.entities import Call
from ..model.run import Frame, Gathering
from ..model.state import VoiceState
from ..model.terms import Parameters
from ..twiml.document import Verb
from . import attributes, speech

PROMPTS = ("Say", "Play", "Pause")
KEYS = "0123456789*#"
LONGEST_SPEECH = 60  # seconds


def start(state: VoiceState, call: Call, frame: Frame, verb: Verb) -> None:
    """Begin with the prompts; from now on keys count."""
    gathering = frame.activity = Gathering(verb)
    _prompt(state, call, frame, gathering)


def timer(state: VoiceState, call: Call, frame: Frame, gathering: Gathering) -> None:
    """Go on with the next prompt, or end: nothing more came in time."""
    prompts = gathering.verb.children
    if gathering.digits or gathering.words or gathering.prompt > len(prompts):
        _end(state, call, frame, gathering)
    else:
        _prompt(state, call, frame, gathering)


def key(state: VoiceState, call: Call, frame: Frame, gathering: Gathering, pressed: str) -> None:
    """Take a key: it stops the prompts."""
    if "dtmf" not in _inputs(gathering) or gathering.words:
        return
    if pressed in gathering.verb.attributes.get("finishOnKey", "#"):
        return _end(state, call, frame, gathering, pressed)
    gathering.digits += pressed
    if len(gathering.digits) == attributes.whole(gathering.verb, "numDigits", 0):
        return _end(state, call, frame, gathering)
    return _wait(state, call, gathering)


def words(state: VoiceState, call: Call, frame: Frame, gathering: Gathering, said: str) -> None:
    """Take what was said; the silence after it ends the speech, or its longest time. What comes first, keys or speech,
    counts."""
    if "speech" not in _inputs(gathering) or gathering.digits:
        return
    if gathering.spoken_since is None:
        gathering.spoken_since = state.now
    gathering.words.append(said)
    gathering.prompt = len(gathering.verb.children) + 1
    _report_partly(state, call, frame, gathering)
    silence = _silence(state, gathering.verb)
    longest = attributes.whole(gathering.verb, "maxSpeechTime", LONGEST_SPEECH) * 1000
    state.set_timer(call, "verb", max(0, min(silence, gathering.spoken_since + longest - state.now)))


def _silence(state: VoiceState, verb: Verb) -> int:
    """Compute how long a silence ends the speech, in milliseconds."""
    if verb.attributes.get("speechTimeout") == "auto":
        return state.options.speech_end
    return attributes.whole(verb, "speechTimeout", attributes.whole(verb, "timeout", 5)) * 1000


def _inputs(gathering: Gathering) -> tuple[str, ...]:
    return attributes.names(gathering.verb, "input", ("dtmf",))


def _prompt(state: VoiceState, call: Call, frame: Frame, gathering: Gathering) -> None:
    """Play the next prompt, or wait if all were played."""
    prompts = gathering.verb.children
    while gathering.prompt < len(prompts):
        prompt = prompts[gathering.prompt]
        gathering.prompt += 1
        if prompt.name in PROMPTS:
            return state.set_timer(call, "verb", speech.begin(state, call, frame, prompt))
    return _wait(state, call, gathering)


def _wait(state: VoiceState, call: Call, gathering: Gathering) -> None:
    """Wait for a key; the timeout begins when the prompts have ended, or with the last key."""
    gathering.prompt = len(gathering.verb.children) + 1
    state.set_timer(call, "verb", attributes.whole(gathering.verb, "timeout", 5) * 1000)


def _report_partly(state: VoiceState, call: Call, frame: Frame, gathering: Gathering) -> None:
    if url := gathering.verb.attributes.get("partialResultCallback"):
        try:
            url = documents.resolve(frame, url)
        except documents.BadAddress as error:
            return state.recorder.alert(error.code, str(error), call.sid)
        extra = (*standard(state, call), ("UnstableSpeechResult", " ".join(gathering.words)))
        method = documents.method_of(gathering.verb, "partialResultCallbackMethod")
        state.recorder.effects.callbacks.append(Callback("partial-result", call.sid, url, method, extra))
    return None


def _end(state: VoiceState, call: Call, frame: Frame, gathering: Gathering, finish_key: str = "") -> None:
    """Request the action if anything came; otherwise the document goes on."""
    state.drop_timers(call, "verb")
    verb, frame.activity = gathering.verb, None
    if not gathering.digits and not gathering.words and not attributes.flag(verb, "actionOnEmptyResult"):
        return state.go_on(call)
    return documents.request_action(state, call, frame, verb, _result(state, gathering, finish_key))


def _result(state: VoiceState, gathering: Gathering, finish_key: str) -> Parameters:
    inputs = _inputs(gathering)
    if gathering.words or (not gathering.digits and "dtmf" not in inputs):
        result = [("SpeechResult", " ".join(gathering.words))]
        if gathering.words:
            result += [("Confidence", "0.9"), ("Language", gathering.verb.attributes.get("language", "en-US"))]
        return tuple(result)
    result = [("Digits", gathering.digits), ("FinishedOnKey", finish_key)]
    if state.options.gather_message == "sent":
        result.append(("msg", "Gather End"))
    return tuple(result)


def note_keys(state: VoiceState, call: Call, digits: str) -> None:
    """Note which keys a person has pressed."""
    lifecycle.note(state, call, "phone", f"presses {digits}")
