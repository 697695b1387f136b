"""What an exception of the learner's handler, or FastAPI's complaint about its parameters, most likely comes from."""

from __future__ import annotations

import json
from collections.abc import Collection

HINT_BY_ERROR = {
    "string indices must be integers": "What Twilio sends is text. `TaskAttributes` is JSON text: "
    '`json.loads(TaskAttributes)["call_sid"]`.',
    "'str' object has no attribute": "What Twilio sends is text. `TaskAttributes` is JSON text: "
    "`json.loads(TaskAttributes)` makes a dictionary of it.",
    "'dict' object has no attribute": "The keys of a dictionary stand in brackets, as texts: `[\"call_sid\"]`.",
    "KeyError": "There is no such key. Names are as the page and Twilio write them, such as `call_sid`.",
    "name 'true' is": "Python writes `True`; `true` is JSON.",
    "name 'false' is": "Python writes `False`; `false` is JSON.",
    "name 'null' is": "Python writes `None`; `null` is JSON.",
    "NameError": "A name is not known in this kernel. Is it spelled right, and has the cell been run that defines it?",
    "JSONDecodeError": "`json.loads` wants JSON text, such as `TaskAttributes`, as Twilio has sent it.",
    "what the handler returns is no JSON": "An answer holds texts and numbers: of an activity its `.sid`, "
    "of a phone number `number.phone_number`.",
}  # fmt: skip
"""What to do about an exception of the app, by a part of its words; the first that fits."""

RETURNS_NOTHING = "The handler returns nothing: is `return` before the answer?"

OF_A_CALLBACK = (
    "ReservationSid", "TaskAttributes", "TaskSid", "TaskAge", "TaskPriority", "TaskQueueSid", "WorkerSid",
    "WorkerAttributes", "WorkflowSid", "WorkspaceSid", "AccountSid",
)  # fmt: skip
"""The parameters of an assignment callback (behaviour.md §3.1)."""


def describe_failure(error: str) -> str:
    """Say that the learner's app has failed; error: why, as `describe_app_error` words it."""
    return f"your app failed{':' if error.startswith('TaskRouter answered') else ' with'} {error}"


def hint_of_error(error: str) -> str | None:
    """Give what there is to do about an exception, as `describe_app_error` words it; None when nothing is known."""
    return next((hint for words, hint in HINT_BY_ERROR.items() if words in error), None)


def explain_missing(answer: str, sent: Collection[str], shown: Collection[str]) -> tuple[str, str]:
    """Say what a handler asks for and does not get, and the hint that mends it.

    answer: FastAPI's, with status 422; sent: the parameters that Twilio sends; shown: those of them that a handler of
    the lessons needs, the usual one first.
    """
    try:
        places = [(str(one["loc"][0]), str(one["loc"][-1])) for one in json.loads(answer)["detail"]]
    except (ValueError, LookupError, TypeError):
        places = []
    elsewhere = [name for place, name in places if place == "query" and name in sent]
    if elsewhere:
        return (
            f"looks for {_listed(elsewhere)} in the address, and Twilio sends it as a form field",
            f"FastAPI reads a form field where the parameter says so: `{elsewhere[0]}: str = Form()`.",
        )
    asked = [name for _, name in places]
    plain = {name.casefold(): name for name in sent}
    meant = [plain[key] for name in asked if (key := name.replace("_", "").casefold()) in plain]
    first = (*meant, *shown, "Digits")[0]
    shown = dict.fromkeys((*meant, *shown))
    missing = _listed(asked) or "something that is not there"
    return (
        f"asks for {missing}, which Twilio did not send: it sent {', '.join(f'`{name}`' for name in shown)}, and more",
        f"A parameter is found by its name, with its capitals: `{first}: str = Form()`.",
    )


def _listed(names: list[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
