"""Reservations, below their task and below their worker (rest-contract.md §4.5, §4.10, §5.5)."""

from __future__ import annotations

from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from ...routing.entities import Reservation, ReservationStatus, Task, Worker
from ...routing.refusals import Refusal
from ..errors import refusal
from ..operations import Answer, Call, Registry
from ..parameters import Listing, Natural, Parameters, Several, Url, Verb, a_sid
from ..rendering import common, page
from ..shapes import Links, Resource

resource = Registry()
OF_TASK = "/Workspaces/{WorkspaceSid}/Tasks/{TaskSid}/Reservations"
OF_WORKER = "/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Reservations"


class ListOfTask(Listing):
    reservation_status: ReservationStatus | None = None
    worker_sid: a_sid("WK") | None = None


class ListOfWorker(Listing):
    reservation_status: ReservationStatus | None = None


ConferenceEvent = Literal["start", "end", "join", "leave", "mute", "hold", "speaker"]


class Update(Parameters):
    reservation_status: ReservationStatus | None = None
    worker_activity_sid: a_sid("WA") | None = None
    instruction: str | None = None
    dequeue_post_work_activity_sid: a_sid("WA") | None = None
    dequeue_from: str | None = None
    dequeue_record: str | None = None
    dequeue_timeout: Natural | None = None
    dequeue_to: str | None = None
    dequeue_status_callback_url: Url | None = None
    call_from: str | None = None
    call_record: str | None = None
    call_timeout: Natural | None = None
    call_to: str | None = None
    call_url: Url | None = None
    call_status_callback_url: Url | None = None
    call_accept: bool = False
    redirect_call_sid: a_sid("CA") | None = None
    redirect_accept: bool = False
    redirect_url: Url | None = None
    to: str | None = None
    from_: Annotated[str | None, Field(alias="From")] = None
    status_callback: Url | None = None
    status_callback_method: Verb = "POST"
    status_callback_event: list[Literal["initiated", "ringing", "answered", "completed"]] | None = None
    timeout: Natural | None = None
    record: bool = False
    muted: bool = False
    beep: str = "true"
    start_conference_on_enter: bool = True
    end_conference_on_exit: bool = False
    wait_url: Url | None = None
    wait_method: Verb = "POST"
    early_media: bool = True
    max_participants: Annotated[int, Field(ge=2, le=250)] = 250
    conference_status_callback: Url | None = None
    conference_status_callback_method: Verb = "POST"
    conference_status_callback_event: (
        list[Literal["start", "end", "join", "leave", "mute", "hold", "speaker"]] | None
    ) = None
    conference_record: str = "false"
    conference_trim: str = "trim-silence"
    recording_channels: str = "mono"
    recording_status_callback: Url | None = None
    recording_status_callback_method: Verb = "POST"
    conference_recording_status_callback: Url | None = None
    conference_recording_status_callback_method: Verb = "POST"
    region: str | None = None
    sip_auth_username: str | None = None
    sip_auth_password: str | None = None
    dequeue_status_callback_event: Several | None = None
    post_work_activity_sid: a_sid("WA") | None = None
    end_conference_on_customer_exit: bool = False
    beep_on_customer_entrance: bool = True
    jitter_buffer_size: str | None = None


class UpdateOfTask(Update):
    supervisor_mode: Literal["monitor", "whisper", "barge"] = "monitor"
    supervisor: str | None = None


class Instruction(NamedTuple):
    """What an instruction needs, with the codes of rest-contract.md §11.3.

    not_pending: when the reservation is in no state for it; needs: parameters, one by one; to: the parameter that
    may be left out when the worker's attributes have a contact_uri.
    """

    not_pending: int
    needs: dict[str, int]
    to: tuple[str, int] | None = None


INSTRUCTIONS = {
    "call": Instruction(40114, {"CallFrom": 40111, "CallUrl": 40112}, ("CallTo", 40110)),
    "conference": Instruction(40136, {"From": 40138}, ("To", 40137)),
    "dequeue": Instruction(40135, {"DequeueFrom": 40132}, ("DequeueTo", 40131)),
    "redirect": Instruction(40123, {"RedirectCallSid": 40121, "RedirectUrl": 40120}),
    "supervise": Instruction(40146, {"Supervisor": 40147}),
}


class ReservationShape(Resource):
    sid: a_sid("WR")
    reservation_status: ReservationStatus
    task_sid: a_sid("WT")
    worker_name: str
    worker_sid: a_sid("WK")
    links: Links


def render(call: Call, reservation: Reservation) -> ReservationShape:
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
    """The reservation in the address, if it is one of that task or worker."""
    reservation = call.workspace.state.get(Reservation, call.path["Sid"])
    parent = call.path.get("TaskSid") or call.path["WorkerSid"]
    if parent not in (reservation.task_sid, reservation.worker_sid):
        raise call.workspace.state.missing(Reservation, reservation.sid)
    return reservation


@resource.operation(
    "ListTaskReservation", "GET", OF_TASK, ListOfTask, returns=ReservationShape, key="reservations", etag="ETag"
)
@resource.operation(
    "ListWorkerReservation", "GET", OF_WORKER, ListOfWorker, returns=ReservationShape, key="reservations", etag="Etag"
)
def list_(call: Call, asked: ListOfTask | ListOfWorker) -> Answer:
    worker_sid = asked.worker_sid if isinstance(asked, ListOfTask) else None
    every = (
        r
        for r in all_of(call)
        if asked.reservation_status in (None, r.reservation_status) and worker_sid in (None, r.worker_sid)
    )
    return page(call, "reservations", every, render, asked)


@resource.operation("FetchTaskReservation", "GET", OF_TASK + "/{Sid}", returns=ReservationShape, etag="Etag")
@resource.operation("FetchWorkerReservation", "GET", OF_WORKER + "/{Sid}", returns=ReservationShape)
def fetch(call: Call) -> Answer:
    reservation = the(call)
    return Answer(render(call, reservation), reservation.version)


@resource.operation(
    "UpdateTaskReservation",
    "POST",
    OF_TASK + "/{Sid}",
    UpdateOfTask,
    returns=ReservationShape,
    etag="ETag",
    if_match=True,
)
@resource.operation(
    "UpdateWorkerReservation", "POST", OF_WORKER + "/{Sid}", Update, returns=ReservationShape, if_match=True
)
def update(call: Call, asked: Update) -> Answer:
    reservation, commands = the(call), call.workspace.reservations
    call.match(reservation.version)
    if asked.instruction is not None:
        instruct(call, reservation, asked)
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


def instruct(call: Call, reservation: Reservation, asked: Update) -> None:
    """Refuse an instruction: for what is wrong with it, and else because it would place a call (§9.3)."""
    name = (asked.instruction or "").lower()
    known = INSTRUCTIONS.get(name)
    if known is None or (name == "supervise" and not isinstance(asked, UpdateOfTask)):
        names = ", ".join(INSTRUCTIONS)
        raise Refusal(
            f"Instruction {name[:40]!r} is not one of {names}; to accept or reject, send ReservationStatus", 55555
        )
    pending = reservation.reservation_status == "pending"
    if name == "supervise" and (pending or reservation.reservation_status == "canceled"):
        raise Refusal(f"Unable to execute Supervise instruction. Reservation {reservation.sid} is not accepted.", 40146)
    if name != "supervise" and not pending:
        raise Refusal(
            f"Unable to execute {name.title()} instruction. Reservation {reservation.sid} is not currently in a "
            "Pending state.",
            known.not_pending,
        )
    needs = dict(known.needs)
    if known.to and "contact_uri" not in call.workspace.state.workers[reservation.worker_sid].names:
        needs[known.to[0]] = known.to[1]
    given = asked.model_dump(by_alias=True)
    for parameter, code in needs.items():
        if not given[parameter]:
            hint = ", or a contact_uri in the worker's attributes" if known.to and parameter == known.to[0] else ""
            raise Refusal(f"{parameter} field is required for Instruction={name}{hint}", code)
    raise refusal("not built", what=f"Instruction={name}: this sandbox places no phone calls, and it")
