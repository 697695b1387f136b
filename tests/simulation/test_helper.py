"""A day is rehearsed from a cell in one line."""

from __future__ import annotations

from pathlib import Path

import pytest
from twilio.rest import Client

from helpers import LessonError, rehearse
from taskrouter_sandbox import simulation, snapshot
from tests.simulation.days import needs_the_fast_engine, random_day, team


def test_a_workspace_is_read_over_rest_and_rehearsed(client: Client, tmp_path: Path) -> None:
    workspace = snapshot.create(client, team())
    expected = simulation.rehearse(team(), random_day(), seed=3).tasks
    snapshot.save(team(), path := tmp_path / "team.json")
    for given in (workspace, workspace.sid, team(), path, str(path)):
        assert list(rehearse(client, given, random_day(), seed=3).tasks) == list(expected)


def test_what_is_wrong_is_said_in_one_sentence(client: Client) -> None:
    with pytest.raises(LessonError, match="day: it needs the field 'classes'"):
        rehearse(client, team(), {})
    with pytest.raises(LessonError, match="WS0"):
        rehearse(client, "WS" + "0" * 32, random_day())
    for given, what in (
        (None, "workspace is NoneType: give a snapshot, the path of one"),
        ({}, "workspace is dict: give a snapshot"),
        ("team.json", "workspace: team.json cannot be read"),
    ):
        with pytest.raises(LessonError, match=what):
            rehearse(client, given, random_day())  # pyright: ignore[reportArgumentType]


def test_the_engine_may_be_named(client: Client) -> None:
    assert rehearse(client, team(), random_day(), engine="exact").engine == "exact"
    with pytest.raises(LessonError, match="engine is 'quick': give auto, exact or fast"):
        rehearse(client, team(), random_day(), engine="quick")  # pyright: ignore[reportArgumentType]


@needs_the_fast_engine
def test_the_fast_engine_may_be_asked_for(client: Client) -> None:
    assert rehearse(client, team(), random_day(), engine="fast").engine == "fast"
    workspace = team()
    workspace.workflows[0].configuration["task_routing"]["filters"][0]["expression"] = "taskrouter.currentHour > 8"
    with pytest.raises(LessonError, match="does not hold this: workflow 'Flow': a filter that reads the time"):
        rehearse(client, workspace, random_day(), engine="fast")
