"""TaskRouter's expressions: who works for a queue, what a filter takes, who comes first (`behaviour.md §6`).

A text is parsed once and compiled into closures, since a queue's expression is asked about every worker. What
an expression sees is one mapping, its names (§6.3): for a queue a worker's attributes, for a filter a task's
attributes, for a target `{"task": ..., "worker": ...}`, both with `time_names`; for `skip_if` `{"workers": ...}`.
"""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:  # loaded with the first expression: it would be half of what the sandbox loads at its start
    from lark import Lark, Token

Names = Mapping[str, object]
Read = Callable[[Names], object]
Test = Callable[[Any, Any], bool]

_NUMBER = r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
_GRAMMAR = rf"""
    ?condition:   conjunction (_OR conjunction)*
    ?conjunction: negation (_AND negation)*
    ?negation:    _NOT negation -> negated | "(" condition ")" | comparison
    comparison:   operand OPERATOR operand
    ?operand:     reference | array | constant
    array:        "[" (constant ("," constant)*)? "]"
    constant:     STRING | NUMBER | KEYWORD
    reference:    REFERENCE

    order:        clause ("," clause)*
    clause:       REFERENCE DIRECTION

    OPERATOR:     /(>-|<-)(?!\.?[0-9])|(==|!=|>=|<=|=|>|<)(?![=<>!~&|])|(contains|has|in|not\s+in)\b/i
    _AND:         /and\b/i
    _OR:          /or\b/i
    _NOT.2:       /not\b/i
    KEYWORD.2:    /(true|false|null)\b/i
    DIRECTION:    /(asc|desc)\b/i
    NUMBER:       /{_NUMBER}/
    STRING:       /"([^"\\]|\\[\s\S])*"|'([^'\\]|\\[\s\S])*'/
    REFERENCE:    /[^\W\d]\w*(\.\w+|\[\s*[0-9]+\s*\])*/
    %ignore /\s+/
"""
_DEEPEST = 60  # parentheses and NOTs in one another: far from where Python's stack ends


class ExpressionError(ValueError):
    """A text is no expression, which TaskRouter answers with 20001 (`rest-contract.md §9.4`).

    `str()` of it is a sentence for the learner; `column`, counted from 1, is where reading stopped.
    """

    def __init__(self, message: str, column: int) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition, and the dotted paths it reads (without indexes: `task.skills` for `task.skills[0]`)."""

    text: str
    references: frozenset[str]
    _test: Callable[[Names], bool] = field(repr=False, compare=False)

    def matches(self, names: Names) -> bool:
        """Is it true of these names? Nothing that JSON can hold makes it raise (`behaviour.md §6.2`)."""
        return self._test(names)


@dataclass(frozen=True, slots=True)
class Order:
    """An `order_by` (`behaviour.md §6.4`)."""

    text: str
    _clauses: tuple[tuple[Read, int], ...] = field(repr=False, compare=False)

    def key(self, worker_names: Names) -> tuple[tuple[bool, int], ...]:
        """Give the sort key of a worker, least first. `worker_names` is what a target's names hold under `worker`.

        Only ints take part, and `true` is none; a worker without one comes last, ascending or descending.
        Workers with equal keys are the caller's to order: the longest since the last assignment first.
        """
        values = ((read(worker_names), sign) for read, sign in self._clauses)
        return tuple((False, sign * value) if type(value) is int else (True, 0) for value, sign in values)


@lru_cache(maxsize=1024)
def parse(text: str) -> Expression:
    """Parse a condition (`behaviour.md §6.1`); an empty or blank one matches nobody (§6.3).

    Raises `ExpressionError`. Only syntax is checked: `HAS` on a number is accepted, and never matches (§6.2).
    """
    if not text.strip():
        return Expression(text, frozenset(), lambda names: False)
    node = _parse(text, "condition")
    return Expression(text, node.paths, node.read)


@lru_cache(maxsize=256)
def parse_order(text: str) -> Order:
    """Parse an order such as `worker.level DESC, worker.age ASC` (`behaviour.md §6.4`).

    A blank text orders nothing. Raises `ExpressionError`, also for a key that is not of the worker.
    """
    return Order(text, _parse(text, "order") if text.strip() else ())


@lru_cache(maxsize=256)
def parse_reference(text: str) -> Read:
    """Make a reader of one unquoted reference, such as a known worker's `task.agent_sid` (`behaviour.md §5.4`).

    The reader takes a target's names and returns the value there, or None. Raises `ExpressionError`.
    """
    return _parse(text, "reference").read


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


# Truth (`behaviour.md §6.2`). A missing key reads as NULL, which is None here. Scalars are NULL, booleans,
# numbers and strings; an array is a list; an object equals nothing. What cannot be compared is false.


def _number(value: object) -> int | float | None:
    """Read a number, or a string that looks like one: 800 for "0800", none for `true`."""
    if type(value) is int or type(value) is float:
        return value
    if not isinstance(value, str) or not re.fullmatch(_NUMBER, value):
        return None
    try:
        return int(value)
    except ValueError:  # a fraction, or more digits than Python turns into an int
        return float(value)


def _pair(left: object, right: object) -> tuple[Any, Any] | None:
    """Give the two sides as strings or as numbers, if they can be compared as such."""
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    left, right = _number(left), _number(right)
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
        return value if isinstance(value, str) else None if _number(value) is None else str(value)
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


_OPERATORS: dict[str, Test] = {
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
# Beside the word null they ask whether the other side is there at all, be it an array.
_NULL_OPERATORS: dict[str, Test] = {"==": operator.is_, "=": operator.is_, "!=": operator.is_not}


class _Node(NamedTuple):
    """A part of an expression: what reads its value, the paths which that takes, and how deep it nests."""

    read: Read
    paths: frozenset[str] = frozenset()
    depth: int = 0
    constant: bool = False


class _Compiler:
    """Makes a node of each rule of the grammar as soon as the parser has recognised it."""

    def constant(self, children: list[Token]) -> _Node:
        (token,) = children
        if token.type == "STRING":
            return _literal(re.sub(r"\\([\s\S])", r"\1", token[1:-1]))
        if token.type == "NUMBER":
            return _literal(_number(token))
        return _literal({"true": True, "false": False, "null": None}[token.lower()])

    def array(self, items: list[_Node]) -> _Node:
        return _literal([item.read({}) for item in items])

    def reference(self, children: list[Token]) -> _Node:
        steps = _steps(children[0])
        return _Node(_reader(steps), frozenset({".".join(step for step in steps if isinstance(step, str))}))

    def comparison(self, children: tuple[_Node, Token, _Node]) -> _Node:
        left, token, right = children
        name = " ".join(token.upper().split())
        test, of_left, of_right = _OPERATORS[name], left.read, right.read
        if any(side.constant and side.read({}) is None for side in (left, right)):
            test = _NULL_OPERATORS.get(name, test)
        if left.constant and right.constant:
            return _literal(test(of_left({}), of_right({})))

        def read(names: Names) -> bool:
            return test(of_left(names), of_right(names))

        return _Node(read, left.paths | right.paths)

    def negated(self, parts: list[_Node]) -> _Node:
        return _nested(lambda values: not any(values), parts)

    def conjunction(self, parts: list[_Node]) -> _Node:
        return _nested(all, parts)

    def condition(self, parts: list[_Node]) -> _Node:
        return _nested(any, parts)

    def clause(self, children: list[Token]) -> tuple[Read, int]:
        token, direction = children
        first, *steps = _steps(token)
        if first != "worker" or not steps:
            column = (token.start_pos or 0) + 1
            raise ExpressionError(f"{token} at column {column} is not of the worker: write worker.{token}", column)
        return _reader(steps), 1 if direction.upper() == "ASC" else -1

    def order(self, clauses: list[tuple[Read, int]]) -> tuple[tuple[Read, int], ...]:
        return tuple(clauses)


def _literal(value: object) -> _Node:
    def read(names: Names) -> object:
        return value

    return _Node(read, constant=True)


def _nested(combined: Callable[[Iterable[object]], bool], parts: list[_Node]) -> _Node:
    depth = 1 + max(part.depth for part in parts)
    if depth > _DEEPEST:
        raise ExpressionError(f"conditions are nested more than {_DEEPEST} deep: use fewer parentheses", 1)
    tests = tuple(part.read for part in parts)
    paths = frozenset[str]().union(*(part.paths for part in parts))

    def read(names: Names) -> bool:
        return combined(test(names) for test in tests)

    return _Node(read, paths, depth)


def _steps(reference: str) -> list[str | int]:
    """Part a reference into keys and indexes; of a huge index the first digits do: there is nothing."""
    return [name or int(index.lstrip("0")[:12] or 0) for name, index in re.findall(r"(\w+)|\[\s*([0-9]+)", reference)]


def _reader(steps: list[str | int]) -> Read:
    """Follows keys and indexes; where they lead nowhere there is NULL (`behaviour.md §6.1`)."""

    def read(names: Names) -> object:
        value: Any = names
        for step in steps:
            if isinstance(step, str):
                if not isinstance(value, (dict, Mapping)):
                    return None
                value = value.get(step)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            else:
                if not isinstance(value, list):
                    return None
                value = value[step] if step < len(value) else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return value  # pyright: ignore[reportUnknownVariableType]

    return read


@cache
def _parser() -> Lark:
    from lark import Lark

    return Lark(_GRAMMAR, parser="lalr", start=["condition", "order", "reference"], transformer=_Compiler())


def _parse(text: str, start: str) -> Any:
    from lark import UnexpectedInput

    try:
        return _parser().parse(text, start=start)  # pyright: ignore[reportUnknownMemberType]
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        stopped = len(text) if token is not None and token.type == "$END" else error.pos_in_stream
        at = stopped or 0
        accepted = cast("set[str]", error.interactive_parser.accepts())
        message = _explanation(text, at, accepted)
    raise ExpressionError(message, at + 1)


_MEANT = {"<>": "!=", "!==": "!=", "=>": ">=", "=<": "<=", "LIKE": "CONTAINS", "&&": "AND", "||": "OR"}
_WANTED = {
    "OPERATOR": "OPERATOR",
    "REFERENCE": "a key",
    "STRING": "a constant",
    "DIRECTION": "ASC or DESC",
    "_AND": "AND",
    "_OR": "OR",
    "COMMA": "','",
    "RPAR": "')'",
    "RSQB": "']'",
    "$END": "the end",
}
_CURLY = "\u201c\u201d\u2018\u2019"


def _explanation(text: str, at: int, accepted: set[str]) -> str:
    """Why reading stopped at `text[at]`, in a sentence like those of TaskRouter that are known."""
    rest, where = text[at:], f"at column {at + 1}"
    found = re.match(rf"\w+|[^\w\s\"'{_CURLY}()\[\],]+|[\s\S]?", rest)
    word = found.group() if found else ""
    wanted = " or ".join(name for terminal, name in _WANTED.items() if terminal in (accepted or {"$END"}))
    spellings = (
        [name for name in _OPERATORS if name not in (">-", "<-")]
        if "OPERATOR" in accepted
        else ["AND", "OR"]
        if "_AND" in accepted
        else []
    )
    near = difflib.get_close_matches(word.upper(), spellings, 1)
    meant = _MEANT.get(word.upper(), near[0] if near else None)

    if word and word in _CURLY:
        return f"the quotation mark {word} {where} is curly: use a straight one, \" or '"
    if word and word in "\"'" and word not in rest[1:]:
        return f"the string {where} has no closing {word}"
    if (tail := re.match(r"(-\w+)+", rest)) and (key := re.search(r"[^\W\d][\w.]*$", text[:at])):
        word, name = tail.group(), (key.group() + tail.group()).replace("-", "_")
        return f"extraneous input '{word}' expecting {wanted} {where}: a key has no hyphens, call it {name}"
    if "OPERATOR" in accepted and (negated := re.match(r"not\s+(has|contains)\b", rest, re.I)):
        name = negated.group(1).upper()
        return f"unknown operator NOT {name} {where}: write NOT (a {name} b) instead"
    if meant in spellings:
        return f"unknown operator {where}: did you mean {meant}?"
    if "OPERATOR" in accepted and word.upper() in ("", "AND", "OR", ")"):
        where += ": a key alone is no condition, compare it with something"
    found = f"extraneous input '{word}'" if word else "the expression ends too soon,"
    return f"{found} expecting {wanted} {where}"
