"""Reservations: a worker held for a task, until somebody answers."""

from __future__ import annotations

from typing import Literal

from .. import dispatch, lifecycle
from ..entities import Reservation
from ..state import State
from .common import activity_named, begin


class Reservations:
    """Commands on reservations."""

    def __init__(self, state: State):
        self.state = state

    def accept(self, now: int, reservation: Reservation) -> Reservation:
        """Raises Refusal when the reservation is not pending any more."""
        state = begin(self.state, now)
        lifecycle.accept(state, reservation)
        dispatch.dispatch(state)
        return reservation

    def reject(self, now: int, reservation: Reservation, activity_sid: str | None = None) -> Reservation:
        """activity_sid: where the worker goes. Raises Refusal when the reservation is not pending any more."""
        state = begin(self.state, now)
        if activity_sid:
            activity_named(self.state, activity_sid, "WorkerActivitySid")
        lifecycle.reject(state, reservation, activity_sid)
        dispatch.dispatch(state)
        return reservation

    def cancel(self, now: int, reservation: Reservation) -> Reservation:
        """The assignment has failed. Raises Refusal when the reservation is not pending any more."""
        state = begin(self.state, now)
        lifecycle.cancel(state, reservation)
        dispatch.dispatch(state)
        return reservation

    def wrap_up_or_complete(
        self, now: int, reservation: Reservation, status: Literal["wrapping", "completed"]
    ) -> Reservation:
        """`wrapping` or `completed` written on a reservation moves its task (rest-contract.md §9.3)."""
        state = begin(self.state, now)
        lifecycle.check_reservation(reservation, status)
        task = state.tasks[reservation.task_sid]
        lifecycle.check_task(state, task, status)
        if status == "wrapping":
            lifecycle.wrap_up(state, task)
        else:
            lifecycle.end_task(state, task, "completed", None)
        dispatch.dispatch(state)
        return reservation
