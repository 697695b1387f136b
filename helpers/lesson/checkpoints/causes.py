"""Why a task is not where the lesson wants it: each cause in a sentence, with the hints and the code that mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from twilio.rest import Client

from helpers.connection.instances import ReservationInstance, TaskInstance, WorkerInstance, WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.connection.vocabulary import DEFAULT_TASK_CHANNEL, HELD_RESERVATION_STATUSES, WAITING_TASK_STATUSES
from helpers.lesson.checkpoints.callbacks import CallbackOutcome, callback_for
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet
from helpers.lesson.checkpoints.lookups import (
    LOAD_AGAIN,
    WITH_CAST,
    find_by_name,
    get_worker,
    get_workflow,
)
from helpers.lesson.find_or_create import short_sid
from helpers.names import QUEUES, is_of_a_lesson

PATH = "/assignment_callback"
CLICK_IDLE = 'alice = alice.update(activity_sid=team.activities["Idle"].sid)'
SET_ADDRESS = 'workflow = team.workflow.update(assignment_callback_url=f"{public_url}/assignment_callback")'
NO_ADDRESS = 'workflow = team.workflow.update(assignment_callback_url="")'
SERVE_AGAIN = f"server = serve(app, port)\npublic_url = expose(server)\n{SET_ADDRESS}"

ONCE_MORE = "Then run the cell that creates the task once more, and click Idle."


@dataclass(frozen=True)
class Scene:
    """What a checkpoint looks at: the workspace, the task of the lesson, and how the lesson wants it answered.

    app: the code of the app whose answer the lesson wants at this point; empty where it wants TaskRouter to ask nobody.
    """

    client: Client
    workspace: WorkspaceInstance
    task: TaskInstance
    app: str = ""

    def reservations(self) -> list[ReservationInstance]:
        """List the task's reservations, the newest last."""
        return sorted(self.task.reservations.list(), key=lambda one: one.date_created)

    def outcome(self, reservation: ReservationInstance) -> CallbackOutcome:
        """Find out what came of asking about a reservation."""
        return callback_for(self.client, get_workflow(self.workspace), reservation)

    def app_hints(self, hint: str) -> tuple[str, ...]:
        """Begin with this hint, and go on to what is to be run."""
        return hint, f"Run the cell with the app again. {ONCE_MORE}"


def explain_pending(scene: Scene) -> Unmet:
    """Find out why a pending task still waits; what it gives is to be raised."""
    spanish = find_by_name(scene.workspace.task_queues, QUEUES["es"])
    if spanish is None or scene.task.task_queue_sid != spanish.sid:
        return NotRight(
            f'the task waits in "{scene.task.task_queue_friendly_name}", which is not the Spanish queue: the workflow '
            "has put it there.",
            hints=(LOAD_AGAIN, f"A task stays in its queue. {ONCE_MORE}"),
            solution=WITH_CAST,
        )
    past = scene.reservations()
    latest = past[-1].reservation_status if past else ""
    if latest == "canceled":
        return _canceled(scene, past)
    if latest in ("pending", "accepted"):
        return _bounced(scene, past) or moved_on()
    alice = get_worker(scene.workspace, "Alice")
    if other := _other_task(scene, alice):
        return _at_work_elsewhere(scene, alice, *other)
    if latest == "rejected" and (rejected := _bounced(scene, past)):
        return rejected
    if alice.available:
        return _why_not_alice(scene, alice)
    if latest == "rejected":
        return NotYet(
            f"the reservation was rejected by hand, and Alice is {alice.activity_name}. Click Idle again.",
            hints=("A task that was rejected is offered again as soon as somebody is available.",),
            solution=CLICK_IDLE,
        )
    if latest == "timeout":
        return NotYet(
            f"the reservation timed out, and Alice was moved to {alice.activity_name}. Click Idle again.",
            hints=("Nobody accepted it in time. When Alice is available, she is reserved once more.",),
            solution=CLICK_IDLE,
        )
    without = " without any task" if alice.activity_name in ("Busy", "Reserved") else ""
    return NotYet(
        f"the task is pending, and Alice is {alice.activity_name}{without}. Click Idle above, then look again.",
        hints=(
            "The task waits for somebody who speaks Spanish and is available.",
            "The toggle above changes Alice's activity. Idle is available.",
            "Click Idle. No mouse at hand? The solution does the same.",
        ),
        solution=CLICK_IDLE,
    )


def _bounced(scene: Scene, past: list[ReservationInstance]) -> Unmet | None:
    """Say why the answer to the callback has sent the task back to its queue, if that is what it did last."""
    ended = [one for one in past if one.reservation_status in ("canceled", "rejected")]
    if not ended:
        return None
    if ended[-1].reservation_status == "canceled":
        return _canceled(scene, past)
    outcome = scene.outcome(ended[-1])
    if outcome.kind != "carried-out":
        return None
    return NotRight(
        f"your server answered `{outcome.answer}`, so the task went back to its queue.",
        hints=scene.app_hints("This page wants another answer."),
        solution=scene.app or NO_ADDRESS,
    )


def _canceled(scene: Scene, past: list[ReservationInstance]) -> Unmet:
    """Say why the callback has failed for the newest reservation that was canceled (behaviour.md §3.2)."""
    canceled = [one for one in past if one.reservation_status == "canceled"]
    what = "the reservation" if len(canceled) == 1 else f"{len(canceled)} reservations"
    outcome = scene.outcome(canceled[-1])
    if outcome.kind != "failed":
        why = outcome.why or "nobody answered at the workflow's callback address"
        return NotRight(
            f"TaskRouter canceled {what}: {why.rstrip('.')}.",
            hints=("Look at the answers in the board's Log, or in `server.log`.", ONCE_MORE),
        )
    hints, solution = _mend(scene, outcome)
    return NotRight(f"TaskRouter canceled {what}: {outcome.why}.", hints=hints, solution=solution)


def _mend(scene: Scene, outcome: CallbackOutcome) -> tuple[tuple[str, ...], str]:
    """Say what mends a callback that fails."""
    if not scene.app:
        return (
            "On this page you decide: the workflow needs no callback.",
            f"Take the address out of the workflow. {ONCE_MORE}",
        ), NO_ADDRESS
    if outcome.fault:
        hint = f"The callback fails because a fault was ordered. Take back what is left of it. {ONCE_MORE}"
        return (hint,), "from helpers import faults\nfaults.all_off()"
    if outcome.status is None:
        if "seconds" in outcome.why:
            return scene.app_hints("A callback has five seconds. Answer first, and do slow work later."), scene.app
        hint = (
            "Is the server running, and is the workflow's address its own? After a restart it has to be started again."
        )
        return (hint, f"Run the cells from `serve` to the callback address again. {ONCE_MORE}"), SERVE_AGAIN
    if outcome.status == 404 and urlsplit(get_workflow(scene.workspace).assignment_callback_url or "").path != PATH:
        hint = f"The path in the workflow's address is not the app's, which is `{PATH}`."
        return (hint, f"Set the address again. {ONCE_MORE}"), SET_ADDRESS
    by_status = {
        403: "A route with `only_here` is for this machine. Put the callback on `app`, not on `routes`.",
        404: f'The app has no route for this path. It needs `@app.post("{PATH}")`.',
        405: "TaskRouter sends a POST, so the route is made with `@app.post`.",
        422: "The handler asks for parameters that TaskRouter does not send in this form. It needs none.",
        200: "The answer must be JSON. FastAPI makes it JSON when the handler returns a dictionary.",
    }
    hint = by_status.get(outcome.status, "The app raises an exception: mend the line that is named.")
    return scene.app_hints(hint), scene.app


def moved_on() -> NotYet:
    """Say that the task is on its way to another state just now."""
    return NotYet("the task has just moved on. Run this cell again.", hints=("Wait a moment.",))


def open_reservation(scene: Scene) -> tuple[ReservationInstance, CallbackOutcome]:
    """Give the task's pending reservation, and what came of asking about it.

    Raises NotRight when it repeats one that the callback has brought to nothing, and NotYet when there is none.
    """
    past = scene.reservations()
    if not past or past[-1].reservation_status != "pending":
        raise moved_on()
    outcome = scene.outcome(past[-1])
    if outcome.kind == "under-way" and (repeated := _bounced(scene, past)):
        raise repeated
    return past[-1], outcome


def explain_answer(scene: Scene, reservation: ReservationInstance, outcome: CallbackOutcome) -> Unmet:
    """Say why a reservation is still pending, from what came of asking about it."""
    name = reservation.worker_name
    if outcome.kind == "not-asked":
        return _nobody_asked(scene, name)
    if outcome.kind == "under-way":
        return NotYet("TaskRouter is asking your server just now. Run this cell again.", hints=("Wait a moment.",))
    if outcome.kind == "empty":
        answer = f"`{outcome.answer}`" if outcome.answer else "nothing"
        return NotYet(
            f"the task is reserved for {name}, and your server answered {answer}, without an instruction.",
            hints=scene.app_hints("An answer without an instruction leaves the reservation open."),
            solution=scene.app,
        )
    if outcome.kind in ("not-understood", "refused"):
        verdict = "TaskRouter refused it" if outcome.kind == "refused" else "TaskRouter ignored it"
        return NotRight(
            f"your server answered `{outcome.answer}`, and {verdict}: {outcome.why}.",
            hints=scene.app_hints("Compare the answer letter by letter with the one that the page shows."),
            solution=scene.app,
        )
    why = f" ({outcome.why})" if outcome.why else ""
    return NotRight(
        f"the task is reserved for {name}, and no answer of this notebook's server has accepted it{why}.",
        hints=(
            "Has the kernel been restarted? Run the cells from `serve` to the callback address again.",
            f"Twilio's Console shows under Monitor, Errors, what went wrong with a callback. {ONCE_MORE}",
        ),
        solution=SERVE_AGAIN,
    )


def _nobody_asked(scene: Scene, name: str) -> Unmet:
    if get_workflow(scene.workspace).assignment_callback_url:
        return NotRight(
            f"{name} was reserved before the workflow had its callback address, so nobody was asked about it.",
            hints=("TaskRouter asks once, when it makes the reservation.", ONCE_MORE),
        )
    return NotRight(
        f"the task is reserved for {name}, but the workflow has no callback address, so nobody was asked. Notebook 02 "
        "takes it out.",
        hints=(
            "The app is not the cause. TaskRouter does not know where it is.",
            f"Run the cell with `expose` again. {ONCE_MORE}",
        ),
        solution=SET_ADDRESS,
    )


def _other_task(scene: Scene, alice: WorkerInstance) -> tuple[TaskInstance, ReservationInstance] | None:
    """Find a task that Alice has instead of the lesson's, with the reservation."""
    held = [
        one
        for one in alice.reservations.list(page_size=200)
        if one.reservation_status in HELD_RESERVATION_STATUSES and one.task_sid != scene.task.sid
    ]
    return (scene.workspace.tasks(held[-1].task_sid).fetch(), held[-1]) if held else None


def _at_work_elsewhere(scene: Scene, alice: WorkerInstance, other: TaskInstance, held: ReservationInstance) -> Unmet:
    state = "reserved for" if held.reservation_status == "pending" else "at work on"
    ending = "canceled" if other.assignment_status in WAITING_TASK_STATUSES else "completed"
    then = f"\n{CLICK_IDLE}" if ending == "completed" else ""  # who was only reserved goes back to where she was
    reset = "team.clear_stage()" if is_of_a_lesson(other.attributes) else "team.clear_stage(every_task=True)"
    return NotRight(
        f"Alice is {state} another task, {short_sid(other.sid)} `{other.attributes}`, so this one waits.",
        hints=(
            f"A worker has one task at a time here. The other one has to be {ending} first.",
            f"`{reset}` ends it, and whatever else is open. {ONCE_MORE}",
        ),
        solution=f'workspace.tasks("{other.sid}").update(assignment_status="{ending}", reason="In the way"){then}',
    )


def _why_not_alice(scene: Scene, alice: WorkerInstance) -> Unmet:
    """Say why Alice, who is available and has no other task, is not reserved."""
    queue = scene.workspace.task_queues(scene.task.task_queue_sid).fetch()
    if alice.sid not in [worker.sid for worker in scene.workspace.workers.list(task_queue_sid=queue.sid)]:
        return NotRight(
            f"Alice is {alice.activity_name}, but she does not match `{queue.target_workers}` of the task's queue: her "
            f"attributes are `{alice.attributes}`.",
            hints=(LOAD_AGAIN,),
            solution=WITH_CAST,
        )
    if asked := _narrowed(scene, queue.sid):
        return NotRight(
            f"Alice is {alice.activity_name}, but the workflow's step asks for more than its queue does: `{asked}`.",
            hints=(LOAD_AGAIN, ONCE_MORE),
            solution=WITH_CAST,
        )
    channel = next(
        (one for one in alice.worker_channels.list() if one.task_channel_unique_name == DEFAULT_TASK_CHANNEL), None
    )
    if channel is not None and not (channel.available and channel.configured_capacity):
        closed = "her channel for these tasks is closed" if not channel.available else "her capacity for them is 0"
        return NotRight(
            f"Alice is {alice.activity_name}, but {closed}.",
            hints=("A worker takes tasks of a channel only while it is available, and has a capacity of 1 or more.",),
            solution=(
                f'channel = alice.worker_channels("{DEFAULT_TASK_CHANNEL}")\nchannel.update(available=True, capacity=1)'
            ),
        )
    return NotYet(
        f"Alice is {alice.activity_name}, and TaskRouter has not reserved her yet. Run this cell again in a moment.",
        hints=("It takes TaskRouter up to a few seconds to find a worker.", ONCE_MORE),
    )


def _narrowed(scene: Scene, queue_sid: str) -> str | None:
    """Give the expression or the known worker with which the workflow's step narrows its queue down, if it does."""
    routing: dict[str, Any] = as_object(get_workflow(scene.workspace).configuration).get("task_routing", {})
    for one in routing.get("filters", []):
        for target in one.get("targets", []):
            if target.get("queue") == queue_sid:
                keys = ("expression", "known_worker_sid", "known_worker_friendly_name")
                return next((target[key] for key in keys if target.get(key)), None)
    return None
