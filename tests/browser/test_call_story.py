"""The story of the phone calls as a learner meets it: notebook 05 in JupyterLab, and two phones (behaviour.md §1.4)."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.test_widgets import status
from tests.notebooks.solutions import SOLUTIONS
from tests.ports import unused_port

NAME = "05-dequeue-to-an-agent"
NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / f"{NAME}.ipynb"
SIZES = {"small": {"width": 1024, "height": 700}, "wide": {"width": 1200, "height": 900}}


@pytest.fixture
def notebook(tmp_path) -> Path:
    """Notebook 05 with its exercise solved, and a free port in the place of 8080."""
    content, port = nbformat.read(NOTEBOOK, as_version=4), str(unused_port())
    for cell in content.cells:
        cell.source = re.sub(r"\b808\d\b", port, SOLUTIONS[NAME].get(cell.id, cell.source))
    copy = tmp_path / NOTEBOOK.name
    nbformat.write(content, copy)
    return copy


@pytest.fixture(params=SIZES)
def screen(request, page):
    """The page in one of the sizes."""
    before = page.viewport_size
    page.set_viewport_size(SIZES[request.param])
    yield request.param
    page.set_viewport_size(before)


def test_a_caller_is_connected_with_alice(screen, client, open_notebook, notebook, picture):
    lab = open_notebook(notebook)
    lab.run_all()
    phones, board = lab.output("show-phones"), lab.output("open-board")
    caller = phones.locator(".tr").filter(has_text="+15005550100").first
    alice = board.locator(".tr-worker").filter(has_text="Alice")
    phones.scroll_into_view_if_needed()
    picture("quiet")

    caller.get_by_role("button", name="Call", exact=True).click()
    expect(status(lab, "show-phones", "Press a key now.")).to_be_attached()
    picture("menu")
    caller.get_by_role("button", name="1", exact=True).click()
    expect(status(lab, "show-phones", "place 1 of 1. Waiting for an agent.")).to_be_attached()
    expect(board.get_by_role("group", name="Tasks pending").get_by_role("listitem").first).to_be_attached()
    picture("waiting")

    phones.get_by_role("radio", name="Idle").click()
    expect(status(lab, "show-phones", "It rings: +15005550006 calls.")).to_be_attached()
    expect(alice.locator(".tr-activity")).to_contain_text("Reserved")
    lab.run("check-connected")
    expect(lab.output("check-connected").get_by_text("a phone rings for Alice")).to_be_visible()
    phones.scroll_into_view_if_needed()
    picture("ringing")

    phones.get_by_role("button", name="Answer").click()
    expect(status(lab, "show-phones", "Talking with Alice.")).to_be_attached()
    expect(status(lab, "show-phones", "Talking with +15005550100.")).to_be_attached()
    expect(board.get_by_role("group", name="Tasks assigned").get_by_role("listitem").first).to_be_attached()
    expect(alice.locator(".tr-activity")).to_contain_text("Busy")
    picture("talking")
    lab.cell("open-board").evaluate("cell => cell.scrollIntoView()")
    picture("board")
    lab.run("check-connected")
    expect(lab.output("check-connected").get_by_text("The caller talks with Alice.")).to_be_visible()

    phones.get_by_role("button", name="Hang up").nth(1).click()
    expect(alice.locator(".tr-activity")).to_contain_text("WrapUp")
    lab.run("check-wrapped-up")
    expect(lab.output("check-wrapped-up").get_by_text("Alice is in WrapUp")).to_be_visible()
    picture("after")
    board.get_by_role("tab", name="Sequence").click()
    lab.cell("open-board").evaluate("cell => cell.scrollIntoView()")
    picture("sequence")

    workspace = client.taskrouter.v1.workspaces.list(friendly_name="TaskRouter Tutorial")[0]
    [reservation] = workspace.tasks.list()[0].reservations.list()
    assert reservation.reservation_status == "completed"
