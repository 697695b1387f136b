"""Drive a real JupyterLab in headless Chromium: open a notebook, run cells, restart the kernel, look.

The server and the browser are our own: own port, own folders for configuration, data, settings and workspaces, so
that nothing of the machine's user leaks in.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Playwright, sync_playwright

from helpers import sandbox
from tests.browser_path import find_browser
from tests.ports import unused_port
from tests.waiting import milliseconds, patience

CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# What a test must not depend on, and what asks for the network.
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyterlab/apputils-extension:sessionDialogs": {"skipKernelRestartDialog": True},
    # Every cell is in the page, also below the fold.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    "@jupyterlab/translation-extension:plugin": {"locale": "default"},
}
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

IDLE_SERVER = f"--ServerApp.shutdown_no_activity_timeout={int(patience(900))}"

OFTEN = 50
"""Milliseconds between two looks at a condition. Else Playwright looks with each frame, for which the page is drawn."""

_CELL = "window.jupyterapp.shell.currentWidget.content.widgets.find(c => c?.model?.id === id)"


class JupyterServer:
    """A running Jupyter server: its address, its token, and the folder that it shows."""

    def __init__(self, url: str, token: str, root: Path, process: subprocess.Popen):
        self.url, self.token, self.root, self.process = url, token, root, process


@contextmanager
def jupyter_server(home: Path, env: dict[str, str] | None = None) -> Iterator[JupyterServer]:
    """A Jupyter server on a free port of loopback, stopped with its kernels at the end.

    home: an empty folder for everything it writes; the notebooks stand in `home / "root"`.
    """
    root = home / "root"
    (home / "labconfig").mkdir(parents=True)
    root.mkdir()
    (home / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(OVERRIDES))
    port, token = unused_port(), secrets.token_hex(16)
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.browser.lab_server", "--no-browser", "--allow-root"),
                *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
                *(f"--IdentityProvider.token={token}", f"--ServerApp.root_dir={root}"),
                "--LabApp.expose_app_in_browser=True",
                "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                "--LabApp.news_url=",
                "--LanguageServerManager.autodetect=False",  # else it begins basedpyright, which reads all files
                # tests that were killed leave neither it nor its kernels behind for long
                *(f"--MappingKernelManager.cull_idle_timeout={int(patience(600))}", IDLE_SERVER),
            ],
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_environment(home) | (env or {}),
            cwd=root,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/api/status?token={token}", process, home / "server.log")
        yield JupyterServer(url, token, root, process)
    finally:
        process.send_signal(signal.SIGTERM)  # once: shuts the kernels down too
        try:
            process.wait(patience(20))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "lab-user-settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "lab-workspaces"),
        "IPYTHONDIR": str(home / "ipython"),
        "LANG": "C.UTF-8",
        "LANGUAGE": "en",
    }


def _wait_for(url: str, process: subprocess.Popen, log: Path, limit: float = 60.0) -> None:
    until = time.monotonic() + patience(limit)
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(url, timeout=patience(2)).close()
            return
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


@contextmanager
def sandbox_and_lab() -> Iterator[tuple[Browser, JupyterServer]]:
    """A browser, and a JupyterLab whose kernels share a new sandbox with this process; for scripts.

    Ends the program with a sentence where there is no browser.
    """
    program = find_browser()
    if program is None:
        raise SystemExit("Chromium or Chrome is needed: see README, Running the tests.")
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        chromium(playwright, program) as browser,
    ):
        os.environ["TASKROUTER_SANDBOX_DIR"] = folder + "/sandbox"
        try:
            with jupyter_server(Path(folder) / "home") as server:
                yield browser, server
        finally:
            sandbox.stop()


@contextmanager
def chromium(playwright: Playwright, program: str) -> Iterator[Browser]:
    """Headless Chromium or Chrome, closed at the end."""
    browser = playwright.chromium.launch(executable_path=program, args=list(CHROMIUM_ARGS), headless=True)
    try:
        yield browser
    finally:
        browser.close()


class Lab:
    """One page with JupyterLab, and in it one notebook at a time."""

    def __init__(self, page: Page, server: JupyterServer):
        self.page, self.server = page, server
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")

    def start(self) -> None:
        """Show an empty Lab."""
        # ?reset drops a saved layout, so that yesterday's tabs do not come back.
        self.page.goto(f"{self.server.url}/lab?reset&token={self.server.token}")
        self._wait_restored()

    def reload(self) -> None:
        """Load the page again, as a learner who closes the tab and comes back, and wait for the notebook's kernel.

        JupyterLab may bring back what stood there before, too, and as late as it likes: `start` it before the next
        notebook.
        """
        self.page.reload()
        self._wait_restored()
        self.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.ready")

    def _wait_restored(self) -> None:
        self.page.wait_for_function("() => window.jupyterapp", polling=OFTEN, timeout=milliseconds(60))
        self.page.wait_for_selector("#jupyterlab-splash", state="detached", timeout=milliseconds(60))
        self.page.evaluate("async () => { await window.jupyterapp.restored; }")

    def open(self, name: str, theme: str = "light") -> None:
        """Open the notebook `name` of the server's folder, and wait for its kernel."""
        self.theme(theme)
        # Lab shows an empty notebook before the file's own: the panel's promises are what to wait for.
        self.page.evaluate(
            """async (path) => {
                 const app = window.jupyterapp;
                 const panel = await app.commands.execute('docmanager:open', { path, factory: 'Notebook' });
                 await panel.context.ready; await panel.revealed; await panel.sessionContext.ready;
                 app.shell.activateById(panel.id);
                 const shown = () => app.shell.currentWidget === panel && panel.content.widgets.length > 0
                   && panel.content.widgets.length === panel.content.model?.cells.length;
                 while (!shown()) await new Promise(done => setTimeout(done, 20)); }""",
            name,
        )
        self.wait_idle()

    def leave(self) -> None:
        """End the kernel of the open notebook, and close what stands beside it."""
        self.page.evaluate(
            """async () => {
                 for (const panel of [...window.jupyterapp.shell.widgets('main')]) {
                   if (panel.sessionContext) await panel.sessionContext.shutdown();
                   else if (panel.node.matches('.tr')) panel.dispose();
                 } }"""
        )

    def renew(self, cells: dict[str, str], theme: str = "light") -> bool:
        """Let a notebook that was left, if it is the only one and begins with cells of these ids, be as if just opened:
        new sources, no more cells, no outputs, a new kernel. False where none is."""
        self.theme(theme)
        renewed = self.page.evaluate(
            """async (cells) => {
                 const app = window.jupyterapp;
                 const [panel, ...others] = [...app.shell.widgets('main')].filter(each => each.sessionContext);
                 const ids = Object.keys(cells);
                 const shown = panel && !others.length ? panel.content.widgets.slice(0, ids.length) : [];
                 if (shown.map(cell => cell.model.id).join() !== ids.join()) return false;
                 panel.content.model.sharedModel.deleteCellRange(ids.length, panel.content.widgets.length);
                 app.shell.activateById(panel.id);
                 await app.commands.execute('notebook:clear-all-cell-outputs');
                 for (const cell of shown) {
                   cell.model.sharedModel.setSource(cells[cell.model.id]);
                   cell.outputHidden = false;
                 }
                 panel.content.deselectAll();
                 panel.content.activeCellIndex = 0;
                 panel.content.mode = 'command';
                 panel.content.node.querySelector('.jp-WindowedPanel-outer')?.scrollTo(0, 0);
                 const session = await panel.sessionContext.changeKernel({ name: 'python3' });
                 await session.info;
                 return true; }""",
            cells,
        )
        if renewed:
            self.wait_idle()
        return renewed

    def close(self) -> None:
        """End the kernel of the open notebook and close it without saving, and what stands beside it."""
        self.page.evaluate(
            """async () => {
                 for (const panel of [...window.jupyterapp.shell.widgets('main')]) {
                   if (panel.sessionContext) {
                     await panel.sessionContext.shutdown();
                     panel.context.model.dirty = false;
                   }
                   if (panel.sessionContext || panel.node.matches('.tr')) panel.dispose();
                 } }"""
        )

    # ---- Lab itself

    def command(self, name: str, arguments: dict | None = None, wait: bool = True) -> None:
        """Run a Lab command by id. With `wait`, until its work is done: never where it asks a person something."""
        self.page.evaluate(
            "([name, args, wait]) => { const done = window.jupyterapp.commands.execute(name, args);"
            " return wait ? done.then(() => true) : true; }",
            [name, arguments or {}, wait],
        )

    def theme(self, theme: str) -> None:
        """`light` or `dark`."""
        # JupyterLab registers the command when it is restored already, on a slow machine.
        known = "() => window.jupyterapp.commands.hasCommand('apputils:change-theme')"
        self.page.wait_for_function(known, polling=OFTEN)
        self.command("apputils:change-theme", {"theme": THEMES[theme]})
        self.page.wait_for_function(
            "(light) => document.body.dataset.jpThemeLight === light", arg=str(theme == "light").lower(), polling=OFTEN
        )

    # ---- the kernel

    def wait_idle(self, seconds: float = 60) -> None:
        """Wait until nothing is queued or running, by the toolbar's own mark; seconds: before TEST_PATIENCE."""
        mark = ".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator[data-status=idle]"
        self.page.wait_for_selector(mark, state="attached", timeout=milliseconds(seconds))

    def run_all(self, seconds: float = 120) -> None:
        """Run every cell and wait for the last."""
        self.command("runmenu:run-all")
        self.wait_idle(seconds)

    def run_up_to(self, cell_id: str, seconds: float = 120) -> None:
        """Run every cell down to this one, as *Run All Above Selected Cell* and Shift+Enter do."""
        self.page.evaluate(
            "(id) => { const notebook = window.jupyterapp.shell.currentWidget.content;"
            " notebook.activeCellIndex = notebook.widgets.findIndex(c => c?.model?.id === id); }",
            cell_id,
        )
        self.command("notebook:run-all-above")
        self.run(cell_id, seconds)

    def restart(self) -> None:
        """Restart the kernel; the outputs stay on the page."""
        self.page.evaluate(
            "async () => { const session = window.jupyterapp.shell.currentWidget.sessionContext;"
            " await session.session.kernel.restart(); }"
        )
        self.wait_idle()

    # ---- cells, by the id that the notebook file gives them

    def cell(self, cell_id: str) -> Locator:
        """The cell in the page. The id is in Lab's model, not in the page, so it is found by its place."""
        place = self.page.evaluate(
            "(id) => window.jupyterapp.shell.currentWidget.content.widgets.findIndex(c => c?.model?.id === id)",
            cell_id,
        )
        if place < 0:
            raise LookupError(f"no cell with id {cell_id!r}")
        return self.panel.locator(f".jp-Cell[data-windowed-list-index='{place}']")

    def output(self, cell_id: str) -> Locator:
        """The cell's outputs."""
        return self.cell(cell_id).locator(".jp-Cell-outputArea")

    def text(self, cell_id: str) -> str:
        """What the cell's outputs say; empty when it has none."""
        output = self.output(cell_id)
        return output.inner_text() if output.count() else ""

    def write(self, cell_id: str, source: str) -> None:
        """Put a source into a cell, in the place of what was there."""
        self.page.evaluate(f"([id, source]) => {{ {_CELL}.model.sharedModel.setSource(source); }}", [cell_id, source])

    def run(self, cell_id: str, seconds: float = 60) -> None:
        """Select one cell, press Shift+Enter as a learner does, and wait until it is done."""
        cell = self.cell(cell_id)
        cell.scroll_into_view_if_needed()
        self.page.evaluate(f"(id) => {{ {_CELL}.model.executionCount = null; }}", cell_id)
        cell.locator(".jp-InputPrompt, .jp-MarkdownOutput").first.click()  # command mode, not edit mode
        self.page.keyboard.press("Shift+Enter")
        self.page.wait_for_function(
            f"(id) => {{ const model = {_CELL}?.model; return model && model.executionCount !== null"
            " && model.executionState !== 'running'; }",
            arg=cell_id,
            polling=OFTEN,
            timeout=milliseconds(seconds),
        )
        self.wait_idle(seconds)
