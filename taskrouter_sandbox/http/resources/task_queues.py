"""TaskQueues (rest-contract.md §4.7, §5.8)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from ...engine.language.workflow_configuration import read_json
from ...engine.model.entities import Order, TaskQueue
from ...engine.model.errors import Refusal
from ..operation import Answer, Call, Registry
from ..parameters import Listing, Parameters, a_sid
from ..rendering import common, page
from ..response_types import Links, Resource

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/TaskQueues"
Reserved = Annotated[int, Field(ge=1, le=50)]
ActivityOrNone = a_sid("WA") | Literal[""]


class List(Listing):
    friendly_name: str | None = None
    evaluate_worker_attributes: str | None = None
    worker_sid: a_sid("WK") | None = None
    ordering: Literal["DateUpdated:asc", "DateUpdated:desc"] | None = None


class Create(Parameters):
    friendly_name: Annotated[str, Field(min_length=1)]
    target_workers: str = "1==1"
    max_reserved_workers: Reserved = 1
    task_order: Order = "FIFO"
    reservation_activity_sid: ActivityOrNone = ""
    assignment_activity_sid: ActivityOrNone = ""


class Update(Parameters):
    friendly_name: Annotated[str, Field(min_length=1)] = ""
    target_workers: str = "1==1"
    reservation_activity_sid: ActivityOrNone = ""
    assignment_activity_sid: ActivityOrNone = ""
    max_reserved_workers: Reserved = 1
    task_order: Order = "FIFO"


class TaskQueueShape(Resource):
    sid: a_sid("WQ")
    assignment_activity_sid: a_sid("WA") | None
    assignment_activity_name: str | None
    reservation_activity_sid: a_sid("WA") | None
    reservation_activity_name: str | None
    friendly_name: str
    max_reserved_workers: int
    target_workers: str
    task_order: Order
    links: Links


def render(call: Call, queue: TaskQueue) -> TaskQueueShape:
    state = call.workspace.state
    workspace = call.link(state.workspace.sid)
    link = f"{workspace}/TaskQueues/{queue.sid}"
    named = {}
    links = {
        "workspace": workspace,
        "statistics": f"{link}/Statistics",
        "real_time_statistics": f"{link}/RealTimeStatistics",
        "cumulative_statistics": f"{link}/CumulativeStatistics",
        "list_statistics": f"{workspace}/TaskQueues/Statistics",
        "bulk_real_time_statistics": f"{workspace}/TaskQueues/RealTimeStatistics",
    }
    for role in ("assignment", "reservation"):
        activity_sid = getattr(queue, f"{role}_activity_sid")
        activity = state.activities.get(activity_sid)
        named[f"{role}_activity_sid"] = activity_sid
        named[f"{role}_activity_name"] = activity.friendly_name if activity else None
        links[f"{role}_activity"] = f"{workspace}/Activities/{activity_sid}" if activity else None
    return {
        **common(call, queue, state.workspace.sid),
        **named,
        "friendly_name": queue.friendly_name,
        "max_reserved_workers": queue.max_reserved_workers,
        "target_workers": queue.target_workers,
        "task_order": queue.task_order,
        "url": link,
        "links": links,
    }


def the(call: Call) -> TaskQueue:
    return call.workspace.state.get(TaskQueue, call.path["Sid"])


@resource.operation("ListTaskQueue", "GET", PATH, List, returns=TaskQueueShape, key="task_queues")
def list_(call: Call, asked: List) -> Answer:
    state = call.workspace.state
    queues = [q for q in state.task_queues.values() if asked.friendly_name in (None, q.friendly_name)]
    if asked.worker_sid is not None:
        queues = [q for q in queues if asked.worker_sid in q.members]
    if asked.evaluate_worker_attributes is not None:
        call.limit("TaskQueue-List-EvaluateWorkerAttributes")
        names = _attributes(asked.evaluate_worker_attributes)
        queues = [q for q in queues if q.expression.matches(names)]
    if asked.ordering:
        queues.sort(key=lambda q: q.date_updated, reverse=asked.ordering.endswith("desc"))
    return page(call, "task_queues", queues, render, asked)


def _attributes(text: str) -> dict[str, Any]:
    try:
        _, names = read_json(text)
    except ValueError:
        names = None
    if not isinstance(names, dict):
        raise Refusal("EvaluateWorkerAttributes must be a JSON object of worker attributes")
    return names


@resource.operation("CreateTaskQueue", "POST", PATH, Create, 201, returns=TaskQueueShape)
def create(call: Call, asked: Create) -> Answer:
    return Answer(render(call, call.workspace.task_queues.create(call.now, **asked.given())))


@resource.operation("FetchTaskQueue", "GET", PATH + "/{Sid}", returns=TaskQueueShape)
def fetch(call: Call) -> Answer:
    return Answer(render(call, the(call)))


@resource.operation("UpdateTaskQueue", "POST", PATH + "/{Sid}", Update, returns=TaskQueueShape)
def update(call: Call, asked: Update) -> Answer:
    return Answer(render(call, call.workspace.task_queues.update(call.now, the(call), **asked.given())))


@resource.operation("DeleteTaskQueue", "DELETE", PATH + "/{Sid}", status=204)
def delete(call: Call) -> Answer:
    call.workspace.task_queues.delete(call.now, the(call))
    return Answer()
