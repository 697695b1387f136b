"""The expression language as it is documented, against `behaviour.md §6.1, §6.2`."""

from __future__ import annotations

from collections import ChainMap
from types import MappingProxyType

import pytest

from taskrouter_sandbox.language import operators
from taskrouter_sandbox.language.expressions import parse
from tests.engine.expression_answers import ALICE, holds, refused


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("1 == 1", {}, True),
        ("0 != 1", {}, True),
        ('"apple" != "orange"', {}, True),
        ("key > 1", {"key": 2}, True),
        ("key > 1", {"key": 1}, False),
        ('object.param != "apple"', {"object": {"param": "pear"}}, True),
        ('object.param != "apple"', {"object": {"param": "apple"}}, False),
        ('language IN ["en", "es"]', {"language": "es"}, True),
        ('language IN ["en", "es"]', {"language": "fr"}, False),
        ("(condition_a == true) OR (condition_b == true)", {"condition_b": True}, True),
        ("(condition_a == true) OR (condition_b == true)", {"condition_a": False}, False),
        (
            '(language == "en" OR language == "fr") AND skill_rating >= 5.1',
            {"language": "fr", "skill_rating": 5.1},
            True,
        ),
        (
            '(language == "en" OR language == "fr") AND skill_rating >= 5.1',
            {"language": "fr", "skill_rating": 5},
            False,
        ),
        (
            "(skills HAS 'support') AND (languages HAS 'english')",
            {"skills": ["support"], "languages": ["english"]},
            True,
        ),
        ("customer_value == 'Gold' AND type == 'ticket'", {"customer_value": "Gold", "type": "ticket"}, True),
        ('"ProgrammableSMS" in products', {"products": ["ProgrammableSMS"]}, True),
        ("sid IN ['WK1', 'WK2']", {"sid": "WK2"}, True),  # rest-contract.md §10.8
    ],
)
def test_6_1_documented_examples(text: str, names: dict, expected: bool):
    assert holds(text, names) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("level == 3", True),
        ("level == 4", False),
        ("level = 3", True),
        ("level != 3", False),
        ("level != 4", True),
        ("level > 2", True),
        ("level > 3", False),
        ("level >= 3", True),
        ("level < 4", True),
        ("level < 3", False),
        ("level <= 3", True),
        ('department CONTAINS "ale"', True),
        ('department CONTAINS "ALE"', False),
        ('languages HAS "es"', True),
        ('languages HAS "fr"', False),
        ('languages >- "es"', True),
        ('"es" IN languages', True),
        ('"es" <- languages', True),
        ('"fr" <- languages', False),
        ('"fr" NOT IN languages', True),
        ('"es" NOT  IN languages', False),
    ],
)
def test_6_1_every_operator_and_its_alias(text: str, expected: bool):
    assert holds(text) is expected


@pytest.mark.parametrize(
    ("text", "differs", "null"),
    [
        ("gone != 'x'", True, False),
        ("'x' != gone", True, False),
        ("gone ! = 'x'", True, False),
        ("level != gone", True, False),
        ("notes != 'x'", True, False),  # null is there, and as good as missing
        ("gone != notes", False, False),
        ("gone NOT IN ['x']", True, False),
        ("gone NOT IN [null]", False, False),
        ("'x' NOT IN gone", False, False),
        ("level != 4", True, True),
        ("level NOT IN [4]", True, True),
        ("gone != null", False, False),
        ("gone == null", True, True),
        ("level != null", True, True),
        ("gone == 'x'", False, False),
        ("NOT gone == 'x'", True, True),
        ("level == 3 AND (gone != 'x' OR level == 4)", True, False),
    ],
)
def test_6_2_a_missing_attribute_in_both_readings(text: str, differs: bool, null: bool):
    assert parse(text).matches(ALICE) is parse(text, "differs").matches(ALICE) is differs
    assert parse(text, "null").matches(ALICE) is null


def test_6_1_no_operator_goes_without_an_example():
    for spelling in operators.OPERATORS:
        assert parse(f"a {spelling} b").references == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("level == 3 AND level == 4", False),
        ("level == 4 OR level == 3", True),
        ("level == 3 OR level == 4 AND level == 5", True),  # AND binds tighter
        ("(level == 3 OR level == 4) AND level == 5", False),
        ("NOT level == 4", True),
        ("NOT level == 4 AND level == 5", False),  # NOT binds tightest
        ("NOT (level == 4 AND level == 5)", True),
        ("NOT NOT level == 3", True),
        ('NOT (languages HAS "fr")', True),
        ("((((level == 3))))", True),
    ],
)
def test_6_1_logic(text: str, expected: bool):
    assert holds(text) is expected


@pytest.mark.parametrize(
    "text",
    [
        'languages has "es" and department Contains "a" or level == 9',
        '"fr" not in languages AnD remote == TRUE',
        "not (notes != NULL)",
        'languages HAS "es"AND level>=3',
        ' \n languages\tHAS "es" \n',
    ],
)
def test_6_1_keywords_in_any_case_and_free_white_space(text: str):
    assert holds(text)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('name == "O\'Neill"', {"name": "O'Neill"}),
        ("name == 'say \"hi\"'", {"name": 'say "hi"'}),
        (r'name == "say \"hi\""', {"name": 'say "hi"'}),
        ('name == ""', {"name": ""}),
        ('name == "a-b AND c"', {"name": "a-b AND c"}),
        ("n == 1.00", {"n": 1}),
        ("n == 3.141529", {"n": 3.141529}),
        ("n == 0800", {"n": 800}),
        ("n == -1", {"n": -1}),
        ("n >-1", {"n": 0}),  # a minus before a digit is not the alias of HAS
        ("n <-1", {"n": -2}),
        ("b == false", {"b": False}),
        ("n NOT IN []", {"n": 1}),
        ("n IN [1, 'two', true, null]", {"n": "two"}),
    ],
)
def test_6_1_literals(text: str, names: dict):
    assert holds(text, names)


DOCUMENT = {"string_const": "foo", "object": {"array": ["a", "b", "c"], "attr": "bar"}, "rows": [{"id": 7}, [8, 9]]}


@pytest.mark.parametrize(
    "text",
    [
        'string_const == "foo"',
        'object.array HAS "a"',
        'object.array[2] == "c"',
        'object.array[ 0 ] == "a"',
        'object.attr == "bar"',
        "rows[0].id == 7",
        "rows[1][1] == 9",
        "missing == null AND object.missing == null AND object.array[3] == null",
        "string_const[0] == null AND string_const.x == null AND rows.id == null AND object[0] == null",
        "object.array[99999999999999999999999] == null",
    ],
)
def test_6_1_references(text: str):
    assert holds(text, DOCUMENT)


@pytest.mark.parametrize(
    "text",
    [
        "web$ == 1",
        "$ == 2 AND $$.$1 == 3 AND _a$b[0] == 4",
        "true$ == 5 AND not$ == 6 AND in$ == 7",
        "NOT worker.channel.web$.assigned_tasks > 0",
    ],
)
def test_6_1_a_dollar_is_part_of_a_name(text: str):
    names = {"web$": 1, "$": 2, "$$": {"$1": 3}, "_a$b": [4], "true$": 5, "not$": 6, "in$": 7}
    names["worker"] = {"channel": {"web$": {"assigned_tasks": 0}}}
    assert holds(text, names)


@pytest.mark.parametrize("text", ["1a == 1", "web-chat == 1", "$-a == 1", "a == 1 OR$ == 1"])
def test_6_1_no_name_begins_with_a_digit_or_has_a_hyphen(text: str):
    refused(text)


@pytest.mark.parametrize(("text", "expected"), [("level! = 4", True), ("level ! = 3", False), ("level !\n= 4", True)])
def test_6_1_a_blank_inside_differs_is_read_and_warninged(text: str, expected: bool):
    assert holds(text) is expected
    (warning,) = parse(text).warnings
    assert warning == f"the operator at column {text.index('!') + 1} is read as !=: write it without a blank"
    assert not parse("level != 4").warnings


def test_6_1_a_keyword_may_be_the_name_of_a_nested_key():
    assert holds("worker.in == 1 AND worker.null == 2", {"worker": {"in": 1, "null": 2}})
    assert holds("information == 1 AND order == 2 AND nothing == 3", {"information": 1, "order": 2, "nothing": 3})


def test_6_1_a_quoted_key_is_a_constant_and_warninged():
    assert not holds('"language" == "spanish"', {"language": "spanish"})
    assert parse('level > 1 AND ("language" == "spanish")').warnings == (
        "== at column 27 compares two constants: write a key without quotation marks",
    )
    assert not parse("1==1 OR 1=0 OR [1] HAS 1").warnings


def test_6_1_names_may_be_any_mapping():
    worker = MappingProxyType({"level": 3})
    assert holds("worker.level == 3", ChainMap({"worker": worker}))
