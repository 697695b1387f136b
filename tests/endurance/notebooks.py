"""The kernel ends after each cell of a notebook: `python -m tests.endurance.notebooks [name ...]`.

After each cell, which is run twice, the kernel is killed or restarted, by turns, and a new one begins from the top and
goes one cell further, as a learner does. Every cell must run each time, and in the end every checkpoint must say what
it says where nothing was clicked.
"""

from __future__ import annotations

import os
import tempfile
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter

from helpers import sandbox
from tests.notebooks.conftest import running
from tests.notebooks.test_runs import NAMES, assert_nothing_clicked


def check(name: str) -> int:
    """Kill or restart the kernel after each cell; how often that was."""
    with running(name) as run:
        for number, cell in enumerate(run.cells):
            run.up_to(cell.id)
            run.cell(cell.id)
            run.restart(kill=bool(number % 2))
        assert_nothing_clicked(name, run.texts)
        return len(run.cells)


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TASKROUTER_SANDBOX_DIR"] = folder
        try:
            for name in names:
                began = time.monotonic()
                kills = check(name)
                print(f"{name}: {kills} kernels killed or restarted, {time.monotonic() - began:.0f} s", flush=True)
                sandbox.reset()
        finally:
            sandbox.stop()


if __name__ == "__main__":
    parser = ArgumentParser(description=__doc__, formatter_class=RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="name", help=f"some of {', '.join(NAMES)}; all where none is given")
    asked = parser.parse_args().names
    if unknown := sorted(set(asked) - set(NAMES)):
        parser.error(f"there is no notebook {', '.join(unknown)}; there is {', '.join(NAMES)}")
    main(asked or list(NAMES))
