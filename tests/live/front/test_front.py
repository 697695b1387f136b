"""The widgets' JavaScript: its own checks pass, and what is committed of it is current."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.live.front import generate
from tests.waiting import patience

FRONT = Path(__file__).parents[3] / "helpers" / "live" / "front"


def npm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run npm in the folder of the front end."""
    program = shutil.which("npm")
    assert program is not None
    plain = os.environ | {"NO_COLOR": "1"}  # so that what a check says can be read
    return subprocess.run(
        [program, *arguments], cwd=FRONT, env=plain, capture_output=True, text=True, timeout=patience(300)
    )


@pytest.fixture(scope="module")
def packages() -> None:
    """The packages of the lock; without Node, or where they cannot be fetched, there is nothing to test but in CI."""
    if not (shutil.which("node") and shutil.which("npm")):
        _lacking("Node and npm are needed to check the widgets' JavaScript")
    if npm("ls").returncode == 0:
        return
    installed = npm("ci", "--prefer-offline")
    if installed.returncode:
        _lacking(f"npm could not install the packages of the lock:\n{installed.stderr}")


def _lacking(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("check", ["lint", "types", "test", "current"])
def test_the_front_end_passes_its_own_checks(check):
    done = npm("run", "--silent", check)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_it_shares_with_the_python_code_is_current():
    said = "run `python -m tests.live.front.generate`"
    for file, text in generate.generated().items():
        assert file.read_text(encoding="utf-8") == text, said


def test_the_lock_names_no_registry():
    lock = (FRONT / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock
    assert "registry" not in lock
