"""What the board's controls do. Each is one `twilio` call, written as a learner would write it, and then made.

An action: its code, ready to be pasted into a cell that has `client`; what makes the call; whose call it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twilio.rest.taskrouter.v1.workspace import WorkspaceContext

from helpers.errors import LessonError
from helpers.live.feed.model import Model
from helpers.names import ON_BOARD, WORKSPACE


@dataclass(frozen=True)
class Action:
    """code: Python text; act: does it and says in words what came of it; who: "worker" or "you"."""

    code: str
    act: Callable[[], str]
    who: str = "you"


def action(asked: dict[str, Any], place: WorkspaceContext, workspace_sid: str, model: Model) -> Action:
    """The action that the browser asks for.

    Raises LessonError for one that is not known or lacks something.
    """
    make = {"activity": _activity, "create": _create, "reservation": _reservation, "task": _task}.get(
        asked.get("what", "")
    )
    if make is None:
        raise LessonError(f"The board has no control {asked.get('what')!r}.")
    try:
        return make(asked, place, f'workspace = client.taskrouter.v1.workspaces("{workspace_sid}")\n', model)
    except KeyError as missing:
        raise LessonError(f"This control did not say which {missing.args[0]!r} it means; reload the page.") from None


def _activity(asked: dict, place: WorkspaceContext, head: str, model: Model) -> Action:
    worker, activity = asked["worker"], asked["activity"]
    name = model.workers.get(worker, {}).get("name", worker)
    wanted = model.activities.get(activity, {}).get("name", activity)

    def act() -> str:
        return f"TaskRouter answers: {name} is {place.workers(worker).update(activity_sid=activity).activity_name}."

    said = " ".join(f"{name}: {wanted}".split())  # a name must not end the comment
    code = f'{head}# {said}\nworkspace.workers("{worker}").update(activity_sid="{activity}")'
    return Action(code, act, "worker")


def _create(asked: dict, place: WorkspaceContext, head: str, model: Model) -> Action:
    try:
        parsed = json.loads(asked["attributes"])
    except ValueError as error:
        raise LessonError(
            f'The attributes are not JSON ({error}): write them as in {{"selected_language": "es"}}.'
        ) from None
    if isinstance(parsed, dict) and model.workspace.get("name") == WORKSPACE:
        parsed |= ON_BOARD  # so that a lesson that clears its stage knows it
    attributes = json.dumps(parsed, ensure_ascii=False)
    settings: dict[str, Any] = {"workflow_sid": asked["workflow"], "attributes": attributes}
    if asked.get("priority") not in (None, "", 0, "0"):
        try:
            settings["priority"] = int(asked["priority"])
        except ValueError:
            raise LessonError("The priority is a whole number, such as 5; the higher one is served first.") from None
    if asked.get("channel"):
        settings["task_channel"] = asked["channel"]
    arguments = "\n".join(f"    {name}={literal(value)}," for name, value in settings.items())

    def act() -> str:
        task = place.tasks.create(**settings)
        return f"Task {task.sid} is {task.assignment_status}."

    return Action(f"{head}workspace.tasks.create(\n{arguments}\n)", act)


def literal(value: object) -> str:
    """As Python, with double quotes where that needs no escapes."""
    return (
        f'"{value}"' if isinstance(value, str) and value.isprintable() and not set(value) & set('"\\') else repr(value)
    )


def _reservation(asked: dict, place: WorkspaceContext, head: str, model: Model) -> Action:
    task, sid, status = asked["task"], asked["reservation"], asked["status"]

    def act() -> str:
        done = place.tasks(task).reservations(sid).update(reservation_status=status)
        return f"The reservation is {done.reservation_status}."

    code = (
        f'{head}reservation = workspace.tasks("{task}").reservations("{sid}")\n'
        f'reservation.update(reservation_status="{status}")'
    )
    return Action(code, act, "worker")


def _task(asked: dict, place: WorkspaceContext, head: str, model: Model) -> Action:
    sid, status = asked["task"], asked["status"]
    reason = {"completed": "Done", "canceled": "Canceled on the board"}.get(status)
    settings = {"assignment_status": status} | ({"reason": reason} if reason else {})
    arguments = ", ".join(f'{name}="{value}"' for name, value in settings.items())

    def act() -> str:
        return f"The task is {place.tasks(sid).update(**settings).assignment_status}."

    return Action(f'{head}workspace.tasks("{sid}").update({arguments})', act)
