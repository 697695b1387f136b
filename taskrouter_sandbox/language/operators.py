"""What an expression's operators say of two values (`behaviour.md §6.2`)."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any, Literal, cast

Test = Callable[[Any, Any], bool]
MissingAttribute = Literal["differs", "null"]
"""How a missing value is compared: it differs from every other one, or nothing is true of it (`behaviour.md §6.2`)."""

NUMBER = r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"


# Truth (`behaviour.md §6.2`). A missing key reads as NULL, which is None here. Scalars are NULL, booleans,
# numbers and strings; an array is a list; an object equals nothing. What cannot be compared is false.


def number(value: object) -> int | float | None:
    """Read a number, or a string that looks like one: 800 for "0800", none for `true`."""
    if type(value) is int or type(value) is float:
        return value
    if not isinstance(value, str) or not re.fullmatch(NUMBER, value):
        return None
    try:
        return int(value)
    except ValueError:  # a fraction, or more digits than Python turns into an int
        return float(value)


def _pair(left: object, right: object) -> tuple[Any, Any] | None:
    """Give the two sides as strings or as numbers, if they can be compared as such."""
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    left, right = number(left), number(right)
    return None if left is None or right is None else (left, right)


def _same(left: object, right: object) -> bool:
    if pair := _pair(left, right):
        return pair[0] == pair[1]
    return left is right and (left is None or isinstance(left, bool))


def _equals(left: object, right: object) -> bool:
    return left is not None and _same(left, right)


def _differs(left: object, right: object) -> bool:
    return not (isinstance(left, list) or isinstance(right, list) or _same(left, right))


def _ordered(compare: Test) -> Test:
    return lambda left, right: (pair := _pair(left, right)) is not None and compare(*pair)


def _contains(left: object, right: object) -> bool:
    whole, part = _text(left), _text(right)
    return whole is not None and part is not None and part in whole


def _text(value: object) -> str | None:
    try:
        return value if isinstance(value, str) else None if number(value) is None else str(value)
    except ValueError:  # more digits than Python writes out
        return None


def _has(array: object, value: object) -> bool:
    if not isinstance(array, list):
        return False
    items = cast("list[object]", array)
    if value is None or (isinstance(value, str) and value[:1] not in "-.0123456789"):  # it equals only its like
        return value in items
    return any(_same(item, value) for item in items)


def _in(value: object, array: object) -> bool:
    return _has(array, value)


def _not_in(value: object, array: object) -> bool:
    return isinstance(array, list) and not isinstance(value, list) and not _has(cast("object", array), value)


def _if_there(test: Test) -> Test:
    return lambda left, right: left is not None and right is not None and test(left, right)


OPERATORS: dict[str, Test] = {
    # comparison: false when a side is an array
    "==": _equals,
    "=": _equals,
    "!=": _differs,
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    "CONTAINS": _contains,
    # array: false between two scalars
    "HAS": _has,
    ">-": _has,
    "IN": _in,
    "<-": _in,
    "NOT IN": _not_in,
}
# The same under each reading of what is missing.
READINGS: dict[MissingAttribute, dict[str, Test]] = {
    "differs": OPERATORS,
    "null": {**OPERATORS, "!=": _if_there(_differs), "NOT IN": _if_there(_not_in)},
}
# Beside the word null they ask whether the other side is there at all, be it an array.
NULL_OPERATORS: dict[str, Test] = {"==": operator.is_, "=": operator.is_, "!=": operator.is_not}
