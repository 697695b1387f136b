"""The widgets' JavaScript: its own checks pass, and what is committed of it is current."""

from __future__ import annotations

import pytest

from tests import node
from tests.live.front import generate


@pytest.fixture(scope="module")
def packages() -> None:
    """The packages of the lock."""
    node.need_packages()


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("check", ["lint", "types", "test", "current"])
def test_the_front_end_passes_its_own_checks(check):
    done = node.run("npm", "run", "--silent", check)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_it_shares_with_the_python_code_is_current():
    said = "run `python -m tests.live.front.generate`"
    for file, text in generate.generated().items():
        assert file.read_text(encoding="utf-8") == text, said


def test_the_lock_names_no_registry():
    lock = (node.FRONT / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock
    assert "registry" not in lock
