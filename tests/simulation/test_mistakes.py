"""What cannot be rehearsed is refused in a sentence that names the field and what is accepted there."""

from __future__ import annotations

from typing import Any

import pytest

from taskrouter_sandbox.simulation import RehearsalError, rehearse
from tests.simulation.days import calls, one_queue, team

AT_NINE = [{"at": "09:00"}]
RATE = {"from": "09:00", "to": "10:00", "per_hour": 6}


def of_class(**settings: Any) -> dict[str, Any]:
    return {"classes": [calls(**{"recorded": AT_NINE, **settings})]}


def with_shift(**settings: Any) -> dict[str, Any]:
    return {**of_class(), "shifts": [{"worker": "Alice", "from": "09:00", "to": "17:00", **settings}]}


SHIFT = with_shift()["shifts"][0]
MISTAKES = [
    ({"classes": []}, "classes", "length >= 1"),
    ({}, "day", "needs the field 'classes'"),
    ([], "day", "Expected an object"),
    ({**of_class(), "arrivals": [RATE]}, "day", "no field 'arrivals'; there is classes, shifts"),
    ({**of_class(), "arrivals": [RATE]}, "day", "it belongs into classes"),
    (of_class(reject=0.5), "classes[0]", "it belongs into classes.answers or workers.answers or answers"),
    ({**of_class(), "shift": []}, "day", "did you mean shifts?"),
    ({"classes": [{"name": "A", "recorded": AT_NINE}]}, "classes[0]", "needs the field 'talk'"),
    (of_class(talk=-3), "classes[0].talk", "is -3: it must be 0 or more"),
    (of_class(talk=float("nan")), "classes[0].talk", "at most"),
    (of_class(talk="long"), "classes[0].talk", "give a number of seconds, or a distribution"),
    (of_class(talk=[]), "classes[0].talk", "an empty list"),
    (of_class(talk=[3, True]), "classes[0].talk", "each value is True"),
    (of_class(talk={"distribution": "exponental", "mean": 3}), "classes[0].talk", "did you mean exponential?"),
    (of_class(talk={"mean": 3}), "classes[0].talk", "there is constant, exponential"),
    (of_class(talk={"distribution": "gamma", "mean": 3}), "classes[0].talk", "needs mean and standard_deviation"),
    (of_class(talk={"distribution": "exponential", "mean": -1}), "classes[0].talk", "mean is -1"),
    (of_class(talk={"distribution": "exponential", "mean": 1, "unit": "min"}), "classes[0].talk", "minutes, hours"),
    (of_class(talk={"distribution": "uniform", "low": 3, "high": 1}), "classes[0].talk", "low may not be greater"),
    (of_class(talk={"distribution": "triangular", "low": 1, "mode": 9, "high": 3}), "classes[0].talk", "this order"),
    (of_class(talk={"distribution": "lognormal", "mean": 0, "standard_deviation": 1}), "classes[0].talk", "or more"),
    (of_class(talk={"distribution": "gamma", "mean": 1, "standard_deviation": 0}), "classes[0].talk", "or more"),
    (of_class(talk=10**400), "classes[0].talk", "at most"),
    (of_class(talk={"distribution": ["gamma"]}), "classes[0].talk", "is no distribution"),
    (of_class(talk={"distribution": "constant", "value": 1, "unit": {}}), "classes[0].talk", "is not known"),
    (of_class(recorded=[{"at": 10**400}]), "classes[0].recorded[0].at", "is no time of the day"),
    (of_class(patience=-1), "classes[0].patience", "0 or more"),
    (of_class(wrap_up=None), "classes[0].wrap_up", "give a number of seconds"),
    (of_class(pateince=3), "classes[0]", "did you mean patience?"),
    (of_class(recorded=[{"at": "25:00"}]), "classes[0].recorded[0].at", 'give "09:30"'),
    (of_class(recorded=[{"at": "09:00", "talk": -1}]), "classes[0].recorded[0].talk", "0 or more"),
    (of_class(recorded=[]), "classes[0]", "give either arrivals"),
    (of_class(arrivals=[RATE]), "classes[0]", "give either arrivals"),
    (of_class(recorded=[], arrivals=[{**RATE, "per_hour": -1}]), "classes[0].arrivals[0].per_hour", ">= 0"),
    (of_class(recorded=[], arrivals=[{**RATE, "to": "08:00"}]), "classes[0].arrivals[0]", "to must be later"),
    (of_class(recorded=[], arrivals=[RATE, RATE]), "classes[0].arrivals", "overlap at 09:00"),
    (of_class(recorded=[], arrivals=[{"per_hour": 1e8}]), "classes", "about 2,400,000,000 tasks would come; 5,000,000"),
    (of_class(priority=2**31), "classes[0].priority", "<= 2147483647"),
    (of_class(workflow="Flwo"), "classes[0].workflow", "did you mean Flow?"),
    (of_class(attributes={"since": object()}), "classes[0].attributes", "what JSON has"),
    (of_class(attributes={"note": "x" * 5000}), "classes[0].attributes", "at most 4096 are allowed"),
    (of_class(channel="fax"), "classes[0].channel", "there is default, voice"),
    ({"classes": [calls(recorded=AT_NINE)] * 2}, "classes[1].name", "a name of its own"),
    (with_shift(worker="Alcie"), "shifts[0].worker", "there is Alice, Bob; did you mean Alice?"),
    (with_shift(activity="Idel"), "shifts[0].activity", "did you mean Idle?"),
    (
        with_shift(to="08:00"),
        "shifts[0]",
        "from 09:00 to 08:00: to must be later than from; past midnight it is two, to",
    ),
    (with_shift(to="09:00"), "shifts[0]", "to must be later than from"),
    ({**of_class(), "shifts": [{"worker": "Alice", "from": "09:00"}]}, "shifts[0]", "needs the field 'to'"),
    ({**of_class(), "shifts": [SHIFT, {**SHIFT, "from": "16:59:59.5"}]}, "shifts", "overlap at 16:59:59.500"),
    ({**with_shift(), "off_duty": "Idle"}, "off_duty", "name one that is not: Offline, Busy, Break"),
    ({**of_class(), "off_duty": "Home"}, "off_duty", "there is Offline"),
    ({**of_class(), "answers": {"reject": 1.5}}, "answers.reject", "<= 1"),
    ({**of_class(), "answers": {"reject": 0.6, "let_time_out": 0.6}}, "answers", "1.2 together"),
    (of_class(answers={"reject": 0.5, "let_time_out": 0.6}), "classes[0].answers", "1.1 together"),
    (of_class(answers={"back_after": 3}), "classes[0].answers", "no field 'back_after'; there is after, reject"),
    (of_class(answers={"after": -1}), "classes[0].answers.after", "0 or more"),
    ({**of_class(), "workers": [{"worker": "Alcie"}]}, "workers[0].worker", "did you mean Alice?"),
    ({**of_class(), "workers": [{"worker": "Bob"}] * 2}, "workers[1].worker", "in one place"),
    ({**of_class(), "workers": [{"worker": "Bob", "talk": 3, "talk_factor": 2}]}, "workers[0]", "either talk or"),
    ({**of_class(), "workers": [{"worker": "Bob", "talk_factor": -2}]}, "workers[0].talk_factor", ">= 0"),
    ({**of_class(), "workers": [{"worker": "Bob", "pace": 2}]}, "workers[0]", "there is worker, talk"),
    ({**of_class(), "workers": [{"worker": "Bob", "answers": {"rejects": 1}}]}, "workers[0].answers", "mean reject?"),
    ({**of_class(), "absent": ["Alcie"]}, "absent[0]", "did you mean Alice?"),
    ({**of_class(), "absent": "Alice"}, "absent", "Expected a list"),
    ({**of_class(), "absent": ["Bob"], "off_duty": "Idle"}, "off_duty", "name one that is not"),
    ({**of_class(), "date": "1969-12-31"}, "date", "too early"),
    ({**of_class(), "date": "tomorrow"}, "date", 'give a date, or text such as "2026-11-30"'),
]


@pytest.mark.parametrize(("day", "place", "what"), MISTAKES, ids=[f"{place} {what}" for _, place, what in MISTAKES])
def test_a_mistake_is_named_with_its_place(day: Any, place: str, what: str) -> None:
    with pytest.raises(RehearsalError) as refused:
        rehearse(team(), day, seed=0)
    assert str(refused.value).startswith(f"{place}: ")
    assert what in str(refused.value)


def test_every_mistake_of_a_kind_is_named_at_once() -> None:
    day = {**with_shift(worker="Carol"), "off_duty": "Home"}
    day["classes"][0]["workflow"] = "Other"
    with pytest.raises(RehearsalError) as refused:
        rehearse(team(), day, seed=0)
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        "classes[0].workflow",
        "shifts[0].worker",
        "off_duty",
    ]


def test_a_class_that_no_filter_takes_is_counted() -> None:
    routing = {"filters": [{"expression": "language == 'en'", "targets": [{"queue": "All"}]}]}
    classes = [
        {"name": "English", "attributes": {"language": "en"}, "talk": 1, "recorded": AT_NINE},
        calls(recorded=AT_NINE * 3),
    ]
    with pytest.raises(RehearsalError, match=r"^classes\[1\]: 3 of 3 tasks would be refused: .*add a default_filter"):
        rehearse(one_queue(1, routing), {"classes": classes}, seed=0)


def test_a_workspace_must_be_one() -> None:
    for wrong, what in (
        ({"workers": []}, "workspace is dict: give a snapshot"),
        ("no.json", "workspace: no.json"),
        ("WS" + "0" * 32, "read it first"),
    ):
        with pytest.raises(RehearsalError, match=what):
            rehearse(wrong, of_class(), seed=0)  # pyright: ignore[reportArgumentType]
    broken = team()
    broken.task_queues[0].target_workers = "languages HAS"
    with pytest.raises(RehearsalError, match=r"workspace: task_queues\[0\].target_workers"):
        rehearse(broken, of_class(), seed=0)
    for given, what in (
        ("no.json", r"^day: no\.json cannot be read as JSON: No such file"),
        ('{"classes": []}', "as text"),
    ):
        with pytest.raises(RehearsalError, match=what):
            rehearse(team(), given, seed=0)
    with pytest.raises(RehearsalError, match="workspace: A workspace holds at most 15,000 workers"):
        rehearse(one_queue(15_001), of_class(), seed=0)
    without = team()
    without.workflows.clear()
    with pytest.raises(RehearsalError, match=r"classes\[0\].workflow: name one, since there are 0"):
        rehearse(without, of_class(), seed=0)


@pytest.mark.parametrize("settings", [{"seed": "a"}, {"seed": 0, "replications": 0}, {"seed": True}])
def test_seed_and_replications_are_whole_numbers(settings: Any) -> None:
    with pytest.raises(RehearsalError, match="give a whole number"):
        rehearse(team(), of_class(), **settings)


def test_replications_are_bounded() -> None:
    with pytest.raises(RehearsalError, match=r"give at most 1,000,000"):
        rehearse(team(), of_class(), seed=0, replications=10**9)


def test_intervals_and_limits_are_seconds() -> None:
    rehearsal = rehearse(team(), of_class(), seed=0)
    for settings in ({"within": -1}, {"interval": 0}, {"interval": 86_401}, {"within": "20"}):
        with pytest.raises(RehearsalError, match="give seconds"):
            rehearsal.summary(**settings)
