"""The board by the keyboard alone, and for everybody: focus, keys, contrast, names."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_widgets import violations

from .board_page import BOARD, CLICKED, LISTEN, SETUP, TASK, lane, tab, worker


def test_the_keyboard_alone_is_enough(lab, page, team):
    board = lab.output("board")
    board.get_by_role("tab", name="Board").focus()
    page.keyboard.press("ArrowRight")
    expect(board.get_by_role("tab", name="Sequence")).to_be_focused()
    expect(board.get_by_role("tabpanel", name="Sequence")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Home")
    expect(board.get_by_role("tabpanel", name="Board")).to_be_visible()

    worker(lab, "Alice").get_by_role("radio", name="Offline").focus()
    page.keyboard.press("ArrowRight")
    assert team.alice.fetch().activity_name == "Offline"  # moving is not choosing
    names = worker(lab, "Alice").get_by_role("radio").evaluate_all("all => all.map(each => each.parentNode.innerText)")
    while page.evaluate("document.activeElement.parentNode.innerText").split("\n")[0] != "Idle":
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(lane(lab, "assigned").get_by_role("listitem").first).to_be_visible()
    assert len(names) >= 4
    # the focus stays in the group although the card was drawn anew
    assert page.evaluate("document.activeElement.type") == "radio"

    menu = board.locator("summary").filter(has_text="New task")
    menu.focus()
    page.keyboard.press("Enter")
    expect(board.get_by_role("textbox", name="Attributes")).to_have_value('{"selected_language":"es"}')
    page.keyboard.press("Escape")
    expect(board.get_by_role("textbox", name="Attributes")).to_be_hidden()
    expect(menu).to_be_focused()

    board.get_by_role("tab", name="Sequence").click()
    last = board.locator(".tr-step[tabindex='0']")
    last.focus()
    page.keyboard.press("ArrowUp")
    expect(board.locator(".tr-step[aria-pressed='true']")).to_have_count(1)
    assert page.evaluate("document.activeElement.getAttribute('aria-pressed')") == "true"


def test_the_focus_goes_on_to_the_next_thing_to_do(lab, page):
    """Accept hides itself when it is done; so does Complete."""
    board = lab.output("board")
    board.locator("summary").filter(has_text="Next answer").click()
    board.get_by_role("button", name="{} (no instruction)").click()
    worker(lab, "Alice").get_by_role("radio", name="Idle").click()
    accept = lane(lab, "reserved").get_by_role("button", name="Accept")
    expect(accept).to_be_visible()
    accept.focus()
    page.keyboard.press("Enter")
    complete = lane(lab, "assigned").get_by_role("button", name="Complete")
    expect(complete).to_be_focused()
    worker(lab, "Alice").get_by_role("button", name="Complete").focus()
    page.keyboard.press("Enter")
    expect(worker(lab, "Alice").get_by_role("radio", name="Busy")).to_be_focused()


def test_the_keys_that_run_a_cell_press_nothing(lab, page, team):
    """Wherever the focus is in the board: on a button, a radio button, a menu, a tab."""
    board = lab.output("board")
    for keys, control in (
        ("Shift+Enter", lane(lab, "pending").get_by_role("button", name="Cancel")),
        ("Shift+Enter", worker(lab, "Alice").get_by_role("radio", name="Busy")),
        ("Control+Enter", board.locator("summary").filter(has_text="Skip time")),
        ("Alt+Enter", board.get_by_role("tab", name="Log")),
    ):
        lab.cell("board").locator(".jp-InputPrompt").click()
        control.focus()
        ran = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCell.model.executionCount")
        page.keyboard.press(keys)
        page.wait_for_function(
            "ran => window.jupyterapp.shell.currentWidget.content.widgets[1].model.executionCount > ran", arg=ran
        )
        lab.wait_idle()
        expect(board.get_by_role("tab", name="Board")).to_have_attribute("aria-selected", "true")
        expect(board.locator("details.tr-menu[open]")).to_have_count(0)
    expect(lane(lab, "pending").get_by_role("listitem").first).to_be_visible()
    assert team.alice.fetch().activity_name == "Offline"


def test_nothing_bars_anybody(team, open_notebook, picture):
    lab = open_notebook({"setup": SETUP, "board": BOARD, "listen": LISTEN, "task": TASK, "click": CLICKED})
    lab.run_all()
    board = lab.output("board")
    expect(lane(lab, "assigned").get_by_role("listitem").first).to_be_visible()
    board.locator("summary").filter(has_text="New task").click()
    board.get_by_role("button", name="Create the task").click()
    expect(board.locator(".tr-call pre").first).to_contain_text("tasks.create")
    for theme in ("light", "dark"):
        lab.theme(theme)
        for name in ("Board", "Sequence", "Timeline", "Log"):
            tab(lab, name)
            expect(board.get_by_role("tabpanel", name=name)).to_be_visible()
            picture(f"{name}-{theme}")
            assert violations(lab.page) == []


@pytest.mark.parametrize(("field", "name"), [("textbox", "Attributes"), ("spinbutton", "Priority")])
def test_enter_in_a_field_creates_the_task_once(lab, page, team, field, name):
    """JupyterLab cancels the line break in whatever stands in a cell, by which a browser sends a form."""
    board = lab.output("board")
    board.locator("summary").filter(has_text="New task").click()
    board.get_by_role(field, name=name).focus()
    page.keyboard.press("Enter")
    expect(lane(lab, "pending").locator("h4")).to_contain_text("pending 2")
    expect(board.locator("summary").filter(has_text="New task")).to_be_focused()
    expect(board.locator(".tr-call.tr-done")).to_have_count(1)
    assert len(team.workspace.tasks.list()) == 2
