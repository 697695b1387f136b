"""docs/snapshots.md says what there is, and what it has as an example can be read."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
from msgspec.structs import fields

from taskrouter_sandbox import snapshot
from taskrouter_sandbox.snapshot.format import Snapshot, WorkerChannelPart
from taskrouter_sandbox.snapshot.json_file import PARTS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "snapshots.md").read_text(encoding="utf-8")


def usual(field: msgspec.structs.FieldInfo) -> str:
    if field.default_factory is not msgspec.NODEFAULT:
        return f"`{json.dumps(field.default_factory())}`"
    return "needed" if field.default is msgspec.NODEFAULT else f"`{json.dumps(field.default)}`"


def test_the_table_has_every_field_with_what_is_usual():
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in TEXT.splitlines() if line.startswith("| ")]
    start = rows.index(["part", "field", "what it is", "usual"])
    told, part = [], ""
    for first, name, _, value in rows[start + 1 :][: sum(len(fields(one)) for one in all_parts().values())]:
        part = first.strip("`") or part
        told.append((part, name.strip("`"), value))
    assert told == [(part, one.name, usual(one)) for part, kind in all_parts().items() for one in fields(kind)]


def all_parts():
    return {"(the file)": Snapshot, **PARTS, "channels": WorkerChannelPart}


def test_the_example_is_as_a_snapshot_is_written():
    (example,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    assert snapshot.encode(snapshot.decode(example)) == example
