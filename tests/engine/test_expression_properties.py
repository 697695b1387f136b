"""What holds of any expression."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from taskrouter_sandbox.language.expressions import ExpressionError, parse, parse_order, parse_reference
from tests.engine.expression_answers import holds
from tests.engine.generated_expressions import conditions, json_values, operands

fragments = st.lists(
    st.sampled_from(
        ["a", "b-c", "==", "<>", "HAS", "NOT", "IN", "(", ")", "[", "]", ",", "AND", "or", '"x"', "'", "1", "-"]
    )
    | st.text(max_size=3),
    max_size=8,
).map(" ".join)


@given(conditions, st.dictionaries(st.sampled_from("abc"), json_values))
def test_evaluation_never_raises_and_is_a_bool(text: str, names: dict):
    assert isinstance(parse(text).matches(names), bool)


@given(conditions, json_values)
def test_evaluation_survives_a_root_that_is_no_object(text: str, names: object):
    assert isinstance(parse(text).matches(names), bool)


@given(conditions, conditions, st.dictionaries(st.sampled_from("abc"), json_values))
def test_logic_is_that_of_its_parts(left: str, right: str, names: dict):
    a, b = holds(left, names), holds(right, names)
    assert holds(f"{left} AND {right}", names) == (a and b)
    assert holds(f"{left} OR {right}", names) == (a or b)
    assert holds(f"NOT ({left})", names) == (not a)


@given(operands, operands, st.dictionaries(st.sampled_from("abc"), json_values))
def test_an_alias_means_what_it_stands_for(left: str, right: str, names: dict):
    for name, alias in (("==", "="), ("HAS", ">-"), ("IN", "<-")):
        assert holds(f"{left} {name} {right}", names) == holds(f"{left} {alias} {right}", names)
    assert holds(f"{left} IN {right}", names) == holds(f"{right} HAS {left}", names)


@settings(max_examples=300)
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


@given(st.lists(st.dictionaries(st.sampled_from("abc"), json_values), max_size=5))
def test_6_4_every_worker_can_be_sorted(workers: list[dict]):
    order = parse_order("worker.a DESC, worker.b.c[0] ASC")
    assert len(order.sort(workers, lambda worker: worker)) == len(workers)
