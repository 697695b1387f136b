"""`python3 -m helpers`: what a person gets on a machine where nothing is set up, or where something is wrong."""

from __future__ import annotations

import ast
import glob
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import taskrouter_sandbox
from helpers import __main__ as commands
from helpers.setup import environment, installer
from tests.ports import port_that_refuses
from tests.setup.conftest import BASE_PYTHON, Clone, variables_of_a_stranger


@pytest.fixture
def clone_of_ready(ready: Clone, clone: Clone) -> Clone:
    """A copy of the project that is set up for the lessons. The packages' files, never written to, are shared."""

    def copy(source: str, target: str) -> None:
        shared = "site-packages" in Path(source).parts and not source.endswith(".pth")
        (os.link if shared else shutil.copy2)(source, target)

    shutil.copytree(ready.venv, clone.venv, symlinks=True, copy_function=copy)
    return clone


def packages(clone: Clone) -> Path:
    """Where the packages of its `.venv` are."""
    return next(clone.venv.glob("lib*/python*/site-packages"))


def one_line(said: str) -> str:
    """The one line that was said: no traceback, nothing beside it."""
    assert len(said.strip().splitlines()) == 1, said
    return said.strip()


def test_a_set_up_that_was_killed_heals(ready: Clone):
    assert ready.stamp == environment._hash(environment.LOCK)
    code = "import twilio.base, importlib.metadata as metadata; print(metadata.version('twilio'))"
    version = subprocess.check_output([ready.python, "-c", code], cwd=ready.home, text=True)
    assert f"twilio=={version.strip()} " in environment.LOCK.read_text()


def test_the_project_is_importable_everywhere_and_can_be_moved(ready: Clone):
    where = subprocess.check_output([ready.python, "-c", "import helpers; print(helpers.__file__)"], cwd="/", text=True)
    assert Path(where.strip()) == ready.root / "helpers/__init__.py"


def test_a_second_set_up_does_nothing(ready: Clone):
    before = (ready.venv / environment.STAMP.name).stat().st_mtime_ns
    assert ready.run("setup") == (0, "Everything is in place already.\nOpen the lessons with: python3 -m helpers lab\n")
    assert (ready.venv / environment.STAMP.name).stat().st_mtime_ns == before


def test_the_lessons_bring_no_tool_of_the_tests(ready: Clone):
    brought = {path.name.partition("-")[0] for path in packages(ready).glob("*.dist-info")}
    assert {"twilio", "jupyterlab", "pip"} <= brought
    assert not {"pytest", "playwright", "ruff", "uv"} & brought


def test_the_command_of_the_sandbox_moves_with_the_project(ready: Clone):
    said = subprocess.check_output([ready.venv / "bin/taskrouter-sandbox", "--version"], cwd="/", text=True)
    assert said == f"taskrouter-sandbox {taskrouter_sandbox.__version__}\n"


def test_the_test_command_adds_its_tools_and_hands_its_options_to_pytest(clone_of_ready: Clone):
    code, said = clone_of_ready.run("test", "--version", python=clone_of_ready.python, PYTHONDONTWRITEBYTECODE="1")
    assert code == 0, said
    assert "Installing the packages of requirements.lock and requirements-test.lock" in said
    assert re.fullmatch(r"pytest [\d.]+", said.splitlines()[-1])
    assert list(packages(clone_of_ready).glob("_pytest/__pycache__/*.pyc"))  # compiled once, not by each process
    assert clone_of_ready.stamp.split() == [
        environment._hash(environment.LOCK),
        environment._hash(environment.TEST_LOCK),
    ]
    for python in (clone_of_ready.python, BASE_PYTHON):
        code, said = clone_of_ready.run("test", "--version", python=python)
        assert (code, re.sub(r"[\d.]+", "N", said.strip())) == (0, "pytest N")
    assert clone_of_ready.run("setup")[1].startswith("Everything is in place already.")


def test_no_registry_address_is_written_anywhere(ready: Clone):
    """pip's own settings may hold one, with a password in it."""
    ours = [ready.venv / environment.STAMP.name, ready.venv / "pyvenv.cfg", *(ready.venv / "etc").rglob("*.json")]
    assert [path for path in ours if "://" in path.read_text()] == []


def old_python() -> str | None:
    """A Python on this machine that is too old for the project but reads `helpers/__init__.py`."""
    known = (
        path for minor in (7, 8, 9, 10) for path in glob.glob(f"{Path.home()}/.pyenv/versions/3.{minor}.*/bin/python3")
    )
    return next((path for path in known if os.access(path, os.X_OK)), None)


def test_an_old_python_says_so_in_one_line(clone: Clone, monkeypatch, capsys):
    if python := old_python():
        code, said = clone.run("lab", python=python)
    else:
        monkeypatch.setattr("sys.version_info", (3, 8, 18, "final", 0))
        code, said = commands.main(["lab"]), capsys.readouterr().err
    assert code == 1
    assert re.match(r"This project needs Python 3\.11 or newer, this is 3\.\d+; (run: |install )", one_line(said))
    assert not clone.venv.exists()


def test_the_oldest_python_is_the_one_of_pyproject():
    assert (
        f'requires-python = ">={".".join(map(str, commands.OLDEST_PYTHON))}"'
        in (environment.ROOT / "pyproject.toml").read_text()
    )
    source = (environment.ROOT / "helpers/__main__.py").read_text()
    ast.parse(source, feature_version=(3, 6))
    assert "from __future__" not in source


def test_a_python_without_pip_names_the_package(clone: Clone):
    """As on a fresh Debian, where neither pip nor ensurepip is there."""
    bare = clone.home / "bare"
    subprocess.run([BASE_PYTHON, "-m", "venv", "--without-pip", bare], check=True)
    missing = clone.home / "missing"
    (missing / "ensurepip").mkdir(parents=True)
    (missing / "ensurepip/__init__.py").write_text("raise ImportError('not on Debian')")
    python = str(bare / environment.PYTHON.relative_to(environment.VENV))
    code, said = clone.run("setup", python=python, PYTHONPATH=str(missing))
    assert code == 1
    assert said.splitlines()[-1] == "This Python has no pip; install it first (apt install python3-venv)."
    assert clone.stamp == environment.UNFINISHED


@pytest.mark.slow
def test_no_way_to_the_packages_ends_in_one_sentence(clone: Clone):
    code, said = clone.run("setup", PIP_NO_INDEX="1", PIP_FIND_LINKS="", PIP_CONFIG_FILE=os.devnull)
    assert code == 1
    assert said.splitlines()[-1].startswith("The packages could not be installed: ")
    assert said.splitlines()[-1].endswith("(is this machine online?)")
    assert "Traceback" not in said
    assert clone.stamp == environment.UNFINISHED


@pytest.mark.slow
def test_pip_installs_what_uv_cannot(clone: Clone):
    """uv is sent to an address where nothing listens; pip, which does not read that variable, is not."""
    (clone.root / "requirements.lock").write_text(installer.locked("six", environment.LOCK))
    with port_that_refuses() as port:
        nowhere = f"http://127.0.0.1:{port}/simple"
        code, said = clone.run(
            "setup", UV_DEFAULT_INDEX=nowhere, UV_INDEX=nowhere, UV_NO_CACHE="1", UV_HTTP_RETRIES="0"
        )
    assert code == 0, said
    assert "uv could not do it here, so pip does" in said
    subprocess.run([clone.python, "-c", "import six"], check=True)


def test_a_venv_that_is_not_ours_is_not_thrown_away(clone: Clone):
    clone.venv.mkdir()
    (clone.venv / "precious").write_text("mine")
    code, said = clone.run("setup")
    assert (code, one_line(said)) == (
        1,
        f"{clone.venv} holds no Python that works here; remove it and run this command again.",
    )
    assert (clone.venv / "precious").read_text() == "mine"


def test_a_misspelt_command_or_option_shows_the_commands(clone: Clone):
    code, said = clone.run("lob")
    assert code == 2
    assert "invalid choice: 'lob'" in said
    code, said = clone.run("setup", "--frehs")
    assert code == 2
    assert "unrecognized arguments: --frehs" in said
    assert not clone.venv.exists()


PIP_CONFIG = r"""
WARNING: noise
:env:.cert='/etc/ssl/ours.pem'
global.cert='/etc/ssl/theirs.pem'
global.index-url='https://me:secret@mirror.example/simple'
install.index-url='https://mirror.example/install'
global.extra-index-url='\nfile:///one\nfile:///two'
global.find-links='/wheels /more'
global.no-index='not a literal
"""


def test_uv_asks_where_pip_asks():
    assert installer.uv_environment(PIP_CONFIG, {}) == {
        "UV_SYSTEM_CERTS": "true",
        "UV_DEFAULT_INDEX": "https://mirror.example/install",
        "UV_INDEX": "file:///one file:///two",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": "/wheels,/more",
        "SSL_CERT_FILE": "/etc/ssl/ours.pem",
    }


def test_what_a_person_told_uv_is_not_overridden():
    told = installer.uv_environment(PIP_CONFIG, {"UV_DEFAULT_INDEX": "theirs", "SSL_CERT_FILE": "theirs"})
    assert not {"UV_DEFAULT_INDEX", "SSL_CERT_FILE"} & told.keys()


def test_the_environment_of_these_tests_is_a_strangers(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "x")
    assert "TWILIO_AUTH_TOKEN" not in variables_of_a_stranger(tmp_path)
