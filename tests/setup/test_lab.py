"""`python3 -m helpers lab`: the printed address answers, the browser shows the notebook, nothing is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.lab import OFTEN, JupyterServer, Lab
from tests.setup.conftest import Clone
from tests.waiting import milliseconds, patience, wait_for

pytestmark = pytest.mark.browser

NOTEBOOK = "my-lessons/doctor-alone.ipynb"
ADDRESS = r"http://127\.0\.0\.1:\d+/lab/tree/my-lessons/00-start-here\.ipynb\?token=\w+"


class RunningLab:
    """What `lab --no-browser` started: the process, and the address it printed, in its parts."""

    def __init__(self, process: subprocess.Popen, address: str):
        self.process, self.address = process, address
        self.url, _, path = address.partition("/lab/")
        self.token = path.partition("token=")[2]

    def listens(self) -> bool:
        with socket.socket() as visitor:
            visitor.settimeout(patience(5))
            return visitor.connect_ex(("127.0.0.1", int(self.url.rpartition(":")[2]))) == 0

    def get(self, path: str) -> object:
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=patience(30)) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def own_config(ready: Clone) -> Path:
    """What a person has set for their own JupyterLab."""
    folder = ready.home / ".jupyter"
    (folder / "lab/workspaces").mkdir(parents=True)
    (folder / "lab/workspaces/default-37a8.jupyterlab-workspace").write_text("{}")
    (folder / "jupyter_server_config.json").write_text('{"ServerApp": {"root_dir": "/nowhere"}}')
    return folder


@pytest.fixture(scope="module")
def lab(ready: Clone, own_config: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    folder, programs = tmp_path_factory.mktemp("sandbox"), tmp_path_factory.mktemp("programs")
    (programs / "basedpyright-langserver").touch(mode=0o755)
    process = ready.start(
        *("lab", "--no-browser", "--LabApp.expose_app_in_browser=True"),
        TASKROUTER_SANDBOX_DIR=str(folder),
        PATH=os.pathsep.join([str(programs), os.environ["PATH"]]),
    )
    said = []
    try:
        for line in process.stdout:
            said.append(line)
            if address := re.search(ADDRESS, line):
                break
        else:
            pytest.fail("no address was printed:\n" + "".join(said))
        running = RunningLab(process, address[0])
        wait_for(running.listens, what="JupyterLab's port")  # it prints its address a moment before it listens
        cell = nbformat.v4.new_code_cell("from helpers import doctor\ndoctor()", id="doctor")
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=kernel), ready.root / NOTEBOOK)
        yield running
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        stop = "from helpers import sandbox; sandbox.stop()"
        subprocess.run([ready.python, "-c", stop], env={**os.environ, "TASKROUTER_SANDBOX_DIR": str(folder)})


def files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def test_the_printed_address_answers(lab: RunningLab):
    with urllib.request.urlopen(lab.address, timeout=patience(30)) as page:
        assert page.status == 200
        assert "JupyterLab" in page.read().decode()
    assert lab.get("/api/contents/my-lessons/00-start-here.ipynb?content=0")["type"] == "notebook"


def test_an_address_without_the_folder_leads_to_the_lesson(lab: RunningLab):
    """Who types the address of a lesson leaves `notebooks/` out."""
    with urllib.request.urlopen(
        f"{lab.url}/lab/tree/00-start-here.ipynb?token={lab.token}", timeout=patience(30)
    ) as page:
        assert page.url == f"{lab.url}/lab/tree/my-lessons/00-start-here.ipynb?token={lab.token}"
        assert page.status == 200


@pytest.mark.parametrize(
    "option", ["--IdentityProvider.token=mine", "--PasswordIdentityProvider.hashed_password=argon2:mine"]
)
def test_with_an_own_token_or_password_the_address_is_printed_without_it(ready: Clone, option: str):
    process = ready.start("lab", "--no-browser", option)
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if re.fullmatch(r"The lessons are at http://\S+:\d+/lab/tree/my-lessons/00-start-here\.ipynb\n", line):
                break
        else:
            pytest.fail("no address was printed:\n" + "".join(said))
        assert "mine" not in "".join(said)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def test_the_news_question_is_answered(lab: RunningLab):
    settings = lab.get("/lab/api/settings/@jupyterlab/apputils-extension:notification")
    assert settings["schema"]["properties"]["fetchNews"]["default"] == "false"


def test_no_language_server_is_begun_that_nobody_asked_for(lab: RunningLab):
    assert lab.get("/lsp/status")["sessions"] == {}


def test_the_kernel_is_the_python_of_the_venv(lab: RunningLab, ready: Clone):
    assert lab.get("/api/kernelspecs")["default"] == "python3"
    request = urllib.request.Request(
        f"{lab.url}/api/kernels", data=b"{}", headers={"Authorization": f"token {lab.token}"}, method="POST"
    )
    urllib.request.urlopen(request, timeout=patience(30)).close()
    kernel = wait_for(lambda: [child for child in children(lab) if "ipykernel_launcher" in child.cmdline()])[0]
    assert Path(kernel.cmdline()[0]).parent == Path(ready.python).parent


def test_the_doctor_and_the_browser_shake_hands(lab: RunningLab, ready: Clone, browser: Browser):
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(milliseconds(30))
        page.goto(lab.address)
        expect(page.locator(".jp-NotebookPanel").get_by_role("heading", name="Start here")).to_be_visible(
            timeout=milliseconds(60)
        )
        page.evaluate("async () => { await window.jupyterapp.restored; }")
        assert page.locator(".jp-Dialog, .Toastify__toast").count() == 0
        notebook = Lab(page, JupyterServer(lab.url, lab.token, ready.root, lab.process))
        notebook.open(NOTEBOOK)
        notebook.run("doctor")
        row = notebook.output("doctor").locator("tr", has_text="Widgets")
        expect(row).to_have_attribute("data-state", "ok", timeout=milliseconds(30))
        expect(row).to_contain_text(re.compile(r"OK\s*This page and the kernel talk to one another: \d+ ms"))
        expect(notebook.output("doctor").locator(".summary")).to_have_text("Everything is in place.")


def test_a_session_changes_only_the_learners_copy(lab: RunningLab, ready: Clone, browser: Browser):
    """With a cell that was run and saved, and with a link to another page followed."""
    before = contents(ready.root / "notebooks")
    with browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(milliseconds(30))
        page.goto(lab.address)
        page.wait_for_function("() => window.jupyterapp", polling=OFTEN)
        page.evaluate("async () => { await window.jupyterapp.restored; }")
        notebook = Lab(page, JupyterServer(lab.url, lab.token, ready.root, lab.process))
        notebook.open("my-lessons/00-start-here.ipynb")
        notebook.run("imports")
        notebook.run("progress")
        notebook.command("docmanager:save")
        notebook.output("progress").get_by_role("link", name="Create a workspace").click()
        expect(notebook.panel.get_by_role("heading", name="Set up the activities")).to_be_attached()
        assert page.url.endswith("/my-lessons/01-create-a-workspace.ipynb")
    saved = nbformat.read(ready.root / "my-lessons/00-start-here.ipynb", as_version=4)
    assert next(cell for cell in saved.cells if cell.id == "progress").outputs
    assert contents(ready.root / "notebooks") == before


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_stops_and_leaves_nothing(lab: RunningLab, own_config: Path):
    """Last in this file: what JupyterLab started is gone, and a person's own settings are as they were."""
    started = [child for child in children(lab) if "ipykernel_launcher" in words_of(child)]
    assert started
    lab.process.send_signal(signal.SIGTERM)
    lab.process.communicate(timeout=patience(30))
    assert lab.process.returncode == 0
    _, alive = psutil.wait_procs(started, timeout=patience(10))
    assert alive == []
    assert not lab.listens()
    assert {name: text for name, text in files(own_config).items() if name != "migrated"} == {
        "lab/workspaces/default-37a8.jupyterlab-workspace": "{}",
        "jupyter_server_config.json": '{"ServerApp": {"root_dir": "/nowhere"}}',
    }


def children(lab: RunningLab) -> list[psutil.Process]:
    return psutil.Process(lab.process.pid).children(recursive=True)


def words_of(process: psutil.Process) -> list[str]:
    """Give the words that a process was started with; none of one that has ended meanwhile."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.cmdline()
    return []
