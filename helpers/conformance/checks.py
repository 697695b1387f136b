"""What a check is: one expectation, where it is written, and what it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from helpers.conformance.check_context import CheckContext

DOCUMENTS = "docs/taskrouter"
Need = Literal["single-tasking", "callbacks"]


@dataclass(frozen=True)
class Check:
    """One expectation in words, the paragraph that it comes from, and the function that tries it."""

    name: str
    source: str
    expected: str
    needs: frozenset[Need]
    run: Callable[[CheckContext], None]
    group: str = ""  # the module that it stands in

    @property
    def documentation(self) -> str:
        """Where to read about the expectation: a file of the project, and the paragraph in it."""
        return f"{DOCUMENTS}/{self.source}"

    @property
    def title(self) -> str:
        """What a word is looked for in."""
        return f"{self.name} {self.group} {self.source}"


CHECKS: list[Check] = []


def check(
    source: str, expected: str, *needs: Need
) -> Callable[[Callable[[CheckContext], None]], Callable[[CheckContext], None]]:
    """Make a check of a function, which raises Deviation when the expectation is not met.

    source: the paragraph, such as `behaviour.md §2.1`; expected: the rule, as a sentence for readers.
    """

    def keep(function: Callable[[CheckContext], None]) -> Callable[[CheckContext], None]:
        CHECKS.append(
            Check(
                function.__name__, source, expected, frozenset(needs), function, function.__module__.rpartition(".")[2]
            )
        )
        return function

    return keep
