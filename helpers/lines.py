"""Lines that fit below a cell: Jupyter breaks a longer one in the middle of a word."""

from __future__ import annotations

import textwrap

WIDTH = 72
"""Characters of a line below a cell, on a screen that is 1024 pixels wide."""

NO_BREAK = "\N{NO-BREAK SPACE}"


def as_sentence(text: str) -> str:
    """End a text with a full stop, unless it ends as a sentence already, such as with a question."""
    return text if text.endswith((".", "?", "!")) else f"{text}."


def in_lines(text: str, indent: int = 0) -> str:
    """Break a text into lines, between words, and not inside what has `NO_BREAK` for its spaces.

    indent: spaces before each line but the first. A word that is longer than a line, such as an address, stays whole.
    """
    indented = " " * indent
    lines = textwrap.fill(text, WIDTH, subsequent_indent=indented, break_on_hyphens=False, break_long_words=False)
    return lines.replace(NO_BREAK, " ")
