"""The steps of the sequence view that pass between phones and Twilio.

What a person does stands at its own time; what Twilio does comes after the events of its millisecond, whose ranks lie
below `AFTER_EVENTS`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from helpers.live.widgets.phone_words import phone_name
from taskrouter_sandbox.control_types import CallState, Heard

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
