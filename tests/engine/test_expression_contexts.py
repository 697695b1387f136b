"""What targets, filters and `skip_if` may ask, and `order_by`, against `behaviour.md §5.3, §5.4, §6.3, §6.4`."""

from __future__ import annotations

import pytest

from taskrouter_sandbox.language.expressions import ExpressionError, parse, parse_order, parse_reference, time_names
from tests.engine.expression_answers import holds


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
        ("worker.a ASC, task.b ASC", "task.b at column 15 is not of the worker: write worker.b", 15),
        ("worker ASC", "worker at column 1 is no attribute: write one of the worker, as worker.level", 1),
        ("worker.a ASC, task DESC", "task at column 15 is no attribute: write one of the worker, as worker.level", 15),
        ("workers.level ASC", "workers.level at column 1 is not of the worker: write worker.level", 1),
        ("Worker.level ASC", "Worker.level at column 1 is not of the worker: write worker.level", 1),
        ("worker_level ASC", "worker_level at column 1 is not of the worker: write worker.worker_level", 1),
        ('"a" ASC', "extraneous input '\"' expecting a key at column 1: a key stands without quotation marks", 1),
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
