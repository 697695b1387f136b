"""Reservations, below their task and below their worker (rest-contract.md §4.5, §4.10, §5.5)."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from ...routing.entities import Reservation, ReservationStatus, Task, Worker
from ...routing.instructions import UNKNOWN
from ...routing.refusals import Refusal
from ..operations import Answer, Call, Registry
from ..parameters import Listing, Parameters, Several, a_sid
from ..rendering import common, page

resource = Registry()
OF_TASK = "/Workspaces/{WorkspaceSid}/Tasks/{TaskSid}/Reservations"
AS_STATUS: dict[str, ReservationStatus] = {"accept": "accepted", "reject": "rejected"}
OF_WORKER = "/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Reservations"


class ListOfTask(Listing):
    reservation_status: ReservationStatus | None = None
    worker_sid: a_sid("WK") | None = None


class ListOfWorker(Listing):
    reservation_status: ReservationStatus | None = None


class UpdateOfWorker(Parameters):
    """Instructions carry their parameters along: Dequeue*, Call*, Redirect*, those of a conference without a prefix.

    Their values are read by `instructions`, so that a wrong one is refused with the code it has in a callback.
    """

    reservation_status: ReservationStatus | None = None
    worker_activity_sid: a_sid("WA") | None = None
    instruction: str | None = None
    dequeue_post_work_activity_sid: str | None = None
    dequeue_from: str | None = None
    dequeue_record: str | None = None
    dequeue_timeout: str | None = None
    dequeue_to: str | None = None
    dequeue_status_callback_url: str | None = None
    dequeue_status_callback_event: Several | None = None
    call_from: str | None = None
    call_record: str | None = None
    call_timeout: str | None = None
    call_to: str | None = None
    call_url: str | None = None
    call_status_callback_url: str | None = None
    call_accept: str | None = None
    redirect_call_sid: str | None = None
    redirect_accept: str | None = None
    redirect_url: str | None = None
    to: str | None = None
    from_: str | None = Field(None, alias="From")
    post_work_activity_sid: str | None = None
    status_callback: str | None = None
    status_callback_method: str | None = None
    status_callback_event: Several | None = None
    timeout: str | None = None
    record: str | None = None
    muted: str | None = None
    beep: str | None = None
    start_conference_on_enter: str | None = None
    end_conference_on_exit: str | None = None
    wait_url: str | None = None
    wait_method: str | None = None
    early_media: str | None = None
    max_participants: str | None = None
    conference_status_callback: str | None = None
    conference_status_callback_method: str | None = None
    conference_status_callback_event: Several | None = None
    conference_record: str | None = None
    conference_trim: str | None = None
    recording_channels: str | None = None
    recording_status_callback: str | None = None
    recording_status_callback_method: str | None = None
    conference_recording_status_callback: str | None = None
    conference_recording_status_callback_method: str | None = None
    region: str | None = None
    sip_auth_username: str | None = None
    sip_auth_password: str | None = None
    end_conference_on_customer_exit: str | None = None
    beep_on_customer_entrance: str | None = None
    jitter_buffer_size: str | None = None

    def said(self, instruction: str) -> dict[str, Any]:
        """The parameters of that instruction, by the names of behaviour.md §3.3."""
        prefix = f"{instruction}_" if instruction in ("dequeue", "call", "redirect") else ""
        said = {
            name.removeprefix(prefix).removesuffix("_"): value
            for name, value in self.given().items()
            if name.startswith(prefix)
        }
        if instruction == "dequeue":
            said["status_callback_events"] = said.get("status_callback_event")
        return said


class UpdateOfTask(UpdateOfWorker):
    """Only this path knows supervise (rest-contract.md §4.10)."""

    supervisor: str | None = None
    supervisor_mode: str | None = None


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


@resource.operation("UpdateTaskReservation", "POST", OF_TASK + "/{Sid}", UpdateOfTask)
@resource.operation("UpdateWorkerReservation", "POST", OF_WORKER + "/{Sid}", UpdateOfWorker)
def update(call: Call, asked: UpdateOfWorker) -> Answer:
    reservation, commands = the(call), call.workspace.reservations
    call.match(reservation.version)
    status, instruction = asked.reservation_status, (asked.instruction or "").lower()
    if instruction and status is not None:
        raise Refusal("Instruction and ReservationStatus cannot be sent in one request: the instruction decides.")
    if instruction in AS_STATUS:
        status, instruction = AS_STATUS[instruction], ""
    if instruction:
        _instruct(call, reservation, instruction, asked)
    match status:
        case None:
            pass
        case "accepted":
            commands.accept(call.now, reservation)
        case "rejected":
            commands.reject(call.now, reservation, asked.worker_activity_sid)
        case "wrapping" | "completed":
            commands.wrap_up_or_complete(call.now, reservation, status)
        case _:
            raise Refusal(f"ReservationStatus cannot be set to {status}: accept it or reject it")
    return Answer(render(call, reservation), reservation.version)


def _instruct(call: Call, reservation: Reservation, name: str, asked: UpdateOfWorker) -> None:
    """What is refused shows in the debugger as well (rest-contract.md §11.3)."""
    if name == "supervise" and not isinstance(asked, UpdateOfTask):
        raise Refusal("Instruction=supervise works below Tasks/{TaskSid}/Reservations only.", UNKNOWN)
    try:
        call.workspace.reservations.instruct(call.now, reservation, name, asked.said(name))
    except Refusal as refusal:
        call.workspace.alert(refusal.code, refusal.text, reservation.sid)
        raise
