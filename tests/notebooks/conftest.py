"""Running a notebook as a learner does, cell by cell, in a real kernel."""

from __future__ import annotations

import copy
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import pytest
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from twilio.rest import Client

from helpers.names import WORKSPACE
from tests.forked_kernels import ForkedKernelManager
from tests.notebooks.scene import Lesson
from tests.notebooks.solutions import read_solved
from tests.ports import unused_port
from tests.waiting import patience

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def read(name: str) -> nbformat.NotebookNode:
    """The notebook of that name, as it is in the repository."""
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def text_of(cell: nbformat.NotebookNode) -> str:
    """All that a cell has put out, as plain text; what was printed is in one piece, however it arrived."""
    parts: list[str] = []
    printing = False
    for output in cell.outputs:
        printed, printing = printing, output.output_type == "stream"
        if printing and printed:
            parts[-1] += output.text
        elif printing:
            parts.append(output.text)
        elif output.output_type == "error":
            parts.append(f"{output.ename}: {output.evalue}")
        else:
            parts.append(output.data.get("text/plain", ""))
    return "\n".join(parts)


def assert_all_right(texts: dict[str, str], checkpoints: int) -> None:
    """So many checkpoints have been run, and each of them is right."""
    checks = {cell_id: text for cell_id, text in texts.items() if cell_id.startswith("check-")}
    assert len(checks) == checkpoints
    assert all(text.startswith("✔ ") for text in checks.values()), checks


@dataclass
class Run:
    """A notebook in a running kernel. `texts` has what each cell put out last, by cell id."""

    client: NotebookClient
    cells: list[nbformat.NotebookNode]
    texts: dict[str, str] = field(default_factory=dict)

    def cell(self, cell_id: str) -> str:
        """Run one cell of the notebook; returns its text. Raises CellExecutionError as a learner sees an error."""
        return self._run(next(cell for cell in self.cells if cell.id == cell_id))

    def code(self, source: str) -> str:
        """Run a cell that is not in the notebook."""
        return self._run(nbformat.v4.new_code_cell(source))

    def solve(self, verdict: str) -> None:
        """Run the solution that a checkpoint shows, as `check.rejected(client)` does."""
        self.code(f"exec({verdict}.solution)")

    def all(self, *, times: int = 1) -> dict[str, str]:
        """Run every cell from the top, each so many times before the next."""
        return self.up_to(None, times=times)

    def up_to(self, cell_id: str | None, *, after: str | None = None, times: int = 1) -> dict[str, str]:
        """Run the cells after `after` (from the top when None) up to and with `cell_id`."""
        ids = [cell.id for cell in self.cells]
        first = 0 if after is None else ids.index(after) + 1
        last = len(ids) if cell_id is None else ids.index(cell_id) + 1
        for cell in self.cells[first:last]:
            for _ in range(times):
                self._run(cell)
        return dict(self.texts)

    def restart(self, *, kill: bool = True) -> None:
        """Restart the kernel, killed at once or, as the menu does it, asked to end first."""
        run_sync(self.client.km.restart_kernel)(now=kill)
        run_sync(self.client.kc.wait_for_ready)(timeout=int(patience(60)))

    def until(self, condition: str, seconds: float = 10) -> None:
        """Wait in the kernel until the expression is true."""
        self.code(
            "import time as _time\n"
            f"_limit = _time.monotonic() + {patience(seconds)}\n"
            f"while not ({condition}):\n"
            f"    assert _time.monotonic() < _limit, {condition!r}\n"
            "    _time.sleep(0.02)"
        )

    def _run(self, cell: nbformat.NotebookNode) -> str:
        cell = copy.deepcopy(cell)
        self.client.nb.cells.append(cell)
        self.client.execute_cell(cell, len(self.client.nb.cells) - 1)
        self.texts[cell.id] = text_of(cell)
        return self.texts[cell.id]


@contextmanager
def running(name: str, *, solved: bool = False, **kernel: object) -> Iterator[Run]:
    """The notebook of that name in a kernel and a folder of its own, with a free port in the place of its own.

    solved: with its exercises done, as `SOLUTIONS` has them.
    """
    notebook = read_solved(name) if solved else read(name)
    port = str(unused_port())
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in cells:
        cell.source = re.sub(r"\b808\d\b", port, cell.source)
    empty = nbformat.v4.new_notebook(metadata=notebook.metadata)
    kernel = {"kernel_manager_class": ForkedKernelManager, **kernel}
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        client = NotebookClient(empty, timeout=int(patience(60)), resources=resources, **kernel)
        with client.setup_kernel():
            yield Run(client, cells)


@pytest.fixture
def notebook(sandbox) -> Callable[..., AbstractContextManager[Run]]:
    """`running`, for tests whose notebooks find an empty sandbox."""
    return running


@pytest.fixture
def bare(client: Client) -> Client:
    """The client of a sandbox in which the tutorial's workspace does not exist."""
    for workspace in client.taskrouter.v1.workspaces.list():
        if workspace.friendly_name == WORKSPACE:
            workspace.delete()
    return client


@pytest.fixture
def lesson(bare: Client) -> Iterator[Lesson]:
    """Notebook 03, run as far as its callback address, with the app that accepts."""
    lesson = Lesson(bare)
    yield lesson
    lesson.server.stop()
