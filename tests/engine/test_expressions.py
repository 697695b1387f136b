"""The expression language against `behaviour.md §5.3, §5.4, §6` and `rest-contract.md §9.4, §10.4, §10.8`."""

from __future__ import annotations

import json
from collections import ChainMap
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrouter_sandbox.language import operators
from taskrouter_sandbox.language.expressions import (
    ExpressionError,
    parse,
    parse_order,
    parse_reference,
    time_names,
)

ALICE = {"languages": ["en", "es"], "level": 3, "department": "sales", "remote": True, "rate": 5.1, "notes": None}


def holds(text: str, names: dict | None = None) -> bool:
    answer = parse(text).matches(ALICE if names is None else names)
    assert isinstance(answer, bool)
    return answer


def refused(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    assert 1 <= caught.value.column <= len(text) + 1
    return caught.value


# §6.1 the documented examples, operators, literals, references


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


# §6.2 truth


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


# §6.3 contexts


@pytest.mark.parametrize("text", ["", " ", "\n\t "])
def test_6_3_an_empty_expression_matches_nobody(text: str):
    assert not holds(text)
    assert parse(text).references == frozenset()


def test_6_3_the_default_expression_matches_everybody():
    assert holds("1==1", {})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("task.language IN worker.languages", True),
        ("worker.languages HAS task.language", True),
        ("worker.sid != task.ignoreAgent", True),
        ("task.targetSid == worker.contact_uri", False),
        ("worker.activity_name == 'Available' AND worker.friendly_name == 'Alice'", True),
        ("worker.channel.chat.assigned_tasks == 0 AND worker.channel.voice.configured_capacity >= 1", True),
        ("worker.channel.chat.available_capacity_percentage > 50", True),
        ('languages HAS "es"', False),  # the prefix is required
    ],
)
def test_6_3_a_target_compares_task_and_worker(text: str, expected: bool):
    chat = {"configured_capacity": 5, "assigned_tasks": 0, "available_capacity_percentage": 100}
    worker = {
        "languages": ["es"],
        "sid": "WK1",
        "friendly_name": "Alice",
        "activity_name": "Available",
        "channel": {"chat": chat, "voice": {"configured_capacity": 1, "assigned_tasks": 0}},
    }
    assert holds(text, {"task": {"language": "es"}, "worker": worker}) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("workers.available == 0", False), ("workers.available > 0 AND workers.WA1 == 2", True), ("1==1", True)],
)
def test_5_3_skip_if_counts_workers(text: str, expected: bool):
    assert holds(text, {"workers": {"available": 1, "unavailable": 4, "WA1": 2}}) is expected


def test_6_3_time_is_told_in_utc():
    thursday = time_names(1_700_125_740_000)["taskrouter"]  # 2023-11-16 09:09 UTC
    assert thursday == {"currentTime": 909, "currentHour": "09", "currentMin": "09", "dayOfWeek": "Thu"}
    sunday = time_names(1_700_351_999_999)["taskrouter"]  # 2023-11-18 23:59:59.999 UTC, a Saturday
    assert sunday == {"currentTime": 2359, "currentHour": "23", "currentMin": "59", "dayOfWeek": "Sat"}
    days = [time_names(day * 86_400_000)["taskrouter"]["dayOfWeek"] for day in range(7)]
    assert days == ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    assert time_names(0)["taskrouter"]["currentTime"] == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("taskrouter.currentTime > 0800 AND taskrouter.currentTime < 1830", True),
        ("taskrouter.currentTime > 0909", False),
        ("taskrouter.currentHour > 8 AND taskrouter.currentHour < 18", True),
        ("taskrouter.currentHour == 9 AND taskrouter.currentMin < 10", True),
        ("taskrouter.dayOfWeek IN ['Mon', 'Tue', 'THU'] AND taskrouter.currentTime > 800", True),
        ("taskrouter.dayOfWeek = 'thu'", True),
        ("'tHu' == taskrouter.dayOfWeek", True),
        ("taskrouter.dayOfWeek != 'THU'", False),
        ("taskrouter.dayOfWeek NOT IN ['THU']", False),
        ("open HAS taskrouter.dayOfWeek", True),
        ("taskrouter.dayOfWeek IN ['Sat', 'Sun']", False),
        ("taskrouter.dayOfWeek == 4", False),
    ],
)
def test_6_3_time_of_day(text: str, expected: bool):
    assert holds(text, {"open": ["MON", "thu"], **time_names(1_700_125_740_000)}) is expected


@pytest.mark.parametrize(
    ("text", "paths"),
    [
        ("1==1", set()),
        ('languages HAS "es"', {"languages"}),
        (
            "task.a == worker.b.c[1] AND NOT (worker.channel.chat.assigned_tasks > 0)",
            {"task.a", "worker.b.c", "worker.channel.chat.assigned_tasks"},
        ),
        ("taskrouter.currentTime > 800 OR x != null", {"taskrouter.currentTime", "x"}),
        ("workers.available == 0", {"workers.available"}),
        ("rows[0].id == 1", {"rows.id"}),
    ],
)
def test_references_are_the_paths_that_it_reads(text: str, paths: set[str]):
    assert parse(text).references == paths


def test_parsing_is_done_once():
    assert parse('languages HAS "es"') is parse('languages HAS "es"')


# §6.4 order_by, §5.4 known agent


def sorted_by(text: str, **workers: dict) -> list[str]:
    order = parse_order(text)
    return order.sort(workers, workers.__getitem__)


def test_6_4_documented_example():
    alice, bob = {"finance": 10, "support": 8}, {"finance": 10, "support": 5}
    assert sorted_by("worker.finance ASC, worker.support ASC", alice=alice, bob=bob) == ["bob", "alice"]
    assert sorted_by("worker.finance ASC, worker.support DESC", bob=bob, alice=alice) == ["alice", "bob"]


@pytest.mark.parametrize(("direction", "first"), [("ASC", ["low", "high"]), ("desc", ["high", "low"])])
@pytest.mark.parametrize("lacking", [{}, {"n": None}])
def test_6_4_a_worker_without_the_attribute_comes_last(direction: str, first: list[str], lacking: dict):
    assert sorted_by(f"worker.n {direction}", lacking=lacking, low={"n": -1}, high={"n": 2}) == [*first, "lacking"]


@pytest.mark.parametrize("other", [True, "9", 9.5, [9], {}])
@pytest.mark.parametrize("text", ["worker.n DESC", "worker.m ASC, worker.n ASC"])
def test_6_4_an_attribute_that_is_no_whole_number_makes_the_order_void(text: str, other: object):
    assert sorted_by(text, low={"n": 1}, high={"n": 2}, other={"n": other}) == ["low", "high", "other"]


def test_6_4_ties_keep_the_callers_order():
    assert sorted_by("worker.n DESC", d={}, b={"n": 1}, a={"n": 1}, c={"n": None}) == ["b", "a", "d", "c"]
    assert sorted_by("  ", b={"n": 2}, a={"n": 1}) == ["b", "a"]


def test_6_4_nested_attributes_and_channels():
    busy = {"channel": {"chat": {"available_capacity_percentage": 20}}, "skills": {"tax": [7]}}
    free = {"channel": {"chat": {"available_capacity_percentage": 80}}, "skills": {"tax": [9]}}
    assert sorted_by("worker.channel.chat.available_capacity_percentage DESC", b=busy, f=free) == ["f", "b"]
    assert sorted_by("worker.skills.tax[0] ASC", f=free, b=busy) == ["b", "f"]


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("level DESC", "level at column 1 is not of the worker: write worker.level", 1),
        ("worker.a ASC, task.b ASC", "task.b at column 15 is not of the worker: write worker.task.b", 15),
        ("worker ASC", "worker at column 1 is not of the worker: write worker.worker", 1),
        ("worker.level", "the expression ends too soon, expecting ASC or DESC at column 13", 13),
        ("worker.level UP", "extraneous input 'UP' expecting ASC or DESC at column 14", 14),
        ("worker.level DESC,", "the expression ends too soon, expecting a key at column 19", 19),
    ],
)
def test_6_4_a_clause_is_an_attribute_of_the_worker_and_a_direction(text: str, message: str, column: int):
    with pytest.raises(ExpressionError) as caught:
        parse_order(text)
    assert (str(caught.value), caught.value.column) == (message, column)


def test_5_4_a_known_agent_is_an_unquoted_reference():
    read = parse_reference("task.agent_sid")
    assert read({"task": {"agent_sid": "WK1"}}) == "WK1"
    assert read({"task": {"agent_sid": None}}) is None
    assert read({"task": {}}) is None
    assert read({}) is None
    assert parse_reference("task.agents[1].sid")({"task": {"agents": [0, {"sid": "WK2"}]}}) == "WK2"
    for text in ("", '"task.agent_sid"', "task.agent-sid", "task.a == 1", "WK 1"):
        with pytest.raises(ExpressionError):
            parse_reference(text)


# errors: rest-contract.md §9.4 and §11.4, behaviour.md §6.1 (hyphens) and §11 (NOT HAS, <>)


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        (
            "skill-level > 3",
            "extraneous input '-level' expecting OPERATOR at column 6: a key has no hyphens, call it skill_level",
            6,
        ),
        (
            "task.my-key-x == 3",
            "extraneous input '-key-x' expecting OPERATOR at column 8: a key has no hyphens, call it task.my_key_x",
            8,
        ),
        ('skills  HASS "x"', "unknown operator at column 9: did you mean HAS?", 9),
        ('languages CONTAIN "x"', "unknown operator at column 11: did you mean CONTAINS?", 11),
        ("a <> 1", "unknown operator at column 3: did you mean !=?", 3),
        ("a - 1 == 4", "extraneous input '-' expecting OPERATOR at column 3", 3),
        ("a === 1", "unknown operator at column 3: did you mean ==?", 3),
        ("a =< 1", "unknown operator at column 3: did you mean <=?", 3),
        ('a LIKE "x"', "unknown operator at column 3: did you mean CONTAINS?", 3),
        ("a == 1 && b == 2", "unknown operator at column 8: did you mean AND?", 8),
        ("a == 1 adn b == 2", "unknown operator at column 8: did you mean AND?", 8),
        ('languages NOT HAS "x"', "unknown operator NOT HAS at column 11: write NOT (a HAS b) instead", 11),
        ('a not contains "x"', "unknown operator NOT CONTAINS at column 3: write NOT (a CONTAINS b) instead", 3),
        ('a == "x', 'the string at column 6 has no closing "', 6),
        ("a == \u201cx\u201d", "the quotation mark \u201c at column 6 is curly: use a straight one, \" or '", 6),
        ("a == John Smith", "extraneous input 'Smith' expecting AND or OR or the end at column 11", 11),
        ("(a == 1", "the expression ends too soon, expecting ')' at column 8", 8),
        ("a == 1)", "extraneous input ')' expecting the end at column 7", 7),
        ("a == 1 AND", "the expression ends too soon, expecting a key or a constant at column 11", 11),
        ("a IN [b]", "extraneous input 'b' expecting a constant or ']' at column 7", 7),
        (
            "`name IN ['dave']}`",
            "extraneous input '`' expecting a key or a constant at column 1: leave such signs out, "
            "an expression stands without them",
            1,
        ),
        (
            "a == 'x', 'y' OR b == 'z'",
            "extraneous input ',' expecting AND or OR or the end at column 9: write several values in brackets, as in "
            "a IN ['x', 'y']",
            9,
        ),
        (
            "* a == 'x'",
            "extraneous input '*' expecting a key or a constant at column 1: leave such signs out, "
            "an expression stands without them",
            1,
        ),
        (
            "name IN ['dave']}",
            "extraneous input '}' expecting AND or OR or the end at column 17: leave such signs out, "
            "an expression stands without them",
            17,
        ),
        (
            "vip",
            "the expression ends too soon, expecting OPERATOR at column 4: "
            "a key alone is no condition, compare it with something",
            4,
        ),
    ],
)
def test_errors_are_a_sentence_with_the_place(text: str, message: str, column: int):
    error = refused(text)
    assert (str(error), error.column) == (message, column)


@pytest.mark.parametrize(
    "text",
    [
        "#",
        "==",
        "a",
        "a b",
        "a ==",
        "a == [",
        "a == 'x\"",
        "a.b. == 1",
        "a[x] == 1",
        "a[-1] == 1",
        "(a) == 1",
        "a == (1)",
        "a == 1 b",
        "AND",
        "NOT",
        "()",
        "1 = 1 = 1",
        "a IN [[1]]",
        "-a == 1",
    ],
)
def test_what_is_not_in_the_grammar_is_refused(text: str):
    refused(text)


def test_nesting_has_an_end_but_length_has_none():
    assert holds("(" * 5000 + "level == 3" + ")" * 5000)
    assert holds(" AND ".join(["level == 3"] * 3000))
    assert holds("NOT " * 60 + "level == 3")
    assert "nested" in str(refused("NOT " * 61 + "level == 3"))
    assert "nested" in str(refused("NOT (a == 1 AND " * 3000 + "a == 1" + ")" * 3000))


# properties

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["5", "en", "-1.5"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc") | st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
keys = st.from_regex(r"[abc](\.[abc]|\[[0-2]\]){0,2}", fullmatch=True)
scalars = st.sampled_from(["0", "5", "-1.5", ".5", "0800", '"5"', "'en'", "true", "False", "NULL"])
arrays = st.lists(scalars, max_size=3).map(lambda items: f"[{', '.join(items)}]")
operands = keys | scalars | arrays
comparisons = st.tuples(operands, st.sampled_from(sorted(operators.OPERATORS)), operands).map(" ".join)
conditions = st.recursive(
    comparisons,
    lambda inner: (
        inner.map("NOT ({})".format)
        | st.tuples(inner, st.sampled_from(["AND", "or"]), inner).map(lambda parts: "({} {} {})".format(*parts))
    ),
    max_leaves=5,
)
fragments = st.lists(
    st.sampled_from(
        ["a", "b-c", "==", "<>", "HAS", "NOT", "IN", "(", ")", "[", "]", ",", "AND", "or", '"x"', "'", "1", "-"]
    )
    | st.text(max_size=3),
    max_size=8,
).map(" ".join)


@settings(deadline=None)
@given(conditions, st.dictionaries(st.sampled_from("abc"), json_values))
def test_evaluation_never_raises_and_is_a_bool(text: str, names: dict):
    assert isinstance(parse(text).matches(names), bool)


@settings(deadline=None)
@given(conditions, json_values)
def test_evaluation_survives_a_root_that_is_no_object(text: str, names: object):
    assert isinstance(parse(text).matches(names), bool)


@settings(deadline=None)
@given(conditions, conditions, st.dictionaries(st.sampled_from("abc"), json_values))
def test_logic_is_that_of_its_parts(left: str, right: str, names: dict):
    a, b = holds(left, names), holds(right, names)
    assert holds(f"{left} AND {right}", names) == (a and b)
    assert holds(f"{left} OR {right}", names) == (a or b)
    assert holds(f"NOT ({left})", names) == (not a)


@settings(deadline=None)
@given(operands, operands, st.dictionaries(st.sampled_from("abc"), json_values))
def test_an_alias_means_what_it_stands_for(left: str, right: str, names: dict):
    for name, alias in (("==", "="), ("HAS", ">-"), ("IN", "<-")):
        assert holds(f"{left} {name} {right}", names) == holds(f"{left} {alias} {right}", names)
    assert holds(f"{left} IN {right}", names) == holds(f"{right} HAS {left}", names)


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=30) | fragments)
def test_any_text_parses_or_is_refused(text: str):
    for read in (parse, parse_order, parse_reference):
        try:
            read(text)
        except ExpressionError as refusal:
            error = refusal
        else:
            continue
        assert str(error)
        assert 1 <= error.column <= len(text) + 1


@settings(deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), json_values), max_size=5))
def test_6_4_every_worker_can_be_sorted(workers: list[dict]):
    order = parse_order("worker.a DESC, worker.b.c[0] ASC")
    assert len(order.sort(workers, lambda worker: worker)) == len(workers)
