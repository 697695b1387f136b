"""What every checkpoint reads: the lesson's things, found in the service by name."""

from __future__ import annotations

from typing import Any

from twilio.rest import Client

from helpers.connection import account
from helpers.connection.instances import TaskInstance, WorkerInstance, WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.connection.times import event_ms
from helpers.connection.vocabulary import OPEN_TASK_STATUSES
from helpers.errors import LessonError
from helpers.lesson.checkpoints.framework import Missing, NotRight, NotYet, once_a_run
from helpers.names import WORKFLOW, WORKSPACE

LOAD_AGAIN = "Run the cell with `cast` again: it creates what is missing of notebook 01, and updates the rest."
WITH_CAST = "team = cast(client)\nworkspace, alice = team.workspace, team.alice"
CREATE_HINT = "Run the cell that creates the task, then go on from there."
CREATE_TASK = {
    "02": "task = found(workspace.tasks, **settings) or workspace.tasks.create(**settings)",
    "03": 'answer = requests.get(f"{server.url}/create-task", timeout=10).json()\n'
    'task = workspace.tasks(answer["task_sid"]).fetch()',
    "06": "task = new_task()",
}
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


@once_a_run
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
    raise missing("workspace", WORKSPACE)


def get_worker(workspace: WorkspaceInstance, name: str) -> WorkerInstance:
    """Give the worker of that name, in any case. Raises NotYet when there is none."""
    for worker in workspace.workers.list():
        if worker.friendly_name.casefold() == name.casefold():
            return worker
    raise missing("worker", name)


def get_resource(collection: Any, name: str, kind: str) -> Any:
    """Give the instance with this friendly name. Raises NotYet when there is none; kind: what it is, in words."""
    instance = find_by_name(collection, name)
    if instance is None:
        raise missing(kind, name)
    return instance


def missing(kind: str, name: str) -> Missing:
    """Say that something of notebook 01 is not there; kind: what it is, in words."""
    called = name if kind == "worker" else f'"{name}"'
    return Missing(
        f"there is no {kind} {called} yet (notebook 01 creates it).",
        hints=(LOAD_AGAIN, "Then run the cells below it again, too: their variables still stand for what was deleted."),
        solution=WITH_CAST,
    )


def get_workflow(workspace: WorkspaceInstance) -> Any:
    """Give the lessons' workflow. Raises NotYet when there is none."""
    return get_resource(workspace.workflows, WORKFLOW, "workflow")


def _is_marked(attributes: dict[str, Any], lesson: str, exercise: str | None = None) -> bool:
    return (attributes.get("lesson"), attributes.get("exercise")) == (lesson, exercise)


def was_deleted(
    workspace: WorkspaceInstance, lesson: str, newest: TaskInstance | None, exercise: str | None = None
) -> bool:
    """Tell by the events of the last hour whether the newest task of a lesson, or of its exercise, was deleted.

    newest: of those that are there, the newest; None when none is.
    """
    created = workspace.events.list(event_type="task.created", minutes=60)
    told = [one.event_data for one in sorted(created, key=event_ms)]
    sids = [one["task_sid"] for one in told if _is_marked(as_object(one["task_attributes"]), lesson, exercise)]
    if not sids or (newest is not None and sids[-1] == newest.sid):
        return False
    return bool(workspace.events.list(event_type="task.deleted", task_sid=sids[-1], minutes=60, limit=1))


def get_task(workspace: WorkspaceInstance, lesson: str) -> TaskInstance:
    """Give the newest task that is marked with this lesson's number, and not as one of its exercises.

    lesson: "02" or "03". Raises NotYet when there is none, or it was canceled or deleted, NotRight when it is for
    another queue.
    """
    attributes = ((task, as_object(task.attributes)) for task in workspace.tasks.list())
    marked = [task for task, given in attributes if _is_marked(given, lesson)]
    newest = marked[-1] if marked else None
    is_open = newest is not None and newest.assignment_status in OPEN_TASK_STATUSES
    if not is_open and was_deleted(workspace, lesson, newest):
        raise NotYet("the task was deleted: create it once more.", hints=(CREATE_HINT,), solution=CREATE_TASK[lesson])
    if not marked:
        raise NotYet(
            f"there is no task of this lesson: run the cell that creates it ({GONE_AFTER}).",
            hints=(CREATE_HINT,),
            solution=CREATE_TASK[lesson],
        )
    task = marked[-1]  # oldest first: rest-contract.md §10.3
    language = as_object(task.attributes).get("selected_language")
    if language != "es":
        raise NotRight(
            f'the task\'s `selected_language` is {language!r}, not "es", so it is not for the Spanish queue.',
            hints=('The attributes are `{"selected_language": "es", "lesson": "' + lesson + '"}`.', CREATE_HINT),
            solution=f"attributes = json.dumps({{'selected_language': 'es', 'lesson': '{lesson}'}})\n"
            'settings = {"workflow_sid": team.workflow.sid, "attributes": attributes}\n' + CREATE_TASK[lesson],
        )
    if task.assignment_status == "canceled":
        raise NotYet(
            f"the task was canceled ({task.reason or 'no reason given'}): create it once more.",
            hints=(CREATE_HINT,),
            solution=CREATE_TASK[lesson],
        )
    return task
