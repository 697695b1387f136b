"""Where the browser tests look for a browser, and what becomes of them without one."""

from __future__ import annotations

import sys

import pytest

from tests.browser_path import HOW_TO_GET_ONE, browser_or_skip, find_browser


def test_the_named_program_is_the_one(monkeypatch):
    monkeypatch.setenv("CHROMIUM_PATH", sys.executable)
    assert find_browser() == browser_or_skip() == sys.executable


def test_a_command_on_the_path_is_found(monkeypatch, tmp_path):
    program = tmp_path / "google-chrome"
    program.write_text("")
    program.chmod(0o755)
    monkeypatch.delenv("CHROMIUM_PATH", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() == str(program)


@pytest.mark.parametrize(("ci", "outcome"), [("", pytest.skip.Exception), ("true", pytest.fail.Exception)])
def test_without_one_the_tests_are_skipped_and_fail_where_ci_is_set(monkeypatch, ci: str, outcome: type):
    monkeypatch.setenv("CHROMIUM_PATH", "/nowhere/chromium")
    monkeypatch.setenv("CI", ci)
    with pytest.raises(outcome, match="apt install chromium") as raised:
        browser_or_skip()
    assert str(raised.value) == HOW_TO_GET_ONE
