"""Assignment callbacks: the form that is posted, and what an answer to it means (behaviour.md §3)."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple, cast
from urllib.parse import urljoin

from msgspec import Struct, field
from msgspec.structs import replace

from ..engine.model.effects import AssignmentCallback, Level
from ..engine.model.options import CompatibilityOptions
from ..engine.rules.instructions import IN_CALLBACKS, UNKNOWN
from ..engine.workspace import DEFAULT_OPTIONS
from ..language.strict_json import quoted, read_json


class AnswerAlert(NamedTuple):
    """What Twilio's debugger would say about an answer (behaviour.md §3.5)."""

    code: int
    level: Level
    text: str


class AssignmentAnswer(Struct, frozen=True):
    """What to do about an answer.

    act: carry out `instruction`; nothing: the reservation stays pending; failed: ask the fallback, or give up.
    """

    kind: Literal["act", "nothing", "failed"]
    instruction: dict[str, Any] = field(default_factory=dict[str, Any])
    alert: AnswerAlert | None = None


NO_INSTRUCTION = AssignmentAnswer("nothing")


def assignment_form(workspace_sid: str, account_sid: str, callback: AssignmentCallback) -> dict[str, str]:
    """Build the form of an assignment callback (behaviour.md §3.1)."""
    return {
        "AccountSid": account_sid,
        "ReservationSid": callback.reservation_sid,
        "TaskAge": str(callback.task_age),
        "TaskAttributes": callback.task_attributes,
        "TaskPriority": str(callback.task_priority),
        "TaskQueueSid": callback.task_queue_sid,
        "TaskSid": callback.task_sid,
        "WorkerAttributes": callback.worker_attributes,
        "WorkerSid": callback.worker_sid,
        "WorkflowSid": callback.workflow_sid,
        "WorkspaceSid": workspace_sid,
    }


def failed(code: int, why: str) -> AssignmentAnswer:
    """Say that no usable answer came: refused, too late, or a status other than 2xx."""
    return AssignmentAnswer("failed", alert=AnswerAlert(code, "error", f"The assignment callback failed: {why}"))


def parse_answer(
    status: int, content_type: str, body: str | None, options: CompatibilityOptions = DEFAULT_OPTIONS
) -> AssignmentAnswer:
    """Read an answer that came in time; body: None where its charset is unknown.

    An instruction counts only with status 200; any other 2xx that has a body is a failure. A 200 without a body says
    "no instruction"; so does any other 2xx without one, with a warning, unless the options make that a failure, too
    (behaviour.md §11: not settled).
    """
    if not 200 <= status < 300:
        return failed(11200, f"it answered {status}, not 200")
    if body is not None and not body.strip() and (status == 200 or options.empty_answer == "nothing"):
        text = f"The answer was {status} without a body; TaskRouter's documentation asks for 200"
        return NO_INSTRUCTION if status == 200 else _ignored(11200, "warning", text)
    if status != 200:
        return failed(11200, f"it answered {status}, and only a 200 counts")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        return _wrong_type(f"The answer's Content-Type must be application/json; it was {content_type or 'none'}")
    if body is None:
        return _wrong_type(f"The answer's Content-Type names an unknown charset: {content_type}")
    try:
        _, answer = read_json(body)
    except ValueError as error:
        return _ignored(40001, "warning", f"The answer cannot be read as JSON: {error}")
    if not isinstance(answer, dict):
        return _ignored(40001, "warning", f"The answer must be a JSON object, not {_describe(answer)}")
    said = cast(dict[str, Any], answer)
    if not said:
        return NO_INSTRUCTION
    if "instruction" not in said:
        return _ignored(40005, "warning", 'The answer has no "instruction"')
    if said["instruction"] not in IN_CALLBACKS:
        text = f"{quoted(said['instruction'])} is not an instruction; known are {', '.join(IN_CALLBACKS)}"
        return _ignored(UNKNOWN, "error", text)
    return AssignmentAnswer("act", said)


def with_whole_addresses(answer: AssignmentAnswer, asked: str) -> AssignmentAnswer:
    """Make a relative `status_callback_url` absolute: it counts against the address that was asked (voice.md §4.2)."""
    url = answer.instruction.get("status_callback_url")
    if not isinstance(url, str) or not url:
        return answer
    try:
        whole = urljoin(asked, url)
    except ValueError:
        return answer  # it is refused for what it is
    return replace(answer, instruction=answer.instruction | {"status_callback_url": whole})


def with_redirects(answer: AssignmentAnswer, redirected: str) -> AssignmentAnswer:
    """Let the alert of an answer tell where redirects have led, if there were any: what is there has given it."""
    if answer.alert is None or not redirected:
        return answer
    return replace(answer, alert=answer.alert._replace(text=answer.alert.text + redirected))


def _describe(answer: object) -> str:
    """Name the kind of a JSON value that is no object, and what may have gone wrong."""
    if answer is None:
        return "null, as from a handler that returns nothing"
    if isinstance(answer, str):
        return "a string; perhaps it was encoded twice"
    return "an array" if isinstance(answer, list) else json.dumps(answer)


def _wrong_type(text: str) -> AssignmentAnswer:
    return AssignmentAnswer("failed", alert=AnswerAlert(40000, "error", text))


def _ignored(code: int, level: Level, text: str) -> AssignmentAnswer:
    return AssignmentAnswer("nothing", alert=AnswerAlert(code, level, text))
