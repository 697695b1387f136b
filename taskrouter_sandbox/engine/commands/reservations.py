"""Reservations: a worker held for a task, until somebody answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ..model.entities import Reservation
from ..model.errors import TaskRouterError
from ..model.state import State
from ..rules import deadlines, instructions, reservations, routing, tasks, transitions
from ..rules.expiry import advance
from .common import activity_named

NOT_MOVED = 14218  # of a Dial that names what is no Activity (voice.md §1.8)


class Reservations:
    """Commands on reservations."""

    def __init__(self, state: State):
        self.state = state

    def accept(self, now: int, reservation: Reservation) -> Reservation:
        """Accept a reservation. Raises TaskRouterError when the reservation is not pending any more."""
        state = advance(self.state, now)
        reservations.accept(state, reservation)
        routing.dispatch(state)
        return reservation

    def reject(self, now: int, reservation: Reservation, activity_sid: str | None = None) -> Reservation:
        """Reject a reservation. activity_sid: where the worker goes.

        Raises TaskRouterError when the reservation is not pending any more.
        """
        state = advance(self.state, now)
        if activity_sid:
            activity_named(self.state, activity_sid, "WorkerActivitySid")
        reservations.reject(state, reservation, activity_sid)
        routing.dispatch(state)
        return reservation

    def cancel(self, now: int, reservation: Reservation) -> Reservation:
        """Cancel a reservation whose assignment has failed. Raises TaskRouterError when it is not pending any more."""
        state = advance(self.state, now)
        reservations.cancel(state, reservation)
        routing.dispatch(state)
        return reservation

    def wrap_up_or_complete(
        self, now: int, reservation: Reservation, status: Literal["wrapping", "completed"]
    ) -> Reservation:
        """Move a reservation to `wrapping` or `completed`, and its task with it (rest-contract.md §9.3)."""
        state = advance(self.state, now)
        reservations.finish(state, reservation, status)
        routing.dispatch(state)
        return reservation

    # instructions (behaviour.md §3.3)

    def instruct(self, now: int, reservation: Reservation, name: str, said: Mapping[str, Any]) -> str:
        """Carry out an instruction from a callback or from REST, and say what came of it, in a word or two.

        said: its parameters, by the names of behaviour.md §3.3. Raises TaskRouterError with the debugger's code when it
        cannot be carried out; the reservation then stays as it is.
        """
        state = advance(self.state, now)
        match name:
            case "accept":
                reservations.accept(state, reservation)
                routing.dispatch(state)
                return "accepted"
            case "reject":
                transitions.check_reservation(reservation, "rejected")
                reservations.reject(state, reservation, instructions.rejected_to(state, reservation, said))
                routing.dispatch(state)
                return "rejected"
            case "dequeue" | "call" | "redirect" | "conference" | "supervise":
                return self._place_call(reservation, name, said)
            case _:
                known = ", ".join(instructions.ALL)
                raise TaskRouterError(f"{name!r} is not an instruction; known are {known}", instructions.UNKNOWN)

    def _place_call(self, reservation: Reservation, name: str, said: Mapping[str, Any]) -> str:
        state = self.state
        order = instructions.call_request(state, reservation, name, said)
        if state.surroundings is None:
            raise instructions.no_calls(name)
        state.recorder.call_request(order)
        if name in ("dequeue", "conference"):
            reservation.instruction = name
            reservation.post_work_activity_sid = order.parameters["post_work_activity_sid"]
            deadlines.schedule_reservation_deadline(state, reservation)
            state.recorder.record(reservation)
        elif order.parameters.get("accept") and (
            name != "redirect" or state.surroundings.can_redirect(order.parameters["call_sid"])  # voice.md §4.4
        ):
            reservations.accept(state, reservation)
            routing.dispatch(state)
        ordered = "waiting call is being sent to other TwiML" if name == "redirect" else "call is being placed"
        return f"{name}: the {ordered}"

    # what became of a phone call, told by whoever places them

    def dialed(self, now: int, reservation: Reservation, worker_call_sid: str) -> Reservation:
        """Note that the worker's phone rings: the task's attributes name that call from now on."""
        state = advance(self.state, now)
        instructions.note_on_task(state, state.tasks[reservation.task_sid], worker_call_sid=worker_call_sid)
        return reservation

    def connected(
        self,
        now: int,
        reservation: Reservation,
        conference: Mapping[str, Any] | None = None,
        post_work_activity_sid: str | None = None,
    ) -> Reservation:
        """Accept a reservation, as caller and worker talk.

        conference: its `sid` and its `participants`, for the task's attributes; post_work_activity_sid: where the
        worker goes afterwards, if it is a `Dial` that says so. Raises TaskRouterError when the reservation is not
        pending any more.
        """
        state = advance(self.state, now)
        transitions.check_reservation(reservation, "accepted")
        if post_work_activity_sid is not None and post_work_activity_sid not in state.activities:
            text = f"The worker cannot be moved after the talk: {post_work_activity_sid!r} is no Activity here."
            state.recorder.alert(NOT_MOVED, text, reservation.sid)
        elif post_work_activity_sid is not None:
            reservation.post_work_activity_sid = post_work_activity_sid
        if conference is not None:
            instructions.note_on_task(state, state.tasks[reservation.task_sid], conference=dict(conference))
        reservation.instruction = None
        reservations.accept(state, reservation)
        routing.dispatch(state)
        return reservation

    def call_failed(
        self, now: int, reservation: Reservation, why: str, code: int | None = None, cancels: bool = True
    ) -> Reservation:
        """Cancel a reservation whose call came to nothing (behaviour.md §2.2), or leave it pending (voice.md §4.2).

        code: of the debugger, None where nothing is wrong: the worker did not answer. Raises TaskRouterError when the
        reservation is to be canceled and is not pending any more.
        """
        state = advance(self.state, now)
        if cancels:
            transitions.check_reservation(reservation, "canceled")
        if code is not None:
            name = f"of the {reservation.instruction} " if reservation.instruction else ""
            state.recorder.alert(code, f"The call {name}failed: {why}", reservation.sid)
        reservation.instruction = None
        state.recorder.record(reservation)
        if cancels:
            reservations.cancel(state, reservation)
            routing.dispatch(state)
        elif reservation.reservation_status == "pending":
            deadlines.schedule_reservation_deadline(state, reservation)
        return reservation

    def call_ended(self, now: int, reservation: Reservation) -> Reservation:
        """Complete a task whose call has ended; in a multitasking workspace wrap it up (behaviour.md §2.1).

        The worker goes to the activity that the instruction named, in either kind of workspace (§2.3, §11).
        """
        state = advance(self.state, now)
        worker = state.workers[reservation.worker_sid]
        if reservation.reservation_status == "accepted":
            has_conference = "conference" in state.tasks[reservation.task_sid].parsed_attributes
            reason = tasks.CONFERENCE_ENDED if has_conference else None
            to = "wrapping" if state.workspace.multi_task_enabled else "completed"
            reservations.finish(state, reservation, to, reason)
        if reservation.post_work_activity_sid in state.activities:
            transitions.move_worker(state, worker, reservation.post_work_activity_sid)
            transitions.clear_holds(state, worker)
        routing.dispatch(state)
        return reservation
