"""The worker that a known-agent step asks for, and that a demand names (behaviour.md §5.4)."""

from __future__ import annotations

from ...language.workflow_configuration import Target
from .entities import Task, Worker
from .state import State


def known_worker(task: Task, target: Target) -> tuple[str, str] | None:
    """Find the one worker that a known-agent step asks for, as ("sid" or "name", value); None for any other step.

    A value that is no string asks for nobody.
    """
    if target.known_worker_text is None:
        return None
    value = named_value(task, target)
    return "sid" if target.known_worker_sid else "name", value if isinstance(value, str) else ""


def named_value(task: Task, target: Target) -> object:
    """Read what the attribute holds that a known-agent step names: None where it is absent, too."""
    read = target.known_worker_sid or target.known_worker_name
    return read({"task": task.parsed_attributes}) if read else None


def named_worker(state: State, named: tuple[str, str]) -> Worker | None:
    """Find the worker that a demand names: by its SID, or by its exact friendly name."""
    kind, value = named
    if kind == "name":
        worker = state.workers.get(state.sid_by_name(Worker, value) or "")
        return worker if worker and worker.friendly_name == value else None
    return state.workers.get(value)
