"""Clauses one by one: which of them an answer rests on, what they saw, and with which values they would hold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taskrouter_sandbox.language.clauses import changed_to_hold, with_values
from taskrouter_sandbox.language.expressions import parse
from tests.engine.generated_expressions import conditions, json_values

BOTH = 'languages HAS "es" AND (level > 3 OR team == "x") AND NOT city IN ["a", "b"]'


def said(text: str, names: dict[str, Any]) -> list[tuple[str, bool, dict[str, Any]]]:
    return [(one.text, one.holds, one.saw) for one in parse(text).explain(names)]


@pytest.mark.parametrize(
    ("text", "names", "expected"),
    [
        ("level > 3", {"level": 5}, [("level > 3", True, {"level": 5})]),
        ("level > 3", {}, [("level > 3", False, {"level": None})]),
        ("1==1", {}, [("1 == 1", True, {})]),
        ("", {}, []),
        # of an AND that fails, what fails; of an OR that fails, everything; of an OR that holds, what holds
        (
            BOTH,
            {"languages": ["es"], "level": 1},
            [("level > 3", False, {"level": 1}), ('team == "x"', False, {"team": None})],
        ),
        (BOTH, {"languages": ["es"], "level": 4, "city": "a"}, [('city IN ["a", "b"]', True, {"city": "a"})]),
        ("a == 1 OR b == 2", {"a": 0, "b": 2}, [("b == 2", True, {"b": 2})]),
        ("not (a==1 and b==2)", {"a": 1, "b": 2}, [("a == 1", True, {"a": 1}), ("b == 2", True, {"b": 2})]),
        (
            "task.lang IN worker.languages",
            {"task": {"lang": "es"}, "worker": {"languages": ["en"]}},
            [("task.lang IN worker.languages", False, {"task.lang": "es", "worker.languages": ["en"]})],
        ),
        (
            "skills[0].name == 'es'",
            {"skills": [{"name": "en"}]},
            [("skills[0].name == 'es'", False, {"skills[0].name": "en"})],
        ),
    ],
)
def test_clauses_an_answer_rests_on(text: str, names: dict[str, Any], expected: list[Any]):
    assert said(text, names) == expected


names_of_abc = st.dictionaries(st.sampled_from("abc"), json_values)


@given(conditions, names_of_abc)
def test_they_agree_with_the_whole(text: str, names: dict):
    expression = parse(text)
    found = expression.explain(names)
    assert found
    assert {one.holds == one.wanted for one in found} == {expression.matches(names)}


@given(conditions, names_of_abc)
def test_values_that_are_proposed_make_it_hold(text: str, names: dict):
    expression = parse(text)
    assert expression.condition is not None
    values = changed_to_hold(expression.condition, names)
    if values is not None:
        assert expression.matches(with_values(names, values))
    assert (values == {}) == expression.matches(names)


@pytest.mark.parametrize(
    ("text", "names", "root", "expected"),
    [
        ('languages HAS "es"', {"languages": ["en"]}, "", {"languages": ["en", "es"]}),
        ('languages HAS "es"', {}, "", {"languages": ["es"]}),
        ("level > 3", {"level": 1}, "", {"level": 4}),
        ("level > 3 AND level < 3", {"level": 1}, "", None),
        ("level != 2", {"level": 2}, "", {"level": 3}),
        (BOTH, {"city": "a"}, "", {"languages": ["es"], "level": 4, "city": "other"}),
        ("task.lang IN worker.languages", {"task": {"lang": "es"}, "worker": {}}, "worker", {"languages": ["es"]}),
        ("task.lang IN worker.languages", {"task": {}, "worker": {"languages": ["en"]}}, "task", {"lang": "en"}),
        ("task.lang == 'es'", {"task": {"lang": "en"}, "worker": {}}, "worker", None),
        ("1 == 2", {}, "", None),
    ],
)
def test_values_with_which_it_would_hold(text: str, names: dict, root: str, expected: dict | None):
    condition = parse(text).condition
    assert condition is not None
    assert changed_to_hold(condition, names, root) == expected
