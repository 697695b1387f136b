"""Writes the two locks anew from the pyproject.toml files, with uv; versions that are locked stay where they can.

`requirements.lock` holds what the lessons need, `requirements-test.lock` what the tests need besides. Both name every
package with its hashes, for every system and Python, and no address.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from helpers.setup.environment import LOCK, PYTHON, ROOT, SCRIPTS, TEST_LOCK
from helpers.setup.installer import run, variables_for_uv

_OURS = "taskrouter-sandbox"
"""The package that is not installed from anywhere: it is a folder of this project."""


def write(*, newest: bool = False, oldest: bool = False) -> None:
    """Resolve what pyproject.toml asks for and write both locks.

    newest: give up the versions that are locked, for the newest that there are.
    oldest: likewise, but give the lessons and the sandbox the oldest that pyproject.toml allows.
    Raises InstallError.
    """
    choice = ["--upgrade"] if newest or oldest else []
    age = ["--resolution=lowest-direct"] if oldest else []
    _compile(LOCK.name, "setup", [*choice, *age, *_without([_OURS])])
    lessons = re.findall(r"^([a-z0-9.-]+)==", LOCK.read_text(), re.MULTILINE)
    _compile(TEST_LOCK.name, "test", [*choice, "--constraint", LOCK.name, *_without([_OURS, *lessons])])


def _compile(lock: str, group: str, options: Sequence[str]) -> None:
    command = [
        *(SCRIPTS / "uv", "pip", "compile", "pyproject.toml", "--group", group, "--universal", "--generate-hashes"),
        *("--custom-compile-command", "python3 -m helpers lock", "--quiet", "--output-file", lock, *options),
    ]
    run(command, f"{lock} could not be written", cwd=ROOT, variables=variables_for_uv([PYTHON, "-m", "pip"]))


def _without(packages: Sequence[str]) -> list[str]:
    return [f"--no-emit-package={package}" for package in packages]
