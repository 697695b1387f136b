"""A day is rehearsed from a cell in one line."""

from __future__ import annotations

import pytest
from twilio.rest import Client

from helpers import LessonError, rehearse
from taskrouter_sandbox import simulation, snapshot
from tests.simulation.days import random_day, team


def test_a_workspace_is_read_over_rest_and_rehearsed(client: Client) -> None:
    workspace = snapshot.create(client, team())
    expected = simulation.rehearse(team(), random_day(), seed=3).tasks
    for given in (workspace, workspace.sid, team()):
        assert list(rehearse(client, given, random_day(), seed=3).tasks) == list(expected)


def test_what_is_wrong_is_said_in_one_sentence(client: Client) -> None:
    with pytest.raises(LessonError, match="day: it needs the field 'classes'"):
        rehearse(client, team(), {})
    with pytest.raises(LessonError, match="WS0"):
        rehearse(client, "WS" + "0" * 32, random_day())
