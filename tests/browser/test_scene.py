"""The tutorial's heart as a learner meets it: notebook 03 in JupyterLab, one click, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests.notebooks.solutions import read_solved
from tests.ports import unused_port

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "03-accept-by-callback.ipynb"


@pytest.fixture
def notebook(tmp_path) -> Path:
    """Notebook 03 with its exercises done, and a free port in the place of 8080, which another program may hold."""
    copy, solved = tmp_path / NOTEBOOK.name, read_solved(NOTEBOOK.stem)
    copy.write_text(nbformat.writes(solved).replace("8080", str(unused_port())), encoding="utf-8")
    return copy


def test_one_click_and_the_task_is_hers(client, open_notebook, notebook, picture):
    lab = open_notebook(notebook)
    lab.run_up_to("toggle-alice-again")
    scene = lab.output("toggle-alice-again")
    expect(scene.get_by_role("radio", name="Offline")).to_be_checked()
    expect(scene.get_by_text(re.compile("pending")).first).to_be_visible()
    scene.scroll_into_view_if_needed()
    picture("waiting")

    scene.get_by_role("radio", name="Idle").click()
    expect(scene.get_by_role("status").filter(has_text="Alice is Busy")).to_be_visible()
    expect(scene.get_by_text(re.compile(r"\bassigned\b")).first).to_be_visible()
    board = lab.output("open-board")
    expect(board.get_by_role("group", name="Tasks assigned").get_by_role("listitem").first).to_be_visible()
    expect(board.locator(".tr-worker").filter(has_text="Alice").locator(".tr-activity")).to_contain_text("Busy")
    picture("assigned")
    board.get_by_role("tab", name="Log").click()
    expect(board.get_by_text("✓ accept").first).to_be_visible()
    board.get_by_role("tab", name="Sequence").click()
    expect(board.locator("[aria-label*='callback server to TaskRouter: 200 accept']")).to_be_visible()
    board.get_by_role("tab", name="Board").click()

    # what the screen shows is what TaskRouter says
    workspace = client.taskrouter.v1.workspaces.list(friendly_name="TaskRouter Tutorial")[0]
    (task,) = [task for task in workspace.tasks.list() if task.assignment_status == "assigned"]
    assert task.reservations.list()[0].reservation_status == "accepted"

    for cell in ("tell-the-story", "check-accepted-by-callback"):
        lab.run(cell)
    lab.output("tell-the-story").scroll_into_view_if_needed()
    expect(
        lab.output("tell-the-story").get_by_text("The reservation is accepted: the task is assigned")
    ).to_be_visible()
    expect(lab.output("check-accepted-by-callback").get_by_text("Right").first).to_be_visible()
    picture("story")
