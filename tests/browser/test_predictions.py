"""A question in JupyterLab: chosen with a mouse, with the keyboard, light and dark, in a narrow window."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.test_widgets import RESTARTED, status, violations_in_each_theme

CELLS = {"imports": "from helpers import predict", "ask": 'predict("alice-becomes-idle")', "after": "6 * 7"}


def test_the_answer_comes_after_the_choice(open_notebook, picture):
    lab = open_notebook(CELLS)
    lab.run_all()
    question = lab.output("ask")
    assert lab.text("after").endswith("42")
    expect(question.get_by_role("group", name="What will change when Alice becomes Idle?")).to_be_visible()
    expect(question.get_by_text("TaskRouter reserves her")).to_have_count(0)
    picture("asked")
    question.get_by_role("button", name="Only Alice").click()
    expect(status(lab, "ask", "Not quite. It is: Both the task and Alice")).to_be_visible()
    expect(question.get_by_role("button", name="Both the task and Alice ✓ right")).to_be_visible()
    assert violations_in_each_theme(lab) == []
    picture("answered")
    lab.run("ask")
    question.get_by_role("button", name="Both the task and Alice").click()
    expect(status(lab, "ask", "Right. TaskRouter reserves her for the task at once")).to_be_visible()
    picture("right")


def test_by_the_keyboard_alone_in_a_narrow_window_and_after_a_restart(open_notebook, page, picture):
    lab = open_notebook(CELLS)
    before = page.viewport_size
    page.set_viewport_size({"width": 1024, "height": 700})
    try:
        lab.run_all()
        question = lab.output("ask")
        question.get_by_role("button", name="Only Alice").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(status(lab, "ask", "Not quite.")).to_be_visible()
        expect(question.get_by_role("button", name="Only the task")).to_be_focused()
        picture("answered")
        lab.restart()
        expect(status(lab, "ask", RESTARTED)).to_be_visible()
        expect(status(lab, "ask", "Not quite.")).to_be_visible()
    finally:
        page.set_viewport_size(before)
