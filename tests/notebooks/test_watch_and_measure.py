"""Notebook 09 as a learner plays it: solved, and with usual mistakes."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from twilio.rest.taskrouter.v1.workspace.event import EventInstance

from helpers.connection.times import event_ms
from helpers.lesson.checkpoints.watch_and_measure import SERVICE_LEVEL, Mornings
from tests.notebooks.conftest import assert_all_right

NAME = "09-watch-and-measure"


def test_solved_from_top_to_bottom(notebook):
    with notebook(NAME, solved=True) as run:
        texts = run.all()
        plot = next(cell for cell in run.client.nb.cells if cell.id == "plot")

    assert_all_right(texts, checkpoints=4)
    before, after = map(int, re.findall(r"(\d+) s", texts["check-shorter-waits"]))
    assert before > 2 * after
    (chart,) = [one.data["application/vnd.vegalite.v5+json"] for one in plot.outputs if "data" in one]
    points = next(iter(chart["datasets"].values())) if "datasets" in chart else chart["data"]["values"]
    assert {point["language"] for point in points} == {"es", "en"}
    assert len(points) > 50
    for language in ("es", "en"):  # TaskRouter's figure and the learner's are one
        (line,) = [one for one in texts["ask-statistics"].splitlines() if one.startswith(f"{language}: ")]
        theirs, mine = re.fullmatch(rf"{language}: TaskRouter (\d+) s, mine (\d+) s", line).groups()
        assert abs(int(theirs) - int(mine)) <= 1
    levels = re.findall(r"\w\w: TaskRouter (\d+)%, mine (\d+)%", texts["your-service-level"])
    assert len(levels) == 2
    assert all(theirs == mine for theirs, mine in levels), levels
    assert [chart["encoding"][axis]["title"] for axis in "xy"] == ["time of the call", "waited (seconds)"]


def test_a_morning_can_be_played_again_after_one_that_was_interrupted(notebook):
    """Alice is still on the task of a conversation whose end nobody has noted."""
    with notebook(NAME) as run:
        run.up_to("write-agents")
        run.code("""workspace.tasks.create(attributes='{"selected_language": "es"}', workflow_sid=workflow.sid)""")
        run.code("agents(random.Random(2), {}, 0)")
        assert run.code("everybody['Alice'].reservations.list()[0].reservation_status") == "'accepted'"
        run.cell("play-morning")
        assert run.cell("check-morning").startswith("✔ ")


INTERRUPTED = """
skipped, left = skip, iter(range(150))
def skip(**said):
    if next(left, None) is None:
        raise KeyboardInterrupt
    skipped(**said)
try:
    play(morning="{morning}")
except KeyboardInterrupt:
    skip = skipped
"""


def test_a_morning_that_was_interrupted_is_not_over(notebook):
    with notebook(NAME) as run:
        run.up_to("write-agents")
        run.code("current = lambda: type('Nowhere', (), {'mode': ''})")
        run.cell("play-morning")  # defines `play`
        run.code("from helpers import current")
        run.code(INTERRUPTED.format(morning="first"))
        assert "the first morning was not played to its end" in run.cell("check-morning")
        run.solve("check.morning(client)")
        assert run.cell("check-morning").startswith("✔ ")
        run.code("""everybody["Carla"].update(attributes='{"languages": ["en", "es"]}')""")
        run.code(INTERRUPTED.format(morning="second"))
        assert "the second morning was not played to its end" in run.cell("check-shorter-waits")
        run.solve("check.shorter_waits(client)")
        assert run.cell("check-shorter-waits").startswith("✔ ")


@pytest.fixture
def run(notebook):
    """The notebook in a kernel, with a morning."""
    with notebook(NAME) as run:
        run.up_to("play-morning")
        yield run


def test_shorter_waits(run):
    assert "so she is not in the Spanish queue" in run.cell("check-shorter-waits")
    for attributes, words in (
        ({"language": ["en", "es"]}, "there is no `languages` any more"),
        ({"languages": "en, es"}, "her languages are not a list any more"),
        ({"languages": ["es"]}, "but no longer English"),
        ({"languages": ["en", "es"]}, "the second morning was not played since then"),
    ):
        run.code(f"everybody['Carla'].update(attributes={json.dumps(attributes)!r})")
        assert words in run.cell("check-shorter-waits")
    run.solve("check.shorter_waits(client)")
    assert run.cell("check-shorter-waits").startswith("✔ ")


def test_a_second_morning_that_was_played_before_carla_learnt_spanish_does_not_count(run):
    run.code("play(morning='second')")
    run.code(f"everybody['Carla'].update(attributes={json.dumps({'languages': ['en', 'es']})!r})")
    assert "the second morning was not played since then" in run.cell("check-shorter-waits")
    run.code("play(morning='second')")
    run.code(f"everybody['Carla'].update(attributes={json.dumps({'languages': ['en', 'es']})!r})")
    before, after = map(int, re.findall(r"(\d+) s", run.cell("check-shorter-waits")))
    assert before > 2 * after


def test_only_a_change_of_her_languages_takes_the_second_morning_from_carla(run):
    run.solve("check.shorter_waits(client)")
    for attributes, mark in (
        ({"languages": ["en", "es"], "seat": 7}, "✔"),
        ({"languages": ["es", "fr", "en"]}, "✔"),
        ({"languages": ["es"]}, "✘"),  # while she had no English calls, the Spanish ones would be answered sooner
        ({"languages": ["en", "es"]}, "✔"),
    ):
        run.code(f"carla.update(attributes={json.dumps(attributes)!r})")
        assert run.cell("check-shorter-waits").startswith(mark), attributes


def test_carla_or_her_queue_is_not_there_any_more(run):
    run.code("everybody['Carla'].update(activity_sid=workspace.default_activity_sid)\neverybody['Carla'].delete()")
    assert "there is no worker Carla in the workspace any more" in run.cell("check-shorter-waits")
    run.solve("check.shorter_waits(client)")
    assert "so she is not in the Spanish queue" in run.cell("check-shorter-waits")
    run.code("next(one for one in kinds.list() if one.friendly_name == 'es').update(friendly_name='Spanish')")
    assert 'there is no queue "es"' in run.cell("check-shorter-waits")
    run.solve("check.shorter_waits(client)")
    run.solve("check.shorter_waits(client)")
    assert run.cell("check-shorter-waits").startswith("✔ ")


AT = datetime(2026, 1, 1, 9, tzinfo=UTC)


def event(kind: str, seconds: float, *, ms: bool = True, **data: object) -> EventInstance:
    at = AT + timedelta(seconds=seconds)
    told = {"event_type": kind, "event_date": f"{at:%Y-%m-%dT%H:%M:%SZ}", "event_data": data}
    return EventInstance(None, told | {"event_date_ms": at.timestamp() * 1000 if ms else None}, "WS1")


def space_of(events: list[EventInstance]) -> SimpleNamespace:
    return SimpleNamespace(events=SimpleNamespace(list=lambda **_asked: events[::-1]))  # the newest first


def test_a_customer_is_answered_once_and_an_event_may_have_whole_seconds_alone():
    task = {"task_sid": "WT1", "task_attributes": '{"lesson": "09", "selected_language": "es", "morning": "first"}'}
    events = [
        event("task.created", 0, ms=False, **task),
        event("reservation.accepted", 20, **task),
        event("reservation.accepted", 60, **task),
    ]
    assert Mornings.of(space_of(events)).waits() == {"first": [20]}


def run_of(morning: str, at: float, wait: float, customers: int = 12) -> list[EventInstance]:
    """Events of a run: a Spanish customer each minute, who waits so long."""
    attributes = json.dumps({"lesson": "09", "selected_language": "es", "morning": morning})
    events = []
    for seconds in (at + 60 * number for number in range(customers)):
        told = {"task_sid": f"WT{morning}{seconds}", "task_attributes": attributes}
        events += [event("task.created", seconds, **told), event("reservation.accepted", seconds + wait, **told)]
    return sorted(events, key=event_ms)


def test_only_the_newest_run_of_a_morning_counts():
    """One that was played to its end is followed by ten minutes without a customer, an interrupted one by its end."""
    earlier, newest = run_of("first", 0, 90), run_of("first", 11 * 60 + 620, 20)
    assert Mornings.of(space_of(earlier + newest)).waits() == {"first": [20] * 12}
    assert Mornings.of(space_of(earlier + run_of("second", 1280, 5))).waits() == {
        "first": [90] * 12,
        "second": [5] * 12,
    }
    left = event("task.canceled", 700, task_sid="WTfirst660", task_canceled_reason="A new morning")
    again = Mornings.of(space_of([*earlier[:-1], left, *run_of("first", 701, 20)]))
    assert again.waits() == {"first": [20] * 12}
    assert Mornings.of(space_of([*earlier, *run_of("first", 701, 20)])).waits()["first"] != [20] * 12  # one run, so far


def test_a_morning_that_was_played_twice_is_judged_by_its_newest_run(run):
    once = run.cell("check-morning")
    run.code("play(morning='first')")
    assert run.cell("check-morning") == once
    run.code("everybody['Carla'].update(activity_sid=workspace.default_activity_sid)")
    run.solve("check.shorter_waits(client)")
    assert "Spanish customers waited" in run.cell("check-shorter-waits")
    assert run.texts["check-shorter-waits"].startswith("✘ ")  # she was not available
    run.code("everybody['Carla'].update(activity_sid=free.sid)\nplay(morning='second')")
    before, after = map(int, re.findall(r"(\d+) s", run.cell("check-shorter-waits")))
    assert before > 2 * after


def test_a_first_morning_that_is_played_again_at_last_is_nothing_to_compare_with(run):
    run.solve("check.shorter_waits(client)")
    run.code("play(morning='first')")
    assert "the first morning was played again when Carla spoke Spanish already" in run.cell("check-shorter-waits")
    run.solve("check.shorter_waits(client)")
    assert run.cell("check-shorter-waits").startswith("✔ ")


def test_a_morning_that_was_left_and_cleared_is_not_over(notebook):
    with notebook(NAME) as run:
        run.up_to("write-agents")
        run.code("current = lambda: type('Nowhere', (), {'mode': ''})")
        run.cell("play-morning")
        run.code(INTERRUPTED.format(morning="first"))
        run.cell("end-old-tasks")
        assert "of its customers were still there when it was left" in run.cell("check-morning")


WRONG_FILTERS = [
    ("task.cancelled,reservation.timeout", "`task.cancelled` is not one of the two"),
    ("task.canceled reservation.timeout", "a comma missing between the names"),
    ("task.canceled", "`reservation.timeout` is missing"),
    ("task.canceled,reservation.timeout,task.created", "`task.created` is sent, too"),
]


def test_events_filter(notebook):
    with notebook(NAME) as run:
        run.up_to("create-workspace")
        run.code("workspace = workspace.update(events_filter='')")
        assert "it sends every event" in run.cell("check-events-filter")
        assert "no morning was played" in run.cell("check-morning")
        for written, words in WRONG_FILTERS:
            run.code(f"workspace.update(events_filter={written!r})")
            assert words in run.cell("check-events-filter"), written
            run.solve("check.events_filter(client)")
            assert run.cell("check-events-filter").startswith("✔ "), written


WRONG_SERVICE_LEVELS = [
    ("len([row for row in rows if row['waited'] <= seconds]) / len(rows)", "your function fails with TypeError"),
    ("sum((row['waited'] or 0) <= seconds for row in rows) / len(rows)", "who gave up as answered"),
    (
        "(lambda ones: sum(one <= seconds for one in ones) / len(ones))"
        "([row['waited'] for row in rows if row['waited']])",
        "leaves out the customers who gave up",
    ),
    ("sum((row['waited'] or 999) <= seconds for row in rows)", "Divide by the number of all rows"),
    ("sum((row['waited'] or 999) <= seconds for row in rows) / len(rows) * 100", "gives percent"),
    ("sum((row['waited'] or 999) <= 60 for row in rows) / len(rows)", "right for 60 seconds only"),
    ("sum((row['waited'] or 999) > seconds for row in rows) / len(rows) + 0.1", "and your function gives 0.6"),
    ("sum((row['waited'] or 999) <= seconds for row in rows) / len(rows)", "a customer who waited 0 seconds"),
    ("None", "always gives 0 or nothing"),
    ("'half'", "gives a str"),
]


def test_service_level(notebook):
    with notebook(NAME) as run:
        run.up_to("create-workspace")
        assert "there is no function `service_level` yet" in run.cell("check-service-level")
        for written, words in WRONG_SERVICE_LEVELS:
            run.code(f"def service_level(rows, seconds):\n    return {written}")
            assert words in run.cell("check-service-level"), written
        run.code(f"exec({SERVICE_LEVEL.partition('for language')[0]!r})")
        assert run.cell("check-service-level").startswith("✔ ")


def test_workers_and_tasks_that_notebook_07_has_left_do_not_shorten_the_waits(notebook):
    with notebook("07-design-a-workflow") as before:
        before.all()
    with notebook(NAME) as run:
        run.up_to("ask-statistics")
        spanish = run.code("sum(row['waited'] or 300 for row in first if row['language'] == 'es')")
        assert float(spanish) > 1000
