"""`reset`: a running sandbox with nothing in it."""

from __future__ import annotations

import argparse
from typing import Any

from .common import DONE, FAILED, add_data, add_parser, is_agreed, running

EXAMPLES = """\
  taskrouter-sandbox reset
  taskrouter-sandbox reset --data sandbox-data --yes"""


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(commands, "reset", "empty the running sandbox, and set its clock and options back", EXAMPLES)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_data(parser)
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Empty the sandbox, after asking."""
    sandbox = running(asked.data)
    question = f"Delete every workspace of the sandbox at {sandbox.url}, with its tasks, events and webhooks?"
    if not is_agreed(question, asked.yes):
        print("Nothing was deleted.")
        return FAILED
    sandbox.reset()
    print(f"The sandbox at {sandbox.url} is empty.")
    return DONE
