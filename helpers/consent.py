"""A question on the terminal, or below a cell, before something is done that cannot be undone."""

from __future__ import annotations


def is_agreed(question: str) -> bool:
    """Ask a question, and tell whether the answer is yes. Raises EOFError when nobody can answer."""
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
