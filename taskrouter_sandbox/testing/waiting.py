"""Why a task waits, in words: its queue, and what keeps each worker from it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..explanation.answers import Reason
    from .taskrouter import TaskRouter

MOST_TASKS, MOST_WORKERS = 5, 10
PAGE = 200
NOT_TAKEN = {
    "rejected": "rejected it",
    "timeout": "did not answer in time",
    "canceled": "was asked, and that was canceled",
}


def explain(router: TaskRouter) -> Iterator[str]:
    """Say of each open task of a test's world what it waits for."""
    for workspace in router.client.taskrouter.v1.workspaces.list():
        waiting = [
            task for task in workspace.tasks.list(page_size=PAGE) if task.assignment_status in ("pending", "reserved")
        ]
        for task in waiting[:MOST_TASKS]:
            yield from _task(router, task)
        if len(waiting) > MOST_TASKS:
            yield f"and {len(waiting) - MOST_TASKS} tasks more"


def _task(router: TaskRouter, task: Any) -> Iterator[str]:
    yield (
        f"{task.sid} {task.attributes} is {task.assignment_status} for {task.age} s in the queue "
        f'"{task.task_queue_friendly_name}" of the workflow "{task.workflow_friendly_name}", priority {task.priority}'
    )
    reservations = task.reservations.list(page_size=PAGE)
    if task.assignment_status == "reserved":
        names = [each.worker_name for each in reservations if each.reservation_status == "pending"]
        yield f"  it is offered to {', '.join(names)}, and nobody has accepted it yet"
        return
    now = router.why(task.sid)["now"]
    if now is None or now["match"] is None:
        return
    workers = now["match"]["workers"]
    if not workers:
        yield "  the workspace has no worker"
    past = {each.worker_sid: each.reservation_status for each in reservations}
    for worker in workers[:MOST_WORKERS]:
        keeps = [_in_words(reason) for reason in worker["reasons"]] or ["could take it"]
        if past.get(worker["sid"]) in NOT_TAKEN:
            keeps.append(f"{NOT_TAKEN[past[worker['sid']]]} before")
        yield f"  {worker['name']} {'; '.join(keeps)}"
    more = len(workers[MOST_WORKERS:]) + now["match"]["others"]
    if more:
        yield f"  and {more} workers more"


def _in_words(reason: Reason) -> str:
    """Say what keeps a worker from a task, with the attributes on which that rests."""
    saw = {name: value for clause in reason["clauses"] for name, value in clause["saw"].items()}
    seen = ", ".join(f"{name} is {json.dumps(value, ensure_ascii=False)}" for name, value in saw.items())
    return f"{reason['text']} ({seen})" if seen else reason["text"]
