"""Snapshots as JSON that people edit: read with every mistake named, written without what is as usual.

The order is that of creation, so that a version control shows what has changed.
"""

from __future__ import annotations

import json
import re
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, cast, get_args, get_type_hints

import msgspec
from msgspec.structs import asdict, fields

from ..language.strict_json import read_json
from .checks import mistakes, oddities
from .format import (
    FORMAT,
    ActivityPart,
    Snapshot,
    SnapshotError,
    SnapshotPart,
    SnapshotWarning,
    TaskChannelPart,
    TaskQueuePart,
    WorkerChannelPart,
    WorkerPart,
    WorkflowPart,
    WorkspacePart,
)
from .references import did_you_mean, problems

PARTS: dict[str, type[SnapshotPart]] = {
    "workspace": WorkspacePart,
    "activities": ActivityPart,
    "task_channels": TaskChannelPart,
    "task_queues": TaskQueuePart,
    "workflows": WorkflowPart,
    "workers": WorkerPart,
}
WIDTH = 100  # columns of a line, where that is possible
KIND = re.compile("`(.+?)`")
KINDS = {"bool": "true or false", "int": "a whole number", "str": "a text", "array": "a list", "object": "an object"}
PLACE = re.compile(r"(?P<what>.*?)(?: - at `\$?\.?(?P<place>.*)`)?", re.DOTALL)


def decode(text: str, name: str = "the snapshot") -> Snapshot:
    """Read a snapshot from JSON, and check that every name in it leads somewhere; name: of the file, for errors.

    Raises SnapshotError with a sentence for each mistake. What TaskRouter takes though it is hardly meant, such as a
    misspelt key of a routing step, which is not read, is told of as a SnapshotWarning each.
    """
    text = text.removeprefix("\ufeff")  # which some editors put first
    try:
        members = read_json(text)[1]
    except ValueError as error:
        raise SnapshotError(f"{name} is not JSON: {error}") from None
    if repeated := _repeated(text):
        there = ", ".join(f"`{each}`" for each in repeated)
        raise SnapshotError(f"{name}: one object has {there} more than once: leave all but one of it out")
    if not isinstance(members, dict) or "format" not in members:
        raise SnapshotError(f'{name} is no snapshot: it must be an object with "format": "{FORMAT}"')
    try:
        snapshot = msgspec.convert(members, Snapshot)
    except msgspec.ValidationError as error:
        raise SnapshotError(f"{name}: {_explained(str(error))}") from None
    odd = list(oddities(snapshot))
    if wrong := [*problems(snapshot), *mistakes(snapshot)]:
        raise SnapshotError("\n".join(f"{name}: {each}" for each in (*wrong, *odd)))
    for each in odd:
        warnings.warn(f"{name}: {each}", SnapshotWarning, stacklevel=3)
    return snapshot


def _repeated(text: str) -> list[str]:
    """Find names that stand more than once in an object, of which JSON readers take the last one without a word."""
    found: dict[str, None] = {}

    def look(pairs: list[tuple[str, Any]]) -> None:
        found.update(dict.fromkeys(name for name, count in Counter(name for name, _ in pairs).items() if count > 1))

    json.loads(text, object_pairs_hook=look)
    return list(found)


def encode(snapshot: Snapshot) -> str:
    """Write a snapshot as JSON that people read; what is as usual is left out."""
    parts = {"format": snapshot.format, **_unusual(snapshot)}
    return "{\n" + ",\n".join(f"  {json.dumps(name)}: {_laid_out(part, 2)}" for name, part in parts.items()) + "\n}\n"


def load(path: str | Path) -> Snapshot:
    """Read a snapshot from a file. Raises SnapshotError, also where there is no such file."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SnapshotError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return decode(text, path.name)


def save(snapshot: Snapshot, path: str | Path) -> None:
    """Write a snapshot to a file. Raises OSError."""
    Path(path).write_text(encode(snapshot), encoding="utf-8")


def _laid_out(value: Any, indent: int, *, within: bool = False) -> str:
    """Write a value as JSON, in one line where it is short and within a part, so that a part is mostly one line."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or (within and indent + len(line) <= WIDTH):
        return line
    pad, end = " " * (indent + 2), " " * indent
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value).items()
        lines = [
            f"{pad}{json.dumps(k, ensure_ascii=False)}: {_laid_out(v, indent + 2, within=True)}" for k, v in members
        ]
        return "{\n" + ",\n".join(lines) + f"\n{end}}}"
    items = [pad + _laid_out(item, indent + 2, within=True) for item in cast("list[Any]", value)]
    return "[\n" + ",\n".join(items) + f"\n{end}]"


def _unusual(part: SnapshotPart) -> dict[str, Any]:
    """Put a part down without the fields that are as usual."""
    usual = {
        each.name: each.default if each.default_factory is msgspec.NODEFAULT else each.default_factory()
        for each in fields(type(part))
    }
    return {name: _written(value) for name, value in asdict(part).items() if value != usual[name]}


def _written(value: Any) -> Any:
    if isinstance(value, SnapshotPart):
        return _unusual(value)
    if isinstance(value, list):
        return [_written(one) for one in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {name: _written(one) for name, one in cast("dict[str, Any]", value).items()}
    return value


def _explained(error: str) -> str:
    """Say where something is wrong, and what is accepted there."""
    match = PLACE.fullmatch(error)
    assert match is not None
    what, place = match["what"], match["place"] or ""
    if "unknown field" in what:
        names = _part_of(place).__struct_fields__
        (unknown,) = re.findall("`(.+)`", what)
        there = f"there is {', '.join(names)}{did_you_mean(unknown, names)}"
        what = f"{what.replace('Object contains', 'there is the')}; {there}"
    elif "enum value" in what:
        accepted = get_args(get_type_hints(_part_of(place))[place.split(".")[-1]])
        what = f"{what.replace('Invalid enum value ', '')} is not accepted there; it may be {' or '.join(accepted)}"
    elif "missing required field" in what:
        what = what.replace("Object missing required", "it needs the")
    else:
        what = KIND.sub(lambda found: KINDS.get(found[1], found[1]), what)
    return f"{place}: {what}" if place else what


def _part_of(place: str) -> type[SnapshotPart]:
    """Find the kind of part that a place is in."""
    part = PARTS.get(re.split(r"[.\[]", place)[0], Snapshot)
    return WorkerChannelPart if "channels[" in place and part is WorkerPart else part
