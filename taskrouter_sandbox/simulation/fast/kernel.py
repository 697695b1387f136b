"""A day from event to event, compiled: what `run` decides.

What happens in the same millisecond happens in the order of the kinds of `layout`, and then by its number.
"""

from __future__ import annotations

from typing import Any

from ..columns import CANCELED, COMPLETED, DELETED, HUNG_UP
from ..habits import NEVER
from .compiled import compiled, compiled_entry, inlined
from .heaps import event, hashed, pop
from .layout import (
    ACCEPTED,
    AGAIN,
    ANSWER,
    ARRIVAL,
    ASSIGNED,
    BACK,
    END,
    ENDED,
    EXPIRED,
    HANG_UP,
    HUNG,
    KIND_BITS,
    NO_EVENT,
    NUMBER_BITS,
    OFFER_DUE,
    OPEN,
    PENDING,
    RESERVED,
    ROOM,
    SHIFT,
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
    lifetime_at,
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
def _answer(st: Any, answer: int) -> None:
    """Answer a reservation, unless it is answered already. answer: twice its number, and 1 more for a rejection."""
    offer = answer >> 1
    if offer_at(st.reservations, offer).status == OPEN:
        if answer & 1:
            fail(st, offer, -1)
            dispatch(st)
        else:
            _accept(st, offer)


@compiled
def _time_out(st: Any, offer: int) -> None:
    """Time a reservation out, and plan when its worker comes back."""
    who = offer_at(st.reservations, offer).worker
    worker = worker_at(st.workers, who)
    fail(st, offer, st.timeout_activity)
    dispatch(st)
    worker.is_away = 1
    table = pace_at(st.paces, worker.habit).back
    if table >= 0:
        plan(st, st.now + from_table(st, table, hashed(worker.back_key, st.now, 0)), BACK, who)


@inlined
def _come(st: Any, row: int) -> None:
    task, kind = task_at(st.tasks, row), class_at(st.classes, int_at(st.kind, row).value)
    task.answered = task.worker = task.queue = task.reason = task.failures = task.step_end = -1
    task.reservations = task.steps = task.attempts = task.size = task.timed_out = 0
    task.limit = 0
    task.status, task.priority, task.how = PENDING, kind.priority, COMPLETED
    st.arrived += 1
    come(st, row, kind.first)
    dispatch(st)


@compiled
def _task_is_due(st: Any, row: int) -> None:
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
def _end(st: Any, row: int) -> None:
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
def _begin_shift(st: Any, shift: int) -> None:
    who = shift_at(st.shifts, shift).worker
    worker = worker_at(st.workers, who)
    worker.duty, worker.is_away = shift_at(st.shifts, shift).activity, 0
    if st.is_multitasking or worker.busy == 0:
        _go(st, who)


@compiled
def _next_lifetime(st: Any) -> None:
    """Find the next task that may come to the end of its life before anybody has accepted it."""
    st.lifetime_end = NO_EVENT
    for group in range(st.lifetimes_size):
        it = lifetime_at(st.lifetimes, group)
        while it.row < st.arrived and not (
            (task_at(st.tasks, it.row).status == PENDING or task_at(st.tasks, it.row).status == RESERVED)
            and class_at(st.classes, int_at(st.kind, it.row).value).lifetime == it.lifetime
        ):
            it.row += 1
        if it.row < st.at_size:
            end = event(long_at(st.at, it.row).value + it.lifetime, TASK_DUE, it.row)
            if end < st.lifetime_end:
                st.lifetime_end, st.lifetime = end, group


@compiled_entry
def advance(states: Any, most: int) -> int:
    """Let so many events happen: 0 when the day is over, 1 when there is more, 2 when more room is needed, 3 when there
    was too little room within one event, so that the day cannot be told.
    """
    st = states[0]
    if st.lifetime_end == 0:  # the day begins
        for who in range(st.workers_size):
            add_ready(st, who, channels_with_room(st, who))
        _next_lifetime(st)
    for _ in range(most):
        if st.is_full:
            return 3
        if (
            st.events_used + ROOM > st.events_size
            or st.steps_used + ROOM > st.steps_size
            or st.reservations_used + ROOM > st.reservations_size
            or st.failures_used + ROOM > st.failures_size
        ):
            return 2
        if st.answer_from == st.answer_to:
            row = st.hangs_up
            if row >= 0:
                st.hangs_up = -1
                if task_at(st.tasks, row).status == PENDING or task_at(st.tasks, row).status == RESERVED:
                    plan(st, long_at(st.at, row).value + long_at(st.patience, row).value, HANG_UP, row)
        if not _one_event(st):
            return 0
    return 1


@inlined
def _next_answer(st: Any) -> int:
    return event(st.now, ANSWER, long_at(st.answers, st.answer_from & (st.answers_size - 1)).value)


@inlined
def _one_event(st: Any) -> bool:
    """Let the next event happen; False when there is none."""
    first, where = NO_EVENT, 0
    if st.events_used > 0:
        first = long_at(st.events, 0).value
    if st.answer_from < st.answer_to:
        due = _next_answer(st)
        if due < first:
            first, where = due, 1
    if st.shift < st.shifts_size:
        shift = event(shift_at(st.shifts, st.shift).at, SHIFT, st.shift)
        if shift < first:
            first, where = shift, 2
    if st.arrived < st.at_size:
        arrival = event(long_at(st.at, st.arrived).value, ARRIVAL, st.arrived)
        if arrival < first:
            first, where = arrival, 3
    if st.lifetime_end < first:
        first, where = st.lifetime_end, 4
    if first == NO_EVENT:
        return False
    if where == 0:
        st.events_used = pop(st.events, st.events_used)
    elif where == 1:
        st.answer_from += 1
    elif where == 2:
        st.shift += 1
    st.now = first >> (KIND_BITS + NUMBER_BITS)
    kind = (first >> NUMBER_BITS) & ((1 << KIND_BITS) - 1)
    number, answer = first & ((1 << NUMBER_BITS) - 1), int64(-1)
    if kind == ARRIVAL:
        if long_at(st.patience, number).value != NEVER:
            st.hangs_up = number
        _come(st, number)
    elif kind == END:
        _end(st, number)
    elif kind == OFFER_DUE:
        if offer_at(st.reservations, number).status == OPEN:
            _time_out(st, number)
    elif kind == TASK_DUE:
        if where != 4 or number < st.arrived:
            _task_is_due(st, number)
        if where == 4:
            lifetime_at(st.lifetimes, st.lifetime).row += 1
            _next_lifetime(st)
    elif kind == ANSWER:
        answer = number
    elif kind == SHIFT:
        _begin_shift(st, number)
    elif kind == BACK:
        if worker_at(st.workers, number).is_away:
            worker_at(st.workers, number).is_away = 0
            _go(st, number)
    elif task_at(st.tasks, number).status == PENDING or task_at(st.tasks, number).status == RESERVED:  # it hangs up
        end_task(st, number, HUNG_UP, HUNG)
        dispatch(st)
    if st.answer_to - st.answer_from == 1:  # an answer at once is what happens next, nearly always
        due = _next_answer(st)
        if answer < 0 and (st.events_used == 0 or due < long_at(st.events, 0).value) and due < st.lifetime_end:
            st.answer_from += 1
            answer = due & ((1 << NUMBER_BITS) - 1)
    if answer >= 0:
        _answer(st, answer)
    return True
