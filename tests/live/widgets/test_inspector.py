"""The inspector against a real TaskRouter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from helpers import skip
from helpers.live.feed.model import ModelLimits
from helpers.live.widgets.task_inspector import AT_MOST, RESERVATIONS_AT_MOST, inspector
from tests.waiting import wait_for


@pytest.fixture
def view(scene):
    view = inspector(scene.client, scene.workspace)
    view.wait_until_drawn()
    return view


def first(view) -> dict | None:
    return next(iter(view.state["tasks"]), None)


def test_says_that_there_is_no_task_yet(view):
    assert view.state["title"] == "Tasks in Test"
    assert view.words().endswith("No task yet. Create one, and it appears here by itself.")


def test_a_new_task_appears_by_itself(view, scene):
    task = scene.task(vip=True)
    shown = wait_for(lambda: first(view))
    assert shown["sid"] == task.sid
    assert shown["status"] == "pending"
    assert shown["queue"] == "Spanish"
    assert shown["attributes"] == [["selected_language", "es"], ["vip", "true"]]
    assert view.state["summary"] == "The task is pending."


def test_follows_a_task_to_its_end(view, scene):
    task = scene.task()
    scene.move("Idle")
    shown = wait_for(lambda: first(view) and first(view)["status"] == "reserved" and first(view))
    assert [(each["worker"], each["status"]) for each in shown["reservations"]] == [("Alice", "pending")]
    task.reservations(shown["reservations"][0]["sid"]).update(reservation_status="accepted")
    wait_for(lambda: first(view)["status"] == "assigned")
    wait_for(lambda: first(view)["reservations"][0]["status"] == "accepted")
    task.update(assignment_status="completed", reason="answered")
    shown = wait_for(lambda: first(view)["status"] == "completed" and first(view))
    assert shown["reason"] == "answered"
    assert shown["ended"]


def test_a_reservation_that_comes_and_goes_within_a_second_is_shown(view, scene):
    task = scene.task()
    scene.move("Idle")
    (reservation,) = task.reservations.list()
    reservation.update(reservation_status="rejected", worker_activity_sid=scene.activities["Busy"])
    wait_for(lambda: first(view) and [each["status"] for each in first(view)["reservations"]] == ["rejected"])
    assert first(view)["status"] == "pending"


def test_shows_the_newest_first_and_says_that_there_are_more(view, scene):
    older = [scene.task(number=number) for number in range(AT_MOST)]
    wait_for(lambda: datetime.now(UTC) - older[-1].date_created > timedelta(seconds=1))  # times have whole seconds
    newest = scene.task()
    wait_for(lambda: view.state["older"])
    assert len(view.state["tasks"]) == AT_MOST
    assert first(view)["sid"] == newest.sid
    assert view.state["summary"] == f"{AT_MOST} tasks: {AT_MOST} pending."


def test_shows_one_task_only(scene):
    scene.task()
    task = scene.task(number=2)
    view = inspector(scene.client, scene.workspace.sid, task)
    view.wait_until_drawn()
    assert [each["sid"] for each in view.state["tasks"]] == [task.sid]
    assert view.state["title"].startswith("Task WT…")


def test_a_task_that_is_looked_at_is_not_forgotten_for_others_that_end(scene):
    task = scene.task()
    view = inspector(scene.client, scene.workspace.sid, task)
    view._feed.model.limits = ModelLimits(ended_tasks=1)
    view.wait_until_drawn()
    for each in [task, *(scene.task() for _ in range(5))]:
        each.update(assignment_status="canceled")
    view.wait_until_drawn()
    assert [each["status"] for each in view.state["tasks"]] == ["canceled"]
    other = inspector(scene.client, scene.workspace.sid)
    other.wait_until_drawn()
    assert len(other.state["tasks"]) < 6


def test_a_task_of_which_no_recent_event_speaks_is_asked_for(scene):
    task = scene.task()
    skip(hours=1)
    view = inspector(scene.client, scene.workspace.sid, task)
    wait_for(lambda: view.state["tasks"])
    assert view.state["tasks"][0]["status"] == "pending"
    task.update(assignment_status="canceled")
    wait_for(lambda: view.state["tasks"][0]["status"] == "canceled")
    skip(minutes=6)
    wait_for(lambda: view.state["summary"].startswith("TaskRouter no longer has this task."))


def test_attributes_that_are_no_object_are_shown_as_they_are(scene):
    from helpers.live.widgets.task_inspector import _attributes

    assert _attributes(None) == []
    assert _attributes("[1, 2]") == [["attributes", "[1, 2]"]]
    assert _attributes("not json") == [["attributes", "not json"]]


def test_a_workspace_that_is_gone_is_said_in_words(view, scene):
    scene.workspace.delete()
    wait_for(lambda: view.state["trouble"])
    assert "Run this notebook again from the top" in view.state["trouble"]


def test_of_many_reservations_the_newest_are_shown_and_the_others_counted(view, scene):
    task = scene.task()
    scene.move("Idle")
    for _ in range(RESERVATIONS_AT_MOST + 2):  # Alice is offered the task again at once
        (reservation,) = task.reservations.list(reservation_status="pending")
        reservation.update(reservation_status="rejected")
    shown = wait_for(lambda: first(view) and first(view)["earlier"] and first(view))
    wait_for(lambda: first(view)["earlier"] == "3 earlier: 3 rejected")
    assert len(shown["reservations"]) == RESERVATIONS_AT_MOST
    assert first(view)["reservations"][-1]["status"] == "pending"
