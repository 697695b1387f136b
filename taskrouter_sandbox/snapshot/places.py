"""Where in a snapshot something stands, as a path in its JSON."""

from __future__ import annotations

from collections.abc import Callable

from .checks import in_configuration
from .format import Snapshot
from .steps import PlanStep


def placed(snapshot: Snapshot) -> Callable[[PlanStep], str]:
    """Give what tells where the snapshot asks for a step, as in `workers[2].channels.voice`; "" for what it does not
    name."""
    places = {
        ("task_channels", each.unique_name): f"task_channels[{i}]" for i, each in enumerate(snapshot.task_channels)
    }
    for kind in ("activities", "task_queues", "workflows", "workers"):
        places |= {(kind, each.friendly_name): f"{kind}[{i}]" for i, each in enumerate(getattr(snapshot, kind))}

    def place(step: PlanStep) -> str:
        if step.kind == "workspace":
            return "workspace"
        if step.kind == "worker_channels":
            worker = places.get(("workers", step.worker), "")
            return f"{worker}.channels.{step.name}" if worker else ""
        return places.get((step.kind, step.new_name)) or places.get((step.kind, step.name), "")

    return place


def refused_at(step: PlanStep, words: str) -> str:
    """Tell which value of a snapshot a service has refused, as far as the step and its words say."""
    if step.kind == "workflows" and "Configuration" in words:
        return in_configuration(step.place, words[words.index("Configuration") :]).split(": ")[0]
    return f"{step.place}.{next(iter(step.changes))}" if step.place and len(step.changes) == 1 else step.place
