"""The files around the code: what other programs read, and what people are told about this folder."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from helpers.__main__ import _COMMANDS
from helpers.setup import environment

ROOT = environment.ROOT
WORKFLOW = yaml.safe_load((ROOT / ".github/workflows/test.yml").read_text())
TOLD = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md", "taskrouter_sandbox/README.md"]


def tracked(*patterns: str) -> list[Path]:
    """The files of the project that match, also those that are not committed yet."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *patterns]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in said.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("path", tracked("*.yml", "*.yaml"), ids=lambda path: str(path.relative_to(ROOT)))
def test_yaml_can_be_read(path: Path):
    assert isinstance(yaml.safe_load(path.read_text()), dict)


def test_the_container_for_codespaces_sets_up_the_project():
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    assert container["postCreateCommand"] == "python3 -m helpers setup"


@pytest.mark.parametrize("job", WORKFLOW["jobs"].values(), ids=WORKFLOW["jobs"])
def test_the_workflow_runs_what_everybody_runs(job: dict[str, Any]):
    assert job["steps"][-1]["run"] == ".ci/run"
    assert (ROOT / ".ci/run").stat().st_mode & 0o111


def test_the_workflow_knows_the_oldest_python_and_both_ends_of_the_dependencies():
    jobs = WORKFLOW["jobs"]
    assert len(jobs["locked"]["strategy"]["matrix"]["system"]) == 3
    pythons = jobs["locked"]["strategy"]["matrix"]["python"]
    assert f'requires-python = ">={pythons[0]}"' in (ROOT / "pyproject.toml").read_text()
    versions = [one["versions"] for one in jobs["dependencies"]["strategy"]["matrix"]["include"]]
    assert versions == ["oldest", "newest"]


def test_the_hooks_for_git_use_the_versions_of_the_lock():
    wanted = re.findall(r'\["([\w-]+==[\d.]+)"\]', (ROOT / ".pre-commit-config.yaml").read_text())
    assert len(wanted) == 3
    assert [line for line in wanted if f"\n{line} " not in environment.TEST_LOCK.read_text()] == []


def test_what_names_its_interpreter_can_be_run():
    listed = subprocess.run(["git", "ls-files", "--stage"], cwd=ROOT, capture_output=True, text=True, check=True)
    modes = {line.partition("\t")[2]: line[:6] for line in listed.stdout.splitlines()}
    scripts = [name for name in modes if Path(ROOT, name).is_file() and Path(ROOT, name).read_bytes()[:2] == b"#!"]
    assert ".ci/run" in scripts
    assert [name for name in scripts if modes[name] != "100755"] == []


def test_no_source_file_is_longer_than_400_lines():
    """All but what is built: tests and benchmarks, too."""
    sources = tracked("*.py", "*.js", "*.ts", "*.css")
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in sources if "dist" not in path.parts}
    assert len(lines) > 800
    assert [f"{path.relative_to(ROOT)}: {count}" for path, count in lines.items() if count > 400] == []


def test_no_two_classes_of_the_packages_share_a_name():
    """Those of the apps that learners take home are read each by itself."""
    files = defaultdict[str, list[str]](list)
    for path in tracked("taskrouter_sandbox/*.py", "helpers/*.py"):
        if "taken_home" not in path.parts:
            classes = (node for node in ast.parse(path.read_text()).body if isinstance(node, ast.ClassDef))
            for each in classes:
                files[each.name].append(str(path.relative_to(ROOT)))
    assert len(files) > 600
    assert {name: paths for name, paths in files.items() if len(paths) > 1} == {}


@pytest.mark.parametrize("name", TOLD)
def test_every_path_that_is_named_is_there(name: str):
    """A path is what stands in backquotes with a slash in it, or with the ending of a file."""
    text = re.sub(r"```.*?```", "", (ROOT / name).read_text(), flags=re.DOTALL)
    named = {word for word in re.findall(r"`([\w./-]+)`", text) if is_a_path(word)}
    assert [word for word in sorted(named) if not (ROOT / word).exists()] == []


def is_a_path(word: str) -> bool:
    if word.startswith(("/", ".env", ".venv")) or "://" in word:
        return False
    return "/" in word or word.endswith((".py", ".md", ".toml", ".lock", ".yml", ".json", ".ipynb"))


@pytest.mark.parametrize("name", TOLD)
def test_every_command_of_the_project_that_is_named_exists(name: str):
    commands = set(re.findall(r"python3? -m helpers ([a-z-]+)", (ROOT / name).read_text()))
    assert commands <= set(_COMMANDS)
