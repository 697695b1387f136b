"""What the commands have in common: names, look-ups, adding and dropping."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast

from ...language.strict_json import MAX_ATTRIBUTES, read_json
from ..model.entities import Activity, Entity, Task, TaskChannel, TaskQueue, Workflow
from ..model.errors import TaskRouterError
from ..model.observer import Configured
from ..model.state import Named, State

C = TypeVar("C", Activity, TaskChannel, TaskQueue, Workflow)

KEEP: Any = object()  # "this field is not part of the update"
MOST_NAMED = 20  # task channels, in a sentence
WHAT_FIRST = {
    "pending": "cancel it first",
    "reserved": "answer its reservation first",
    "assigned": "complete it first",
    "wrapping": "complete it first",
    "completed": "delete it first, or wait until it goes by itself",
    "canceled": "delete it first, or wait until it goes by itself",
}
PREFIXES: dict[type[Configured], str] = {Activity: "WA", TaskChannel: "TC", TaskQueue: "WQ", Workflow: "WW"}


def add(state: State, kind: type[C], **fields: Any) -> C:
    """Add a resource, and tell of it."""
    entity = kind(sid=state.new_sid(PREFIXES[kind]), date_created=state.now, date_updated=state.now, **fields)
    state.add(entity)
    state.recorder.record(entity)
    state.observer.configured(state.now, entity)
    return entity


def drop(state: State, entity: Configured) -> None:
    """Take a resource away, and tell of it."""
    state.observer.unconfigured(state.now, entity)
    state.remove(entity)


def what_first(task: Task) -> str:
    """Say what is to be done with a task before what it uses can be deleted."""
    waits = ", or wait until its transfer has ended" if task.transfer and task.assignment_status == "pending" else ""
    return WHAT_FIRST[task.assignment_status] + waits


def assign(entity: Entity, values: dict[str, Any]) -> None:
    """Set several fields of a resource."""
    for name, value in values.items():
        setattr(entity, name, value)


def activity_named(state: State, sid: str, parameter: str) -> Activity:
    """Find the activity of that SID. Raises TaskRouterError, naming the parameter, when there is none."""
    activity = state.activities.get(sid)
    if activity is None:
        raise TaskRouterError(f"{parameter} {sid} is not an Activity of workspace {state.workspace.sid}")
    return activity


def channel_named(state: State, name: str) -> TaskChannel:
    """Find the task channel of that SID or unique name. Raises TaskRouterError when there is none."""
    for channel in state.task_channels.values():
        if name in (channel.sid, channel.unique_name):
            return channel
    there = [channel.unique_name for channel in state.task_channels.values()]
    known = ", ".join(there[:MOST_NAMED]) + (" and others" if len(there) > MOST_NAMED else "")
    raise TaskRouterError(
        f"TaskChannel {name[:80]} does not exist in workspace {state.workspace.sid}: there is {known}"
    )


def free_name(state: State, kind: type[Named], name: str, but: Entity | None = None) -> None:
    """Check that a name is free in a workspace; those of workers in any spelling (rest-contract.md §9, §15)."""
    bearer = state.sid_by_name(kind, name)
    if bearer is not None and (but is None or bearer != but.sid):
        raise TaskRouterError(taken(state, "Queue" if kind is TaskQueue else kind.__name__, name))


def taken(state: State, kind: str, name: str) -> str:
    """Give the sentence for a name that is in use (rest-contract.md §11.4)."""
    if kind == "Worker":
        return "Worker with the same friendly name already exists"
    return f"{kind} named {name} already exists for workspace {state.workspace.sid} for account {state.account_sid}"


def differ(before: object, after: object) -> bool:
    """Tell whether two values that were read from JSON differ, whatever the order of their keys.

    1, 1.0 and true are equal in Python, and not in an expression.
    """
    if before is after:
        return False
    if type(before) is not type(after):
        return True
    if isinstance(before, str | int | float):
        return before != after
    return json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True)


@lru_cache(1000)
def read_attributes(text: str) -> tuple[str, Mapping[str, Any]]:
    """Read attributes: as they are kept (compact JSON, keys in order), and as expressions see them, not to be changed.

    Raises TaskRouterError when the text is not a JSON object or longer than 4,096 characters (rest-contract.md §12).
    """
    if len(text) > MAX_ATTRIBUTES:
        raise TaskRouterError(f"Attributes has {len(text)} characters; at most {MAX_ATTRIBUTES} are allowed.")
    try:
        compact, names = read_json(text)
    except ValueError as error:
        raise TaskRouterError(f"Attributes is not valid JSON: {error}") from None
    if not isinstance(names, dict):
        raise TaskRouterError('Attributes must be a JSON object, such as {"selected_language": "es"}.')
    return compact, cast("dict[str, Any]", names)
