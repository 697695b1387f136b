"""What an answer to an assignment callback means (behaviour.md §3.2, §3.3)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Literal

INSTRUCTIONS = ("accept", "reject", "dequeue", "call", "redirect", "conference")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about an answer.

    act: carry out `instruction`; nothing: the reservation stays pending; failed: ask the fallback, or give up.
    alert: (code, level, text) as Twilio's debugger would show it, or None.
    """

    kind: Literal["act", "nothing", "failed"]
    instruction: dict[str, Any] = field(default_factory=dict)
    alert: tuple[int, str, str] | None = None


NOTHING = Verdict("nothing")


def failed(code: int, why: str) -> Verdict:
    """No usable answer came: refused, too late, or a status other than 2xx."""
    return Verdict("failed", alert=(code, "error", f"The assignment callback failed: {why}"))


def judge(status: int, content_type: str, body: str) -> Verdict:
    """Read an answer that came in time.

    An empty 204 counts as "no instruction" (behaviour.md §11: not settled), any other 2xx but 200 as well when empty.
    """
    if not body.strip():
        return NOTHING
    if content_type.partition(";")[0].strip().lower() != "application/json":
        said = content_type or "none"
        text = f"The answer's Content-Type must be application/json; it was {said}"
        return Verdict("failed", alert=(40000, "error", text))
    try:
        answer = json.loads(body)
    except ValueError as error:
        return Verdict("nothing", alert=(40001, "warning", f"The answer is not JSON: {error}"))
    if not isinstance(answer, dict):
        text = "The answer must be a JSON object; was it encoded twice?"
        return Verdict("nothing", alert=(40001, "warning", text))
    if not answer:
        return NOTHING
    if "instruction" not in answer:
        return Verdict("nothing", alert=(40005, "warning", 'The answer has no "instruction"'))
    if answer["instruction"] not in INSTRUCTIONS:
        text = f"{answer['instruction']!r} is not an instruction; known are {', '.join(INSTRUCTIONS)}"
        return Verdict("nothing", alert=(55555, "error", text))
    return Verdict("act", answer)
