"""Why a task still waits: each cause in a sentence, with the hints and the code that mend it."""

from __future__ import annotations

from typing import Any

from helpers.connection.instances import ReservationInstance, TaskInstance, WorkerInstance
from helpers.connection.json_text import as_object
from helpers.connection.vocabulary import DEFAULT_TASK_CHANNEL, HELD_RESERVATION_STATUSES, WAITING_TASK_STATUSES
from helpers.lesson.checkpoints.answers import bounced, explain_canceled, moved_on
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet
from helpers.lesson.checkpoints.lookups import LOAD_AGAIN, WITH_CAST, find_by_name, get_worker, get_workflow
from helpers.lesson.checkpoints.scene import CANCEL_OTHERS, CLICK_IDLE, ONCE_MORE, Scene
from helpers.lesson.find_or_create import short_sid
from helpers.names import QUEUES, is_of_a_lesson


def explain_pending(scene: Scene) -> Unmet:
    """Find out why a pending task still waits; what it gives is to be raised."""
    spanish = find_by_name(scene.workspace.task_queues, QUEUES["es"])
    if spanish is None or scene.task.task_queue_sid != spanish.sid:
        return NotRight(
            f'the task waits in "{scene.task.task_queue_friendly_name}", which is not the Spanish queue: the workflow '
            "has put it there.",
            hints=(LOAD_AGAIN, f"A new configuration does not move a task that waits already. {ONCE_MORE}"),
            solution=WITH_CAST,
        )
    past = scene.reservations()
    latest = past[-1].reservation_status if past else ""
    if latest == "canceled":
        return explain_canceled(scene, past)
    if latest in ("pending", "accepted"):
        return bounced(scene, past) or moved_on()
    alice = get_worker(scene.workspace, "Alice")
    if other := _other_task(scene, alice):
        return _at_work_elsewhere(scene, alice, *other)
    if latest == "rejected" and (rejected := bounced(scene, past)):
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
    if ahead := _tasks_ahead(scene):
        others = "another task is" if len(ahead) == 1 else f"{len(ahead)} other tasks are"
        return NotYet(
            f"the task is pending, Alice is {alice.activity_name}, and {others} before it in the queue, such as "
            f"{ahead[0].sid}.",
            hints=("A click on Idle gives Alice the first task of the queue.", f"{_end_all(ahead)} {ONCE_MORE}"),
            solution=f"{CANCEL_OTHERS}\n{CLICK_IDLE}",
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


def _other_task(scene: Scene, alice: WorkerInstance) -> tuple[TaskInstance, ReservationInstance] | None:
    """Find a task that Alice has instead of the lesson's, with the reservation."""
    held = [
        one
        for one in alice.reservations.list(page_size=200)
        if one.reservation_status in HELD_RESERVATION_STATUSES and one.task_sid != scene.task.sid
    ]
    return (scene.workspace.tasks(held[-1].task_sid).fetch(), held[-1]) if held else None


def _tasks_ahead(scene: Scene) -> list[TaskInstance]:
    """List the waiting tasks that a worker of the queue gets before the lesson's: of a higher priority, or older."""
    queue: list[TaskInstance] = scene.workspace.tasks.list(task_queue_sid=scene.task.task_queue_sid, page_size=200)
    places = {one.sid: (-int(one.priority or 0), place) for place, one in enumerate(queue)}
    own = places.get(scene.task.sid)
    return [one for one in queue if one.assignment_status == "pending" and own and places[one.sid] < own]


def _end(task: TaskInstance) -> str:
    """Write the call that ends a task, whichever its state allows."""
    ending = "canceled" if task.assignment_status in WAITING_TASK_STATUSES else "completed"
    return f'workspace.tasks("{task.sid}").update(assignment_status="{ending}", reason="In the way")'


def _end_all(tasks: list[TaskInstance]) -> str:
    """Say what ends these tasks, and the lesson's own."""
    every_task = "" if all(is_of_a_lesson(one.attributes) for one in tasks) else "every_task=True"
    return f"`team.clear_stage({every_task})` ends {'it' if len(tasks) == 1 else 'them'}, and whatever else is open."


def _at_work_elsewhere(scene: Scene, alice: WorkerInstance, other: TaskInstance, held: ReservationInstance) -> Unmet:
    state = "reserved for" if held.reservation_status == "pending" else "at work on"
    ending = "canceled" if other.assignment_status in WAITING_TASK_STATUSES else "completed"
    then = f"\n{CLICK_IDLE}" if ending == "completed" else ""  # who was only reserved goes back to where she was
    return NotRight(
        f"Alice is {state} another task, {short_sid(other.sid)} `{other.attributes}`, so this one waits.",
        hints=(
            f"A worker has one task at a time here. The other one has to be {ending} first.",
            f"{_end_all([other])} {ONCE_MORE}",
        ),
        solution=f"{_end(other)}{then}",
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
        hints=("Live Twilio takes a moment to find a worker.", ONCE_MORE),
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
