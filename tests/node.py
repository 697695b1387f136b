"""Node and the packages of the front end's lock, among them Twilio's SDK for agents' pages, for the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from hashlib import sha256
from pathlib import Path

import pytest
from filelock import FileLock

from tests.waiting import patience

FRONT = Path(__file__).parents[1] / "helpers" / "live" / "front"


def run(program: str, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Node or npm in the folder of the front end, with plain output, and with these variables besides the usual."""
    found = shutil.which(program)
    assert found is not None
    plain = os.environ | {"NO_COLOR": "1"} | variables
    return subprocess.run(
        [found, *arguments], cwd=FRONT, env=plain, capture_output=True, text=True, timeout=patience(300)
    )


def need_packages() -> None:
    """See that the packages are there; without Node, or where they cannot be fetched, skip, but fail in CI."""
    if not (shutil.which("node") and shutil.which("npm")):
        _lacking("Node and npm are needed to check the JavaScript")
    lock = Path(tempfile.gettempdir(), f"npm-{sha256(bytes(FRONT)).hexdigest()[:16]}.lock")
    with FileLock(lock):  # another worker may need them too
        if run("npm", "ls").returncode == 0:
            return
        installed = run("npm", "ci", "--prefer-offline")
    if installed.returncode:
        _lacking(f"npm could not install the packages of the lock:\n{installed.stderr}")


def _lacking(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)
