"""The scene of notebook 04 without Jupyter: its cells run here, with an app and a caller of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from twilio.rest import Client

from helpers import sandbox
from helpers.lesson.checkpoints.call_solutions import MENU_APP, SET_VOICE_URL, TASK_APP
from helpers.lesson.checkpoints.framework import CheckpointResult
from taskrouter_sandbox.control_types import CallState
from tests.ports import unused_port
from tests.waiting import wait_for

NOTEBOOK = nbformat.read(
    Path(__file__).resolve().parents[2] / "notebooks/04-tasks-from-phone-calls.ipynb", as_version=4
)
AT_REST = ("keys", None)


class PhoneLesson:
    """The cells of notebook 04, without Jupyter, with a free port; prompts take no time."""

    def __init__(self, client) -> None:
        self.client = client
        self.sandbox = sandbox.ensure()
        self.sandbox.options.set(say_per_character=0)
        self.cells: dict[str, Any] = {"client": client, "port": unused_port()}
        self.run(
            "import json\nfrom fastapi import FastAPI, Form, Response\n"
            "from twilio.twiml.voice_response import VoiceResponse\n"
            "from helpers import cast, expose, phone, phone_number, serve\n"
            "team = cast(client)\nworkspace, workflow = team.workspace, team.workflow\n"
            f"{MENU_APP}\npublic_url = expose(server)\nnumber = phone_number(client)\n{SET_VOICE_URL}\n"
            'caller_phone = phone(client, "+15005550100")'
        )

    def run(self, source: str) -> None:
        """Run a cell."""
        exec(compile(source, "a cell", "exec"), self.cells)

    def close(self) -> None:
        """End the phone and the server."""
        self.caller_phone.close()
        self.server.stop()

    def __getattr__(self, name: str) -> Any:
        return self.cells[name]

    def solve_the_task(self) -> None:
        """Do the second exercise."""
        self.run(TASK_APP)

    # ---- the caller

    def dial(self) -> CallState:
        """Call, and give what the phone shows once the menu waits for a key, or the call is over."""
        return self.rest(self.sandbox.calls.dial(str(self.number.phone_number))["sid"])

    def call(self, digits: str = "1") -> CallState:
        """Call, press these keys, and wait until nothing more happens by itself."""
        sid = self.dial()["sid"]
        self.sandbox.calls.press(sid, digits)
        return self.rest(sid)

    def rest(self, sid: str) -> CallState:
        """Wait until a call waits for a person, or is over."""

        def settled() -> CallState | None:
            state = self.sandbox.calls.fetch(sid)
            return state if state["waits_for"] in AT_REST or state["queue"] is not None else None

        found = wait_for(settled, what="that the call waits for a person")
        assert found is not None
        return found

    def skip(self, seconds: float) -> None:
        """Let time pass at the phone."""
        self.sandbox.clock.advance(seconds=seconds)

    def hang_up(self) -> None:
        """Hang up whatever call there is, and wait until its task has ended with it."""
        for call in self.sandbox.calls.list():
            if call["ended"] is None:
                self.sandbox.calls.hang_up(call["sid"])
        wait_for(lambda: all(one.assignment_status not in ("pending", "reserved") for one in self.tasks()))

    def tasks(self) -> list[Any]:
        """The tasks of the workspace."""
        return self.workspace.tasks.list()


@pytest.fixture
def lesson(bare: Client, closed_at_the_end: None) -> Iterator[PhoneLesson]:
    """Notebook 04, run as far as its first phone, with the menu done."""
    lesson = PhoneLesson(bare)
    yield lesson
    lesson.close()


def changed(code: str, *changes: tuple[str, str]) -> str:
    """The code with a mistake in it."""
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    return code


def mend(lesson: PhoneLesson, look: Callable[..., CheckpointResult], play: Callable[[], object]) -> None:
    """Do what the verdict says: run its solution, and play the scene once more if need be."""
    verdict = look(lesson.client)
    assert verdict.solution, repr(verdict)
    lesson.run(verdict.solution)
    lesson.caller_phone.wait_until_drawn()
    if not look(lesson.client).is_right:
        lesson.hang_up()
        play()
    after = look(lesson.client)
    assert after.is_right, repr(after)


def starter(cell_id: str) -> str:
    """The text of an exercise as it is committed."""
    return next(cell.source for cell in NOTEBOOK.cells if cell.id == cell_id)
