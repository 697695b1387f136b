"""Notebook 04 as a learner plays it in JupyterLab: the exercises, the phone, the checkpoints, the board."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.test_phones import press
from tests.browser.test_widgets import status, violations
from tests.notebooks.solutions import SOLUTIONS
from tests.ports import unused_port
from tests.waiting import patience

NAME = "04-tasks-from-phone-calls"
NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / f"{NAME}.ipynb"
ENGLISH = "For English, please press two."
SMALL, LARGER = {"width": 1024, "height": 700}, {"width": 1200, "height": 900}


@pytest.fixture
def notebook(tmp_path) -> Path:
    """Notebook 04 with a free port in the place of its own."""
    copy = tmp_path / NOTEBOOK.name
    source = re.sub(r"\b8081\b", str(unused_port()), NOTEBOOK.read_text(encoding="utf-8"))
    copy.write_text(with_time(source), encoding="utf-8")
    return copy


def with_time(source: str) -> str:
    """The same, with a menu that waits for a key as long as these tests take on a slow machine."""
    return source.replace("timeout=5", f"timeout={round(patience(5))}")


def fill_in(lab, cell_id):
    """Write the solution of an exercise over its text, and run it."""
    code = with_time(SOLUTIONS[NAME][cell_id])
    lab.page.evaluate(
        "([id, code]) => { window.jupyterapp.shell.currentWidget.content.widgets"
        ".find(c => c.model.id === id).model.sharedModel.setSource(code); }",
        [cell_id, code],
    )
    lab.run(cell_id)


def run_to(lab, last, *, after=None):
    """Run the code cells up to one, one by one as a learner does."""
    ids = [cell.id for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"]
    first = 0 if after is None else ids.index(after) + 1
    for cell_id in ids[first : ids.index(last) + 1]:
        lab.run(cell_id)


def test_a_call_becomes_a_task_and_ends_with_its_caller(client, open_notebook, notebook, page, picture):
    """On a small screen, on which the phone, the board and the code do not all fit."""
    page.set_viewport_size(SMALL)
    lab = open_notebook(notebook)
    caller = lab.output("caller-phone")

    # the menu, first with its gap: the key comes back
    run_to(lab, "caller-phone")
    expect(lab.output("check-voice-url").get_by_text("Whoever calls +15005550006 is answered by")).to_be_visible()
    press(lab, "caller-phone", "Call")
    expect(status(lab, "caller-phone", "Press a key now.")).to_be_attached()
    press(lab, "caller-phone", "1")
    expect(caller.get_by_role("log").get_by_text("Para español").nth(1)).to_be_attached()
    lab.run("check-menu")
    expect(lab.output("check-menu").get_by_text("has no action")).to_be_visible()
    lab.output("check-menu").scroll_into_view_if_needed()
    picture("no-action")
    press(lab, "caller-phone", "Hang up")

    # with the gap filled in
    fill_in(lab, "your-menu")
    question = lab.output("predict-no-route")
    run_to(lab, "predict-no-route", after="caller-phone")
    question.get_by_role("button", name="The caller hears the menu again").click()
    expect(status(lab, "predict-no-route", "Not quite.")).to_be_visible()
    for size in (LARGER, SMALL):
        page.set_viewport_size(size)
        assert len({round(each.bounding_box()["width"]) for each in question.get_by_role("button").all()}) == 1
    caller.scroll_into_view_if_needed()
    press(lab, "caller-phone", "Call")
    expect(status(lab, "caller-phone", "Press a key now.")).to_be_attached()
    expect(caller.get_by_role("log")).to_contain_text(ENGLISH)
    picture("the-menu")
    press(lab, "caller-phone", "1")
    expect(caller.get_by_role("log")).to_contain_text("Error 11200")
    expect(status(lab, "caller-phone", "The call is over.")).to_be_attached()
    lab.run("check-menu")
    expect(lab.output("check-menu").get_by_text("Right").first).to_be_visible()

    # the task
    fill_in(lab, "your-task")
    run_to(lab, "caller-phone-again", after="your-task")
    again = lab.output("caller-phone-again")
    again.scroll_into_view_if_needed()
    press(lab, "caller-phone-again", "Call")
    expect(status(lab, "caller-phone-again", "Press a key now.")).to_be_attached()
    press(lab, "caller-phone-again", "1")
    expect(status(lab, "caller-phone-again", "place 1 of 1. Waiting for an agent.")).to_be_attached()
    expect(again.get_by_role("log")).to_contain_text("waiting music")
    picture("in-the-queue")
    board = lab.output("open-board")
    task = board.get_by_role("group", name="Tasks pending").locator(".tr-task")
    expect(task).to_contain_text("selected_language es")
    expect(task).to_contain_text("caller waits in the queue")
    board.scroll_into_view_if_needed()
    picture("board")
    lab.run("check-call-waits")
    expect(lab.output("check-call-waits").get_by_text("Right").first).to_be_visible()

    # the caller hangs up
    press(lab, "caller-phone-again", "Hang up")
    expect(status(lab, "caller-phone-again", "The call is over.")).to_be_attached()
    expect(task).to_have_count(0)
    lab.run("check-hung-up")
    expect(lab.output("check-hung-up").get_by_text("Right").first).to_be_visible()
    lab.run("show-attributes")
    expect(lab.output("show-attributes").get_by_text("call_sid").first).to_be_visible()
    picture("hung-up")
    assert violations(page) == []

    # what the screen shows is what TaskRouter says
    workspace = client.taskrouter.v1.workspaces.list(friendly_name="TaskRouter Tutorial")[0]
    (task,) = workspace.tasks.list()
    assert (task.assignment_status, task.reason) == ("canceled", "hangup")
