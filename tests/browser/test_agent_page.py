"""An agent's page with Twilio's own SDK, in Chromium: in windows of its own, and in a cell."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import nbformat
import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette

from helpers import agent_page, serve
from helpers import sandbox as the_sandbox
from tests.browser.test_widgets import violations
from tests.live.hotline import ALICE, CALLER, NUMBER, hotline
from tests.notebooks.solutions import read_solved
from tests.ports import unused_port
from tests.waiting import milliseconds, wait_for

SMALL = {"width": 1024, "height": 700}


@pytest.fixture
def server():
    server = serve(Starlette(), 0)
    yield server
    server.stop()


@pytest.fixture
def window(browser: Browser, client, server, closed_at_the_end) -> Iterator[Callable[..., Page]]:
    """`window(worker)` opens the worker's page in a window, and waits until it is connected."""
    contexts = []

    def window(worker, **more) -> Page:
        context = browser.new_context(viewport=SMALL, color_scheme="light", reduced_motion="reduce")
        context.set_default_timeout(milliseconds(20))
        contexts.append(context)
        page = context.new_page()
        page.errors = []
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(agent_page(client, worker, server, **more).url)
        expect(page.get_by_text("connected", exact=True)).to_be_visible()
        return page

    yield window
    errors = [error for context in contexts for page in context.pages for error in page.errors]
    for context in contexts:
        context.close()
    assert errors == []


def choose(page: Page, activity: str) -> None:
    page.get_by_role("radio", name=activity).click()


def is_in(page: Page, activity: str) -> None:
    expect(page.get_by_role("radio", name=activity)).to_be_checked()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def attributes(task) -> dict:
    return json.loads(task.fetch().attributes)


def violations_in_each_scheme(page: Page) -> list[str]:
    """What axe finds in dark colours, and then in light ones."""
    found = []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {each}" for each in violations(page)]
    return found


def test_a_task_from_the_offer_to_its_end(window, team, task):
    alice = window(team.alice)
    expect(alice.get_by_text("No reservation.")).to_be_visible()
    assert violations_in_each_scheme(alice) == []
    created = task()
    choose(alice, "Idle")
    card = alice.get_by_role("listitem").filter(has_text="Offered")
    expect(card).to_contain_text(re.compile(r"The customer has waited \d+ s"))
    expect(card).to_contain_text("selected_language")
    is_in(alice, "Reserved")
    assert violations_in_each_scheme(alice) == []
    assert alice.evaluate("document.documentElement.scrollWidth <= innerWidth")
    press(alice, "Accept")
    is_in(alice, "Busy")
    expect(alice.get_by_text("Accepted", exact=True)).to_be_visible()
    alice.get_by_label("Reason").fill("Notes")
    press(alice, "Wrap up")
    expect(alice.get_by_text("Wrapping up", exact=True)).to_be_visible()
    assert (created.fetch().assignment_status, created.fetch().reason) == ("wrapping", "Notes")
    press(alice, "Complete")
    expect(alice.get_by_text("No reservation.")).to_be_visible()
    assert created.fetch().assignment_status == "completed"
    expect(alice.get_by_role("log")).to_contain_text("The reservation was completed.")


def test_rejected_with_a_reason_by_the_keyboard(window, team, task):
    alice = window(team.alice)
    created = task()
    alice.get_by_role("radio", name="Offline").focus()
    alice.keyboard.press("ArrowRight")
    alice.keyboard.press("Space")
    expect(alice.get_by_role("button", name="Reject")).to_be_visible()
    alice.get_by_label("Reason").fill("It is about an invoice")
    alice.get_by_label("After a rejection").select_option("Offline")
    alice.get_by_role("button", name="Reject").focus()
    alice.keyboard.press("Enter")
    is_in(alice, "Offline")
    expect(alice.get_by_text("No reservation.")).to_be_visible()
    assert attributes(created) == {"selected_language": "es", "rejected_because": "It is about an invoice"}
    assert created.fetch().assignment_status == "pending"


def test_two_agents_at_once_and_two_windows_of_one(window, team, task):
    alice, bob, again = window(team.alice), window(team.bob), window(team.alice)
    for page in (alice, bob):
        choose(page, "Idle")
    spanish, english = task(), task("en")
    for page in (alice, bob, again):
        expect(page.get_by_role("button", name="Accept")).to_have_count(1)
    expect(alice.get_by_text("Customer Care Requests - Spanish ·")).to_be_visible()
    expect(bob.get_by_text("Customer Care Requests - English ·")).to_be_visible()
    press(bob, "Accept")
    press(alice, "Accept")
    for page in (alice, bob, again):
        is_in(page, "Busy")
        expect(page.get_by_role("button", name="Complete")).to_be_visible()
    assert [each.fetch().assignment_status for each in (spanish, english)] == ["assigned", "assigned"]


def test_what_is_open_is_there_after_a_reload(window, team, task):
    alice = window(team.alice)
    choose(alice, "Idle")
    task()
    expect(alice.get_by_role("button", name="Accept")).to_be_visible()
    alice.reload()
    expect(alice.get_by_role("button", name="Accept")).to_be_visible()
    press(alice, "Accept")
    is_in(alice, "Busy")
    alice.reload()
    is_in(alice, "Busy")
    expect(alice.get_by_role("button", name="Complete")).to_be_visible()


def test_it_works_on_without_the_kernel(window, team, task, server):
    alice = window(team.alice)
    server.stop()
    choose(alice, "Idle")
    created = task()
    press(alice, "Accept")
    is_in(alice, "Busy")
    assert created.fetch().assignment_status == "assigned"


def test_a_new_token_is_fetched_in_time(window, team):
    alice = window(team.alice, seconds=7)
    expect(alice.get_by_role("log")).to_contain_text("The token was replaced by a new one.")
    choose(alice, "Idle")
    is_in(alice, "Idle")


def test_a_sandbox_that_is_started_again_elsewhere_is_found_and_nothing_missed(window, team, task):
    alice = window(team.alice)
    choose(alice, "Idle")
    is_in(alice, "Idle")
    port = urlsplit(the_sandbox.ensure().url).port
    the_sandbox.stop()
    expect(alice.get_by_text("not connected", exact=True)).to_be_visible()
    with socket.create_server(("127.0.0.1", port)):
        the_sandbox.ensure()
    created = task()  # while the page is away
    wait_for(lambda: created.fetch().assignment_status == "reserved")
    expect(alice.get_by_role("button", name="Accept")).to_be_visible()
    is_in(alice, "Reserved")
    press(alice, "Accept")
    is_in(alice, "Busy")


def test_a_call_is_taken_on_the_page_and_rings_the_phone(window, client, team, sandbox):
    with hotline(client, team):
        team.workflow.update(assignment_callback_url="")
        sandbox.phones.set(ALICE, "by-hand")
        alice = window(team.alice)
        choose(alice, "Idle")
        call = sandbox.calls.dial(NUMBER, CALLER)["sid"]
        wait_for(lambda: sandbox.calls.fetch(call)["waits_for"] == "keys")
        sandbox.calls.press(call, "1")
        expect(alice.get_by_role("button", name="Accept")).to_have_count(0)
        press(alice, "Take the call")
        ringing = wait_for(lambda: next((one for one in sandbox.calls.list() if one["status"] == "ringing"), None))
        sandbox.calls.answer(ringing["sid"])
        expect(alice.get_by_text("Accepted", exact=True)).to_be_visible()
        is_in(alice, "Busy")
        sandbox.calls.hang_up(ringing["sid"])
        expect(alice.get_by_text("No reservation.")).to_be_visible()


CELLS = {
    "setup": "from helpers import agent_page, cast, connect\nclient = connect(quiet=True)\nteam = cast(client)",
    "page": "agent_page(client, team.alice)",
}


def test_in_a_cell_and_beside_the_notebook(open_notebook, team, task, page, picture):
    lab = open_notebook(CELLS, theme="dark")
    page.set_viewport_size({"width": 1800, "height": 900})
    page.route("**/agent-pages/WK*", lambda route: route.abort())  # as where the kernel runs on another machine
    lab.run_all()
    shown = lab.output("page")
    expect(shown.get_by_text("The page does not show up in this frame.")).to_be_visible()
    page.unroute("**/agent-pages/WK*")
    lab.run("page")
    frame = shown.frame_locator("iframe")
    expect(frame.get_by_text("connected", exact=True)).to_be_visible()
    assert frame.locator("html").evaluate("node => node.style.colorScheme") == "dark"
    frame.get_by_role("radio", name="Idle").click()
    task()
    expect(frame.get_by_role("button", name="Accept")).to_be_visible()
    picture("offered")
    assert violations(page) == []
    with page.context.expect_page() as opened:
        shown.get_by_role("link", name="Open in a window of its own").click()
    own = opened.value
    expect(own.get_by_role("button", name="Accept")).to_be_visible()
    own.close()
    shown.get_by_role("button", name="Open beside the notebook").click()
    beside = page.locator(".lm-DockPanel-widget.tr").frame_locator("iframe")
    beside.get_by_role("button", name="Accept").click()
    for each in (beside, frame):
        expect(each.get_by_role("radio", name="Busy")).to_be_checked()
    lab.restart()
    expect(shown.get_by_text("The kernel was restarted or has ended")).to_be_visible()
    expect(shown.get_by_text("The page itself goes on without the kernel")).to_be_visible()
    picture("kernel-gone")
    frame.get_by_role("button", name="Complete").click()
    expect(frame.get_by_text("No reservation.")).to_be_visible()


def test_the_lesson_from_top_to_bottom(open_notebook, page, sandbox, tmp_path, picture):
    """Notebook 12, solved: what TaskRouter is told comes from the learner's own page, in a frame of the notebook."""
    name = "12-build-an-agent-page"
    solved = tmp_path / f"{name}.ipynb"
    notebook = read_solved(name)
    port = str(unused_port())
    for cell in notebook.cells:
        cell.source = cell.source.replace("8088", port)
    nbformat.write(notebook, solved)
    lab = open_notebook(solved)
    lab.run_all()
    sees = lab.output("create-task").frame_locator("iframe")
    expect(lab.output("write-connection").frame_locator("iframe").get_by_role("status")).to_have_text(
        "Alice is Offline."
    )
    lab.run("create-task")
    sees.get_by_role("button", name="Idle").click()
    sees.get_by_role("button", name="Accept").click()
    expect(sees.get_by_text(re.compile(r'accepted: \{.*"waited":\d+\}, has waited \d+ s'))).to_be_visible()
    picture("accepted")
    for check in ("check-agent-token", "check-page-accepted", "check-waited"):
        lab.run(check)
        assert "✔" in lab.text(check)
    lab.run("create-task")
    sees.get_by_role("button", name="Idle").click()
    sees.get_by_label("Reason").fill("About an invoice")
    sees.get_by_role("button", name="Reject").click()
    expect(sees.get_by_text(re.compile('pending: .*"rejected_because":"About an invoice"'))).to_be_visible()
    the_sandbox.stop()
    expect(sees.get_by_role("status")).to_have_text("Not connected. Trying again …")
    lab.run("check-reason")  # which starts the sandbox where it was: the page needs no reload
    expect(sees.get_by_role("status")).to_have_text(re.compile("Alice is "))
    assert "“About an invoice”" in lab.text("check-reason")
    lab.write("your-reason", 'parts["reject"] = "const reject = ("')
    lab.run("your-reason")
    lab.run("create-task")
    expect(sees.get_by_role("alert")).to_contain_text("SyntaxError")
    for mistake in (
        "async (one) => { await one.accept(); forgotten(); }",
        "(one) => { one.accept().then(() => forgotten()); }",
    ):
        lab.write("your-waited", f'parts["accept"] = "const accept = {mistake};"')
        for cell in ("write-answers", "your-waited", "create-task"):
            lab.run(cell)
        sees.get_by_role("button", name="Idle").click()
        sees.get_by_role("button", name="Accept").click()
        expect(sees.get_by_role("status")).to_have_text("Alice is Busy.")
        expect(sees.get_by_role("alert")).to_contain_text("ReferenceError: forgotten is not defined")
