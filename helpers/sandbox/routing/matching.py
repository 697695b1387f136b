"""Who could take what: the members of a queue, the order in which tasks and workers come up (behaviour.md §7).

Two lists a queue keep this cheap. `waiting` holds its pending tasks, `ready` the members that could take a task of
one channel now; both are in order, so that a match looks at the front, whatever the size of the workspace.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from heapq import merge

from sortedcontainers import SortedKeyList

from .configuration import Target
from .entities import Task, TaskQueue, Worker
from .expressions import time_names
from .state import State


def waiting_list(queue: TaskQueue) -> SortedKeyList:
    """An empty list of waiting tasks in the order of this queue.

    FIFO: priority first, then the oldest `virtual_start_time`. LIFO: the newest first, whatever its priority.
    """
    if queue.task_order == "LIFO":
        return SortedKeyList(key=newest_first)
    return SortedKeyList(key=most_urgent_first)


def most_urgent_first(task: Task) -> tuple:
    return (-task.priority, task.virtual_start_time, task.number)


def newest_first(task: Task) -> tuple:
    return (-task.date_created, -task.number)


# members


def join_queues(state: State, worker: Worker) -> None:
    """Make a worker a member of every queue whose expression matches its attributes, and of no other."""
    unlist(state, worker)
    for queue in worker.queues:
        del queue.members[worker.sid]
    worker.queues = [q for q in state.task_queues.values() if q.expression.matches(worker.names)]
    for queue in worker.queues:
        queue.members[worker.sid] = worker
    enlist(state, worker)


def gather_members(state: State, queue: TaskQueue) -> None:
    """Find the members of a queue that is new, or whose expression has changed."""
    for worker in queue.members.values():
        worker.queues.remove(queue)
    queue.members = {w.sid: w for w in state.workers.values() if queue.expression.matches(w.names)}
    for worker in queue.members.values():
        worker.queues.append(queue)
    queue.ready = {}
    for channel_sid in {task.task_channel_sid for task in queue.waiting}:
        ready_list(state, queue, channel_sid)


def disband(queue: TaskQueue) -> None:
    """A queue that is deleted has no members."""
    for worker in queue.members.values():
        worker.queues.remove(queue)
    queue.members.clear()


# who is ready


def can_take(state: State, worker: Worker, task_channel_sid: str) -> bool:
    """Could this worker be given a task of that channel now?

    The activity is available, no reservation awaits an answer (rest-contract.md §9.2), and there is room: one task
    at a time in a single-tasking workspace, the channel's capacity in a multitasking one.
    """
    if not state.activity_of(worker).available:
        return False
    if any(r.reservation_status == "pending" for r in worker.open.values()):
        return False
    channel = worker.channels[task_channel_sid]
    if not channel.available or channel.used >= channel.configured_capacity:
        return False
    return state.workspace.multi_task_enabled or not worker.open


def ready_list(state: State, queue: TaskQueue, task_channel_sid: str) -> SortedKeyList:
    """The queue's members that can take a task of that channel, longest idle first; made when first asked for."""
    if task_channel_sid not in queue.ready:
        if state.task_channels[task_channel_sid].channel_optimized_routing:
            key = lambda w: (w.channels[task_channel_sid].last_reserved, w.number)  # noqa: E731
        else:
            key = lambda w: (w.last_reserved, w.number)  # noqa: E731
        members = (w for w in queue.members.values() if task_channel_sid in w.listed)
        queue.ready[task_channel_sid] = SortedKeyList(members, key=key)
    return queue.ready[task_channel_sid]


def unlist(state: State, worker: Worker) -> None:
    """Take a worker off all ready lists: before anything changes that decides on its place there."""
    for queue in worker.queues:
        for channel_sid, ready in queue.ready.items():
            if channel_sid in worker.listed:
                ready.remove(worker)
    worker.listed = frozenset()


def enlist(state: State, worker: Worker) -> None:
    """Put a worker on the ready lists where it belongs now."""
    worker.listed = frozenset(sid for sid in worker.channels if can_take(state, worker, sid))
    for queue in worker.queues:
        for channel_sid, ready in queue.ready.items():
            if channel_sid in worker.listed:
                ready.add(worker)


@contextmanager
def changing(state: State, worker: Worker) -> Iterator[None]:
    """Around any change that decides on a worker's place: off the ready lists, and back on as it is afterwards."""
    unlist(state, worker)
    try:
        yield
    finally:
        enlist(state, worker)
        if worker.listed:
            state.freed[worker.sid] = worker


# choosing


def choose_workers(state: State, task: Task) -> list[Worker]:
    """The workers to reserve for a waiting task now: none, one, or up to the queue's `max_reserved_workers`."""
    queue, target = state.queue_of(task), state.target_of(task)
    if target.worker_sid:
        worker = state.workers[target.worker_sid]
        free = task.ignore_capacity or can_take(state, worker, task.task_channel_sid)
        return [worker] if free else []
    chosen: list[Worker] = []
    for worker in _candidates(state, task, queue, target):
        chosen.append(worker)
        if len(chosen) == queue.max_reserved_workers:
            break
    return chosen


def _candidates(state: State, task: Task, queue: TaskQueue, target: Target) -> Iterator[Worker]:
    ready = ready_list(state, queue, task.task_channel_sid)
    if not ready:
        return
    suited: Iterator[Worker] = (w for w in ready if suits(state, task, target, w))
    if target.order_by is not None:
        order = target.order_by
        suited = iter(sorted(suited, key=lambda w: order.key(state.names_of_worker(w))))
    yield from suited


def suits(state: State, task: Task, target: Target, worker: Worker) -> bool:
    """Is this worker one that the routing step asks for (behaviour.md §5.1, §5.4)?"""
    if target.worker_sid:
        return worker.sid == target.worker_sid
    if target.known_worker_sid or target.known_worker_name:
        names = {"task": task.names}
        if target.known_worker_sid and worker.sid != target.known_worker_sid(names):
            return False
        if target.known_worker_name and worker.friendly_name != target.known_worker_name(names):
            return False
    if target.expression is None:
        return True
    names = {"task": task.names, "worker": state.names_of_worker(worker), **time_names(state.now)}
    return target.expression.matches(names)


def tasks_for(state: State, worker: Worker) -> Iterator[Task]:
    """Waiting tasks that this worker could take, the one that comes first at the front.

    The workspace's `prioritize_queue_order` says which kind of queue goes first; among queues of a kind the order is
    that of the tasks (behaviour.md §7).
    """
    busy = [queue for queue in worker.queues if queue.waiting]
    if not busy:
        return
    kinds = ("FIFO", "LIFO") if state.workspace.prioritize_queue_order == "FIFO" else ("LIFO", "FIFO")
    for kind in kinds:
        lists = [queue.waiting for queue in busy if queue.task_order == kind]
        for task in merge(*lists, key=most_urgent_first if kind == "FIFO" else newest_first):
            if task.task_channel_sid in worker.listed and suits(state, task, state.target_of(task), worker):
                yield task


def count_workers(state: State, queue: TaskQueue) -> dict[str, int | float]:
    """`workers.available`, `workers.unavailable` and `workers.<WA sid>` of a queue (behaviour.md §5.3)."""
    counts: dict[str, int | float] = dict.fromkeys(state.activities, 0) | {"available": 0, "unavailable": 0}
    for worker in queue.members.values():
        activity = state.activity_of(worker)
        counts[activity.sid] += 1
        counts["available" if activity.available else "unavailable"] += 1
    return counts
