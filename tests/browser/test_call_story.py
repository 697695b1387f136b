"""The phone calls as a learner meets them: notebook 05 and its second half in JupyterLab (behaviour.md §1.4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.test_widgets import status
from tests.notebooks.solutions import SOLUTIONS
from tests.ports import unused_port

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
SMALL = {"width": 1024, "height": 700}


@pytest.fixture
def notebook(tmp_path) -> Callable[[str], Path]:
    """A copy of a notebook with its exercises solved, and a free port in the place of its own."""

    def solved(name: str) -> Path:
        content, port = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4), str(unused_port())
        for cell in content.cells:
            cell.source = re.sub(r"\b808\d\b", port, SOLUTIONS[name].get(cell.id, cell.source))
        copy = tmp_path / f"{name}.ipynb"
        nbformat.write(content, copy)
        return copy

    return solved


@pytest.fixture(autouse=True)
def small(page):
    """A small screen, on which the phones, the board and the code do not all fit."""
    page.set_viewport_size(SMALL)


def test_a_caller_is_connected_with_alice(client, open_notebook, notebook, picture):
    lab = open_notebook(notebook("05-dequeue-to-an-agent"))
    lab.run_all()
    lab.run("your-answer")  # the app of the end of the page lets the phone ring for ten seconds only
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


def test_bob_listens_to_a_conference(open_notebook, notebook, picture):
    lab = open_notebook(notebook("05b-more-ways-to-connect"))
    lab.run_all()
    phones, bob = lab.output("set-addresses"), lab.output("let-bob-listen")
    for cell in ("your-conference", "reset-lesson"):
        lab.run(cell)
    phones.get_by_role("button", name="Call", exact=True).first.click()
    expect(status(lab, "set-addresses", "Press a key now.")).to_be_attached()
    phones.get_by_role("button", name="1", exact=True).first.click()
    expect(status(lab, "set-addresses", "place 1 of 1. Waiting for an agent.")).to_be_attached()
    phones.get_by_role("radio", name="Idle").click()
    phones.get_by_role("button", name="Answer").click()
    expect(status(lab, "set-addresses", "Talking with Alice.")).to_be_attached()
    expect(phones.get_by_role("log").first).to_contain_text("You are in the conference of the task WT…")
    lab.run("check-in-conference")
    expect(lab.output("check-in-conference").get_by_text("Two are in the room.")).to_be_visible()

    lab.run("let-bob-listen")
    expect(status(lab, "let-bob-listen", "It rings: +15005550006 calls.")).to_be_attached()
    bob.get_by_role("button", name="Answer").click()
    expect(bob.get_by_role("button", name="Hang up")).to_be_visible()
    lab.run("check-listens-in")
    expect(lab.output("check-listens-in").get_by_text("nobody hears Bob")).to_be_visible()
    bob.scroll_into_view_if_needed()
    picture("listening")
    phones.scroll_into_view_if_needed()
    picture("heard")
    phones.get_by_role("button", name="Hang up").nth(1).click()
    expect(status(lab, "let-bob-listen", "The call is over.")).to_be_attached()
