"""A day from event to event, compiled: what `run` decides.

What happens in the same millisecond happens in the order of the kinds of `layout`, and then by its number.
"""

from __future__ import annotations

from typing import Any

from ..habits import NEVER
from .compiled import compiled, compiled_entry, inlined
from .events import answer, arrive, begin_shift, come_back, end_work, hang_up, task_is_due, time_out
from .heaps import event, pop
from .layout import (
    ANSWER,
    ARRIVAL,
    BACK,
    END,
    HANG_UP,
    KIND_BITS,
    NO_EVENT,
    NUMBER_BITS,
    OFFER_DUE,
    PENDING,
    RESERVED,
    ROOM,
    SHIFT,
    TASK_DUE,
    int64,
)
from .matching import add_ready, channels_with_room
from .memory import class_at, int_at, lifetime_at, long_at, shift_at, task_at
from .offers import plan


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
    number, answered = first & ((1 << NUMBER_BITS) - 1), int64(-1)
    if kind == ARRIVAL:
        if long_at(st.patience, number).value != NEVER:
            st.hangs_up = number
        arrive(st, number)
    elif kind == END:
        end_work(st, number)
    elif kind == OFFER_DUE:
        time_out(st, number)
    elif kind == TASK_DUE:
        if where != 4 or number < st.arrived:
            task_is_due(st, number)
        if where == 4:
            lifetime_at(st.lifetimes, st.lifetime).row += 1
            _next_lifetime(st)
    elif kind == ANSWER:
        answered = number
    elif kind == SHIFT:
        begin_shift(st, number)
    elif kind == BACK:
        come_back(st, number)
    else:
        hang_up(st, number)
    if st.answer_to - st.answer_from == 1:  # an answer at once is what happens next, nearly always
        due = _next_answer(st)
        if answered < 0 and (st.events_used == 0 or due < long_at(st.events, 0).value) and due < st.lifetime_end:
            st.answer_from += 1
            answered = due & ((1 << NUMBER_BITS) - 1)
    if answered >= 0:
        answer(st, answered)
    return True
