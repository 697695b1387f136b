"""pyproject.toml, requirements.lock, environment.yml and README.md agree; the code is in its one form."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import pytest
import rattler
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.setup import environment

PYPROJECT = tomllib.loads((environment.ROOT / "pyproject.toml").read_text())
DEPENDENCIES = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
GROUPS = [Requirement(line) for group in PYPROJECT["dependency-groups"].values() for line in group]
LOCK = environment.LOCK.read_text()
LOCKED = re.findall(r"^([a-z0-9-]+)==([^ ]+) ", LOCK, re.MULTILINE)  # a package may stand there once for each Python
CONDA_FILE = (environment.ROOT / "environment.yml").read_text()
CONDA = yaml.safe_load(CONDA_FILE)
PIP_PART = next(part["pip"] for part in CONDA["dependencies"] if isinstance(part, dict))


def test_the_lock_names_no_address():
    assert "://" not in LOCK


def test_everything_in_the_lock_has_hashes():
    entries = re.split(r"^(?=\S)", re.sub(r"^\s*#.*\n", "", LOCK, flags=re.MULTILINE), flags=re.MULTILINE)[1:]
    assert len(entries) == len(LOCKED) > 100
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


@pytest.mark.parametrize("requirement", [*DEPENDENCIES, *GROUPS], ids=lambda requirement: requirement.name)
def test_the_lock_keeps_to_the_ranges_of_pyproject(requirement: Requirement):
    versions = [version for name, version in LOCKED if name == canonicalize_name(requirement.name)]
    assert versions
    assert all(requirement.specifier.contains(version) for version in versions)


def test_the_lock_brings_the_installers():
    """uv installs the lock, and pip is there for `%pip`."""
    assert {"uv", "pip"} <= {name for name, _ in LOCKED}


def test_conda_installs_the_packages_of_pyproject():
    ours = {canonicalize_name(requirement.name): requirement.specifier for requirement in DEPENDENCIES}
    theirs = [Requirement(line) for line in PIP_PART[:-1]]
    assert {canonicalize_name(requirement.name): requirement.specifier for requirement in theirs} == ours
    assert PIP_PART[-1] == "-e ."


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


def test_what_the_readme_points_to_is_there():
    targets = re.findall(r"\]\(([^)#]+)\)", (environment.ROOT / "README.md").read_text())
    local = [target for target in targets if "://" not in target]
    assert len(local) > 4
    assert [target for target in local if not (environment.ROOT / target).is_file()] == []
