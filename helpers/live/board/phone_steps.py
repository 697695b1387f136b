"""The steps of the sequence view that belong to phone calls: what passes between phones and Twilio, and the requests
for TwiML.

What a person does stands at its own time; what Twilio does comes after the events of its millisecond, whose ranks lie
below `AFTER_EVENTS`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qsl

from helpers.live.widgets.phone_words import phone_name
from taskrouter_sandbox.control_types import CallState, Heard

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange

Side = Literal["caller", "agent"]
Step = dict[str, Any]

AFTER_EVENTS = 0.05
"""Milliseconds."""

CAPTIONS_AT_MOST = 100
"""Captions of one call that are drawn, the newest."""

ENDS = {
    "completed": "the call is over",
    "busy": "busy, or rejected",
    "no-answer": "nobody answers",
    "canceled": "stops ringing",
    "failed": "the call has failed",
}
HEARD = {
    "Say": "Words that Twilio speaks: text of a Say.",
    "Play": "A sound that Twilio plays.",
    "Enqueue": "The call waits in the queue, and a task was made of it.",
    "bridge": "Caller and agent hear one another from now on: the reservation is accepted.",
    "conference": "The call is in a room in which all who are there hear one another.",
    "Record": "What is said from now on is recorded.",
    "error": "An error of the TwiML or of a request; Twilio's debugger shows it too.",
}
VERBS = {
    "Gather": "The caller hears what stands in the Gather, and what is pressed or said goes to its action.",
    "Enqueue": "The call is put into a queue; with a workflow, a task is made of it.",
    "Dial": "Another phone is called, or a queue or a conference is joined.",
    "Redirect": "Twilio asks another address what to do.",
    "Record": "What is said is recorded.",
    "Reject": "The call is not answered.",
    "Leave": "The call leaves the queue.",
    "Hangup": "The call is ended.",
}
"""What a document with this verb does, the most telling first."""


# ---- at a phone


def of_phone(call: CallState, side: Side, task: str | None, names: Mapping[str, str]) -> list[Step]:
    """Make the steps of what has happened at a phone. names: of phones, by address."""
    made = _Phone(call, side, task, phone_name(call["phone"], names))
    if call["direction"] == "inbound":
        made.by_person("began", call["began"], f"dials {call['to']}", "Somebody dials the number.", sets="ringing")
        answered = "The first verb that is heard has answered the call."
        made.to_phone("answered", call["answered"], "answered", answered, sets="in-progress")
    else:
        made.to_phone(
            "began", call["began"], f"calls {made.name}", "Twilio calls this phone, and it rings.", sets="ringing"
        )
        made.by_person("answered", call["answered"], "answers", "Somebody answers.", sets="in-progress")
    seen: Counter[str] = Counter()
    for heard in call["captions"][-CAPTIONS_AT_MOST:]:
        key = f"{heard['at']} {heard['source']} {heard['text']}"
        seen[key] += 1
        made.caption(f"{key} {seen[key]}", heard, names)
    if call["ended"] is not None and not _hung_up_here(call):
        words = f"Its last status is {call['status']}."
        made.to_phone("ended", call["ended"], ENDS.get(call["status"], call["status"]), words, sets=call["status"])
    return made.steps


def _hung_up_here(call: CallState) -> bool:
    return bool(call["captions"]) and call["captions"][-1]["text"] == "hangs up"


class _Phone:
    """The steps of one phone, as they are made."""

    def __init__(self, call: CallState, side: Side, task: str | None, name: str) -> None:
        self.call, self.side, self.task, self.name = call, side, task, name
        self.steps: list[Step] = []

    def by_person(self, key: str, at: int | None, label: str, words: str, sets: str = "") -> None:
        """Add what somebody does at the phone."""
        self._add(key, at, self.side, "taskrouter", label, words, sets)

    def to_phone(self, key: str, at: int | None, label: str, words: str, sets: str = "") -> None:
        """Add what is heard at the phone, or comes to it."""
        after = AFTER_EVENTS + len(self.steps) / 10_000
        self._add(key, None if at is None else at + after, "taskrouter", self.side, label, words, sets)

    def caption(self, key: str, heard: Heard, names: Mapping[str, str]) -> None:
        """Add what was heard or done."""
        source, text, at = heard["source"], heard["text"], heard["at"]
        words = HEARD.get(source, f"{source}: {text}")
        if source == "phone":
            is_end = text == "hangs up"
            label = text if is_end or text.startswith("presses ") else f"says “{text}”"
            done = "The call ends here." if is_end else "What a person does at the phone."
            self.by_person(key, at, label, done, sets=self.call["status"] if is_end else "")
        elif source == "bridge":
            if self.side == "caller":  # one arrow for both
                other = phone_name(text.removeprefix("connected with "), names)
                self._add(key, at + AFTER_EVENTS, "agent", "caller", f"connected with {other}", words, "connected")
        elif source == "error":
            self._add(key, at + AFTER_EVENTS, "taskrouter", "taskrouter", f"error {text}", words, "")
        else:
            marked = {"Say": f"“{text}”", "Play": f"♪ {text}", "Enqueue": re.sub(r" in the queue WW\w{32}$", "", text)}
            self.to_phone(key, at, marked.get(source, text), words, sets="waiting" if source == "Enqueue" else "")

    def _add(self, key: str, at: float | None, origin: str, to: str, label: str, words: str, sets: str) -> None:
        if at is None:
            return
        call = self.call
        self.steps.append(
            {
                "id": f"phone {call['sid']} {key}",
                "at": at,
                "from": origin,
                "to": to,
                "kind": "phone",
                "label": label,
                "words": words,
                "detail": [["phone", f"{self.name} ({call['phone']})"], ["call", call["sid"]]],
                "call": call["sid"],
                "task": self.task,
                "reservation": call["reservation_sid"],
                "sets": {call["sid"]: sets} if sets else {},
            }
        )


# ---- requests about calls


def voice_parameters(exchange: Exchange) -> dict[str, str]:
    """Read what a request about a call says, in its form or its query; empty when it is none."""
    parameters = dict(parse_qsl(exchange.query, keep_blank_values=True)) | exchange.form
    is_assignment = "ReservationSid" in exchange.form or "EventType" in exchange.form
    about_call = "CallSid" in parameters or "ConferenceSid" in parameters
    return parameters if about_call and not is_assignment else {}


def of_voice_request(exchange: Exchange, parameters: Mapping[str, str]) -> list[Step]:
    """Make the steps of a request about a call, and of its answer where that does something or is an error."""
    at = exchange.at.timestamp() * 1000
    notice = _notice_words(parameters)
    common = {"task": None, "call": parameters.get("CallSid"), "sets": {}}
    asked = {
        "id": f"request {exchange.number}",
        "at": at,
        "from": "taskrouter",
        "to": "server",
        "kind": "webhook",
        "label": f"{exchange.method} {exchange.path}",
        "words": notice or _question_words(parameters),
        "detail": [["signature", exchange.signature], *[[name, value] for name, value in parameters.items()]],
        **common,
    }
    if notice and exchange.status < 400:
        return [asked]
    verbs = twiml_verbs(exchange.answer)
    answered = {
        "id": f"instruction {exchange.number}",
        "at": at + exchange.seconds * 1000,
        "from": "server",
        "to": "taskrouter",
        "kind": "instruction",
        "label": f"{exchange.status} {', '.join(verbs)}".strip(),
        "words": exchange.error or _answer_words(exchange, verbs),
        "detail": [
            ["status", str(exchange.status)],
            ["after", f"{exchange.seconds * 1000:.1f} ms"],
            ["body", exchange.answer],
        ],
        **common,
    }
    return [asked, answered]


def twiml_verbs(answer: str) -> list[str]:
    """List the verbs and nouns of a TwiML document, each once, in their order."""
    names = dict.fromkeys(re.findall(r"<([A-Z][A-Za-z]*)[\s/>]", answer))
    return [name for name in names if name not in ("Response", "Task")]


def _notice_words(parameters: Mapping[str, str]) -> str:
    """Say what is reported by a request whose answer does nothing; empty for a request for TwiML."""
    if event := parameters.get("StatusCallbackEvent"):
        return f"A conference reports: {event}. The answer is ignored."
    if parameters.get("CallbackSource") or "SequenceNumber" in parameters:
        return f"A status callback: the call is {parameters.get('CallStatus', '?')}. The answer is ignored."
    if "RecordingStatus" in parameters:
        return f"A recording is {parameters['RecordingStatus']}. The answer is ignored."
    return ""


def _question_words(parameters: Mapping[str, str]) -> str:
    if parameters.get("Digits"):
        return f"{parameters['Digits']} was pressed: Twilio asks your app what to do now."
    if parameters.get("SpeechResult"):
        return f"“{parameters['SpeechResult']}” was said: Twilio asks your app what to do now."
    if "QueueResult" in parameters:
        return f"The call has left the queue ({parameters['QueueResult']}): Twilio asks your app what to do now."
    if "QueuePosition" in parameters:
        return "The call waits: Twilio asks your app what is to be heard meanwhile."
    if "DialCallStatus" in parameters:
        return f"The Dial is over ({parameters['DialCallStatus']}): Twilio asks your app what to do now."
    if parameters.get("CallStatus") == "ringing":
        return "Somebody has dialed the number: Twilio asks your app what to do with the call. It answers with TwiML."
    return "Twilio asks your app what to do with the call. It answers with TwiML."


def _answer_words(exchange: Exchange, verbs: list[str]) -> str:
    if exchange.status >= 400:
        return "Only a status of 200 to 299 counts: the caller hears an error, unless there is a fallback."
    if telling := next((words for verb, words in VERBS.items() if verb in verbs), None):
        return telling
    return "What your app wants the call to hear." if verbs else "There is no TwiML in this answer."
