"""The clauses of an expression one by one: what each saw and said, and what would have to be seen instead.

The engine asks an expression only whether it holds; these are kept beside it for whoever asks why.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple, cast

from .operators import number

Names = Mapping[str, object]
Read = Callable[[Names], object]


class Side(NamedTuple):
    """One side of a comparison: its text, and what reads its value. path: where that stands; None for a constant."""

    text: str
    read: Read
    path: str | None


class Clause(NamedTuple):
    """A comparison. operator: in capitals, with single blanks; holds: tells whether it is true of these names."""

    text: str
    holds: Read
    operator: str
    left: Side
    right: Side


class Combination(NamedTuple):
    """Conditions that are joined; a "not" has one part."""

    how: Literal["and", "or", "not"]
    holds: Read
    parts: tuple[Condition, ...]


Condition = Clause | Combination


class Seen(NamedTuple):
    """What a clause said, and of which values. wanted: what it would have to say for the whole to hold."""

    text: str
    holds: bool
    wanted: bool
    saw: dict[str, object]


def explain(condition: Condition, names: Names) -> list[Seen]:
    """Give the clauses on which the answer rests: of an AND that fails those that fail, of an OR that holds those that
    hold, and all of them otherwise. Where the whole holds each says what is wanted, else none does."""
    return list(_decisive(condition, names, True))


def _decisive(condition: Condition, names: Names, wanted: bool) -> Iterator[Seen]:
    if isinstance(condition, Clause):
        saw = {side.path: side.read(names) for side in (condition.left, condition.right) if side.path is not None}
        yield Seen(condition.text, bool(condition.holds(names)), wanted, saw)
        return
    if condition.how == "not":
        yield from _decisive(condition.parts[0], names, not wanted)
        return
    holds = condition.holds(names)
    decides_alone = holds == (condition.how == "or")
    for part in condition.parts:
        if not decides_alone or part.holds(names) == holds:
            yield from _decisive(part, names, wanted)


def changed_to_hold(condition: Condition, names: Names, root: str = "") -> dict[str, object] | None:
    """Find other values with which a condition holds; None where none is found, empty where it holds already.

    root: the first key of what may be changed, such as "worker"; without one every name may. Gives values by path, the
    root left out. A few values are tried for each clause, so that None does not mean that there are none.
    """
    return _changes(condition, names, True, f"{root}." if root else "")


def _changes(condition: Condition, names: Names, wanted: bool, root: str) -> dict[str, object] | None:
    if condition.holds(names) == wanted:
        return {}
    if isinstance(condition, Clause):
        return _values_for(condition, names, wanted, root)
    if condition.how == "not":
        return _changes(condition.parts[0], names, not wanted, root)
    if wanted == (condition.how == "or"):  # one of them is enough
        found = (_changes(part, names, wanted, root) for part in condition.parts)
        return min((one for one in found if one is not None), key=len, default=None)
    together: dict[str, object] = {}
    for part in condition.parts:
        if (more := _changes(part, with_values(names, together, root), wanted, root)) is None:
            return None
        together |= more
    return together if condition.holds(with_values(names, together, root)) == wanted else None


def with_values(names: Names, values: Mapping[str, object], root: str = "") -> dict[str, Any]:
    """Give names with other values at some paths below `root` (which ends with a dot, or is empty)."""
    made: dict[str, Any] = dict(names)
    for path, value in values.items():
        *keys, last = (root + path).split(".")
        inner = made
        for key in keys:
            there = inner.get(key)
            inner[key] = dict(cast("Mapping[str, Any]", there)) if isinstance(there, Mapping) else {}
            inner = inner[key]
        inner[last] = value
    return made


def _values_for(clause: Clause, names: Names, wanted: bool, root: str) -> dict[str, object] | None:
    """Try values on either side of a clause, until it says what is wanted."""
    for side, other, is_list in (
        (clause.left, clause.right, clause.operator in ("HAS", ">-")),
        (clause.right, clause.left, clause.operator in ("IN", "<-", "NOT IN")),
    ):
        if side.path is None or not side.path.startswith(root) or "[" in side.path:
            continue
        path = side.path.removeprefix(root)
        for value in _candidates(side.read(names), other.read(names), is_list):
            changed = with_values(names, {path: value}, root)
            if side.read(changed) == value and clause.holds(changed) == wanted:
                return {path: value}
    return None


def _candidates(value: object, other: object, is_list: bool) -> Iterator[object]:
    """Give values that one side of a comparison might have, by what the other side has."""
    if is_list:
        items = cast("list[object]", value) if isinstance(value, list) else []
        yield [*items, other]
        yield [item for item in items if item != other]
        return
    yield from cast("list[object]", other) if isinstance(other, list) else [other]
    if (figure := number(cast("object", other))) is not None:
        yield from (figure + 1, figure - 1)
    yield from ("other", True, None)
