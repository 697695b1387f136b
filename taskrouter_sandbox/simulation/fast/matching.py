"""Who waits, who is ready, and who is chosen: `engine/rules/matching.py` and `queue_members.py` on arrays, compiled."""

from __future__ import annotations

from typing import Any

from .compiled import compiled, inlined
from .heaps import insert, remove
from .layout import MOST_PRIORITY, ONE, int64
from .memory import (
    asked_at,
    byte_at,
    channel_at,
    edge_at,
    failure_at,
    line_at,
    long_at,
    node_at,
    stage_at,
    supply_at,
    task_at,
    worker_at,
)

NOBODY, SEVERAL = -1, -2
MOST_ROWS, BEHIND, RANK, TIME, NUMBERS = 31, 62, 48, 16, 0xFFFF
IDLE = (1 << RANK) - 1  # the part of a ready worker's key that says for how long it has been idle


@inlined
def wait(st: Any, row: int) -> None:
    """Let a pending task wait in its line (`matching.most_urgent_first`, `newest_first`)."""
    task = task_at(st.tasks, row)
    line = stage_at(st.stages, task.stage).line
    if line_at(st.lines, line).is_lifo:
        key = (ONE << MOST_ROWS) - 1 - row
    else:
        key = ((MOST_PRIORITY - int64(task.priority)) << MOST_ROWS) | row
    insert(st.nodes, st.roots, line, row, key | (int64(line_at(st.lines, line).is_behind) << BEHIND))
    st.waiting += 1


@inlined
def wait_no_longer(st: Any, row: int) -> None:
    """Take a pending task out of its line."""
    remove(st.nodes, st.roots, stage_at(st.stages, task_at(st.tasks, row).stage).line, row)
    st.waiting -= 1


@inlined
def remove_ready(st: Any, who: int) -> None:
    """Take a worker out of all supplies."""
    worker = worker_at(st.workers, who)
    if worker.listed == 0:
        return
    first_node, lines = st.tasks_size, st.lines_size
    for edge in range(worker.first_edge, worker.end_edge):
        if node_at(st.nodes, first_node + edge).inside:
            remove(st.nodes, st.roots, lines + edge_at(st.edges, edge).supply, first_node + edge)
            supply_at(st.supplies, edge_at(st.edges, edge).supply).unsortable -= edge_at(st.edges, edge).is_unsortable
    worker.listed = 0


@inlined
def add_ready(st: Any, who: int, listed: int) -> None:
    """Put a worker into the supplies of these channels (a set of bits) that it meets, and note that it is free."""
    worker = worker_at(st.workers, who)
    worker.listed = listed
    if listed == 0:
        return
    first_node, lines = st.tasks_size, st.lines_size
    for edge in range(worker.first_edge, worker.end_edge):
        supply = supply_at(st.supplies, edge_at(st.edges, edge).supply)
        if (
            (listed >> supply.channel) & 1
            and byte_at(st.meets, edge * st.activities + worker.activity).value
            and not node_at(st.nodes, first_node + edge).inside
        ):
            since = worker.last_reserved
            if supply.is_optimized:
                since = channel_at(st.channels, who * st.channels_each + supply.channel).last_reserved
            key = (int64(edge_at(st.edges, edge).rank) << RANK) | (int64(since) << TIME) | who
            insert(st.nodes, st.roots, lines + edge_at(st.edges, edge).supply, first_node + edge, key)
            supply.unsortable += edge_at(st.edges, edge).is_unsortable
    note_freed(st, who)


@inlined
def note_freed(st: Any, who: int) -> None:
    """Note that a worker may take a waiting task now."""
    worker = worker_at(st.workers, who)
    if worker.listed and not worker.is_freed:
        worker.is_freed = 1
        long_at(st.freed, st.freed_used).value = who
        st.freed_used += 1


@inlined
def channels_with_room(st: Any, who: int) -> int:
    """Find the channels of which a worker could be given a task now, as a set of bits."""
    worker, listed = worker_at(st.workers, who), int64(0)
    if not byte_at(st.is_available, worker.activity).value:
        return listed
    is_multitasking = st.is_multitasking
    if not is_multitasking and worker.holding > 0:
        return listed
    for channel in range(st.channels_each):
        room = channel_at(st.channels, who * st.channels_each + channel)
        if room.capacity > (room.used if is_multitasking else 0):
            listed |= ONE << channel
    return listed


@compiled
def next_task(st: Any, who: int) -> int:
    """Find the waiting task that comes first of those that a worker could take now, or -1."""
    worker, best, least = worker_at(st.workers, who), -1, int64(0)
    if worker.listed == 0:
        return best
    for edge in range(worker.first_edge, worker.end_edge):
        if node_at(st.nodes, st.tasks_size + edge).inside:
            front = long_at(st.roots, supply_at(st.supplies, edge_at(st.edges, edge).supply).line).value
            if front >= 0 and (best < 0 or node_at(st.nodes, front).key < least):
                best, least = front, node_at(st.nodes, front).key
    return best


@compiled
def _failures(st: Any, row: int, who: int) -> int:
    """Count how often a worker has failed to take this task."""
    at = task_at(st.tasks, row).failures
    while at >= 0:
        if failure_at(st.failures, at).worker == who:
            return failure_at(st.failures, at).count
        at = failure_at(st.failures, at).next
    return 0


@compiled
def note_failure(st: Any, row: int, who: int) -> None:
    """Note that a worker has not taken this task when it was offered."""
    task = task_at(st.tasks, row)
    at = task.failures
    while at >= 0:
        if failure_at(st.failures, at).worker == who:
            failure_at(st.failures, at).count += 1
            return
        at = failure_at(st.failures, at).next
    if st.failures_used == st.failures_size:
        st.is_full = 1
        return
    it = failure_at(st.failures, st.failures_used)
    it.worker, it.count, it.next = who, 1, task.failures
    task.failures = st.failures_used
    st.failures_used += 1


@inlined
def first_ready(st: Any, stage: int) -> int:
    """Find the one worker to reserve in a stage for a task that nobody has failed to take.

    NOBODY when none is ready, SEVERAL where more than one is to be looked at.
    """
    number = stage_at(st.stages, stage).supply
    supply, root = supply_at(st.supplies, number), long_at(st.roots, st.lines_size + number).value
    if root < 0:
        return NOBODY
    if supply.most != 1 or supply.unsortable != 0:
        return SEVERAL
    return edge_at(st.edges, root - st.tasks_size).worker


@compiled
def choose_workers(st: Any, row: int) -> int:
    """Choose the workers to reserve for a waiting task now, into `chosen`; how many they are."""
    task = task_at(st.tasks, row)
    number = stage_at(st.stages, task.stage).supply
    supply, heap, first_node = supply_at(st.supplies, number), st.lines_size + number, st.tasks_size
    first = first_ready(st, task.stage)
    if first == NOBODY:
        return 0
    if first >= 0 and task.failures < 0:
        long_at(st.chosen, 0).value = first
        return 1
    taken = found = 0
    while long_at(st.roots, heap).value >= 0 and (supply.unsortable > 0 or found < supply.most):
        node = long_at(st.roots, heap).value
        remove(st.nodes, st.roots, heap, node)
        asked_at(st.asked, taken).node, asked_at(st.asked, taken).failures = (
            node,
            _failures(st, row, edge_at(st.edges, node - first_node).worker),
        )
        found += asked_at(st.asked, taken).failures == 0
        taken += 1
    if supply.unsortable > 0:
        _sort_by_idle_time(st, taken)
    size, failures = _pick(st, taken, supply.most, 0, 0), 1
    while size < supply.most and failures > 0:
        failures = _least_above(st, taken, failures - 1)
        if failures > 0:
            size = _pick(st, taken, supply.most, size, failures)
            failures += 1
    for i in range(taken):
        node = asked_at(st.asked, i).node
        insert(st.nodes, st.roots, heap, node, node_at(st.nodes, node).key)
    return size


@compiled
def _pick(st: Any, taken: int, most: int, size: int, failures: int) -> int:
    """Choose of those that were asked whoever has failed so often, in order: how many are chosen then."""
    for i in range(taken):
        if size < most and asked_at(st.asked, i).failures == failures:
            long_at(st.chosen, size).value = edge_at(st.edges, asked_at(st.asked, i).node - st.tasks_size).worker
            size += 1
    return size


@compiled
def _least_above(st: Any, taken: int, failures: int) -> int:
    """Find the least number of failures above this one, or 0."""
    least = 0
    for i in range(taken):
        if asked_at(st.asked, i).failures > failures and (least == 0 or asked_at(st.asked, i).failures < least):
            least = asked_at(st.asked, i).failures
    return least


@compiled
def _sort_by_idle_time(st: Any, taken: int) -> None:
    """Sort those that were asked as if there were no `order_by`: it is ignored while it cannot sort one of them."""
    for i in range(1, taken):
        node, failures, j = asked_at(st.asked, i).node, asked_at(st.asked, i).failures, i
        idle = node_at(st.nodes, node).key & IDLE
        while j > 0 and (node_at(st.nodes, asked_at(st.asked, j - 1).node).key & IDLE) > idle:
            asked_at(st.asked, j).node, asked_at(st.asked, j).failures = (
                asked_at(st.asked, j - 1).node,
                asked_at(st.asked, j - 1).failures,
            )
            j -= 1
        asked_at(st.asked, j).node, asked_at(st.asked, j).failures = node, failures
