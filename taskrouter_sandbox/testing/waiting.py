"""Why a task waits, in words: its queue, and what keeps each worker from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..explanation.words import reason_in_words

if TYPE_CHECKING:
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
            yield f"and {_number(len(waiting) - MOST_TASKS, 'task')} more"


def _task(router: TaskRouter, task: Any) -> Iterator[str]:
    places = (("in the queue", task.task_queue_friendly_name), ("of the workflow", task.workflow_friendly_name))
    where = "".join(f' {place} "{name}"' for place, name in places if name is not None)
    yield f"{task.sid} {task.attributes} is {task.assignment_status} for {task.age} s{where}, priority {task.priority}"
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
        keeps = [reason_in_words(reason) for reason in worker["reasons"]] or ["could take it"]
        if past.get(worker["sid"]) in NOT_TAKEN:
            keeps.append(f"{NOT_TAKEN[past[worker['sid']]]} before")
        yield f"  {worker['name']} {'; '.join(keeps)}"
    more = len(workers[MOST_WORKERS:]) + now["match"]["others"]
    if more:
        yield f"  and {_number(more, 'worker')} more"


def _number(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"
