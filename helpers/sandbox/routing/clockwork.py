"""The passing of time: deadlines are set, come, and do their work in order (behaviour.md §2)."""

from __future__ import annotations

from . import dispatch, lifecycle
from .entities import Task
from .state import State


def advance(state: State, now: int) -> None:
    """Do all that is due up to `now`, each at its own time and in order."""
    while (fired := state.timers.pop(now)) is not None:
        due, kind, sid = fired
        state.journal.now = max(state.now, due)
        _fire(state, kind, sid, due)
        dispatch.dispatch(state)
    state.journal.now = max(state.now, now)


def _fire(state: State, kind: str, sid: str, due: int) -> None:
    """One deadline; a stale one (the reservation was answered, the task is gone) does nothing."""
    if kind == "reservation":
        reservation = state.reservations.get(sid)
        if reservation and reservation.reservation_status == "pending" and reservation.expires == due:
            lifecycle.time_out(state, reservation)
        return
    task = state.tasks.get(sid)
    if task is None:
        return
    match kind, task.assignment_status:
        case "lifetime", "pending" | "reserved":
            lifecycle.end_task(state, task, "canceled", "Task TTL Exceeded")
        case "step", "pending":
            state.unsettled[task.sid] = task
        case "assigned", "assigned" | "wrapping":
            lifecycle.delete_task(state, task, "system-deleted")
        case "removal", "completed" | "canceled":
            lifecycle.forget_task(state, task)


def watch(state: State, task: Task) -> None:
    """Set the timers that a task in its present state needs."""
    timers = state.timers
    match task.assignment_status:
        case "pending" | "reserved":
            timers.set(task.date_created + task.timeout * 1000, "lifetime", task.sid)
            if task.step_limit is not None:
                timers.set(task.date_created + task.step_limit * 1000, "step", task.sid)
        case "assigned" | "wrapping":
            timers.set((task.assigned_at or 0) + lifecycle.ASSIGNED_AT_MOST, "assigned", task.sid)
        case _:
            timers.set((task.ended or 0) + lifecycle.KEPT_AFTER_END, "removal", task.sid)
