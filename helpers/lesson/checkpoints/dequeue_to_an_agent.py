"""The checkpoints of notebook 05: caller and agent are connected by the dequeue instruction."""

from __future__ import annotations

import re

from twilio.rest import Client

from helpers.connection.instances import ActivityInstance
from helpers.connection.json_text import as_object
from helpers.connection.vocabulary import UNANSWERED_CALL_STATUSES
from helpers.lesson.checkpoints.acceptance import describe_busy_alice, find_acceptance
from helpers.lesson.checkpoints.addresses import require_address
from helpers.lesson.checkpoints.agent_call_causes import (
    GIVE_CONTACT_URI,
    explain_accepted,
    explain_details,
    explain_reserved,
    explain_waiting,
    require_connected,
)
from helpers.lesson.checkpoints.answer_keys import explain_keys
from helpers.lesson.checkpoints.call_record import find_number
from helpers.lesson.checkpoints.call_scene import HANG_UP, NOT_REACHED, PLAY_AGAIN, CallScene, find_call
from helpers.lesson.checkpoints.call_solutions import MENU, SET_VOICE_URL
from helpers.lesson.checkpoints.callback_outcome import CallbackOutcome
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet
from helpers.lesson.checkpoints.lookups import find_by_name, get_worker, get_workflow, get_workspace, is_live
from helpers.lesson.checkpoints.needs import checkpoint
from helpers.lesson.checkpoints.older_calls import of_newest_app
from helpers.lesson.checkpoints.scene import PATH, SET_ADDRESS
from helpers.names import LANGUAGES, WRAP_UP

PLAY = "Run the cell that resets the lesson, call, press 1, and click Idle."
of_this_app = of_newest_app("05", PLAY, PLAY_AGAIN)

DEQUEUE_APP = """def assignment_callback():
    return {
        "instruction": "dequeue",
        "from": number.phone_number,
        "post_work_activity_sid": wrap_up.sid,
    }


app = FastAPI()
app.post("/incoming_call")(incoming_call)
app.post("/enqueue_call")(enqueue_call)
app.post("/assignment_callback")(assignment_callback)
server = serve(app, port)"""
RING_SECONDS = 10
RING_APP = DEQUEUE_APP.replace("wrap_up.sid,\n", f'wrap_up.sid,\n        "timeout": {RING_SECONDS},\n')
FIND_WRAP_UP = (
    'settings = {"friendly_name": "WrapUp", "available": False}\n'
    "wrap_up = found(workspace.activities, **settings) or workspace.activities.create(**settings)"
)
MAKE_WRAP_UP_ANEW = f'wrap_up.update(friendly_name="WrapUp (old)")\n{FIND_WRAP_UP}'
COMPLETE = """\
for task in workspace.tasks.list(assignment_status="wrapping"):
    task.update(assignment_status="completed", reason="Answered")"""
ADDRESS = re.compile(r"\+[1-9]\d{6,14}|client:\S+|sips?:\S+@\S+")
"""What a contact_uri can be: a number with its country, a client, or a SIP address (voice.md §4.1)."""


@checkpoint(
    "Alice's phone and the activity after a call",
    hints=(
        "`contact_uri` is one more of Alice's attributes.",
        "An update replaces all attributes, so the new ones are the old ones and `contact_uri`.",
    ),
    solution=f"{GIVE_CONTACT_URI}\n{FIND_WRAP_UP}",
)
def agent_phone(client: Client) -> str:
    """Check that Alice has a `contact_uri` and still her languages, and that WrapUp is an unavailable activity."""
    workspace = get_workspace(client)
    attributes = as_object(get_worker(workspace, "Alice").attributes)
    if "contact_uri" not in attributes:
        near = [key for key in attributes if "contact" in key.lower()]
        but = f": `{near[0]}` is not what TaskRouter reads" if near else ""
        raise NotYet(f"Alice has no `contact_uri`{but}, so nobody knows which phone is hers.")
    address = attributes["contact_uri"]
    if not isinstance(address, str) or not ADDRESS.fullmatch(address):
        raise NotRight(
            f'Alice\'s `contact_uri` is {address!r}: write a number such as "+15005550111", or "client:alice".'
        )
    if is_live() and address.startswith("client:"):
        raise NotRight(f"Alice's `contact_uri` is {address!r}, a browser's address: live, give her a telephone number.")
    languages = attributes.get("languages")
    if not isinstance(languages, list) or set(map(str, languages)) != set(LANGUAGES["Alice"]):
        raise NotRight(
            f"Alice's languages are {languages!r} now, so she does not match her queues any more.",
            hints=("An update replaces all attributes: what is not written again is gone.",),
            solution='attributes = {"languages": ["en", "es"], "contact_uri": "client:alice"}\n'
            "alice = alice.update(attributes=json.dumps(attributes))",
        )
    activity = find_by_name(workspace.activities, WRAP_UP)
    if activity is None:
        raise NotYet(f"there is no activity {WRAP_UP} yet.", hints=("Run the cell that creates it.",))
    if activity.available:
        raise NotRight(
            f"{WRAP_UP} is available, so Alice would get the next call at once.",
            hints=("Availability cannot be changed: rename this activity, and create another one.",),
            solution=MAKE_WRAP_UP_ANEW,
        )
    return f"Alice's phone is {address}, and after a call she can rest in {WRAP_UP}."


@checkpoint(
    "The two addresses",
    hints=("The number asks your app what to do with a call, the workflow what to do about a reservation.",),
    solution=f"{SET_VOICE_URL}\n{SET_ADDRESS}",
)
def call_addresses(client: Client) -> str:
    """Check that the number and the workflow lead to the app."""
    url = get_workflow(get_workspace(client)).assignment_callback_url
    number = find_number(client)
    require_address(number.voice_url, MENU, setting="the number's `voice_url`", solution=SET_VOICE_URL)
    require_address(url, PATH, setting="the workflow's `assignment_callback_url`", solution=SET_ADDRESS)
    return f"A call to {number.phone_number} and a reservation both lead to your app."


@checkpoint(
    "Caller and agent are connected",
    hints=("Call, press 1, click Idle, and answer Alice's phone.",),
    solution=DEQUEUE_APP,
)
@of_this_app
def connected(client: Client) -> str:
    """Check that dequeue has connected the caller with Alice, and that its answer is complete."""
    scene = find_call(client, DEQUEUE_APP)
    reservation, outcome = require_connected(scene, "dequeue")
    if cause := explain_details(scene, outcome) or _explain_activity(scene, outcome):
        raise cause
    status = scene.task.assignment_status
    if status != "assigned":
        return f"The caller has talked with {reservation.worker_name}; the task is {status} by now."
    busy = describe_busy_alice(scene)
    no_from = outcome.kind == "carried-out" and not outcome.said.get("from")
    and_from = " Your answer names no `from`: Alice saw the number that was called." if no_from else ""
    return f"The caller talks with Alice. The task is assigned, and Alice {busy}.{and_from}"


def _explain_activity(scene: CallScene, outcome: CallbackOutcome) -> Unmet | None:
    """Say that the answer sends Alice to no good activity after the call."""
    if outcome.kind != "carried-out":
        return None
    sid = outcome.said.get("post_work_activity_sid")
    if not sid:
        return _other_answer(scene, "your answer has no `post_work_activity_sid`, so Alice stays Busy after the call.")
    activity: ActivityInstance | None = next((one for one in scene.workspace.activities.list() if one.sid == sid), None)
    if activity is None:
        return NotRight(
            "the activity that `post_work_activity_sid` names was deleted meanwhile.",
            hints=(f"Run the cell that finds or creates {WRAP_UP} again. {scene.again}",),
            solution=FIND_WRAP_UP,
        )
    if activity.available:
        text = (
            f"`post_work_activity_sid` is {activity.friendly_name}, so Alice gets the next call while she still writes."
        )
        return _other_answer(scene, text)
    if activity.friendly_name != WRAP_UP:
        return _other_answer(scene, f"`post_work_activity_sid` is {activity.friendly_name}, not {WRAP_UP}.")
    return None


def _other_answer(scene: CallScene, sentence: str) -> Unmet:
    hints = ("The key names the activity into which the end of the call moves her: `wrap_up.sid`.",)
    return NotRight(
        sentence, hints=(*hints, f"Change the answer, and run its cell again. {scene.again}"), solution=scene.app
    )


@checkpoint(
    "After the call",
    hints=("Press *Hang up* on one of the two phones.", "In a multitasking workspace, complete the task as well."),
    solution=f"{HANG_UP}\n{COMPLETE}",
)
@of_this_app
def wrapped_up(client: Client) -> str:
    """Check that the call is over, its task completed, and Alice in WrapUp."""
    scene = find_call(client, DEQUEUE_APP)
    reservation, outcome = require_connected(scene, "dequeue")
    call, status = scene.agent_call(reservation), scene.task.assignment_status
    if call is not None and call.status == "in-progress":
        if status == "assigned":
            raise NotYet(
                "they still talk. Press *Hang up* on one of the two phones.",
                hints=("Talk as long as you like.", "No mouse at hand? The solution does the same."),
                solution="alice_phone.hang_up()",
            )
        raise NotRight(
            f"the task is {status}, but they still talk: a request has ended the task, and the call goes on.",
            hints=("A task that is a call ends with the call: hang up, and leave the task to TaskRouter.", scene.again),
            solution=HANG_UP,
        )
    if status == "wrapping":
        raise NotYet(
            "the call is over and the task is `wrapping`, as in a multitasking workspace: complete it.",
            hints=("Alice has notes to write; your application says when she is done.",),
            solution=COMPLETE,
        )
    if status == "assigned":
        raise NotYet("the call has just ended. Run this cell again.", hints=("Wait a moment.",))
    if cause := _explain_activity(scene, outcome):
        raise cause
    alice = get_worker(scene.workspace, "Alice").activity_name
    if alice != WRAP_UP and not scene.workspace.multi_task_enabled:
        raise NotRight(
            f"the call is over, but Alice is {alice}, not {WRAP_UP}: her activity was chosen once more after that.",
            hints=(f"Nothing is lost. To see her go to {WRAP_UP}, play it once more. {scene.again}",),
            solution=f"{HANG_UP}\nteam.clear_stage()",
        )
    seconds = f" after {call.duration} s" if call is not None and call.duration else ""
    return f"The call is over{seconds}, the task is completed, and Alice is in {alice}."


@checkpoint(
    "A phone that rings briefly",
    hints=(
        "The answer is a dictionary: `timeout` is one more key beside `from`, and its value a number.",
        "Run the cell, then play the scene, and let the phone ring.",
    ),
    solution=RING_APP,
)
@of_this_app
def rang_briefly(client: Client) -> str:
    """Check that Alice's phone has rung for as long as the answer's `timeout` says, and nobody has answered it."""
    scene = find_call(client, RING_APP)
    status = scene.task.assignment_status
    if status == "pending":
        raise explain_waiting(scene)
    if status != "reserved":
        acceptance = find_acceptance(scene)
        if acceptance is not None and (cause := explain_accepted(scene, acceptance, "dequeue")):
            raise cause
        raise NotYet(
            "Alice's phone was answered. Play the scene once more, and let it ring.",
            hints=(PLAY, "Do not press *Answer* on Alice's phone."),
            solution=PLAY_AGAIN,
        )
    reservation = scene.reservations()[-1]
    outcome = scene.outcome(reservation)
    call = scene.agent_call(reservation)
    if outcome.kind != "carried-out" or outcome.instruction != "dequeue" or call is None:
        raise explain_reserved(scene, "dequeue")
    if cause := explain_keys(scene, outcome):
        raise cause
    seconds = outcome.said.get("timeout")
    if seconds is None:
        raise NotRight("your answer has no `timeout`, so Alice's phone rings for a minute.")
    if str(seconds) != str(RING_SECONDS):
        raise NotRight(f"`timeout` is {seconds!r}, and the exercise asks for {RING_SECONDS} seconds.")
    if call.status in UNANSWERED_CALL_STATUSES:
        raise NotYet(
            f"Alice's phone rings. Wait until it stops, after {seconds} seconds, and run this cell again.",
            hints=("Do not press *Answer*.",),
        )
    if call.status != "no-answer":
        raise NotYet(
            f"Alice's phone {NOT_REACHED[call.status].what if call.status in NOT_REACHED else 'was answered'}. "
            "Play the scene once more, and let it ring.",
            hints=(f"On Alice's phone, choose *I answer*. {PLAY}", "Do not press *Answer*."),
            solution=PLAY_AGAIN,
        )
    return f"Alice's phone rang for {seconds} seconds. The reservation is still pending, and the caller waits."
