"""Workers (rest-contract.md §4.8, §5.9)."""

from __future__ import annotations

from typing import Literal

from ...engine.language.expressions import ExpressionError, parse
from ...engine.model.entities import Worker
from ...engine.model.errors import Refusal
from ..operation import Answer, Call, Registry
from ..parameters import Listing, Name, Parameters, YesNo, a_sid
from ..rendering import common, date, page
from ..response_types import Date, Links, Resource

resource = Registry()
PATH = "/Workspaces/{WorkspaceSid}/Workers"


class List(Listing):
    activity_name: str | None = None
    activity_sid: a_sid("WA") | None = None
    available: YesNo | None = None
    friendly_name: str | None = None
    target_workers_expression: str | None = None
    task_queue_name: str | None = None
    task_queue_sid: a_sid("WQ") | None = None
    ordering: Literal["DateStatusChanged:asc", "DateStatusChanged:desc"] | None = None


class Create(Parameters):
    friendly_name: Name
    activity_sid: a_sid("WA") | None = None
    attributes: str = "{}"


class Update(Parameters):
    activity_sid: a_sid("WA") = ""
    attributes: str = "{}"
    friendly_name: Name = ""
    reject_pending_reservations: bool = False


class WorkerShape(Resource):
    sid: a_sid("WK")
    activity_name: str
    activity_sid: a_sid("WA")
    attributes: str
    available: bool
    date_status_changed: Date
    friendly_name: str
    links: Links


def render(call: Call, worker: Worker) -> WorkerShape:
    state = call.workspace.state
    activity = state.activity_of(worker)
    workspace = call.link(state.workspace.sid)
    link = f"{workspace}/Workers/{worker.sid}"
    return {
        **common(call, worker, state.workspace.sid),
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


def the(call: Call) -> Worker:
    return call.workspace.state.get(Worker, call.path["Sid"])


@resource.operation("ListWorker", "GET", PATH, List, returns=WorkerShape, key="workers", etag="ETag")
def list_(call: Call, asked: List) -> Answer:
    state = call.workspace.state
    wanted = asked.target_workers_expression
    if wanted is not None:
        call.limit("Worker-List-TargetWorkersExpression")
    try:
        expression = None if wanted is None else parse(wanted)
    except ExpressionError as error:
        raise Refusal(f"TargetWorkersExpression: {error}") from None

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

    workers = [worker for worker in state.workers.values() if shown(worker)]
    if asked.ordering:
        workers.sort(key=lambda w: w.date_status_changed, reverse=asked.ordering.endswith("desc"))
    return page(call, "workers", workers, render, asked)


@resource.operation("CreateWorker", "POST", PATH, Create, 201, returns=WorkerShape, etag="ETag")
def create(call: Call, asked: Create) -> Answer:
    worker = call.workspace.workers.create(call.now, **asked.given())
    return Answer(render(call, worker), worker.version)


@resource.operation("FetchWorker", "GET", PATH + "/{Sid}", returns=WorkerShape, etag="ETag")
def fetch(call: Call) -> Answer:
    worker = the(call)
    return Answer(render(call, worker), worker.version)


@resource.operation("UpdateWorker", "POST", PATH + "/{Sid}", Update, returns=WorkerShape, etag="ETag", if_match=True)
def update(call: Call, asked: Update) -> Answer:
    worker = the(call)
    call.match(worker.version)
    call.workspace.workers.update(call.now, worker, **asked.given())
    return Answer(render(call, worker), worker.version)


@resource.operation("DeleteWorker", "DELETE", PATH + "/{Sid}", status=204, if_match=True)
def delete(call: Call) -> Answer:
    worker = the(call)
    call.match(worker.version)
    call.workspace.workers.delete(call.now, worker)
    return Answer()
