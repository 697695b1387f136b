"""TaskQueues (rest-contract.md §4.7, §5.8)."""

from __future__ import annotations

from typing import Annotated, Any, cast

from msgspec import Meta

from ...engine.model.entities import Order, TaskQueue
from ...engine.model.errors import TaskRouterError
from ...language.strict_json import read_json
from ..operation import Answer, Registry, RequestContext
from ..paging import ListInMemory
from ..parameter_types import ActivitySid, ActivitySidOrNone, JsonText, TaskQueueSid, WorkerSid
from ..parameters import Listing, Parameters
from ..rendering import common, page
from ..request_warnings import UNORDERED, unknown_values
from ..response_types import Links, Resource

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/TaskQueues"
ORDERINGS = ("DateUpdated:asc", "DateUpdated:desc")  # those that Twilio's own tests use
Reserved = Annotated[int, Meta(ge=1, le=50)]


class ListTaskQueue(Listing):
    friendly_name: str | None = None
    evaluate_worker_attributes: JsonText | None = None
    worker_sid: WorkerSid | None = None
    ordering: str | None = None


class CreateTaskQueue(Parameters):
    friendly_name: Annotated[str, Meta(min_length=1)]
    target_workers: str = "1==1"
    max_reserved_workers: Reserved = 1
    task_order: Order = "FIFO"
    reservation_activity_sid: ActivitySidOrNone = ""
    assignment_activity_sid: ActivitySidOrNone = ""


class UpdateTaskQueue(Parameters):
    friendly_name: Annotated[str, Meta(min_length=1)] = ""
    target_workers: str = "1==1"
    reservation_activity_sid: ActivitySidOrNone = ""
    assignment_activity_sid: ActivitySidOrNone = ""
    max_reserved_workers: Reserved = 1
    task_order: Order = "FIFO"


class TaskQueueResponse(Resource):
    sid: TaskQueueSid
    assignment_activity_sid: ActivitySid | None
    assignment_activity_name: str | None
    reservation_activity_sid: ActivitySid | None
    reservation_activity_name: str | None
    friendly_name: str
    max_reserved_workers: int
    target_workers: str
    task_order: Order
    operating_unit_sid: str  # not in Twilio's document (rest-contract.md §15, point 32)
    links: Links


def render(context: RequestContext, queue: TaskQueue) -> TaskQueueResponse:
    """Render a queue as it is answered (rest-contract.md §5)."""
    state = context.state
    workspace = context.link(context.workspace.sid)
    link = f"{workspace}/TaskQueues/{queue.sid}"
    assignment = state.activities.get(queue.assignment_activity_sid or "")
    reservation = state.activities.get(queue.reservation_activity_sid or "")
    links: dict[str, str | None] = {
        "workspace": workspace,
        "statistics": f"{link}/Statistics",
        "real_time_statistics": f"{link}/RealTimeStatistics",
        "cumulative_statistics": f"{link}/CumulativeStatistics",
        "list_statistics": f"{workspace}/TaskQueues/Statistics",
        "bulk_real_time_statistics": f"{workspace}/TaskQueues/RealTimeStatistics",
    }
    for role, activity in (("assignment", assignment), ("reservation", reservation)):
        links[f"{role}_activity"] = f"{workspace}/Activities/{activity.sid}" if activity else None
    return {
        **common(context, queue, context.workspace.sid),
        "assignment_activity_sid": queue.assignment_activity_sid,
        "assignment_activity_name": assignment.friendly_name if assignment else None,
        "reservation_activity_sid": queue.reservation_activity_sid,
        "reservation_activity_name": reservation.friendly_name if reservation else None,
        "friendly_name": queue.friendly_name,
        "max_reserved_workers": queue.max_reserved_workers,
        "target_workers": queue.target_workers,
        "task_order": queue.task_order,
        "operating_unit_sid": state.operating_unit_sid,
        "url": link,
        "links": links,
    }


def get_task_queue(context: RequestContext) -> TaskQueue:
    """Find a queue by the address. Raises NotFound."""
    return context.state.get(TaskQueue, context.path["Sid"])


@resource.operation("ListTaskQueue", "GET", PATH, ListTaskQueue, returns=TaskQueueResponse, key="task_queues")
def list_(context: RequestContext, asked: ListTaskQueue) -> Answer:
    """List the queues of a workspace, by name, or those that a worker or such attributes belong to."""
    state = context.state
    worker = asked.evaluate_worker_attributes
    if worker is not None:
        context.limit("TaskQueue-List-EvaluateWorkerAttributes")
    names = None if worker is None else _attributes(worker)

    def shown(queue: TaskQueue) -> bool:
        return (
            asked.friendly_name in (None, queue.friendly_name)
            and (asked.worker_sid is None or asked.worker_sid in queue.members)
            and (names is None or queue.expression.matches(names))
        )

    queues = state.task_queues
    if asked.ordering in ORDERINGS:
        ordered = sorted(queues.values(), key=lambda q: q.date_updated, reverse=asked.ordering.endswith("desc"))
        queues = {queue.sid: queue for queue in ordered}
    elif asked.ordering:
        context.warn(unknown_values("Ordering", [asked.ordering], ORDERINGS, UNORDERED))
    return page(context, "task_queues", ListInMemory(queues, shown), render, asked)


def _attributes(text: str) -> dict[str, Any]:
    try:
        _, names = read_json(text)
    except ValueError:
        names = None
    if not isinstance(names, dict):
        raise TaskRouterError("EvaluateWorkerAttributes must be a JSON object of worker attributes")
    return cast("dict[str, Any]", names)


@resource.operation("CreateTaskQueue", "POST", PATH, CreateTaskQueue, 201, returns=TaskQueueResponse)
def create(context: RequestContext, asked: CreateTaskQueue) -> Answer:
    """Create a queue."""
    return Answer(render(context, context.engine.task_queues.create(context.now, **asked.given())))


@resource.operation("FetchTaskQueue", "GET", PATH + "/{Sid}", returns=TaskQueueResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a queue."""
    return Answer(render(context, get_task_queue(context)))


@resource.operation("UpdateTaskQueue", "POST", PATH + "/{Sid}", UpdateTaskQueue, returns=TaskQueueResponse)
def update(context: RequestContext, asked: UpdateTaskQueue) -> Answer:
    """Update a queue; a new expression gathers its workers anew."""
    return Answer(
        render(context, context.engine.task_queues.update(context.now, get_task_queue(context), **asked.given()))
    )


@resource.operation("DeleteTaskQueue", "DELETE", PATH + "/{Sid}", status=204)
def delete(context: RequestContext) -> Answer:
    """Delete a queue that nothing uses."""
    context.engine.task_queues.delete(context.now, get_task_queue(context))
    return Answer()
