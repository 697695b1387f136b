"""Workers (rest-contract.md §4.8, §5.9)."""

from __future__ import annotations

from ...engine.model.entities import Worker
from ..list_expressions import read_expression
from ..operation import Answer, Registry, RequestContext
from ..paging import ListInMemory
from ..parameter_types import ActivitySid, JsonText, ShortName, TaskQueueSid, WorkerSid, YesNo
from ..parameters import Listing, Parameters
from ..rendering import common, date, page
from ..request_warnings import UNORDERED, unknown_values
from ..response_types import Date, Links, Resource

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/Workers"
ORDERINGS = ("DateStatusChanged:asc", "DateStatusChanged:desc")  # those that Twilio's own tests use


class ListWorker(Listing):
    activity_name: str | None = None
    activity_sid: ActivitySid | None = None
    available: YesNo | None = None
    friendly_name: str | None = None
    target_workers_expression: str | None = None
    task_queue_name: str | None = None
    task_queue_sid: TaskQueueSid | None = None
    ordering: str | None = None


class CreateWorker(Parameters):
    friendly_name: ShortName
    activity_sid: ActivitySid | None = None
    attributes: JsonText = "{}"


class UpdateWorker(Parameters):
    activity_sid: ActivitySid = ""
    attributes: JsonText = "{}"
    friendly_name: ShortName = ""
    reject_pending_reservations: bool = False


class WorkerResponse(Resource):
    sid: WorkerSid
    activity_name: str
    activity_sid: ActivitySid
    attributes: str
    available: bool
    date_status_changed: Date
    friendly_name: str
    links: Links


def render(context: RequestContext, worker: Worker) -> WorkerResponse:
    """Render a worker as it is answered (rest-contract.md §5)."""
    state = context.state
    activity = state.activity_of(worker)
    workspace = context.link(context.workspace.sid)
    link = f"{workspace}/Workers/{worker.sid}"
    return {
        **common(context, worker, context.workspace.sid),
        "activity_name": activity.friendly_name,
        "activity_sid": activity.sid,
        "attributes": worker.attributes,
        "available": activity.available,
        "date_status_changed": date(worker.date_status_changed),
        "friendly_name": worker.friendly_name,
        "url": link,
        "links": {
            "channels": f"{link}/Channels",
            "activity": f"{workspace}/Activities/{activity.sid}",
            "workspace": workspace,
            "statistics": f"{workspace}/Workers/Statistics",
            "real_time_statistics": f"{workspace}/Workers/RealTimeStatistics",
            "cumulative_statistics": f"{workspace}/Workers/CumulativeStatistics",
            "worker_statistics": f"{link}/Statistics",
            "worker_channels": f"{link}/Channels",
            "reservations": f"{link}/Reservations",
        },
    }


def get_worker(context: RequestContext) -> Worker:
    """Find a worker by the address. Raises NotFound."""
    return context.state.get(Worker, context.path["Sid"])


@resource.operation("ListWorker", "GET", PATH, ListWorker, returns=WorkerResponse, key="workers", etag="ETag")
def list_(context: RequestContext, asked: ListWorker) -> Answer:
    """List the workers that match all filters."""
    state = context.state
    everybody = (state.names_of_worker(worker) for worker in state.workers.values())
    expression = read_expression(
        context, "Worker-List-TargetWorkersExpression", asked.target_workers_expression, "queue", everybody
    )

    def shown(worker: Worker) -> bool:
        activity = state.activity_of(worker)
        return (
            asked.activity_name in (None, activity.friendly_name)
            and asked.activity_sid in (None, activity.sid)
            and asked.available in (None, activity.available)
            and asked.friendly_name in (None, worker.friendly_name)
            and (asked.task_queue_sid is None or any(q.sid == asked.task_queue_sid for q in worker.queues))
            and (asked.task_queue_name is None or any(q.friendly_name == asked.task_queue_name for q in worker.queues))
            and (expression is None or expression.matches(state.names_of_worker(worker)))
        )

    workers = state.workers
    if asked.ordering in ORDERINGS:
        down = asked.ordering.endswith("desc")
        ordered = sorted(workers.values(), key=lambda w: w.date_status_changed, reverse=down)
        workers = {worker.sid: worker for worker in ordered}
    elif asked.ordering:
        context.warn(unknown_values("Ordering", [asked.ordering], ORDERINGS, UNORDERED))
    return page(context, "workers", ListInMemory(workers, shown), render, asked)


@resource.operation("CreateWorker", "POST", PATH, CreateWorker, 201, returns=WorkerResponse, etag="ETag")
def create(context: RequestContext, asked: CreateWorker) -> Answer:
    """Create a worker."""
    worker = context.engine.workers.create(context.now, **asked.given())
    return Answer(render(context, worker), worker.version)


@resource.operation("FetchWorker", "GET", PATH + "/{Sid}", returns=WorkerResponse, etag="ETag")
def fetch(context: RequestContext) -> Answer:
    """Fetch a worker."""
    worker = get_worker(context)
    return Answer(render(context, worker), worker.version)


@resource.operation(
    "UpdateWorker", "POST", PATH + "/{Sid}", UpdateWorker, returns=WorkerResponse, etag="ETag", if_match=True
)
def update(context: RequestContext, asked: UpdateWorker) -> Answer:
    """Update a worker: activity, attributes, name."""
    worker = get_worker(context)
    context.check_if_match(worker.version)
    context.engine.workers.update(context.now, worker, **asked.given())
    return Answer(render(context, worker), worker.version)


@resource.operation("DeleteWorker", "DELETE", PATH + "/{Sid}", status=204, if_match=True)
def delete(context: RequestContext) -> Answer:
    """Delete a worker who is not available."""
    worker = get_worker(context)
    context.check_if_match(worker.version)
    context.engine.workers.delete(context.now, worker)
    return Answer()
