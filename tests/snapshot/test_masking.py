"""A masked snapshot: what is private is gone, and every expression holds for the same workers as before."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taskrouter_sandbox.language import expressions
from taskrouter_sandbox.snapshot import decode
from taskrouter_sandbox.snapshot.masking import foreign_sids, masked

EXPRESSIONS = (
    "languages HAS 'es'",
    'languages HAS "es" AND level > 3',
    "'en' IN languages",
    "languages CONTAINS 'e'",
    "level >= 2 OR level == '1'",
    "city == 'Vic' AND NOT city == boss",
    "city != 'Vic'",
    "city IN ['Vic', 'Olot']",
    "city NOT IN ['Vic']",
    "boss CONTAINS 'nn'",
    "routing.skills HAS 'a' AND routing.levels.a > 1",
    "1 < level",
    "level >-1",
    "languages >- 'es'",
    "'es' <- languages",
    "worker.city == 'Vic'",
)
WORDS = st.sampled_from(["es", "en", "ca", "Vic", "Olot", "Ann", "a", "7", "007", ""])
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "languages": st.lists(WORDS, max_size=3),
        "level": st.integers(0, 9) | WORDS,
        "city": WORDS,
        "boss": WORDS,
        "routing": st.fixed_dictionaries(
            {"skills": st.lists(WORDS, max_size=3), "levels": st.dictionaries(WORDS, st.integers(0, 3), max_size=2)}
        ),
        "private": WORDS | st.integers() | st.booleans() | st.none(),
    },
)


def of(workers, queues=(), routing=None):
    named = [{"friendly_name": f"Q{i}", "target_workers": each} for i, each in enumerate(queues)]
    flow = {"friendly_name": "F", "configuration": {"task_routing": routing or {}}}
    people = [{"friendly_name": f"W{i}", "attributes": each} for i, each in enumerate(workers)]
    parts = {"task_queues": named, "workflows": [flow], "workers": people}
    return decode(json.dumps({"format": "taskrouter-snapshot/1", "workspace": {"friendly_name": "W"}, **parts}))


@pytest.mark.filterwarnings("ignore::taskrouter_sandbox.snapshot.SnapshotWarning")
@settings(max_examples=200)
@given(st.lists(VALUES, max_size=3), st.lists(st.sampled_from(EXPRESSIONS), min_size=1, max_size=3))
def test_the_same_expressions_hold(workers, queues):
    hidden = masked(of(workers, queues))
    for before, after in zip(workers, hidden.workers, strict=True):
        for queue in queues:
            holds = expressions.parse(queue).matches
            assert holds(names(before)) == holds(names(after.attributes)), (queue, before, after.attributes)


def names(attributes):
    return {**attributes, "worker": attributes}


def test_what_no_expression_needs_is_gone():
    people = [{"name": "Zoë", "salary": 5, "team": {"lead": "Ann", "since": 2020.5}}, {"friends": ["Zoë", "Ann", True]}]
    one, other = (each.attributes for each in masked(of(people, ["languages HAS 'es'"])).workers)
    assert one == {"name": "masked-1", "salary": 2, "team": {"lead": "masked-3", "since": 4}}
    assert other == {"friends": ["masked-1", "masked-3", True]}


def test_names_are_replaced_on_request_unless_an_expression_has_them():
    team = of([{}, {}], ["friendly_name == 'W1'"])
    assert [each.friendly_name for each in masked(team).workers] == ["W0", "W1"]
    assert [each.friendly_name for each in masked(team, names=True).workers] == ["Worker 1", "W1"]


@pytest.mark.parametrize("value", ["client:zoe", "sip:zoe@example.org", "+34600000000"])
def test_a_contact_stays_one(value):
    (worker,) = masked(of([{"contact_uri": value}])).workers
    hidden = worker.attributes["contact_uri"]
    assert hidden != value
    assert hidden[:4] == value[:4] or hidden.startswith("+1500555")


def test_what_a_workflow_compares_with_a_task_stays():
    routing = {"filters": [{"expression": "1==1", "targets": [{"queue": "Q0", "expression": "task.a == worker.city"}]}]}
    (worker,) = masked(of([{"city": "Vic", "a": "Vic"}], ["1==1"], routing)).workers
    assert worker.attributes == {"city": "Vic", "a": "masked-1"}


def test_sids_in_expressions_are_found():
    sid = "WK" + "0a" * 16
    assert list(foreign_sids(of([], [f"sid IN ['{sid}']"]))) == [("queue Q0", sid)]
