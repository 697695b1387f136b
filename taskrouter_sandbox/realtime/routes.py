"""What the SDK of today may ask for, each led to the operation of the REST API that does it (agent-sdk.md §4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..engine.model.entities import Activity, Entity, Reservation, Task, TaskQueue, Transfer, Worker, WorkerChannel
from ..engine.model.state import State
from ..http.operation import Operation
from ..http.resources import OPERATIONS
from . import own_operations as own
from . import participants, shapes

REST = {operation.id: operation for operation in OPERATIONS}
# what requests call otherwise than REST
RENAMED = {
    "TaskChannelUniqueName": "TaskChannel",
    "TaskChannelSid": "TaskChannel",
    "DequeueStatusCallbackEvents": "DequeueStatusCallbackEvent",
}
# what follows the page before, beside PageSize
FOLLOWING = ("AfterSid", "NextToken")


class Route(NamedTuple):
    """One request of the SDK.

    method, path: as it asks, below the workspace; operation: what answers it; kind: of the resource in the answer, None
    where nobody reads it; shape: how that is written; on_calls: does it act on calls, beside the workspace?
    """

    method: str
    path: str
    operation: Operation
    kind: type[Entity] | None = None
    shape: Callable[[State, Any], shapes.Payload] | None = None
    on_calls: bool = False


OF_WORKER = "Workers/{WorkerSid}"
ROUTES = [
    Route("GET", "Activities", REST["ListActivity"], Activity, shapes.activity),
    Route("GET", "Workers", REST["ListWorker"], Worker, shapes.worker),
    Route("GET", "Workers/{OtherWorkerSid}", REST["FetchWorker"], Worker, shapes.worker),
    Route("POST", "Workers/{OtherWorkerSid}", REST["UpdateWorker"], Worker, shapes.worker),
    Route("GET", OF_WORKER + "/WorkerChannels", REST["ListWorkerChannel"], WorkerChannel, shapes.worker_channel),
    Route("GET", OF_WORKER + "/Reservations", own.LIST_ACTIVE, Reservation, shapes.reservation_task),
    Route(
        "GET",
        OF_WORKER + "/Reservations/{Sid}",
        REST["FetchWorkerReservation"],
        Reservation,
        shapes.reservation_task,
    ),
    Route("POST", OF_WORKER + "/Reservations/{Sid}", REST["UpdateWorkerReservation"], Reservation, shapes.reservation),
    Route("POST", OF_WORKER + "/Transfers", own.CREATE_TRANSFER, Transfer, shapes.transfer),
    Route("POST", OF_WORKER + "/Transfers/{Sid}", own.UPDATE_TRANSFER, Transfer, shapes.transfer),
    Route("POST", OF_WORKER + "/CustomerParticipant", participants.HOLD_CUSTOMER, Task, shapes.task, on_calls=True),
    Route("POST", OF_WORKER + "/WorkerParticipant", participants.UPDATE_OWN, on_calls=True),
    Route("POST", OF_WORKER + "/HoldWorkerParticipant", participants.HOLD_WORKER, Task, shapes.task, on_calls=True),
    Route("POST", OF_WORKER + "/KickWorkerParticipant", participants.KICK_WORKER, Task, shapes.task, on_calls=True),
    Route("GET", "TaskQueues", REST["ListTaskQueue"], TaskQueue, shapes.task_queue),
    Route("GET", "TaskQueues/{Sid}", REST["FetchTaskQueue"], TaskQueue, shapes.task_queue),
    Route("POST", "Tasks", REST["CreateTask"], Task, shapes.task),
    Route("GET", "Tasks/{TaskSid}", REST["FetchTask"], Task, shapes.task),
    Route("POST", "Tasks/{TaskSid}", REST["UpdateTask"], Task, shapes.task),
    Route("POST", "Tasks/{TaskSid}/Reservations/{SupervisedSid}", REST["UpdateTaskReservation"]),
]


def find(method: str, url: str) -> tuple[Route | None, dict[str, str]]:
    """Find the route of a request by its method and url, and what stands where the path has names.

    The workspace stands under `WorkspaceSid`. None where there is no such route.
    """
    parts = url.strip("/").split("/")
    if len(parts) < 3 or parts[0] != "Workspaces":
        return None, {}
    for route in ROUTES:
        wanted = route.path.split("/")
        if route.method == method and len(wanted) == len(parts) - 2:
            found = {"WorkspaceSid": parts[1]}
            if all(_matches(one, part, found) for one, part in zip(wanted, parts[2:], strict=True)):
                return route, found
    return None, {}


def _matches(wanted: str, part: str, found: dict[str, str]) -> bool:
    if not wanted.startswith("{"):
        return wanted == part
    found[wanted[1:-1]] = part
    return bool(part)


def rest_path(path: dict[str, str]) -> dict[str, str]:
    """Name what stands in a path as the operations of REST do, where the last one is `Sid`."""
    named = dict(path)
    for name in ("OtherWorkerSid", "SupervisedSid"):
        if name in named:
            named["Sid"] = named.pop(name)
    if "TaskSid" in named and "Sid" not in named:
        named["Sid"] = named.pop("TaskSid")
    return named


def rest_params(params: dict[str, Any]) -> dict[str, Any]:
    """Name what is sent as REST does: `AfterSid` and `NextToken` stand for a page there."""
    given: dict[str, Any] = {}
    for name, value in params.items():
        if name not in FOLLOWING:
            given[RENAMED.get(name, name)] = value
        elif value:
            given |= {"Page": 1, "PageToken": f"PA{value}"}
    return given


def as_sent(text: str, params: dict[str, Any]) -> str:
    """Have the text of a refusal name the page as it was asked for, where REST speaks of a token."""
    for name in FOLLOWING:
        text = text.replace(f"PageToken PA{params.get(name)}", f"{name} {params.get(name)}")
    return text
