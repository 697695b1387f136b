"""The hint of a checkpoint of notebook 04 fits the mistake, where others have the same sentence or the same status."""

from __future__ import annotations

import pytest

from helpers import cast, check
from helpers.lesson.checkpoints.call_solutions import ENQUEUE_CALL, SECOND_CHANCE, SERVE
from tests.notebooks.phone_scene import changed, lesson, mend
from tests.notebooks.scene import NOT_RIGHT, NOT_YET, assert_names
from tests.waiting import wait_for

__all__ = ["lesson"]

ATTRIBUTES = '"es" if Digits == "1" else "en"'
REDIRECT = 'answer.redirect("/incoming_call")'


def test_languages_the_other_way_round(lesson):
    swapped = changed(ENQUEUE_CALL, (ATTRIBUTES, '"en" if Digits == "1" else "es"'))
    lesson.run(f"{swapped}\n{SERVE}")
    lesson.call()

    verdict = check.call_waits(lesson.client)
    assert_names(verdict, NOT_RIGHT, "its `selected_language` is 'en'")
    assert ATTRIBUTES in verdict.hints[1]
    mend(lesson, check.call_waits, lesson.call)


def test_a_language_that_no_filter_knows(lesson):
    spanish = changed(ENQUEUE_CALL, ('"es" if', '"Spanish" if'))
    lesson.run(f"{spanish}\n{SERVE}")
    lesson.call()

    verdict = check.call_waits(lesson.client)
    assert_names(verdict, NOT_RIGHT, "error 14222", '"selected_language": "Spanish"')
    assert '"es" or "en"' in verdict.hints[0]


@pytest.mark.parametrize(
    "code",
    [
        changed(SECOND_CHANCE, (REDIRECT, 'answer.redirect("/enqueue_call")')),
        changed(SECOND_CHANCE, (f"    {REDIRECT}\n", ""), ("timeout=5", "timeout=5, action_on_empty_result=True")),
    ],
    ids=["a Redirect", "an empty result"],
)
def test_a_route_that_wants_a_key_where_none_was_pressed(lesson, code):
    lesson.solve_the_task()
    lesson.run(f"{code}\n{SERVE}")
    sid = lesson.dial()["sid"]
    lesson.skip(6)
    wait_for(lambda: len(lesson.sandbox.calls.fetch(sid)["requests"]) > 1)

    verdict = wait_for(lambda: found if (found := check.second_chance(lesson.client)).state is NOT_RIGHT else None)
    assert_names(verdict, NOT_RIGHT, "asks for `Digits`, which Twilio did not send: it sent `CallSid`")
    assert verdict.hints[0].startswith("Twilio sends `Digits` once a key was pressed")


def test_the_workflow_was_deleted(lesson):
    lesson.solve_the_task()
    lesson.team.workflow.delete()
    lesson.call()
    assert_names(check.call_waits(lesson.client), NOT_YET, "there is no workflow", "(notebook 01 creates it)")
    cast(lesson.client)
    assert_names(check.call_waits(lesson.client), NOT_RIGHT, "error 14220")
    assert "Where that was deleted, run the cells from there on again." in check.call_waits(lesson.client).hints[0]


def test_the_channel_of_phone_calls_was_deleted(lesson):
    lesson.solve_the_task()
    [voice] = [one for one in lesson.workspace.task_channels.list() if one.unique_name == "voice"]
    voice.delete()
    lesson.call()
    verdict = check.call_waits(lesson.client)
    assert_names(verdict, NOT_RIGHT, "error 14222: TaskChannel voice does not exist")
    assert "a task of the channel `voice`, and that was deleted" in verdict.hints[0]
    lesson.run(verdict.solution)
    lesson.call()
    assert check.call_waits(lesson.client).is_right
