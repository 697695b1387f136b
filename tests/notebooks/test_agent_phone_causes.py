"""Every reason that lies in the agent's phone why caller and agent may not be connected, played for real."""

from __future__ import annotations

import json

import pytest

from helpers import check, skip
from helpers.lesson.checkpoints.dequeue_to_an_agent import RING_APP
from helpers.lesson.checkpoints.framework import CheckpointResult
from tests.notebooks.agent_calls import DEQUEUE, FROM, NAME, WRAP_UP, lesson, said
from tests.notebooks.call_lesson import ALICE, CallLesson
from tests.notebooks.scene import NOT_RIGHT, NOT_YET, RIGHT, assert_names
from tests.notebooks.source import source_of
from tests.waiting import wait_for

__all__ = ["lesson"]

UNREACHED = {
    "busy": "was busy, or the call was rejected",
    "reject": "was busy, or the call was rejected",
    "never": "rang, and nobody answered in time",
    "unreachable": "could not be reached",
}


@pytest.mark.parametrize("behaviour", UNREACHED)
def test_a_phone_that_is_not_answered(lesson, behaviour):
    lesson.phones.set(ALICE, behaviour, 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    if behaviour == "never":
        wait_for(lambda: lesson.calls_of(ALICE, "ringing"))
        skip(minutes=1.5)

    wait_for(lambda: check.connected(lesson.client).state is NOT_RIGHT)
    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, UNREACHED[behaviour], "still pending: the caller waits on")
    lesson.phones.set(ALICE, "after", 0)
    lesson.run(verdict.solution)
    wait_for(lambda: check.connected(lesson.client).is_right)


def test_a_phone_that_is_busy_with_an_earlier_call(lesson):
    pause = '<Response><Pause length="600"/></Response>'
    lesson.phones.set(ALICE, "after", 0)
    other = lesson.client.calls.create(to=ALICE, from_="+15005550199", twiml=pause)
    wait_for(lambda: other.fetch().status == "in-progress")
    lesson.wait_in_queue()
    lesson.click_idle()

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_RIGHT, "was busy with an earlier call")
    lesson.run(verdict.solution)
    assert other.fetch().status == "completed"
    wait_for(lambda: check.connected(lesson.client).is_right)


def test_a_reservation_that_times_out_while_nobody_answers(lesson):
    lesson.phones.set(ALICE, "never")
    lesson.wait_in_queue()
    lesson.click_idle()
    skip(minutes=21)
    wait_for(lambda: lesson.task.assignment_status == "pending")

    verdict = check.connected(lesson.client)

    assert_names(verdict, NOT_YET, "the reservation timed out", "Alice was moved to Offline")
    lesson.phones.set(ALICE, "after", 0)
    lesson.run(verdict.solution)
    wait_for(lambda: check.connected(lesson.client).is_right)


PHONES = {
    "another key": ({"contact": "client:alice"}, NOT_YET, "`contact` is not what TaskRouter"),
    "a name": ({"contact_uri": "Alice"}, NOT_RIGHT, "write a number such as"),
    "a number without its +": ({"contact_uri": "15005550111"}, NOT_RIGHT, "write a number such as"),
}


@pytest.mark.parametrize("mistake", PHONES)
def test_a_phone_that_is_none(lesson, mistake):
    attributes, state, words = PHONES[mistake]
    lesson.team.alice.update(attributes=json.dumps({"languages": ["en", "es"], **attributes}))
    verdict = check.agent_phone(lesson.client)
    assert_names(verdict, state, words)
    lesson.run(verdict.solution)
    assert_names(check.agent_phone(lesson.client), RIGHT)


def ring(lesson: CallLesson) -> CheckpointResult:
    """Play the scene as far as the ringing, and give the verdict."""
    lesson.wait_in_queue()
    lesson.click_idle()
    return check.rang_briefly(lesson.client)


def test_a_phone_that_rings_briefly(lesson):
    assert_names(check.rang_briefly(lesson.client), NOT_YET, "nobody has called")
    lesson.run(source_of(NAME, "your-ring"))
    assert_names(ring(lesson), NOT_RIGHT, "no `timeout`", "rings for a minute")
    lesson.run(check.rang_briefly(lesson.client).solution)
    assert_names(check.rang_briefly(lesson.client), NOT_YET, "the newest call came before the app that you serve now")
    assert_names(ring(lesson), NOT_YET, "Alice's phone rings. Wait until it stops, after 10 seconds")
    skip(seconds=11)
    wait_for(lambda: not lesson.calls_of(ALICE, "ringing"))
    assert_names(check.rang_briefly(lesson.client), RIGHT, "rang for 10 seconds", "still pending")


RINGS = {
    "the starter of the first exercise": ("{}", NOT_YET, ["answered `{}`, without an instruction"]),
    "misspelt": (said(DEQUEUE, FROM, WRAP_UP, '"time_out": 10'), NOT_RIGHT, ["`time_out`", "The key is `timeout`"]),
    "too long": (said(DEQUEUE, FROM, WRAP_UP, '"timeout": 60'), NOT_RIGHT, ["asks for 10 seconds"]),
    "in words": (said(DEQUEUE, FROM, WRAP_UP, '"timeout": "ten"'), NOT_RIGHT, ["timeout"]),
    "an accept": ('{"instruction": "accept"}', NOT_RIGHT, ["nobody has called Alice"]),
}


@pytest.mark.parametrize("answer", RINGS)
def test_a_phone_that_does_not_ring_briefly(lesson, answer):
    code, state, words = RINGS[answer]
    lesson.answer(code)
    verdict = ring(lesson)
    assert_names(verdict, state, *words)
    lesson.run(RING_APP)
    assert_names(ring(lesson), NOT_YET, "Wait until it stops")


def test_a_phone_that_should_ring_and_is_answered_or_busy(lesson):
    lesson.run(RING_APP)
    lesson.play()
    assert_names(check.rang_briefly(lesson.client), NOT_YET, "was answered")
    lesson.phones.set(ALICE, "busy", 0)
    wait_for(lambda: "was busy" in ring(lesson).sentence)
