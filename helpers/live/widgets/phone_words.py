"""A call in words, as somebody at one of its phones sees and hears it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from helpers.connection.sids import short_sid
from helpers.connection.vocabulary import UNANSWERED_CALL_STATUSES
from helpers.live.widgets.text import clock
from taskrouter_sandbox.control_types import CallState, Heard, RequestMade

CAPTIONS_KEPT = 60
"""Captions shown of a call, the newest."""

DEFAULT_LANGUAGE = "en-US"
"""Of a Say that names none (voice.md §2.1)."""

ENDS = {
    "completed": "The call is over.",
    "busy": "The call is over: busy, or rejected.",
    "no-answer": "The call is over: nobody answered.",
    "canceled": "The call is over: it was given up before anybody answered.",
    "failed": "The call has failed.",
}
WAITS = {
    "keys": "Press a key now.",
    "keys or speech": "Press a key or say something now.",
    "the web server's answer": "Your app is being asked what to do.",
    "the end of what is heard": "Listen.",
    "the end of the recording": "What you say is recorded.",
    "a place in the queue": "A task is being made.",
    "the call is answered": "Your app is being asked whether to answer.",
    "somebody answers": "Waiting until somebody answers.",
}


class ShownCaption(TypedDict):
    """What is heard or done at a phone.

    at: time of day; kind: "heard", "done" or "wrong"; said: the words of a Say, to be read aloud; language: of these.
    """

    at: str
    kind: str
    text: str
    said: str
    language: str


class ShownCall(TypedDict):
    """A call as its phone draws it.

    live: it has not ended; rings: it can be answered here; talks: keys and words are heard; state: in words; waits:
    what for, in words; since: seconds since 1970, of the state; at: the same as time of day; took: for how long, of a
    call that has ended; earlier: captions that are not shown.
    """

    sid: str
    live: bool
    rings: bool
    talks: bool
    state: str
    waits: str
    since: float
    at: str
    took: str
    captions: list[ShownCaption]
    earlier: int
    requests: list[str]


def shown(call: CallState, names: Mapping[str, str]) -> ShownCall:
    """Say what a phone shows of a call. names: of phones, by address."""
    since = since_of(call)
    captions = [_caption(each, names) for each in call["captions"][-CAPTIONS_KEPT:]]
    return {
        "sid": call["sid"],
        "live": call["ended"] is None,
        "rings": call["direction"] != "inbound" and call["status"] == "ringing",
        "talks": call["status"] == "in-progress",
        "state": _state(call, names),
        "waits": _waits(call, names),
        "since": since / 1000,
        "at": clock(since),
        "took": f"{call['seconds']} s" if call["ended"] is not None and call["answered"] is not None else "",
        "captions": captions,
        "earlier": len(call["captions"]) - len(captions),
        "requests": [_request(each) for each in call["requests"]],
    }


def phone_name(address: str, names: Mapping[str, str]) -> str:
    """Name a phone: as it is called in `names`, or else by its address."""
    return names.get(address) or address.removeprefix("client:") or "an unknown number"


def phone_names(addresses: list[str], names: Mapping[str, str]) -> str:
    """Name several phones, as in `Alice and Bob`."""
    return " and ".join(dict.fromkeys(phone_name(each, names) for each in addresses))


def _state(call: CallState, names: Mapping[str, str]) -> str:
    calls_out = call["direction"] == "inbound"
    other = phone_name(call["to"] if calls_out else call["from"], names)
    status, queue = call["status"], call["queue"]
    if call["ended"] is not None:
        return ENDS.get(status, f"The call is over: {status}.")
    if status in UNANSWERED_CALL_STATUSES:
        if calls_out:
            return f"Calling {other}."
        return f"It rings: {other} calls." if status == "ringing" else f"{other} begins to call."
    if call["connected_with"]:
        others = phone_names(call["connected_with"], names)
        return f"Listening to {others}." if only_listens(call) else f"Talking with {others}."
    if call["conference_sid"]:
        return "In the conference, alone."
    if queue is not None and queue["position"]:
        return f"In the queue {_queue_name(queue['name'])}, place {queue['position']} of {queue['size']}."
    return f"Connected with {other}."


def only_listens(call: CallState) -> bool:
    """Whether not everybody with whom a call is connected hears it: it is muted, or coaches (voice.md §4.6)."""
    return not set(call["connected_with"]) <= set(call["heard_by"])


def _queue_name(name: str) -> str:
    """Name a queue; that of a workflow is called after the workflow's SID (voice.md §3.2)."""
    return f"of the workflow {short_sid(name)}" if name.startswith("WW") and len(name) == 34 else name


def _waits(call: CallState, names: Mapping[str, str]) -> str:
    waits = call["waits_for"]
    if only_listens(call):
        return (
            f"Heard by {phone_names(call['heard_by'], names)} only." if call["heard_by"] else "Nobody hears this phone."
        )
    if waits is None or waits in ("the end of the talk", "the end of the conference"):
        return ""
    if call["direction"] != "inbound" and call["status"] in UNANSWERED_CALL_STATUSES:
        return "Answer it, or reject it." if call["status"] == "ringing" else ""
    asked = f" {WAITS[waits]}" if waits.startswith("keys") else ""
    if call["ringing"]:
        return f"Ringing {phone_names(call['ringing'], names)}.{asked}"
    if waits == "an agent" or call["queue"] is not None:
        return f"Waiting for an agent.{asked}"
    return WAITS.get(waits, f"Waiting for {waits}.")


def since_of(call: CallState) -> int:
    """Give the beginning of the state that a call is in, in milliseconds since 1970."""
    if call["ended"] is not None:
        return call["ended"]
    if call["answered"] is None:
        return call["began"]
    source = "bridge" if call["connected_with"] else "Enqueue" if call["queue"] else None
    told = [each["at"] for each in call["captions"] if each["source"] == source]
    return told[-1] if told else call["answered"]


def _caption(heard: Heard, names: Mapping[str, str]) -> ShownCaption:
    source, text = heard["source"], heard["text"]
    kind, words = "heard", text
    if source == "Say":
        words = f"“{text}”"
    elif source == "Play":
        words = f"♪ {text}"
    elif source == "phone":
        kind, words = "done", _done(text)
    elif source == "error":
        kind, words = "wrong", f"Error {text}"
    elif source == "bridge":
        words = f"Connected with {phone_name(text.removeprefix('connected with '), names)}."
    elif source == "Enqueue":
        words = f"You wait{_of_workflow(text).removeprefix('waits')}."
    elif source == "conference":
        words = f"You are {_of_task(text.removeprefix('is '))}."
    elif source == "Record":
        words = f"{text[:1].upper()}{text[1:]}."
    said = text if source == "Say" else ""
    return {
        "at": clock(heard["at"]),
        "kind": kind,
        "text": words,
        "said": said,
        "language": heard["language"] or DEFAULT_LANGUAGE,
    }


def _of_workflow(text: str) -> str:
    """Name the queue at the end of a text, if that is a workflow's, as `_queue_name` does."""
    *before, name = text.split(" ")
    return " ".join([*before, _queue_name(name)])


def _of_task(text: str) -> str:
    """Name the room at the end of a text; that of a task is called after the task's SID (voice.md §4.5)."""
    *before, name = text.split(" ")
    is_of_task = name.startswith("WT") and len(name) == 34
    return " ".join([*before, f"of the task {short_sid(name)}" if is_of_task else name])


def _done(text: str) -> str:
    if text.startswith("presses "):
        return f"You press {text.removeprefix('presses ')}."
    return "You hang up." if text == "hangs up" else f"You say: “{text}”"


def _request(made: RequestMade) -> str:
    answer = f"{made['status']}" if made["status"] is not None else "no answer"
    problem = f": {made['problem']}" if made["problem"] else ""
    return f"{clock(made['at'])} {made['method']} {made['url']} → {answer}{problem}"
