"""Gives an activity another name in a snapshot, wherever it is named."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from .format import ActivityPart, Snapshot, TaskQueuePart, WorkerPart


def unused(name: str, taken: set[str]) -> str:
    """Give a name that is not taken: this one, or with a number before its last bracket."""
    tried, number = name, 2
    while tried in taken:
        tried, number = f"{name[:-1]} {number})", number + 1
    return tried


def with_activity_named(snapshot: Snapshot, old: str, new: str) -> Snapshot:
    """Copy a snapshot in which an activity has another name."""

    def name(given: Any) -> Any:
        return new if given == old else given

    def activity(part: ActivityPart) -> ActivityPart:
        return replace(part, friendly_name=name(part.friendly_name))

    def queue(part: TaskQueuePart) -> TaskQueuePart:
        return replace(
            part,
            reservation_activity=name(part.reservation_activity),
            assignment_activity=name(part.assignment_activity),
        )

    def worker(part: WorkerPart) -> WorkerPart:
        return replace(part, activity=name(part.activity))

    workspace = replace(
        snapshot.workspace,
        default_activity=name(snapshot.workspace.default_activity),
        timeout_activity=name(snapshot.workspace.timeout_activity),
    )
    return replace(
        snapshot,
        workspace=workspace,
        activities=[activity(each) for each in snapshot.activities],
        task_queues=[queue(each) for each in snapshot.task_queues],
        workers=[worker(each) for each in snapshot.workers],
    )
