"""Who could take what: the members of a queue, the order in which tasks and workers come up (behaviour.md §7).

Two lists a queue keep this cheap. `waiting` holds its pending tasks, `ready` the members that could take a task of
one channel now; both are in order, so that a match looks at the front, whatever the size of the workspace.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from sortedcontainers import SortedKeyList

from ..language import expressions
from ..language.expressions import time_names
from ..language.workflow_configuration import Target
from ..model.entities import Task, TaskQueue, Worker
from ..model.state import State

# members


def read_expression(queue: TaskQueue) -> None:
    """Parse a queue's `target_workers`, and note which attributes it reads: `a` of `a.b`."""
    queue.expression = expressions.parse(queue.target_workers)
    queue.reads = frozenset(path.partition(".")[0] for path in queue.expression.references)


def join_queues(state: State, worker: Worker, changed: set[str] | None = None) -> None:
    """Make a worker a member of every queue whose expression matches its attributes, and of no other.

    changed: names of the attributes that have changed; None for a worker that is new. Queues whose expression reads
    none of them are not looked at.
    """
    remove_ready(worker)
    for queue in state.task_queues.values():
        if changed is not None and changed.isdisjoint(queue.reads):
            continue
        belongs, member = queue.expression.matches(worker.parsed_attributes), worker.sid in queue.members
        if belongs and not member:
            _join(queue, worker)
        elif member and not belongs:
            _leave(queue, worker)
    add_ready(state, worker)


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
    """A worker that is deleted is in no queue."""
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
    state.pending.rematch |= {task.sid: task for task in queue.waiting}


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


def count_workers(state: State, queue: TaskQueue) -> dict[str, int | float]:
    """`workers.available`, `workers.unavailable` and `workers.<WA sid>` of a queue (behaviour.md §5.3)."""
    if queue.census is None:
        queue.census = Counter(worker.activity_sid for worker in queue.members.values())
    counts: dict[str, int | float] = {"available": 0, "unavailable": 0}
    for activity in state.activities.values():
        counts[activity.sid] = queue.census[activity.sid]
        counts["available" if activity.available else "unavailable"] += queue.census[activity.sid]
    return counts


# who is ready


def channels_with_room(state: State, worker: Worker) -> frozenset[str]:
    """The TaskChannels of which this worker could be given a task now (behaviour.md §2.3, §7).

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


def ready_list(state: State, queue: TaskQueue, task_channel_sid: str) -> SortedKeyList:
    """The queue's members that can take a task of that channel, longest idle first; made when first asked for.

    Longest idle is: the longest without a reservation, those that never had one first, then by creation
    (behaviour.md §7). `channel_optimized_routing` counts the reservations of that channel only.
    """
    ready = queue.ready.get(task_channel_sid)
    if ready is None:
        if state.task_channels[task_channel_sid].channel_optimized_routing:
            key = lambda w: (w.channels[task_channel_sid].last_reserved, w.number)  # noqa: E731
        else:
            key = lambda w: (w.last_reserved, w.number)  # noqa: E731
        members = (w for w in queue.members.values() if task_channel_sid in w.listed)
        ready = queue.ready[task_channel_sid] = SortedKeyList(members, key=key)
    return ready


def remove_ready(worker: Worker) -> None:
    """Take a worker off all ready lists: before anything changes that decides on its place there."""
    worker.view = None
    if not worker.listed:
        return
    for queue in worker.queues:
        for channel_sid, ready in queue.ready.items():
            if channel_sid in worker.listed:
                ready.remove(worker)
    worker.listed = frozenset()


def add_ready(state: State, worker: Worker) -> None:
    """Put a worker on the ready lists where it belongs now; it may find something there."""
    worker.listed = channels_with_room(state, worker)
    if not worker.listed:
        return
    for queue in worker.queues:
        for channel_sid, ready in queue.ready.items():
            if channel_sid in worker.listed:
                ready.add(worker)
    state.pending.freed_workers[worker.sid] = worker


def invalidate_view(state: State, worker: Worker) -> None:
    """What expressions see of a worker has changed, its place has not; it may find something that it did not meet."""
    worker.view = None
    if worker.listed:
        state.pending.freed_workers[worker.sid] = worker


class reindexing:
    """Around any change that decides on a worker's place: off the ready lists, and back on as it is afterwards."""

    __slots__ = ("state", "worker")

    def __init__(self, state: State, worker: Worker):
        self.state, self.worker = state, worker

    def __enter__(self) -> None:
        remove_ready(self.worker)

    def __exit__(self, *_: object) -> None:
        add_ready(self.state, self.worker)


# who waits


@dataclass(frozen=True, slots=True)
class Demand:
    """What a waiting task asks for. key: tasks with equal keys can be taken by the same workers, None by any member.

    worker: it asks for one worker, by ("sid" or "name", value), or ("direct", SID) when that worker is its
    RoutingTarget.
    """

    key: Hashable = None
    worker: tuple[str, str] | None = None


ANYONE = Demand()


def demand_of(state: State, task: Task) -> Demand:
    if wanted := direct_worker(task):
        return Demand(worker=("direct", wanted))
    if task.transfer:
        return Demand(task.sid)
    target = task.target
    if known := known_worker(task, target):
        return Demand(worker=known)
    if target.expression is None:
        return ANYONE
    read = {path.split(".")[1] for path in target.expression.references if path.startswith("task.")}
    values = tuple((name, json.dumps(task.parsed_attributes.get(name), sort_keys=True)) for name in sorted(read))
    return Demand((target.expression.text, values))


def direct_worker(task: Task) -> str | None:
    """SID of the one worker that the task was sent to: by a transfer that is under way, or by its RoutingTarget."""
    target = task.transfer.transfer_to if task.transfer else task.routing_target
    return target if target is not None and target.startswith("WK") else None


def ignores_capacity(task: Task) -> bool:
    """Is a task for one worker given to it at once, whatever it is doing (rest-contract.md §4.4)?

    So it is with a transfer, where sources say nothing: that is how a task for a worker is given unless told otherwise.
    """
    return task.ignore_capacity or task.transfer is not None


def known_worker(task: Task, target: Target) -> tuple[str, str] | None:
    """The one worker that a known-agent step asks for, as ("sid" or "name", value); None for any other step.

    A value that is no string asks for nobody.
    """
    for kind, read in (("sid", target.known_worker_sid), ("name", target.known_worker_name)):
        if read is not None:
            value = read({"task": task.parsed_attributes})
            return kind, value if isinstance(value, str) else ""
    return None


def wait(state: State, task: Task) -> None:
    """Let a pending task wait in its queue."""
    task.demand = demand_of(state, task)
    state.queue_of(task).waiting.add(task)
    if wanted := direct_worker(task):
        state.direct.setdefault(wanted, {})[task.sid] = task


def wait_no_longer(state: State, task: Task) -> None:
    """Take a pending task out of its queue, before anything changes that decides on its place there."""
    state.queue_of(task).waiting.discard(task)
    task.demand = None
    if wanted := direct_worker(task):
        del state.direct[wanted][task.sid]


# choosing


def urgency(state: State, task: Task) -> tuple:
    """Which waiting task comes first, of those that compete for a worker: the least one.

    The workspace's `prioritize_queue_order` says which kind of queue is served first; among queues of a kind the order
    is that of the tasks (behaviour.md §7).
    """
    queue = state.queue_of(task)
    return queue.task_order != state.workspace.prioritize_queue_order, queue.waiting.sort_key(task)


def choose_workers(state: State, task: Task) -> list[Worker]:
    """The workers to reserve for a waiting task now: none, one, or up to the queue's `max_reserved_workers`."""
    queue, target = state.queue_of(task), task.target
    assert task.demand is not None
    if task.demand.worker is not None:
        worker = named_worker(state, task.demand.worker)
        if worker is None:
            return []
        if direct_worker(task):
            return [worker] if ignores_capacity(task) or task.task_channel_sid in worker.listed else []
        free = worker.sid in queue.members and task.task_channel_sid in worker.listed
        return [worker] if free and meets(state, task, target, worker) else []
    ready = ready_list(state, queue, task.task_channel_sid)
    if task.demand.key is None and target.order_by is None:
        return ready[: queue.max_reserved_workers]
    chosen: list[Worker] = []
    for worker in _in_order(state, target, (w for w in ready if meets(state, task, target, w))):
        chosen.append(worker)
        if len(chosen) == queue.max_reserved_workers:
            break
    return chosen


def _in_order(state: State, target: Target, workers: Iterator[Worker]) -> Iterator[Worker]:
    """By `order_by`; equal workers stay in the order in which they are, longest idle first (behaviour.md §6.4)."""
    order = target.order_by
    if order is None:
        return workers
    return iter(sorted(workers, key=lambda w: order.key(state.names_of_worker(w))))


def named_worker(state: State, named: tuple[str, str]) -> Worker | None:
    """The worker that a demand names: by its SID, or by its exact friendly name."""
    kind, value = named
    if kind == "name":
        worker = state.workers.get(state.sid_by_name(Worker, value) or "")
        return worker if worker and worker.friendly_name == value else None
    return state.workers.get(value)


def meets(state: State, task: Task, target: Target, worker: Worker) -> bool:
    """Does a worker meet the target expression of a step (behaviour.md §5.1)? Time values are those of the match.

    A task that is passed on is not offered to a worker who is at work on it.
    """
    if target.expression is None:
        return not any(r.worker_sid == worker.sid and r.reservation_status == "accepted" for r in task.open.values())
    names = {"task": task.parsed_attributes, "worker": state.names_of_worker(worker)}
    if expressions.reads_time(target.expression):
        names |= time_names(state.now)
    return target.expression.matches(names)


def next_task(state: State, worker: Worker) -> Task | None:
    """The waiting task that comes first of those that this worker could take now, or None."""
    best: Task | None = None
    least: tuple = ()
    for task in _fronts(state, worker):
        place = urgency(state, task)
        if best is None or place < least:
            best, least = task, place
    return best


def _fronts(state: State, worker: Worker) -> Iterator[Task]:
    """Of each line that this worker could serve, the first task."""
    listed = worker.listed
    if not listed:
        return
    for queue in worker.queues:
        waiting = queue.waiting
        for (channel_sid, demand), line in waiting.by_demand.items():
            if channel_sid in listed:
                task = line[0]
                if demand is None or meets(state, task, task.target, worker):
                    yield task
        if waiting.by_worker:
            for named in (("sid", worker.sid), ("name", worker.friendly_name)):
                for task in waiting.by_worker.get(named, ()):
                    if task.task_channel_sid in listed and meets(state, task, task.target, worker):
                        yield task
                        break
    for task in state.direct.get(worker.sid, {}).values():
        if task.task_channel_sid in listed:
            yield task
