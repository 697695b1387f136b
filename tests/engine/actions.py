"""What the machine may do: each action is a rule for hypothesis, and a choice for a long run."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import rule

BOTH = (False, True)
index = range(12)
some = range(4)


class Each(NamedTuple):
    """One of each."""

    parts: tuple

    @classmethod
    def of(cls, *parts) -> Each:
        return cls(parts)


class Several(NamedTuple):
    """A list."""

    of: Any
    least: int
    most: int


def strategy(choice: Any) -> st.SearchStrategy:
    """What hypothesis draws from."""
    match choice:
        case Each():
            return st.tuples(*map(strategy, choice.parts))
        case Several():
            return st.lists(strategy(choice.of), min_size=choice.least, max_size=choice.most)
    return st.sampled_from(choice)


def draw(choice: Any, random: Random) -> Any:
    """The same, drawn at random."""
    match choice:
        case Each():
            return tuple(draw(part, random) for part in choice.parts)
        case Several():
            return [draw(choice.of, random) for _ in range(random.randint(choice.least, choice.most))]
    return random.choice(choice)


ACTIONS: dict[str, dict[str, Any]] = {}  # by name: what the arguments of an action are chosen from


def action(**choices: Any) -> Callable:
    """A rule of the machine, for hypothesis and for `long_run.py`."""

    def note(method: Callable) -> Callable:
        ACTIONS[method.__name__] = choices
        return rule(**{name: strategy(choice) for name, choice in choices.items()})(method)

    return note
