"""What real-time statistics show of a workspace as it is (rest-contract.md §6.1; behaviour.md §8).

A task waits while it is pending; one that is reserved does not (behaviour.md §8). Where the sources are silent:
`tasks_by_status` has the completed and canceled tasks that can still be fetched; everything else counts unfinished
tasks. With a TaskChannel, a worker counts whose channel is available and has capacity at all.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, get_args

from ..engine.model.entities import Entity, Task, TaskQueue, TaskStatus, Worker
from ..engine.model.state import State

UNFINISHED = ("pending", "reserved", "assigned", "wrapping")


def tasks_in(state: State, task_channel_sid: str | None) -> list[Task]:
    """List all tasks of the workspace, or of one channel."""
    return [t for t in state.tasks.values() if task_channel_sid in (None, t.task_channel_sid)]


def by_queue(tasks: Iterable[Task]) -> Mapping[str | None, list[Task]]:
    """Sort tasks by the SID of their TaskQueue; a queue without any has an empty list."""
    found: dict[str | None, list[Task]] = defaultdict(list)
    for task in tasks:
        found[task.task_queue_sid].append(task)
    return found


def serving(workers: Iterable[Worker], task_channel_sid: str | None) -> list[Worker]:
    """Choose those of some workers that take tasks of a channel at all; all of them without one."""
    if task_channel_sid is None:
        return list(workers)
    channels = ((worker, worker.channels[task_channel_sid]) for worker in workers)
    return [worker for worker, channel in channels if channel.available and channel.configured_capacity]


def figures(
    state: State, of: Entity | None, tasks: Collection[Task], task_channel_sid: str | None = None
) -> dict[str, Any]:
    """Give the figures of the workspace (None), a TaskQueue or a Workflow.

    tasks: all of its tasks, of that channel if one is named.
    """
    match of:
        case None:
            return of_tasks(state, tasks) | of_workers(state, serving(state.workers.values(), task_channel_sid))
        case TaskQueue():
            members = serving(of.members.values(), task_channel_sid)
            return of_tasks(state, tasks) | in_queue(state, tasks) | of_members(state, members)
        case _:
            return of_tasks(state, tasks)


def of_tasks(state: State, tasks: Collection[Task]) -> dict[str, Any]:
    """Count how many there are, in which status, of which priority, and which has waited longest since its creation."""
    unfinished = [task for task in tasks if task.assignment_status in UNFINISHED]
    by_status = Counter(task.assignment_status for task in tasks)
    by_priority = Counter(task.priority for task in unfinished)
    age, sid = _longest(state, tasks, lambda task: task.date_created)
    return {
        "total_tasks": len(unfinished),
        "tasks_by_status": {status: by_status[status] for status in get_args(TaskStatus)},
        "tasks_by_priority": {str(priority): number for priority, number in sorted(by_priority.items())},
        "longest_task_waiting_age": age,
        "longest_task_waiting_sid": sid,
    }


def in_queue(state: State, tasks: Collection[Task]) -> dict[str, Any]:
    """Find the task that has waited longest since it entered its queue."""
    age, sid = _longest(state, tasks, lambda task: task.in_queue_since)
    return {"longest_relative_task_age_in_queue": age, "longest_relative_task_sid_in_queue": sid}


def of_members(state: State, members: Collection[Worker]) -> dict[str, Any]:
    """Count the members of a queue: all, those in an available activity, and how many in each."""
    return {
        "total_eligible_workers": len(members),
        "total_available_workers": sum(state.activity_of(worker).available for worker in members),
        "activity_statistics": by_activity(state, members),
    }


def of_workers(state: State, workers: Collection[Worker]) -> dict[str, Any]:
    """Count how many workers there are, and in which activity."""
    return {"total_workers": len(workers), "activity_statistics": by_activity(state, workers)}


def by_activity(state: State, workers: Iterable[Worker]) -> list[dict[str, Any]]:
    """Count the workers in every activity, also where it is 0."""
    counts = Counter(worker.activity_sid for worker in workers)
    return [
        {"sid": activity.sid, "friendly_name": activity.friendly_name, "workers": counts[activity.sid]}
        for activity in state.activities.values()
    ]


def _longest(state: State, tasks: Iterable[Task], since: Callable[[Task], int]) -> tuple[int, str | None]:
    """Find the task that waits longest: seconds, and its SID; 0 and None when none does."""
    waiting = (task for task in tasks if task.assignment_status == "pending")
    first = min(waiting, key=since, default=None)
    return (0, None) if first is None else ((state.now - since(first)) // 1000, first.sid)
