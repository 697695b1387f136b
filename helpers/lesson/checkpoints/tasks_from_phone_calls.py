"""The checkpoints of notebook 04: a phone call that becomes a task."""

from __future__ import annotations

from contextlib import suppress
from xml.etree import ElementTree

from twilio.rest import Client

from helpers.connection.json_text import as_object
from helpers.lesson.checkpoints.addresses import require_address
from helpers.lesson.checkpoints.asked_app import ask_app, find_server
from helpers.lesson.checkpoints.call_causes import CALL_AGAIN, ExerciseCall, explain_call, is_read_in_both
from helpers.lesson.checkpoints.call_record import CallRecord, find_number, find_record, is_of_lesson
from helpers.lesson.checkpoints.call_requests import explain_request
from helpers.lesson.checkpoints.call_solutions import (
    DIAL,
    HANG_UP,
    MENU,
    MENU_APP,
    PRESS_1,
    SECOND_CHANCE_APP,
    SET_VOICE_URL,
    TASK,
    WHOLE_APP,
)
from helpers.lesson.checkpoints.framework import NotRight, NotYet
from helpers.lesson.checkpoints.lookups import GONE_AFTER, get_resource, get_workspace
from helpers.lesson.checkpoints.needs import checkpoint
from helpers.lesson.checkpoints.older_calls import of_newest_app
from helpers.names import QUEUES

LESSON = "04"

of_this_app = of_newest_app(LESSON, "Press *Call* on the phone above, and go on from there.", DIAL)


@checkpoint(
    "The voice URL",
    hints=(
        "A number knows where to ask: its `voice_url`.",
        "The address is the public one of your server, and the path of the route.",
        '`f"{public_url}/incoming_call"`, and `voice_method="POST"`.',
    ),
    solution=SET_VOICE_URL,
)
def voice_url(client: Client) -> str:
    """Check that a number's voice URL leads to the app's route, by POST, at a server that can be reached."""
    number = find_number(client)
    url = require_address(number.voice_url, MENU, setting="the number's `voice_url`", solution=SET_VOICE_URL)
    if number.voice_method != "POST":
        raise NotRight(
            f"the number asks with {number.voice_method}, and your route is for POST.",
            hints=('`voice_method="POST"` has it ask with POST.',),
            solution=SET_VOICE_URL,
        )
    return f"Whoever calls {number.phone_number} is answered by {url}."


@checkpoint(
    "The menu",
    hints=(
        "The caller is to hear two prompts, and a key is to be waited for: a `Gather` with two `Say` in it.",
        "Its `action` is where the key goes.",
        '`answer.gather(num_digits=1, action="/enqueue_call", timeout=5)`, and `gather.say(...)` twice.',
    ),
    solution=MENU_APP,
)
@of_this_app
def menu(client: Client) -> str:
    """Check that the newest caller has heard two prompts, and that the key was sent to `/enqueue_call`."""
    record = find_record(client, LESSON)
    attempt = ExerciseCall(record, MENU, MENU_APP)
    sent = [one for one in record.asked_at(TASK) if one.form.get("Digits")]
    found = record.document(MENU)
    said = found.findall("Gather/Say") if found is not None else []
    if not sent or len(said) < len(QUEUES) or not is_read_in_both(said):
        raise explain_call(attempt)
    key, status = sent[-1].form["Digits"], sent[-1].status
    then = f" Your app has no such route yet: it answered {status}, and the call ended." if status == 404 else ""
    return f"The caller heard {len(said)} prompts and pressed {key}, and Twilio sent the key to `{TASK}`.{then}"


@checkpoint(
    "The call waits",
    hints=(
        "A call becomes a task by `Enqueue`, with the workflow's SID and a `Task`.",
        "The workflow's filters read `selected_language`; `Digits` has the key that was pressed.",
        "`answer.enqueue(workflow_sid=workflow.sid)`, and the JSON text of the attributes in `enqueue.task(...)`.",
    ),
    solution=WHOLE_APP,
)
@of_this_app
def call_waits(client: Client) -> str:
    """Check that the newest call is a task in the Spanish queue, and that key 2 would have made an English one."""
    record = find_record(client, LESSON)
    task = record.task
    spanish = get_resource(record.workspace.task_queues, QUEUES["es"], "queue")
    if task is None or task.assignment_status in ("canceled", "completed") or task.task_queue_sid != spanish.sid:
        raise explain_call(ExerciseCall(record, TASK, WHOLE_APP))
    _require_english(record)
    return (
        f'The call is a task: it is {task.assignment_status} in "{spanish.friendly_name}", and knows who calls: '
        f"{as_object(task.attributes).get('from')}."
    )


def _require_english(record: CallRecord) -> None:
    """Ask the app about the same call with key 2; raise NotRight unless it makes an English task of that, too."""
    server, asked = find_server(TASK), record.asked_at(TASK)
    if server is None or not asked:
        return
    status, body, error = ask_app(server, TASK, {**asked[-1].form, "Digits": "2"})
    said = None
    with suppress(ElementTree.ParseError):
        said = ElementTree.fromstring(body).findtext("Enqueue/Task")  # noqa: S314 (the learner's own)
    language = as_object(said).get("selected_language")
    if language == "en":
        return
    if error or status != 200:
        what = f"your app fails for whoever presses 2: {error or f'it answers {status}'}"
    elif said is None:
        what = "your app makes no task of the call of whoever presses 2"
    else:
        what = f"whoever presses 2, for English, becomes a task whose `selected_language` is {language!r}"
    raise NotRight(
        f"the call is a task in the Spanish queue, but {what.rstrip('.')}. This checkpoint has asked your app.",
        hints=(
            "`Digits` has the key that was pressed, as text: the language depends on it.",
            '`"es" if Digits == "1" else "en"`.',
            CALL_AGAIN,
        ),
        solution=f"{HANG_UP}\n{WHOLE_APP}",
    )


@checkpoint(
    "The caller hangs up",
    hints=("A caller who waits can hang up at any time.", "On the phone above, press *Hang up*."),
    solution=HANG_UP,
)
@of_this_app
def caller_hung_up(client: Client) -> str:
    """Check that a caller who waited has hung up, and that the task was canceled for this."""
    for task in reversed(get_workspace(client).tasks.list()):
        attributes = as_object(task.attributes)
        if task.reason == "hangup" and is_of_lesson(attributes, LESSON):
            return f"The caller hung up, and Twilio canceled the task. Its reason is `{task.reason}`."
    record = find_record(client, LESSON)
    if record.task is not None and not record.is_over:
        if record.task.assignment_status == "canceled":
            raise _canceled_by_hand(record)
        raise NotYet("the caller still waits. Hang up.")
    if record.task is not None and record.task.assignment_status == "canceled":
        raise _canceled_by_hand(record)
    if record.task is None and record.is_over and record.digits:
        raise NotYet(
            f"no task of a caller who hung up is left: {GONE_AFTER}. Call once more, press 1, and hang up.",
            hints=("Call, press 1, and hang up while the music plays.",),
            solution=f"{DIAL}\n{PRESS_1}\n{HANG_UP}",
        )
    raise explain_call(ExerciseCall(record, TASK, WHOLE_APP))


def _canceled_by_hand(record: CallRecord) -> NotRight:
    task = record.task
    assert task is not None
    again = [] if record.is_over else [HANG_UP]
    return NotRight(
        f"the task was canceled by a request, with the reason {task.reason!r}, and not because the caller hung up.",
        hints=("Call once more, press 1, and hang up while the music plays.",),
        solution="\n".join([*again, DIAL, PRESS_1, HANG_UP]),
    )


@checkpoint(
    "A second chance",
    hints=(
        "What stands after the `Gather` is carried out when no key was pressed.",
        "`Redirect` goes on with the document of another address, or of the same one.",
        '`answer.redirect("/incoming_call")`, after the `Gather`.',
    ),
    solution=SECOND_CHANCE_APP,
)
@of_this_app
def second_chance(client: Client) -> str:
    """Check that the newest caller has pressed nothing, and has heard the menu again."""
    record = find_record(client, LESSON)
    if failed := explain_request(record, SECOND_CHANCE_APP):
        raise failed
    _require_second_menu(record)
    times = len([one for one in record.asked_at(MENU) if not one.form.get("Digits")])
    if times > 1:
        return f"Nobody pressed a key, and the caller heard the menu {times} times."
    if record.digits:
        raise NotYet(
            f"the caller pressed {record.digits}. Call once more, and press nothing.",
            hints=("Call, and only listen. After the prompts there are five seconds.",),
            solution=f"{HANG_UP}\n{DIAL}",
        )
    if not record.is_over:
        raise NotYet(
            "the caller listens, and may still press a key. Wait some seconds, and run this cell again.",
            hints=("After the prompts there are five seconds.",),
            solution="from helpers import skip\nskip(seconds=10)",
        )
    raise NotYet(
        "the call ended before the menu came again. Call once more, and only listen.",
        hints=("Do not hang up before the menu begins again.",),
        solution=DIAL,
    )


def _require_second_menu(record: CallRecord) -> None:
    """Raise NotRight when the newest menu has nothing behind its Gather that leads back to it."""
    found = record.document(MENU)
    if found is None:
        return
    verbs = [verb.tag for verb in found]
    if "Gather" not in verbs:
        raise explain_call(ExerciseCall(record, MENU, SECOND_CHANCE_APP))
    after = verbs[verbs.index("Gather") + 1 :]
    if "Redirect" in after:
        return
    if "Redirect" in verbs:
        raise NotRight(
            "the `Redirect` stands before the `Gather`, which is never reached.",
            hints=("Verbs are carried out in their order. Write `answer.redirect(...)` after the prompts.",),
            solution=f"{HANG_UP}\n{SECOND_CHANCE_APP}",
        )
    then = f"only {' and '.join(f'`{verb}`' for verb in after)}" if after else "nothing"
    raise NotRight(f"after the `Gather` comes {then}, so the call ends when nobody presses a key.")
