"""The names by which the parts of a snapshot refer to one another, and the queues of a workflow's configuration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any, cast

from msgspec.structs import replace

from .format import ActivityPart, Snapshot, TaskChannelPart

# What comes with every workspace (rest-contract.md §7).
DEFAULT_CHANNELS = {"default": "Default", "voice": "Voice", "sms": "SMS", "video": "Video", "chat": "Programmable Chat"}
NEW_ACTIVITIES = {"Offline": False, "Available": True, "Unavailable": False}


def is_usual(channel: TaskChannelPart) -> bool:
    """Tell whether a task channel is as every workspace has it, so that it need not be named."""
    return DEFAULT_CHANNELS.get(channel.unique_name) == channel.friendly_name and not channel.channel_optimized_routing


def completed(snapshot: Snapshot) -> Snapshot:
    """Copy a snapshot and name in it what need not be named: activities, where there are none, the usual task channels,
    and the activity of each worker.
    """
    named = {each.unique_name for each in snapshot.task_channels}
    usual = [TaskChannelPart(unique, name) for unique, name in DEFAULT_CHANNELS.items() if unique not in named]
    activity = snapshot.workspace.default_activity
    return replace(
        snapshot,
        activities=snapshot.activities or [ActivityPart(name, yes) for name, yes in NEW_ACTIVITIES.items()],
        task_channels=[*usual, *snapshot.task_channels],
        workers=[replace(each, activity=each.activity or activity) for each in snapshot.workers],
    )


def problems(snapshot: Snapshot) -> Iterator[str]:
    """Find names that are there twice, and names that lead nowhere; each as a sentence that begins with its place."""
    activities = [each.friendly_name for each in snapshot.activities] or list(NEW_ACTIVITIES)
    queues = [each.friendly_name for each in snapshot.task_queues]
    channels = [each.unique_name for each in snapshot.task_channels]
    yield from _twice("activities", activities)
    yield from _twice("task_queues", queues)
    yield from _twice("task_channels", channels)
    yield from _twice("workflows", (each.friendly_name for each in snapshot.workflows))
    yield from _twice("workers", (each.friendly_name for each in snapshot.workers), str.casefold)  # §9.2
    for name in ("default_activity", "timeout_activity"):
        yield from _missing(f"workspace.{name}", getattr(snapshot.workspace, name), activities)
    for i, queue in enumerate(snapshot.task_queues):
        for name in ("reservation_activity", "assignment_activity"):
            yield from _missing(f"task_queues[{i}].{name}", getattr(queue, name), activities)
    for i, workflow in enumerate(snapshot.workflows):
        for place, name in _queues(workflow.configuration, f"workflows[{i}].configuration"):
            yield from _missing(place, name, queues)
    for i, worker in enumerate(snapshot.workers):
        yield from _missing(f"workers[{i}].activity", worker.activity, activities)
        for name in worker.channels:
            yield from _missing(f"workers[{i}].channels", name, [*DEFAULT_CHANNELS, *channels])


def with_queues(configuration: Any, change: Callable[[str], Any]) -> Any:
    """Copy a configuration with `change(queue)` in place of each queue that it names."""
    if isinstance(configuration, dict):
        members = cast("dict[str, Any]", configuration)
        return {
            key: change(value) if key == "queue" and isinstance(value, str) else with_queues(value, change)
            for key, value in members.items()
        }
    if isinstance(configuration, list):
        return [with_queues(one, change) for one in cast("list[Any]", configuration)]
    return configuration


def _queues(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Find every queue that a configuration names, with its place."""
    if isinstance(value, dict):
        for key, member in cast("dict[str, Any]", value).items():
            if key == "queue" and isinstance(member, str):
                yield f"{place}.queue", member
            else:
                yield from _queues(member, f"{place}.{key}")
    elif isinstance(value, list):
        for i, member in enumerate(cast("list[Any]", value)):
            yield from _queues(member, f"{place}[{i}]")


def _twice(place: str, names: Iterable[str], key: Callable[[str], str] = str) -> Iterator[str]:
    names = list(names)
    first = {key(name): name for name in reversed(names)}
    for known, times in Counter(map(key, names)).items():
        name = first[known]
        if times > 1:
            yield f"{place}: {name!r} is there {times} times; each name leads to one thing, so rename the others"


def _missing(place: str, name: str | None, known: Iterable[str]) -> Iterator[str]:
    if name is not None and name not in (there := list(known)):
        yield f"{place}: {name!r} is not there; there is {', '.join(there) or 'none'}{did_you_mean(name, there)}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Ask whether the nearest of the known names was meant, as the end of a sentence; "" where none is near."""
    by_letters = {each.lower(): each for each in known}
    near = get_close_matches(name.lower(), by_letters, 1)
    return f"; did you mean {by_letters[near[0]]}?" if near else ""
