"""Copies of the project in which a set-up may be run, cut short and broken."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.connection import settings
from helpers.setup import environment
from tests.waiting import patience, wait_for

BASE_PYTHON = sys._base_executable
"""The Python that `.venv` was made from: a learner's `python3`."""


def variables_of_a_stranger(home: Path, **more: str) -> dict[str, str]:
    """Variables of a person whose home is `home`, on whose machine nothing of this project is set."""
    ours = ("CI", "VIRTUAL_ENV", settings.LIVE, *settings.CREDENTIALS, "NGROK_AUTHTOKEN")
    plain = {name: value for name, value in os.environ.items() if name not in ours and not name.startswith("JUPYTER")}
    cache = {} if "UV_CACHE_DIR" in os.environ or os.name == "nt" else {"UV_CACHE_DIR": _uv_cache()}
    return plain | cache | {"HOME": str(home), "LANG": "C.UTF-8"} | more


def _uv_cache() -> str:
    return str(Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "uv")


class Clone:
    """A copy of the project in a folder of its own, and how to run its commands."""

    def __init__(self, root: Path, home: Path):
        self.root, self.home = root, home
        home.mkdir(parents=True, exist_ok=True)

    @property
    def venv(self) -> Path:
        return self.root / ".venv"

    @property
    def python(self) -> str:
        return str(self.root / environment.PYTHON.relative_to(environment.ROOT))

    @property
    def stamp(self) -> str:
        return (self.venv / environment.STAMP.name).read_text()

    def start(self, *words: str, python: str = BASE_PYTHON, **variables: str) -> subprocess.Popen:
        """Start `python -m helpers WORDS` in a process group of its own."""
        return subprocess.Popen(
            [python, "-m", "helpers", *words],
            cwd=self.root,
            env=variables_of_a_stranger(self.home, **variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str, python: str = BASE_PYTHON, **variables: str) -> tuple[int, str]:
        """Run `python -m helpers WORDS`. Returns the exit code and what it said."""
        process = self.start(*words, python=python, **variables)
        said, _ = process.communicate(timeout=patience(300))
        return process.returncode, said


def copy_project(target: Path) -> Path:
    """Copy what a clone of the project would hold, with what is not committed yet."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=environment.ROOT,
        capture_output=True,
        check=True,
    ).stdout
    for name in listed.decode().split("\0"):
        if name and (environment.ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(environment.ROOT / name, target / name)
    return target


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A fresh copy of the project with nothing set up."""
    return Clone(copy_project(tmp_path / "clone"), tmp_path / "home")


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A copy of the project, set up from nothing: killed half-way, run again, and moved to another folder since."""
    folder = tmp_path_factory.mktemp("set-up")
    first = Clone(copy_project(folder / "first place"), folder / "home")
    process = first.start("setup")
    try:
        wait_for(lambda: any(first.venv.glob("uv-*/bin/uv")) or process.poll() is not None, 60, "uv's arrival")
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    assert first.stamp == environment.UNFINISHED
    # What a killed installer leaves behind: a package that is on record, without its modules.
    record = next(first.venv.glob("lib*/python*/site-packages")) / "twilio-9.99.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: twilio\nVersion: 9.99\n")
    code, said = first.run("setup")
    assert code == 0, said
    first.root.rename(folder / "second place")
    return Clone(folder / "second place", first.home)
