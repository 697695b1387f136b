"""The applications of docs/examples pass their tests, as whoever copies them runs these."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from helpers.setup import environment
from tests.plugin.conftest import IS_INSTALLED, PLUGIN, WITHOUT
from tests.waiting import patience

EXAMPLES = environment.ROOT / "docs" / "examples"


def test_they_pass():
    plugin = [] if IS_INSTALLED else ["-p", PLUGIN]
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, *WITHOUT, "--color=no", EXAMPLES],
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


def _text(path):
    return path.read_text(encoding="utf-8")


def test_they_know_nothing_of_the_sandbox():
    assert [path for path in EXAMPLES.glob("*/app.py") if "sandbox" in _text(path)] == []
