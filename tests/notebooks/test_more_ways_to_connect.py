"""The exercises of notebook 05b, with usual mistakes and solved: a phone that is not answered, and call."""

from __future__ import annotations

import pytest

from helpers import check
from helpers.lesson.checkpoints import more_ways_to_connect as solutions
from tests.notebooks.call_lesson import ALICE
from tests.notebooks.more_ways import HERE, lesson, mistaken, play, the_routes, verdict_of
from tests.notebooks.scene import NOT_RIGHT, NOT_YET, RIGHT, assert_names
from tests.waiting import wait_for

__all__ = ["lesson"]

STEPS = ("not_reached", "given_back", "connected_by_call", "redirected", "in_conference", "listens_in")


@pytest.mark.parametrize("step", STEPS)
def test_before_anybody_has_called(lesson, step):
    assert_names(verdict_of(lesson, step), NOT_YET, "nobody has called")


@pytest.mark.parametrize("behaviour", ["busy", "reject", "unreachable"])
def test_alice_is_not_reached_and_the_task_is_given_back(lesson, behaviour):
    lesson.phones.set(ALICE, behaviour, 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    wait_for(lambda: check.not_reached(lesson.client).is_right)
    assert_names(check.not_reached(lesson.client), RIGHT, "still pending, Alice is Reserved, and the caller waits")
    verdict = check.given_back(lesson.client)
    assert_names(verdict, NOT_YET, "still pending: nobody has rejected it")
    lesson.run(verdict.solution)
    assert_names(check.given_back(lesson.client), RIGHT, "pending again", "Alice is Offline")
    assert_names(check.not_reached(lesson.client), RIGHT, "has been rejected since")
    assert lesson.caller["queue"]["position"] == 1


def test_the_starter_gives_nothing_back(lesson):
    lesson.phones.set(ALICE, "busy", 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    starter = "for reservation in alice.reservations.list(reservation_status='pending'):\n    print(reservation.sid)"
    lesson.run(starter)
    assert_names(check.given_back(lesson.client), NOT_YET, "nobody has rejected it")


REJECTIONS = {
    "without an activity": 'reservation.update(reservation_status="rejected")',
    "to Idle": 'reservation.update(reservation_status="rejected", worker_activity_sid=team.activities["Idle"].sid)',
}


@pytest.mark.parametrize("mistake", REJECTIONS)
def test_a_task_that_comes_back_to_alice(lesson, mistake):
    lesson.phones.set(ALICE, "busy", 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    pending = 'for reservation in alice.reservations.list(reservation_status="pending"):'
    lesson.run(f"{pending}\n    {REJECTIONS[mistake]}")
    verdict = check.given_back(lesson.client)
    assert_names(verdict, NOT_RIGHT, "Alice was available again", "2 reservations")
    lesson.run(verdict.solution)
    assert_names(check.given_back(lesson.client), RIGHT)


def test_a_task_that_is_canceled_instead_of_given_back(lesson):
    lesson.phones.set(ALICE, "busy", 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    lesson.task.update(assignment_status="canceled", reason="Nobody there")
    assert_names(check.given_back(lesson.client), NOT_RIGHT, "was canceled (Nobody there)", "still hears the music")


def test_a_reservation_that_is_accepted_instead_of_given_back(lesson):
    lesson.phones.set(ALICE, "busy", 0)
    lesson.wait_in_queue()
    lesson.click_idle()
    lesson.task.reservations.list()[0].update(reservation_status="accepted")
    for look in (check.not_reached, check.given_back):
        assert_names(look(lesson.client), NOT_RIGHT, "accepted by a request", "the caller goes on waiting")


def test_alice_answers_where_she_should_not(lesson):
    lesson.play()
    verdict = check.not_reached(lesson.client)
    assert_names(verdict, NOT_RIGHT, "Alice's phone was answered")
    assert_names(check.given_back(lesson.client), NOT_RIGHT, "Alice has answered after all")
    lesson.run(verdict.solution)
    lesson.alice_phone.wait_until_drawn()
    lesson.wait_in_queue()
    lesson.click_idle()
    wait_for(lambda: check.not_reached(lesson.client).is_right)


def test_alices_phone_rings_where_it_should_be_busy(lesson):
    lesson.wait_in_queue()
    lesson.click_idle()
    assert_names(check.not_reached(lesson.client), NOT_YET, "a phone rings for Alice")


def test_alice_hears_the_document_and_is_connected(lesson):
    the_routes(lesson)
    verdict = play(lesson, solutions.CALL, "connected_by_call")
    assert_names(verdict, RIGHT, "has heard your document, and talks with the caller", "is Busy")
    heard = [one["text"] for one in lesson.calls.fetch(lesson.calls_of(ALICE, "in-progress")[0])["captions"]]
    assert "A customer who speaks Spanish." in heard
    lesson.hang_up()
    assert_names(check.connected_by_call(lesson.client), RIGHT, "talked with the caller", "completed")
    assert lesson.team.alice.fetch().activity_name == "WrapUp"


URL = 'f"{public_url}/before_the_talk?reservation_sid={ReservationSid}"'
CALLS = {
    "the starter": ("return {}", NOT_YET, ["answered `{}`, without an instruction"]),
    "no from": (f'return {{"instruction": "call", "url": {URL}}}', NOT_RIGHT, ["refused it", "from"]),
    "no url": ('return {"instruction": "call", "from": number.phone_number}', NOT_RIGHT, ["refused it", "url"]),
    "a path for a url": (
        'return {"instruction": "call", "from": number.phone_number, "url": "/before_the_talk"}',
        NOT_RIGHT,
        ["refused it", "url"],
    ),
    "no reservation in the url": (
        'return {"instruction": "call", "from": number.phone_number, "url": f"{public_url}/before_the_talk"}',
        NOT_RIGHT,
        ["the document that she hears fails", "422"],
    ),
    "another path": (
        'return {"instruction": "call", "from": number.phone_number, "url": f"{public_url}/before"}',
        NOT_RIGHT,
        ["the document that she hears fails", "404"],
    ),
    "the menu for Alice": (
        'return {"instruction": "call", "from": number.phone_number, "url": f"{public_url}/incoming_call"}',
        NOT_YET,
        ["Alice listens to what your document says"],
    ),
    "another reservation": (
        'return {"instruction": "call", "from": number.phone_number,'
        ' "url": f"{public_url}/before_the_talk?reservation_sid=WR" + "0" * 32}',
        NOT_RIGHT,
        ["the document that she hears fails", "14217"],
    ),
    "accepted at once": (
        f'return {{"instruction": "call", "from": number.phone_number, "url": {URL}, "accept": True}}',
        NOT_RIGHT,
        ["accepted at once", "not accept it any more"],
    ),
    "from as in Python": (
        f'return {{"instruction": "call", "from_": number.phone_number, "url": {URL}}}',
        NOT_RIGHT,
        ["has `from_`", "The key is `from`"],
    ),
    "dequeue": (
        'return {"instruction": "dequeue", "from": number.phone_number}',
        NOT_RIGHT,
        ["this part of the page is about `call`"],
    ),
}


@pytest.mark.parametrize("mistake", CALLS)
def test_a_call_that_does_not_connect(lesson, mistake):
    the_routes(lesson)
    body, state, words = CALLS[mistake]
    mistaken(lesson, f"{HERE}    {body}", "call", state, *words)
