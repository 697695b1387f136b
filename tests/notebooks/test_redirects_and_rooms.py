"""The exercises of notebook 05b, with usual mistakes and solved: redirect, conference and supervise."""

from __future__ import annotations

import json

import pytest

from helpers import check
from helpers.lesson.checkpoints import more_ways_to_connect as solutions
from tests.notebooks.call_lesson import ALICE, CALLER
from tests.notebooks.more_ways import BOB, HERE, lesson, mistaken, play, the_routes
from tests.notebooks.scene import NOT_RIGHT, NOT_YET, RIGHT, assert_names
from tests.waiting import wait_for

__all__ = ["lesson"]

# redirect


def test_the_caller_is_redirected_and_the_task_is_left_over(lesson):
    the_routes(lesson)
    verdict = play(lesson, solutions.REDIRECT, "redirected")
    assert_names(verdict, RIGHT, "talks with Alice, by a document of yours")
    lesson.calls.hang_up(lesson.sid)
    wait_for(lambda: lesson.caller["ended"])
    assert_names(check.redirected(lesson.client), RIGHT, "is assigned, and waits for your program")
    lesson.reset()
    wait_for(lambda: lesson.task.assignment_status == "completed")


SID = 'json.loads(TaskAttributes)["call_sid"]'
REDIRECTS = {
    "the starter": ("return {}", NOT_YET, ["answered `{}`, without an instruction"]),
    "no accept": (
        f'return {{"instruction": "redirect", "call_sid": {SID}, "url": f"{{public_url}}/to_alice"}}',
        NOT_RIGHT,
        ["still pending: your answer has no `accept` that is `True`"],
    ),
    "no call": (
        'return {"instruction": "redirect", "url": f"{public_url}/to_alice", "accept": True}',
        NOT_RIGHT,
        ["refused it", "call_sid"],
    ),
    "the reservation for a call": (
        'return {"instruction": "redirect", "call_sid": ReservationSid, "url": f"{public_url}/to_alice"}',
        NOT_RIGHT,
        ["refused it", "call_sid"],
    ),
    "a path for a url": (
        f'return {{"instruction": "redirect", "call_sid": {SID}, "url": "/to_alice", "accept": True}}',
        NOT_RIGHT,
        ["refused it", "url"],
    ),
    "another path": (
        f'return {{"instruction": "redirect", "call_sid": {SID}, "url": f"{{public_url}}/alice", "accept": True}}',
        NOT_RIGHT,
        ["the caller's document has called nobody", "404"],
    ),
}

HANDLERS = {
    "attributes that are not read as JSON": (
        'TaskAttributes: str = Form()):\n    sid = TaskAttributes["call_sid"]\n    return {"call_sid": sid}',
        "TypeError: string indices must be integers",
        "`TaskAttributes` is JSON text",
    ),
    "another attribute": (
        'TaskAttributes: str = Form()):\n    return {"call_sid": json.loads(TaskAttributes)["CallSid"]}',
        "KeyError: 'CallSid'",
        "such as `call_sid`",
    ),
    "a parameter without Form": (
        'TaskAttributes: str):\n    return {"call_sid": json.loads(TaskAttributes)["call_sid"]}',
        "answered 422",
        "`TaskAttributes: str = Form()`",
    ),
    "a parameter that is not sent": (
        'task_attributes: str = Form()):\n    return {"call_sid": json.loads(task_attributes)["call_sid"]}',
        "answered 422",
        "asks for `task_attributes`, which Twilio did not send: it sent `TaskAttributes`",
    ),
    "attributes that are no object of Python": (
        'TaskAttributes: str = Form()):\n    return {"call_sid": TaskAttributes.call_sid}',
        "'str' object has no attribute 'call_sid'",
        "`json.loads(TaskAttributes)` makes a dictionary",
    ),
    "a key behind a dot": (
        'TaskAttributes: str = Form()):\n    return {"call_sid": json.loads(TaskAttributes).call_sid}',
        "'dict' object has no attribute 'call_sid'",
        "stand in brackets",
    ),
    "true as in JSON": ('):\n    return {"accept": true}', "NameError", "Python writes `True`"),
    "a number's object": ('):\n    return {"from": number}', "is no JSON", "`number.phone_number`"),
    "a name that is not known": ('):\n    return {"from": nummer.phone_number}', "NameError", "Is it spelled right"),
}


@pytest.mark.parametrize("mistake", HANDLERS)
def test_a_handler_that_fails(lesson, mistake):
    """The hint is about the error, not about errors."""
    the_routes(lesson)
    code, words, hint = HANDLERS[mistake]
    mistaken(lesson, f"def assignment_callback({code}", "redirect", NOT_RIGHT, words, hint=hint)


@pytest.mark.parametrize("mistake", REDIRECTS)
def test_a_redirect_that_leads_nowhere(lesson, mistake):
    the_routes(lesson)
    body, state, words = REDIRECTS[mistake]
    mistaken(lesson, f"{HERE}    {body}", "redirect", state, *words)


@pytest.mark.parametrize(("behaviour", "words"), [("busy", "was busy"), ("unreachable", "could not be reached")])
def test_a_redirect_to_a_phone_that_is_not_answered(lesson, behaviour, words):
    the_routes(lesson)
    lesson.run(solutions.REDIRECT)
    lesson.phones.set(ALICE, behaviour, 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    wait_for(lambda: words in check.redirected(lesson.client).sentence)
    assert_names(check.redirected(lesson.client), NOT_RIGHT, words, "the task is hers all the same")


def test_a_redirect_while_it_rings(lesson):
    the_routes(lesson)
    lesson.run(solutions.REDIRECT)
    lesson.wait_in_queue()
    lesson.click_idle()
    wait_for(lambda: "a phone rings" in check.redirected(lesson.client).sentence)
    assert_names(check.redirected(lesson.client), NOT_YET, "a phone rings for Alice (client:alice)")


# conference and supervise


def test_both_are_in_a_room_and_bob_listens(lesson):
    verdict = play(lesson, solutions.CONFERENCE, "in_conference")
    assert_names(verdict, RIGHT, "Two are in the room", "is Busy")
    bob, written = lesson.team.bob, lesson.team.bob.fetch().attributes
    for odd in (5, ["client:bob"], {"a": 1}, None):
        bob.update(attributes=json.dumps({"languages": ["en"], "contact_uri": odd}))
        assert_names(check.listens_in(lesson.client), NOT_YET, "nobody has called Bob yet")
    bob.update(attributes=written)
    assert_names(check.listens_in(lesson.client), NOT_YET, "nobody has called Bob yet")
    lesson.run(solutions.SUPERVISE)
    wait_for(lambda: "rings" in check.listens_in(lesson.client).sentence)
    assert_names(check.listens_in(lesson.client), NOT_YET, "Bob's phone rings (client:bob)")
    lesson.calls.answer(wait_for(lambda: lesson.calls_of(BOB, "ringing"))[0])
    wait_for(lambda: check.listens_in(lesson.client).is_right)
    assert_names(check.listens_in(lesson.client), RIGHT, "Three are in the room, and nobody hears Bob")
    lesson.hang_up(ALICE)
    assert_names(check.in_conference(lesson.client), RIGHT, "have met in a room, which is over")
    assert_names(check.listens_in(lesson.client), NOT_YET, "the room of the last call is over")


def test_the_cell_of_the_page_lets_bob_listen(lesson):
    play(lesson, solutions.CONFERENCE, "in_conference")
    lesson.phones.set(BOB, "after", 0)
    source = lesson.sources["let-bob-listen"]
    lesson.run(source.replace("bob_phone = phone(client, bob)\n", "").removesuffix("bob_phone"))
    wait_for(lambda: check.listens_in(lesson.client).is_right)


@pytest.mark.parametrize(("mode", "words"), [("whisper", "Alice hears him"), ("barge", "everybody hears him")])
def test_bob_is_heard(lesson, mode, words):
    play(lesson, solutions.CONFERENCE, "in_conference")
    lesson.phones.set(BOB, "after", 0)
    lesson.run(solutions.SUPERVISE.replace("monitor", mode))
    wait_for(lambda: words in check.listens_in(lesson.client).sentence)
    verdict = check.listens_in(lesson.client)
    assert_names(verdict, NOT_RIGHT, words, "not the mode `monitor`")
    lesson.run(verdict.solution)
    wait_for(lambda: check.listens_in(lesson.client).is_right)


@pytest.mark.parametrize(("behaviour", "words"), [("busy", "was busy"), ("unreachable", "could not be reached")])
def test_bob_does_not_answer(lesson, behaviour, words):
    play(lesson, solutions.CONFERENCE, "in_conference")
    lesson.phones.set(BOB, behaviour, 0)
    lesson.run(solutions.SUPERVISE)
    wait_for(lambda: words in check.listens_in(lesson.client).sentence)
    lesson.phones.set(BOB, "after", 0)
    lesson.run(check.listens_in(lesson.client).solution)
    wait_for(lambda: check.listens_in(lesson.client).is_right)


ANSWER = '"instruction": "conference", "from": number.phone_number'
CONFERENCES = {
    "the starter": ("return {}", NOT_YET, ["answered `{}`, without an instruction"]),
    "neither ends the room": (
        f"return {{{ANSWER}}}",
        NOT_RIGHT,
        ["no `end_conference_on_exit`", "the caller stays alone"],
    ),
    "the caller does not end it": (
        f'return {{{ANSWER}, "end_conference_on_exit": True}}',
        NOT_RIGHT,
        ["no `end_conference_on_customer_exit`", "Alice stays alone"],
    ),
    "a flag that is none": (
        f'return {{{ANSWER}, "end_conference_on_exit": "yes"}}',
        NOT_RIGHT,
        ["refused it", "end_conference_on_exit"],
    ),
    "somebody else's number": (
        'return {"instruction": "conference", "from": "+15005550199"}',
        NOT_RIGHT,
        ["no number of this account"],
    ),
}


@pytest.mark.parametrize("mistake", CONFERENCES)
def test_a_conference_that_is_not_the_one(lesson, mistake):
    body, state, words = CONFERENCES[mistake]
    mistaken(lesson, f"{HERE}    {body}", "conference", state, *words)


def test_a_conference_with_a_phone_that_is_busy(lesson):
    lesson.run(solutions.CONFERENCE)
    lesson.phones.set(ALICE, "busy", 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    wait_for(lambda: "was canceled" in check.in_conference(lesson.client).sentence)
    lesson.run(solutions.GIVE_BACK)
    lesson.calls.hang_up(lesson.sid)


def test_alice_alone_in_the_room_after_the_caller_has_hung_up(lesson):
    lesson.run(solutions.CONFERENCE.replace('        "end_conference_on_customer_exit": True,\n', ""))
    lesson.phones.set(ALICE, "after", 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    wait_for(lambda: lesson.task.assignment_status == "assigned")
    lesson.calls.hang_up(lesson.sid)
    wait_for(lambda: lesson.caller["ended"])
    assert_names(check.in_conference(lesson.client), NOT_RIGHT, "no `end_conference_on_customer_exit`")
    lesson.reset()
    assert not lesson.calls_of(ALICE, "in-progress")
    assert lesson.calls_of(CALLER, "completed")
