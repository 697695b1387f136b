"""The way of a task through its workflow, and the matching after every change, compiled: `engine/rules/routing.py` and
`workflow_steps.py` on arrays.
"""

from __future__ import annotations

from typing import Any

from ..columns import CANCELED
from .compiled import compiled, inlined
from .layout import AGAIN, ENTER, PENDING, SKIPPED, TASK_DUE, TIMED_OUT, int64
from .matching import NOBODY, SEVERAL, choose_workers, first_ready, next_task, note_freed, wait, wait_no_longer
from .memory import (
    byte_at,
    class_at,
    int_at,
    long_at,
    node_at,
    queue_at,
    stage_at,
    step_at,
    task_at,
    turn_at,
    worker_at,
)
from .offers import end_task, note, plan, reserve


@inlined
def _begin_step(st: Any, row: int, stage: int) -> None:
    task, it = task_at(st.tasks, row), stage_at(st.stages, stage)
    task.stage = stage
    if it.priority >= 0:
        task.priority = it.priority
    if it.timeout >= 0:
        task.limit += it.timeout
    if st.steps_used == st.steps_size:
        st.is_full = 1
        return
    step = step_at(st.steps, st.steps_used)
    step.at, step.row, step.place = st.now, row, it.place
    st.steps_used += 1
    task.steps += 1


@compiled
def _take_step(st: Any, row: int, stage: int) -> None:
    """Let a task enter a routing step, and wait there."""
    _begin_step(st, row, stage)
    wait(st, row)
    note(st, row, ENTER)


@compiled
def _move_on(st: Any, row: int, has_timed_out: bool) -> None:
    """Leave a step: for the next step, the next matching filter, or the end of the workflow."""
    task = task_at(st.tasks, row)
    stage = stage_at(st.stages, task.stage)
    following = task.stage + 1
    if stage.is_last:
        if has_timed_out:
            task.timed_out = 1
        is_over = following == class_at(st.classes, int_at(st.kind, row).value).end
        if is_over or (stage_at(st.stages, following).is_default and task.timed_out):
            end_task(st, row, CANCELED, TIMED_OUT if has_timed_out else SKIPPED)
            return
    wait_no_longer(st, row)
    _take_step(st, row, following)


@inlined
def step_end(st: Any, row: int) -> int:
    """Give when the routing step of a waiting task is over, or -1."""
    task = task_at(st.tasks, row)
    return long_at(st.at, row).value + task.limit if stage_at(st.stages, task.stage).timeout >= 0 else int64(-1)


@inlined
def _is_skipped(st: Any, row: int) -> bool:
    stage = stage_at(st.stages, task_at(st.tasks, row).stage)
    return stage.skip >= 0 and byte_at(st.skips, stage.skip + queue_at(st.queues, stage.queue).available).value != 0


@compiled
def _process(st: Any, row: int, reason: int) -> None:
    """Find workers for a waiting task; or let it go on in its workflow; or let it wait in the step that it is in."""
    if reason != ENTER and 0 <= step_end(st, row) <= st.now:
        _move_on(st, row, True)
        return
    size = choose_workers(st, row)
    if size > 0:
        wait_no_longer(st, row)
        reserve(st, row, size)
    else:
        _stay(st, row, reason)


@inlined
def _stay(st: Any, row: int, reason: int) -> None:
    """Let a task for which nobody is ready wait where it is, or go on."""
    task, end = task_at(st.tasks, row), step_end(st, row)
    if reason == ENTER and _is_skipped(st, row):
        _move_on(st, row, False)
    elif 0 <= end <= st.now:
        _move_on(st, row, True)
    elif end >= 0 and task.step_end != end:
        task.step_end = end
        plan(st, end, TASK_DUE, row)


@inlined
def come(st: Any, row: int, stage: int) -> None:
    """Let a new task enter its first step: wait there, or be reserved for whoever is first when all else is matched."""
    _begin_step(st, row, stage)
    who = first_ready(st, stage) if st.freed_used == 0 else SEVERAL
    if who >= 0:
        long_at(st.chosen, 0).value = who
        reserve(st, row, 1)
        return
    wait(st, row)
    if who == NOBODY:
        _stay(st, row, ENTER)
    else:
        note(st, row, ENTER)


@compiled
def _take_turn(st: Any, row: int, who: int, reason: int, number: int) -> None:
    if st.turns_used == st.turns_size:
        st.is_full = 1
        return
    turn = turn_at(st.turns, st.turns_used)
    turn.urgency, turn.number, turn.task, turn.worker, turn.reason = (
        node_at(st.nodes, row).key,
        number,
        row,
        who,
        reason,
    )
    st.turns_used += 1


@compiled
def _take_turns(st: Any) -> None:
    """Let all that was noted take turns: tasks that entered a step, those to look at again, free workers."""
    while st.entered_used > 0:
        st.entered_used -= 1
        row = long_at(st.entered, st.entered_used).value
        if task_at(st.tasks, row).status == PENDING:
            st.turn_number += 1
            _take_turn(st, row, -1, ENTER, st.turn_number)
    while st.again_used > 0:
        st.again_used -= 1
        row = long_at(st.again, st.again_used).value
        if task_at(st.tasks, row).status == PENDING:
            st.turn_number += 1
            _take_turn(st, row, -1, AGAIN, st.turn_number)
    while st.freed_used > 0:
        st.freed_used -= 1
        who = long_at(st.freed, st.freed_used).value
        worker_at(st.workers, who).is_freed = 0
        row = next_task(st, who)
        if row >= 0:
            st.turn_number += 1
            _take_turn(st, row, who, AGAIN, st.turn_number)


@inlined
def dispatch(st: Any) -> None:
    """Match what is left open, until nothing waits that a ready worker could take; the most urgent task first."""
    if st.entered_used or st.again_used or st.freed_used:
        _dispatch(st)


@compiled
def _dispatch(st: Any) -> None:
    if st.waiting > 0 and st.entered_used == 1 and st.again_used == 0 and st.freed_used == 0:
        st.entered_used = 0
        if task_at(st.tasks, long_at(st.entered, 0).value).status == PENDING:
            _process(st, long_at(st.entered, 0).value, ENTER)
    if st.waiting == 0:
        st.entered_used = st.again_used = 0
        while st.freed_used > 0:
            st.freed_used -= 1
            worker_at(st.workers, long_at(st.freed, st.freed_used).value).is_freed = 0
        return
    while st.waiting > 0 and st.entered_used == 0 and st.again_used == 0 and st.freed_used == 1:
        who = long_at(st.freed, 0).value  # the one who is free now takes what comes first
        st.freed_used = worker_at(st.workers, who).is_freed = 0
        row = next_task(st, who)
        if row >= 0:
            _process(st, row, AGAIN)
            note_freed(st, who)
    st.turns_used = st.turn_number = 0
    while not st.is_full:
        if st.entered_used or st.again_used or st.freed_used:
            _take_turns(st)
        if st.turns_used == 0:
            return
        first = 0
        for i in range(1, st.turns_used):
            a, b = turn_at(st.turns, i), turn_at(st.turns, first)
            if a.urgency != b.urgency:
                is_first = a.urgency < b.urgency
            elif (a.worker >= 0) != (b.worker >= 0):
                is_first = a.worker < 0
            else:
                is_first = a.number < b.number
            if is_first:
                first = i
        turn = turn_at(st.turns, first)
        urgency, number, row, who, reason = turn.urgency, turn.number, turn.task, turn.worker, turn.reason
        st.turns_used -= 1
        last = turn_at(st.turns, st.turns_used)
        turn.urgency, turn.number, turn.task = last.urgency, last.number, last.task
        turn.worker, turn.reason = last.worker, last.reason
        if task_at(st.tasks, row).status == PENDING:
            if node_at(st.nodes, row).key == urgency:
                if who < 0 or next_task(st, who) == row:
                    _process(st, row, reason)
            elif who < 0:
                _take_turn(st, row, who, reason, number)
        if who >= 0:
            note_freed(st, who)
