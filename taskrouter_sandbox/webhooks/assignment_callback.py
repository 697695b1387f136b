"""Assignment callbacks: the form that is posted, and what an answer to it means (behaviour.md §3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ..engine.language.workflow_configuration import read_json
from ..engine.model.effects import AssignmentCallback
from ..engine.model.options import CompatibilityOptions
from ..engine.rules.instructions import IN_CALLBACKS, UNKNOWN
from ..engine.workspace import DEFAULT_OPTIONS


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


def parameters(workspace_sid: str, account_sid: str, callback: AssignmentCallback) -> dict[str, str]:
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


def failed(code: int, why: str) -> Verdict:
    """No usable answer came: refused, too late, or a status other than 2xx."""
    return Verdict("failed", alert=(code, "error", f"The assignment callback failed: {why}"))


def judge(status: int, content_type: str, body: str | None, options: CompatibilityOptions = DEFAULT_OPTIONS) -> Verdict:
    """Read an answer that came in time; body: None where its charset is unknown. Only 200 counts, whatever it says.

    Any other 2xx is a failure when it says something; an empty one counts as "no instruction", with a warning, unless
    the options read that otherwise (behaviour.md §11: not settled).
    """
    if not 200 <= status < 300:
        return failed(11200, f"it answered {status}, not 200")
    if body is not None and not body.strip() and (status == 200 or options.empty_answer == "nothing"):
        text = f"The answer was {status} without a body; TaskRouter's documentation asks for 200"
        return NOTHING if status == 200 else Verdict("nothing", alert=(11200, "warning", text))
    if status != 200:
        return failed(11200, f"it answered {status}, and only a 200 counts")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        said = content_type or "none"
        text = f"The answer's Content-Type must be application/json; it was {said}"
        return Verdict("failed", alert=(40000, "error", text))
    if body is None:
        text = f"The answer's Content-Type names an unknown charset: {content_type}"
        return Verdict("failed", alert=(40000, "error", text))
    try:
        _, answer = read_json(body)
    except ValueError as error:
        return Verdict("nothing", alert=(40001, "warning", f"The answer cannot be read as JSON: {error}"))
    if not isinstance(answer, dict):
        text = "The answer must be a JSON object; was it encoded twice?"
        return Verdict("nothing", alert=(40001, "warning", text))
    if not answer:
        return NOTHING
    if "instruction" not in answer:
        return Verdict("nothing", alert=(40005, "warning", 'The answer has no "instruction"'))
    if answer["instruction"] not in IN_CALLBACKS:
        text = f"{repr(answer['instruction'])[:80]} is not an instruction; known are {', '.join(IN_CALLBACKS)}"
        return Verdict("nothing", alert=(UNKNOWN, "error", text))
    return Verdict("act", answer)
