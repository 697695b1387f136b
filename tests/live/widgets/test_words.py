"""Times, SIDs and errors in words."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException

from helpers.connection.sids import short_sid
from helpers.errors import LessonError
from helpers.live.widgets.text import clock, with_next_step


def test_a_time_is_told_as_the_clock_on_the_wall_of_the_kernel():
    at = datetime(2026, 3, 4, 12, 3, 5, tzinfo=UTC)
    assert clock(at) == at.astimezone().strftime("%H:%M:%S")
    assert clock("2026-03-04T12:03:05.123Z") == clock(at)
    assert clock(int(at.timestamp() * 1000)) == clock(at)
    assert clock(None) == "an unknown time"


def test_a_sid_is_shortened_to_its_kind_and_its_end():
    assert short_sid("WT" + "0" * 28 + "9f3a") == "WT…9f3a"
    assert short_sid(None) == ""


QUEUES = f"/Workspaces/WS{'0' * 32}/TaskQueues"
GONE = "it was deleted, or the sandbox was emptied. Run this notebook again from the top: it creates what is missing"


class Response:
    def __init__(self, status_code, text):
        self.status_code, self.text = status_code, text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TwilioRestException(404, "/Workers/WK1", "was not found", 20404), "Run this notebook again"),
        (TwilioRestException(404, "/", f"The requested resource {QUEUES} was not found", 20404), f"{GONE}."),
        (TwilioException("", Response(404, json.dumps({"message": f"... {QUEUES} was not found"}))), f"{GONE}."),
        (TwilioException("Unable to fetch page", Response(429, "{}")), "tries again by itself"),
        (TwilioRestException(401, "/", "Authenticate", 20003), "credentials"),
        (LessonError("Do this next."), "Do this next."),
        (ValueError("odd"), "ValueError: odd."),
    ],
)  # fmt: skip
def test_an_error_says_what_to_do_next(error, words):
    said = with_next_step(error)
    assert words in said
    assert said.endswith(".")
    assert ".." not in said
