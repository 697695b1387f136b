"""Where the browser of the browser tests is: Chromium or Chrome, whichever this machine has."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

HOW_TO_GET_ONE = (
    "The browser tests need Chromium or Chrome, and none was found. Install one (apt install chromium, "
    "brew install --cask chromium, winget install Google.Chrome) or set CHROMIUM_PATH to its program."
)

_COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_PROGRAMS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "~/Applications/Chromium.app/Contents/MacOS/Chromium",
    "~/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "%PROGRAMFILES%/Google/Chrome/Application/chrome.exe",
    "%PROGRAMFILES(X86)%/Google/Chrome/Application/chrome.exe",
    "%LOCALAPPDATA%/Google/Chrome/Application/chrome.exe",
    "%LOCALAPPDATA%/Chromium/Application/chrome.exe",
)


def find_browser() -> str | None:
    """The path of a Chromium or Chrome, or None.

    CHROMIUM_PATH, when set, is the only place looked at. Else: the commands on PATH, then the usual places on macOS
    and Windows.
    """
    if chosen := os.environ.get("CHROMIUM_PATH"):
        return chosen if Path(chosen).is_file() else None
    for command in _COMMANDS:
        if found := shutil.which(command):
            return found
    for program in _PROGRAMS:
        path = Path(os.path.expandvars(program)).expanduser()
        if path.is_file():
            return str(path)
    return None


def browser_or_skip() -> str:
    """The path of the browser. Without one the test is skipped, and where CI is set it fails."""
    if found := find_browser():
        return found
    if os.environ.get("CI"):
        pytest.fail(HOW_TO_GET_ONE, pytrace=False)
    pytest.skip(HOW_TO_GET_ONE)
