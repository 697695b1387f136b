"""The members of each queue, and which of them could take a task now (behaviour.md §2.3, §7).

A queue has a ready list for each TaskChannel, in the order in which workers come up, so that a match looks at its
front, whatever the size of the workspace.
"""

from __future__ import annotations

from collections.abc import Callable

from sortedcontainers import SortedKeyList

from ...language import expressions
from ..model.entities import TaskQueue, Worker, WorkerChannel
from ..model.state import State


def read_expression(state: State, queue: TaskQueue) -> None:
    """Parse a queue's `target_workers`, and note which attributes it reads: `a` of `a.b`."""
    queue.expression = expressions.parse(queue.target_workers, state.options.missing_attribute)
    queue.reads = frozenset(path.partition(".")[0] for path in queue.expression.references)


def join_queues(state: State, worker: Worker, changed: set[str] | None = None) -> list[TaskQueue]:
    """Make a worker a member of every queue whose expression matches its attributes, and of no other.

    changed: names of the attributes that have changed; None for a worker that is new. Queues whose expression reads
    none of them are not looked at. Gives those that were, and that it does not belong to.
    """
    remove_ready(worker)
    others: list[TaskQueue] = []
    for queue in state.task_queues.values():
        if changed is not None and changed.isdisjoint(queue.reads):
            continue
        belongs, member = queue.expression.matches(worker.parsed_attributes), worker.sid in queue.members
        if belongs and not member:
            _join(queue, worker)
        elif member and not belongs:
            _leave(queue, worker)
        if not belongs:
            others.append(queue)
    add_ready(state, worker)
    return others


def _join(queue: TaskQueue, worker: Worker) -> None:
    queue.members[worker.sid] = worker
    worker.queues.append(queue)
    if queue.census is not None:
        queue.census[worker.activity_sid] += 1


def _leave(queue: TaskQueue, worker: Worker) -> None:
    del queue.members[worker.sid]
    worker.queues.remove(queue)
    if queue.census is not None:
        queue.census[worker.activity_sid] -= 1


def leave_all(worker: Worker) -> None:
    """Take a worker that is deleted out of all queues."""
    remove_ready(worker)
    for queue in list(worker.queues):
        _leave(queue, worker)


def rebuild_members(state: State, queue: TaskQueue) -> None:
    """Find the members of a queue that is new, or whose expression has changed; they may take what waits there."""
    clear_members(queue)
    queue.ready = {}
    for worker in state.workers.values():
        if queue.expression.matches(worker.parsed_attributes):
            _join(queue, worker)
    for task in queue.waiting:
        state.pending.look_again(task, "rematch")


def clear_members(queue: TaskQueue) -> None:
    """Take all members out of a queue."""
    for worker in list(queue.members.values()):
        _leave(queue, worker)


def enter_activity(state: State, worker: Worker, activity_sid: str) -> None:
    """Put a worker into another activity; to be called inside `reindexing`."""
    for queue in worker.queues:
        if queue.census is not None:
            queue.census[worker.activity_sid] -= 1
            queue.census[activity_sid] += 1
    worker.activity_sid = activity_sid
    worker.date_status_changed = state.now


def channels_with_room(state: State, worker: Worker) -> frozenset[str]:
    """Find the TaskChannels of which this worker could be given a task now (behaviour.md §2.3, §7).

    Its activity must be available. In a multitasking workspace a channel must be available and have capacity left;
    reservations come in parallel until it is used up (the API page of the worker channel, and an official test with
    three pending reservations, against rest-contract.md §9.2, where an audit saw one at a time).

    In a single-tasking workspace a capacity is only 0 or not, the activity decides: a worker gets one reservation, and
    the next one when it has been put into an available activity again, though its task may not be completed (so the
    quickstart gives Alice her second task, behaviour.md §1.3 step 2d).
    """
    if not state.activities[worker.activity_sid].available:
        return frozenset()
    channels = worker.channels.items()
    if not state.workspace.multi_task_enabled:
        if any(r.holds_worker for r in worker.open.values()):
            return frozenset()
        return frozenset([sid for sid, channel in channels if channel.available and channel.configured_capacity])
    return frozenset([sid for sid, c in channels if c.used < c.configured_capacity and c.available])


def ready_list(state: State, queue: TaskQueue, task_channel_sid: str) -> SortedKeyList[Worker]:
    """Give a queue's members that can take a task of that channel, longest idle first; made when first asked for.

    Longest idle is: the longest without a reservation, those that never had one first, then by creation
    (behaviour.md §7). `channel_optimized_routing` counts the reservations of that channel only.
    """
    ready = queue.ready.get(task_channel_sid)
    if ready is None:
        members = (w for w in queue.members.values() if task_channel_sid in w.listed)
        optimized = state.task_channels[task_channel_sid].channel_optimized_routing
        key = _idle_longest_in(task_channel_sid) if optimized else _idle_longest
        ready = queue.ready[task_channel_sid] = SortedKeyList(members, key=key)
    return ready


def _idle_longest(worker: Worker) -> tuple[int, int]:
    return worker.last_reserved, worker.number


def _idle_longest_in(task_channel_sid: str) -> Callable[[Worker], tuple[int, int]]:
    return lambda worker: (worker.channels[task_channel_sid].last_reserved, worker.number)


def remove_ready(worker: Worker) -> None:
    """Take a worker off all ready lists: before anything changes that decides on its place there."""
    worker.view = worker.noted = None
    if not worker.listed:
        return
    for queue in worker.queues:
        for channel_sid, ready in queue.ready.items():
            if channel_sid in worker.listed:
                ready.remove(worker)
    worker.listed = frozenset()


def add_ready(state: State, worker: Worker, listed: frozenset[str] | None = None) -> None:
    """Put a worker on the ready lists of its queues, and note that it may take a waiting task now.

    listed: SIDs of the TaskChannels of which it could take a task; found by `channels_with_room` when left out.
    """
    worker.listed = listed = channels_with_room(state, worker) if listed is None else listed
    if not listed:
        return
    for queue in worker.queues:
        for channel_sid, ready in queue.ready.items():
            if channel_sid in listed:
                ready.add(worker)
    state.pending.freed_workers[worker.sid] = worker


def free_channel(state: State, worker: Worker, channel: WorkerChannel) -> None:
    """Put a worker on the ready lists of a channel that uses less of its capacity; for multitasking workspaces."""
    worker.view = worker.noted = None
    sid = channel.task_channel_sid
    has_room = channel.available and channel.used < channel.configured_capacity
    if has_room and sid not in worker.listed and state.activities[worker.activity_sid].available:
        worker.listed |= {sid}
        for queue in worker.queues:
            if (ready := queue.ready.get(sid)) is not None:
                ready.add(worker)
    if worker.listed:
        state.pending.freed_workers[worker.sid] = worker


def invalidate_view(state: State, worker: Worker) -> None:
    """Forget what expressions saw of a worker whose place is the same; it may meet now what it did not meet before."""
    worker.view = worker.noted = None
    if worker.listed:
        state.pending.freed_workers[worker.sid] = worker


class reindexing:
    """A context for changes that decide on a worker's place: off the ready lists, and back on as it is afterwards."""

    __slots__ = ("state", "worker")

    def __init__(self, state: State, worker: Worker):
        self.state, self.worker = state, worker

    def __enter__(self) -> None:
        remove_ready(self.worker)

    def __exit__(self, *_: object) -> None:
        add_ready(self.state, self.worker)
