"""The layers of both packages: what may import what, as pyproject.toml says."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from helpers.setup import environment
from tests.setup.conftest import copy_project


def contracts(root: Path) -> tuple[int, str]:
    """Check the contracts of the project in `root`. Returns the exit code and what was said."""
    command = [environment.SCRIPTS / "lint-imports", "--no-cache"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_contracts_are_kept():
    code, said = contracts(environment.ROOT)
    assert code == 0, said


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("taskrouter_sandbox/errors.py", "import helpers.errors", "The sandbox knows nothing of the tutorial"),
        ("taskrouter_sandbox/engine/model/timers.py", "import time", "The engine does no input or output"),
        ("helpers/errors.py", "if TYPE_CHECKING:\n    import helpers.live.board", "The layers of the tutorial"),
        ("helpers/live/board/sequence.py", "def late():\n    import helpers.live.board.board", "No circles"),
    ],
)
def test_a_contract_can_be_broken(tmp_path: Path, module: str, line: str, contract: str):
    root = copy_project(tmp_path)
    with (root / module).open("a") as file:
        file.write(f"\n\n{line}\n")
    code, said = contracts(root)
    assert code == 1
    assert any(contract in row and " BROKEN" in row for row in said.splitlines()), said
