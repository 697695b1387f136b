"""The passing of time: deadlines come, and do their work in order (deadlines.py says what they are)."""

from __future__ import annotations

from ..model.entities import Task
from ..model.state import State
from . import deadlines, routing, transitions


def advance(state: State, now: int) -> None:
    """Do all that is due up to `now`, each at its own time and in order."""
    while (fired := state.timers.pop(now)) is not None:
        due, sid = fired
        state.set_time(max(state.now, due))
        if reservation := state.reservations.get(sid):
            transitions.time_out(state, reservation)
        else:
            _task_is_due(state, state.tasks[sid])
        routing.dispatch(state)
    if now > state.now:
        state.set_time(now)


def _task_is_due(state: State, task: Task) -> None:
    match task.assignment_status:
        case "pending" | "reserved" if state.now >= deadlines.lifetime(task):
            transitions.expire_task(state, task)
        case "pending":
            state.pending.evaluate[task.sid] = task
        case "assigned" | "wrapping":
            transitions.delete_task(state, task, "system-deleted")
        case "completed" | "canceled":
            transitions.forget_task(state, task)
