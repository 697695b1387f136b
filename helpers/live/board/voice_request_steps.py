"""The steps of the sequence view that are requests about phone calls: for TwiML, and what is reported of calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from helpers.live.board.phone_steps import Step
from helpers.live.widgets.call_row import about_call, parameters_of

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange

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


def voice_parameters(exchange: Exchange) -> dict[str, str]:
    """Read what a request about a call says, in its form or its query; empty when it is none."""
    parameters = parameters_of(exchange)
    return parameters if about_call(parameters) else {}


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
