"""The checkpoints of notebook 06: reservations that nobody accepts, and what to do about them."""

from __future__ import annotations

from urllib.parse import urlsplit

from twilio.rest import Client

from helpers.callback_server.exchange_log import Exchange
from helpers.callback_server.server import exchanges
from helpers.connection.instances import ReservationInstance
from helpers.lesson.checkpoints.framework import NotRight, NotYet
from helpers.lesson.checkpoints.lookups import find_by_name, get_worker, get_workflow, get_workspace, was_deleted
from helpers.lesson.checkpoints.needs import checkpoint
from helpers.lesson.checkpoints.scene import Scene
from helpers.names import ACTIVITIES, WRAP_UP

LESSON = "06"
STUCK = "Run the cell that tries eight answers. The last one leaves a task that is stuck."
AGAIN = "Then run the cells of this part again, from the one with `new_task` on."

REJECT = """\
task = new_task()
for reservation in task.reservations.list(reservation_status="pending"):
    reservation.update(reservation_status="rejected")"""
TIME_OUT = """\
task = new_task(timeout=10)
for _ in range(2):
    skip(seconds=11) if current().mode == "sandbox" else time.sleep(11)"""
TIMEOUT_ACTIVITY = """\
settings = {"friendly_name": "Missed a task", "available": False}
kinds = workspace.activities
missed = found(kinds, **settings) or kinds.create(**settings)
workspace = workspace.update(timeout_activity_sid=missed.sid)"""
FALLBACK_PATH = "/fallback"
NO_FALLBACK = "task = new_task(callback=callback_url)"
FALLBACK = """\
task = new_task(callback=callback_url, fallback=fallback_url)
time.sleep(2)

offers(task)"""
RESCUE = """\
for stuck in workspace.tasks.list(assignment_status="reserved"):
    for reservation in stuck.reservations.list(reservation_status="pending"):
        reservation.update(reservation_status="accepted")"""


def _find(client: Client) -> tuple[Scene, list[ReservationInstance]]:
    """Find the newest task of this lesson, and its reservations, the newest last. Raises what `get_task` raises."""
    scene = Scene.find(client, LESSON)
    return scene, scene.reservations()


def _named(reservations: list[ReservationInstance], status: str) -> list[str]:
    """Give the names of those whose reservation came to this end, each once, in order."""
    return list(dict.fromkeys(one.worker_name for one in reservations if one.reservation_status == status))


def _no_reservation(scene: Scene) -> NotYet:
    idle = [name for name in ("Alice", "Bob") if get_worker(scene.workspace, name).available]
    if idle:
        return NotYet("nobody has been asked yet. Run this cell again.", hints=("Wait a moment.",))
    return NotYet(
        "nobody is available, so nobody has been asked.",
        hints=("`new_task` makes Alice and Bob Idle before it creates the task.", AGAIN),
        solution="task = new_task()",
    )


@checkpoint(
    "A reservation is rejected",
    hints=("A reservation is rejected by an update, as it is accepted.", 'Its `reservation_status` is `"rejected"`.'),
    solution=REJECT,
)
def rejected(client: Client) -> str:
    """Check that somebody has rejected the task, and say who is asked now."""
    scene, past = _find(client)
    if not past:
        raise _no_reservation(scene)
    names = _named(past, "rejected")
    asked = _named(past, "pending")
    if not names and scene.task.assignment_status == "assigned":
        raise NotRight("the task was accepted; in this part of the page it should be rejected.", hints=(AGAIN,))
    if not names:
        raise NotYet(f"{' and '.join(asked) or 'nobody'} has the reservation, and nobody has rejected it.")
    who = f"{' and '.join(names)} rejected it"
    if len(past) > 1 and len({one.worker_name for one in past}) == 1:
        raise NotRight(
            f"{who}, and it came back at once, because nobody else in the queue is available.",
            hints=("Bob must speak Spanish and be Idle. The first cells of this page take care of both.", AGAIN),
            solution='bob = bob.update(attributes=json.dumps({"languages": ["en", "es"]}))\n' + REJECT,
        )
    return f"{who}, and now {asked[0]} is asked." if asked else f"{who}; the task is {scene.task.assignment_status}."


@checkpoint(
    "Nobody answers",
    hints=("Let more than ten seconds pass, twice.",),
    solution=TIME_OUT,
)
def timed_out(client: Client) -> str:
    """Check that the reservations of Alice and Bob have timed out, and that both are in the timeout activity."""
    scene, past = _find(client)
    names = _named(past, "timeout")
    if not past:
        raise _no_reservation(scene)
    if {"Alice", "Bob"} <= set(names):
        activities = {get_worker(scene.workspace, name).activity_name for name in ("Alice", "Bob")}
        where = f"both are {activities.pop()}" if len(activities) == 1 else "one of them has come back since"
        status = scene.task.assignment_status
        return f"{names[0]} did not answer, then {names[1]} did not, and {where}. The task is {status}."
    seconds = get_workflow(scene.workspace).task_reservation_timeout
    if seconds is not None and seconds > 60:
        raise NotRight(
            f"a reservation lasts {seconds} seconds in this workflow, so none has timed out yet.",
            hints=("This part of the page begins with `new_task(timeout=10)`.",),
            solution=TIME_OUT,
        )
    so_far = f"{names[0]}'s reservation timed out, the other one has not" if names else "no reservation has timed out"
    raise NotYet(f"{so_far}. Let more time pass.")


@checkpoint(
    "An activity for missed tasks",
    hints=(
        "First the activity: `... or workspace.activities.create(**settings)`, after what is found.",
        "Then the workspace: `workspace.update(timeout_activity_sid=...)`, with the SID of the activity.",
    ),
    solution=TIMEOUT_ACTIVITY,
)
def timeout_activity(client: Client) -> str:
    """Check that the workspace's timeout activity is one of its own, in which nobody is available."""
    space = get_workspace(client)
    activities = {one.sid: one for one in space.activities.list()}
    chosen = activities.get(space.timeout_activity_sid)
    made = find_by_name(space.activities, "Missed a task")
    if chosen is None or chosen.friendly_name == "Offline":
        if made is not None and space.default_activity_sid == made.sid:
            raise NotRight(
                'new workers begin in "Missed a task" now: you set the *default* activity.',
                hints=("The setting is `timeout_activity_sid`; the default activity was right.",),
                solution='workspace.update(default_activity_sid=team.activities["Offline"].sid)\n' + TIMEOUT_ACTIVITY,
            )
        there = "the activity exists, but the workspace does not use it yet" if made else "the activity does not exist"
        raise NotYet(f"{there}, so workers who do not answer still go {chosen.friendly_name if chosen else 'nowhere'}.")
    if chosen.friendly_name in (*ACTIVITIES, WRAP_UP):
        raise NotRight(
            f'workers who do not answer go to "{chosen.friendly_name}" now, where they are for other reasons, too: '
            "nobody can tell who has missed a task.",
            hints=("The exercise wants an activity of its own: `timeout_activity_sid=missed.sid`.",),
            solution=TIMEOUT_ACTIVITY,
        )
    if chosen.available:
        raise NotRight(
            f'"{chosen.friendly_name}" is available: a worker who misses a task would be asked again at once, '
            f"over and over.",
            hints=(
                "Whether an activity is available cannot be changed afterwards.",
                "Delete it, and create it with `available=False`; first give the workspace back its old one.",
            ),
            solution=(
                'workspace.update(timeout_activity_sid=team.activities["Offline"].sid)\n'
                f"for activity in workspace.activities.list(friendly_name={chosen.friendly_name!r}):\n"
                f"    activity.delete()\n{TIMEOUT_ACTIVITY}"
            ),
        )
    return f'Workers who do not answer go to "{chosen.friendly_name}" from now on.'


@checkpoint(
    "The callback fails",
    hints=("The workflow needs the address of the route with the mistake, and no fallback URL.",),
    solution=NO_FALLBACK,
)
def canceled(client: Client) -> str:
    """Check that the callback has failed and TaskRouter has canceled the reservation."""
    scene, past = _find(client)
    names = _named(past, "canceled")
    if names:
        count = sum(one.reservation_status == "canceled" for one in past)
        asked = requests_about(past)
        status = asked[-1].status if asked else None
        answered = f" Your server answered {status}." if status else ""
        what = "a reservation" if count == 1 else f"{count} reservations so far"
        return f"TaskRouter has canceled {what}, and neither Alice nor Bob did anything.{answered}"
    if not past:
        raise _no_reservation(scene)
    if not get_workflow(scene.workspace).assignment_callback_url:
        raise NotYet("the workflow has no callback address, so your server is not asked.")
    if scene.task.assignment_status == "assigned":
        raise NotRight(
            "the task is assigned: your server has accepted it.",
            hints=("In this part the first route fails, and the workflow has no fallback URL.", AGAIN),
            solution=NO_FALLBACK,
        )
    raise NotYet("TaskRouter is still asking your server. Run this cell again.", hints=("Wait a moment.",))


def requests_about(reservations: list[ReservationInstance]) -> list[Exchange]:
    """List what TaskRouter has asked the servers of this kernel about these reservations, in order."""
    sids = {one.sid for one in reservations}
    return [one for one in exchanges() if one.form.get("ReservationSid") in sids]


@checkpoint(
    "The fallback answers",
    hints=(
        "`new_task` has a parameter for it: look at the cell that defines it.",
        "The address is in `fallback_url`.",
    ),
    solution=FALLBACK,
)
def fallback(client: Client) -> str:
    """Check that the first address has failed, and the fallback has accepted."""
    scene, past = _find(client)
    workflow = get_workflow(scene.workspace)
    second = workflow.fallback_assignment_callback_url
    if not second:
        raise NotYet("the workflow has no fallback URL.")
    if not workflow.assignment_callback_url:
        raise NotRight(
            "the workflow has only a fallback URL, and the first address is missing.",
            hints=("`new_task` takes both: `callback=callback_url` and `fallback=...`.",),
            solution=FALLBACK,
        )
    if second == workflow.assignment_callback_url:
        raise NotRight(
            "both addresses are the same, so the same mistake answers twice.",
            hints=("The second one is `fallback_url`.",),
            solution=FALLBACK,
        )
    if not past:
        raise _no_reservation(scene)
    asked = requests_about(past)
    if scene.task.assignment_status == "assigned":
        if len(asked) > 1 and asked[-1].path == urlsplit(second).path:
            return (
                f"{asked[-2].path} answered {asked[-2].status}, so TaskRouter asked {asked[-1].path}, which accepted."
            )
        if asked and asked[-1].path == FALLBACK_PATH:
            raise NotRight(
                f"the task is assigned, but the fallback was not asked: `{FALLBACK_PATH}` is the first address here.",
                hints=("`callback` is the address that is asked first, `fallback` the one for when it fails.",),
                solution=FALLBACK,
            )
        first = "your first route answered as it should" if asked else "it was accepted by a request"
        raise NotRight(
            f"the task is assigned, but the fallback was not asked: {first}.",
            hints=("Here the first route should fail: run the cell with the app again.", AGAIN),
            solution=FALLBACK,
        )
    at_second = [one for one in asked if one.path == urlsplit(second).path]
    if at_second and at_second[-1].status != 200:
        raise NotRight(
            f"the fallback was asked, and {at_second[-1].path} answered {at_second[-1].status}.",
            hints=("The app has a route for the fallback: `/fallback`.", AGAIN),
            solution=FALLBACK,
        )
    raise NotYet("TaskRouter is still asking your server. Run this cell again.", hints=("Wait a moment.",))


@checkpoint(
    "The task is free",
    hints=(
        "The loop finds the reservation that is stuck. Update it.",
        "`reservation.update(reservation_status=...)`, or `stuck.update(assignment_status=...)`.",
    ),
    solution=RESCUE,
)
def freed(client: Client) -> str:
    """Check that nobody is reserved for a task of this lesson any more."""
    space = get_workspace(client)
    marked = [one for one in space.tasks.list() if f'"lesson": "{LESSON}"' in one.attributes.replace('":"', '": "')]
    newest = marked[-1] if marked else None
    asks = urlsplit(get_workflow(space).assignment_callback_url or "").path
    if was_deleted(space, LESSON, newest):
        if asks == "/assignment_callback":
            raise NotYet("the newest task was deleted, and was not stuck: it was of an earlier part.", hints=(STUCK,))
        return "The newest task was deleted, and its reservation with it, so nobody is reserved for it."
    if newest is None:
        raise NotYet("there is no task of this lesson: run the cells of this part.", hints=(AGAIN,))
    task = newest
    past = sorted(task.reservations.list(), key=lambda one: one.date_created)
    waiting = _named(past, "pending")
    if not waiting:
        timed_out = {one.reservation_status for one in past} == {"timeout"}
        if timed_out and asks == "/any_answer":
            raise NotYet("nobody freed the task: its reservations have timed out by now.", hints=(STUCK,))
        if timed_out or asks == "/assignment_callback":
            raise NotYet("the newest task was not stuck: it is of an earlier part of this page.", hints=(STUCK,))
        return {
            "assigned": f"The task is assigned to {past[-1].worker_name}." if past else "The task is assigned.",
            "canceled": "The task is canceled, and nobody is reserved for it.",
            "pending": "Nobody is reserved any more, and the task waits for the next worker who is available.",
        }.get(task.assignment_status, f"The task is {task.assignment_status}.")
    names = _named(past, "rejected")
    if names:
        raise NotRight(
            f"{names[-1]} rejected it. Now {waiting[0]} is reserved, and your server gave the same useless "
            f"answer again.",
            hints=(
                "A rejected task goes on to the next worker, and the callback is asked again.",
                "Take the address out of the workflow first, or accept.",
            ),
            solution=RESCUE,
        )
    raise NotYet(f"{waiting[0]} is still reserved, and no answer will come.")
