"""The board's sequence of steps as a learner meets it: read, replayed, saved."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from playwright.sync_api import expect

from helpers import faults, transfer

from .board_page import lane, tab, worker


def test_the_sequence_draws_itself_and_is_read_and_replayed(lab, picture):
    board = lab.output("board")
    tab(lab, "Sequence")
    lab.run("click")
    steps = board.locator(".tr-step")
    expect(board.locator("[aria-label*='worker: Reserved → Busy']")).to_be_visible()
    labels = [label.split(": ", 1)[1] for label in steps.evaluate_all("all => all.map(each => each.ariaLabel)")]
    story = [
        "POST Tasks", "task.created", "Offline → Idle", "reservation created", "Idle → Reserved",
        "POST /assignment_callback", "200 accept", "reservation accepted", "Reserved → Busy",
    ]  # fmt: skip
    places = [next(i for i, label in enumerate(labels) if label.startswith(words)) for words in story]
    assert places == sorted(places)
    steps.filter(has_text="POST /assignment_callback").click()
    detail = board.get_by_role("group", name="The selected step")
    expect(detail).to_contain_text("It has five seconds.")
    expect(detail).to_contain_text("ReservationSid")
    name = detail.locator("dt").filter(has_text="ReservationSid")
    assert name.evaluate("node => node.scrollWidth <= node.clientWidth && node.clientHeight < 24")  # in one line
    picture("sequence")

    board.get_by_role("button", name="To the first step").click()
    expect(steps).to_have_count(1)
    while board.locator(".tr-states").get_by_text("Reserved", exact=True).count() == 0:
        board.get_by_role("button", name="One step on").click()
    expect(board.locator(".tr-states")).to_contain_text("Alice: ")
    expect(board.get_by_text(re.compile(r"step \d+ of \d+"))).to_be_visible()
    assert steps.count() < len(labels)
    picture("blink")
    board.get_by_role("button", name="go live").click()
    expect(steps).to_have_count(len(labels))


def test_beside_the_notebook_the_drawing_follows_the_height_of_the_window(lab, page):
    size = page.viewport_size
    lab.run("click")
    lab.output("board").get_by_role("button", name="Open beside the notebook").click()
    beside = page.locator(".lm-DockPanel-widget.tr-board")
    beside.get_by_role("tab", name="Sequence").click()
    newest = beside.locator("[aria-label*='worker: Reserved → Busy']")
    drawing = beside.locator(".tr-sequence .tr-scroll")
    expect(newest).to_be_in_viewport(ratio=0.7)
    high = drawing.evaluate("node => node.clientHeight")
    page.set_viewport_size({"width": size["width"], "height": size["height"] - 400})
    expect(newest).to_be_in_viewport(ratio=0.7)
    expect(drawing).to_be_in_viewport(ratio=1)
    page.set_viewport_size(size)
    page.wait_for_function("([node, high]) => node.clientHeight === high", arg=[drawing.element_handle(), high])


def test_slow_motion_plays_by_itself_and_pauses(lab):
    board = lab.output("board")
    tab(lab, "Sequence")
    lab.run("click")
    expect(board.locator("[aria-label*='worker: Reserved → Busy']")).to_be_visible()
    board.get_by_role("button", name="Play in slow motion").click()
    first = board.get_by_text(re.compile(r"step \d+ of")).inner_text()
    expect(board.get_by_text(first)).to_have_count(0)
    board.get_by_role("button", name="Play in slow motion").click()
    expect(board.get_by_role("button", name="Play in slow motion")).to_have_text("▶ Slow motion")


def test_the_sequence_is_saved_as_an_svg_that_stands_alone(lab, page):
    tab(lab, "Sequence")
    lab.run("click")
    board = lab.output("board")
    expect(board.locator("[aria-label*='worker: Reserved → Busy']")).to_be_visible()
    with page.expect_download() as download:
        board.get_by_role("button", name="Save as SVG").click()
    text = download.value.path().read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "Reserved → Busy" in text
    assert "--tr-brand" in (root.get("style") or "")


def test_after_a_transfer_each_worker_completes_its_own_part(lab, team, picture):
    """Alice passes her task on to Bob, who accepts it: both have it, until each is done with it."""
    lab.run("click")
    expect(lane(lab, "assigned").get_by_role("listitem").first).to_be_visible()
    (task,) = team.workspace.tasks.list()
    (reservation,) = task.reservations.list()
    team.workflow.update(assignment_callback_url="")
    moved = transfer(reservation, team.bob)
    expect(lane(lab, "reserved").locator(".tr-task")).to_contain_text("Alice is transferring it to Bob (WARM)")
    worker(lab, "Bob").get_by_role("button", name="Accept").click()
    card = lane(lab, "assigned").get_by_role("listitem").first
    expect(card).to_contain_text("Alice accepted")
    expect(card).to_contain_text("Bob accepted")
    expect(card).not_to_contain_text("is transferring")
    assert moved.fetch().status == "complete"
    picture("both")
    worker(lab, "Alice").get_by_role("button", name="Complete").click()
    expect(worker(lab, "Alice").get_by_role("button", name="Complete")).to_have_count(0)
    assert task.fetch().assignment_status == "assigned"
    worker(lab, "Bob").get_by_role("button", name="Complete").click()
    expect(lane(lab, "finished").locator(".tr-task")).to_have_count(1)
    assert task.fetch().assignment_status == "completed"
    tab(lab, "Sequence")
    expect(lab.output("board").locator(".tr-step", has_text="transfer complete")).to_be_visible()


def test_a_question_asked_twice_stands_before_its_own_answer(lab):
    tab(lab, "Sequence")
    with faults(deliveries="twice", kind="assignment"):
        lab.run("click")
        expect(lab.output("board").locator(".tr-step[data-id^=instruction]")).to_have_count(2)
    ids = lab.output("board").locator(".tr-step").evaluate_all("all => all.map(each => each.dataset.id)")
    for number in [each.split()[1] for each in ids if each.startswith("instruction")]:
        assert ids.index(f"request {number}") < ids.index(f"instruction {number}")
