"""One JupyterLab server for the whole run, a fresh page and notebook for each test."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Browser, Error, Page, ViewportSize, expect

from tests.waiting import milliseconds

from .board_page import BOARD, CLICKED, LISTEN, SETUP, TASK, lane
from .lab import JupyterServer, Lab, jupyter_server

expect.set_options(timeout=milliseconds(20))

SIZE: ViewportSize = {"width": 1280, "height": 1000}
"""Of the page, where a test does not choose another one for itself."""


@pytest.fixture(scope="session")
def jupyter(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """A JupyterLab whose kernels talk to the sandbox of these tests."""
    with jupyter_server(tmp_path_factory.mktemp("jupyter") / "home") as server:
        yield server


@pytest.fixture(scope="session")
def page(browser: Browser) -> Iterator[Page]:
    """The page; a request that would leave the machine fails the run."""
    context = browser.new_context(viewport=SIZE, locale="en-US", timezone_id="UTC", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(milliseconds(20))
    outside: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if _leaves(request.url) else None)
    yield page
    context.close()
    assert not outside


def _leaves(url: str) -> bool:
    return url.startswith(("http:", "https:", "ws:", "wss:")) and "//127.0.0.1:" not in url


@pytest.fixture(scope="session")
def started(page: Page, jupyter: JupyterServer) -> Lab:
    """JupyterLab in the page."""
    lab = Lab(page, jupyter)
    lab.start()
    return lab


@pytest.fixture
def open_notebook(started: Lab, request: pytest.FixtureRequest) -> Iterator[Callable[..., Lab]]:
    """`open_notebook({cell id: code})` or `open_notebook(path)`: a copy, open in JupyterLab until the test ends.

    Where the test before had cells with the same ids, its notebook is renewed, for a quarter of the time.
    """

    def open_notebook(what: dict[str, str] | Path, theme: str = "light") -> Lab:
        if isinstance(what, dict) and started.renew(what, theme):
            return started
        started.close()
        name = re.sub(r"\W+", "-", request.node.name).strip("-") + ".ipynb"
        file = started.server.root / name
        if isinstance(what, Path):
            file.write_text(what.read_text(encoding="utf-8"), encoding="utf-8")
        else:
            notebook = new_notebook(cells=[new_code_cell(code, id=cell_id) for cell_id, code in what.items()])
            notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(notebook, file)
        started.open(name, theme)
        return started

    yield open_notebook
    started.leave()
    started.page.set_viewport_size(SIZE)


@pytest.fixture
def lab(team: object, open_notebook: Callable[..., Lab]) -> Lab:
    """The board with a task that waits, told by callbacks."""
    lab = open_notebook({"setup": SETUP, "board": BOARD, "listen": LISTEN, "task": TASK, "click": CLICKED})
    lab.run_up_to("task")
    expect(lane(lab, "pending").get_by_role("listitem").first).to_be_visible()
    return lab


@pytest.fixture
def picture(page: Page, request: pytest.FixtureRequest) -> Callable[[str], None]:
    """`picture("name")` keeps a screenshot in the folder that SCREENSHOTS names, if it names one."""
    folder = os.environ.get("SCREENSHOTS")

    def picture(name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder, f"{request.node.name}-{name}.png"))

    return picture


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep what the page showed when a test failed, and say where."""
    report = yield
    page = getattr(item, "funcargs", {}).get("page")
    if report.when == "call" and report.failed and page:
        folder = os.environ.get("SCREENSHOTS") or tempfile.gettempdir()
        path = Path(folder, re.sub(r"\W+", "-", f"failed {item.name}").strip("-") + ".png")
        with suppress(Error):
            page.screenshot(path=path)
            report.sections.append(("What the page showed", str(path)))
    return report
