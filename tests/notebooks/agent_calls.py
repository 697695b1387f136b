"""Notebook 05 with its phones, and a checkpoint whose advice is followed."""

from __future__ import annotations

import pytest

from helpers import check
from helpers.lesson.checkpoints.framework import CheckpointResult
from tests.notebooks.call_lesson import ALICE, CallLesson

NAME = "05-dequeue-to-an-agent"
DEQUEUE = '"instruction": "dequeue"'
FROM = '"from": number.phone_number'
WRAP_UP = '"post_work_activity_sid": wrap_up.sid'


@pytest.fixture
def lesson(bare, closed_at_the_end):
    lesson = CallLesson(bare)
    yield lesson
    lesson.server.stop()


def mend(lesson: CallLesson, verdict: CheckpointResult) -> None:
    """Do what the verdict says: its solution, and then the scene once more."""
    lesson.phones.set(ALICE, "by-hand")
    if verdict.solution:
        lesson.run(verdict.solution)
        lesson.caller_phone.wait_until_drawn()
    if not check.connected(lesson.client).is_right:
        lesson.play()
    verdict = check.connected(lesson.client)
    assert verdict.is_right, repr(verdict)


def said(*keys: str) -> str:
    """Write an answer with these keys."""
    return "{" + ", ".join(keys) + "}"


def activity(sid: str) -> str:
    """Write a whole answer that names this activity."""
    return said(DEQUEUE, FROM, f'"post_work_activity_sid": {sid}')
