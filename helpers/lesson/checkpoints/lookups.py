"""What every checkpoint reads: the lesson's things, found in the service by name."""

from __future__ import annotations

from typing import Any

from twilio.rest import Client

from helpers.connection import account
from helpers.connection.instances import TaskInstance, WorkerInstance, WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.errors import LessonError
from helpers.lesson.checkpoints.framework import NotRight, NotYet
from helpers.names import WORKFLOW, WORKSPACE

GONE_AFTER = "a finished task disappears after five minutes"  # behaviour.md §2.1


def is_live() -> bool:
    """Tell whether the lessons talk to a live account, where some settings are not the learner's to choose."""
    try:
        return account.current().mode == "live"
    except LessonError:
        return False


def find_by_name(collection: Any, name: str) -> Any | None:
    """Give the instance with this friendly name, or None."""
    return next((one for one in collection.list() if one.friendly_name == name), None)


def get_workspace(client: Client) -> WorkspaceInstance:
    """Give the lessons' workspace. Raises NotYet when there is none, NotRight when its name is nearly right."""
    workspaces: list[WorkspaceInstance] = client.taskrouter.v1.workspaces.list()
    for workspace in workspaces:
        if workspace.friendly_name == WORKSPACE:
            return workspace
    for workspace in workspaces:
        if workspace.friendly_name.casefold().split() == WORKSPACE.casefold().split():
            raise NotRight(
                f'there is a workspace "{workspace.friendly_name}", but the lessons look for "{WORKSPACE}", '
                "spelled exactly so."
            )
    raise NotYet(f'there is no workspace "{WORKSPACE}" yet (notebook 01 creates it).')


def get_worker(workspace: WorkspaceInstance, name: str) -> WorkerInstance:
    """Give the worker of that name, in any case. Raises NotYet when there is none."""
    for worker in workspace.workers.list():
        if worker.friendly_name.casefold() == name.casefold():
            return worker
    raise NotYet(f"there is no worker {name} yet (notebook 01 creates her).")


def get_resource(collection: Any, name: str, kind: str) -> Any:
    """Give the instance with this friendly name. Raises NotYet when there is none; kind: what it is, in words."""
    instance = find_by_name(collection, name)
    if instance is None:
        raise NotYet(f'there is no {kind} "{name}" yet (notebook 01 creates it).')
    return instance


def get_workflow(workspace: WorkspaceInstance) -> Any:
    """Give the lessons' workflow. Raises NotYet when there is none."""
    return get_resource(workspace.workflows, WORKFLOW, "workflow")


def get_task(workspace: WorkspaceInstance, lesson: str) -> TaskInstance:
    """Give the newest task that is marked with this lesson's number.

    lesson: "02" or "03". Raises NotYet when there is none or it was canceled, NotRight when it is for another queue.
    """
    marked = [task for task in workspace.tasks.list() if as_object(task.attributes).get("lesson") == lesson]
    if not marked:
        raise NotYet(f"there is no task of this lesson: run the cell that creates it ({GONE_AFTER}).")
    task = marked[-1]  # oldest first: rest-contract.md §10.3
    language = as_object(task.attributes).get("selected_language")
    if language != "es":
        raise NotRight(
            f'the task\'s `selected_language` is {language!r}, not "es", so it is not for the Spanish queue.'
        )
    if task.assignment_status == "canceled":
        raise NotYet(f"the task was canceled ({task.reason or 'no reason given'}): create it once more.")
    return task


def explain_pending(workspace: WorkspaceInstance, task: TaskInstance) -> NotYet | NotRight:
    """Say why a pending task is still waiting; what it gives is to be raised."""
    alice = get_worker(workspace, "Alice")
    raise_if_reservations_canceled(task)
    statuses = [reservation.reservation_status for reservation in task.reservations.list()]
    if alice.available:
        queue = workspace.task_queues(task.task_queue_sid).fetch()
        if alice.sid not in [worker.sid for worker in workspace.workers.list(task_queue_sid=queue.sid)]:
            return NotRight(
                f"Alice is {alice.activity_name}, but she does not match `{queue.target_workers}` of the task's "
                f"queue: her attributes are `{alice.attributes}`. Run the cell with `cast` again."
            )
        return NotRight(
            f"Alice is {alice.activity_name} and the task still waits: another task may come first, or she "
            "may hold one already."
        )
    if "timeout" in statuses:
        return NotYet(f"the reservation timed out, and Alice was moved to {alice.activity_name}. Click Idle again.")
    return NotYet(f"the task is pending, and Alice is {alice.activity_name}. Click Idle above, then look again.")


def raise_if_reservations_canceled(task: TaskInstance) -> None:
    """Raise NotRight when the callback has failed for this task (behaviour.md §3.2)."""
    canceled = len(task.reservations.list(reservation_status="canceled"))
    if canceled:
        what = "the reservation" if canceled == 1 else f"{canceled} reservations"
        raise NotRight(
            f"TaskRouter canceled {what}, because nobody gave a proper answer at the workflow's callback address. "
            "The log of the callback server names the line that failed; when it is mended, create the task once more."
        )


def describe_busy_alice(workspace: WorkspaceInstance) -> str:
    """Say in half a sentence what Alice is once she has a task. Raises NotRight when it does not fit the workspace."""
    alice = get_worker(workspace, "Alice")
    if workspace.multi_task_enabled:
        return f"Alice stays {alice.activity_name}, as workers in a multitasking workspace do"
    if alice.activity_name != "Busy":
        raise NotRight(
            f"the task is assigned, but Alice is {alice.activity_name}, not Busy: her activity was changed "
            "by hand, or the queue has no assignment activity."
        )
    return "Alice is Busy"
