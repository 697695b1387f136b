"""The passing of time: deadlines come, and do their work in order (deadlines.py says what they are)."""

from __future__ import annotations

from ..model.entities import Task
from ..model.state import State
from . import deadlines, matching, reservations, routing, tasks, transfers, transitions


def advance(state: State, now: int) -> State:
    """Do all that is due up to `now` (milliseconds), each at its own time and in order; every command begins so.

    Gives the state, whose time is `now` then.
    """
    while (fired := state.timers.pop(now)) is not None:
        due, sid = fired
        state.now = max(state.now, due)
        if reservation := state.reservations.get(sid):
            reservations.time_out(state, reservation)
        else:
            _task_is_due(state, state.tasks[sid])
        routing.dispatch(state)
    if now > state.now:
        state.now = now
    return state


def _task_is_due(state: State, task: Task) -> None:
    match task.assignment_status:
        case "pending" | "reserved" if state.now >= deadlines.lifetime(task):
            expire_task(state, task)
        case "pending":
            state.pending.look_again(task, "evaluate")
        case "assigned" | "wrapping":
            tasks.delete_task(state, task, by_system=True)
        case "completed" | "canceled":
            tasks.forget_task(state, task)
        case "reserved":
            pass  # its lifetime is its only deadline


def expire_task(state: State, task: Task) -> None:
    """Cancel a task that nobody has accepted in its time, or give it back to the worker who wanted to pass it on.

    A task for one worker for whom it was never reserved is reported as a failed reservation, too.
    """
    if task.transfer and transitions.is_held(task):
        transfers.abort_transfer(state, task, "failed", transfers.NOBODY_CAME)
    elif matching.direct_worker(task) and not task.attempts:
        tasks.end_task(state, task, "canceled", tasks.NOT_RESERVED)
        state.observer.reservation_never_made(state.now, task)
    else:
        tasks.end_task(state, task, "canceled", tasks.TTL_EXCEEDED)
