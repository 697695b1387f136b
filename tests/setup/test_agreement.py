"""The pyproject.toml files, the locks and environment.yml agree; the code is in its one form."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import rattler
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import helpers
import taskrouter_sandbox
from helpers.setup import environment

PYPROJECT = tomllib.loads((environment.ROOT / "pyproject.toml").read_text())
SANDBOX = tomllib.loads((environment.ROOT / "taskrouter_sandbox/pyproject.toml").read_text())
OURS = SANDBOX["project"]["name"]
OURS_WITH_EXTRA = f"{OURS}[simulation]"
DEPENDENCIES = [Requirement(line) for line in PYPROJECT["project"]["dependencies"] if line != OURS_WITH_EXTRA]
DEPENDENCIES_OF_THE_SANDBOX = [
    Requirement(line)
    for group in (SANDBOX["project"]["dependencies"], SANDBOX["project"]["optional-dependencies"]["simulation"])
    for line in group
]
GROUPS = {
    name: [Requirement(line) for line in group if isinstance(line, str)]
    for name, group in PYPROJECT["dependency-groups"].items()
}
LOCKS = {lock: lock.read_text() for lock in (environment.LOCK, environment.TEST_LOCK)}
LOCKED = {lock: re.findall(r"^([a-z0-9-]+)==([^ ]+) ", text, re.MULTILINE) for lock, text in LOCKS.items()}
LESSONS, TESTS = LOCKED.values()  # a package may stand there once for each Python
CONDA_FILE = (environment.ROOT / "environment.yml").read_text()
CONDA = yaml.safe_load(CONDA_FILE)
PIP_PART = next(part["pip"] for part in CONDA["dependencies"] if isinstance(part, dict))


@pytest.mark.parametrize("text", LOCKS.values(), ids=[lock.name for lock in LOCKS])
def test_a_lock_names_no_address(text: str):
    assert "://" not in text


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_everything_in_a_lock_has_hashes(lock: Path):
    text = re.sub(r"^\s*#.*\n", "", LOCKS[lock], flags=re.MULTILINE)
    entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(LOCKED[lock]) > 20
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_tests_bring_nothing_that_the_lessons_have():
    assert not {name for name, _ in LESSONS} & {name for name, _ in TESTS}


@pytest.mark.parametrize(
    "requirement",
    [*DEPENDENCIES, *DEPENDENCIES_OF_THE_SANDBOX, *GROUPS["setup"]],
    ids=lambda requirement: str(requirement),
)
def test_the_lock_of_the_lessons_keeps_to_the_ranges(requirement: Requirement):
    assert_within(requirement, LESSONS)


@pytest.mark.parametrize("requirement", GROUPS["test"], ids=lambda requirement: str(requirement))
def test_the_lock_of_the_tests_keeps_to_the_ranges(requirement: Requirement):
    assert_within(requirement, [*LESSONS, *TESTS])


def assert_within(requirement: Requirement, locked: list[tuple[str, str]]) -> None:
    versions = [version for name, version in locked if name == canonicalize_name(requirement.name)]
    assert versions
    assert all(requirement.specifier.contains(version) for version in versions)


def test_the_locks_bring_the_installers():
    """uv installs the locks and writes them, and pip is there for `%pip`."""
    assert "pip" in dict(LESSONS)
    assert "uv" in dict(TESTS)


def test_jupyterlab_compiles_no_grammar_when_it_starts():
    """A version of `jsonschema` that does would cost every start, every `nbformat` and every test run its seconds."""
    code = "import sys, nbformat, jupyter_events; print('lark' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "False\n"


def test_the_tutorial_depends_on_the_sandbox():
    assert OURS_WITH_EXTRA in PYPROJECT["project"]["dependencies"]


def test_both_distributions_have_one_version():
    assert taskrouter_sandbox.__version__ == PYPROJECT["project"]["version"]


def test_both_distributions_carry_the_licence():
    texts = {(environment.ROOT / folder / "LICENSE").read_text() for folder in (".", "taskrouter_sandbox")}
    assert len(texts) == 1


def test_the_code_that_runs_is_the_one_of_this_folder():
    assert Path(taskrouter_sandbox.__file__).parent == environment.ROOT / "taskrouter_sandbox"
    assert Path(helpers.__file__).parent == environment.ROOT / "helpers"


def test_conda_installs_the_packages_of_pyproject():
    ours = {canonicalize_name(requirement.name): requirement.specifier for requirement in DEPENDENCIES}
    *packages, sandbox, tutorial = PIP_PART
    theirs = [Requirement(line) for line in packages]
    assert {canonicalize_name(requirement.name): requirement.specifier for requirement in theirs} == ours
    assert (sandbox, tutorial) == ("-e ./taskrouter_sandbox[simulation]", "-e .")


def test_conda_understands_its_part():
    specs = [rattler.MatchSpec(line, strict=True) for line in CONDA["dependencies"] if isinstance(line, str)]
    assert [spec.name.normalized for spec in specs] == ["python", "pip"]
    assert str(specs[0].version) == PYPROJECT["project"]["requires-python"]


def test_every_line_for_conda_says_why():
    entries = [line for line in CONDA_FILE.splitlines() if re.match(r"\s+- (?!pip:)", line)]
    assert len(entries) == len(PIP_PART) + 4
    assert [line for line in entries if not re.search(r"\S +# \w+", line)] == []


@pytest.mark.parametrize("command", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_has_nothing_to_say(command: tuple[str, ...]):
    done = subprocess.run(
        [sys.executable, "-m", "ruff", *command, "--quiet", "."], cwd=environment.ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("folder", "configuration"),
    [("helpers", "."), ("taskrouter_sandbox", "taskrouter_sandbox")],
    ids=lambda words: words,
)
def test_each_package_declares_what_it_imports(folder: str, configuration: str):
    """Nothing is imported that only another package brings, and nothing is asked for that nobody imports."""
    pyproject = environment.ROOT / configuration / "pyproject.toml"
    done = subprocess.run(
        [sys.executable, "-m", "deptry", "--no-ansi", "--config", pyproject, folder],
        cwd=environment.ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
