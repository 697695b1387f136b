"""The passing of time: deadlines come, and do their work in order (deadlines.py says what they are)."""

from __future__ import annotations

from . import deadlines, dispatch, lifecycle
from .entities import Task
from .state import State


def advance(state: State, now: int) -> None:
    """Do all that is due up to `now`, each at its own time and in order."""
    while (fired := state.timers.pop(now)) is not None:
        due, sid = fired
        state.turn_to(max(state.now, due))
        if reservation := state.reservations.get(sid):
            lifecycle.time_out(state, reservation)
        else:
            _task_is_due(state, state.tasks[sid])
        dispatch.dispatch(state)
    if now > state.now:
        state.turn_to(now)


def _task_is_due(state: State, task: Task) -> None:
    match task.assignment_status:
        case "pending" | "reserved" if state.now >= deadlines.lifetime(task):
            lifecycle.give_up(state, task)
        case "pending":
            state.agenda.evaluate[task.sid] = task
        case "assigned" | "wrapping":
            lifecycle.delete_task(state, task, "system-deleted")
        case "completed" | "canceled":
            lifecycle.forget_task(state, task)
