"""Other workspaces and days, made of one by changes that have names."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any, cast

import msgspec

from ..snapshot import Snapshot
from .day import Day, as_plain, read_day
from .errors import RehearsalError

Change = Callable[[Snapshot, dict[str, Any]], object]
"""Changes a workspace and a day, as JSON has it, which are copies of its own; what it gives back does not count."""


@dataclass(frozen=True)
class Variant:
    """One way to try. values: what it was made with, by name, as columns of the answers."""

    name: str
    change: Change | None
    values: dict[str, Any] = field(default_factory=dict[str, Any])

    def of(self, workspace: Snapshot, day: Day) -> tuple[Snapshot, Day]:
        """Make its workspace and its day. Raises RehearsalError where that day is none."""
        copy, plain = msgspec.convert(msgspec.to_builtins(workspace), Snapshot), as_plain(day)
        if self.change is None:
            return workspace, day
        try:
            self.change(copy, plain)
        except Exception as error:
            error.add_note(f"This was in the variant {self.name!r}, a function of a workspace and a day")
            raise
        with mistakes_of(self.name):
            return copy, read_day(plain)


@contextmanager
def mistakes_of(variant: str) -> Generator[None]:
    """Say of each mistake which variant it is of."""
    try:
        yield
    except RehearsalError as error:
        raise RehearsalError("\n".join(f"{variant}: {line}" for line in str(error).splitlines())) from None


def grid(change: Callable[..., object], **values: Iterable[Any]) -> list[Variant]:
    """Make a variant of every combination of values.

    change: is called as `change(workspace, day, name=value, ...)`, with a copy of both; values: for each name several.
    """
    if not callable(change):  # pyright: ignore[reportUnnecessaryComparison]
        raise RehearsalError(f"grid: change is {change!r}: give a function of a workspace, a day and values by name")
    for name, given in values.items() or [("a name", None)]:
        if isinstance(given, str) or not isinstance(given, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise RehearsalError(f"grid: give several values for {name}, as a list; not {given!r}")
    named = {name: list(given) for name, given in values.items()}
    if empty := [name for name, given in named.items() if not given]:
        raise RehearsalError(f"grid: give at least one value for {', '.join(empty)}")
    return [
        Variant(", ".join(f"{name}: {value}" for name, value in chosen.items()), partial(change, **chosen), chosen)
        for chosen in (dict(zip(named, combination, strict=True)) for combination in product(*named.values()))
    ]


Variants = Mapping[str, Change | None] | Iterable[Variant]


def variants_of(given: Variants) -> list[Variant]:
    """Read variants, by name or as `grid` makes them. Raises RehearsalError."""
    if isinstance(given, Mapping):
        by_name = cast("Mapping[str, Change | None]", given)
        found = [Variant(str(name), change) for name, change in by_name.items()]
    else:
        several = isinstance(given, Iterable)  # pyright: ignore[reportUnnecessaryIsInstance]
        found = list(given if several else cast("Iterable[Variant]", [given]))
    for each in found:
        if not isinstance(each, Variant) or not (each.change is None or callable(each.change)):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise RehearsalError(
                "variants: give functions by name, each of a workspace and a day, or what `grid` makes"
            )
    names = [each.name for each in found]
    if not names or len(set(names)) < len(names):
        raise RehearsalError("variants: give at least one, each with a name of its own")
    return found
