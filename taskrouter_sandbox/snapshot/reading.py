"""Read a workspace into a snapshot, with the REST API and any `twilio` client; nothing is changed there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

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
from .references import completed, is_usual, problems, with_queues

USUAL = WorkerChannelPart()
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Present:
    """A workspace as it is now. sid: None for one that is still to be made; sids: by kind and name."""

    sid: str | None
    snapshot: Snapshot
    sids: dict[tuple[str, str], str]


def _no_matter(done: int, total: int) -> None:
    pass


def read(client: Any, workspace_sid: str, *, progress: Progress = _no_matter) -> Snapshot:
    """Read how a workspace is configured; tasks are not read, nor the usual task channels, which need not be named.

    client: a `twilio.rest.Client`, also of a live account; progress: told how many workers are read, of how many, since
    each takes a request of its own, for its channels. Raises SnapshotError where something has no name of its own,
    and TwilioRestException where there is no such workspace.
    """
    found = look(client, workspace_sid, progress=progress).snapshot
    return replace(found, task_channels=[each for each in found.task_channels if not is_usual(each)])


def missing(wanted: Snapshot) -> Present:
    """Say how a workspace begins that is made as `wanted` says (rest-contract.md §7)."""
    asked = wanted.workspace
    workspace = WorkspacePart(asked.friendly_name, asked.multi_task_enabled, asked.prioritize_queue_order)
    return Present(None, completed(Snapshot(workspace=workspace)), {})


def look(client: Any, workspace_sid: str, *, progress: Progress = _no_matter) -> Present:
    """Read how a workspace is configured, and the SIDs of what is in it. Raises as `read` does."""
    workspace = client.taskrouter.v1.workspaces(workspace_sid).fetch()
    queues = _oldest_first(workspace.task_queues.list())
    activities = _oldest_first(workspace.activities.list())
    channels = _oldest_first(workspace.task_channels.list())
    workflows = _oldest_first(workspace.workflows.list())
    workers = _oldest_first(workspace.workers.list())
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
        activities=[ActivityPart(friendly_name=each.friendly_name, available=each.available) for each in activities],
        task_channels=[
            TaskChannelPart(
                unique_name=each.unique_name,
                friendly_name=each.friendly_name,
                channel_optimized_routing=each.channel_optimized_routing,
            )
            for each in channels
        ],
        task_queues=[
            TaskQueuePart(
                friendly_name=each.friendly_name,
                target_workers="1==1" if each.target_workers is None else each.target_workers,
                max_reserved_workers=each.max_reserved_workers,
                task_order=each.task_order,
                reservation_activity=each.reservation_activity_name or None,
                assignment_activity=each.assignment_activity_name or None,
            )
            for each in queues
        ],
        workflows=[
            WorkflowPart(
                friendly_name=each.friendly_name,
                configuration=with_queues(json.loads(each.configuration), lambda sid: names.get(sid, sid)),
                assignment_callback_url=each.assignment_callback_url or "",
                fallback_assignment_callback_url=each.fallback_assignment_callback_url or "",
                task_reservation_timeout=each.task_reservation_timeout,
            )
            for each in workflows
        ],
        workers=_workers(workers, progress),
    )
    if found := list(problems(snapshot)):
        raise SnapshotError("\n".join(f"workspace {workspace.friendly_name}: {problem}" for problem in found))
    kinds = {"activities": activities, "task_queues": queues, "workflows": workflows, "workers": workers}
    sids = {(kind, str(each.friendly_name)): str(each.sid) for kind, instances in kinds.items() for each in instances}
    sids |= {("task_channels", str(each.unique_name)): str(each.sid) for each in channels}
    return Present(workspace_sid, snapshot, sids)


def _oldest_first(instances: Iterable[Any]) -> list[Any]:
    return sorted(instances, key=lambda each: each.date_created)  # which leaves those of one second as they were listed


def _workers(workers: list[Any], progress: Progress) -> list[WorkerPart]:
    parts: list[WorkerPart] = []
    for worker in workers:
        parts.append(_worker(worker))
        progress(len(parts), len(workers))
    return parts


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
