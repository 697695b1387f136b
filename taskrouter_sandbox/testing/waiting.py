"""Why a task waits, in words: its queue, and what keeps each worker from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

MOST_TASKS, MOST_WORKERS = 5, 10
PAGE = 200
NOT_TAKEN = {
    "rejected": "rejected it",
    "timeout": "did not answer in time",
    "canceled": "was asked, and that was canceled",
}


def explain(client: Any) -> Iterator[str]:
    """Say of each open task of an account what it waits for; client: a `twilio.rest.Client` of the sandbox."""
    for workspace in client.taskrouter.v1.workspaces.list():
        waiting = [
            task for task in workspace.tasks.list(page_size=PAGE) if task.assignment_status in ("pending", "reserved")
        ]
        for task in waiting[:MOST_TASKS]:
            yield from _task(workspace, task)
        if len(waiting) > MOST_TASKS:
            yield f"and {len(waiting) - MOST_TASKS} tasks more"


def _task(workspace: Any, task: Any) -> Iterator[str]:
    yield (
        f"{task.sid} {task.attributes} is {task.assignment_status} for {task.age} s in the queue "
        f'"{task.task_queue_friendly_name}" of the workflow "{task.workflow_friendly_name}", priority {task.priority}'
    )
    reservations = task.reservations.list(page_size=PAGE)
    if task.assignment_status == "reserved":
        names = [each.worker_name for each in reservations if each.reservation_status == "pending"]
        yield f"  it is offered to {', '.join(names)}, and nobody has accepted it yet"
        return
    if task.task_queue_sid is None:
        return
    queue = workspace.task_queues(task.task_queue_sid).fetch()
    members = {each.sid for each in workspace.workers.list(task_queue_sid=task.task_queue_sid, page_size=PAGE)}
    workers = workspace.workers.list(page_size=PAGE)
    if not workers:
        yield "  the workspace has no worker"
    for worker in workers[:MOST_WORKERS]:
        yield f"  {worker.friendly_name} {_why_not(worker, worker.sid in members, queue, task, reservations)}"
    if len(workers) > MOST_WORKERS:
        yield f"  and {len(workers) - MOST_WORKERS} workers more"


def _why_not(worker: Any, is_member: bool, queue: Any, task: Any, reservations: list[Any]) -> str:
    """Say what keeps a worker from a task."""
    if not is_member:
        return f"is not in the queue: {worker.attributes} does not match {queue.target_workers}"
    past = [each.reservation_status for each in reservations if each.worker_sid == worker.sid]
    before = f"; {NOT_TAKEN[past[-1]]} before" if past and past[-1] in NOT_TAKEN else ""
    if not worker.available:
        return f"is {worker.activity_name}, which is not available{before}"
    for channel in worker.worker_channels.list():
        if channel.task_channel_unique_name != task.task_channel_unique_name:
            continue
        if not channel.available:
            return f"does not take tasks of the channel {channel.task_channel_unique_name}{before}"
        if channel.assigned_tasks >= channel.configured_capacity:
            return (
                f"is at work on {channel.assigned_tasks} tasks of the channel {channel.task_channel_unique_name}, "
                f"which is all that its capacity allows{before}"
            )
    return f"is {worker.activity_name} and has room: the step's `expression` or another task's turn keeps it{before}"
