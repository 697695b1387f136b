"""Usual misspellings, in everything that people read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READ = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs", "notebooks", "benchmarks", "findings",
        "helpers", "taskrouter_sandbox")  # fmt: skip


def test_nothing_is_misspelt():
    found = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "--toml", "pyproject.toml", *READ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
