"""What differs between a workspace and a snapshot, as steps in an order that works.

Everything is found by its name, and renames are not guessed. Activities come before queues, queues before workflows,
workers after them; what is to be deleted comes last, and after that the address for events, so that it is not told of
the changes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, cast

from msgspec.structs import asdict, replace

from ..language.strict_json import to_json
from .format import Snapshot, SnapshotPart, WorkerChannelPart, WorkerPart
from .places import placed
from .reading import USUAL, Present
from .references import completed
from .renaming import unused, with_activity_named
from .steps import Change, ConfigurationRef, Kind, Plan, PlanStep, Ref


def plan(present: Present, wanted: Snapshot, *, delete: bool = False, move_workers: bool = False) -> Plan:
    """Say what to do so that a workspace is as a snapshot says.

    delete: what the snapshot does not name is deleted. move_workers: workers go to the activity that the snapshot
    names; without it only new ones do, and those whose activity the snapshot does not have: where the others are
    is what they are doing now.
    """
    made = _Planner(present, completed(wanted), delete, move_workers).plan()
    places = placed(wanted)
    return dataclasses.replace(made, steps=[dataclasses.replace(each, place=places(each)) for each in made.steps])


class _Planner:
    def __init__(self, present: Present, wanted: Snapshot, delete: bool, move_workers: bool):
        self.present, self.wanted, self.delete, self.move_workers = present, wanted, delete, move_workers
        self.there = present.snapshot
        self.steps: list[PlanStep] = []
        self.removals: list[PlanStep] = []
        self.left: list[tuple[Kind, str]] = []
        self.obstacles: list[str] = []
        self.activities = {each.friendly_name for each in wanted.activities}

    def plan(self) -> Plan:
        asked = self.wanted.workspace
        if self.present.sid is None:
            settings = {
                name: getattr(asked, name) for name in ("friendly_name", "multi_task_enabled", "prioritize_queue_order")
            }
            self.steps.append(PlanStep("create", "workspace", asked.friendly_name, settings))
        self._activities()
        self._task_channels()
        self._workspace()
        self._task_queues()
        self._workflows()
        self._workers()
        self._superfluous("workflows", self.there.workflows, {each.friendly_name for each in self.wanted.workflows})
        self._superfluous("task_queues", self.there.task_queues, {q.friendly_name for q in self.wanted.task_queues})
        self._superfluous("task_channels", self.there.task_channels, {c.unique_name for c in self.wanted.task_channels})
        self._superfluous("activities", self.there.activities, self.activities)
        self.steps += self.removals
        self._events()
        return Plan(asked.friendly_name, self.present, self.steps, self.left, self.obstacles)

    def _activities(self) -> None:
        there = {each.friendly_name: each for each in self.there.activities}
        for asked in self.wanted.activities:
            found, reason = there.get(asked.friendly_name), ""
            if found is not None and found.available != asked.available:
                spare = unused(f"{asked.friendly_name[:48]} (replaced)", {*there, *self.activities})
                reason = "whether an activity is available cannot be changed, so a new one takes its place"
                renaming = PlanStep(
                    "update",
                    "activities",
                    found.friendly_name,
                    {"friendly_name": spare},
                    {"friendly_name": (found.friendly_name, spare)},
                    new_name=spare,
                    reason=reason,
                )
                self.steps.append(renaming)
                there[spare] = replace(found, friendly_name=spare)
                self.there = with_activity_named(self.there, found.friendly_name, spare)
                found = None
            if found is None:
                settings = {"friendly_name": asked.friendly_name, "available": asked.available}
                self.steps.append(PlanStep("create", "activities", asked.friendly_name, settings, reason=reason))

    def _task_channels(self) -> None:
        there = {each.unique_name: each for each in self.there.task_channels}
        for asked in self.wanted.task_channels:
            found = there.get(asked.unique_name)
            if found is None:
                self.steps.append(PlanStep("create", "task_channels", asked.unique_name, asdict(asked)))
            else:
                changes = _differences(found, asked)
                settings = {name: new for name, (_, new) in changes.items()}
                self._update("task_channels", asked.unique_name, settings, changes)

    def _workspace(self) -> None:
        found, asked = self.there.workspace, self.wanted.workspace
        changes = _differences(found, asked)
        for name in ("event_callback_url", "events_filter"):
            changes.pop(name, None)
        if found.multi_task_enabled and not asked.multi_task_enabled:
            del changes["multi_task_enabled"]
            self.obstacles.append(
                "workspace.multi_task_enabled cannot be turned off again: leave it on in the snapshot, or make a new "
                "workspace by giving the snapshot another workspace.friendly_name."
            )
        settings = {
            (f"{name}_sid" if name.endswith("_activity") else name): (
                Ref("activities", new) if name.endswith("_activity") else new
            )
            for name, (_, new) in changes.items()
        }
        self._update("workspace", found.friendly_name, settings, changes)

    def _task_queues(self) -> None:
        there = {each.friendly_name: each for each in self.there.task_queues}
        for asked in self.wanted.task_queues:
            found = there.get(asked.friendly_name)
            if found is None:
                members = {name: value for name, value in asdict(asked).items() if value is not None}
                self.steps.append(PlanStep("create", "task_queues", asked.friendly_name, _queue_settings(members)))
            else:
                changes = _differences(found, asked)
                settings = _queue_settings({name: new for name, (_, new) in changes.items()})
                self._update("task_queues", asked.friendly_name, settings, changes)

    def _workflows(self) -> None:
        there = {each.friendly_name: each for each in self.there.workflows}
        for asked in self.wanted.workflows:
            found = there.get(asked.friendly_name)
            if found is None:
                members = {name: value for name, value in asdict(asked).items() if value != ""}
                self.steps.append(PlanStep("create", "workflows", asked.friendly_name, _workflow_settings(members)))
            else:
                changes = _differences(found, asked)
                settings = _workflow_settings({name: new for name, (_, new) in changes.items()})
                self._update("workflows", asked.friendly_name, settings, changes)

    def _workers(self) -> None:
        there = {each.friendly_name.casefold(): each for each in self.there.workers}  # rest-contract.md §9.2
        for asked in self.wanted.workers:
            found = there.pop(asked.friendly_name.casefold(), None)
            if found is None:
                self._new_worker(asked)
            else:
                self._worker(found, asked)
        for superfluous in there.values():
            if self.delete:
                self._remove_worker(superfluous)
            else:
                self.left.append(("workers", superfluous.friendly_name))

    def _new_worker(self, asked: WorkerPart) -> None:
        assert asked.activity is not None  # of one that is completed
        settings: dict[str, Any] = {
            "friendly_name": asked.friendly_name,
            "attributes": to_json(asked.attributes),
            "activity_sid": Ref("activities", asked.activity),
        }
        self.steps.append(PlanStep("create", "workers", asked.friendly_name, settings))
        self._worker_channels(asked.friendly_name, {}, asked.channels)

    def _worker(self, found: WorkerPart, asked: WorkerPart) -> None:
        assert asked.activity is not None
        changes = _differences(found, asked)
        changes.pop("channels", None)
        reason = ""
        if "activity" in changes and not self.move_workers:
            if found.activity in self.activities:
                del changes["activity"]
            else:
                reason = f"the snapshot has no activity {found.activity}"
        settings: dict[str, Any] = {}
        for name, (_, new) in changes.items():
            if name == "activity":
                settings["activity_sid"] = Ref("activities", new)
            else:
                settings[name] = to_json(new) if name == "attributes" else new
        renamed = asked.friendly_name if "friendly_name" in changes else ""
        self._update("workers", found.friendly_name, settings, changes, reason, renamed)
        self._worker_channels(asked.friendly_name, found.channels, asked.channels)

    def _worker_channels(
        self, worker: str, there: dict[str, WorkerChannelPart], wanted: dict[str, WorkerChannelPart]
    ) -> None:
        for channel in self.wanted.task_channels:
            name = channel.unique_name
            found, asked = there.get(name, USUAL), wanted.get(name, USUAL)
            if changes := _differences(found, asked):
                settings = {each: new for each, (_, new) in changes.items()}
                self.steps.append(PlanStep("update", "worker_channels", name, settings, changes, worker=worker))

    def _remove_worker(self, worker: WorkerPart) -> None:
        """Delete a worker, who must not be available then (rest-contract.md §8)."""
        available = {each.friendly_name: each.available for each in (*self.there.activities, *self.wanted.activities)}
        if available.get(worker.activity or "", False):
            aside = next((name for name, yes in reversed(available.items()) if not yes), None)
            if aside is None:
                self.obstacles.append(
                    f"worker {worker.friendly_name} can be deleted in an activity that is not available, and there is "
                    "none: give the snapshot one."
                )
                return
            self.removals.append(
                PlanStep(
                    "update",
                    "workers",
                    worker.friendly_name,
                    {"activity_sid": Ref("activities", aside)},
                    {"activity": (worker.activity, aside)},
                    reason="a worker who is available cannot be deleted",
                )
            )
        self.removals.append(PlanStep("delete", "workers", worker.friendly_name))

    def _superfluous(self, kind: Kind, there: list[Any], wanted: set[str]) -> None:
        for name in _names(there):
            if name in wanted:
                continue
            if self.delete:
                self.removals.append(PlanStep("delete", kind, name))
            else:
                self.left.append((kind, name))

    def _events(self) -> None:
        found, asked = self.there.workspace, self.wanted.workspace
        changes = {
            name: change
            for name, change in _differences(found, asked).items()
            if name in ("event_callback_url", "events_filter")
        }
        settings = {name: ",".join(new) if name == "events_filter" else new for name, (_, new) in changes.items()}
        self._update("workspace", asked.friendly_name, settings, changes)

    def _update(
        self,
        kind: Kind,
        name: str,
        settings: dict[str, Any],
        changes: dict[str, Change],
        reason: str = "",
        new_name: str = "",
    ) -> None:
        if settings:
            self.steps.append(PlanStep("update", kind, name, settings, changes, new_name=new_name, reason=reason))


def _differences(found: SnapshotPart, asked: SnapshotPart) -> dict[str, Change]:
    """Say what each field has and will have, of those that differ."""
    old, new = asdict(found), asdict(asked)
    return {name: (old[name], value) for name, value in new.items() if not _same(old[name], value)}


def _same(old: Any, new: Any) -> bool:
    """Tell whether two values are the same as JSON, where 1 and true, which are equal in Python, are not."""
    if isinstance(old, dict) and isinstance(new, dict):
        left, right = cast("dict[str, Any]", old), cast("dict[str, Any]", new)
        return left.keys() == right.keys() and all(_same(value, right[name]) for name, value in left.items())
    if isinstance(old, list) and isinstance(new, list):
        many, others = cast("list[Any]", old), cast("list[Any]", new)
        return len(many) == len(others) and all(map(_same, many, others))
    return old == new and isinstance(old, bool) == isinstance(new, bool)


def _queue_settings(members: dict[str, Any]) -> dict[str, Any]:
    """Write a queue's fields as the client takes them; an activity is taken off by "" (rest-contract.md §9.4)."""
    return {
        (f"{name}_sid" if name.endswith("_activity") else name): (
            (Ref("activities", value) if value else "") if name.endswith("_activity") else value
        )
        for name, value in members.items()
    }


def _workflow_settings(members: dict[str, Any]) -> dict[str, Any]:
    return {name: ConfigurationRef(value) if name == "configuration" else value for name, value in members.items()}


def _names(parts: list[Any]) -> Iterator[str]:
    for part in parts:
        yield part.unique_name if hasattr(part, "unique_name") else part.friendly_name
