"""Which checkpoints a learner has passed and which questions they have answered, remembered on disk.

It is kept for each account and for each workspace of the lessons, so that an emptied sandbox begins anew. What was done
before there was a workspace belongs to the account. Remembering hinders nothing: what cannot be read or written is said
in one sentence, by `trouble`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from twilio.rest import Client

from helpers.callback_server import public_addresses
from helpers.connection import json_file
from helpers.connection.clients import connect
from helpers.names import WORKSPACE

Steps = dict[str, dict[str, list[str]]]
"""The steps that are done, in the order in which they were: of each account, of each workspace."""

NO_WORKSPACE = ""
KEPT = 50
"""Workspaces that are remembered of an account: each time the sandbox is emptied there is another."""

TIMEOUT = 5.0
"""Seconds that a question to TaskRouter about the workspace may take."""

listeners: dict[str, Callable[[], None]] = {}
"""What is called after a step was done for the first time, or was forgotten, by a name of its own."""


@dataclass(frozen=True)
class LessonPlace:
    """Where steps are done. account_sid: `AC...`; workspace_sid: `WS...` of the lessons' workspace, or ""."""

    account_sid: str
    workspace_sid: str


def here(client: Client | None = None) -> LessonPlace:
    """Ask TaskRouter for the lessons' workspace. client: the one to ask with; the lessons' own when left out.

    Raises whatever hinders the question.
    """
    client = client or connect(quiet=True, timeout=TIMEOUT)
    found = client.taskrouter.v1.workspaces.list(friendly_name=WORKSPACE)
    sid = next((one.sid for one in found if one.friendly_name == WORKSPACE), NO_WORKSPACE)
    return LessonPlace(client.account_sid or "", sid or NO_WORKSPACE)


def done(place: LessonPlace) -> set[str]:
    """Give the names of the steps that were done at a place, with those that need no workspace."""
    steps = _read().get(place.account_sid, {})
    return {*steps.get(NO_WORKSPACE, []), *steps.get(place.workspace_sid, [])}


def remember(step: str, client: Client | None = None) -> None:
    """Remember that a step is done. Never raises.

    step: such as "check.stage", or "predict.where-it-waits"; client: as for `here`.
    """
    with suppress(Exception):  # the step is what matters to the learner, not the note about it
        place = here(client)
        if step in done(place):
            return
        with json_file.alone_with(file()):
            steps = _read(put_damage_aside=True)
            of_account = steps.setdefault(place.account_sid, {})
            of_account[place.workspace_sid] = [*of_account.pop(place.workspace_sid, []), step]
            for forgotten in [sid for sid in of_account if sid != NO_WORKSPACE][:-KEPT]:
                del of_account[forgotten]
            json_file.write(file(), steps)
        _tell()


def forget(steps: Iterable[str], place: LessonPlace) -> None:
    """Forget that steps were done at a place. Raises OSError when that cannot be written."""
    gone = set(steps)
    with json_file.alone_with(file()):
        kept = _read(put_damage_aside=True)
        of_account = kept.get(place.account_sid, {})
        for sid in {NO_WORKSPACE, place.workspace_sid} & of_account.keys():
            of_account[sid] = [step for step in of_account[sid] if step not in gone]
        json_file.write(file(), kept)
    _tell()


def trouble() -> str:
    """Say in one sentence what hinders remembering; "" when nothing does."""
    folder = file().parent
    try:
        _checked(json_file.read(file()))
    except OSError as error:
        return f"Your progress cannot be read from {file()} ({error.strerror})."
    except ValueError:
        return f"{file()} was damaged, so your progress is counted anew; the next checkpoint puts the old file aside."
    nearest = next(one for one in (folder, *folder.parents) if one.exists())
    if not os.access(nearest, os.W_OK):
        return f"Your progress is not kept: {folder} cannot be written."
    return ""


def file() -> Path:
    """Tell where the steps are: in the user's data folder, or in the one that TASKROUTER_TUNNEL_DIR names."""
    return public_addresses.folder() / "progress.json"


def _read(*, put_damage_aside: bool = False) -> Steps:
    try:
        return _checked(json_file.read(file()))
    except ValueError:
        if put_damage_aside:
            os.replace(file(), file().with_suffix(".damaged"))
    except OSError:
        if put_damage_aside:
            raise
    return {}


def _checked(content: dict) -> Steps:
    """Give the content of the file back. Raises ValueError when it has another form."""
    for of_account in content.values():
        if not isinstance(of_account, dict):
            raise ValueError("no workspaces")
        for steps in of_account.values():
            if not (isinstance(steps, list) and all(isinstance(step, str) for step in steps)):
                raise ValueError("no steps")
    return content


def _tell() -> None:
    for listener in list(listeners.values()):
        listener()
