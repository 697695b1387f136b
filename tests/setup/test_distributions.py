"""The two distributions: what is in them, and that the sandbox is enough by itself."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from helpers.setup import environment, installer
from tests.setup.conftest import variables_of_a_stranger

pytestmark = pytest.mark.slow

THREE_LINES = """
import taskrouter_sandbox
sandbox = taskrouter_sandbox.ensure()
print(taskrouter_sandbox.__file__, sandbox.clock.read()["ahead"], taskrouter_sandbox.stop())
"""

A_TEST = """
def test_it(taskrouter):
    assert taskrouter.client.taskrouter.v1.workspaces.create(friendly_name="Test").account_sid == taskrouter.account_sid
"""


def uv(*words: str | Path, home: Path) -> None:
    """Run uv as a person would whose machine asks where this one asks."""
    pip = [sys.executable, "-m", "pip"]
    settings = installer.variables_for_uv(pip)
    done = subprocess.run(
        [environment.SCRIPTS / "uv", *words],
        cwd=home,
        env=variables_of_a_stranger(home, **settings),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The files in each wheel, which is built from the archive of its source."""
    home = tmp_path_factory.mktemp("distributions")
    for project in (environment.ROOT / "taskrouter_sandbox", environment.ROOT):
        uv("build", "--quiet", "--out-dir", home / "built", project, home=home)
    built = {path.name.partition("-")[0]: path for path in (home / "built").glob("*.whl")}
    return {name: set(zipfile.ZipFile(path).namelist()) for name, path in built.items()}


def of_the_front_end(name: str) -> bool:
    """Of the front end only what is built of it is of use to a browser."""
    return name.startswith("helpers/live/front/") and not name.startswith("helpers/live/front/dist/")


@pytest.mark.parametrize(
    ("distribution", "package"), [("taskrouter_sandbox", "taskrouter_sandbox"), ("taskrouter_notebooks", "helpers")]
)
def test_a_wheel_holds_its_package_and_nothing_else(wheels: dict[str, set[str]], distribution: str, package: str):
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", package],
        cwd=environment.ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    about_the_project = {f"{package}/{name}" for name in ("pyproject.toml", "README.md", "LICENSE")}
    wanted = {name for name in listed if (environment.ROOT / name).is_file() and not of_the_front_end(name)}
    wanted -= about_the_project
    assert f"{package}/py.typed" in wanted
    assert {name for name in wheels[distribution] if ".dist-info/" not in name and not name.endswith("/")} == wanted
    assert any(name.endswith("licenses/LICENSE") for name in wheels[distribution])


def test_the_sandbox_alone_in_an_empty_environment(tmp_path: Path):
    venv = tmp_path / "venv"
    uv("venv", "--quiet", "--python", sys.executable, venv, home=tmp_path)
    python = venv / environment.PYTHON.relative_to(environment.VENV)
    uv("pip", "install", "--quiet", "--python", python, environment.ROOT / "taskrouter_sandbox", home=tmp_path)
    variables = variables_of_a_stranger(tmp_path, TASKROUTER_SANDBOX_DIR=str(tmp_path / "data"))
    said = subprocess.check_output([python, "-c", THREE_LINES], cwd=tmp_path, env=variables, text=True)
    where, ahead, _ = said.split()
    assert Path(where).is_relative_to(venv)
    assert float(ahead) == 0
    compiled = [python, "-m", "compileall", "-q", venv]  # as pip does
    subprocess.run(compiled, stdout=subprocess.DEVNULL, check=True)
    installed = sum(each.stat().st_size for each in venv.rglob("*") if each.is_file() and not each.is_symlink())
    assert installed < 60_000_000
    command = python.parent / "taskrouter-sandbox"
    assert "serve" in subprocess.check_output([command, "--help"], cwd=tmp_path, env=variables, text=True)
    with_pytest = f"taskrouter-sandbox[pytest] @ {(environment.ROOT / 'taskrouter_sandbox').as_uri()}"
    uv("pip", "install", "--quiet", "--python", python, with_pytest, home=tmp_path)
    (tmp_path / "test_it.py").write_text(A_TEST)
    ran = [python, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", "test_it.py"]
    assert "1 passed" in subprocess.check_output(ran, cwd=tmp_path, env=variables, text=True)
