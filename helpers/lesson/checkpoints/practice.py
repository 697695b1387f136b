"""What the checkpoints of the practice workspace read: the workspace itself, and the tasks of one lesson."""

from __future__ import annotations

from typing import Any

from twilio.rest import Client

from helpers.connection.instances import TaskInstance, WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.lesson.checkpoints.framework import Missing
from helpers.lesson.checkpoints.lookups import find_by_name
from helpers.names import PRACTICE_WORKSPACE

BEGIN = "Run the cells of this page from the top."
CREATE = """\
workspaces = client.taskrouter.v1.workspaces
settings = {"friendly_name": "TaskRouter Practice", "multi_task_enabled": True}
workspace = found(workspaces, **settings) or workspaces.create(**settings)"""


def get_practice_workspace(client: Client) -> WorkspaceInstance:
    """Give the practice workspace. Raises Missing when there is none."""
    space: WorkspaceInstance | None = find_by_name(client.taskrouter.v1.workspaces, PRACTICE_WORKSPACE)
    if space is None:
        raise Missing(f'there is no workspace "{PRACTICE_WORKSPACE}" yet.', hints=(BEGIN,), solution=CREATE)
    return space


def missing_in_practice(kind: str, name: str) -> Missing:
    """Say that something is not there that a page creates at its beginning; an activity TaskRouter has created."""
    called = name if kind == "worker" else f'"{name}"'
    text = f"there is no {kind} {called} in the workspace"
    if kind != "activity":
        return Missing(f"{text} (the first cells of this page create it).", hints=(BEGIN,))
    again = f'workspace.activities.create(friendly_name="{name}", available={name == "Available"})'
    return Missing(f"{text} any more.", hints=("Create it once more.", BEGIN), solution=again)


def tasks_of(space: WorkspaceInstance, lesson: str) -> list[tuple[TaskInstance, dict[str, Any]]]:
    """List the tasks that are marked with a lesson's number, each with its attributes, the oldest first.

    lesson: such as "07".
    """
    both = ((task, as_object(task.attributes)) for task in space.tasks.list())
    return [(task, attributes) for task, attributes in both if attributes.get("lesson") == lesson]
