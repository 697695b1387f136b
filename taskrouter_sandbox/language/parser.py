"""Turns the text of an expression into closures, or says where and why it cannot be read (`behaviour.md §6.1`)."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, cast

from .clauses import Clause, Combination, Condition, Names, Read, Side
from .operators import NULL_OPERATORS, NUMBER, OPERATORS, READINGS, MissingAttribute, Test, number

if TYPE_CHECKING:  # loaded with the first expression: it would be half of what the sandbox loads at its start
    from lark import Lark, Token

_END = r"(?![\w$])"  # of a word: names may contain a $ (`behaviour.md §6.1`)
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

    OPERATOR:     /(>-|<-)(?!\.?[0-9])|(==|!\s*=|>=|<=|=|>|<)(?![=<>!~&|])|(contains|has|in|not\s+in){_END}/i
    _AND:         /and{_END}/i
    _OR:          /or{_END}/i
    _NOT.2:       /not{_END}/i
    KEYWORD.2:    /(true|false|null){_END}/i
    DIRECTION:    /(asc|desc){_END}/i
    NUMBER:       /{NUMBER}/
    STRING:       /"([^"\\]|\\[\s\S])*"|'([^'\\]|\\[\s\S])*'/
    REFERENCE:    /(?!\d)[\w$]+(\.[\w$]+|\[\s*[0-9]+\s*\])*/
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


class Operand(NamedTuple):
    """A path that an operator reads, what reads it, and whether that operator looks into a list there."""

    path: str
    read: Read
    needs_list: bool

    def fits(self, names: Names) -> bool | None:
        """Tell whether the value is a list where one is needed, and none elsewhere; None when there is no value."""
        value = self.read(names)
        return None if value is None else isinstance(value, list) == self.needs_list


class _Node(NamedTuple):
    """A part of an expression: what reads its value, the paths which that takes, and how deep it nests.

    warnings: on what is read as it stands, and is hardly meant so. text: of a side of a comparison; condition: the
    clauses of a condition, for whoever asks why.
    """

    read: Read
    paths: frozenset[str] = frozenset()
    depth: int = 0
    constant: bool = False
    operands: tuple[Operand, ...] = ()
    warnings: tuple[str, ...] = ()
    text: str = ""
    condition: Condition | None = None

    @property
    def side(self) -> Side:
        """What a comparison has on one of its sides."""
        return Side(self.text, self.read, None if self.constant else self.text)


class _Compiler:
    """A transformer that makes a node of each rule of the grammar as soon as the parser has recognised it.

    operators: what each says of two values.
    """

    def __init__(self, operators: Mapping[str, Test]) -> None:
        self.operators = operators

    def constant(self, children: list[Token]) -> _Node:
        (token,) = children
        if token.type == "STRING":
            return _literal(re.sub(r"\\([\s\S])", r"\1", token[1:-1]), token)
        if token.type == "NUMBER":
            return _literal(number(token), token)
        return _literal({"true": True, "false": False, "null": None}[token.lower()], token)

    def array(self, items: list[_Node]) -> _Node:
        return _literal([item.read({}) for item in items], f"[{', '.join(item.text for item in items)}]")

    def reference(self, children: list[Token]) -> _Node:
        steps = _steps(children[0])
        paths = frozenset({".".join(step for step in steps if isinstance(step, str))})
        return _Node(_reader(steps), paths, text=str(children[0]))

    def comparison(self, children: tuple[_Node, Token, _Node]) -> _Node:
        left, token, right = children
        name, warnings = " ".join(token.upper().split()), ()
        where = f"at column {(token.start_pos or 0) + 1}"
        if name == "! =":
            name, warnings = "!=", (f"the operator {where} is read as !=: write it without a blank",)
        test, of_left, of_right = self.operators[name], left.read, right.read
        text = f"{left.text} {name} {right.text}"
        asks_null = any(side.constant and side.read({}) is None for side in (left, right))
        if asks_null:
            test = NULL_OPERATORS.get(name, test)
        if left.constant and right.constant:
            if isinstance(of_left({}), str) or isinstance(of_right({}), str):
                warnings += (f"{token} {where} compares two constants: write a key without quotation marks",)
            said = _literal(test(of_left({}), of_right({})))
            clause = Clause(text, said.read, name, left.side, right.side)
            return said._replace(warnings=warnings, condition=clause)

        def read(names: Names) -> bool:
            return test(of_left(names), of_right(names))

        holder = left if name in (">-", "HAS") else right if name in ("<-", "IN", "NOT IN") else None
        warnings += tuple(f"{name} {where} {text}" for text in _unfit_constants(name, left, right, holder))
        sides = () if asks_null and name in NULL_OPERATORS else (left, right)
        operands = tuple(Operand(path, side.read, side is holder) for side in sides for path in side.paths)
        clause = Clause(text, read, name, left.side, right.side)
        return _Node(read, left.paths | right.paths, operands=operands, warnings=warnings, condition=clause)

    def negated(self, parts: list[_Node]) -> _Node:
        return _nested("not", lambda values: not any(values), parts)

    def conjunction(self, parts: list[_Node]) -> _Node:
        return _nested("and", all, parts)

    def condition(self, parts: list[_Node]) -> _Node:
        return _nested("or", any, parts)

    def clause(self, children: list[Token]) -> tuple[Read, int]:
        token, direction = children
        first, *steps = _steps(token)
        if first != "worker" or not steps:
            column = (token.start_pos or 0) + 1
            where = f"{token} at column {column}"
            if (meant := key_of("worker", token)) is None:
                raise ExpressionError(f"{where} is no attribute: write one of the worker, as worker.level", column)
            raise ExpressionError(f"{where} is not of the worker: write {meant}", column)
        return _reader(steps), 1 if direction.upper() == "ASC" else -1

    def order(self, clauses: list[tuple[Read, int]]) -> tuple[tuple[Read, int], ...]:
        return tuple(clauses)


def key_of(whose: str, reference: str) -> str | None:
    """Write a reference as a key of the `worker` or the `task`, whosever it says to be; None when it names no key."""
    name = re.sub(rf"^(task|workers?){_END}\.?", "", reference, flags=re.I)
    return f"{whose}.{name}" if re.match(r"(?!\d)[\w$]", name) else None


def _literal(value: object, text: str = "") -> _Node:
    def read(names: Names) -> object:
        return value

    return _Node(read, constant=True, text=str(text))


def _unfit_constants(name: str, left: _Node, right: _Node, holder: _Node | None) -> Iterator[str]:
    """Say which constants keep a comparison from being true (`behaviour.md §6.2`). holder: the side to be a list."""
    for side in (left, right):
        if not side.constant or isinstance(side.read({}), list) == (side is holder):
            continue
        if side is holder:
            yield f"looks into lists only, and {side.text} is none: write [{side.text}], or turn the two sides round"
        elif holder:
            yield f"looks for one value, not for {side.text}: ask for each, with OR between them"
        else:
            within, has = ("NOT IN", "NOT with HAS") if name == "!=" else ("IN", "HAS")
            yield f"is false of lists: write {within} {side.text}, or {has} where the key is a list itself"


def _nested(
    how: Literal["and", "or", "not"], combined: Callable[[Iterable[object]], bool], parts: list[_Node]
) -> _Node:
    depth = 1 + max(part.depth for part in parts)
    if depth > _DEEPEST:
        raise ExpressionError(f"conditions are nested more than {_DEEPEST} deep: use fewer parentheses", 1)
    tests = tuple(part.read for part in parts)
    paths = frozenset[str]().union(*(part.paths for part in parts))
    operands = tuple(one for part in parts for one in part.operands)
    warnings = tuple(one for part in parts for one in part.warnings)

    def read(names: Names) -> bool:
        return combined(test(names) for test in tests)

    conditions = tuple(part.condition for part in parts if part.condition is not None)
    return _Node(read, paths, depth, operands=operands, warnings=warnings, condition=Combination(how, read, conditions))


def _steps(reference: str) -> list[str | int]:
    """Split a reference into keys and indexes; of a huge index the first digits do: there is nothing."""
    return [
        name or int(index.lstrip("0")[:12] or 0) for name, index in re.findall(r"([\w$]+)|\[\s*([0-9]+)", reference)
    ]


def _reader(steps: list[str | int]) -> Read:
    """Make what follows keys and indexes; where they lead nowhere there is NULL (`behaviour.md §6.1`)."""

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
def _parser(missing: MissingAttribute) -> Lark:
    from lark import Lark

    transformer = _Compiler(READINGS[missing])
    return Lark(_GRAMMAR, parser="lalr", start=["condition", "order", "reference"], transformer=transformer)


def parse_as(text: str, start: str, missing: MissingAttribute = "differs") -> Any:
    """Read a text as what the grammar calls `start`: a condition, an order or a reference.

    missing: how conditions compare what is not there. Raises ExpressionError.
    """
    from lark import UnexpectedInput

    try:
        return _parser(missing).parse(text, start=start)  # pyright: ignore[reportUnknownMemberType]
    except UnexpectedInput as error:
        token = getattr(error, "token", None)
        stopped = len(text) if token is not None and token.type == "$END" else error.pos_in_stream
        at = stopped or 0
        accepted = cast("set[str]", error.interactive_parser.accepts())
        message = _explanation(text, at, accepted)
    raise ExpressionError(message, at + 1)


_MEANT = {
    "<>": "!=",
    "!==": "!=",
    "=>": ">=",
    "=<": "<=",
    "LIKE": "CONTAINS",
    "IS": "==",
    "IS NOT": "!=",
    "&&": "AND",
    "||": "OR",
    "!": "NOT",
}
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
_STRAY = "`{};*\\"
_CURLY = "\u201c\u201d\u2018\u2019"


def _explanation(text: str, at: int, accepted: set[str]) -> str:
    """Say why reading stopped at `text[at]`, in a sentence like those of TaskRouter that are known."""
    rest, where = text[at:], f"at column {at + 1}"
    found = re.match(rf"is\s+not\b|\w+|[^\w\s\"'{_CURLY}()\[\],]+|[\s\S]?", rest, re.I)
    word = " ".join(found.group().split()) if found else ""
    wanted = " or ".join(name for terminal, name in _WANTED.items() if terminal in (accepted or {"$END"}))
    spellings = (
        [name for name in OPERATORS if name not in (">-", "<-")]
        if "OPERATOR" in accepted
        else ["AND", "OR"]
        if "_AND" in accepted
        else ["NOT"]
        if "_NOT" in accepted
        else []
    )
    near = difflib.get_close_matches(word.upper(), spellings, 1)
    meant = _MEANT.get(word.upper(), near[0] if near else None)

    if word and word in _CURLY:
        return f"the quotation mark {word} {where} is curly: use a straight one, \" or '"
    if word and word in "\"'" and word not in rest[1:]:
        return f"the string {where} has no closing {word}"
    if (tail := re.match(r"(-\w+)+", rest)) and (key := re.search(r"(?!\d)[\w$][\w.$]*$", text[:at])):
        word, name = tail.group(), (key.group() + tail.group()).replace("-", "_")
        return f"extraneous input '{word}' expecting {wanted} {where}: a key has no hyphens, call it {name}"
    if "OPERATOR" in accepted and (negated := re.match(r"not\s+(has|contains)\b", rest, re.I)):
        name = negated.group(1).upper()
        return f"unknown operator NOT {name} {where}: write NOT (a {name} b) instead"
    if meant in spellings:
        return f"unknown operator {where}: did you mean {meant}?"
    if "OPERATOR" in accepted and word.upper() in ("", "AND", "OR", ")"):
        where += ": a key alone is no condition, compare it with something"
    is_list = word == "(" and re.search(r"(\bin|<-)\s*$", text[:at], re.I)
    if word and word in "\"'" and "STRING" not in accepted and "REFERENCE" in accepted:
        where += ": a key stands without quotation marks"
    elif is_list or (word == "," and "_AND" in accepted):
        where += ": write several values in brackets, as in a IN ['x', 'y']"
    elif word and word[0] in _STRAY:
        where += ": leave such signs out, an expression stands without them"
    found = f"extraneous input '{word}'" if word else "the expression ends too soon,"
    return f"{found} expecting {wanted} {where}"
