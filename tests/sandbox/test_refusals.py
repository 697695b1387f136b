"""Each refusal of the HTTP layer is given the words that its sentence has blanks for."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import taskrouter_sandbox
from taskrouter_sandbox.http.errors import ERRORS
from taskrouter_sandbox.storage.errors import NotKept

PACKAGE = Path(taskrouter_sandbox.__file__).parent
BLANKS = {name: {blank for _, blank, _, _ in Formatter().parse(text) if blank} for name, (_, _, text) in ERRORS.items()}


def _calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)) if "refusal(" in source else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "refusal":
                yield f"{path.relative_to(PACKAGE).as_posix()}:{node.lineno}", node


CALLS = dict(_calls())


@pytest.mark.parametrize("place", CALLS)
def test_its_words_are_those_of_its_sentence(place: str):
    call = CALLS[place]
    names = _texts(call.args[0])
    given = {keyword.arg for keyword in call.keywords} - {"detail"}
    assert all(BLANKS[name] <= given for name in names)
    assert names or given >= {"path", "why"}  # one of `NotKept`


def _texts(node: ast.expr) -> list[str]:
    """Find the names that an expression can have as its value, as far as they stand there."""
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def test_every_reason_why_nothing_is_kept_has_a_sentence():
    assert all(BLANKS[reason] <= {"path", "why"} for reason in ("in use", "no space", "gone", "unwritable"))
    assert NotKept("gone", Path("there")).reason in BLANKS


def test_every_sentence_is_used():
    used = {name for call in CALLS.values() for name in _texts(call.args[0])}
    assert ERRORS.keys() - used == {"in use", "no space", "gone", "unwritable"}
