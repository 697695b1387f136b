"""Empties the sandbox, and nothing else: for a cell, the command line and the board."""

from __future__ import annotations

from helpers import sandbox
from helpers.connection import account
from helpers.errors import LessonError

WHAT_GOES = (
    "This deletes every workspace in the sandbox, with its tasks, events, webhooks and alerts, every call, and the "
    "webhooks of its number, and takes back faults, options and skipped time."
)
IN_LIVE_MODE = (
    "Only the sandbox can be emptied, and the lessons use your live account now, where nothing was deleted. "
    "`python3 -m helpers clean-up` removes what the lessons have created there, and gives "
    "back the number that they took."
)


def refuse_in_live_mode() -> None:
    """Raise LessonError in live mode, where there is no sandbox to be emptied."""
    if account.current().mode == "live":
        raise LessonError(IN_LIVE_MODE)


def empty() -> None:
    """Delete everything in the sandbox. Raises LessonError in live mode, or when the sandbox cannot be reached."""
    refuse_in_live_mode()
    sandbox.reset()
