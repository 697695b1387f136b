"""Phones beside the notebook and by the keyboard alone, and a task that comes back to a phone that is busy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_phones import ALICE_PHONE, BOARD, CALLER_PHONE, cells, small  # noqa: F401 (fixtures)
from tests.browser.test_widgets import status, violations
from tests.live.hotline import ALICE, CALLER, NUMBER

BUSY_ROOM = """
app = hotline_app(workflow.sid)
app.router.routes = [route for route in app.router.routes if route.path != "/assignment_callback"]
app.post("/assignment_callback")(lambda: {{"instruction": "conference", "from": "{number}"}})
server = serve(app, server.port);
"""


def docked(page: Page, name: str) -> Locator:
    """What stands beside the notebook under that title."""
    return page.locator(".lm-DockPanel-widget.tr").filter(has_text=name)


def test_two_phones_and_a_board_beside_the_notebook(open_notebook, cells, team, picture, page, small):  # noqa: F811
    lab = open_notebook(cells)
    lab.run_all()
    in_notebook = lab.output("agent")
    for cell in ("board", "caller", "agent"):
        lab.output(cell).get_by_role("button", name="Open beside the notebook").click()
    caller, agent = docked(page, f"Phone {CALLER}"), docked(page, "Alice's phone")
    board = page.locator(".lm-DockPanel-widget.tr-board")
    for each in (caller, agent, board):
        expect(each).to_have_count(1)
        expect(each).to_be_in_viewport()
    caller.get_by_role("button", name="Call", exact=True).click()
    expect(caller.get_by_role("status").filter(has_text="Press a key now.")).to_be_attached()
    caller.get_by_role("button", name="1", exact=True).click()
    expect(caller.get_by_role("status").filter(has_text="Waiting for an agent.")).to_be_attached()
    picture("waits")
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    expect(agent.get_by_role("status").filter(has_text="It rings")).to_be_attached()
    picture("rings")
    agent.get_by_role("button", name="Answer").click()
    for phone, words in ((caller, "Talking with Alice."), (agent, f"Talking with {CALLER}.")):
        expect(phone.get_by_role("status").filter(has_text=words)).to_be_attached()
    expect(in_notebook.get_by_role("status").filter(has_text=f"Talking with {CALLER}.")).to_be_attached()
    picture("talks")
    for each in (caller, agent, board):
        expect(each).to_have_css("overflow", "auto")
    overflow = "node => node.scrollWidth - node.clientWidth"
    assert [each.evaluate(overflow) for each in (caller, agent)] == [0, 0]
    assert violations(page) == []


STACK = """() => {
    const { shell } = window.jupyterapp;
    const [under, over] = [...shell.widgets('main')].filter(each => each.node.matches('.tr'));
    shell.add(over, 'main', { mode: 'tab-after', ref: under.id });
    shell.activateById(over.id); }"""


def test_what_stands_beside_the_notebook_already_comes_to_the_front(open_notebook, cells, page, small):  # noqa: F811
    lab = open_notebook({"setup": cells["setup"], "caller": CALLER_PHONE, "board": BOARD})
    lab.run_all()
    caller, board = docked(page, f"Phone {CALLER}"), page.locator(".lm-DockPanel-widget.tr-board")
    for cell in ("caller", "board"):
        lab.output(cell).get_by_role("button", name="Open beside the notebook").dblclick()
    for each in (caller, board):
        expect(each).to_be_in_viewport()
    page.evaluate(STACK)
    expect(caller).to_be_hidden()
    for shown, hidden, cell in ((caller, board, "caller"), (board, caller, "board")):
        lab.output(cell).get_by_role("button", name="Open beside the notebook").click()
        expect(shown).to_be_in_viewport()
        expect(hidden).to_be_hidden()
        assert page.evaluate("() => window.jupyterapp.shell.currentWidget.title.label").endswith(".ipynb")
    for each in (caller, board):
        expect(each).to_have_count(1)


def test_a_task_that_comes_back_to_a_busy_phone_is_said_on_the_board(
    open_notebook,
    cells,  # noqa: F811
    team,
    sandbox,
    picture,
):
    """A conference that fails cancels the reservation, and the task is offered again at once (voice.md §4.5)."""
    room = BUSY_ROOM.format(number=NUMBER).replace("workflow.sid", repr(team.workflow.sid))
    lab = open_notebook({"setup": cells["setup"], "room": room, "board": BOARD, "caller": CALLER_PHONE})
    lab.run_all()
    sandbox.phones.set(ALICE, "busy")
    lab.output("caller").get_by_role("button", name="Call", exact=True).click()
    expect(status(lab, "caller", "Press a key now.")).to_be_attached()
    lab.output("caller").get_by_role("button", name="1", exact=True).click()
    expect(status(lab, "caller", "Waiting for an agent.")).to_be_attached()
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    said = lab.output("board").get_by_text(re.compile(r"Offered \d+ times in a row to Alice, whose last call .*busy"))
    expect(said.first).to_be_visible()
    lab.output("board").scroll_into_view_if_needed()
    picture("in-a-row")
    team.alice.update(activity_sid=team.activities["Offline"].sid)
    sandbox.phones.set(ALICE, "by-hand")


def tab_to(page: Page, name: str, most: int = 40) -> None:
    """Press Tab until the control with that name has the focus."""
    focus = "() => document.activeElement?.ariaLabel || document.activeElement?.innerText || ''"
    passed = []
    for _ in range(most):
        if (now := page.evaluate(focus)) == name:
            return
        passed.append(now)
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {name!r}: {passed}")


@pytest.fixture
def both_phones(cells) -> dict[str, str]:  # noqa: F811
    """Cells with both phones under one of them."""
    return {"setup": cells["setup"], "phones": f"display({CALLER_PHONE}, {ALICE_PHONE})", "after": "1 + 1"}


def test_a_call_by_the_keyboard_alone(open_notebook, both_phones, team, page, picture, small):  # noqa: F811
    lab = open_notebook(both_phones)
    lab.run_all()
    phones = lab.output("phones")
    expect(phones.get_by_label("Number to dial")).to_have_value(NUMBER)
    phones.get_by_label("Number to dial").focus()
    page.keyboard.press("Enter")
    expect(status(lab, "phones", "Press a key now.")).to_be_attached()
    tab_to(page, "1")
    page.keyboard.press("Shift+Enter")  # runs the cell, as everywhere in JupyterLab
    lab.wait_idle()
    assert lab.page.evaluate("window.jupyterapp.shell.currentWidget.content.activeCell.model.id") == "after"
    expect(status(lab, "phones", "Press a key now.")).to_be_attached()
    phones.get_by_label("Number to dial").focus()
    tab_to(page, "5")
    page.keyboard.press("1")
    expect(status(lab, "phones", "Waiting for an agent.")).to_be_attached()
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    expect(status(lab, "phones", "It rings")).to_be_attached()
    tab_to(page, "Answer")
    picture("answer")
    page.keyboard.press("Space")
    expect(status(lab, "phones", "Talking with Alice.")).to_be_attached()
    expect(phones.get_by_role("button", name="Hang up").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(status(lab, "phones", "The call is over.").first).to_be_attached()
    tab_to(page, "Keys")
    page.keyboard.press("Enter")
    expect(phones.get_by_role("group", name="Keypad")).to_have_count(2)
    picture("keys")
