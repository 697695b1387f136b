"""The payloads of the SDK's second and third versions: shapes of their own, dates in seconds (agent-sdk.md §5)."""

from __future__ import annotations

from typing import Any

from ..engine.model.entities import (
    Activity,
    Entity,
    Reservation,
    Task,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
)
from ..engine.model.state import State, available_capacity_percentage

Payload = dict[str, Any]


def _common(state: State, entity: Entity) -> Payload:
    return {
        "account_sid": state.account_sid,
        "workspace_sid": state.workspace.sid,
        "sid": entity.sid,
        "date_created": entity.date_created // 1000,
        "date_updated": entity.date_updated // 1000,
    }


def worker(state: State, one: Worker) -> Payload:
    """Build a Worker."""
    activity = state.activity_of(one)
    return {
        **_common(state, one),
        "activity_name": activity.friendly_name,
        "activity_sid": activity.sid,
        "attributes": one.attributes,
        "available": activity.available,
        "date_status_changed": one.date_status_changed // 1000,
        "friendly_name": one.friendly_name,
        "version": one.version,
    }


def activity(state: State, one: Activity) -> Payload:
    """Build an Activity."""
    return {**_common(state, one), "available": one.available, "friendly_name": one.friendly_name}


def worker_channel(state: State, one: WorkerChannel) -> Payload:
    """Build a WorkerChannel; alone of all dates, `last_reserved_time` is in milliseconds."""
    return {
        **_common(state, one),
        "assigned_tasks": one.assigned,
        "available": int(one.available),
        "available_capacity_percentage": available_capacity_percentage(one),
        "configured_capacity": one.configured_capacity,
        "last_reserved_time": one.last_reserved,
        "task_channel_sid": one.task_channel_sid,
        "task_channel_unique_name": state.task_channels[one.task_channel_sid].unique_name,
        "worker_sid": one.worker_sid,
    }


def task(state: State, one: Task) -> Payload:
    """Build a Task."""
    queue = state.task_queues.get(one.task_queue_sid or "")
    workflow = state.workflow_of(one)
    return {
        **_common(state, one),
        "addons": one.addons,
        "age": one.age(state.now),
        "assignment_status": one.assignment_status,
        "attributes": one.attributes,
        "priority": one.priority,
        "queue_name": queue.friendly_name if queue else None,
        "queue_sid": one.task_queue_sid,
        "reason": one.reason,
        "routing_target": one.routing_target,
        "task_channel_sid": one.task_channel_sid,
        "task_channel_unique_name": state.task_channels[one.task_channel_sid].unique_name,
        "timeout": one.timeout,
        "version": one.version,
        "virtual_start_time": one.virtual_start_time // 1000,
        "workflow_name": workflow.friendly_name if workflow else None,
        "workflow_sid": one.workflow_sid,
    }


def reservation(state: State, one: Reservation) -> Payload:
    """Build a Reservation, as it answers a change: without its task, and without a transfer, on which SDKs stumble."""
    return {
        **_common(state, one),
        "reservation_status": one.reservation_status,
        "task_channel_sid": one.task_channel_sid,
        "task_sid": one.task_sid,
        "version": one.version,
        "worker_name": state.workers[one.worker_sid].friendly_name,
        "worker_previous_activity_sid": one.worker_previous_activity_sid,
        "worker_sid": one.worker_sid,
    }


def reservation_task(state: State, one: Reservation) -> Payload:
    """Build a ReservationTask, as events, lists and a fetch have it. What there is not must not be there as null."""
    its_task = state.tasks[one.task_sid]
    payload = reservation(state, one)
    payload["task"] = task(state, its_task)
    payload["reservation_timeout"] = (one.expires - one.date_created) // 1000
    if one.canceled_reason_code is not None:
        payload["canceled_reason_code"] = one.canceled_reason_code
    if one.transfer_sid in state.transfers:
        payload["task_transfer"] = transfer(state, state.transfers[one.transfer_sid])
    outgoing = its_task.transfer
    if outgoing is not None and outgoing.initiating_reservation_sid == one.sid:
        payload["active_outgoing_task_transfer"] = transfer(state, outgoing)
    return payload


def transfer(state: State, one: Transfer) -> Payload:
    """Build a Transfer."""
    return {
        **_common(state, one),
        "initiating_queue_sid": one.initiating_queue_sid,
        "initiating_reservation_sid": one.initiating_reservation_sid,
        "initiating_worker_sid": one.initiating_worker_sid,
        "initiating_workflow_sid": one.initiating_workflow_sid,
        "task_sid": one.task_sid,
        "transfer_failed_reason": one.transfer_failed_reason,
        "transfer_mode": one.transfer_mode,
        "transfer_status": one.transfer_status,
        "transfer_to": one.transfer_to,
        "transfer_type": one.transfer_type,
    }


def task_queue(state: State, one: TaskQueue) -> Payload:
    """Build a TaskQueue."""
    reserved = state.activities.get(one.reservation_activity_sid or "")
    assigned = state.activities.get(one.assignment_activity_sid or "")
    return {
        **_common(state, one),
        "assignment_activity_name": assigned.friendly_name if assigned else None,
        "assignment_activity_sid": one.assignment_activity_sid,
        "friendly_name": one.friendly_name,
        "lifo_queue": one.task_order == "LIFO",
        "max_reserved_workers": one.max_reserved_workers,
        "reservation_activity_name": reserved.friendly_name if reserved else None,
        "reservation_activity_sid": one.reservation_activity_sid,
        "target_workers": one.target_workers,
        "task_order": one.task_order,
    }
