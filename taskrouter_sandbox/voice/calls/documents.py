"""Documents: how they are requested, what an answer means, and the fallback (voice.md §1.4, §1.5)."""

from __future__ import annotations

from functools import partial
from typing import Literal
from urllib.parse import urljoin, urlsplit

from ...engine.model.urls import callable_address
from ..model.effects import Fetch, FetchFailure, FetchReply
from ..model.entities import Call
from ..model.run import Fetching, Frame, Role, Silence
from ..model.state import Requested, VoiceState
from ..model.terms import Method, Parameters, StatusCallback
from ..twiml.document import Document, Sound, Spoken, TwimlError, Verb, read_document
from . import lifecycle, parameters

BAD_URL, RELATIVE = 11100, 15004
SILENT_REQUESTS: dict[Role, int] = {"main": 20, "wait": 3, "announce": 3, "whisper": 3, "room": 3}  # one after another
PAUSE = 1_000  # milliseconds before any more
APOLOGY = "We are sorry, an application error has occurred. Goodbye."


Use = Literal["run", "failed", "void"]
"""What an answer was good for: the call runs it; it cannot; nobody waits for it any more."""


class BadAddress(ValueError):
    """An address in a document that cannot be requested. code: Twilio's."""

    def __init__(self, code: int, text: str):
        super().__init__(text)
        self.code = code


def resolve(frame: Frame, url: str) -> str:
    """Make an address of a document absolute; an empty one is that of the document itself. Raises BadAddress.

    A document given over REST has no address of its own: what it names must be absolute (voice.md §1.4).
    """
    url = url.strip()
    try:
        if frame.url is not None or urlsplit(url).scheme:
            return callable_address(urljoin(frame.url or "", url))
    except ValueError as error:
        raise BadAddress(BAD_URL, f"{url!r} {error}.") from None
    if url:
        text = f"{url!r} is relative, but this TwiML was given over REST: write the address with https:// and host."
        raise BadAddress(RELATIVE, text)
    raise BadAddress(BAD_URL, "This TwiML was given over REST, so it has no address to go back to: give an action.")


def method_of(verb: Verb, name: str = "method", default: Method = "POST") -> Method:
    """Read the method in which an address of a verb is requested."""
    return "GET" if verb.attributes.get(name, default).upper() == "GET" else "POST"


def callback_of(
    state: VoiceState,
    call: Call,
    frame: Frame,
    verb: Verb,
    name: str = "statusCallback",
    events: tuple[str, ...] = ("completed",),
) -> StatusCallback | None:
    """Read where a verb or noun wants something to be reported, or None. events: which, if it does not say so.

    The names of events have blanks between them (voice.md §0.1).
    """
    url = verb.attributes.get(name)
    if not url:
        return None
    try:
        url = resolve(frame, url)
    except BadAddress as error:
        state.recorder.alert(error.code, str(error), call.sid)
        return None
    named = verb.attributes.get(f"{name}Event")
    return StatusCallback(url, method_of(verb, f"{name}Method"), events if named is None else tuple(named.split()))


def request(
    state: VoiceState,
    call: Call,
    frame: Frame,
    url: str,
    method: Method,
    extra: Parameters = (),
    fallback: bool = False,
) -> None:
    """Request a document for a frame of a call; what it runs is over. url: absolute; extra: the verb's parameters.

    Where documents lead from one to the next and nothing is heard, each waits a second (voice.md §2.4).
    """
    if frame.silent >= SILENT_REQUESTS[frame.role]:
        frame.activity = Silence(partial(_request, state, call, frame, url, method, extra, fallback))
        return state.set_timer(call, "verb", PAUSE)
    return _request(state, call, frame, url, method, extra, fallback)


def _request(
    state: VoiceState, call: Call, frame: Frame, url: str, method: Method, extra: Parameters, fallback: bool
) -> None:
    fetch_sid = state.new_sid("FE")
    frame.activity = Fetching(fetch_sid)
    frame.silent += 1
    state.drop_timers(call, "verb")
    state.requested[fetch_sid] = Requested(call, frame, url, method, fallback)
    queue = parameters.queue(state, call) if frame.role == "wait" else ()
    every = parameters.standard(state, call) + queue + frame.extra + extra
    state.recorder.effects.fetches.append(Fetch(fetch_sid, call.sid, url, method, every, fallback))


def action_or_next(state: VoiceState, call: Call, frame: Frame, verb: Verb, extra: Parameters) -> None:
    """Request the `action` of a verb, or run the next verb if it has none."""
    frame.activity = None
    if verb.attributes.get("action"):
        return request_action(state, call, frame, verb, extra)
    return state.go_on(call)


def request_action(state: VoiceState, call: Call, frame: Frame, verb: Verb, extra: Parameters) -> None:
    """Request the `action` of a verb, or the document again if it has none."""
    try:
        url = resolve(frame, verb.attributes.get("action", ""))
    except BadAddress as error:
        return fail(state, call, frame, error.code, str(error), "")
    return request(state, call, frame, url, method_of(verb), extra)


def notify(state: VoiceState, call: Call, frame: Frame, verb: Verb, extra: Parameters) -> None:
    """Request the `action` of a verb whose answer does not matter: the call is over, or runs something else."""
    if not verb.attributes.get("action"):
        return
    try:
        url = resolve(frame, verb.attributes["action"])
    except BadAddress as error:
        state.recorder.alert(error.code, str(error), call.sid)
        return
    every = parameters.standard(state, call) + extra
    state.recorder.effects.fetches.append(
        Fetch(state.new_sid("FE"), call.sid, url, method_of(verb), every, purpose="notice")
    )


def fetched(state: VoiceState, fetch_sid: str, answer: FetchReply | FetchFailure) -> Use:
    """Take the answer to a request; one for a call that has moved on is void."""
    requested = state.requested.pop(fetch_sid, None)
    if requested is None or not _is_awaited(requested, fetch_sid):
        return "void"
    call, frame = requested.call, requested.frame
    if isinstance(answer, FetchFailure):
        _failed(state, requested, answer.code, answer.text)
        return "failed"
    try:
        document = read_document(answer.body, answer.content_type)
    except TwimlError as error:
        problem = error.problem
        text = f"{problem.text} (line {problem.line}, column {problem.column}){answer.redirected}"
        _failed(state, requested, problem.code, text)
        return "failed"
    load(state, call, frame, _verbs(state, call, document, answer.url), answer.url, requested.method)
    return "run"


def given(state: VoiceState, call: Call, frame: Frame, twiml: str) -> None:
    """Begin with a document that was given over REST."""
    try:
        document = read_document(twiml.encode(), "application/xml")
    except TwimlError as error:
        problem = error.problem
        text = f"{problem.text} (line {problem.line}, column {problem.column})"
        return fail(state, call, frame, problem.code, text, "")
    return load(state, call, frame, _verbs(state, call, document, ""), None)


def load(
    state: VoiceState, call: Call, frame: Frame, verbs: tuple[Verb, ...], url: str | None, method: Method = "POST"
) -> None:
    """Begin with a document. url: its own address; None for one that was given over REST."""
    frame.url, frame.method, frame.verbs, frame.index, frame.activity = url, method, verbs, 0, None
    state.go_on(call)


def silence(state: VoiceState, call: Call) -> None:
    """Cut what a call hears besides its own document: waiting music, an announcement, which is over so."""
    cut = call.frames[1:]
    del call.frames[1:]
    state.drop_timers(call, "verb")
    for frame in cut:
        if frame.told is not None:
            frame.told(None)


def fail(state: VoiceState, call: Call, frame: Frame, code: int, text: str, url: str) -> None:
    """Do what follows an error of fetching or of a document: the fallback, or an apology and the end of the call.

    A waiting document, or that of a conference, has ways out of its own: see `flow`.
    """
    _failed(state, Requested(call, frame, url, "POST", False), code, text)


def _failed(state: VoiceState, requested: Requested, code: int, text: str) -> None:
    call, frame = requested.call, requested.frame
    state.recorder.alert(code, text, call.sid)
    frame.activity = None
    if frame.role in ("wait", "announce", "room"):
        return state.failed(call, frame)
    if call.fallback_url and not requested.fallback:
        extra = (("ErrorCode", str(code)), ("ErrorUrl", requested.url))
        return request(state, call, frame, call.fallback_url, call.fallback_method, extra, fallback=True)
    lifecycle.note(state, call, "error", f"{code}: {text}")
    return load(state, call, frame, (Verb("Say", {}, APOLOGY, (), 0), Verb("Hangup", {}, "", (), 0)), None)


def _is_awaited(requested: Requested, fetch_sid: str) -> bool:
    frame = requested.frame
    if not requested.call.is_live or not any(frame is one for one in requested.call.frames):
        return False
    return isinstance(frame.activity, Fetching) and frame.activity.fetch_sid == fetch_sid


def _verbs(state: VoiceState, call: Call, document: Document | Spoken | Sound, url: str) -> tuple[Verb, ...]:
    """Give what a document says, plain text and sound included (voice.md §1.5); its warnings become alerts."""
    match document:
        case Document():
            for problem in document.problems:
                text = f"{problem.text} (line {problem.line}, column {problem.column})"
                state.recorder.alert(problem.code, text, call.sid, problem.level)
            return document.verbs
        case Spoken():
            return (Verb("Say", {}, document.text, (), 0),)
        case Sound():
            return (Verb("Play", {}, url, (), 0),)
