"""Read a workspace into a snapshot, with the REST API and any `twilio` client; nothing is changed there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .format import (
    ActivityPart,
    Snapshot,
    SnapshotError,
    TaskChannelPart,
    TaskQueuePart,
    WorkerChannelPart,
    WorkerPart,
    WorkflowPart,
    WorkspacePart,
)
from .references import problems, with_queues

USUAL = WorkerChannelPart()


def read(client: Any, workspace_sid: str) -> Snapshot:
    """Read how a workspace is configured; tasks are not read.

    client: a `twilio.rest.Client`, also of a live account. Raises SnapshotError where something has no name of its own,
    and TwilioRestException where there is no such workspace.
    """
    workspace = client.taskrouter.v1.workspaces(workspace_sid).fetch()
    queues = workspace.task_queues.list()
    names = {queue.sid: str(queue.friendly_name) for queue in queues}
    snapshot = Snapshot(
        workspace=WorkspacePart(
            friendly_name=workspace.friendly_name,
            multi_task_enabled=workspace.multi_task_enabled,
            prioritize_queue_order=workspace.prioritize_queue_order,
            default_activity=workspace.default_activity_name,
            timeout_activity=workspace.timeout_activity_name,
            event_callback_url=workspace.event_callback_url or "",
            events_filter=[each.strip() for each in (workspace.events_filter or "").split(",") if each.strip()],
        ),
        activities=[
            ActivityPart(friendly_name=each.friendly_name, available=each.available)
            for each in _oldest_first(workspace.activities.list())
        ],
        task_channels=[
            TaskChannelPart(
                unique_name=each.unique_name,
                friendly_name=each.friendly_name,
                channel_optimized_routing=each.channel_optimized_routing,
            )
            for each in _oldest_first(workspace.task_channels.list())
        ],
        task_queues=[
            TaskQueuePart(
                friendly_name=each.friendly_name,
                target_workers=each.target_workers or "1==1",
                max_reserved_workers=each.max_reserved_workers,
                task_order=each.task_order,
                reservation_activity=each.reservation_activity_name or None,
                assignment_activity=each.assignment_activity_name or None,
            )
            for each in _oldest_first(queues)
        ],
        workflows=[
            WorkflowPart(
                friendly_name=each.friendly_name,
                configuration=with_queues(json.loads(each.configuration), lambda sid: names.get(sid, sid)),
                assignment_callback_url=each.assignment_callback_url or "",
                fallback_assignment_callback_url=each.fallback_assignment_callback_url or "",
                task_reservation_timeout=each.task_reservation_timeout,
            )
            for each in _oldest_first(workspace.workflows.list())
        ],
        workers=[_worker(each) for each in _oldest_first(workspace.workers.list())],
    )
    if found := list(problems(snapshot)):
        raise SnapshotError("\n".join(f"workspace {workspace.friendly_name}: {problem}" for problem in found))
    return snapshot


def _oldest_first(instances: Iterable[Any]) -> list[Any]:
    return sorted(instances, key=lambda each: each.date_created)  # which leaves those of one second as they were listed


def _worker(worker: Any) -> WorkerPart:
    channels = {
        str(each.task_channel_unique_name): WorkerChannelPart(
            capacity=each.configured_capacity, available=each.available
        )
        for each in worker.worker_channels.list()
    }
    return WorkerPart(
        friendly_name=worker.friendly_name,
        activity=worker.activity_name,
        attributes=json.loads(worker.attributes or "{}"),
        channels={name: each for name, each in channels.items() if each != USUAL},
    )
