"""Workspaces and days to rehearse."""

from __future__ import annotations

from typing import Any

import pytest

from taskrouter_sandbox.simulation import Rehearsal, StaffPlan
from taskrouter_sandbox.simulation.fast.compiled import why_not
from taskrouter_sandbox.snapshot import Snapshot
from taskrouter_sandbox.snapshot.format import ActivityPart, TaskQueuePart, WorkerPart, WorkflowPart, WorkspacePart

needs_the_fast_engine = pytest.mark.skipif(why_not is not None, reason=str(why_not))


def one_queue(workers: int, routing: dict[str, Any] | None = None) -> Snapshot:
    """A multitasking workspace with one queue for all."""
    return Snapshot(
        workspace=WorkspacePart("One queue"),
        task_queues=[TaskQueuePart("All")],
        workflows=[WorkflowPart("Flow", {"task_routing": routing or {"default_filter": {"queue": "All"}}})],
        workers=[WorkerPart(f"Worker {i}", "Available") for i in range(workers)],
    )


def team(escalates_after: int = 87) -> Snapshot:
    """A single-tasking workspace: Spanish callers wait for Alice first, then for anybody, then they are given up."""
    steps = [{"queue": "Spanish", "timeout": escalates_after}, {"queue": "Everyone", "timeout": 107}]
    filters = [{"filter_friendly_name": "Spanish", "expression": "language == 'es'", "targets": steps}]
    routing = {"filters": filters, "default_filter": {"queue": "Everyone"}}
    return Snapshot(
        workspace=WorkspacePart("Team", multi_task_enabled=False),
        activities=[ActivityPart("Offline"), ActivityPart("Idle", True), ActivityPart("Busy"), ActivityPart("Break")],
        task_queues=[
            TaskQueuePart("Spanish", "languages HAS 'es'", assignment_activity="Busy"),
            TaskQueuePart("Everyone", assignment_activity="Busy"),
        ],
        workflows=[WorkflowPart("Flow", {"task_routing": routing})],
        workers=[WorkerPart("Alice", "Idle", {"languages": ["es"]}), WorkerPart("Bob", "Idle")],
    )


def calls(**settings: Any) -> dict[str, Any]:
    """A class of Spanish calls, each of a minute."""
    return {"name": "Spanish", "attributes": {"language": "es"}, "talk": 60, **settings}


def random_day(**settings: Any) -> dict[str, Any]:
    """A day with all that is drawn."""
    hour = {"from": "09:00", "to": "10:00", "per_hour": 60}
    talk = {"distribution": "lognormal", "mean": 1, "standard_deviation": 0.5, "unit": "minutes"}
    patience = {"distribution": "exponential", "mean": 2, "unit": "minutes"}
    after = {"distribution": "uniform", "low": 1, "high": 5}
    return {
        "classes": [
            calls(arrivals=[hour], talk=talk, patience=patience, wrap_up=[5, 10, 20]),
            {"name": "Others", "arrivals": [{**hour, "to": "09:30"}], "talk": talk, "patience": patience},
        ],
        "answers": {"after": after, "reject": 0.1, "let_time_out": 0.1, "back_after": 30},
        **settings,
    }


def notes(found: Rehearsal | StaffPlan) -> list[str]:
    """Its notes, less that of the engine, which is there where numba is missing."""
    return [each for each in found.notes if not each.startswith("The engine was ")]
