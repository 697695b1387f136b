"""What is no expression, and how it is refused, against `rest-contract.md §9.4, §11.4`."""

from __future__ import annotations

import pytest

from tests.engine.expression_answers import holds, refused


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
        ("a IS NULL", "unknown operator at column 3: did you mean ==?", 3),
        ("a is  not null", "unknown operator at column 3: did you mean !=?", 3),
        ("!a == 1", "unknown operator at column 1: did you mean NOT?", 1),
        ("b == 2 AND !(a == 1)", "unknown operator at column 12: did you mean NOT?", 12),
        (
            "a NOT IN ('x', 'y')",
            "extraneous input '(' expecting a key or a constant at column 10: write several values in brackets, as in "
            "a IN ['x', 'y']",
            10,
        ),
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
