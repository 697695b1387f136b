"""What a step does, in words that show no secret."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, cast

from msgspec import Struct

from .steps import PlanStep

NOUNS = {
    "workspace": "workspace",
    "activities": "activity",
    "task_channels": "task channel",
    "task_queues": "queue",
    "workflows": "workflow",
    "workers": "worker",
}
PASSWORD = re.compile(r"(https?://[^\s/@:]*:)[^\s/@]+(?=@)")
LONGEST = 100  # characters of a value


def said(step: PlanStep) -> str:
    """Name a step, as in `update queue "Spanish"`."""
    if step.kind == "worker_channels":
        return f'{step.action} channel {step.name} of worker "{step.worker}"'
    return f'{step.action} {NOUNS[step.kind]} "{step.name}"'


def details(step: PlanStep) -> list[str]:
    """Say what a step changes, one text for each value, and why."""
    if step.action == "update":
        lines = [line for name, (old, new) in step.changes.items() for line in _changes(name, old, new)]
    else:
        lines = ["available"] if step.kind == "activities" and step.settings.get("available") else []
    return [*lines, *([f"because {step.reason}"] if step.reason else [])]


def shown(value: Any) -> str:
    """Write a value in one line, without the password of an address, and cut off where it is long."""
    text = PASSWORD.sub(r"\1***", json.dumps(value, ensure_ascii=False, default=_plain))
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def without_passwords(value: Any) -> Any:
    """Copy a value without the passwords of the addresses in it."""
    return json.loads(PASSWORD.sub(r"\1***", json.dumps(value, default=_plain)))


def _plain(value: Any) -> Any:
    return {name: getattr(value, name) for name in value.__struct_fields__} if isinstance(value, Struct) else str(value)


def _changes(place: str, old: Any, new: Any) -> Iterator[str]:
    """Find the innermost values that differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        before, after = cast("dict[str, Any]", old), cast("dict[str, Any]", new)
        for name in [*before, *(name for name in after if name not in before)]:
            if name not in after:
                yield f"{place}.{name}: {shown(before[name])} is removed"
            elif name not in before:
                yield f"{place}.{name}: {shown(after[name])} is added"
            elif before[name] != after[name]:
                yield from _changes(f"{place}.{name}", before[name], after[name])
    elif isinstance(old, list) and isinstance(new, list):
        many, others = cast("list[Any]", old), cast("list[Any]", new)
        if len(many) != len(others) or not all(isinstance(each, dict) for each in (*many, *others)):
            yield f"{place}: {shown(many)} -> {shown(others)}"
            return
        for i, (one, other) in enumerate(zip(many, others, strict=True)):
            if one != other:
                yield from _changes(f"{place}[{i}]", one, other)
    else:
        yield f"{place}: {shown(old)} -> {shown(new)}"
