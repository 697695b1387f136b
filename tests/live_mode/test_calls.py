"""Notebook 05 on a live account: its checkpoints see what REST and the learner's own server tell, and no more."""

from __future__ import annotations

import pytest

from helpers import check
from taskrouter_sandbox import ControlClient
from tests.live_mode.service import ACCOUNT_SID, AUTH_TOKEN
from tests.notebooks.call_lesson import CallLesson
from tests.notebooks.scene import NOT_RIGHT, NOT_YET, RIGHT, assert_names
from tests.waiting import wait_for

ALICE = "+15005550111"


@pytest.fixture
def lesson(twilio, live_client, closed_at_the_end):
    control = ControlClient(f"http://{twilio.proxy.sandbox}", ACCOUNT_SID, AUTH_TOKEN)
    lesson = CallLesson(live_client, control=control, agent=ALICE)
    yield lesson
    lesson.reset()
    lesson.server.stop()


def test_the_story(lesson):
    assert_names(check.agent_phone(lesson.client), RIGHT, f"Alice's phone is {ALICE}")
    assert_names(check.call_addresses(lesson.client), RIGHT)
    lesson.wait_in_queue()
    lesson.click_idle()
    assert_names(check.connected(lesson.client), NOT_YET, f"a phone rings for Alice ({ALICE})")
    lesson.pick_up()
    assert_names(check.connected(lesson.client), RIGHT, "talks with Alice")
    lesson.hang_up()
    assert_names(check.wrapped_up(lesson.client), RIGHT, "Alice is in WrapUp")


def test_an_answer_that_twilio_refuses_in_silence(lesson):
    lesson.answer('{"instruction": "dequeue", "post_work_activity_sid": "WrapUp"}')
    lesson.wait_in_queue()
    lesson.click_idle()
    wait_for(lambda: "nobody was called" in check.connected(lesson.client).sentence)
    assert_names(check.connected(lesson.client), NOT_RIGHT, "Twilio has refused it")


def test_a_phone_that_is_busy(lesson):
    lesson.phones.set(ALICE, "busy", 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    wait_for(lambda: "was busy" in check.connected(lesson.client).sentence)
    assert_names(check.connected(lesson.client), NOT_RIGHT, f"Alice's phone ({ALICE}) was busy", "still pending")
