"""Reservations, below their task and below their worker (rest-contract.md §4.5, §4.10, §5.5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, field

from ...engine.model.effects import Alert
from ...engine.model.entities import Reservation, ReservationStatus, Task, Worker
from ...engine.model.errors import TaskRouterError
from ...engine.rules.instructions import UNKNOWN
from ...engine.rules.transitions import what_may_follow
from ..operation import Answer, Registry, RequestContext
from ..paging import ListInMemory
from ..parameter_types import ActivitySid, ReservationSid, Several, TaskSid, WorkerSid
from ..parameters import Listing, Parameters
from ..rendering import common, page
from ..response_types import Links, Resource

resource = Registry()
OF_TASK = "/Workspaces/{WorkspaceSid}/Tasks/{TaskSid}/Reservations"
OF_WORKER = "/Workspaces/{WorkspaceSid}/Workers/{WorkerSid}/Reservations"
AS_STATUS: dict[str, ReservationStatus] = {"accept": "accepted", "reject": "rejected"}  # instructions


class ListTaskReservation(Listing):
    reservation_status: ReservationStatus | None = None
    worker_sid: WorkerSid | None = None


class ListWorkerReservation(Listing):
    reservation_status: ReservationStatus | None = None


def _meant(**schema: Any) -> Meta:
    """Say what a parameter of an instruction is meant to be.

    It is kept as it was sent: `instructions` reads it, so that a wrong one is refused with the code that it has in a
    callback.
    """
    return Meta(extra={"schema": {"type": "string", **schema}})


def _some_of(*names: str) -> Meta:
    return _meant(type="array", items={"type": "string", "enum": list(names)})


SaidActivity = Annotated[str, _meant(pattern="^WA[0-9a-fA-F]{32}$")]
SaidCall = Annotated[str, _meant(pattern="^CA[0-9a-fA-F]{32}$")]
SaidNumber = Annotated[str, _meant(type="integer")]
SaidFlag = Annotated[str, _meant(type="boolean")]
SaidUrl = Annotated[str, _meant(format="uri")]
SaidVerb = Annotated[str, _meant(enum=["GET", "POST"])]
SaidMode = Annotated[str, _meant(enum=["monitor", "whisper", "barge"])]
CallEvents = Annotated[Several, _some_of("initiated", "ringing", "answered", "completed")]
ConferenceEvents = Annotated[Several, _some_of("start", "end", "join", "leave", "mute", "hold", "speaker")]


class UpdateWorkerReservation(Parameters):
    """Instructions carry their parameters along: Dequeue*, Call*, Redirect*, those of a conference without a prefix.

    Their values are read by `instructions`, so that a wrong one is refused with the code it has in a callback.
    """

    reservation_status: ReservationStatus | None = None
    worker_activity_sid: ActivitySid | None = None
    instruction: str | None = None
    dequeue_post_work_activity_sid: SaidActivity | None = None
    dequeue_from: str | None = None
    dequeue_record: str | None = None
    dequeue_timeout: SaidNumber | None = None
    dequeue_to: str | None = None
    dequeue_status_callback_url: SaidUrl | None = None
    dequeue_status_callback_event: Several | None = None
    call_from: str | None = None
    call_record: str | None = None
    call_timeout: SaidNumber | None = None
    call_to: str | None = None
    call_url: SaidUrl | None = None
    call_status_callback_url: SaidUrl | None = None
    call_accept: SaidFlag | None = None
    redirect_call_sid: SaidCall | None = None
    redirect_accept: SaidFlag | None = None
    redirect_url: SaidUrl | None = None
    to: str | None = None
    from_: str | None = field(default=None, name="From")
    post_work_activity_sid: SaidActivity | None = None
    status_callback: SaidUrl | None = None
    status_callback_method: SaidVerb | None = None
    status_callback_event: CallEvents | None = None
    timeout: SaidNumber | None = None
    record: SaidFlag | None = None
    muted: SaidFlag | None = None
    beep: str | None = None
    start_conference_on_enter: SaidFlag | None = None
    end_conference_on_exit: SaidFlag | None = None
    wait_url: SaidUrl | None = None
    wait_method: SaidVerb | None = None
    early_media: SaidFlag | None = None
    max_participants: SaidNumber | None = None
    conference_status_callback: SaidUrl | None = None
    conference_status_callback_method: SaidVerb | None = None
    conference_status_callback_event: ConferenceEvents | None = None
    conference_record: str | None = None
    conference_trim: str | None = None
    recording_channels: str | None = None
    recording_status_callback: SaidUrl | None = None
    recording_status_callback_method: SaidVerb | None = None
    conference_recording_status_callback: SaidUrl | None = None
    conference_recording_status_callback_method: SaidVerb | None = None
    region: str | None = None
    sip_auth_username: str | None = None
    sip_auth_password: str | None = None
    end_conference_on_customer_exit: SaidFlag | None = None
    beep_on_customer_entrance: SaidFlag | None = None
    jitter_buffer_size: str | None = None

    def said(self, instruction: str) -> dict[str, Any]:
        """Give the parameters of that instruction, by the names of behaviour.md §3.3."""
        prefix = f"{instruction}_" if instruction in ("dequeue", "call", "redirect") else ""
        said = {
            name.removeprefix(prefix).removesuffix("_"): value
            for name, value in self.given().items()
            if name.startswith(prefix)
        }
        if instruction == "dequeue":
            said["status_callback_events"] = said.get("status_callback_event")
        return said


class UpdateTaskReservation(UpdateWorkerReservation):
    """Only this path knows supervise (rest-contract.md §4.10)."""

    supervisor: str | None = None
    supervisor_mode: SaidMode | None = None


class ReservationResponse(Resource):
    sid: ReservationSid
    reservation_status: ReservationStatus
    task_sid: TaskSid
    worker_name: str
    worker_sid: WorkerSid
    links: Links


def render(context: RequestContext, reservation: Reservation) -> ReservationResponse:
    """Render a reservation as it is answered (rest-contract.md §5)."""
    state = context.state
    workspace = context.link(context.workspace.sid)
    task, worker = f"{workspace}/Tasks/{reservation.task_sid}", f"{workspace}/Workers/{reservation.worker_sid}"
    return {
        **common(context, reservation, context.workspace.sid),
        "reservation_status": reservation.reservation_status,
        "task_sid": reservation.task_sid,
        "worker_name": state.workers[reservation.worker_sid].friendly_name,
        "worker_sid": reservation.worker_sid,
        "url": f"{worker if 'WorkerSid' in context.path else task}/Reservations/{reservation.sid}",
        "links": {"task": task, "worker": worker, "workspace": workspace},
    }


def reservations_of_parent(context: RequestContext) -> tuple[Mapping[str, Reservation], str | None]:
    """Find what the list of the task or the worker in the address is in, the oldest first, and that worker's SID."""
    state = context.state
    if "TaskSid" in context.path:
        return state.get(Task, context.path["TaskSid"]).reservations, None
    return state.reservations, state.get(Worker, context.path["WorkerSid"]).sid


def get_reservation(context: RequestContext) -> Reservation:
    """Find the reservation in the address. Raises NotFound when it is none of that task or worker."""
    reservation = context.state.get(Reservation, context.path["Sid"])
    parent = context.path.get("TaskSid") or context.path["WorkerSid"]
    if parent not in (reservation.task_sid, reservation.worker_sid):
        raise context.state.missing(Reservation, reservation.sid)
    return reservation


@resource.operation(
    "ListTaskReservation",
    "GET",
    OF_TASK,
    ListTaskReservation,
    returns=ReservationResponse,
    key="reservations",
    etag="ETag",
)
@resource.operation(
    "ListWorkerReservation",
    "GET",
    OF_WORKER,
    ListWorkerReservation,
    returns=ReservationResponse,
    key="reservations",
    etag="Etag",
)
def list_(context: RequestContext, asked: ListTaskReservation | ListWorkerReservation) -> Answer:
    """List the reservations of a task or of a worker, the oldest first."""
    reservations, worker_sid = reservations_of_parent(context)
    if isinstance(asked, ListTaskReservation):
        worker_sid = asked.worker_sid

    def shown(reservation: Reservation) -> bool:
        return asked.reservation_status in (None, reservation.reservation_status) and worker_sid in (
            None,
            reservation.worker_sid,
        )

    return page(context, "reservations", ListInMemory(reservations, shown), render, asked)


@resource.operation("FetchTaskReservation", "GET", OF_TASK + "/{Sid}", returns=ReservationResponse, etag="Etag")
@resource.operation("FetchWorkerReservation", "GET", OF_WORKER + "/{Sid}", returns=ReservationResponse)
def fetch(context: RequestContext) -> Answer:
    """Fetch a reservation."""
    reservation = get_reservation(context)
    return Answer(render(context, reservation), reservation.version)


@resource.operation(
    "UpdateTaskReservation",
    "POST",
    OF_TASK + "/{Sid}",
    UpdateTaskReservation,
    returns=ReservationResponse,
    etag="ETag",
    if_match=True,
)
@resource.operation(
    "UpdateWorkerReservation",
    "POST",
    OF_WORKER + "/{Sid}",
    UpdateWorkerReservation,
    returns=ReservationResponse,
    if_match=True,
)
def update(context: RequestContext, asked: UpdateWorkerReservation) -> Answer:
    """Answer a reservation: set its status, or give an instruction."""
    reservation, commands = get_reservation(context), context.engine.reservations
    context.check_if_match(reservation.version)
    status, instruction = asked.reservation_status, (asked.instruction or "").lower()
    if instruction:
        status = None  # the instruction decides (voice.md §4.1)
    if instruction in AS_STATUS:
        status, instruction = AS_STATUS[instruction], ""
    if instruction:
        _instruct(context, reservation, instruction, asked)
    match status:
        case None:
            pass
        case "accepted":
            commands.accept(context.now, reservation)
        case "rejected":
            commands.reject(context.now, reservation, asked.worker_activity_sid)
        case "wrapping" | "completed":
            commands.wrap_up_or_complete(context.now, reservation, status)
        case _:
            what = f"ReservationStatus cannot be set to {status}: TaskRouter does that by itself."
            raise TaskRouterError(f"{what} {what_may_follow(reservation)}")
    return Answer(render(context, reservation), reservation.version)


def _instruct(context: RequestContext, reservation: Reservation, name: str, asked: UpdateWorkerReservation) -> None:
    """Carry an instruction out; one that is refused shows in the debugger as well (rest-contract.md §11.3)."""
    if name == "supervise" and not isinstance(asked, UpdateTaskReservation):
        raise TaskRouterError("Instruction=supervise works below Tasks/{TaskSid}/Reservations only.", UNKNOWN)
    try:
        context.engine.reservations.instruct(context.now, reservation, name, asked.said(name))
    except TaskRouterError as refusal:
        context.engine.alert(Alert(refusal.code, "error", refusal.text, reservation.sid))
        raise
