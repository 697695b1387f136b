"""What cumulative statistics count (rest-contract.md §6.2, §6.3; behaviour.md §8).

Where the sources are silent: a queue's `tasks_moved` are those that left it, since `tasks_entered` has those that
came. A transferred task counts as assigned with each acceptance. A task that times out in its workflow counts as
canceled too, as its events say. `tasks_deleted` has those that the system deleted. A wait as long as a threshold, in
whole seconds, is below it; all tasks are split, not 10,000 at most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct, field

from ..engine.model.entities import Worker
from ..engine.model.state import State
from .durations import NONE, Durations
from .window import Window

Kind = Literal["workspace", "task_queue", "workflow", "worker"]


class EventTotals(Struct, frozen=True):
    """The count of all events of one type: how many, and how old their tasks were.

    ages: since the task was created; queue_ages: since it entered its queue; above: for each threshold, how many tasks
    were older.
    """

    count: int = 0
    ages: Durations = NONE
    queue_ages: Durations = NONE
    above: list[int] = field(default_factory=list[int])


TotalsByType = Mapping[str, EventTotals]  # by event type; a type that did not occur is left out

RESERVATIONS = {
    "reservations_created": ("reservation.created",),
    "reservations_accepted": ("reservation.accepted",),
    "reservations_rejected": ("reservation.rejected",),
    "reservations_timed_out": ("reservation.timeout",),
    "reservations_canceled": ("reservation.canceled",),
    "reservations_rescinded": ("reservation.rescinded",),
}
TASKS = {
    "tasks_canceled": ("task.canceled",),
    "tasks_completed": ("task.completed",),
    "tasks_deleted": ("task.deleted", "task.system-deleted"),
    "tasks_moved": ("task-queue.moved",),
}
TIMED_OUT = {"tasks_timed_out_in_workflow": ("workflow.timeout",)}

# which events make up each counter
COUNTERS: dict[Kind, dict[str, tuple[str, ...]]] = {
    "workspace": RESERVATIONS | TASKS | TIMED_OUT | {"tasks_created": ("task.created",)},
    "task_queue": RESERVATIONS | TASKS | {"tasks_entered": ("task-queue.entered",)},
    "workflow": RESERVATIONS | TASKS | TIMED_OUT | {"tasks_entered": ("workflow.entered",)},
    "worker": RESERVATIONS,
}
# three more that only the combined resources have (rest-contract.md §6.3)
COMBINED = {
    "tasks_assigned": ("reservation.accepted",),
    "reservations_wrapup": ("reservation.wrapup",),
    "reservations_completed": ("reservation.completed",),
}
# the event types that matter to any of them
COUNTED = frozenset(
    type_ for counters in (*COUNTERS.values(), COMBINED) for types in counters.values() for type_ in types
)
SPLIT = {"tasks_canceled": "task.canceled", "reservations_accepted": "reservation.accepted"}
NOTHING = EventTotals()


def figures(kind: Kind, totals: TotalsByType, thresholds: Sequence[int] | None, combined: bool) -> dict[str, Any]:
    """Give all of a kind of resource but workers' activities; combined: as they stand in a `Statistics` resource.

    thresholds: seconds. `split_by_wait_time` is null without them; a combined resource leaves it out then
    (rest-contract.md §6.2, §6.3).
    """
    found = counters(kind, totals, combined) | waits(kind, totals)
    if kind != "worker" and (thresholds or not combined):
        found["split_by_wait_time"] = split_by_wait_time(totals, thresholds) if thresholds else None
    return found


def counters(kind: Kind, totals: TotalsByType, combined: bool) -> dict[str, Any]:
    """Give the counters of a kind of resource; combined: with those that only the combined resources have."""
    wanted = COUNTERS[kind] | COMBINED if combined else COUNTERS[kind]
    return {name: sum(totals.get(type_, NOTHING).count for type_ in types) for name, types in wanted.items()}


def waits(kind: Kind, totals: TotalsByType) -> dict[str, Any]:
    """Tell how long tasks waited until they were accepted or canceled, in seconds; a worker's statistics have none."""
    if kind == "worker":
        return {}
    accepted, canceled = totals.get("reservation.accepted", NOTHING), totals.get("task.canceled", NOTHING)
    in_queue = {"wait_duration_in_queue_until_accepted": accepted.queue_ages.in_seconds()}
    return {
        "avg_task_acceptance_time": accepted.ages.avg,
        "wait_duration_until_accepted": accepted.ages.in_seconds(),
        "wait_duration_until_canceled": canceled.ages.in_seconds(),
        **(in_queue if kind == "task_queue" else {}),
    }


def split_by_wait_time(totals: TotalsByType, thresholds: Sequence[int]) -> dict[str, dict[str, dict[str, int]]]:
    """Tell for each threshold, in seconds, how many tasks were canceled, or accepted, above and below it."""
    split: dict[str, dict[str, dict[str, int]]] = {}
    for index, seconds in enumerate(thresholds):
        of = {name: totals.get(type_, NOTHING) for name, type_ in SPLIT.items()}
        above = {name: each.above[index] if each.above else 0 for name, each in of.items()}
        below = {name: each.count - above[name] for name, each in of.items()}
        split[str(seconds)] = {"above": above, "below": below}
    return split


def activity_durations(
    state: State, workers: Sequence[Worker], window: Window, ended: Mapping[str, Durations]
) -> list[dict[str, Any]]:
    """Add up how long workers were in each activity, in intervals cut at the window's bounds.

    workers: whose present intervals count, which go on; ended: the intervals that are over, by activity SID.
    """
    found = dict(ended)
    for worker in workers:
        if worker.date_status_changed < window.end:
            length = window.end - max(worker.date_status_changed, window.start)
            found[worker.activity_sid] = found.get(worker.activity_sid, NONE) + Durations.of(length)
    return [
        {"sid": activity.sid, "friendly_name": activity.friendly_name, **found.get(activity.sid, NONE).in_seconds()}
        for activity in state.activities.values()
    ]
