"""The scene of notebook 03 without Jupyter: its cells run here, with a callback server of their own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat

from helpers import check, sandbox
from helpers.lesson.checkpoints.accept_by_callback import ACCEPTING_APP
from helpers.lesson.checkpoints.framework import CheckpointResult, CheckpointState
from helpers.lesson.checkpoints.lookups import CREATE_TASK
from helpers.lesson.checkpoints.scene import CLICK_IDLE, SERVE_AGAIN
from tests.ports import unused_port
from tests.waiting import wait_for

NOT_YET, NOT_RIGHT, RIGHT = CheckpointState.NOT_YET, CheckpointState.NOT_RIGHT, CheckpointState.RIGHT
ANSWER = 'return {"instruction": "accept"}'
NOTEBOOK = nbformat.read(Path(__file__).resolve().parents[2] / "notebooks/03-accept-by-callback.ipynb", as_version=4)
ROUTES = next(cell.source for cell in NOTEBOOK.cells if cell.id == "write-routes")


class Lesson:
    """The cells of notebook 03, without Jupyter, with a free port in the place of 8080."""

    def __init__(self, client) -> None:
        self.client = client
        self.port = str(unused_port())
        self.cells: dict[str, Any] = {"client": client}
        self.run(
            "port = 8080\nimport json, requests\nfrom fastapi import APIRouter, Depends, FastAPI\n"
            "from helpers import cast, expose, found, only_here, serve\n"
            "team = cast(client)\nworkspace, alice = team.workspace, team.alice\n"
            'attributes = json.dumps({"selected_language": "es", "lesson": "03"})\n'
            'settings = {"workflow_sid": team.workflow.sid, "attributes": attributes}'
        )
        self.run(ROUTES)
        self.run(f"{ACCEPTING_APP}\n{SERVE_AGAIN}")

    def run(self, source: str) -> None:
        exec(compile(source.replace("8080", self.port), "a cell", "exec"), self.cells)

    def __getattr__(self, name: str) -> Any:
        return self.cells[name]

    def serve_app(self, handler: str, route: str = '@app.post("/assignment_callback")') -> None:
        """Serve an app whose callback is written like this."""
        before, _ = ACCEPTING_APP.split("@app.post")
        self.run(f"{before}{route}\n{handler}\n\nserver = serve(app, port)")

    def answer(self, code: str) -> None:
        """Serve an app whose callback returns this."""
        self.serve_app(f"def assignment_callback():\n    return {code}")

    def create_task(self) -> None:
        self.run(f"team.clear_stage()\n{CREATE_TASK['03']}")

    def play(self) -> None:
        """Create the task, make Alice available, and wait until nobody is being asked any more."""
        self.create_task()
        self.click_idle()

    def click_idle(self) -> None:
        self.run(CLICK_IDLE)
        wait_for(self.is_settled, what="the end of the callback")

    def is_settled(self) -> bool:
        past = self.task.reservations.list()
        if not past:
            return True
        if not self.team.workflow.fetch().assignment_callback_url:
            return True
        first = min(past, key=lambda one: one.date_created)
        records = [one for one in sandbox.ensure().deliveries.list("assignment") if one["subject_sid"] == first.sid]
        return bool(records) and records[-1]["result"] is not None

    def reservation(self) -> Any:
        return wait_for(lambda: next(iter(self.task.reservations.list(reservation_status="pending")), None))

    def other_task(self, **more: str) -> Any:
        attributes = json.dumps({"selected_language": "es", **more})
        return self.workspace.tasks.create(workflow_sid=self.team.workflow.sid, attributes=attributes)


def mend(lesson: Lesson, verdict: CheckpointResult) -> None:
    """Do what the verdict says: its solution, and then the scene once more."""
    lesson.run(verdict.solution)
    if not check.accepted_by_callback(lesson.client).is_right:
        lesson.play()
    verdict = check.accepted_by_callback(lesson.client)
    assert verdict.is_right, repr(verdict)


def assert_names(verdict: CheckpointResult, state: CheckpointState, *words: str) -> None:
    assert verdict.state is state, repr(verdict)
    for word in words:
        assert word in verdict.sentence, repr(verdict)
    assert verdict.sentence.endswith(".")
    assert ".." not in verdict.sentence.replace("...", "")
    if state is not RIGHT:
        assert verdict.hints
        assert all(hint.endswith((".", "?")) for hint in verdict.hints)
    else:
        assert "<details" not in verdict._repr_html_()
