"""The workspace of a day: its snapshot, and the engine with what that says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import partial
from itertools import count
from pathlib import Path

from ..engine import WorkspaceEngine
from ..engine.model.entities import Workspace
from ..engine.model.errors import TaskRouterError
from ..engine.model.limits import WorkspaceLimits
from ..snapshot import Snapshot, SnapshotError, load
from ..snapshot.references import completed, with_queues
from .errors import RehearsalError
from .observer import DayObserver

LIMITS = WorkspaceLimits(kept_after_end=0)


def snapshot_of(workspace: Snapshot | str | Path) -> Snapshot:
    """Give a snapshot, from a file where that is named. Raises RehearsalError."""
    if isinstance(workspace, str | Path):
        try:
            return load(workspace)
        except SnapshotError as error:
            is_sid = re.fullmatch("WS[0-9a-f]{32}", str(workspace))
            hint = "; read it first, by `taskrouter_sandbox.snapshot.read(client, sid)`" if is_sid else ""
            raise RehearsalError(f"workspace: {error}{hint}") from None
    if not isinstance(workspace, Snapshot):  # pyright: ignore[reportUnnecessaryIsInstance]
        text = "give a snapshot, the path of one, or what `taskrouter_sandbox.snapshot.read(client, sid)` gives"
        raise RehearsalError(f"workspace is {type(workspace).__name__}: {text}")
    return workspace


def engine_of(
    snapshot: Snapshot, now: int, activities: Mapping[str, str], observer: type[DayObserver] = DayObserver
) -> tuple[WorkspaceEngine, DayObserver]:
    """Make a workspace in an engine of its own, at `now`, that calls nobody.

    activities: of workers who begin in another activity than the snapshot says, by name; observer: makes whoever is
    told what the rules do. Raises RehearsalError for what TaskRouter would refuse, such as too many workers.
    """
    try:
        return _engine_of(snapshot, now, activities, observer)
    except TaskRouterError as error:
        raise RehearsalError(f"workspace: {error}") from None


def _engine_of(
    snapshot: Snapshot, now: int, activities: Mapping[str, str], observer: type[DayObserver]
) -> tuple[WorkspaceEngine, DayObserver]:
    whole, numbers = completed(snapshot), count(1)
    asked = whole.workspace
    engine = WorkspaceEngine(
        Workspace(
            sid="WS" + "0" * 32,
            date_created=now,
            date_updated=now,
            friendly_name=asked.friendly_name,
            multi_task_enabled=asked.multi_task_enabled,
            prioritize_queue_order=asked.prioritize_queue_order,
        ),
        "AC" + "0" * 32,
        lambda letters: f"{letters}{next(numbers):032x}",
        limits=LIMITS,
        observer=partial(observer, begins=now),
        keeps_changes=False,
    )
    made: dict[str, str] = {}
    for each in whole.activities:
        activity = engine.activities.create(now, friendly_name=each.friendly_name, available=each.available)
        made[each.friendly_name] = activity.sid
    engine.update(
        now, default_activity_sid=made[asked.default_activity], timeout_activity_sid=made[asked.timeout_activity]
    )
    for channel in whole.task_channels:
        engine.task_channels.create(
            now,
            friendly_name=channel.friendly_name,
            unique_name=channel.unique_name,
            channel_optimized_routing=channel.channel_optimized_routing,
        )
    queues = {
        each.friendly_name: engine.task_queues.create(
            now,
            friendly_name=each.friendly_name,
            target_workers=each.target_workers,
            max_reserved_workers=each.max_reserved_workers,
            task_order=each.task_order,
            reservation_activity_sid=made[each.reservation_activity] if each.reservation_activity else None,
            assignment_activity_sid=made[each.assignment_activity] if each.assignment_activity else None,
        ).sid
        for each in whole.task_queues
    }
    for flow in whole.workflows:
        engine.workflows.create(
            now,
            friendly_name=flow.friendly_name,
            configuration=json.dumps(with_queues(flow.configuration, queues.__getitem__)),
            task_reservation_timeout=flow.task_reservation_timeout,
        )
    for part in whole.workers:
        name = activities.get(part.friendly_name) or part.activity or asked.default_activity
        worker = engine.workers.create(
            now,
            friendly_name=part.friendly_name,
            attributes=json.dumps(part.attributes),
            activity_sid=made[name],
        )
        for channel in worker.channels.values():
            if share := part.channels.get(engine.state.task_channels[channel.task_channel_sid].unique_name):
                engine.worker_channels.update(now, channel, capacity=share.capacity, available=share.available)
    made_observer = engine.state.observer
    assert isinstance(made_observer, DayObserver)
    return engine, made_observer
