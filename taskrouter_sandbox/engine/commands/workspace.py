"""The workspace itself: what it comes with, its settings, its end."""

from __future__ import annotations

import json
from typing import Literal

from ..model.entities import (
    Activity,
    Reservation,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)
from ..model.errors import TaskRouterError
from ..model.options import CompatibilityOptions
from ..model.state import State
from ..rules import queue_members, routing, workflow_steps
from ..rules.expiry import advance
from .common import Any, activity_named, add, assign
from .task_queues import TaskQueues
from .workflows import Workflows

Template = Literal["NONE", "FIFO"]

# rest-contract.md §7
ACTIVITIES = (("Offline", False), ("Available", True), ("Unavailable", False))
TASK_CHANNELS = (
    ("default", "Default"),
    ("voice", "Voice"),
    ("sms", "SMS"),
    ("video", "Video"),
    ("chat", "Programmable Chat"),
)


def apply_template(state: State, now: int, template: Template) -> None:
    """Give a new workspace what its template brings along (rest-contract.md §7)."""
    workspace = state.workspace
    state.now = now
    state.recorder.record(workspace)
    state.observer.configured(state.now, workspace)
    for name, available in ACTIVITIES:
        activity = add(state, Activity, friendly_name=name, available=available)
        if name == "Offline":
            workspace.default_activity_sid = workspace.timeout_activity_sid = activity.sid
    for unique_name, name in TASK_CHANNELS:
        add(state, TaskChannel, unique_name=unique_name, friendly_name=name)
    if template == "FIFO":
        queue = TaskQueues(state).create(now, friendly_name="Sample Queue")
        filters: list[object] = []
        configuration = json.dumps({"task_routing": {"filters": filters, "default_filter": {"queue": queue.sid}}})
        Workflows(state).create(now, friendly_name="Default Fifo Workflow", configuration=configuration)


def update(state: State, now: int, **settings: Any) -> Workspace:
    """Change the workspace; only the fields given are touched.

    Raises TaskRouterError for an unknown activity, and for turning multitasking off (behaviour.md §2.3).
    """
    advance(state, now)
    workspace = state.workspace
    for name, parameter in (
        ("default_activity_sid", "DefaultActivitySid"),
        ("timeout_activity_sid", "TimeoutActivitySid"),
    ):
        if name in settings:
            activity_named(state, settings[name], parameter)
    before = workspace.multi_task_enabled
    if before and settings.get("multi_task_enabled") is False:
        raise TaskRouterError(
            "MultiTaskEnabled cannot be turned off once it is on: create another workspace with MultiTaskEnabled=false."
        )
    assign(workspace, settings)
    state.recorder.changed(workspace, state.now)
    state.observer.reconfigured(state.now, workspace)
    if workspace.multi_task_enabled != before:
        for worker in state.workers.values():
            with queue_members.reindexing(state, worker):
                pass  # who has room has changed with it
    routing.dispatch(state)
    return workspace


def choose(state: State, now: int, options: CompatibilityOptions) -> None:
    """Read in another way what the sources leave open (behaviour.md §11).

    Where expressions mean something else then, queues have other members, and waiting tasks are matched anew.
    """
    advance(state, now)
    before, state.options = state.options, options
    if options.missing_attribute == before.missing_attribute:
        return
    for workflow in state.workflows.values():
        workflow_steps.read_configurations(state, workflow)
    for task in state.tasks.values():
        state.find_target(task)
    for queue in state.task_queues.values():
        queue_members.read_expression(state, queue)
        queue_members.rebuild_members(state, queue)
    routing.dispatch(state)


def delete(state: State, now: int) -> None:
    """Delete the workspace with everything in it (rest-contract.md §8)."""
    advance(state, now)
    state.observer.unconfigured(state.now, state.workspace)
    for kind in (Transfer, Reservation, Task, Workflow, TaskQueue, WorkerChannel, Worker, TaskChannel, Activity):
        for entity in list(state.table(kind).values()):
            state.timers.drop(entity.sid)
            state.remove(entity)
    state.recorder.deleted(state.workspace)
