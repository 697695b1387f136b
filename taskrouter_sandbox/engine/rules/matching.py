"""Which workers a waiting task asks for, who comes first, and who is chosen (behaviour.md §7)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from ...language import expressions
from ...language.expressions import time_names
from ...language.workflow_configuration import Target
from ..model.entities import FAILED, Order, Task, TaskQueue, Worker
from ..model.known_worker import known_worker, named_worker
from ..model.state import State
from ..model.task_lines import ANYONE, Demand, Key, TaskLines
from .queue_members import ready_list


def most_urgent_first(task: Task) -> Key:
    """Sort tasks of a FIFO queue: by priority, then the oldest `virtual_start_time` (behaviour.md §7)."""
    return (-task.priority, task.virtual_start_time, task.number)


def newest_first(task: Task) -> Key:
    """Sort tasks of a LIFO queue: the newest `virtual_start_time` first, whatever its priority (behaviour.md §7)."""
    return (-task.virtual_start_time, -task.number)


SORT_KEYS: dict[Order, Callable[[Task], Key]] = {"FIFO": most_urgent_first, "LIFO": newest_first}


def new_lines(queue: TaskQueue) -> TaskLines[Task]:
    """Make empty lines in the order of a queue."""
    return TaskLines(SORT_KEYS[queue.task_order])


def demand_of(task: Task) -> Demand:
    """Tell which workers a task asks for in its present step: one by name or SID, those of an expression, or anyone."""
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
    """Find the SID of the one worker that the task was sent to: by a transfer under way, or by its RoutingTarget."""
    target = task.transfer.transfer_to if task.transfer else task.routing_target
    return target if target is not None and target.startswith("WK") else None


def ignores_capacity(task: Task) -> bool:
    """Tell whether a task for one worker is given to it at once, whatever it is doing (rest-contract.md §4.4).

    So it is with a transfer, where sources say nothing: that is how a task for a worker is given unless told otherwise.
    """
    return task.ignore_capacity or task.transfer is not None


def wait(state: State, task: Task) -> None:
    """Let a pending task wait in its queue."""
    demand = task.demand = demand_of(task)
    state.queue_of(task).waiting.add(task, task.task_channel_sid, demand)
    state.waiting += 1
    if wanted := direct_worker(task):
        state.direct.setdefault(wanted, {})[task.sid] = task


def wait_no_longer(state: State, task: Task) -> None:
    """Take a pending task out of its queue, before anything changes that decides on its place there."""
    assert task.demand is not None
    state.queue_of(task).waiting.discard(task, task.task_channel_sid, task.demand)
    state.waiting -= 1
    task.demand = None
    if wanted := direct_worker(task):
        del state.direct[wanted][task.sid]


def urgency(state: State, task: Task) -> tuple[bool, Key]:
    """Give the sort key of a waiting task among those that compete for a worker, least first.

    The workspace's `prioritize_queue_order` says which kind of queue is served first; among queues of a kind the order
    is that of the tasks (behaviour.md §7).
    """
    queue = state.queue_of(task)
    return queue.task_order != state.workspace.prioritize_queue_order, queue.waiting.sort_key(task)


def choose_workers(state: State, task: Task) -> list[Worker]:
    """Choose the workers to reserve for a waiting task now: at most the queue's `max_reserved_workers`.

    Longest idle first; by `order_by` equal ones stay in that order (behaviour.md §6.4, §7). Whoever has not taken the
    task when it was offered comes after the others (§2.2).
    """
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
    if task.demand.key is None and target.order_by is None and not task.attempts:
        if queue.max_reserved_workers == 1:
            return [ready[0]] if ready else []
        return ready[: queue.max_reserved_workers]
    chosen: list[Worker] = []
    takers: Iterable[Worker] = (worker for worker in ready if meets(state, task, target, worker))
    if target.order_by is not None:
        takers = target.order_by.sort(takers, state.names_of_worker)
    for worker in _next_first(task, takers) if task.attempts else takers:
        chosen.append(worker)
        if len(chosen) == queue.max_reserved_workers:
            break
    return chosen


def _next_first(task: Task, workers: Iterable[Worker]) -> Iterator[Worker]:
    """Give workers in their order, but those last who have failed to take this task, the most often at the end."""
    failures = Counter(r.worker_sid for r in task.reservations.values() if r.reservation_status in FAILED)
    asked: list[Worker] = []
    for worker in workers:
        if worker.sid in failures:
            asked.append(worker)
        else:
            yield worker
    yield from sorted(asked, key=lambda worker: failures[worker.sid])


def meets(state: State, task: Task, target: Target, worker: Worker) -> bool:
    """Tell whether a worker meets the target expression of a step, at the time of the match (behaviour.md §5.1).

    A task that is passed on is not offered to a worker who is at work on it.
    """
    if target.expression is None:
        return not any(r.worker_sid == worker.sid and r.reservation_status == "accepted" for r in task.open.values())
    names = {"task": task.parsed_attributes, "worker": state.names_of_worker(worker)}
    if expressions.reads_time(target.expression):
        names |= time_names(state.now)
    return target.expression.matches(names)


def next_task(state: State, worker: Worker) -> Task | None:
    """Find the waiting task that comes first of those that this worker could take now, or None."""
    best: Task | None = None
    least: tuple[bool, Key] | None = None
    for task in _fronts(state, worker):
        place = urgency(state, task)
        if least is None or place < least:
            best, least = task, place
    return best


def _fronts(state: State, worker: Worker) -> Iterator[Task]:
    """Give the first task of each line that this worker could serve."""
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
