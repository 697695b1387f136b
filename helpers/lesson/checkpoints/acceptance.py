"""Who accepted the lesson's task, and whether Alice's activity tells the same story."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helpers.connection.instances import TaskInstance
from helpers.connection.json_text import as_object
from helpers.lesson.checkpoints.callback_outcome import DEADLINE, CallbackOutcome
from helpers.lesson.checkpoints.framework import NotRight
from helpers.lesson.checkpoints.lookups import LOAD_AGAIN, WITH_CAST, get_worker
from helpers.lesson.checkpoints.scene import Scene

FASTEST_PERSON = 2_000  # ms: nobody who reads and clicks is faster


By = Literal["callback", "phone", "request"]


@dataclass(frozen=True)
class Acceptance:
    """How the task's reservation was accepted.

    by: an `accept` in the callback's answer, a phone that its instruction has called and that was answered, a request
    of somebody, or None where nobody can know; ms: from the reservation to its acceptance, None when unknown; outcome:
    what came of the callback.
    """

    by: By | None
    ms: int | None
    outcome: CallbackOutcome


def find_acceptance(scene: Scene) -> Acceptance | None:
    """Find out who accepted the task's reservation; None when there is no accepted one.

    On live Twilio, when the callback server of this kernel has no record of it, the time that it took tells.
    Raises NotRight when it was accepted for somebody other than Alice.
    """
    accepted = [one for one in scene.reservations() if one.reservation_status in ("accepted", "wrapping", "completed")]
    if not accepted:
        return None
    reservation = accepted[-1]
    if reservation.worker_name != "Alice":
        raise _somebody_else(scene, "assigned to", reservation.worker_name)
    outcome, ms = scene.outcome(reservation), _ms_to_accept(scene, reservation.sid)
    by: By | None = "request"
    if outcome.kind == "carried-out":
        by = _by_instruction(scene, outcome)
    elif outcome.kind == "unknown" and (ms is None or ms <= DEADLINE * 1000):
        by = "callback" if ms is not None and ms < FASTEST_PERSON else None
    return Acceptance(by, ms, outcome)


def _by_instruction(scene: Scene, outcome: CallbackOutcome) -> By:
    """Tell what an instruction that was carried out has to do with the acceptance.

    `accept` and, where it says so, `call` and `redirect` accept at once (voice.md §4.1); the others only when the phone
    that they have called is answered, and until then anybody may accept by a request.
    """
    if outcome.instruction == "accept":
        return "callback"
    accepts_at_once = str(outcome.said.get("accept", "")).lower() == "true"
    if outcome.instruction in ("call", "redirect") and accepts_at_once:
        return "phone"
    sid = worker_call_sid(scene.task)
    if sid is None:
        return "request"
    answered = scene.client.calls(sid).fetch().status in ("in-progress", "completed")
    return "phone" if answered else "request"


def worker_call_sid(task: TaskInstance) -> str | None:
    """Give the SID of the worker's call that the task's attributes name (voice.md §4.1); None when there is none."""
    attributes = as_object(task.attributes)
    conference = attributes.get("conference")
    participants = conference.get("participants") if isinstance(conference, dict) else None
    worker = participants.get("worker") if isinstance(participants, dict) else None
    return worker or attributes.get("worker_call_sid")


def _ms_to_accept(scene: Scene, reservation_sid: str) -> int | None:
    """Count the milliseconds from the creation of the reservation to its acceptance; None when an event is missing."""
    times = {
        event.event_type: int(event.event_date_ms)
        for event in scene.workspace.events.list(task_sid=scene.task.sid)
        if event.resource_sid == reservation_sid and event.event_date_ms is not None
    }
    try:
        return times["reservation.accepted"] - times["reservation.created"]
    except KeyError:
        return None


def describe_reserved_alice(scene: Scene) -> str:
    """Say what Alice is while she is reserved: "is Reserved". Raises NotRight when that is not as it should be."""
    names = [one.worker_name for one in scene.task.reservations.list(reservation_status="pending")]
    if names and "Alice" not in names:
        raise _somebody_else(scene, "reserved for", names[0])
    return _activity(scene, "Reserved", "reservation_activity_name", "the task is reserved for Alice")


def describe_busy_alice(scene: Scene) -> str:
    """Say what Alice is once she has a task: "is Busy". Raises NotRight when that is not as it should be."""
    return _activity(scene, "Busy", "assignment_activity_name", "the task is assigned")


def _activity(scene: Scene, wanted: str, setting: str, so_far: str) -> str:
    alice = get_worker(scene.workspace, "Alice")
    if scene.workspace.multi_task_enabled:
        return f"stays {alice.activity_name}, as workers in a multitasking workspace do"
    if alice.activity_name == wanted:
        return f"is {wanted}"
    but = f"{so_far}, but Alice is {alice.activity_name}, not {wanted}"
    queue = scene.workspace.task_queues(scene.task.task_queue_sid).fetch()
    if getattr(queue, setting) != wanted:
        kind = setting.removesuffix("_name").replace("_", " ")
        raise NotRight(
            f"{but}: the queue's {kind} is {getattr(queue, setting) or 'not set'}.",
            hints=(LOAD_AGAIN, scene.again),
            solution=WITH_CAST,
        )
    go_on = "accepting moves her to Busy all the same" if wanted == "Reserved" else "her task stays hers all the same"
    raise NotRight(
        f"{but}: her activity was chosen once more after that.",
        hints=(
            f"Nothing is lost: {go_on}, so you may go on.",
            f"Click {wanted} above, or play this part once more from the cell that creates the task.",
        ),
        solution=f'alice = alice.update(activity_sid=team.activities["{wanted}"].sid)',
    )


def _somebody_else(scene: Scene, state: str, name: str) -> NotRight:
    return NotRight(
        f"the task is {state} {name}, not Alice: there is another worker who matches the queue.",
        hints=(
            f"Let {name} be Offline while the lesson is about Alice. {scene.again}",
            "Activities are changed on the board, or with `.update(activity_sid=...)`.",
        ),
        solution=(
            f'other = workspace.workers.list(friendly_name="{name}")[0]\n'
            'other.update(activity_sid=team.activities["Offline"].sid)'
        ),
    )
