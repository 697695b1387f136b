"""`status`: whether a sandbox runs, where, and what is unusual in it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ..defaults import data_folder
from .common import DIFFERENT, DONE, FAILED, add_data, add_parser

EXAMPLES = """\
  taskrouter-sandbox status
  taskrouter-sandbox status --data sandbox-data --json

Exit code: 0 it runs; 3 none does; 1 it does not answer; 2 wrong options."""


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(commands, "status", "say whether a sandbox runs, where, and what is unusual in it", EXAMPLES)
    parser.add_argument("--json", action="store_true", help="say it as JSON")
    add_data(parser)
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Say how the sandbox of a folder is."""
    folder: Path = asked.data or data_folder()
    state, code = _state(folder)
    if asked.json:
        print(json.dumps(state, indent=2, ensure_ascii=False))
    else:
        print("\n".join(f"{name.replace('_', ' ') + ':':<14} {_text(value)}" for name, value in state.items()))
    return code


def _state(folder: Path) -> tuple[dict[str, Any], int]:
    from .. import run_file
    from ..control_client import Sandbox
    from ..errors import SandboxError
    from ..processes import is_sandbox

    files = {"data": str(folder), "log": str(folder / "sandbox.log")}
    said = run_file.read(folder)
    if said is None:
        return {"state": "not running", **files}, DIFFERENT
    sandbox = Sandbox(said.url, said.account_sid, said.auth_token, said.pid, said.source)
    place = {"url": said.url, "account_sid": said.account_sid, "pid": said.pid, "version": said.version}
    try:
        health = sandbox.health()
    except SandboxError:
        health = None
    if health is None or health.get("pid") != said.pid:
        if not is_sandbox(said.pid, folder):
            return {"state": "not running", **files}, DIFFERENT
        return {"state": "does not answer: wait, or end it by `taskrouter-sandbox stop`", **place, **files}, FAILED
    unusual = {
        "notice": health["notice"],
        "clock_ahead": sandbox.clock.read()["ahead"],
        "faults": sandbox.faults.descriptions(),
        "options": {name: choice for name, (choice, _) in sandbox.options.unusual().items()},
    }
    return {"state": "running", **place, "worlds": health["worlds"], **unusual, **files}, DONE


def _text(value: Any) -> str:
    if isinstance(value, dict):
        value = [f"{name}={choice}" for name, choice in value.items()]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        value = "; ".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, float):
        value = f"{value:g} s"
    return "none" if value in (None, "") else str(value)
