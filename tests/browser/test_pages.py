"""The pages in JupyterLab: the line at the top, the map, the glossary, and the board beside a page."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from helpers.lesson.course import PAGES
from tests.browser.lab import Lab
from tests.notebooks.conftest import read
from tests.waiting import PATIENCE, patience

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
PAGE = "01-create-a-workspace.ipynb"


@pytest.fixture
def lessons(client: object, started: Lab) -> Lab:
    """JupyterLab with the lessons in a folder, and nothing in the sandbox."""
    started.close()
    folder = started.server.root / "lessons"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(NOTEBOOKS, folder, ignore=shutil.ignore_patterns(".*"))
    yield started
    started.close()


def test_the_line_at_the_top_follows_what_is_done(lessons, page, picture):
    before = page.viewport_size
    page.set_viewport_size({"width": 1024, "height": 700})
    try:
        lessons.open(f"lessons/{PAGE}")
        for cell_id in ("imports", "progress"):
            lessons.run(cell_id)
        line = lessons.output("progress").get_by_role("navigation", name="Where you are")
        expect(line).to_contain_text(f"Page 2 of {len(PAGES)} · 0 of 7 checkpoints · 0 of 4 questions")
        lessons.run("create-workspace")
        lessons.run("check-workspace")
        expect(line).to_contain_text("1 of 7 checkpoints")
        lessons.run("predict-new-workspace")
        lessons.output("predict-new-workspace").get_by_role("button").first.click()
        expect(line).to_contain_text("1 of 7 checkpoints · 1 of 4 questions")
        line.scroll_into_view_if_needed()
        picture("line")
        lessons.theme("dark")
        picture("line-dark")
        lessons.cell("foot").scroll_into_view_if_needed()
        picture("foot")
    finally:
        page.set_viewport_size(before)


def test_the_map_leads_to_the_pages(lessons, page, picture):
    lessons.open("lessons/00-start-here.ipynb")
    for cell_id in ("imports", "progress"):
        lessons.run(cell_id)
    course = lessons.output("progress").get_by_role("navigation", name="The course")
    expect(course.get_by_role("link")).to_have_count(len(PAGES) + 1)
    course.scroll_into_view_if_needed()
    picture("map")
    course.get_by_role("link", name="Create a workspace").click()
    expect(lessons.panel.get_by_role("heading", name="Create a workspace").first).to_be_visible()


# JupyterLab scrolls to the cell that a link names only if that is drawn within ten seconds
LATER = f"""
const later = window.setTimeout;
window.setTimeout = (what, delay, ...rest) => later(what, delay >= 10000 ? delay * {PATIENCE} : delay, ...rest);
"""


@pytest.fixture
def default_lab(lessons: Lab, browser: Browser) -> Iterator[Lab]:
    """A second JupyterLab on the same lessons, which shows cells as it does by itself."""
    url = f"{lessons.server.url}/lab/api/settings/@jupyterlab/notebook-extension:tracker?token={lessons.server.token}"
    headers = {"Content-Type": "application/json"}
    for mode, page in (("contentVisibility", browser.new_page()), ("none", None)):
        body = json.dumps({"raw": json.dumps({"windowingMode": mode})}).encode()
        urllib.request.urlopen(urllib.request.Request(url, body, headers, method="PUT"), timeout=patience(10)).close()
        if page:
            page.add_init_script(LATER)
            lab = Lab(page, lessons.server)
            lab.start()
            yield lab
            lab.close()
            page.close()


def test_a_link_to_a_word_leads_there_whether_the_glossary_is_open_or_not(default_lab):
    lab = default_lab
    term = lab.panel.get_by_role("heading", name="Default filter")
    for _ in range(2):
        lab.open(f"lessons/{PAGE}")
        lab.cell("foot").get_by_role("link", name="Default filter").click()
        expect(term).to_be_in_viewport()
        lab.panel.get_by_role("link", name="WebSocket", exact=True).click()
        expect(term).not_to_be_in_viewport()


def test_a_link_of_the_glossary_leads_to_a_word_that_is_not_drawn_yet(default_lab):
    late = "const idle = requestIdleCallback; window.requestIdleCallback = work => setTimeout(() => idle(work), 500);"
    default_lab.page.add_init_script(late)  # when cells below those in sight are drawn
    default_lab.start()
    default_lab.open("lessons/glossary.ipynb")
    expect(default_lab.panel.get_by_role("heading", name="WebSocket")).to_have_count(0)
    default_lab.panel.get_by_role("link", name="WebSocket", exact=True).click()
    expect(default_lab.panel.get_by_role("heading", name="WebSocket")).to_be_in_viewport(ratio=1)


def test_the_board_beside_page_01_grows_with_the_workspace(lessons, page, picture):
    """One click opens it; Shift+Enter goes on through the page, and what is created appears there."""
    before = page.viewport_size
    page.set_viewport_size({"width": 1024, "height": 700})
    try:
        lessons.open(f"lessons/{PAGE}")
        for cell_id in ("imports", "progress", "create-workspace", "check-workspace", "open-board"):
            lessons.run(cell_id)
        lessons.output("open-board").get_by_role("button", name="Open beside the notebook").click()
        beside = page.locator(".lm-DockPanel-widget.tr-board")
        expect(beside.get_by_role("heading", name="Workers")).to_be_visible()
        expect(beside.locator(".tr-worker")).to_have_count(0)
        ids = [cell.id for cell in read("01-create-a-workspace").cells]
        for _ in ids[ids.index("open-board") : ids.index("recap")]:  # the click has selected the board's own cell
            page.keyboard.press("Shift+Enter")
        for name in ("Alice", "Bob"):
            expect(beside.locator(".tr-worker").filter(has_text=name)).to_be_in_viewport(ratio=1)
        for language in ("Spanish", "English"):
            expect(beside.get_by_text(f"Customer Care Requests - {language}").first).to_be_visible()
        expect(beside.locator("summary").filter(has_text="New task")).to_be_visible()  # for there is a workflow by now
        picture("grown")
    finally:
        page.set_viewport_size(before)


def test_the_board_of_the_next_page_stands_where_the_last_page_had_its_own(lessons, page, picture):
    """So the notebook keeps its width, however many pages have opened something beside them."""
    before = page.viewport_size
    page.set_viewport_size({"width": 1700, "height": 900})  # JupyterLab's toolbar has room for the mark of a kernel
    shown = page.locator(".lm-DockPanel-widget.tr-board:not(.lm-mod-hidden)")
    widths = []
    try:
        for file, cell_id in ((PAGE, "open-board"), ("02-create-a-task.ipynb", "watch-task")):
            lessons.open(f"lessons/{file}")
            lessons.run_all()
            lessons.output(cell_id).get_by_role("button", name="Open beside the notebook").click()
            expect(shown.get_by_role("heading", name="Workers")).to_be_visible()
            widths.append(lessons.panel.evaluate("node => node.clientWidth"))
        picture("beside")
        expect(page.locator(".lm-DockPanel-widget.tr-board")).to_have_count(2)
        assert widths[0] == pytest.approx(widths[1], abs=2)
    finally:
        page.set_viewport_size(before)
