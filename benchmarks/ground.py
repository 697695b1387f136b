"""What the benchmarks share: a workspace of any size, and SIDs that cost nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.entities import Activity
from taskrouter_sandbox.engine.model.limits import WorkspaceLimits

START = 1_700_000_000_000
NO_LIMITS = WorkspaceLimits(workers=sys.maxsize)  # how it grows is measured far beyond what the service allows


def counted_sids() -> Callable[[str], str]:
    """Makes SIDs from their two letters, one after the other."""
    numbers = count(1)
    return lambda letters: letters + str(next(numbers)).zfill(32)


def new_engine(limits: WorkspaceLimits = NO_LIMITS, **settings) -> tuple[WorkspaceEngine, Activity]:
    """An empty multitasking workspace, and its available activity."""
    engine = WorkspaceEngine.create(
        START, "AC" + "0" * 32, counted_sids(), friendly_name="B", limits=limits, **settings
    )
    return engine, next(a for a in engine.state.activities.values() if a.available)


def workspace_of(workers: int, queues: int, keep: bool = False) -> WorkspaceEngine:
    """Workers spread over queues by skill, the last queues first, so that each is in one; a filter for each queue.

    keep: leave the effects of making it to be taken.
    """
    engine, available = new_engine()
    made = [
        engine.task_queues.create(START, friendly_name=f"Queue {i}", target_workers=f"skill == {i}")
        for i in range(queues)
    ]
    filters = [{"expression": f"skill == {i}", "targets": [{"queue": queue.sid}]} for i, queue in enumerate(made)]
    configuration = json.dumps({"task_routing": {"filters": filters}})
    engine.workflows.create(START, friendly_name="Flow", configuration=configuration)
    for i in range(workers):
        engine.workers.create(
            START,
            friendly_name=f"Worker {i}",
            attributes=json.dumps({"skill": queues - 1 - i % queues, "level": i % 7}),
            activity_sid=available.sid,
        )
    if not keep:
        engine.drain()
    return engine
