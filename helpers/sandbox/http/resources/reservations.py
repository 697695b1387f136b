"""Reservations, below their task and below their worker (rest-contract.md §4.5, §4.10, §5.5)."""

from __future__ import annotations

from typing import Any

from ...routing.entities import Reservation, ReservationStatus, Task, Worker
from ...routing.refusals import Refusal
from ..errors import NotBuilt
from ..operations import Answer, Call, Registry
from ..parameters import Listing, Parameters, a_sid
from ..rendering import common, page

resource = Registry()
OF_TASK = "/Workspaces/{WorkspaceSid}/Tasks/{TaskSid}/Reservations"
OF_WORKER = "/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Reservations"


class ListOfTask(Listing):
    reservation_status: ReservationStatus | None = None
    worker_sid: a_sid("WK") | None = None


class ListOfWorker(Listing):
    reservation_status: ReservationStatus | None = None


class Update(Parameters):
    reservation_status: ReservationStatus | None = None
    worker_activity_sid: a_sid("WA") | None = None
    instruction: str | None = None


def render(call: Call, reservation: Reservation) -> dict[str, Any]:
    state = call.workspace.state
    workspace = call.link(state.workspace.sid)
    task, worker = f"{workspace}/Tasks/{reservation.task_sid}", f"{workspace}/Workers/{reservation.worker_sid}"
    return {
        **common(call, reservation, state.workspace.sid),
        "reservation_status": reservation.reservation_status,
        "task_sid": reservation.task_sid,
        "worker_name": state.workers[reservation.worker_sid].friendly_name,
        "worker_sid": reservation.worker_sid,
        "url": f"{worker if 'WorkerSid' in call.path else task}/Reservations/{reservation.sid}",
        "links": {"task": task, "worker": worker, "workspace": workspace},
    }


def all_of(call: Call) -> list[Reservation]:
    """The reservations of the task or of the worker in the address, the oldest first."""
    state = call.workspace.state
    if "TaskSid" in call.path:
        return list(state.get(Task, call.path["TaskSid"]).reservations.values())
    worker = state.get(Worker, call.path["WorkerSid"])
    return [r for r in state.reservations.values() if r.worker_sid == worker.sid]


def the(call: Call) -> Reservation:
    reservation = call.workspace.state.get(Reservation, call.path["Sid"])
    if reservation not in all_of(call):
        raise call.workspace.state.missing(Reservation, reservation.sid)
    return reservation


@resource.operation("ListTaskReservation", "GET", OF_TASK, ListOfTask)
@resource.operation("ListWorkerReservation", "GET", OF_WORKER, ListOfWorker)
def list_(call: Call, asked: ListOfTask | ListOfWorker) -> Answer:
    worker_sid = asked.worker_sid if isinstance(asked, ListOfTask) else None
    every = (
        r
        for r in all_of(call)
        if asked.reservation_status in (None, r.reservation_status) and worker_sid in (None, r.worker_sid)
    )
    return page(call, "reservations", every, render, asked)


@resource.operation("FetchTaskReservation", "GET", OF_TASK + "/{Sid}")
@resource.operation("FetchWorkerReservation", "GET", OF_WORKER + "/{Sid}")
def fetch(call: Call) -> Answer:
    reservation = the(call)
    return Answer(render(call, reservation), reservation.version)


@resource.operation("UpdateTaskReservation", "POST", OF_TASK + "/{Sid}", Update)
@resource.operation("UpdateWorkerReservation", "POST", OF_WORKER + "/{Sid}", Update)
def update(call: Call, asked: Update) -> Answer:
    reservation, commands = the(call), call.workspace.reservations
    call.match(reservation.version)
    if asked.instruction is not None:
        raise NotBuilt(f"This sandbox places no phone calls yet: Instruction={asked.instruction} is not built")
    match asked.reservation_status:
        case None:
            pass
        case "accepted":
            commands.accept(call.now, reservation)
        case "rejected":
            commands.reject(call.now, reservation, asked.worker_activity_sid)
        case "wrapping" | "completed" as status:
            commands.wrap_up_or_complete(call.now, reservation, status)
        case status:
            raise Refusal(f"ReservationStatus cannot be set to {status}: accept it or reject it")
    return Answer(render(call, reservation), reservation.version)
