"""The board in a host that is not JupyterLab: nothing but the model that every anywidget host gives."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from helpers import cast
from helpers.live.board.board import Board, board

HOST = """async ([module, style, traits]) => {
  document.head.append(Object.assign(document.createElement('style'), { textContent: style }));
  const listeners = {};
  window.sent = [];
  window.model = {
    get: (name) => traits[name], set: (name, value) => { traits[name] = value; }, save_changes() {},
    on: (name, act) => (listeners[name] ??= []).push(act), off: (name, act) => {
      listeners[name] = (listeners[name] ?? []).filter((each) => each !== act); },
    send: (message) => window.sent.push(message),
    tell: (name, value) => { traits[name] = value; for (const act of listeners[`change:${name}`] ?? []) act(); },
    message: (content) => { for (const act of listeners['msg:custom'] ?? []) act(content); },
    left: () => Object.values(listeners).flat().length,
  };
  const url = URL.createObjectURL(new Blob([module], { type: 'text/javascript' }));
  const widget = (await import(url)).default;
  window.down = widget.render({ model: window.model, el: document.getElementById('here') });
}"""

# What VS Code tells of a dark theme, and beside it JupyterLab's variables, which its widget support sets to light ones.
VS_CODE_DARK = """:root { --jp-ui-font-color1: rgb(0 0 0 / 87%); --jp-layout-color1: white; --jp-layout-color2: #eee;
  --vscode-editor-foreground: #cccccc; --vscode-editor-background: #1f1f1f; --vscode-descriptionForeground: #9d9d9d;
  --vscode-panel-border: #2b2b2b; --vscode-editorWidget-border: #454545; --vscode-textCodeBlock-background: #2b2b2b;
  --vscode-focusBorder: #0078d4; --vscode-charts-green: #89d185; --vscode-errorForeground: #f85149 }"""


@pytest.fixture
def bare(browser, client, closed_at_the_end) -> Iterator[tuple[Page, Board]]:
    """An empty page that shows a board of the sandbox, and the board."""
    team = cast(client)
    team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes='{"selected_language": "es"}')
    view = board(client, team.workspace)
    view.wait_until_drawn()
    page = browser.new_page(viewport={"width": 700, "height": 900})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_content("<!doctype html><html lang='en'><body><main><div id='here'></div></main></body></html>")
    traits = {"state": view.state, "heartbeat": view.heartbeat, "snapshot": view._everything()}
    page.evaluate(HOST, [str(view._esm), str(view._css), json.loads(json.dumps(traits))])
    yield page, view
    page.close()
    assert errors == []


def test_it_draws_and_speaks(bare):
    page, _view = bare
    expect(page.get_by_role("group", name="Tasks pending").get_by_role("listitem").first).to_be_visible()
    page.locator(".tr-worker").filter(has_text="Alice").get_by_role("radio", name="Idle").click()
    said = page.evaluate("window.sent.find((each) => each.kind === 'action')")
    assert said["action"]["type"] == "set-activity"
    assert page.evaluate("window.sent.filter((each) => each.kind === 'snapshot').length") == 1


def test_a_change_that_does_not_fit_asks_for_a_snapshot(bare):
    page, view = bare
    whole = view._everything()
    alice = next(each for each in whole["workers"].values() if each["name"] == "Alice")
    ask = "window.sent.filter((each) => each.kind === 'snapshot').length"
    page.evaluate("(whole) => window.model.tell('snapshot', whole)", whole)  # the answer to the first question
    change = {"kind": "change", "change": {"workers": {alice["sid"]: alice | {"name": "Alicia"}}}}
    fits = {"from": whole["revision"], "to": whole["revision"] + 1}
    page.evaluate("(message) => window.model.message(message)", change | fits)
    expect(page.locator(".tr-worker").filter(has_text="Alicia")).to_be_visible()
    page.evaluate("(message) => window.model.message(message)", change | fits)  # twice does no harm
    assert page.evaluate(ask) == 1
    page.evaluate("(message) => window.model.message(message)", change | {"from": 90, "to": 91})
    assert page.evaluate(ask) == 2


def test_what_only_the_sandbox_has_is_hidden_when_live(bare):
    page, view = bare
    expect(page.locator("summary").filter(has_text="Skip time")).to_be_visible()
    page.evaluate("(state) => window.model.tell('state', state)", view.state | {"mode": "live"})
    expect(page.locator("summary").filter(has_text="Skip time")).to_be_hidden()
    expect(page.locator("summary").filter(has_text="Let it go wrong")).to_be_hidden()
    expect(page.locator("summary").filter(has_text="New task")).to_be_visible()


@pytest.mark.parametrize(
    ("scheme", "style", "page_colour", "text_colour"),
    [
        ("light", "", "rgb(255, 255, 255)", "rgb(0, 0, 0)"),
        ("dark", "", "rgb(18, 18, 18)", "rgb(255, 255, 255)"),
        ("dark", VS_CODE_DARK, "rgb(31, 31, 31)", "rgb(204, 204, 204)"),
    ],
    ids=["light", "dark", "VS Code dark"],
)
def test_it_takes_the_colours_of_its_host(bare, scheme, style, page_colour, text_colour):
    page, _view = bare
    page.add_style_tag(content=f":root {{ color-scheme: {scheme} }} {style}")
    board = page.locator(".tr")
    expect(board).to_have_css("background-color", page_colour)
    expect(board).to_have_css("color", text_colour)
    for name in ("Timeline", "Log", "Sequence", "Board"):
        page.get_by_role("tab", name=name).click()
        expect(page.get_by_role("tabpanel", name=name)).to_be_visible()
        found = Axe().run(page, context=".tr").response["violations"]
        assert [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in found] == []
    page.get_by_role("tab", name="Sequence").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as SVG").click()
    assert f"--tr-text: {text_colour}; " in download.value.path().read_text(encoding="utf-8")


def test_a_timeline_with_hardly_any_room_scrolls_within_itself(bare):
    page, _view = bare
    page.set_viewport_size({"width": 150, "height": 900})
    page.get_by_role("tab", name="Timeline").click()
    for drawn in (page.locator(".tr-time-chart"), page.get_by_role("table", name="Workers during this time")):
        expect(drawn).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 150
    last = page.get_by_role("columnheader", name="tasks")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport(ratio=0.9)
    assert [each["id"] for each in Axe().run(page, context=".tr").response["violations"]] == []


def test_it_names_no_menu_that_the_host_has_not(bare):
    page, view = bare
    expect(page.get_by_text(view.state["how"], exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Open beside the notebook")).to_have_count(0)


def test_it_takes_itself_down(bare):
    page, _view = bare
    page.evaluate("window.down()")
    assert page.evaluate("window.model.left()") == 0
