"""`status`: whether a sandbox runs, where, and what is unusual in it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from ..defaults import data_folder
from .common import DIFFERENT, DONE, FAILED, HANGS, add_data, add_parser, health_of, sandbox_of

EXAMPLES = """\
  taskrouter-sandbox status
  taskrouter-sandbox status --data sandbox-data --json
  taskrouter-sandbox status --show-token                       what another program presents to it

Exit code: 0 it runs; 3 none does; 1 it does not answer; 2 wrong options."""


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(commands, "status", "say whether a sandbox runs, where, and what is unusual in it", EXAMPLES)
    parser.add_argument("--json", action="store_true", help="say it as JSON")
    parser.add_argument("--show-token", action="store_true", help="show the token, too, which is a secret")
    add_data(parser)
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Say how the sandbox of a folder is."""
    folder: Path = asked.data or data_folder()
    state, code = _state(folder, asked.show_token)
    if asked.json:
        print(json.dumps(state, indent=2, ensure_ascii=False))
    else:
        print("\n".join(f"{name.replace('_', ' ') + ':':<14} {_text(name, value)}" for name, value in state.items()))
    return code


def _state(folder: Path, show_token: bool) -> tuple[dict[str, Any], int]:
    from .. import run_file
    from ..processes import is_sandbox

    files = {"data": str(folder), "log": str(folder / "sandbox.log")}
    said = run_file.read(folder)
    if said is None:
        return {"state": "not running", **files}, DIFFERENT
    sandbox = sandbox_of(said)
    token = said.auth_token if show_token else None
    account = {"account_sid": said.account_sid, "auth_token": token}
    place = {"url": said.url, **account, "pid": said.pid, "version": said.version}
    health = health_of(sandbox)
    if health is None:
        if not is_sandbox(said.pid, folder):
            return {"state": "not running", **files}, DIFFERENT
        return {"state": HANGS, **place, **files}, FAILED
    unusual = {
        "notice": health["notice"],
        "clock_ahead": sandbox.clock.read()["ahead"],
        "faults": sandbox.faults.descriptions(),
        "options": {name: choice for name, (choice, _) in sandbox.options.unusual().items()},
    }
    return {"state": "running", **place, "worlds": health["worlds"], **unusual, **files}, DONE


def _text(name: str, value: Any) -> str:
    if name == "auth_token" and value is None:
        return "--show-token shows it"
    if isinstance(value, dict):
        value = [f"{name}={choice}" for name, choice in value.items()]  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        value = "; ".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, float):
        value = f"{value:g} s"
    return "none" if value in (None, "") else str(value)
