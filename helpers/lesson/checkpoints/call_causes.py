"""Why a phone call has not come as far as the lesson wants: each cause is a function, `CAUSES` their order.

A cause is given the call and the exercise that is looked at. Where it applies, it returns what there is to say, with
the hints and the code that mend it; where it does not, None. The documents that the app has answered with, the errors
that the service noted and the task that was made decide, never a variable. To add one, write its function, put it into
`CAUSES` before all that are less specific, and play it in `tests/notebooks/test_call_causes.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from xml.etree import ElementTree

from helpers.connection.json_text import as_object
from helpers.connection.vocabulary import UNANSWERED_CALL_STATUSES
from helpers.lesson.checkpoints.call_record import CallRecord
from helpers.lesson.checkpoints.call_requests import explain_request
from helpers.lesson.checkpoints.call_solutions import DIAL, HANG_UP, MENU, PRESS_1, TASK
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet
from helpers.lesson.checkpoints.lookups import get_resource, get_workflow
from helpers.lines import as_sentence
from helpers.names import QUEUES

CALL_AGAIN = "Run the cell with the app again, then call once more."
PRESS = "Call once more, and press 1 when you have heard the menu."


@dataclass(frozen=True)
class ExerciseCall:
    """A call, and the exercise that is looked at. path: of the route that it is about; app: its code, solved."""

    record: CallRecord
    path: str
    app: str


def explain_call(attempt: ExerciseCall) -> Unmet:
    """Find out why a call has not come as far as the exercise wants; what it gives is to be raised."""
    return next(found for cause in CAUSES if (found := cause(attempt)))


def request_failed(attempt: ExerciseCall) -> Unmet | None:
    """Apply when a request failed, or its answer was no TwiML. The exercise of the menu ends where the key was sent."""
    asked = attempt.record.exchanges
    if attempt.path == MENU and asked and asked[-1].path == TASK:
        return None
    return explain_request(attempt.record, attempt.app)


def without_gather(attempt: ExerciseCall) -> Unmet | None:
    """Apply when the menu has no Gather."""
    menu = attempt.record.document(MENU)
    if menu is None or menu.find("Gather") is not None:
        return None
    verbs = ", ".join(f"`{verb.tag}`" for verb in menu) or "no verb at all"
    return NotRight(
        f"your app answered `{MENU}` with {verbs}, and without a `Gather`: no key is waited for.",
        hints=("`answer.gather(...)` makes one. What is to be heard meanwhile goes into it.", CALL_AGAIN),
        solution=attempt.app,
    )


def said_after_gather(attempt: ExerciseCall) -> Unmet | None:
    """Apply when a prompt of the menu stands beside the Gather and not in it, or is missing."""
    menu = attempt.record.document(MENU) if attempt.path == MENU else None
    gather = menu.find("Gather") if menu is not None else None
    if menu is None or gather is None or len(gather.findall("Say")) >= len(QUEUES):
        return None
    beside = [verb for verb in menu.findall("Say") if verb.text]
    if beside:
        return NotRight(
            f"`{_quoted(beside[0])}` stands beside the `Gather`, not in it: whoever presses a key before never "
            "hears it, and a key that is pressed meanwhile is lost.",
            hints=("`answer.say` adds to the document, `gather.say` to the `Gather`.", CALL_AGAIN),
            solution=attempt.app,
        )
    heard = " and ".join(f"`{_quoted(say)}`" for say in gather.findall("Say")) or "nothing"
    return NotRight(
        f"the caller hears only {heard}: one prompt is missing.",
        hints=("A `Gather` can hold several prompts: `gather.say(...)` once for each language.", CALL_AGAIN),
        solution=attempt.app,
    )


def read_in_the_wrong_language(attempt: ExerciseCall) -> Unmet | None:
    """Apply when one voice reads both prompts."""
    menu = attempt.record.document(MENU) if attempt.path == MENU else None
    said = menu.findall("Gather/Say") if menu is not None else []
    if not said or is_read_in_both(said):
        return None
    if _is_spanish(said[0]):
        return NotRight(
            'each prompt has `language="es"`, so a Spanish voice reads the English one, too.',
            hints=('`Say` has a `language`: that of the English prompt is `"en"`.', CALL_AGAIN),
            solution=attempt.app,
        )
    return NotRight(
        f'no prompt has `language="es"`, so an English voice reads `{_quoted(said[0])}`.',
        hints=("`Say` has a `language`; without one it is American English.", CALL_AGAIN),
        solution=attempt.app,
    )


def is_read_in_both(said: list[ElementTree.Element]) -> bool:
    """Tell whether of these prompts one is read in Spanish, and one is not."""
    return len({_is_spanish(say) for say in said}) > 1


def without_action(attempt: ExerciseCall) -> Unmet | None:
    """Apply when the key went back to the menu, as the Gather has no action."""
    came_back = [one for one in attempt.record.asked_at(MENU) if one.form.get("Digits")]
    if not came_back:
        return None
    key = came_back[-1].form["Digits"]
    return NotRight(
        f"the caller pressed {key}, and Twilio sent it to `{MENU}` again: the `Gather` has no `action`.",
        hints=("Without an `action` the key goes to the address of the document itself.", CALL_AGAIN),
        solution=attempt.app,
    )


def part_was_skipped(attempt: ExerciseCall) -> Unmet | None:
    """Apply when the service has left out a part of a document, with a warning."""
    warnings = [one for one in attempt.record.alerts if one["code"] == 12200 or 13200 <= one["code"] < 14000]
    if not warnings:
        return None
    first = warnings[-1]
    return NotRight(
        f"Twilio left out a part of your TwiML, with the warning {first['code']}: {as_sentence(first['text'])}",
        hints=("In Python the names are like `num_digits`, in TwiML like `numDigits`.", CALL_AGAIN),
        solution=attempt.app,
    )


def nothing_pressed(attempt: ExerciseCall) -> Unmet | None:
    """Apply when no key has reached the app."""
    record = attempt.record
    if record.digits or record.task is not None:
        return None
    if record.call.status in UNANSWERED_CALL_STATUSES:
        return NotYet("the call has just begun. Run this cell again.", hints=("Wait a moment.",))
    if not record.is_over:
        return NotYet("the phone waits for a key. Press 1.", hints=("The keypad is on the phone.",), solution=PRESS_1)
    if record.has_hung_up:
        return NotYet("the caller hung up before pressing a key.", hints=(PRESS,), solution=f"{DIAL}\n{PRESS_1}")
    return NotYet(
        "nobody pressed a key in time, so the call went on after the `Gather`, and ended.",
        hints=(f"After the prompts there are five seconds. {PRESS}",),
        solution=f"{DIAL}\n{PRESS_1}",
    )


def pressed_another_key(attempt: ExerciseCall) -> Unmet | None:
    """Apply when another key was pressed than the one for Spanish."""
    digits = attempt.record.digits
    if digits in ("", "1"):
        return None
    return NotYet(
        f"the caller pressed {digits}, which is not for Spanish.",
        hints=(f"Key 1 is for Spanish. {PRESS}",),
        solution=f"{HANG_UP}\n{DIAL}\n{PRESS_1}",
    )


def without_enqueue(attempt: ExerciseCall) -> Unmet | None:
    """Apply when the second document has no Enqueue, or one that makes no task."""
    answer = attempt.record.document(TASK)
    if answer is None:
        return None
    enqueue = answer.find("Enqueue")
    if enqueue is None:
        verbs = ", ".join(f"`{verb.tag}`" for verb in answer) or "no verb at all"
        return NotRight(
            f"your app answered `{TASK}` with {verbs}, and without an `Enqueue`: nobody waits, and there is no task.",
            hints=("`answer.enqueue(workflow_sid=...)` makes one.", CALL_AGAIN),
            solution=attempt.app,
        )
    if enqueue.get("workflowSid") is None:
        return NotRight(
            f"the caller waits in the queue `{_quoted(enqueue)}` without a task: the `Enqueue` names no workflow.",
            hints=(
                "A queue with a name is a plain waiting line. `workflow_sid` hands the call to TaskRouter.",
                CALL_AGAIN,
            ),
            solution=f"{HANG_UP}\n{attempt.app}",
        )
    return None


def of_another_workflow(attempt: ExerciseCall) -> Unmet | None:
    """Apply when the task was made for a workflow of another workspace."""
    answer = attempt.record.document(TASK)
    enqueue = answer.find("Enqueue") if answer is not None else None
    ours = get_workflow(attempt.record.workspace).sid
    if enqueue is None or attempt.record.task is not None or enqueue.get("workflowSid") == ours:
        return None
    return NotRight(
        f"the `Enqueue` names the workflow {enqueue.get('workflowSid')}, which is not that of this workspace, {ours}.",
        hints=("Each workspace has its own workflows; a task goes where its workflow is.", CALL_AGAIN),
        solution=f"{HANG_UP}\n{attempt.app}",
    )


def in_another_queue(attempt: ExerciseCall) -> Unmet | None:
    """Apply when 1 was pressed, and the task is not in the Spanish queue."""
    task = attempt.record.task
    if task is None:
        return None
    spanish = get_resource(attempt.record.workspace.task_queues, QUEUES["es"], "queue")
    if task.task_queue_sid == spanish.sid:
        return None
    language = as_object(task.attributes).get("selected_language")
    return NotRight(
        f'the caller pressed 1, and the task is in "{task.task_queue_friendly_name}": its `selected_language` is '
        f"{language!r}.",
        hints=(
            '`Digits` is a text: compare it with `"1"`, not with `1`.',
            'The language is `"es" if Digits == "1" else "en"`, in this order.',
            CALL_AGAIN,
        ),
        solution=f"{HANG_UP}\n{attempt.app}",
    )


def task_has_ended(attempt: ExerciseCall) -> Unmet | None:
    """Apply when the call's task has ended: the caller has hung up, or somebody has ended it."""
    record, task = attempt.record, attempt.record.task
    if task is None or task.assignment_status not in ("canceled", "completed"):
        return None
    why = "since the caller hung up" if task.reason == "hangup" else f"with the reason {task.reason!r}"
    again = [] if record.is_over else [HANG_UP]
    return NotYet(
        f"the task of the newest call is {task.assignment_status} already, {why}.",
        hints=(PRESS,),
        solution="\n".join([*again, DIAL, PRESS_1]),
    )


def task_is_gone(attempt: ExerciseCall) -> Unmet | None:
    """Apply always: the call has been enqueued, and its task is not there, or has just moved on."""
    if attempt.record.is_over:
        return NotYet(
            "the newest call is over. Its task has ended with it, or is gone by now.",
            hints=(PRESS,),
            solution=f"{DIAL}\n{PRESS_1}",
        )
    return NotYet("the call has just moved on. Run this cell again.", hints=("Wait a moment.",))


CAUSES: tuple[Callable[[ExerciseCall], Unmet | None], ...] = (
    request_failed,
    without_gather,
    part_was_skipped,
    without_action,
    said_after_gather,
    read_in_the_wrong_language,
    nothing_pressed,
    pressed_another_key,
    without_enqueue,
    of_another_workflow,
    in_another_queue,
    task_has_ended,
    task_is_gone,
)
"""The first that applies is the one that is told; the last one always does."""


def _is_spanish(say: ElementTree.Element) -> bool:
    return (say.get("language") or "").startswith("es")


def _quoted(verb: ElementTree.Element) -> str:
    return " ".join((verb.text or "").split())
