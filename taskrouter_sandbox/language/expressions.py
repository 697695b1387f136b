"""TaskRouter's expressions: who works for a queue, what a filter takes, who comes first (`behaviour.md §6`).

A text is parsed once and compiled into closures, since a queue's expression is asked about every worker. What
an expression sees is one mapping, its names (§6.3): for a queue a worker's attributes, for a filter a task's
attributes, for a target `{"task": ..., "worker": ...}`, both with `time_names`; for `skip_if` `{"workers": ...}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeVar

from msgspec import Struct

from . import clauses
from .clauses import Condition, Seen
from .operators import MissingAttribute
from .parser import ExpressionError, Names, Operand, Read, key_of, parse_as

W = TypeVar("W")

__all__ = [
    "Expression", "ExpressionError", "Operand", "Order", "distinct", "key_of", "misfits", "parse",
    "parse_order", "parse_reference", "reads_time", "time_names",
]  # fmt: skip


class Expression(Struct, frozen=True):
    """A condition, and the dotted paths it reads (without indexes: `task.skills` for `task.skills[0]`).

    operands: what its operators read, each once; left out is what is needed both as a list and as none. warnings: on
    what is read as it stands, and is hardly meant so (`behaviour.md §6.5`).
    """

    text: str
    references: frozenset[str]
    _test: Callable[[Names], bool]
    operands: tuple[Operand, ...] = ()
    warnings: tuple[str, ...] = ()
    condition: Condition | None = None  # its clauses; None for a blank one

    def matches(self, names: Names) -> bool:
        """Tell whether it is true of these names; nothing that JSON can hold makes it raise (`behaviour.md §6.2`)."""
        return self._test(names)

    def explain(self, names: Names) -> list[Seen]:
        """Give the clauses on which the answer rests, with the values that they saw; none for a blank expression."""
        return clauses.explain(self.condition, names) if self.condition else []


def misfits(operands: Iterable[Operand], names: Names) -> list[Operand]:
    """Find what is a list where none is needed, or none where one is: it never matches (`behaviour.md §6.2`)."""
    return [operand for operand in operands if operand.fits(names) is False]


def distinct(operands: Iterable[Operand]) -> tuple[Operand, ...]:
    """Keep one of those operands that are alike."""
    return tuple({(operand.path, operand.needs_list): operand for operand in operands}.values())


class Order(Struct, frozen=True):
    """An `order_by` (`behaviour.md §6.4`)."""

    text: str
    _clauses: tuple[tuple[Read, int], ...]

    def cannot_sort(self, worker_names: Names) -> bool:
        """Tell whether a worker has something other than a whole number where this order looks."""
        values = (read(worker_names) for read, _ in self._clauses)
        return any(type(value) is not int and value is not None for value in values)

    def sort(self, workers: Iterable[W], names_of: Callable[[W], Names]) -> list[W]:
        """Sort workers, equal ones as they come; `names_of` gives what a target's names hold under `worker`.

        Only whole numbers can be ordered, and `true` is none: when a worker has anything else there, the order is
        ignored for all. A worker with nothing there comes last, ascending or descending.
        """
        listed = list(workers)
        keys: list[tuple[tuple[bool, int], ...]] = []
        for worker in listed:
            names = names_of(worker)
            if self.cannot_sort(names):
                return listed
            values = ((read(names), sign) for read, sign in self._clauses)
            keys.append(tuple((False, sign * value) if type(value) is int else (True, 0) for value, sign in values))
        return [listed[place] for place in sorted(range(len(listed)), key=keys.__getitem__)]


@lru_cache(maxsize=1024)
def parse(text: str, missing: MissingAttribute = "differs") -> Expression:
    """Parse a condition (`behaviour.md §6.1`); an empty or blank one matches nobody (§6.3).

    missing: how it compares an attribute that is not there, or null (§6.2): as one that "differs" from everything, or
    so that nothing holds for it ("null"), neither `!=` nor `NOT IN`.

    Raises `ExpressionError`. Only syntax is checked: `HAS` on a number is accepted, and never matches (§6.2).
    """
    if not text.strip():
        return Expression(text, frozenset(), lambda names: False)
    node = parse_as(text, "condition", missing)
    needs = {(operand.path, operand.needs_list) for operand in node.operands}
    operands = distinct(operand for operand in node.operands if (operand.path, not operand.needs_list) not in needs)
    return Expression(text, node.paths, node.read, operands, node.warnings, node.condition)


@lru_cache(maxsize=256)
def parse_order(text: str) -> Order:
    """Parse an order such as `worker.level DESC, worker.age ASC` (`behaviour.md §6.4`).

    A blank text orders nothing. Raises `ExpressionError`, also for a key that is not of the worker.
    """
    return Order(text, parse_as(text, "order") if text.strip() else ())


@lru_cache(maxsize=256)
def parse_reference(text: str) -> Read:
    """Make a reader of one unquoted reference, such as a known worker's `task.agent_sid` (`behaviour.md §5.4`).

    The reader takes a target's names and returns the value there, or None. Raises `ExpressionError`.
    """
    return parse_as(text, "reference").read


def time_names(now_ms: int) -> dict[str, dict[str, object]]:
    """Give the names that tell a filter the time in UTC, `now_ms` milliseconds after 1970 (`behaviour.md §6.3`).

    `currentTime` is an int, HHMM; `currentHour` and `currentMin` are strings of two digits (the hour is
    documented as one), which compare with numbers all the same; `dayOfWeek` equals its name in any case.
    """
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    day = _Day(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[now.weekday()])
    hour, minute = f"{now.hour:02}", f"{now.minute:02}"
    time: dict[str, object] = {
        "currentTime": int(hour + minute),
        "currentHour": hour,
        "currentMin": minute,
        "dayOfWeek": day,
    }
    return {"taskrouter": time}


def reads_time(expression: Expression) -> bool:
    """Tell whether an expression asks for any of `time_names`."""
    return any(path.startswith("taskrouter") for path in expression.references)


class _Day(str):
    """The name of a day in any case: a documented example writes THU for Thu."""

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and self.casefold() == other.casefold()

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.casefold())
