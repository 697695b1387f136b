"""What the SDK of today may ask for, each led to the operation of the REST API that does it (agent-sdk.md §4.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, cast

import orjson

from ..engine.model.entities import Activity, Entity, Reservation, Task, TaskQueue, Worker, WorkerChannel
from ..engine.model.state import State
from ..http.operation import Operation
from ..http.resources import OPERATIONS
from . import active_reservations, shapes

REST = {operation.id: operation for operation in OPERATIONS}
TABLE = "WorkspaceSid"
# what requests call otherwise than REST
RENAMED = {
    "TaskChannelUniqueName": "TaskChannel",
    "TaskChannelSid": "TaskChannel",
    "DequeueStatusCallbackEvents": "DequeueStatusCallbackEvent",
}


class Route(NamedTuple):
    """One request of the SDK.

    method, path: as it asks, below the workspace; operation: what answers it; kind: of the resource in the answer, None
    where nobody reads it; shape: how that is written; names: those of REST for what stands in the path.
    """

    method: str
    path: str
    operation: Operation
    kind: type[Entity] | None = None
    shape: Callable[[State, Any], shapes.Payload] | None = None


ROUTES = [
    Route("GET", "Activities", REST["ListActivity"], Activity, shapes.activity),
    Route("GET", "Workers", REST["ListWorker"], Worker, shapes.worker),
    Route("GET", "Workers/{OtherWorkerSid}", REST["FetchWorker"], Worker, shapes.worker),
    Route("POST", "Workers/{OtherWorkerSid}", REST["UpdateWorker"], Worker, shapes.worker),
    Route(
        "GET",
        "Workers/{WorkerSid}/WorkerChannels",
        REST["ListWorkerChannel"],
        WorkerChannel,
        shapes.worker_channel,
    ),
    Route(
        "GET",
        "Workers/{WorkerSid}/Reservations",
        active_reservations.LIST,
        Reservation,
        shapes.reservation_task,
    ),
    Route(
        "GET",
        "Workers/{WorkerSid}/Reservations/{Sid}",
        REST["FetchWorkerReservation"],
        Reservation,
        shapes.reservation_task,
    ),
    Route(
        "POST",
        "Workers/{WorkerSid}/Reservations/{Sid}",
        REST["UpdateWorkerReservation"],
        Reservation,
        shapes.reservation,
    ),
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


def pairs(params: dict[str, Any]) -> list[tuple[str, str]]:
    """Write params as a form would have them: objects as JSON texts, lists as a name that comes again and again.

    `AfterSid` and `NextToken` become the token of a page.
    """
    given: list[tuple[str, str]] = []
    for name, value in params.items():
        name = RENAMED.get(name, name)
        if name in ("AfterSid", "NextToken"):
            if value:
                given += [("Page", "1"), ("PageToken", f"PA{value}")]
        elif isinstance(value, list):
            given += [(name, _text(one)) for one in cast("list[object]", value)]
        elif value is not None:
            given.append((name, _text(value)))
    return given


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode()
