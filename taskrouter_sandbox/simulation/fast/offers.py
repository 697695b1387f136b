"""Reservations, and what they do to tasks and workers: `engine/rules/reservations.py`, `transitions.py` and `tasks.py`.

Compiled, on arrays. Each function is that of the rules of the same name, without what no rehearsal does: transfers,
instructions, edits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..columns import CANCELED
from ..habits import TABLE
from .compiled import compiled, inlined
from .heaps import event, hashed, push, share
from .layout import (
    AGAIN,
    ANSWER,
    ATTEMPTS,
    CLOSED,
    ENDED,
    ENTER,
    LATEST,
    MOST_OFFERS,
    OFFER_DUE,
    ONE,
    OPEN,
    PENDING,
    RESERVED,
    int64,
)
from .matching import add_ready, channels_with_room, note_failure, note_freed, remove_ready, wait, wait_no_longer
from .memory import (
    answers_at,
    byte_at,
    channel_at,
    class_at,
    int_at,
    long_at,
    offer_at,
    pace_at,
    queue_at,
    stage_at,
    task_at,
    worker_at,
)

MOST_ATTEMPTS = 1000


@inlined
def plan(st: Any, at: int, kind: int, number: int) -> None:
    """Let something happen: a kind of event, with the number by which those of one kind take turns."""
    if at < LATEST:
        st.events_used = push(st.events, st.events_used, event(at, kind, number))


@compiled
def _enter_activity(st: Any, who: int, activity: int) -> None:
    worker = worker_at(st.workers, who)
    change = int64(byte_at(st.is_available, activity).value) - int64(byte_at(st.is_available, worker.activity).value)
    if change != 0:
        for i in range(worker.first_queue, worker.end_queue):
            queue_at(st.queues, int_at(st.queues_of, i).value).available += change
    worker.activity = activity


@compiled
def move_worker(st: Any, who: int, activity: int) -> None:
    """Put a worker into an activity; nothing happens when it is in it already, or for -1."""
    if activity >= 0 and activity != worker_at(st.workers, who).activity:
        remove_ready(st, who)
        _enter_activity(st, who, activity)
        add_ready(st, who, channels_with_room(st, who))


@inlined
def unlink(st: Any, offer: int) -> None:
    """Take a reservation off the list of those that its worker has not answered."""
    it = offer_at(st.reservations, offer)
    worker = worker_at(st.workers, it.worker)
    if it.before >= 0:
        offer_at(st.reservations, it.before).next = it.next
    else:
        worker.first_open = it.next
    if it.next >= 0:
        offer_at(st.reservations, it.next).before = it.before
    else:
        worker.last_open = it.before


@compiled
def close(st: Any, offer: int) -> None:
    """End a reservation, and what it counts for."""
    it = offer_at(st.reservations, offer)
    who = it.worker
    worker = worker_at(st.workers, who)
    channel = class_at(st.classes, int_at(st.kind, it.task).value).channel
    if not st.is_multitasking:
        remove_ready(st, who)
    channel_at(st.channels, who * st.channels_each + channel).used -= 1
    if it.status == OPEN:
        unlink(st, offer)
        worker.holding -= 1
    else:
        worker.busy -= 1
        worker.holding -= it.cleared == worker.cleared
    it.status = CLOSED
    if not st.is_multitasking:
        add_ready(st, who, channels_with_room(st, who))
        return
    room = channel_at(st.channels, who * st.channels_each + channel)
    if (
        room.capacity > room.used
        and not (worker.listed >> channel) & 1
        and byte_at(st.is_available, worker.activity).value
    ):
        add_ready(st, who, worker.listed | (ONE << channel))
    note_freed(st, who)


@compiled
def go_back(st: Any, offer: int) -> None:
    """Put a worker where it was before a reservation moved it, unless it has gone elsewhere since."""
    it = offer_at(st.reservations, offer)
    if it.moved >= 0 and it.moved == worker_at(st.workers, it.worker).activity:
        move_worker(st, it.worker, it.previous)


@compiled
def reserve(st: Any, row: int, size: int) -> None:
    """Reserve the chosen workers for a pending task that is in no line, and draw how they answer."""
    task = task_at(st.tasks, row)
    task.attempts += 1
    task.status, task.batch, task.size = RESERVED, st.reservations_used, size
    offers = st.reservations_used + size
    if offers > st.reservations_size or offers > MOST_OFFERS or st.answer_to - st.answer_from + size > st.answers_size:
        st.is_full = 1
        return
    for i in range(size):
        _reserve_one(st, row, long_at(st.chosen, i).value)


@inlined
def _reserve_one(st: Any, row: int, who: int) -> None:
    task, worker = task_at(st.tasks, row), worker_at(st.workers, who)
    kind, queue = (
        class_at(st.classes, int_at(st.kind, row).value),
        queue_at(st.queues, stage_at(st.stages, task.stage).queue),
    )
    offer = st.reservations_used
    st.reservations_used += 1
    it = offer_at(st.reservations, offer)
    it.at, it.task, it.worker, it.status, it.previous, it.moved = st.now, row, who, OPEN, worker.activity, -1
    it.next, it.before = -1, worker.last_open
    if worker.last_open >= 0:
        offer_at(st.reservations, worker.last_open).next = offer
    else:
        worker.first_open = offer
    worker.last_open = offer
    listed = worker.listed
    remove_ready(st, who)
    channel = channel_at(st.channels, who * st.channels_each + kind.channel)
    worker.last_reserved = channel.last_reserved = st.now + 1
    channel.used += 1
    worker.holding += 1
    if st.is_multitasking:
        add_ready(st, who, listed if channel.used < channel.capacity else listed & ~(ONE << kind.channel))
    else:
        if queue.reservation_activity >= 0 and queue.reservation_activity != worker.activity:
            it.moved = queue.reservation_activity
            _enter_activity(st, who, it.moved)
        add_ready(st, who, channels_with_room(st, who))
    number = task.reservations
    task.reservations += 1
    _answer(st, row, who, offer, number, kind.key, st.now + kind.expires)


@inlined
def from_table(st: Any, table: int, bits: Any) -> int:
    """Take a duration of a table by random bits."""
    return long_at(st.tables, int64(table) * TABLE + int64(bits & np.uint64(TABLE - 1))).value


@inlined
def lasts(st: Any, row: int, who: int, is_talk: bool) -> int:
    """Give how long a talk, or wrapping up, takes this worker, as `Draws.lasts` does."""
    pace = pace_at(st.paces, worker_at(st.workers, who).habit)
    if pace.is_that_of_class:
        return long_at(st.talk if is_talk else st.wrap_up, row).value
    table = pace.talk if is_talk else pace.wrap_up
    if table >= 0:
        key = class_at(st.classes, int_at(st.kind, row).value).key
        return from_table(st, table, hashed(key, int_at(st.number, row).value, 1 if is_talk else 3))
    of_class = long_at(st.talk if is_talk else st.wrap_up, row).value
    factor = pace.talk_factor if is_talk else pace.wrap_up_factor
    return of_class if factor == 1.0 else int64(np.rint(of_class * factor))


@inlined
def _answer(st: Any, row: int, who: int, offer: int, number: int, key: Any, expires: int) -> None:
    """Draw how a reservation is answered, as `Draws.answer` does."""
    at, answer = st.now, 2 * offer  # an odd number is a rejection
    habit = answers_at(st.habits, int_at(st.kind, row).value * st.paces_size + worker_at(st.workers, who).habit)
    if not habit.always_accepts:
        bits = hashed(key, int_at(st.number, row).value, 2 * number)
        at += from_table(st, habit.after, hashed(bits, 0, 1))
        drawn = share(bits)
        if drawn < habit.reject:
            answer += 1
        elif drawn < habit.reject_or_let:
            at = expires
        if at >= expires:
            plan(st, expires, OFFER_DUE, offer)
            return
    if at > st.now:
        plan(st, at, ANSWER, answer)
    else:
        long_at(st.answers, st.answer_to & (st.answers_size - 1)).value = answer
        st.answer_to += 1


@inlined
def note(st: Any, row: int, reason: int) -> None:
    """Note a task to look at."""
    if reason == ENTER:
        if st.entered_used == st.entered_size:
            st.is_full = 1
        else:
            long_at(st.entered, st.entered_used).value = row
            st.entered_used += 1
    elif st.again_used == st.again_size:
        st.is_full = 1
    else:
        long_at(st.again, st.again_used).value = row
        st.again_used += 1


@compiled
def fail(st: Any, offer: int, activity: int) -> None:
    """End a pending reservation that has failed. activity: where the worker goes; -1 for back to where it was."""
    it = offer_at(st.reservations, offer)
    row, who = it.task, it.worker
    task = task_at(st.tasks, row)
    close(st, offer)
    note_failure(st, row, who)
    is_offered = False
    for sibling in range(task.batch, task.batch + task.size):
        is_offered = is_offered or offer_at(st.reservations, sibling).status == OPEN
    if not is_offered and task.attempts < MOST_ATTEMPTS:
        task.status = PENDING
        wait(st, row)
        note(st, row, AGAIN)
    if activity >= 0:
        move_worker(st, who, activity)
    else:
        go_back(st, offer)
    if not is_offered and task.attempts >= MOST_ATTEMPTS:
        end_task(st, row, CANCELED, ATTEMPTS)


@inlined
def _close_reservations(st: Any, row: int) -> None:
    task = task_at(st.tasks, row)
    for offer in range(task.batch, task.batch + task.size):
        status = offer_at(st.reservations, offer).status
        if status != CLOSED:
            close(st, offer)
            if status == OPEN:
                go_back(st, offer)


@compiled
def end_task(st: Any, row: int, how: int, reason: int) -> None:
    """Complete or cancel a task, and its reservations with it."""
    task = task_at(st.tasks, row)
    if task.status == PENDING:
        wait_no_longer(st, row)
    task.status, task.ended, task.how, task.reason = ENDED, st.now, how, reason
    _close_reservations(st, row)
