"""Every reason why a task may go on waiting for Alice, played for real: the checkpoint names it, and mends it."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from helpers import check, skip
from helpers.lesson.cast import configuration
from helpers.lesson.checkpoints.accept_by_callback import ACCEPTING_APP, EMPTY_ANSWER_APP
from helpers.lesson.checkpoints.scene import CLICK_IDLE, SET_ADDRESS
from helpers.names import ON_BOARD
from tests.notebooks.scene import NOT_RIGHT, NOT_YET, Lesson, assert_names, mend
from tests.waiting import wait_for

MARKS = {"of the board": ON_BOARD, "of a script": {}, "of this lesson": {"lesson": "03"}}


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("state", ["reserved for", "at work on"])
def test_alice_is_busy_elsewhere(lesson, state, mark):
    lesson.run("team.clear_stage()")
    if state == "reserved for":
        lesson.run('team.workflow.update(assignment_callback_url="")')
    other = lesson.other_task(**MARKS[mark])
    lesson.run(CLICK_IDLE)
    wanted = "reserved" if state == "reserved for" else "assigned"
    wait_for(lambda: other.fetch().assignment_status == wanted)
    lesson.run(f"{SET_ADDRESS}\ntask = workspace.tasks.create(**settings)")

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, f"Alice is {state} another task", other.sid[-4:], other.fetch().attributes)
    assert "Click Idle" not in verdict.sentence
    assert ("every_task=True" in verdict.hints[1]) == (mark == "of a script")
    lesson.run(verdict.solution)
    wait_for(lambda: check.accepted_by_callback(lesson.client).is_right)


def test_alice_is_busy_elsewhere_and_still_others_wait(lesson):
    lesson.run("team.clear_stage()")
    at_work = lesson.other_task()
    lesson.run(CLICK_IDLE)
    wait_for(lambda: at_work.fetch().assignment_status == "assigned")
    for _ in range(2):
        lesson.other_task()
    lesson.run("task = workspace.tasks.create(**settings)")

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, "Alice is at work on another task", at_work.sid[-4:])
    assert "ends them" in verdict.hints[1]
    lesson.run(verdict.solution)
    wait_for(lambda: check.accepted_by_callback(lesson.client).is_right)


def test_a_reservation_that_timed_out(lesson):
    lesson.run(EMPTY_ANSWER_APP)
    lesson.play()
    skip(minutes=21)
    wait_for(lambda: lesson.task.fetch().assignment_status == "pending")

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_YET, "timed out", "Alice was moved to Offline")
    lesson.run(ACCEPTING_APP)
    mend(lesson, verdict)


@pytest.mark.parametrize("activity", ["Offline", "Busy"])
def test_nobody_has_clicked(lesson, activity):
    lesson.create_task()
    lesson.team.alice.update(activity_sid=lesson.team.activities[activity].sid)

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(
        verdict, NOT_YET, f"Alice is {activity}{' without any task' if activity == 'Busy' else ''}. Click Idle"
    )
    lesson.run(verdict.solution)
    wait_for(lambda: check.accepted_by_callback(lesson.client).is_right)


@pytest.mark.parametrize("mark", MARKS)
def test_another_task_comes_first(lesson, mark):
    lesson.run("team.clear_stage()")
    other = lesson.other_task(**MARKS[mark])
    lesson.run("task = workspace.tasks.create(**settings)")

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_YET, "another task is before it in the queue", other.sid)
    assert ("every_task=True" in verdict.hints[1]) == (mark == "of a script")
    lesson.run(verdict.solution)
    wait_for(lambda: check.accepted_by_callback(lesson.client).is_right)


def test_a_task_of_a_higher_priority_comes_first(lesson):
    lesson.create_task()
    urgent = lesson.workspace.tasks.create(**lesson.settings, priority=5)
    urgent.update(attributes='{"selected_language": "es"}')

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_YET, "another task is before it in the queue", urgent.sid)
    lesson.run(verdict.solution)
    wait_for(lambda: check.accepted_by_callback(lesson.client).is_right)


def wrong_attributes(lesson: Lesson) -> None:
    lesson.team.alice.update(attributes='{"languages": ["en"]}')


def closed_channel(lesson: Lesson) -> None:
    lesson.team.alice.worker_channels("default").update(available=False)


def no_capacity(lesson: Lesson) -> None:
    lesson.team.alice.worker_channels("default").update(capacity=0)


def narrowed_step(lesson: Lesson) -> None:
    plan = json.loads(configuration(lesson.team.spanish, lesson.team.english))
    plan["task_routing"]["filters"][0]["targets"][0]["expression"] = "worker.level > 3"
    lesson.team.workflow.update(configuration=json.dumps(plan))


def wrong_queue(lesson: Lesson) -> None:
    lesson.team.workflow.update(configuration=configuration(lesson.team.english, lesson.team.spanish))
    lesson.team.english.update(target_workers='languages HAS "fr"')


UNREACHABLE: dict[Callable[[Lesson], None], str] = {
    wrong_attributes: 'does not match `languages HAS "es"`',
    closed_channel: "her channel for these tasks is closed",
    no_capacity: "her capacity for them is 0",
    narrowed_step: "asks for more than its queue does: `worker.level > 3`",
    wrong_queue: 'waits in "Customer Care Requests - English"',
}


@pytest.mark.parametrize("cause", UNREACHABLE, ids=lambda cause: cause.__name__)
def test_alice_is_available_and_not_reserved(lesson, cause):
    cause(lesson)
    lesson.play()

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, UNREACHABLE[cause])
    mend(lesson, verdict)


def test_somebody_else_gets_the_task(lesson):
    lesson.workspace.workers.create(
        friendly_name="Carla", attributes='{"languages": ["es"]}', activity_sid=lesson.team.activities["Idle"].sid
    )
    lesson.create_task()
    wait_for(lambda: lesson.task.fetch().assignment_status == "assigned")

    verdict = check.accepted_by_callback(lesson.client)

    assert_names(verdict, NOT_RIGHT, "assigned to Carla, not Alice")
    mend(lesson, verdict)
