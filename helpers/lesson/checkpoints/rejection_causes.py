"""Why the callback of notebook 03 has not given the English task to the worker after Bob, and what mends it."""

from __future__ import annotations

from twilio.rest import Client

from helpers.connection.instances import ReservationInstance
from helpers.connection.json_text import as_object
from helpers.lesson.checkpoints.callback_causes import explain_answer, explain_canceled
from helpers.lesson.checkpoints.callback_outcome import CallbackOutcome
from helpers.lesson.checkpoints.framework import NotRight, NotYet
from helpers.lesson.checkpoints.lookups import GONE_AFTER, get_worker, get_workspace, was_deleted
from helpers.lesson.checkpoints.scene import CLICK_IDLE, Scene

REJECTING_APP = """app = FastAPI()
app.include_router(routes)


@app.post("/assignment_callback")
def answer_for_worker(WorkerSid: str = Form()):
    if WorkerSid == bob.sid:
        offline = team.activities["Offline"].sid
        return {"instruction": "reject", "activity_sid": offline}
    return {"instruction": "accept"}


server = serve(app, port)"""
EXERCISE = {"lesson": "03", "exercise": "lunch"}
"""How the English task is marked in its attributes."""
CREATE_ENGLISH_TASK = """team.clear_stage()
english = {"selected_language": "en", "lesson": "03", "exercise": "lunch"}
english_task = workspace.tasks.create(**settings | {"attributes": json.dumps(english)})"""
CLICK_BOB_IDLE = 'bob = bob.update(activity_sid=team.activities["Idle"].sid)'
CLICK_BOTH = "Then run the cell that creates the English task once more, click Bob to Idle, then Alice."
ACCEPTED = ("accepted", "wrapping", "completed")


def find_english_scene(client: Client) -> Scene:
    """Find the newest English task of the exercise. Raises NotYet when there is none, or it was canceled or deleted."""
    space = get_workspace(client)
    tasks = [one for one in space.tasks.list() if as_object(one.attributes).items() >= EXERCISE.items()]
    if not tasks or tasks[-1].assignment_status == "canceled":
        what = f"was canceled ({tasks[-1].reason})" if tasks else f"does not exist ({GONE_AFTER})"
        if was_deleted(space, newest=tasks[-1] if tasks else None, **EXERCISE):
            what = "was deleted"
        raise NotYet(
            f"the English task {what}: run the cell that creates it.",
            hints=("The cell above creates it. Run it after your app.",),
            solution=CREATE_ENGLISH_TASK,
        )
    return Scene(client, space, tasks[-1], REJECTING_APP, CLICK_BOTH)


def require_asked_about_bob(scene: Scene, past: list[ReservationInstance]) -> list[ReservationInstance]:
    """Give Bob's reservations for the task, the newest last. Raises the cause when there are none, or it fails.

    past: all reservations of the task, the newest last.
    """
    if not past:
        raise _nobody_asked(scene)
    canceled = [one for one in past if one.reservation_status == "canceled"]
    if canceled and (past[-1] in canceled or scene.outcome(past[-1]).kind == "under-way"):
        raise explain_canceled(scene, past)
    bobs = [one for one in past if one.worker_name == "Bob"]
    if not bobs:
        raise NotRight(
            f"TaskRouter asked about {past[-1].worker_name}, and not about Bob. "
            "Run the cell above again, and click Bob first.",
            hints=(f"Bob has to be the first who is Idle. {CLICK_BOTH}",),
            solution=f"{CREATE_ENGLISH_TASK}\n{CLICK_BOB_IDLE}",
        )
    return bobs


def _nobody_asked(scene: Scene) -> NotYet:
    bob = get_worker(scene.workspace, "Bob")
    if bob.available:
        return NotYet("TaskRouter has not reserved Bob yet. Run this cell again.", hints=("Wait a moment.",))
    return NotYet(
        f"the English task waits, and Bob is {bob.activity_name}. Click Idle for Bob.",
        hints=("TaskRouter asks about Bob as soon as he is available. No mouse at hand? The solution does the same.",),
        solution=CLICK_BOB_IDLE,
    )


def require_rejected(scene: Scene, bobs: list[ReservationInstance]) -> None:
    """Raise what is wrong unless the callback has rejected the task for Bob, and sent him away.

    bobs: his reservations, the newest last.
    """
    latest, outcome = bobs[-1], scene.outcome(bobs[-1])
    rejected = [one for one in bobs if one.reservation_status == "rejected"]
    if rejected and (stays := _he_stays(scene, rejected)):
        raise stays
    if latest.reservation_status == "canceled":
        raise explain_canceled(scene, bobs)
    if latest.reservation_status == "timeout":
        raise NotYet("Bob's reservation timed out: nobody answered.", hints=(CLICK_BOTH,))
    if latest.reservation_status == "pending" or not outcome.is_ours:
        raise explain_answer(scene, latest, outcome)
    if latest.reservation_status in ACCEPTED and outcome.kind == "carried-out":
        raise NotRight(
            f"the task is Bob's: your server answered {outcome.quoted}.",
            hints=scene.app_hints("The handler gets `WorkerSid`. What does it answer when that is `bob.sid`?"),
            solution=REJECTING_APP,
        )
    _by_the_callback(scene, latest, outcome)


def _he_stays(scene: Scene, rejected: list[ReservationInstance]) -> NotRight | None:
    """Say that Bob is asked again, as the answer leaves him available; None when it does not.

    rejected: his reservations that were rejected, the newest last.
    """
    outcome = scene.outcome(rejected[-1])
    away = [one.sid for one in scene.workspace.activities.list() if not one.available]
    wanted = outcome.said.get("activity_sid")
    if outcome.instruction != "reject" or wanted in away:
        return None
    times = "" if len(rejected) == 1 else f" {len(rejected)} times"
    why = 'The answer has a second key, `"activity_sid"`: it says which activity Bob goes to.'
    if wanted is not None:
        why = (
            '`"activity_sid"` is the SID of an activity that is not available: `team.activities["Offline"].sid`, '
            f"not `{wanted}`."
        )
    return NotRight(
        f"your server answered {outcome.quoted} for Bob{times}, and he stayed available, so he is asked again at once.",
        hints=scene.app_hints(why),
        solution=REJECTING_APP,
    )


def require_accepted(scene: Scene, others: list[ReservationInstance]) -> str:
    """Give the name of the worker for whom the callback has accepted the task; raise what is wrong where it has not.

    others: the reservations of everybody but Bob, the newest last.
    """
    if not others:
        alice = get_worker(scene.workspace, "Alice")
        at_work = "" if alice.activity_name != "Busy" else " She is Busy with another task: choose *Set Idle anyway*."
        raise NotYet(
            f"your server has rejected the task for Bob. Now click Idle for Alice.{at_work}",
            hints=("Alice speaks English, too. No mouse at hand? The solution does the same.",),
            solution=CLICK_IDLE,
        )
    latest, outcome = others[-1], scene.outcome(others[-1])
    if latest.reservation_status == "pending" or not outcome.is_ours:
        raise explain_answer(scene, latest, outcome)
    if latest.reservation_status == "rejected" and outcome.kind == "carried-out":
        raise NotRight(
            f"your server rejected the task for {latest.worker_name}, too.",
            hints=scene.app_hints("Only Bob is at lunch: compare `WorkerSid` with `bob.sid`."),
            solution=REJECTING_APP,
        )
    _by_the_callback(scene, latest, outcome)
    return latest.worker_name


def _by_the_callback(scene: Scene, reservation: ReservationInstance, outcome: CallbackOutcome) -> None:
    """Raise NotRight when a request, and not the answer to the callback, has ended the reservation."""
    if outcome.kind in ("carried-out", "unknown"):
        return
    did = "was not asked" if outcome.kind == "not-asked" else f"answered {outcome.quoted}"
    raise NotRight(
        f"{reservation.worker_name}'s reservation was {reservation.reservation_status} by a request, such as a cell's "
        f"or the board's. Your server {did}.",
        hints=scene.app_hints("Here your server decides, with its answer to the callback."),
        solution=REJECTING_APP,
    )
