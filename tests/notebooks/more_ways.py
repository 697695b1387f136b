"""Notebook 05b with its phones, and its exercises played with a solution or a mistake."""

from __future__ import annotations

import pytest

from helpers import check
from tests.notebooks.call_lesson import ALICE, CallLesson
from tests.notebooks.scene import assert_names
from tests.waiting import wait_for

NAME = "05b-more-ways-to-connect"
BOB = "client:bob"
HERE = "def assignment_callback(ReservationSid: str = Form(), TaskAttributes: str = Form()):\n"


@pytest.fixture
def lesson(bare, closed_at_the_end):
    lesson = CallLesson(bare, NAME, "set-addresses")
    lesson.phones.set(BOB, "by-hand")
    yield lesson
    lesson.server.stop()


def verdict_of(lesson, name):
    return getattr(check, name)(lesson.client)


def play(lesson, solution, name):
    """Run a solution, play the scene, and wait until the checkpoint is right."""
    lesson.run(solution)
    lesson.phones.set(ALICE, "after", 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    wait_for(lambda: verdict_of(lesson, name).is_right, what=repr(verdict_of(lesson, name)))
    return verdict_of(lesson, name)


def mistaken(lesson, callback, name, state, *words, hint=""):
    """Serve an app with a mistaken callback, play, and see that the checkpoint names the mistake, and mends it."""
    source = lesson.sources[f"your-{name}"]
    serve = source[source.index("server = serve_with") :]
    lesson.run(f"{callback}\n\n\n{serve}")
    lesson.phones.set(ALICE, "after", 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    checkpoint = {"call": "connected_by_call", "redirect": "redirected", "conference": "in_conference"}[name]

    def is_named():
        verdict = verdict_of(lesson, checkpoint)
        return verdict.state is state and all(word in verdict.sentence for word in words)

    wait_for(is_named, what=f"that {words} is named")
    verdict = verdict_of(lesson, checkpoint)
    assert_names(verdict, state, *words)
    assert hint in verdict.hints[0]
    assert verdict.solution
    for sid in lesson.calls_of(ALICE, "in-progress"):
        lesson.calls.hang_up(sid)
    play(lesson, verdict.solution, checkpoint)


def the_routes(lesson):
    """Define the documents that the exercises have beside the callback."""
    source = lesson.sources["your-call"]
    lesson.run(source[: source.index("def assignment_callback")])
    lesson.cell("write-to-alice")
