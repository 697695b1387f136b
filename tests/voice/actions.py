"""What a machine does: each action is a rule for hypothesis, and a choice for a long run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

some = range(10)
ACTIONS: dict[str, tuple[int, dict[str, Any]]] = {}  # by name: how often, and what the arguments are chosen from


def action(often: int = 1, **choices: Any) -> Callable:
    """A rule of the machine, for hypothesis and for `long_run.py`. often: compared with others, in a long run."""

    def note(method: Callable) -> Callable:
        ACTIONS[method.__name__] = often, choices
        return rule(**{name: st.sampled_from(choice) for name, choice in choices.items()})(method)

    return note
