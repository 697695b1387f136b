"""Every reason that lies in the answer to the callback why caller and agent may not be connected, played for real."""

from __future__ import annotations

import pytest

from helpers import check
from helpers.lesson.checkpoints.acceptance import find_acceptance
from helpers.lesson.checkpoints.call_scene import find_call
from helpers.lesson.checkpoints.dequeue_to_an_agent import DEQUEUE_APP
from tests.notebooks.agent_calls import DEQUEUE, FROM, WRAP_UP, activity, lesson, mend, said
from tests.notebooks.scene import NOT_RIGHT, NOT_YET, RIGHT, assert_names
from tests.waiting import wait_for

__all__ = ["lesson"]


ANSWERS = {
    "the starter": ("{}", NOT_YET, ["answered `{}`, without an instruction"]),
    "accept": ('{"instruction": "accept"}', NOT_RIGHT, ["nobody has called Alice: the caller goes on waiting"]),
    "reject": ('{"instruction": "reject"}', NOT_RIGHT, ["back to its queue"]),
    "misspelt": (said('"instruction": "deque"', FROM), NOT_RIGHT, ["'deque' is not an instruction"]),
    "key misspelt": (said('"instrucion": "dequeue"', FROM), NOT_RIGHT, ['has no "instruction"']),
    "a text": ('"dequeue"', NOT_RIGHT, ["the answer must be a JSON object, not a string"]),
    "no answer at all": ("None", NOT_RIGHT, ["null, as from a handler that returns nothing"]),
    "a number's object": (said(DEQUEUE, '"from": number'), NOT_RIGHT, ["TaskRouter canceled", "your app failed"]),
    "a number as people write it": (said(DEQUEUE, '"from": "(500) 555-0006"'), NOT_RIGHT, ["refused it", "from"]),
    "somebody else's number": (
        said(DEQUEUE, '"from": "+15005550199"', WRAP_UP),
        NOT_RIGHT,
        ["no number of this account (+15005550006)"],
    ),
    "no activity": (said(DEQUEUE, FROM), NOT_RIGHT, ["no `post_work_activity_sid`", "stays Busy"]),
    "an activity by its name": (activity('"WrapUp"'), NOT_RIGHT, ["refused it", "'WrapUp'"]),
    "an activity of nobody": (activity('"WA" + "0" * 32'), NOT_RIGHT, ["is no Activity of this workspace"]),
    "an available activity": (
        activity('team.activities["Idle"].sid'),
        NOT_RIGHT,
        ["is Idle, so Alice gets the next call"],
    ),
    "another activity": (activity('team.activities["Offline"].sid'), NOT_RIGHT, ["is Offline, not WrapUp"]),
    "from as in Python": (
        said(DEQUEUE, '"from_": number.phone_number', WRAP_UP),
        NOT_RIGHT,
        ["has `from_`", "ignores, so Alice sees the number that was called", "The key is `from`"],
    ),
    "a key misspelt": (
        said(DEQUEUE, FROM, '"postWorkActivitySid": wrap_up.sid'),
        NOT_RIGHT,
        ["`post_work_activity_sid`"],
    ),
    "conference": (said('"instruction": "conference"', FROM), NOT_RIGHT, ["is about `dequeue`"]),
    "redirect": ('{"instruction": "redirect", "url": "x"}', NOT_RIGHT, ["refused it", "url must be"]),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_is_not_the_one(lesson, answer):
    code, state, words = ANSWERS[answer]
    lesson.answer(code)
    lesson.play()

    verdict = check.connected(lesson.client)

    assert_names(verdict, state, *words)
    assert verdict.solution == DEQUEUE_APP
    mend(lesson, verdict)


def test_an_answer_that_is_refused_is_to_be_changed(lesson):
    lesson.answer(activity('"WrapUp"'))
    lesson.play()
    assert check.connected(lesson.client).hints[1].startswith("Change the answer, and run its cell again. ")


def test_an_answer_without_from_calls_from_the_number_that_was_dialed(lesson):
    lesson.answer(said(DEQUEUE, WRAP_UP))
    lesson.play()
    assert_names(check.connected(lesson.client), RIGHT, "names no `from`")


def test_a_key_that_is_like_no_other_does_no_harm(lesson):
    """A quickstart program sends a status along (voice.md §4.1)."""
    lesson.answer(said(DEQUEUE, FROM, WRAP_UP, '"status": 200'))
    lesson.play()
    assert_names(check.connected(lesson.client), RIGHT)


def test_only_an_accept_is_accepted_by_the_callback(lesson):
    def accepted_by() -> str | None:
        acceptance = find_acceptance(find_call(lesson.client, DEQUEUE_APP))
        return acceptance.by if acceptance else None

    lesson.wait_in_queue()
    lesson.click_idle()
    assert accepted_by() is None
    lesson.pick_up()
    assert accepted_by() == "phone"

    lesson.wait_in_queue()
    lesson.click_idle()
    lesson.task.reservations.list()[0].update(reservation_status="accepted")
    assert accepted_by() == "request"

    lesson.answer('{"instruction": "accept"}')
    lesson.play()
    assert accepted_by() == "callback"


def test_an_activity_after_the_call_that_is_missing_or_available(lesson):
    lesson.wrap_up.delete()
    assert_names(check.agent_phone(lesson.client), NOT_YET, "no activity WrapUp")
    lesson.run('wrap_up = workspace.activities.create(friendly_name="WrapUp", available=True)')
    verdict = check.agent_phone(lesson.client)
    assert_names(verdict, NOT_RIGHT, "WrapUp is available")
    lesson.run(verdict.solution)
    assert_names(check.agent_phone(lesson.client), RIGHT)


def test_an_activity_after_the_call_that_was_deleted_since(lesson):
    lesson.play()
    lesson.hang_up()
    wait_for(lambda: check.wrapped_up(lesson.client).is_right)
    lesson.run("alice.update(activity_sid=team.activities['Offline'].sid)\nwrap_up.delete()")
    verdict = check.wrapped_up(lesson.client)
    assert_names(verdict, NOT_RIGHT, "names was deleted meanwhile")
    mend(lesson, verdict)


def test_an_activity_that_was_chosen_after_the_call(lesson):
    lesson.play()
    lesson.hang_up()
    lesson.team.alice.update(activity_sid=lesson.team.activities["Offline"].sid)
    verdict = check.wrapped_up(lesson.client)
    assert_names(verdict, NOT_RIGHT, "Alice is Offline, not WrapUp", "chosen once more")
    lesson.run(verdict.solution)
    lesson.play()
    lesson.hang_up()
    assert_names(check.wrapped_up(lesson.client), RIGHT)
