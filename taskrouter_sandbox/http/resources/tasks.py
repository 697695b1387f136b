"""Tasks (rest-contract.md §4.4, §5.4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, get_args

from msgspec import Meta

from ...engine.model.entities import Task, TaskStatus
from ...engine.model.errors import TaskRouterError
from ..list_expressions import read_expression
from ..operation import Answer, Registry, RequestContext
from ..paging import ListInMemory
from ..parameter_types import (
    JsonText,
    Moment,
    Priority,
    RoutingTargetSid,
    Several,
    TaskChannelSid,
    TaskQueueSid,
    TaskSid,
    WorkflowSid,
    YesNo,
)
from ..parameters import Listing, Parameters
from ..rendering import common, date, page
from ..request_warnings import FINDS_NOTHING, unknown_values
from ..response_types import Date, Links, Resource

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/Tasks"
STATUSES: tuple[TaskStatus, ...] = get_args(TaskStatus)

# what a list can be ordered by; of two tasks made in the same instant the one with the higher number is newer
ORDERINGS: dict[str, Callable[[Task], Any]] = {
    "DateCreated": lambda task: (task.date_created, task.number),
    "Priority": lambda task: task.priority,
    "VirtualStartTime": lambda task: (task.virtual_start_time, task.number),
}


class ListTask(Listing):
    priority: int | None = None
    assignment_status: Several | None = None
    workflow_sid: WorkflowSid | None = None
    workflow_name: str | None = None
    task_queue_sid: TaskQueueSid | None = None
    task_queue_name: str | None = None
    evaluate_task_attributes: str | None = None
    routing_target: str | None = None
    ordering: str | None = None
    has_addons: bool | None = None


class CreateTask(Parameters):
    timeout: Annotated[int, Meta(ge=1, le=1_209_600)] = 86_400
    priority: Priority = 0
    task_channel: str = "default"
    workflow_sid: WorkflowSid | None = None
    attributes: JsonText = "{}"
    virtual_start_time: Moment | None = None
    routing_target: RoutingTargetSid | None = None
    ignore_capacity: YesNo = False
    task_queue_sid: TaskQueueSid | None = None


class UpdateTask(Parameters):
    attributes: JsonText = "{}"
    assignment_status: TaskStatus | None = None
    reason: str | None = None
    priority: Priority = 0
    task_channel: str = "default"
    virtual_start_time: Moment | None = None


class TaskResponse(Resource):
    sid: TaskSid
    age: int
    assignment_status: TaskStatus
    attributes: str
    addons: str
    task_queue_entered_date: Date | None
    priority: int
    reason: str | None
    task_queue_sid: TaskQueueSid | None
    task_queue_friendly_name: str | None
    task_channel_sid: TaskChannelSid
    task_channel_unique_name: str
    timeout: int
    workflow_sid: WorkflowSid | None
    workflow_friendly_name: str | None
    virtual_start_time: Date
    ignore_capacity: bool
    routing_target: str | None
    links: Links


def render(context: RequestContext, task: Task) -> TaskResponse:
    """Render a task as it is answered (rest-contract.md §5)."""
    state = context.state
    workspace = context.link(context.workspace.sid)
    link = f"{workspace}/Tasks/{task.sid}"
    queue = state.task_queues.get(task.task_queue_sid or "")
    workflow = state.workflow_of(task)
    return {
        **common(context, task, context.workspace.sid),
        "age": task.age(context.now),
        "assignment_status": task.assignment_status,
        "attributes": task.attributes,
        "addons": task.addons,
        "task_queue_entered_date": date(task.task_queue_entered_date),
        "priority": task.priority,
        "reason": task.reason,
        "task_queue_sid": task.task_queue_sid,
        "task_queue_friendly_name": queue.friendly_name if queue else None,
        "task_channel_sid": task.task_channel_sid,
        "task_channel_unique_name": state.task_channels[task.task_channel_sid].unique_name,
        "timeout": task.timeout,
        "workflow_sid": task.workflow_sid,
        "workflow_friendly_name": workflow.friendly_name if workflow else None,
        "virtual_start_time": date(task.virtual_start_time),
        "ignore_capacity": task.ignore_capacity,
        "routing_target": task.routing_target,
        "url": link,
        "links": {
            "task_queue": f"{workspace}/TaskQueues/{task.task_queue_sid}",
            "workflow": f"{workspace}/Workflows/{task.workflow_sid}" if task.workflow_sid else None,
            "workspace": workspace,
            "reservations": f"{link}/Reservations",
        },
    }


def get_task(context: RequestContext) -> Task:
    """Find a task by the address. Raises NotFound."""
    return context.state.get(Task, context.path["Sid"])


@resource.operation("ListTask", "GET", PATH, ListTask, returns=TaskResponse, key="tasks", etag="ETag")
def list_(context: RequestContext, asked: ListTask) -> Answer:
    """List the tasks that match all filters, in the order that is asked for."""
    state = context.state
    everybody = (task.parsed_attributes for task in state.tasks.values())
    expression = read_expression(
        context, "Task-List-EvaluateTaskAttributes", asked.evaluate_task_attributes, "filter", everybody
    )
    context.warn(unknown_values("AssignmentStatus", asked.assignment_status or (), STATUSES, FINDS_NOTHING))

    def shown(task: Task) -> bool:
        queue, workflow = state.task_queues.get(task.task_queue_sid or ""), state.workflow_of(task)
        return (
            asked.priority in (None, task.priority)
            and (asked.assignment_status is None or task.assignment_status in asked.assignment_status)
            and asked.workflow_sid in (None, task.workflow_sid)
            and asked.workflow_name in (None, workflow and workflow.friendly_name)
            and asked.task_queue_sid in (None, task.task_queue_sid)
            and asked.task_queue_name in (None, queue and queue.friendly_name)
            and asked.routing_target in (None, task.routing_target)
            and asked.has_addons in (None, task.addons != "{}")
            and (expression is None or expression.matches(task.parsed_attributes))
        )

    tasks = state.tasks
    if ordering := _ordering(asked.ordering):
        ordered = list(tasks.values())
        for name, descending in reversed(ordering):
            ordered.sort(key=ORDERINGS[name], reverse=descending)
        tasks = {task.sid: task for task in ordered}
    return page(context, "tasks", ListInMemory(tasks, shown), render, asked)


def _ordering(text: str | None) -> list[tuple[str, bool]]:
    """Read `Priority:desc,DateCreated:asc` as names and whether each goes down; the first one weighs most."""
    chosen: list[tuple[str, bool]] = []
    for part in (text or "").split(","):
        if not part.strip():
            continue
        name, _, direction = part.strip().partition(":")
        if name not in ORDERINGS or direction not in ("asc", "desc"):
            known = ", ".join(ORDERINGS)
            raise TaskRouterError(f"Ordering: {part.strip()!r} is not one of {known}, each with :asc or :desc")
        chosen.append((name, direction == "desc"))
    if {"DateCreated", "VirtualStartTime"} <= {name for name, _ in chosen}:
        raise TaskRouterError("Ordering: DateCreated and VirtualStartTime cannot be combined")
    return chosen


@resource.operation("CreateTask", "POST", PATH, CreateTask, 201, returns=TaskResponse, etag="ETag")
def create(context: RequestContext, asked: CreateTask) -> Answer:
    """Create a task, which is routed at once."""
    task = context.engine.tasks.create(context.now, **asked.given())
    return Answer(render(context, task), task.version)


@resource.operation("FetchTask", "GET", PATH + "/{Sid}", returns=TaskResponse, etag="ETag")
def fetch(context: RequestContext) -> Answer:
    """Fetch a task."""
    task = get_task(context)
    return Answer(render(context, task), task.version)


@resource.operation("UpdateTask", "POST", PATH + "/{Sid}", UpdateTask, returns=TaskResponse, etag="ETag", if_match=True)
def update(context: RequestContext, asked: UpdateTask) -> Answer:
    """Update a task: attributes, priority, or a status that ends it."""
    task = get_task(context)
    context.check_if_match(task.version)
    context.engine.tasks.update(context.now, task, **asked.given())
    return Answer(render(context, task), task.version)


@resource.operation("DeleteTask", "DELETE", PATH + "/{Sid}", status=204, if_match=True)
def delete(context: RequestContext) -> Answer:
    """Delete a task."""
    task = get_task(context)
    context.check_if_match(task.version)
    context.engine.tasks.delete(context.now, task)
    return Answer()
