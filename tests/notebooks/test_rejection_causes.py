"""The second exercise of notebook 03: the callback that rejects for Bob, with usual mistakes, each named and mended."""

from __future__ import annotations

import pytest

from helpers import check
from helpers.lesson.checkpoints.accept_by_callback import ACCEPTING_APP, EMPTY_ANSWER_APP
from helpers.lesson.checkpoints.framework import CheckpointResult
from helpers.lesson.checkpoints.rejection_causes import (
    CLICK_BOB_IDLE,
    CREATE_ENGLISH_TASK,
    REJECTING_APP,
    find_english_scene,
)
from helpers.lesson.checkpoints.scene import CLICK_IDLE
from tests.notebooks.scene import NOT_RIGHT, NOT_YET, RIGHT, assert_names
from tests.notebooks.source import source_of
from tests.waiting import wait_for

REJECT = '{"instruction": "reject", "activity_sid": team.activities["Offline"].sid}'
ACCEPT = '{"instruction": "accept"}'


@pytest.fixture
def lesson(lesson):
    """Notebook 03 with its app that accepts, the English task created, and nobody Idle."""
    lesson.run(f"from fastapi import Form\nbob = team.bob\n{CREATE_ENGLISH_TASK}")
    return lesson


def serve(lesson, for_bob: str, for_others: str = ACCEPT, condition: str = "WorkerSid == bob.sid") -> None:
    lesson.serve_app(
        "def answer_for_worker(WorkerSid: str = Form()):\n"
        f"    if {condition}:\n        return {for_bob}\n    return {for_others}"
    )


def verdict_after(lesson, *clicks: str) -> CheckpointResult:
    """Click one after the other, each when TaskRouter is done with the one before, and look."""
    for click in clicks:
        lesson.run(click)
        wait_for(lambda: "under-way" not in outcomes(lesson), what="the end of the callback")
    return check.next_worker(lesson.client)


def outcomes(lesson) -> list[str]:
    scene = find_english_scene(lesson.client)
    return [scene.outcome(one).kind for one in scene.reservations()]


def mend(lesson, verdict: CheckpointResult) -> None:
    lesson.run(verdict.solution)
    lesson.run(CREATE_ENGLISH_TASK)
    verdict = verdict_after(lesson, CLICK_BOB_IDLE, CLICK_IDLE)
    assert_names(verdict, RIGHT, "asked about Bob", "Alice was next")


def test_a_task_that_was_deleted_is_told_in_the_place_of_an_older_one(lesson):
    for _ in range(2):  # without an older one, and with one
        lesson.run("english_task.delete()")
        assert_names(check.next_worker(lesson.client), NOT_YET, "the English task was deleted: run the cell")
        lesson.run(f"{CREATE_ENGLISH_TASK}\n{CREATE_ENGLISH_TASK}")


def test_the_starter_answers_as_before(lesson):
    assert_names(check.next_worker(lesson.client), NOT_YET, "Bob is Offline", "Click Idle for Bob")
    lesson.run(f"{EMPTY_ANSWER_APP}\n{source_of('03-accept-by-callback', 'your-rejection')}")
    assert_names(verdict_after(lesson, CLICK_BOB_IDLE), NOT_YET, "reserved for Bob", "answered `{}`")

    lesson.run(f"{ACCEPTING_APP}\n{source_of('03-accept-by-callback', 'your-rejection')}\n{CREATE_ENGLISH_TASK}")
    verdict = verdict_after(lesson, CLICK_BOB_IDLE)
    assert_names(verdict, NOT_RIGHT, "the task is Bob's: your server answered", "accept")
    mend(lesson, verdict)
    assert check.accepted_by_callback(lesson.client).sentence.startswith("there is no task of this lesson")


def test_the_solution_is_right_in_two_clicks(lesson):
    lesson.run(REJECTING_APP)
    verdict = verdict_after(lesson, CLICK_BOB_IDLE)
    assert_names(verdict, NOT_YET, "rejected the task for Bob", "Now click Idle for Alice")
    assert_names(verdict_after(lesson, verdict.solution), RIGHT, "Alice was next, and has the task now")
    assert lesson.team.bob.fetch().activity_name == "Offline"


STAYS = {
    "no activity": ('{"instruction": "reject"}', "a second key"),
    "its name": (
        '{"instruction": "reject", "activity_sid": "Offline"}',
        'team.activities["Offline"].sid`, not `Offline`',
    ),
    "an available one": (REJECT.replace("Offline", "Idle"), "not available"),
}


@pytest.mark.parametrize("answer", STAYS)
def test_who_is_rejected_and_stays_available_is_asked_again(lesson, answer):
    code, hint = STAYS[answer]
    serve(lesson, code)
    lesson.run(CLICK_BOB_IDLE)
    wait_for(lambda: "rejected" in [one.reservation_status for one in lesson.english_task.reservations.list()])
    verdict = check.next_worker(lesson.client)
    assert_names(verdict, NOT_RIGHT, "your server answered", "he stayed available, so he is asked again at once")
    assert hint in verdict.hints[0]
    mend(lesson, verdict)


OTHERS = {
    "everybody": ({"for_bob": REJECT, "for_others": REJECT}, NOT_RIGHT, "rejected the task for Alice, too"),
    "the wrong one": ({"for_bob": REJECT, "condition": "WorkerSid != bob.sid"}, NOT_RIGHT, "the task is Bob's"),
    "no answer for Alice": ({"for_bob": REJECT, "for_others": "None"}, NOT_RIGHT, "not null, as from a handler"),
    "no instruction for Alice": ({"for_bob": REJECT, "for_others": "{}"}, NOT_YET, "reserved for Alice"),
    "misspelt": ({"for_bob": REJECT.replace("reject", "rejct")}, NOT_RIGHT, "'rejct' is not an instruction"),
}


@pytest.mark.parametrize("mistake", OTHERS)
def test_the_wrong_answer_for_one_of_them(lesson, mistake):
    handler, state, words = OTHERS[mistake]
    serve(lesson, **handler)
    verdict = verdict_after(lesson, CLICK_BOB_IDLE, CLICK_IDLE)
    assert_names(verdict, state, words)
    mend(lesson, verdict)


@pytest.mark.parametrize("fails", ["before", "after"])
def test_an_activity_in_the_place_of_its_sid(lesson, fails):
    serve(lesson, '{"instruction": "reject", "activity_sid": team.activities["Offline"]}')
    lesson.run(CLICK_BOB_IDLE)
    wait_for(lambda: "canceled" in [one.reservation_status for one in lesson.english_task.reservations.list()])
    if fails == "before":
        lesson.run(CLICK_IDLE)
        wait_for(lambda: lesson.english_task.fetch().assignment_status == "assigned")
    verdict = check.next_worker(lesson.client)
    assert_names(verdict, NOT_RIGHT, "TaskRouter canceled", "what the handler returns is no JSON")
    assert "of an activity its `.sid`" in verdict.hints[0]


def test_alice_was_clicked_first(lesson):
    lesson.run(REJECTING_APP)
    verdict = verdict_after(lesson, CLICK_IDLE)
    assert_names(verdict, NOT_RIGHT, "asked about Alice, and not about Bob")
    lesson.run(verdict.solution)
    assert_names(verdict_after(lesson, CLICK_IDLE), RIGHT, "Alice was next")


def test_alice_is_still_at_work_on_the_task_before(lesson):
    lesson.run(REJECTING_APP)
    lesson.team.alice.update(activity_sid=lesson.team.activities["Busy"].sid)
    assert_names(verdict_after(lesson, CLICK_BOB_IDLE), NOT_YET, "click Idle for Alice", "Set Idle anyway")
    assert_names(verdict_after(lesson, CLICK_IDLE), RIGHT, "Alice was next")


def test_requests_in_the_place_of_the_answer(lesson):
    serve(lesson, "{}", "{}")
    verdict_after(lesson, CLICK_BOB_IDLE)
    (bobs,) = lesson.english_task.reservations.list()
    bobs.update(reservation_status="rejected", worker_activity_sid=lesson.team.activities["Offline"].sid)
    assert_names(check.next_worker(lesson.client), NOT_RIGHT, "Bob's reservation was rejected by a request", "`{}`")
    serve(lesson, REJECT, "{}")
    lesson.run(CREATE_ENGLISH_TASK)
    verdict_after(lesson, CLICK_BOB_IDLE, CLICK_IDLE)
    for one in lesson.english_task.reservations.list(reservation_status="pending"):
        one.update(reservation_status="accepted")
    assert_names(check.next_worker(lesson.client), NOT_RIGHT, "Alice's reservation was accepted by a request")


def test_bob_may_come_back_and_be_sent_away_again(lesson):
    lesson.run(REJECTING_APP)
    for _ in range(2):
        assert_names(verdict_after(lesson, CLICK_BOB_IDLE), NOT_YET, "Now click Idle for Alice")
    lesson.english_task.update(assignment_status="canceled", reason="Enough")
    verdict = check.next_worker(lesson.client)
    assert_names(verdict, NOT_YET, "was canceled (Enough)")
    mend(lesson, verdict)
