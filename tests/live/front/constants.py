"""Write the constants that the widgets' JavaScript shares with the Python code.

.venv/bin/python -m tests.live.front.constants
"""

from __future__ import annotations

import json
from pathlib import Path

from helpers.connection import vocabulary
from helpers.live.board import actions, board, sequence
from helpers.live.feed import model

FILE = Path(__file__).parents[3] / "helpers" / "live" / "front" / "src" / "shared" / "constants.js"
HEAD = "// Written by `python -m tests.live.front.constants` from the Python code: change that, not this file.\n"


def javascript() -> str:
    """Make the file's text."""
    statuses = ("TASK_PATH", "WAITING_TASK_STATUSES", "ENDED_TASK_STATUSES", "HELD_RESERVATION_STATUSES")
    parts = [HEAD]
    for name in statuses:
        values = json.dumps(getattr(vocabulary, name))
        parts.append(f"/** @type {{readonly string[]}} */\nexport const {name} = {values};\n")
    parts.append(f"export const DEFAULT_TASK_CHANNEL = {json.dumps(vocabulary.DEFAULT_TASK_CHANNEL)};\n")
    kept = "/** Tasks that the kernel keeps after their end, at least. */\n"
    parts.append(f"{kept}export const ENDED_TASKS_KEPT = {model.ModelLimits().ended_tasks};\n")
    exact = {
        "COLLECTIONS": (*model.Model.COLLECTIONS, *board.OWN_COLLECTIONS),
        "STEP_KINDS": sequence.KINDS,
        "ACTION_TYPES": tuple(actions.ACTIONS),
    }
    for name, values in exact.items():
        items = "".join(f"  {json.dumps(value)},\n" for value in values)
        parts.append(f"export const {name} = /** @type {{const}} */ ([\n{items}]);\n")
    lanes = "".join(f"  {lane}: {json.dumps(words)},\n" for lane, words in sequence.LANES.items())
    parts.append(f"export const SEQUENCE_LANES = /** @type {{const}} */ ({{\n{lanes}}});\n")
    return "\n".join(parts)


if __name__ == "__main__":
    FILE.write_text(javascript(), encoding="utf-8")
