"""Who gets what, worked out in the most naive way: from the resources alone, with loops over everything.

It shares nothing with the engine but the resources and the expression language (behaviour.md §5.1, §7).
"""

from __future__ import annotations

import json
from typing import Any

from taskrouter_sandbox.engine.model.entities import Reservation, Task, Worker
from taskrouter_sandbox.engine.model.state import State
from taskrouter_sandbox.language import expressions


def next_match(state: State) -> tuple[Task, list[Worker]] | None:
    """The waiting task that comes first of those that anybody can take, and who is to be reserved for it."""
    waiting = [task for task in state.tasks.values() if task.assignment_status == "pending"]
    for task in sorted(waiting, key=lambda task: _place(state, task)):
        takers = [worker for worker in state.workers.values() if can_take(state, worker, task)]
        if takers:
            takers.sort(key=lambda worker: _turn(state, worker, task))
            if wanted := step_of(state, task).get("order_by"):
                takers = expressions.parse_order(wanted).sort(takers, lambda worker: _seen(state, worker))
            takers.sort(key=lambda worker: _failures(state, worker, task))
            return task, takers[: state.task_queues[task.task_queue_sid].max_reserved_workers]
    return None


def _failures(state: State, worker: Worker, task: Task) -> int:
    """How often this worker was offered the task, and did not take it."""
    made = [r for r in state.reservations.values() if (r.task_sid, r.worker_sid) == (task.sid, worker.sid)]
    return sum(r.reservation_status in ("rejected", "timeout", "canceled") for r in made)


def _place(state: State, task: Task) -> tuple:
    order = state.task_queues[task.task_queue_sid].task_order
    number = list(state.tasks).index(task.sid)
    place = (
        (-task.priority, task.virtual_start_time, number) if order == "FIFO" else (-task.virtual_start_time, -number)
    )
    return order != state.workspace.prioritize_queue_order, place


def _turn(state: State, worker: Worker, task: Task) -> tuple:
    channel = _channel(state, worker, task.task_channel_sid)
    optimized = state.task_channels[task.task_channel_sid].channel_optimized_routing
    return (channel if optimized else worker).last_reserved, list(state.workers).index(worker.sid)


def step_of(state: State, task: Task) -> dict[str, Any]:
    """The routing step that a task is in, as it stands in the configuration."""
    if task.workflow_sid is None or task.filter_index == -2:
        return {}
    routing = _routing_of(state, task)
    if task.filter_index == -1:
        return routing["default_filter"]
    return routing["filters"][task.filter_index]["targets"][task.target_index]


def _routing_of(state: State, task: Task) -> dict[str, Any]:
    return json.loads(state.workflows[task.workflow_sid].revisions[task.revision])["task_routing"]


def places(state: State, task: Task) -> list[int]:
    """The filters that a task's attributes match, in their order; -1 is the default filter, which takes anything."""
    routing, names = _routing_of(state, task), json.loads(task.attributes)
    filters = enumerate(routing["filters"])
    found = [
        index
        for index, one in filters
        if expressions.parse(one["expression"], state.options.missing_attribute).matches(names)
    ]
    return found + ([-1] if "default_filter" in routing else [])


def queues_ahead(state: State, task: Task) -> set[str]:
    """Every queue that an unfinished task is in or may still come to."""
    if task.workflow_sid is None or task.filter_index == -2:
        return {task.task_queue_sid}
    routing = _routing_of(state, task)
    named = {target["queue"] for one in routing["filters"] for target in one["targets"]}
    return named | ({routing["default_filter"]["queue"]} if "default_filter" in routing else set())


def deadline(state: State, task: Task) -> int:
    """When something becomes of a task by itself (behaviour.md §2.1, §2.4); a transfer lets it begin anew."""
    if task.assignment_status in ("completed", "canceled"):
        return task.ended + 5 * 60 * 1000
    if task.assignment_status in ("assigned", "wrapping"):
        return task.assigned_at + 24 * 60 * 60 * 1000
    end = task.timeout
    begins = [task.date_created, *(t.date_updated for t in state.transfers.values() if t.task_sid == task.sid)]
    if task.assignment_status == "pending" and "timeout" in step_of(state, task):
        end = min(end, task.step_limit)
    return max(begins) + end * 1000


def open_reservations(state: State, worker: Worker) -> list[Reservation]:
    return [
        r
        for r in state.reservations.values()
        if r.worker_sid == worker.sid and r.reservation_status in ("pending", "accepted", "wrapping")
    ]


def _channel(state: State, worker: Worker, task_channel_sid: str):
    (channel,) = [
        c
        for c in state.worker_channels.values()
        if (c.worker_sid, c.task_channel_sid) == (worker.sid, task_channel_sid)
    ]
    return channel


def has_room(state: State, worker: Worker, task_channel_sid: str) -> bool:
    channel, open_ = _channel(state, worker, task_channel_sid), open_reservations(state, worker)
    if not state.activities[worker.activity_sid].available or not channel.available:
        return False
    if state.workspace.multi_task_enabled:
        return sum(r.task_channel_sid == task_channel_sid for r in open_) < channel.configured_capacity
    return channel.configured_capacity > 0 and not any(r.holds_worker for r in open_)


def _seen(state: State, worker: Worker) -> dict[str, Any]:
    channels = {}
    for channel in state.task_channels.values():
        own = _channel(state, worker, channel.sid)
        mine = [r for r in open_reservations(state, worker) if r.task_channel_sid == channel.sid]
        free = own.configured_capacity - len(mine)
        channels[channel.unique_name] = {
            "configured_capacity": own.configured_capacity,
            "assigned_tasks": sum(r.reservation_status == "accepted" for r in mine),
            "available_capacity_percentage": max(0, free * 100 // own.configured_capacity)
            if own.configured_capacity
            else 0,
        }
    return json.loads(worker.attributes) | {
        "sid": worker.sid,
        "friendly_name": worker.friendly_name,
        "activity_sid": worker.activity_sid,
        "activity_name": state.activities[worker.activity_sid].friendly_name,
        "channel": channels,
    }


def is_member(state: State, worker: Worker, task_queue_sid: str) -> bool:
    expression = expressions.parse(state.task_queues[task_queue_sid].target_workers, state.options.missing_attribute)
    return expression.matches(json.loads(worker.attributes))


def can_take(state: State, worker: Worker, task: Task) -> bool:
    """Could this worker be reserved for this waiting task now?"""
    if under_way := [t for t in state.transfers.values() if (t.task_sid, t.transfer_status) == (task.sid, "initiated")]:
        (to,) = [transfer.transfer_to for transfer in under_way]
        in_queue = is_member(state, worker, task.task_queue_sid) and has_room(state, worker, task.task_channel_sid)
        at_work = any(
            (r.task_sid, r.reservation_status) == (task.sid, "accepted") for r in open_reservations(state, worker)
        )
        return worker.sid == to or (in_queue and task.task_queue_sid == to and not at_work)
    if (task.routing_target or "").startswith("WK"):
        free = task.ignore_capacity or has_room(state, worker, task.task_channel_sid)
        return worker.sid == task.routing_target and free
    if not is_member(state, worker, task.task_queue_sid) or not has_room(state, worker, task.task_channel_sid):
        return False
    step, attributes = step_of(state, task), json.loads(task.attributes)
    for key, own in (("known_worker_sid", worker.sid), ("known_worker_friendly_name", worker.friendly_name)):
        if key in step and attributes.get(step[key].removeprefix("task.")) != own:
            return False
    names = {"task": attributes, "worker": _seen(state, worker)}
    return "expression" not in step or expressions.parse(step["expression"], state.options.missing_attribute).matches(
        names
    )
