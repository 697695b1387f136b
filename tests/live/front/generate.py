"""Write what the widgets' JavaScript shares with the Python code: constants, and the types of the entities.

.venv/bin/python -m tests.live.front.generate
"""

from __future__ import annotations

import json
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints, is_typeddict

from helpers.connection import vocabulary
from helpers.live.board import board, board_actions, sequence
from helpers.live.feed import entities, model
from helpers.live.widgets import phone_actions
from helpers.sandbox_tools import emptying

SHARED = Path(__file__).parents[3] / "helpers" / "live" / "front" / "src" / "shared"
HEAD = "// Written by `python -m tests.live.front.generate` from the Python code: change that, not this file.\n"
STATUSES = ("TASK_PATH", "WAITING_TASK_STATUSES", "ENDED_TASK_STATUSES", "HELD_RESERVATION_STATUSES")
TYPES = {str: "string", int: "number", float: "number", bool: "boolean", NoneType: "null"}


def generated() -> dict[Path, str]:
    """Make the text of each file."""
    return {SHARED / "constants.js": constants(), SHARED / "entities.ts": entity_types()}


def constants() -> str:
    """Make the constants."""
    parts = [HEAD]
    for name in STATUSES:
        values = json.dumps(getattr(vocabulary, name))
        parts.append(f"/** @type {{readonly string[]}} */\nexport const {name} = {values};\n")
    parts.append(f"export const DEFAULT_TASK_CHANNEL = {json.dumps(vocabulary.DEFAULT_TASK_CHANNEL)};\n")
    kept = "/** Tasks that the kernel keeps after their end, at least. */\n"
    parts.append(f"{kept}export const ENDED_TASKS_KEPT = {model.ModelLimits().ended_tasks};\n")
    exact = {
        "COLLECTIONS": (*model.Model.COLLECTIONS, *board.OWN_COLLECTIONS),
        "STEP_KINDS": sequence.KINDS,
        "ACTION_TYPES": tuple(board_actions.ACTIONS),
        "PHONE_ACTION_TYPES": tuple(phone_actions.ACTIONS),
    }
    for name, values in exact.items():
        items = "".join(f"  {json.dumps(value)},\n" for value in values)
        parts.append(f"export const {name} = /** @type {{const}} */ ([\n{items}]);\n")
    lanes = "".join(f"  {lane}: {json.dumps(words)},\n" for lane, words in sequence.LANES.items())
    parts.append(f"export const SEQUENCE_LANES = /** @type {{const}} */ ({{\n{lanes}}});\n")
    parts.append(
        f"/** @type {{readonly string[]}} */\nexport const PHONE_LANES = {json.dumps(sequence.PHONE_LANES)};\n"
    )
    parts.append(f"export const WHAT_STARTING_OVER_DELETES =\n  {json.dumps(emptying.WHAT_GOES)};\n")
    return "\n".join(parts)


def entity_types() -> str:
    """Make an interface of each entity of the model."""
    return "\n".join([HEAD, *(_interface(each) for each in vars(entities).values() if is_typeddict(each))])


def _interface(entity: Any) -> str:
    fields = []
    for name, hint in get_type_hints(entity, include_extras=True).items():
        optional = get_origin(hint) is NotRequired or not entity.__total__
        inner = get_args(hint)[0] if get_origin(hint) is NotRequired else hint
        fields.append(f"  {name}{'?' if optional else ''}: {_typescript(inner)};\n")
    return f"export interface {_name(entity)} {{\n{''.join(fields)}}}\n"


def _name(entity: Any) -> str:
    return entity.__name__.removesuffix("Entity")


def _typescript(hint: Any) -> str:
    if hint in TYPES:
        return TYPES[hint]
    if is_typeddict(hint):
        return _name(hint)
    if get_origin(hint) in (Union, UnionType):
        return " | ".join(_typescript(each) for each in get_args(hint))
    if get_origin(hint) is Literal:
        return " | ".join(json.dumps(value) for value in get_args(hint))
    if get_origin(hint) is list:
        return f"{_typescript(get_args(hint)[0])}[]"
    raise TypeError(f"no TypeScript is known for {hint}")


if __name__ == "__main__":
    for file, text in generated().items():
        file.write_text(text, encoding="utf-8")
