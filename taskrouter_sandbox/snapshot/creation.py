"""Make a workspace of a snapshot, with the REST API and any `twilio` client."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urljoin

from .format import Snapshot, SnapshotError
from .references import with_queues


def create(client: Any, snapshot: Snapshot, *, callbacks: str | None = None) -> Any:
    """Make a new workspace as a snapshot says, and give its instance.

    client: a `twilio.rest.Client`; callbacks: where addresses lead that begin with a slash, as in
    `https://example.com`. Events of the making are not reported. Raises SnapshotError where an address needs
    `callbacks`, and TwilioRestException for what the service refuses.
    """
    urls = _Urls(callbacks)
    asked = snapshot.workspace
    event_callback_url = urls.of("workspace.event_callback_url", asked.event_callback_url)
    addresses = [
        (
            urls.of(f"workflows[{i}].assignment_callback_url", flow.assignment_callback_url),
            urls.of(f"workflows[{i}].fallback_assignment_callback_url", flow.fallback_assignment_callback_url),
        )
        for i, flow in enumerate(snapshot.workflows)
    ]
    workspace = client.taskrouter.v1.workspaces.create(
        friendly_name=asked.friendly_name,
        multi_task_enabled=asked.multi_task_enabled,
        prioritize_queue_order=asked.prioritize_queue_order,
    )
    activities = _activities(workspace, snapshot)
    _channels(workspace, snapshot)
    queues = _queues(workspace, snapshot, activities)
    for flow, (url, fallback) in zip(snapshot.workflows, addresses, strict=True):
        workspace.workflows.create(
            friendly_name=flow.friendly_name,
            configuration=json.dumps(with_queues(flow.configuration, queues.__getitem__)),
            task_reservation_timeout=flow.task_reservation_timeout,
            **_given(assignment_callback_url=url, fallback_assignment_callback_url=fallback),
        )
    _workers(workspace, snapshot, activities)
    if event_callback_url or asked.events_filter:
        events_filter = ",".join(asked.events_filter)
        workspace = workspace.update(**_given(event_callback_url=event_callback_url, events_filter=events_filter))
    return workspace.fetch()


class _Urls:
    def __init__(self, base: str | None):
        self.base = base

    def of(self, place: str, url: str) -> str:
        """Complete an address that begins with a slash. Raises SnapshotError where nothing says where it leads."""
        if not url.startswith("/"):
            return url
        if self.base is None:
            raise SnapshotError(f"{place} is {url!r}: say where it leads, as in callbacks='https://example.com'")
        return urljoin(self.base, url)


def _given(**settings: str) -> dict[str, str]:
    """Leave out what is empty: the service refuses an empty address."""
    return {name: value for name, value in settings.items() if value}


def _activities(workspace: Any, snapshot: Snapshot) -> dict[str, str]:
    """Make the activities, and remove those of a new workspace that the snapshot does not have; SIDs by name.

    Whether one is available cannot be changed, so another takes the place of one that is wrong there.
    """
    there = {each.friendly_name: each for each in workspace.activities.list()}
    if not snapshot.activities:
        return {name: each.sid for name, each in there.items()}
    made: dict[str, str] = {}
    spare = dict(there)
    for asked in snapshot.activities:
        found = there.get(asked.friendly_name)
        if found is not None and found.available == asked.available:
            made[asked.friendly_name] = spare.pop(asked.friendly_name).sid
            continue
        if found is not None:
            found.update(friendly_name=f"{asked.friendly_name} (replaced)")
        made[asked.friendly_name] = workspace.activities.create(asked.friendly_name, available=asked.available).sid
    workspace.update(
        default_activity_sid=made[snapshot.workspace.default_activity],
        timeout_activity_sid=made[snapshot.workspace.timeout_activity],
    )
    for each in spare.values():
        each.delete()
    return made


def _channels(workspace: Any, snapshot: Snapshot) -> None:
    if not snapshot.task_channels:
        return
    there = {each.unique_name: each for each in workspace.task_channels.list()}
    for asked in snapshot.task_channels:
        settings = {
            "friendly_name": asked.friendly_name,
            "channel_optimized_routing": asked.channel_optimized_routing,
        }
        found = there.get(asked.unique_name)
        if found is None:
            workspace.task_channels.create(unique_name=asked.unique_name, **settings)
        elif any(getattr(found, name) != value for name, value in settings.items()):
            found.update(**settings)


def _queues(workspace: Any, snapshot: Snapshot, activities: dict[str, str]) -> dict[str, str]:
    """Make the queues; SIDs by name."""
    return {
        asked.friendly_name: workspace.task_queues.create(
            friendly_name=asked.friendly_name,
            target_workers=asked.target_workers,
            max_reserved_workers=asked.max_reserved_workers,
            task_order=asked.task_order,
            **_given(
                reservation_activity_sid=activities.get(asked.reservation_activity or "", ""),
                assignment_activity_sid=activities.get(asked.assignment_activity or "", ""),
            ),
        ).sid
        for asked in snapshot.task_queues
    }


def _workers(workspace: Any, snapshot: Snapshot, activities: dict[str, str]) -> None:
    for asked in snapshot.workers:
        worker = workspace.workers.create(
            friendly_name=asked.friendly_name,
            attributes=json.dumps(asked.attributes),
            **_given(activity_sid=activities[asked.activity] if asked.activity else ""),
        )
        if not asked.channels:
            continue
        for channel in worker.worker_channels.list():
            wanted = asked.channels.get(channel.task_channel_unique_name)
            if wanted is not None and (channel.configured_capacity, channel.available) != (
                wanted.capacity,
                wanted.available,
            ):
                channel.update(capacity=wanted.capacity, available=wanted.available)
