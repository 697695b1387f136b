"""Below the cells of a page with little room, as beside a board, nothing is cut off, and no word is broken."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.waiting import wait_for

SID = "AC5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"
HISTORY = """
from helpers.lesson.task_history import Row, TaskHistory
answer = 'POST /assignment_callback is answered 200 {"instruction": "accept"} in 4 ms'
rows = [(0, "TaskRouter", "task.created", "The task is created")]
rows += [(4, "TaskRouter", "task-queue.entered", "It enters the queue “Customer Care Requests - Spanish”")]
rows += [(70, "your server", "callback", answer)]
TaskHistory([Row(ms, who, kind, "WR1", words) for ms, who, kind, words in rows])
"""
SOLUTION = f"""
from helpers.lesson.checkpoints.framework import CheckpointResult, CheckpointState
code = 'if stuck:\\n    stuck.update(reason="late", priority=10, attributes=text)'
CheckpointResult("A step", CheckpointState.NOT_YET, "it is in {SID}-in-the-sandbox.", ("A hint.",), code)
"""
CELLS = {
    "head": "from helpers import progress\nprogress('03')",
    "map": "progress()",
    "text": "print('TaskRouter answered 400: ' + 'Workflow WW9908eb3a8c87a5be07f0a58dbe993393 has no filter. ' * 9)",
    "address": "print('http://127.0.0.1:8080/' + 'a' * 300)",
    "solution": SOLUTION,
    "history": HISTORY,
    "board": "from helpers import board, cast, connect\nclient = connect()\nboard(client, cast(client).workspace)",
}
BROKEN = """output => {
    const broken = [], walk = document.createTreeWalker(output, NodeFilter.SHOW_TEXT);
    for (let node; (node = walk.nextNode()); )
        for (const { 0: word, index } of node.textContent.matchAll(/\\S+/g)) {
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) broken.push(word);
        }
    return broken;
}"""


def test_what_is_refused_to_the_board_is_not_cut_off_where_there_is_little_room(team, open_notebook, page):
    lab = open_notebook({"board": CELLS["board"]})
    lab.run_all()
    board = lab.output("board")
    board.locator("summary").filter(has_text="New task").click()
    board.get_by_role("textbox", name="Attributes").fill('{"selected_language": "fr"}')
    board.get_by_role("button", name="Create the task").click()
    refusal = board.locator(".tr-notice").filter(has_text="TaskRouter answered 400")
    expect(refusal).to_contain_text(SID)
    page.set_viewport_size({"width": 480, "height": 900})
    wait_for(lambda: refusal.evaluate("one => one.clientWidth") < 250, what="that there is little room")
    assert refusal.evaluate("one => one.scrollWidth - one.clientWidth") == 0


def test_a_page_with_little_room_cuts_nothing_off_and_breaks_no_word(team, open_notebook, page, picture):
    lab = open_notebook(CELLS)
    lab.run_all()
    page.set_viewport_size({"width": 700, "height": 900})
    lab.output("solution").evaluate("output => output.querySelectorAll('details').forEach(one => { one.open = true; })")
    broken = {cell: lab.output(cell).evaluate(BROKEN) for cell in CELLS}
    too_long = {"address": ["http://127.0.0.1:8080/" + "a" * 300], "solution": [f"{SID}-in-the-sandbox."]}
    assert {cell: words for cell, words in broken.items() if words} == too_long
    expect(lab.output("history").get_by_text("The task is created")).to_be_visible()
    for cell in CELLS.keys() - {"board"}:
        outputs = lab.output(cell).locator(".jp-OutputArea-output")
        assert outputs.evaluate_all("found => found.map(one => one.scrollWidth - one.clientWidth)") == [0], cell
    lab.output("history").scroll_into_view_if_needed()
    picture("history")
    page.set_viewport_size({"width": 570, "height": 900})
    skills = lab.output("board").locator(".tr-skills")
    expect(skills).to_have_text(["Alice en, es", "Bob en"])
    assert skills.evaluate_all("found => found.map(one => one.scrollWidth - one.clientWidth)") == [0, 0]
    page.set_viewport_size({"width": 700, "height": 900})
    lab.output("board").get_by_role("tab", name="Timeline").click()
    chart = lab.output("board").locator(".tr-time-chart")
    expect(chart).to_be_visible()
    room = "chart => { const body = chart.closest('.tr-body'); return body.clientWidth - body.scrollWidth; }"
    wait_for(lambda: chart.evaluate(room) == 0, what="that the timeline fits")
    picture("timeline")
