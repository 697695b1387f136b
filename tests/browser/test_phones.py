"""A phone call as a learner makes it: dialed, queued, answered on Alice's phone, and ended, in JupyterLab."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.browser.board_page import tab
from tests.browser.test_widgets import RESTARTED, status, violations, violations_in_each_theme
from tests.live.hotline import ALICE, CALLER, NUMBER

SETUP = """
from helpers import board, connect, phone, serve
from tests.live.hotline import hotline_app
client = connect(quiet=True)
workspace = client.taskrouter.v1.workspaces("{workspace}").fetch()
alice = workspace.workers("{alice}").fetch()
server = serve(hotline_app("{workflow}"), port=0)
workspace.workflows("{workflow}").update(assignment_callback_url=server.url + "/assignment_callback")
[number] = client.incoming_phone_numbers.list()
number.update(voice_url=server.url + "/incoming_call");
"""
CALLER_PHONE = f'phone(client, "{CALLER}")'
ALICE_PHONE = "phone(client, alice)"
BOARD = "board(client, workspace, server)"


@pytest.fixture
def cells(team):
    """Cells with the app, the caller's phone, Alice's, and the board; she is Offline."""
    team.alice.update(
        attributes=json.dumps({"languages": ["en", "es"], "contact_uri": ALICE}),
        activity_sid=team.activities["Offline"].sid,
    )
    setup = SETUP.format(workspace=team.workspace.sid, alice=team.alice.sid, workflow=team.workflow.sid)
    return {"setup": setup, "caller": CALLER_PHONE, "agent": ALICE_PHONE, "board": BOARD}


def press(lab, cell_id, name):
    """Click the button of that name on a phone."""
    lab.output(cell_id).get_by_role("button", name=name, exact=True).click()


def test_a_call_from_the_first_ring_to_the_end(open_notebook, cells, team, picture):
    lab = open_notebook(cells)
    lab.run_all()
    caller, agent = lab.output("caller"), lab.output("agent")
    expect(caller.get_by_label("Number to dial")).to_have_value(NUMBER)
    picture("quiet")
    aloud = caller.get_by_role("checkbox", name="Read aloud")
    expect(aloud).to_be_disabled()  # headless Chromium has no voice
    expect(aloud).to_have_accessible_description("This browser has no voice to read aloud with.")
    press(lab, "caller", "Call")
    expect(status(lab, "caller", "Press a key now.")).to_be_attached()
    expect(caller.get_by_role("log")).to_contain_text("For English, press two.")
    press(lab, "caller", "1")
    expect(status(lab, "caller", "place 1 of 1. Waiting for an agent.")).to_be_attached()
    picture("in-the-queue")
    expect(lab.output("board").locator(".tr-task .tr-attributes")).to_have_text(
        f"call from {CALLER}selected_language es"
    )
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    expect(status(lab, "caller", "Ringing Alice.")).to_be_attached()
    expect(status(lab, "agent", f"It rings: {NUMBER} calls.")).to_be_attached()
    picture("ringing")
    press(lab, "agent", "Answer")
    expect(agent.get_by_role("button", name="Hang up")).to_be_focused()
    expect(status(lab, "caller", "Talking with Alice.")).to_be_attached()
    expect(status(lab, "agent", f"Talking with {CALLER}.")).to_be_attached()
    picture("talking")
    press(lab, "agent", "Hang up")
    expect(status(lab, "agent", "The call is over.")).to_be_attached()
    expect(status(lab, "caller", "The call is over.")).to_be_attached()
    assert team.workspace.tasks.list()[0].assignment_status in ("completed", "wrapping")


def test_by_the_keyboard_alone(open_notebook, cells, page):
    lab = open_notebook(cells)
    lab.run_all()
    caller = lab.output("caller")
    expect(caller.get_by_label("Number to dial")).to_have_value(NUMBER)
    caller.get_by_label("Number to dial").focus()
    page.keyboard.press("Enter")
    expect(status(lab, "caller", "Press a key now.")).to_be_attached()
    caller.get_by_role("button", name="1", exact=True).focus()
    for keys in ("Control+Enter", "Alt+Enter"):
        page.keyboard.press(keys)  # runs the cell, whose phone is a new one
        lab.wait_idle()
        expect(status(lab, "caller", "Press a key now.")).to_be_attached()
        caller.get_by_role("button", name="5", exact=True).focus()
    caller.get_by_label("What you say").focus()
    page.keyboard.type("hello")
    page.keyboard.press("Enter")
    expect(caller.get_by_role("log")).to_contain_text("You say: “hello”")
    expect(caller.get_by_label("What you say")).to_have_value("")
    caller.get_by_role("button", name="5", exact=True).focus()
    page.keyboard.press("2")
    expect(status(lab, "caller", "Waiting for an agent.")).to_be_attached()
    caller.get_by_role("button", name="Hang up").focus()
    page.keyboard.press("Space")
    expect(status(lab, "caller", "The call is over.")).to_be_attached()
    expect(caller.get_by_role("button", name="Call", exact=True)).to_be_focused()


def labels(lab):
    """What stands at the arrows of the sequence, in order."""
    steps = lab.output("board").locator(".tr-step")
    return [label.split(": ", 1)[1] for label in steps.evaluate_all("all => all.map(each => each.ariaLabel)")]


def test_the_sequence_of_a_call_is_drawn_and_replayed(open_notebook, cells, team, picture, page):
    before = page.viewport_size
    page.set_viewport_size({"width": 1024, "height": 700})
    try:
        lab = open_notebook(cells)
        lab.run_all()
        board = lab.output("board")
        lanes = ["caller", "Twilio", re.compile("server"), "worker", "agent"]
        heads = board.locator(".tr-lanehead")
        tab(lab, "Sequence")
        expect(heads).to_have_text([re.compile("code"), "TaskRouter", re.compile("server"), "worker"])
        press(lab, "caller", "Call")
        expect(status(lab, "caller", "Press a key now.")).to_be_attached()
        press(lab, "caller", "1")
        expect(status(lab, "caller", "Waiting for an agent.")).to_be_attached()
        team.alice.update(activity_sid=team.activities["Idle"].sid)
        expect(status(lab, "agent", "It rings")).to_be_attached()
        tab(lab, "Board")
        expect(board.locator(".tr-task .tr-callsnow")).to_contain_text("caller waits in the queue, place 1 of 1")
        expect(board.locator(".tr-worker", has_text="Alice").locator(".tr-callsnow")).to_contain_text("phone rings")
        board.scroll_into_view_if_needed()
        picture("board-rings")
        press(lab, "agent", "Answer")
        expect(board.locator(".tr-task .tr-callsnow")).to_contain_text("caller talks with Alice")
        board.scroll_into_view_if_needed()
        picture("board-talks")
        press(lab, "agent", "Hang up")
        expect(status(lab, "agent", "The call is over.")).to_be_attached()
        tab(lab, "Sequence")
        expect(heads).to_have_text(lanes)
        expect(board.locator("[aria-label$='agent to Twilio: hangs up']")).to_be_attached()
        story = [
            f"dials {NUMBER}", "POST /incoming_call", "200 Gather, Say", "answered", "“Para Español, oprima el uno.”",
            "presses 1", "POST /enqueue_call", "200 Enqueue", "filter", "waits, number 1", "reservation created",
            "POST /assignment_callback", "200 dequeue", "calls Alice", "answers", "reservation accepted",
            "connected with Alice", "hangs up", "the call is over",
        ]  # fmt: skip
        drawn = labels(lab)
        places = [next((i for i, label in enumerate(drawn) if label.startswith(words)), words) for words in story]
        assert places == sorted(places, key=lambda each: (isinstance(each, str), each)), drawn
        board.scroll_into_view_if_needed()
        board.locator(".tr-scroll").evaluate("node => node.scrollTop = 0")
        picture("sequence")
        assert violations(page) == []
        board.get_by_role("button", name="To the first step").click()
        expect(board.locator(".tr-step")).to_have_count(1)
        expect(heads).to_have_text(lanes)
        while board.locator(".tr-step", has_text="dials").count() == 0:  # the team may just have been made
            board.get_by_role("button", name="One step on").click()
        expect(board.locator(".tr-states")).to_contain_text(f"caller {CALLER}: ringing")
        so_far = board.locator(".tr-step").count()
        board.get_by_role("button", name="Play in slow motion").click()
        expect(board.locator(".tr-step")).not_to_have_count(so_far)
        picture("replay")
    finally:
        page.set_viewport_size(before)


@pytest.fixture
def small(page):
    """A small screen."""
    before = page.viewport_size
    page.set_viewport_size({"width": 1024, "height": 700})
    yield
    page.set_viewport_size(before)


def test_phones_and_a_board_beside_the_notebook_are_usable_on_a_small_screen(
    open_notebook, cells, team, picture, page, small
):
    lab = open_notebook(cells)
    lab.run_all()
    caller, agent = lab.output("caller"), lab.output("agent")
    lab.output("board").get_by_role("button", name="Open beside the notebook").click()
    beside = page.locator(".lm-DockPanel-widget.tr-board")
    expect(beside.locator(".tr-worker")).to_have_count(2)
    caller.locator(".tr-phone").scroll_into_view_if_needed()
    press(lab, "caller", "Call")
    expect(caller.get_by_role("log")).to_contain_text("For English, press two.")
    for name in ("Hang up", "1"):
        expect(caller.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    picture("menu")
    press(lab, "caller", "1")
    expect(status(lab, "caller", "Waiting for an agent.")).to_be_attached()
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    expect(status(lab, "agent", "It rings")).to_be_attached()
    agent.locator(".tr").evaluate("node => node.scrollIntoView({block: 'start'})")
    expect(agent.get_by_role("button", name="Answer")).to_be_in_viewport(ratio=1)
    expect(beside.locator(".tr-worker", has_text="Alice").locator(".tr-callsnow")).to_be_in_viewport(ratio=1)
    picture("rings")
    press(lab, "agent", "Answer")
    expect(status(lab, "caller", "Talking with Alice.")).to_be_attached()
    beside.get_by_role("tab", name="Sequence").click()
    expect(beside.locator("[aria-label$='connected with Alice']")).to_be_attached()
    picture("talks")
    overflow = "node => node.scrollWidth - node.clientWidth"
    assert [phone.locator(".tr").evaluate(overflow) for phone in (caller, agent)] == [0, 0]
    assert violations(page) == []


def test_nothing_bars_anybody(open_notebook, cells, team, picture, page):
    """What axe finds, on a small screen, in every state that the phones have."""
    before = page.viewport_size
    page.set_viewport_size({"width": 1024, "height": 700})
    try:
        lab = open_notebook(cells)
        lab.run_all()
        team.alice.update(activity_sid=team.activities["Idle"].sid)
        press(lab, "caller", "Call")
        expect(status(lab, "caller", "Press a key now.")).to_be_attached()
        press(lab, "caller", "1")
        expect(status(lab, "agent", "It rings")).to_be_attached()
        lab.output("caller").scroll_into_view_if_needed()
        lab.output("caller").locator("summary").click()
        picture("ringing")
        assert violations_in_each_theme(lab) == []
        overflow = "node => node.scrollWidth - node.clientWidth"
        assert [lab.output(each).locator(".tr").evaluate(overflow) for each in ("caller", "agent")] == [0, 0]
        press(lab, "agent", "Answer")
        expect(status(lab, "agent", "Talking with")).to_be_attached()
        lab.output("agent").scroll_into_view_if_needed()
        picture("talking")
        assert violations_in_each_theme(lab) == []
        lab.restart()
        expect(status(lab, "agent", RESTARTED)).to_be_visible()
        expect(lab.output("agent").get_by_role("button", name="Hang up")).to_be_disabled()
        picture("gone")
        assert violations_in_each_theme(lab) == []
    finally:
        page.set_viewport_size(before)
