"""What is rehearsed by the benchmarks: a plain queue, and a contact centre."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from taskrouter_sandbox.snapshot import Snapshot
from taskrouter_sandbox.snapshot.format import TaskQueuePart, WorkerPart, WorkflowPart, WorkspacePart

SKILLS = ("sales", "support", "billing", "es", "fr", "vip")
AGENTS, CALLS = 120, 20_000
SHIFTS = (("06:00", "14:00"), ("10:00", "18:00"), ("14:00", "22:00"))  # of a third of the agents each
HANDLED = 150  # seconds of talk and wrap-up: agents are at work 87 % of their time


def plain_queue(servers: int) -> Snapshot:
    """One filter, one queue with an expression, and workers who all meet it."""
    routing = {"filters": [{"expression": "kind == 'call'", "targets": [{"queue": "All"}]}]}
    return Snapshot(
        workspace=WorkspacePart("Plain queue"),
        task_queues=[TaskQueuePart("All", "skills HAS 'calls'")],
        workflows=[WorkflowPart("Flow", {"task_routing": routing})],
        workers=[WorkerPart(f"Worker {i}", "Available", {"skills": ["calls"]}) for i in range(servers)],
    )


def plain_day(per_hour: float, talk: float, patience: float | None = None) -> dict[str, Any]:
    """Calls at random at a constant rate, with exponential times in seconds; patience: None where nobody hangs up."""
    calls: dict[str, Any] = {
        "name": "Calls",
        "attributes": {"kind": "call"},
        "arrivals": [{"per_hour": per_hour}],
        "talk": {"distribution": "exponential", "mean": talk},
    }
    if patience is not None:
        calls["patience"] = {"distribution": "exponential", "mean": patience}
    return {"classes": [calls]}


def _skills(i: int) -> list[str]:
    """A topic, a language, and sometimes more."""
    return [SKILLS[i % 3], SKILLS[3 + i // 3 % 2], *(SKILLS[5:] if i % 5 == 0 else ())]


def contact_centre() -> Snapshot:
    """Four queues, six skills, and three steps of escalation for each kind of call."""
    workers = [
        WorkerPart(f"Agent {i}", "Available", {"skills": _skills(i), "level": 1 + i // 6 % 4}) for i in range(AGENTS)
    ]
    queues = [
        TaskQueuePart("Sales", "skills HAS 'sales'"),
        TaskQueuePart("Support", "skills HAS 'support'"),
        TaskQueuePart("Billing", "skills HAS 'billing'"),
        TaskQueuePart("Everybody", "level >= 1"),
    ]
    filters = [
        {
            "filter_friendly_name": topic,
            "expression": f"topic == '{topic}'",
            "targets": [
                {
                    "queue": topic.title(),
                    "expression": "worker.level >= 2 AND worker.skills HAS task.language",
                    "timeout": 20,
                },
                {"queue": topic.title(), "order_by": "worker.level DESC", "timeout": 40, "priority": 5},
                {"queue": "Everybody", "priority": 10},
            ],
        }
        for topic in SKILLS[:3]
    ]
    routing = {"filters": filters, "default_filter": {"queue": "Everybody"}}
    return Snapshot(
        workspace=WorkspacePart("Contact centre"),
        task_queues=queues,
        workflows=[WorkflowPart("Flow", {"task_routing": routing}, task_reservation_timeout=30)],
        workers=workers,
    )


def centre_day(calls: int = CALLS) -> dict[str, Any]:
    """A day of shifts with about so many calls of six classes, some of whom hang up."""
    hour = calls / 24 / 6  # of a class, when one shift is there; when two are, twice as many come
    rates = [("06:00", "10:00", hour), ("10:00", "18:00", 2 * hour), ("18:00", "22:00", hour)]
    classes = [
        {
            "name": f"{topic}, {language}",
            "attributes": {"topic": topic, "language": language},
            "arrivals": [{"from": start, "to": end, "per_hour": rate} for start, end, rate in rates],
            "talk": {"distribution": "lognormal", "mean": HANDLED - 20, "standard_deviation": 80},
            "wrap_up": 20,
            "patience": {"distribution": "exponential", "mean": 3, "unit": "minutes"},
        }
        for topic in SKILLS[:3]
        for language in SKILLS[3:5]
    ]
    shifts = [
        {"worker": f"Agent {i}", "from": start, "to": end} for i in range(AGENTS) for start, end in [SHIFTS[i // 40]]
    ]
    answers = {
        "after": {"distribution": "uniform", "low": 1, "high": 4},
        "reject": 0.01,
        "let_time_out": 0.01,
        "back_after": 60,
    }
    return {"classes": classes, "shifts": shifts, "answers": answers}
