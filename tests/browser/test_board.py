"""The board as a learner meets it: in JupyterLab, with a mouse, in light and dark."""

from __future__ import annotations

import json
import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from helpers import skip

from .board_page import BOARD, SETUP, lane, tab, worker
from .lab import OFTEN


def test_the_heart_scene_on_the_board(lab, client, team, picture):
    board = lab.output("board")
    expect(board.locator(".tr-queue.tr-onpath")).to_contain_text("Spanish")
    expect(board.locator(".tr-filter.tr-onpath")).to_contain_text('selected_language == "es"')
    worker(lab, "Alice").get_by_role("radio", name="Idle").click()
    expect(lane(lab, "assigned").get_by_role("listitem").first).to_be_visible()
    alice = worker(lab, "Alice")
    expect(alice.locator(".tr-activity")).to_contain_text("Busy")
    expect(alice).to_contain_text(re.compile(r"before: Reserved .* ← Idle .* ← Offline"))
    expect(alice.get_by_role("radio", name="Busy")).to_be_checked()
    expect(board.get_by_text("live · event callbacks arrive")).to_be_visible()
    expect(board.locator(".tr-call pre").first).to_contain_text(
        f'workspace.workers("{team.alice.sid}").update(activity_sid='
    )
    picture("assigned")
    alice.get_by_role("button", name="Complete").click()
    expect(lane(lab, "finished").get_by_role("listitem").first).to_be_visible()
    (task,) = team.workspace.tasks.list()
    assert task.assignment_status == "completed"
    assert team.alice.fetch().activity_name == "Busy"


def test_a_task_that_was_picked_is_let_go(lab):
    first = lane(lab, "pending").get_by_role("button").first
    first.click()
    lab.run("task")
    expect(lane(lab, "pending").get_by_role("listitem")).to_have_count(2)
    expect(first).to_have_attribute("aria-pressed", "true")
    first.click()
    expect(first).to_have_attribute("aria-pressed", "false")  # the newest is the present one again


def test_why_a_task_waits_is_told_where_it_is_asked(lab, page, picture):
    board = lab.output("board")
    page.set_viewport_size({"width": 1024, "height": 700})
    lane(lab, "pending").get_by_role("button", name="Why did this task go there?").click()
    answer = board.locator(".tr-why")
    expect(
        answer.get_by_text("Set the activity of Alice to Idle. The task would be reserved for Alice.")
    ).to_be_visible()
    first = answer.get_by_text(re.compile('^1\\. .* The first match was filter "Language - Spanish"'))
    line = answer.get_by_text(re.compile(r'^Bob \(not possible\): is not in the queue .*languages is \["en"\]')).first
    expect(line).to_be_hidden()
    first.click()
    expect(line).to_be_visible()
    assert line.evaluate("node => node.scrollWidth <= node.clientWidth")
    picture("why")
    assert Axe().run(page, context=".tr-why").response["violations"] == []
    answer.get_by_role("button", name="Close").click()
    expect(answer).to_be_hidden()


def test_several_offers_at_once_are_told_apart(lab, team):
    team.workflow.update(assignment_callback_url="")
    team.bob.update(attributes='{"languages": ["es"]}')
    team.spanish.update(max_reserved_workers=2)
    team.workspace.tasks.list()[0].update(assignment_status="canceled")
    for each in (team.alice, team.bob):
        each.update(activity_sid=team.activities["Idle"].sid)
    lab.run("task")
    card = lane(lab, "reserved").get_by_role("listitem").first
    expect(card).to_contain_text("Alice pending")
    expect(card).to_contain_text("Bob pending")
    expect(card.get_by_role("button", name="Accept")).to_have_text(re.compile("Accept for (Alice|Bob)"))


def test_the_target_where_a_task_waits_is_marked_and_the_mark_goes_on(lab, team):
    first = {"queue": team.spanish.sid, "timeout": 60}
    routing = {
        "filters": [{"expression": 'selected_language == "es"', "targets": [first, {"queue": team.english.sid}]}]
    }
    team.workflow.update(configuration=json.dumps({"task_routing": routing}))
    lab.run("task")
    here = lab.output("board").locator(".tr-targets .tr-here")
    expect(here).to_contain_text("Spanish · for 60 s")
    skip(minutes=2)
    expect(here).to_contain_text("English")


def test_what_goes_wrong_is_on_the_board_and_taken_back(lab, sandbox):
    board = lab.output("board")
    board.locator("summary").filter(has_text="Let it go wrong").click()
    board.get_by_role("button", name="the next new task is refused with 429").click()
    armed = board.get_by_role("status").filter(has_text="Fault on: CreateTask answers 429, the next time")
    expect(armed).to_be_visible()
    board.get_by_role("button", name="Clear the fault").click()
    expect(board.locator(".tr-faults")).to_be_hidden()
    assert sandbox.faults.active() == []


def test_a_callback_that_fails_is_told_on_the_board_and_is_one_row_of_the_log(lab, team, picture):
    """It is offered again at once, twice a second."""
    team.workflow.update(assignment_callback_url=f"{team.workflow.fetch().assignment_callback_url}/nowhere")
    worker(lab, "Alice").locator("label").filter(has_text="Idle").click()
    board = lab.output("board")
    expect(board.get_by_role("status").filter(has_text="Your callback failed: the answer was 404")).to_be_visible()
    expect(board.get_by_text(re.compile(r"^\d+ times since"))).to_be_visible()
    expect(board.get_by_role("tab", name="Log")).to_contain_text("1 new problem")
    picture("board")
    board.get_by_role("button", name="Open the log").click()
    expect(board.locator(".tr-callbacks li")).to_have_count(2)
    expect(board.locator(".tr-callbacks li").filter(has_text="alert")).to_contain_text(re.compile(r"\d+ times since"))
    picture("log")


def test_a_task_is_made_from_the_form_and_an_answer_is_chosen(lab, team):
    board = lab.output("board")
    board.locator("summary").filter(has_text="Next answer").click()
    board.get_by_role("button", name="{} (no instruction)").click()
    expect(board.locator("summary").filter(has_text="Next answer: {}")).to_be_visible()
    board.locator("summary").filter(has_text="New task").click()
    board.get_by_role("combobox", name="For").select_option("Language - English")
    board.get_by_role("spinbutton", name="Priority").fill("7")
    board.get_by_role("button", name="Create the task").click()
    expect(lane(lab, "pending")).to_contain_text("priority 7")
    worker(lab, "Bob").get_by_role("radio", name="Idle").click()
    offered = lane(lab, "reserved").get_by_role("listitem").first
    expect(offered).to_contain_text("Bob")
    worker(lab, "Bob").get_by_role("button", name="Reject").click()
    expect(lane(lab, "reserved").get_by_role("listitem")).to_have_count(0)
    assert {task.priority for task in team.workspace.tasks.list()} == {0, 7}


def test_every_item_of_the_menus_does_what_it_says(lab, sandbox):
    board = lab.output("board")
    calls = board.locator(".tr-call pre")
    made = 0
    for name in ("Let it go wrong", "Next answer"):
        menu = board.locator("details.tr-menu").filter(has=board.page.locator("summary", has_text=name))
        for number in range(menu.locator("button").count()):
            menu.locator("summary").click()
            menu.locator("button").nth(number).click()
            made += 1
            expect(board.locator(".tr-call.tr-done").first).to_be_visible()
            expect(calls.first).to_contain_text("faults(" if name == "Let it go wrong" else "answer_next(")
    assert made == 9
    assert len(sandbox.faults.list()) == 5


def test_skipping_time_lets_the_offer_time_out(lab, team):
    board = lab.output("board")
    board.locator("summary").filter(has_text="Next answer").click()
    board.get_by_role("button", name="{} (no instruction)").click()
    expect(board.locator("summary").filter(has_text="Next answer: {}")).to_be_visible()
    worker(lab, "Alice").get_by_role("radio", name="Idle").click()
    expect(lane(lab, "reserved").get_by_role("listitem").first).to_be_visible()
    board.locator("summary").filter(has_text="Skip time").click()
    board.get_by_role("button", name="20 min").click()
    expect(worker(lab, "Alice").locator(".tr-activity")).to_contain_text("Offline")
    expect(lane(lab, "pending")).to_contain_text("waits 20 min")
    tab(lab, "Timeline")
    expect(board.get_by_role("row", name="timed out").get_by_role("cell")).to_have_text("1")


def test_the_log_is_searched_and_unfolds(lab):
    lab.run("click")
    board = lab.output("board")
    tab(lab, "Log")
    row = board.locator(".tr-callbacks li").filter(has_text="POST /assignment_callback")
    expect(row).to_contain_text("✓ accept")
    row.locator("summary").click()
    expect(row.get_by_text("ReservationSid")).to_be_visible()
    board.get_by_label("Search the log").fill("nothing like that")
    expect(board.locator(".tr-callbacks li")).to_have_count(0)
    board.get_by_label("Search the log").fill("accept")
    row.locator("summary").click()
    row.get_by_role("button", name="again").click()
    expect(board.locator(".tr-callbacks li").filter(has_text="POST /assignment_callback")).to_have_count(2)


def test_the_board_opens_beside_the_notebook_and_is_live_there_too(lab, page, picture):
    """One click, in a small window: workers, tasks and the newest step are in sight, and Shift+Enter runs cells."""
    size, small = page.viewport_size, {"width": 1024, "height": 700}
    page.set_viewport_size(small)
    lab.output("board").get_by_role("button", name="Open beside the notebook").click()
    beside = page.locator(".lm-DockPanel-widget.tr-board")
    expect(beside.get_by_role("button", name="Open the board")).to_have_count(0)
    for name in ("Alice", "Bob"):
        expect(beside.locator(".tr-worker").filter(has_text=name)).to_be_in_viewport(ratio=1)
    expect(beside.get_by_role("group", name="Tasks pending").get_by_role("listitem").first).to_be_in_viewport(ratio=0.9)
    picture("beside")
    assert page.evaluate("() => window.jupyterapp.shell.currentWidget.title.label").endswith(".ipynb")
    page.set_viewport_size(size)
    lab.cell("click").locator(".jp-InputPrompt").click()
    beside.locator(".tr-worker").filter(has_text="Alice").locator("label").filter(has_text="Idle").click()
    expect(beside.get_by_role("group", name="Tasks assigned").get_by_role("listitem").first).to_be_visible()
    here = lab.panel.locator(".tr-board")
    expect(here.get_by_role("group", name="Tasks assigned").get_by_role("listitem").first).to_be_visible()
    page.set_viewport_size(small)
    beside.get_by_role("tab", name="Sequence").click()
    expect(beside.locator("[aria-label*='worker: Reserved → Busy']")).to_be_in_viewport(ratio=0.7)
    page.set_viewport_size(size)
    page.keyboard.press("Shift+Enter")  # the learner's next key, with the focus still on the board
    page.wait_for_function(
        """() => { const panel = window.jupyterapp.shell.currentWidget;
             return panel.content?.widgets.find(cell => cell.model.id === 'click')?.model.executionCount > 0; }"""
    )
    page.evaluate("""() => { for (const each of [...window.jupyterapp.shell.widgets('main')])
        if (each.node.matches('.tr-board')) each.close(); }""")
    expect(beside).to_have_count(0)


def test_after_a_restart_a_new_board_takes_the_place_of_the_one_beside_the_notebook(lab, page):
    size = page.viewport_size
    page.set_viewport_size({"width": 2 * size["width"], "height": size["height"]})  # so the toolbar has its mark
    lab.output("board").get_by_role("button", name="Open beside the notebook").click()
    beside = page.locator(".lm-DockPanel-widget.tr-board")
    expect(beside.locator(".tr-fresh")).to_contain_text("live ·")
    lab.restart()
    expect(beside).to_contain_text("run the notebook from the top down to its cell, and press Open beside there.")
    for control in beside.locator("summary.tr-button, .tr-button:disabled").all():  # they look alike: nothing works
        expect(control).to_have_css("opacity", "0.6")
    lab.run_up_to("board")
    lab.output("board").get_by_role("button", name="Open beside the notebook").click()
    expect(beside).to_have_count(1)
    expect(beside.locator(".tr-fresh")).to_contain_text("live ·")


def test_a_menu_opens_at_its_button_and_what_came_of_it_is_next_to_it(lab):
    board = lab.output("board")
    button = board.locator("summary").filter(has_text="New task")
    button.click()
    form = board.locator(".tr-form")
    expect(form).to_be_visible()
    assert abs(form.bounding_box()["x"] - button.bounding_box()["x"]) < 2
    last = board.locator("summary").filter(has_text="Let it go wrong")
    last.click()
    choices, edge = board.locator(".tr-menu[open] .tr-choices"), board.locator(".tr-board").bounding_box()
    expect(choices).to_be_visible()
    assert choices.bounding_box()["x"] + choices.bounding_box()["width"] <= edge["x"] + edge["width"]
    button.click()
    board.get_by_role("textbox", name="Attributes").fill('{"selected_language": "fr"}')
    board.get_by_role("button", name="Create the task").click()
    refusal = board.locator(".tr-notice").filter(has_text="TaskRouter answered 400")
    expect(refusal).to_be_in_viewport()


def test_a_menu_beside_the_notebook_makes_the_board_no_wider(lab, page):
    lab.output("board").get_by_role("button", name="Open beside the notebook").click()
    beside = page.locator(".lm-DockPanel-widget.tr-board")
    # Playwright hides scrollbars: an edge takes their place.
    board = beside.evaluate_handle("board => { board.style.borderRight = '15px solid'; return board; }")
    last = beside.locator("summary").filter(has_text="Let it go wrong")
    for width in (1280, 1100, 1000):
        page.set_viewport_size({"width": width, "height": 600})
        last.click()
        expect(beside.locator(".tr-menu[open] .tr-choices")).to_be_visible()
        page.wait_for_function("board => board.scrollWidth === board.clientWidth", arg=board, polling=OFTEN)
        last.click()


def test_a_board_that_was_folded_away_is_right_when_it_is_opened(lab, page, team):
    collapser = lab.cell("board").locator(".jp-OutputCollapser")
    for count in (2, 3):
        collapser.click()
        expect(lab.output("board").locator(".tr-board")).to_have_count(0)
        team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes='{"selected_language": "es"}')
        collapser.click()
        expect(lane(lab, "pending").locator("h4")).to_contain_text(f"pending {count}")


def test_a_board_says_that_it_loads_until_it_knows_the_workspace(lab, page, sandbox):
    """TaskRouter refuses the first look at the workers; what there is to be seen is noted with each change."""
    lab.restart()
    lab.run("setup")
    page.evaluate("""() => {
        window.seen = new Set();
        new MutationObserver(() => {
          for (const board of document.querySelectorAll('.tr-board')) {
            const shown = [...board.querySelectorAll('button, summary')].some(each => each.checkVisibility());
            const known = board.querySelector('.tr-worker');
            window.seen.add(`${known ? 'known' : 'not known'}, ${shown ? 'shown' : 'not shown'}`);
          }
        }).observe(document, {subtree: true, childList: true, attributeFilter: ['class']});
    }""")
    sandbox.faults.order(operation="ListWorker", status=503)
    lab.run("board")
    expect(lab.output("board").locator(".tr-worker").first).to_be_visible()
    seen = page.evaluate("() => [...window.seen]")
    assert "not known, not shown" in seen
    assert "not known, shown" not in seen


def test_a_restarted_kernel_is_said_and_nothing_can_be_clicked(lab):
    lab.restart()
    board = lab.output("board")
    expect(board.get_by_role("status").filter(has_text="run the notebook from the top")).to_be_visible()
    expect(worker(lab, "Alice").get_by_role("radio", name="Idle")).to_be_disabled()
    lab.run("setup")
    lab.run("board")
    expect(worker(lab, "Alice").get_by_role("radio", name="Idle")).to_be_enabled()


def test_names_are_text_never_markup(team, open_notebook, page):
    bad = "<img src=x onerror=\"document.title='hacked'\">"
    team.workspace.workers.create(friendly_name=bad, attributes='{"<b>": "<i>"}')
    lab = open_notebook({"setup": SETUP, "board": BOARD})
    lab.run_all()
    expect(lab.output("board").get_by_text(bad).first).to_be_visible()
    for name in ("Timeline", "Sequence", "Log", "Board"):
        tab(lab, name)
    assert page.locator(".tr img").count() == 0
    assert page.title() != "hacked"
