"""What is said of a day that cannot be rehearsed, and of what is given in place of something else."""

from __future__ import annotations

from typing import Any


class RehearsalError(ValueError):
    """A day, or what else a rehearsal was asked for, is not accepted.

    The message has a sentence for each mistake, which begins with its place and says what is accepted there.
    """


def expect(name: str, value: Any, kind: type, accepted: str) -> None:
    """Raise RehearsalError where a value is not of a kind. accepted: what is to be given."""
    if not isinstance(value, kind):
        raise RehearsalError(f"{name} is {type(value).__name__}: give {accepted}")
