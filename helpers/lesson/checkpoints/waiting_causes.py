"""Why a task still waits: each cause is a function, and `CAUSES` the order in which they are looked for.

A cause is given what is known of the wait. Where it applies, it returns what there is to say, with the hints and the
code that mend it; where it does not, None. To add one, write its function, put it into `CAUSES` before all that are
less specific, and play it in `tests/notebooks/test_waiting_causes.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from twilio.rest import Client

from helpers.connection.instances import ReservationInstance, TaskInstance, WorkerInstance
from helpers.connection.json_text import as_object
from helpers.connection.sids import short_sid
from helpers.connection.vocabulary import HELD_RESERVATION_STATUSES, TASK_STATUS_THAT_ENDS
from helpers.lesson.checkpoints.callback_causes import explain_canceled, explain_return, moved_on
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet
from helpers.lesson.checkpoints.lookups import LOAD_AGAIN, WITH_CAST, find_by_name, get_worker, get_workflow
from helpers.lesson.checkpoints.scene import CLICK_IDLE, Scene, cancel_others
from helpers.names import QUEUES, is_of_a_lesson


@dataclass(frozen=True)
class Wait:
    """A pending task, and what the causes look at; each is read once, when the first cause asks for it."""

    scene: Scene

    @cached_property
    def past(self) -> list[ReservationInstance]:
        """The reservations that the task has had, the newest last."""
        return self.scene.reservations()

    @property
    def latest(self) -> str:
        """The status of the newest reservation; empty when there has been none."""
        return self.past[-1].reservation_status if self.past else ""

    @cached_property
    def ahead(self) -> list[TaskInstance]:
        """The waiting tasks that a worker of the queue gets before this one: of a higher priority, or older."""
        task = self.scene.task
        queue: list[TaskInstance] = self.scene.workspace.tasks.list(task_queue_sid=task.task_queue_sid, page_size=200)
        places = {one.sid: (-int(one.priority or 0), place) for place, one in enumerate(queue)}
        own = places.get(task.sid)
        return [one for one in queue if one.assignment_status == "pending" and own and places[one.sid] < own]

    @cached_property
    def alice(self) -> WorkerInstance:
        """The worker whom the lesson's task is for. Raises NotYet when she is missing."""
        return get_worker(self.scene.workspace, "Alice")


def find_offered(client: Client, lesson: str, app: str = "") -> Scene:
    """Find the lesson's task once a worker has been reserved for it, as `Scene.find` does.

    Raises, as long as it is pending, the cause of that.
    """
    scene = Scene.find(client, lesson, app)
    if scene.task.assignment_status == "pending":
        raise explain_pending(scene)
    return scene


def explain_pending(scene: Scene) -> Unmet:
    """Find out why a pending task still waits; what it gives is to be raised."""
    wait = Wait(scene)
    return next(found for cause in CAUSES if (found := cause(wait)))


def in_another_queue(wait: Wait) -> Unmet | None:
    """Apply when the workflow has put the task into another queue than the Spanish one."""
    task = wait.scene.task
    spanish = find_by_name(wait.scene.workspace.task_queues, QUEUES["es"])
    if spanish is not None and task.task_queue_sid == spanish.sid:
        return None
    return NotRight(
        f'the task waits in "{task.task_queue_friendly_name}", which is not the Spanish queue: the workflow has put it '
        "there.",
        hints=(LOAD_AGAIN, f"A new configuration does not move a task that waits already. {wait.scene.again}"),
        solution=WITH_CAST,
    )


def callback_failed(wait: Wait) -> Unmet | None:
    """Apply when TaskRouter has canceled the reservation, since the callback had failed."""
    return explain_canceled(wait.scene, wait.past) if wait.latest == "canceled" else None


def offered_just_now(wait: Wait) -> Unmet | None:
    """Apply when there is a reservation by now: perhaps one more of many that come to nothing."""
    if wait.latest not in ("pending", "accepted"):
        return None
    return explain_return(wait.scene, wait.past) or moved_on()


def alice_has_another_task(wait: Wait) -> Unmet | None:
    """Apply when Alice is reserved for another task, or at work on it."""
    held = [
        one
        for one in wait.alice.reservations.list(page_size=200)
        if one.reservation_status in HELD_RESERVATION_STATUSES and one.task_sid != wait.scene.task.sid
    ]
    if not held:
        return None
    other: TaskInstance = wait.scene.workspace.tasks(held[-1].task_sid).fetch()
    state = "reserved for" if held[-1].reservation_status == "pending" else "at work on"
    ending = TASK_STATUS_THAT_ENDS.get(other.assignment_status, "completed")
    end_it = f'workspace.tasks("{other.sid}").update(assignment_status="{ending}", reason="In the way")'
    then = [CLICK_IDLE] if ending == "completed" else []  # who was only reserved goes back to where she was
    first = [cancel_others(wait.scene.task)] if wait.ahead else []  # or the next of them would be hers
    return NotRight(
        f"Alice is {state} another task, {short_sid(other.sid)} `{other.attributes}`, so this one waits.",
        hints=(
            f"A worker has one task at a time here. The other one has to be {ending} first.",
            f"{_end_all([other, *wait.ahead])} {wait.scene.again}",
        ),
        solution="\n".join([*first, end_it, *then]),
    )


def callback_rejected(wait: Wait) -> Unmet | None:
    """Apply when the answer to the callback has rejected the reservation."""
    return explain_return(wait.scene, wait.past) if wait.latest == "rejected" else None


def alice_does_not_match(wait: Wait) -> Unmet | None:
    """Apply when Alice is available, but no member of the task's queue."""
    if not wait.alice.available:
        return None
    queue = wait.scene.workspace.task_queues(wait.scene.task.task_queue_sid).fetch()
    members = wait.scene.workspace.workers.list(task_queue_sid=queue.sid)
    if wait.alice.sid in [worker.sid for worker in members]:
        return None
    return NotRight(
        f"Alice is {wait.alice.activity_name}, but she does not match `{queue.target_workers}` of the task's queue: "
        f"her attributes are `{wait.alice.attributes}`.",
        hints=(LOAD_AGAIN,),
        solution=WITH_CAST,
    )


def workflow_asks_for_more(wait: Wait) -> Unmet | None:
    """Apply when Alice is available, but the workflow's step wants only some members of its queue, or one worker."""
    if not wait.alice.available:
        return None
    routing: dict[str, Any] = as_object(get_workflow(wait.scene.workspace).configuration).get("task_routing", {})
    targets = [target for one in routing.get("filters", []) for target in one.get("targets", [])]
    target = next((one for one in targets if one.get("queue") == wait.scene.task.task_queue_sid), {})
    keys = ("expression", "known_worker_sid", "known_worker_friendly_name")
    asked = next((target[key] for key in keys if target.get(key)), None)
    if asked is None:
        return None
    return NotRight(
        f"Alice is {wait.alice.activity_name}, but the workflow's step asks for more than its queue does: `{asked}`.",
        hints=(LOAD_AGAIN, wait.scene.again),
        solution=WITH_CAST,
    )


def channel_is_closed(wait: Wait) -> Unmet | None:
    """Apply when Alice is available, but takes no tasks of this task's channel."""
    name = wait.scene.task.task_channel_unique_name
    channels = wait.alice.worker_channels.list() if wait.alice.available else []
    channel = next((one for one in channels if one.task_channel_unique_name == name), None)
    if channel is None or (channel.available and channel.configured_capacity):
        return None
    closed = "her channel for these tasks is closed" if not channel.available else "her capacity for them is 0"
    return NotRight(
        f"Alice is {wait.alice.activity_name}, but {closed}.",
        hints=("A worker takes tasks of a channel only while it is available, and has a capacity of 1 or more.",),
        solution=f'alice.worker_channels("{name}").update(available=True, capacity=1)',
    )


def not_reserved_yet(wait: Wait) -> Unmet | None:
    """Apply when Alice could have the task, and TaskRouter has not come to it yet."""
    if not wait.alice.available:
        return None
    return NotYet(
        f"Alice is {wait.alice.activity_name}, and TaskRouter has not reserved her yet. Run this cell again.",
        hints=("Live Twilio takes a moment to find a worker.", wait.scene.again),
    )


def rejected_by_hand(wait: Wait) -> Unmet | None:
    """Apply when somebody has rejected the reservation by a request."""
    if wait.latest != "rejected":
        return None
    return NotYet(
        f"the reservation was rejected by hand, and Alice is {wait.alice.activity_name}. Click Idle again.",
        hints=("A task that was rejected is offered again as soon as somebody is available.",),
        solution=CLICK_IDLE,
    )


def reservation_timed_out(wait: Wait) -> Unmet | None:
    """Apply when nobody has accepted the reservation in time."""
    if wait.latest != "timeout":
        return None
    return NotYet(
        f"the reservation timed out, and Alice was moved to {wait.alice.activity_name}. Click Idle again.",
        hints=("Nobody accepted it in time. When Alice is available, she is reserved once more.",),
        solution=CLICK_IDLE,
    )


def other_tasks_come_first(wait: Wait) -> Unmet | None:
    """Apply when tasks wait that a worker of the queue gets before this one."""
    ahead = wait.ahead
    if not ahead:
        return None
    others = "another task is" if len(ahead) == 1 else f"{len(ahead)} other tasks are"
    return NotYet(
        f"the task is pending, Alice is {wait.alice.activity_name}, and {others} before it in the queue, such as "
        f"{ahead[0].sid}.",
        hints=("A click on Idle gives Alice the first task of the queue.", f"{_end_all(ahead)} {wait.scene.again}"),
        solution=f"{cancel_others(wait.scene.task)}\n{CLICK_IDLE}",
    )


def nobody_has_clicked(wait: Wait) -> Unmet | None:
    """Apply always: nothing is wrong, Alice only has to become available."""
    activity = wait.alice.activity_name
    without = " without any task" if activity in ("Busy", "Reserved") else ""
    return NotYet(
        f"the task is pending, and Alice is {activity}{without}. Click Idle above, then look again.",
        hints=(
            "The task waits for somebody who speaks Spanish and is available.",
            "The toggle above changes Alice's activity. Idle is available.",
            "Click Idle. No mouse at hand? The solution does the same.",
        ),
        solution=CLICK_IDLE,
    )


CAUSES: tuple[Callable[[Wait], Unmet | None], ...] = (
    in_another_queue,
    callback_failed,
    offered_just_now,
    alice_has_another_task,
    callback_rejected,
    alice_does_not_match,
    workflow_asks_for_more,
    channel_is_closed,
    not_reserved_yet,
    rejected_by_hand,
    reservation_timed_out,
    other_tasks_come_first,
    nobody_has_clicked,
)
"""The first that applies is the one that is told; the last one always does."""


def _end_all(tasks: list[TaskInstance]) -> str:
    """Say what ends these tasks, and the lesson's own."""
    every_task = "" if all(is_of_a_lesson(one.attributes) for one in tasks) else "every_task=True"
    return f"`team.clear_stage({every_task})` ends {'it' if len(tasks) == 1 else 'them'}, and whatever else is open."
