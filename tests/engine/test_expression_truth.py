"""What is true of arrays, of missing keys and of different types, against `behaviour.md §6.2`."""

from __future__ import annotations

import json

import pytest

from taskrouter_sandbox.language import operators
from taskrouter_sandbox.language.expressions import parse
from tests.engine.expression_answers import holds


@pytest.mark.parametrize("operator", ["==", "=", "!=", ">", ">=", "<", "<=", "CONTAINS"])
@pytest.mark.parametrize("other", ['"en"', "0", "true", '["en", "es"]', "languages", "missing"])
def test_6_2_a_scalar_operator_is_false_of_an_array(operator: str, other: str):
    assert not holds(f"languages {operator} {other}")
    assert not holds(f"{other} {operator} languages")


@pytest.mark.parametrize(
    "text",
    [
        'department HAS "sales"',
        'department HAS "x"',
        'level HAS "support"',
        '"sales" IN department',
        '"sales" NOT IN department',
        '"x" NOT IN department',
        'missing HAS "x"',
        '"x" IN missing',
        '"x" NOT IN missing',
    ],
)
def test_6_2_an_array_operator_is_false_of_two_scalars(text: str):
    assert not holds(text)


@pytest.mark.parametrize("text", ['languages IN ["en"]', 'languages NOT IN ["en"]', 'languages HAS ["en"]'])
def test_6_2_an_array_is_not_a_value_in_an_array(text: str):
    assert not holds(text)


def test_6_2_the_documented_worker_whose_skill_is_a_text():
    """API-task-queue, sample of EvaluateWorkerAttributes."""
    assert holds("tech_support_skill > 5", {"tech_support_skill": "6"})
    assert not holds("tech_support_skill < 5", {"tech_support_skill": "6"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a == "5"', True),
        ('a < "10"', True),
        ("a == b", True),
        ('a == "05"', True),
        ('a == "5.0"', True),
        ('a == "five"', False),
        ('a != "five"', True),
        ('a < "five"', False),
        ('a == "+5"', False),
        ('a == " 5"', False),
        ('a == "5_0"', False),
        ("numbers HAS 5", True),
        ('numbers HAS "6"', True),
        ("b IN [5]", True),
        ('b < "10"', False),  # two strings are compared as strings
        ('b == "05"', False),
        ("yes == 1", False),
        ("yes != 1", True),
        ('yes == "true"', False),
        ("yes > 0", False),
        ("yes > false", False),
        ("numbers HAS true", False),
        ("yes IN [1]", False),
        ("yes IN [true]", True),
    ],
)
def test_6_2_different_types(text: str, expected: bool):
    assert holds(text, {"a": 5, "b": "5", "numbers": ["5", 6, 1], "yes": True}) is expected


@pytest.mark.parametrize("key", ["missing", "notes", "department.x"])
@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ('== "x"', False),
        ("== 0", False),
        ("== false", False),
        ("== missing", False),  # two missing keys are no match
        ('!= "x"', True),  # NULL is a value, and another one
        ("!= true", True),
        ("!= missing", False),
        ("== null", True),
        ("!= null", False),
        ("> 0", False),
        ("< 1", False),
        (">= missing", False),
        ('CONTAINS "x"', False),
        ('IN ["x"]', False),
        ('NOT IN ["x"]', True),
    ],
)
def test_6_2_a_missing_key_is_null(key: str, rest: str, expected: bool):
    assert holds(f"{key} {rest}") is expected


@pytest.mark.parametrize("agents", [["WK1"], [], "WK1", 0, False, {}])
def test_6_2_not_null_asks_whether_the_key_is_there(agents: object):
    assert holds("preferred_agents != null", {"preferred_agents": agents})
    assert holds("null != preferred_agents", {"preferred_agents": agents})
    assert not holds("preferred_agents == null", {"preferred_agents": agents})
    assert not holds("preferred_agents != null", {})
    assert not holds("preferred_agents != null", {"preferred_agents": None})


def test_6_2_an_object_equals_nothing():
    names = {"a": {"b": 1}, "c": {"b": 1}, "list": [{"b": 1}]}
    assert not holds("a == c", names)
    assert holds("a != c", names)
    assert not holds("list HAS a", names)
    assert not holds("a > c", names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('phone CONTAINS "415"', True),
        ("phone CONTAINS 415", True),
        ("extension CONTAINS 23", True),
        ('extension CONTAINS "9"', False),
        ('flag CONTAINS "r"', False),
        ('gone CONTAINS "None"', False),
        ('list CONTAINS "a"', False),
    ],
)
def test_6_2_contains_looks_into_the_text_of_scalars(text: str, expected: bool):
    names = {"phone": "+14155550100", "extension": 1234, "flag": True, "list": ["a"]}
    assert holds(text, names) is expected


def test_6_2_only_syntax_is_validated():
    assert not holds('level HAS "support"')
    assert parse('no_such_key HAS 1 AND "a" == "b"')


EXTREMES = [10**5000, -(10**400), 1e308, float("nan"), float("inf"), "9" * 5000, "9" * 400, "\ud800"]


@pytest.mark.parametrize("spelling", sorted(operators.OPERATORS))
def test_6_2_extreme_values_never_raise(spelling: str):
    for extreme in EXTREMES:
        for other in ("1.5", '"9"', "true", "null", "[1, 2.5, 'x']", "x", "list", "9" * 5000):
            holds(f"x {spelling} {other}", {"x": extreme, "list": [extreme]})
            holds(f"{other} {spelling} x", {"x": extreme, "list": [extreme]})


def test_6_2_deep_values_never_raise():
    deep: object = "x"
    for _ in range(100_000):
        deep = [deep]
    other = json.loads("[" * 500 + "]" * 500)
    for spelling in operators.OPERATORS:
        holds(f"x {spelling} y", {"x": deep, "y": other})
        holds(f"x {spelling} x", {"x": deep})
        holds(f"x{'[0]' * 5000} {spelling} x", {"x": deep})
