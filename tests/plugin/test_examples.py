"""The applications of docs/examples pass their tests, as whoever copies them runs these."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap

import pytest

from helpers.setup import environment
from tests.plugin.conftest import IS_INSTALLED, plugin_words, run
from tests.waiting import patience

EXAMPLES = environment.ROOT / "docs" / "examples"


def test_they_pass():
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin_words(), "--color=no", EXAMPLES],
        env={name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TWILIO_"))},
        cwd=environment.ROOT,
        capture_output=True,
        text=True,
        timeout=patience(100),
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert int(re.search(r"(\d+) passed", ran.stdout)[1]) == sum(
        text.count("\ndef test_") + text.count('"twice", "') for text in map(_text, EXAMPLES.glob("*/test_*.py"))
    )


@pytest.mark.skipif(IS_INSTALLED, reason="here the plugin is installed, and needs no name")
def test_the_command_of_their_page_finds_the_plugin_in_a_copy_of_this_project():
    (words,) = re.findall(r"`\.venv/bin/python (-m pytest .*?)`", _text(EXAMPLES / "README.md"))
    ran = subprocess.run(
        [sys.executable, *words.split(), "--setup-plan", "--color=no"],
        env={name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "TWILIO_"))},
        cwd=environment.ROOT,
        capture_output=True,
        text=True,
        timeout=patience(100),
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "taskrouter_workspace" in ran.stdout


def test_the_page_runs_as_it_stands(suite):
    """Its tests, its conftest.py and its module, with the snapshot of the other page."""
    page = _text(environment.ROOT / "docs" / "testing-your-app.md")
    first, conftest, module = (textwrap.dedent(block) for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL))
    (team,) = re.findall(r"```json\n(.*?)```", _text(environment.ROOT / "docs" / "snapshots.md"), re.DOTALL)
    (suite.path / "team.json").write_text(team, encoding="utf-8")
    suite.makepyfile(test_first=first, test_module=module)
    run(suite).assert_outcomes(passed=3)

    suite.makeconftest(conftest)
    suite.makepyfile(
        application="from twilio.rest import Client; client = Client()",
        test_first="from application import client\ndef test_it(taskrouter):\n"
        "    assert client.taskrouter.v1.workspaces.list() == [] and len(taskrouter.rest_calls.credentials) == 1\n",
    )
    run(suite, "test_first.py").assert_outcomes(passed=1)


def _text(path):
    return path.read_text(encoding="utf-8")


def test_they_know_nothing_of_the_sandbox():
    assert [path for path in EXAMPLES.glob("*/app.py") if "sandbox" in _text(path)] == []
