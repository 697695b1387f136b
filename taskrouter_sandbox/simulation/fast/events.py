"""What each kind of event does to tasks and workers, compiled."""

from __future__ import annotations

from typing import Any

from ..columns import CANCELED, COMPLETED, DELETED, HUNG_UP
from .compiled import compiled, inlined
from .heaps import hashed
from .layout import (
    ACCEPTED,
    AGAIN,
    ASSIGNED,
    BACK,
    END,
    ENDED,
    EXPIRED,
    HUNG,
    OPEN,
    PENDING,
    RESERVED,
    TASK_DUE,
    TOO_LONG,
    WRAPPING,
    int64,
)
from .matching import add_ready, channels_with_room, note_freed, remove_ready
from .memory import (
    byte_at,
    class_at,
    int_at,
    long_at,
    offer_at,
    pace_at,
    queue_at,
    shift_at,
    stage_at,
    task_at,
    worker_at,
)
from .offers import close, end_task, fail, from_table, go_back, lasts, move_worker, note, plan, unlink
from .steps import come, dispatch, step_end

ASSIGNED_AT_MOST = 86_400_000  # milliseconds


@compiled
def _go(st: Any, who: int) -> None:
    """Put a worker where the shift says; who leaves rejects what is pending."""
    worker = worker_at(st.workers, who)
    if worker.activity == worker.duty:
        return
    move_worker(st, who, worker.duty)
    remove_ready(st, who)  # nothing that it has accepted holds it, since it goes on purpose
    worker.cleared += 1
    worker.holding = 0
    at = worker.first_open
    while at >= 0:
        worker.holding += 1
        at = offer_at(st.reservations, at).next
    add_ready(st, who, channels_with_room(st, who))
    if not byte_at(st.is_available, worker.duty).value:
        while worker.first_open >= 0:
            fail(st, worker.first_open, worker.activity)
    dispatch(st)


@inlined
def _accept(st: Any, offer: int) -> None:
    it = offer_at(st.reservations, offer)
    row, who = it.task, it.worker
    task, worker, now = task_at(st.tasks, row), worker_at(st.workers, who), st.now
    unlink(st, offer)
    it.status, it.cleared = ACCEPTED, worker.cleared
    worker.busy += 1
    note_freed(st, who)
    queue = stage_at(st.stages, task.stage).queue
    task.status, task.answered, task.worker, task.queue = ASSIGNED, now, who, queue
    if not st.is_multitasking:
        move_worker(st, who, queue_at(st.queues, queue).assignment_activity)
    if task.size > 1:
        for sibling in range(task.batch, task.batch + task.size):
            if offer_at(st.reservations, sibling).status == OPEN:
                close(st, sibling)
                go_back(st, sibling)
        task.batch, task.size = offer, 1
    talk = lasts(st, row, who, True)
    if talk + lasts(st, row, who, False) >= ASSIGNED_AT_MOST:
        plan(st, now + ASSIGNED_AT_MOST, TASK_DUE, row)
    plan(st, now + talk, END, row)
    dispatch(st)


@inlined
def answer(st: Any, number: int) -> None:
    """Answer a reservation, unless it is answered already. number: twice that of it, and 1 more for a rejection."""
    offer = number >> 1
    if offer_at(st.reservations, offer).status == OPEN:
        if number & 1:
            fail(st, offer, -1)
            dispatch(st)
        else:
            _accept(st, offer)


@compiled
def time_out(st: Any, offer: int) -> None:
    """Time a reservation out that is not answered, and plan when its worker comes back."""
    if offer_at(st.reservations, offer).status != OPEN:
        return
    who = offer_at(st.reservations, offer).worker
    worker = worker_at(st.workers, who)
    fail(st, offer, st.timeout_activity)
    dispatch(st)
    worker.is_away = 1
    table = pace_at(st.paces, worker.habit).back
    if table >= 0:
        plan(st, st.now + from_table(st, table, hashed(worker.back_key, st.now, 0)), BACK, who)


@inlined
def arrive(st: Any, row: int) -> None:
    """Let a task come."""
    task, kind = task_at(st.tasks, row), class_at(st.classes, int_at(st.kind, row).value)
    task.answered = task.worker = task.queue = task.reason = task.failures = task.step_end = -1
    task.reservations = task.steps = task.attempts = task.size = task.timed_out = 0
    task.limit = 0
    task.status, task.priority, task.how = PENDING, kind.priority, COMPLETED
    st.arrived += 1
    come(st, row, kind.first)
    dispatch(st)


@compiled
def task_is_due(st: Any, row: int) -> None:
    """Do what is due: the end of its life, of a routing step, or of a day's work on it."""
    task, now = task_at(st.tasks, row), st.now
    if task.status == PENDING or task.status == RESERVED:
        if now >= long_at(st.at, row).value + class_at(st.classes, int_at(st.kind, row).value).lifetime:
            end_task(st, row, CANCELED, EXPIRED)
        elif task.status == PENDING and 0 <= step_end(st, row) <= now:
            note(st, row, AGAIN)
        dispatch(st)
    elif (task.status == ASSIGNED or task.status == WRAPPING) and now >= task.answered + ASSIGNED_AT_MOST:
        end_task(st, row, DELETED, TOO_LONG)
        dispatch(st)


@inlined
def end_work(st: Any, row: int) -> None:
    """End a talk, or wrapping up; the worker of a task that is done goes where the shift says."""
    task = task_at(st.tasks, row)
    wrap_up = lasts(st, row, task.worker, False) if task.status == ASSIGNED else int64(0)
    if wrap_up > 0:
        task.status = WRAPPING
        plan(st, st.now + wrap_up, END, row)
        return
    who, is_there = task.worker, task.status != ENDED
    worker = worker_at(st.workers, who)
    goes = worker.busy == (1 if is_there else 0) and not worker.is_away
    leaves = goes and not byte_at(st.is_available, worker.duty).value
    if leaves:
        _go(st, who)
    if is_there:
        end_task(st, row, COMPLETED, -1)
        dispatch(st)
    if goes and not leaves and worker.activity != worker.duty:
        _go(st, who)


@compiled
def begin_shift(st: Any, shift: int) -> None:
    """Let a worker go to another activity; in a single-tasking workspace after the task in hand."""
    who = shift_at(st.shifts, shift).worker
    worker = worker_at(st.workers, who)
    worker.duty, worker.is_away = shift_at(st.shifts, shift).activity, 0
    if st.is_multitasking or worker.busy == 0:
        _go(st, who)


@compiled
def come_back(st: Any, who: int) -> None:
    """Let a worker come back whom a reservation that timed out has moved away."""
    if worker_at(st.workers, who).is_away:
        worker_at(st.workers, who).is_away = 0
        _go(st, who)


@compiled
def hang_up(st: Any, row: int) -> None:
    """Cancel a task that nobody has accepted."""
    task = task_at(st.tasks, row)
    if task.status == PENDING or task.status == RESERVED:
        end_task(st, row, HUNG_UP, HUNG)
        dispatch(st)
