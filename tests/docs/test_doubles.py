"""Nothing stands twice in the documents that everybody reads first, as after a merge that kept both sides."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = 40  # letters, from which on a line says something of its own


@pytest.mark.parametrize("name", ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_no_line_stands_twice(name):
    lines = Counter(line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if len(line) >= SENTENCE)
    assert [line for line, times in lines.items() if times > 1] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_no_heading_stands_twice(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    headings = Counter(line for line in lines if line.startswith("#"))
    assert [heading for heading, times in headings.items() if times > 1] == []
