"""Classes of tasks, of what was told of each task of a day: who came when, and how long it took."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, cast

from ...language import workflow_configuration
from ...snapshot import Snapshot
from ..day import clock
from ..errors import RehearsalError
from .events import KEPT, PastTask

MOST_CLASSES, MOST_DURATIONS = 200, 500


class Classes:
    """Makes the classes of a day. begins: of the day, in milliseconds since 1970; by: names of the attributes that tell
    them apart, None for those that workflows read; notes: what is not known is added there.
    """

    def __init__(self, snapshot: Snapshot, begins: int, by: Sequence[str] | None, notes: list[str]) -> None:
        self.snapshot, self.begins, self.notes, self.given = snapshot, begins, notes, by is not None
        self.by = _names_read(snapshot) if by is None else _names_given(by)

    def of(self, tasks: list[PastTask]) -> list[dict[str, Any]]:
        """Make classes of tasks, as a day has them. Raises RehearsalError."""
        groups: dict[str, list[PastTask]] = {}
        about: dict[str, dict[str, Any]] = {}
        for each in tasks:
            what = self._kind(each)
            groups.setdefault(key := json.dumps(what, sort_keys=True), []).append(each)
            about[key] = what
        if len(groups) > MOST_CLASSES:
            raise RehearsalError(
                f"by: these tasks are of {len(groups)} classes, by {', '.join(self.by) or 'nothing'}; name fewer "
                "attributes, those by which tasks are routed"
            )
        everywhere = _talks(tasks)
        if not everywhere:
            raise RehearsalError(
                "events: no task was accepted and completed, so that no talk can be measured; read another day, or "
                "write one yourself, with how long talks take"
            )
        for name in self.by if self.given else ():
            if not any(name in what["attributes"] for what in about.values()):
                self.notes.append(f"by: no task of that day has an attribute {name}")
        names = _named(about, len(self.snapshot.workflows))
        return [self._class(names[key], about[key], group, everywhere) for key, group in groups.items()]

    def _kind(self, task: PastTask) -> dict[str, Any]:
        """Tell of which class a task is."""
        text, data = str(task.data.get("task_attributes") or "{}"), task.data
        try:
            attributes: Any = json.loads(text)
        except ValueError:
            raise RehearsalError(
                f"events: the attributes of tasks read {text[:20]!r}: TaskRouter redacts them after {KEPT} days"
            ) from None
        mine = cast("dict[str, Any]", attributes) if isinstance(attributes, dict) else {}
        return {
            "attributes": {name: mine[name] for name in self.by if name in mine},
            "workflow": data.get("workflow_name"),
            "channel": data.get("task_channel_unique_name") or "default",
            "priority": _priority(data.get("task_priority") or "0"),
        }

    def _class(
        self, name: str, about: dict[str, Any], tasks: list[PastTask], everywhere: list[float]
    ) -> dict[str, Any]:
        workflows = {each.friendly_name for each in self.snapshot.workflows}
        made = {"name": name, **about}
        if made["workflow"] not in workflows:
            if made["workflow"] is not None:
                self.notes.append(f"{name}: the workflow {made['workflow']!r} is no longer there")
            made.pop("workflow")
        made["talk"] = some_of(talks := _talks(tasks)) or some_of(everywhere)
        if not talks:
            self.notes.append(f"{name}: none was completed; talks are as long as those of all classes")
        wraps = [(t.completed - t.wrapping) / 1000 for t in tasks if t.wrapping and t.completed]
        done = sum(t.completed is not None and t.accepted is not None for t in tasks)
        made["wrap_up"] = some_of(wraps + [0.0] * (done - len(wraps))) or 0
        waits = sum(t.waited or 0 for t in tasks) / 1000
        if gone := sum(t.hung_up for t in tasks):
            # what is most likely for patience that is exponential, where it is not seen of those who were answered
            made["patience"] = {"distribution": "exponential", "mean": max(0.001, round(waits / gone, 3))}
        made["recorded"] = [self._recorded(each, bool(gone)) for each in tasks]
        return made

    def _recorded(self, task: PastTask, some_hang_up: bool) -> dict[str, Any]:
        assert task.created is not None
        one: dict[str, Any] = {"at": clock(task.created - self.begins)}
        if task.accepted is not None and task.completed is not None:
            one["talk"] = ((task.wrapping or task.completed) - task.accepted) / 1000
            one["wrap_up"] = (task.completed - task.wrapping) / 1000 if task.wrapping else 0
        if task.hung_up:
            one["patience"] = (task.waited or 0) / 1000
        elif some_hang_up and task.waited:
            one["waited"] = task.waited / 1000
        return one


def _priority(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise RehearsalError(f"events: the priority of a task reads {text[:20]!r}, which is no whole number") from None


def _names_given(by: object) -> list[str]:
    """Check names of attributes, and give each once. Raises RehearsalError."""
    names = list(dict.fromkeys(cast("Iterable[object]", by))) if isinstance(by, Iterable) else []
    if isinstance(by, str) or not isinstance(by, Iterable) or not all(isinstance(each, str) for each in names):
        raise RehearsalError(f'by is {by!r}: give names of attributes, as a list such as ["language"]')
    return cast("list[str]", names)


def _names_read(snapshot: Snapshot) -> list[str]:
    """Find the attributes of tasks that workflows read, in filters, in steps and for known workers."""
    paths: set[str] = set()
    for workflow in snapshot.workflows:
        read = workflow_configuration.parse(json.dumps(workflow.configuration), None)
        paths |= {f"task.{path}" for one in read.filters for path in one.expression.references}
        for target in read.targets():
            paths |= set(target.expression.references) if target.expression else set()
            paths |= {target.known_worker_text} if target.known_worker_text else set()
    found = {path.split(".")[1].split("[")[0] for path in paths if path.startswith("task.")}
    return sorted(found - {"taskrouter"})


def _named(about: dict[str, dict[str, Any]], workflows: int) -> dict[str, str]:
    """Name each class by what tells it from the others."""
    shown: dict[str, str] = {}
    varied = {name for name in ("channel", "priority") if len({str(each[name]) for each in about.values()}) > 1}
    for key, each in about.items():
        parts = [f"{name}: {value}" for name, value in each["attributes"].items()]
        parts += [f"{name}: {each[name]}" for name in ("channel", "priority") if name in varied]
        if workflows > 1 or not parts:
            parts.insert(0, str(each["workflow"] or "Tasks"))
        shown[key] = ", ".join(parts)
    return shown


def _talks(tasks: Iterable[PastTask]) -> list[float]:
    """Find how long talks were, in seconds."""
    return [((t.wrapping or t.completed) - t.accepted) / 1000 for t in tasks if t.accepted and t.completed]


def some_of(values: list[float]) -> list[float]:
    """Give values in order; of many, so many that are spread evenly."""
    ordered = sorted(values)
    if len(ordered) <= MOST_DURATIONS:
        return ordered
    return [ordered[(2 * i + 1) * len(ordered) // (2 * MOST_DURATIONS)] for i in range(MOST_DURATIONS)]
