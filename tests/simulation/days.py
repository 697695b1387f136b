"""Workspaces and days to rehearse."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from taskrouter_sandbox.simulation import Rehearsal, StaffPlan, staff_for
from taskrouter_sandbox.simulation.fast.compiled import why_not
from taskrouter_sandbox.snapshot import Snapshot
from taskrouter_sandbox.snapshot.format import ActivityPart, TaskQueuePart, WorkerPart, WorkflowPart, WorkspacePart

needs_the_fast_engine = pytest.mark.skipif(why_not is not None, reason=str(why_not))
HOUR = {"from": "09:00", "to": "10:00", "per_hour": 90}


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


def timeout(workspace: Snapshot, day: dict[str, Any], after: int, sick: bool = False) -> None:
    """Let callers go on to everybody after so many seconds, and Bob stay at home."""
    workspace.workflows[0].configuration["task_routing"]["filters"][0]["targets"][0]["timeout"] = after
    if sick:
        day["absent"] = ["Bob"]


def interrupt_after(count: int) -> Any:
    """Make what sends this process an interrupt, as Ctrl-C does, once so many jobs are done."""

    def tell(done: int, total: int) -> None:
        if done == count:
            os.kill(os.getpid(), signal.SIGINT)

    return tell


def found(**settings: Any) -> StaffPlan:
    talk = {"distribution": "exponential", "mean": 120}
    day = {"classes": [calls(arrivals=[HOUR], talk=talk), calls(name="Rare", recorded=[{"at": "12:10"}])]}
    given = {"queue": "All", "seed": 1, "replications": 2, "interval": 1800, **settings}
    return staff_for(one_queue(2), day, **given)
