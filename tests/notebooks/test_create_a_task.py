"""The checkpoints of notebook 02, and every mistake that they name."""

from __future__ import annotations

import functools
import json

import pytest
from fastapi import FastAPI

from helpers import check, found, serve
from helpers.lesson.checkpoints.create_a_task import URGENT_TASK
from tests.notebooks.source import source_of
from tests.notebooks.verdicts import not_right, not_yet, right, team
from tests.waiting import wait_for

__all__ = ["team"]


def spanish_task(team, lesson: str, language: str = "es"):
    attributes = json.dumps({"selected_language": language, "lesson": lesson})
    return team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=attributes)


def move(team, activity: str):
    return team.alice.update(activity_sid=team.activities[activity].sid)


def accept(task):
    for reservation in task.reservations.list(reservation_status="pending"):
        reservation.update(reservation_status="accepted")


class TestNotebook02:
    def test_stage(self, bare, team):
        right(check.stage(bare), "Alice is Offline")

        move(team, "Idle")
        not_yet(check.stage(bare), "Alice is Idle")

        move(team, "Offline")
        flow = team.workflow.update(assignment_callback_url="http://127.0.0.1:9/assignment_callback")
        not_right(check.stage(bare), "still calls http://127.0.0.1:9")

        flow.update(assignment_callback_url="")
        right(check.stage(bare))

        team.workflow.update(fallback_assignment_callback_url="http://127.0.0.1:9/fallback")
        not_right(verdict := check.stage(bare), "still has the fallback URL http://127.0.0.1:9/fallback")
        exec(verdict.solution, {"team": team})
        right(check.stage(bare))

    def test_task_waits(self, bare, team):
        not_yet(check.task_waits(bare), "no task of this lesson")

        spanish_task(team, "02", language="en")
        not_right(check.task_waits(bare), "'en'")

        task = spanish_task(team, "02")
        right(check.task_waits(bare), "pending")

        task.update(assignment_status="canceled", reason="Second thoughts")
        not_yet(check.task_waits(bare), "Second thoughts")

    def test_reserved(self, bare, team):
        not_yet(check.reserved(bare), "no task of this lesson")
        task = spanish_task(team, "02")
        not_yet(check.reserved(bare), "Alice is Offline", "Click Idle")

        move(team, "Idle")
        right(check.reserved(bare), "for Alice, who is Reserved")

        accept(task)
        right(check.reserved(bare), "assigned by now")

    def test_reserved_when_another_task_came_first(self, bare, team):
        other = spanish_task(team, "other")
        spanish_task(team, "02")
        move(team, "Idle")
        move(team, "Idle")  # impatient: she holds the other reservation
        not_right(check.reserved(bare), "Alice is reserved for another task", other.sid[-4:])

    def test_reserved_when_idle_was_chosen_once_more(self, bare, team):
        task = spanish_task(team, "02")
        move(team, "Idle")
        move(team, "Idle")
        not_right(check.reserved(bare), "Alice is Idle, not Reserved: her activity was chosen once more")
        accept(task)
        right(check.accepted(bare), "Alice is Busy")

    @pytest.mark.parametrize("activity", ["reservation", "assignment"])
    def test_reserved_and_accepted_when_the_queue_moves_nobody(self, bare, team, activity):
        team.spanish.update(**{f"{activity}_activity_sid": team.activities["Idle"].sid})
        task = spanish_task(team, "02")
        move(team, "Idle")
        if activity == "assignment":
            accept(task)
        verdict = check.reserved(bare) if activity == "reservation" else check.accepted(bare)
        not_right(verdict, f"the queue's {activity} activity is Idle")

    def test_somebody_else_is_reserved(self, bare, team):
        carla = {"friendly_name": "Carla", "attributes": '{"languages": ["es"]}'}
        team.workspace.workers.create(**carla, activity_sid=team.activities["Idle"].sid)
        task = spanish_task(team, "02")
        for verdict in (check.reserved(bare), check.accepted(bare)):
            not_right(verdict, "reserved for Carla, not Alice")
        accept(task)
        for verdict in (check.reserved(bare), check.accepted(bare)):
            not_right(verdict, "assigned to Carla, not Alice")

    def test_the_server_of_notebook_03_has_accepted(self, bare, team):
        app = FastAPI()
        app.post("/assignment_callback")(lambda: {"instruction": "accept"})
        server = serve(app, 0)
        team.workflow.update(assignment_callback_url=f"{server.url}/assignment_callback")
        task = spanish_task(team, "02")
        move(team, "Idle")
        wait_for(lambda: task.fetch().assignment_status == "assigned")
        not_right(check.accepted(bare), "the web server of notebook 03 accepted it")
        server.stop()

    def test_the_server_of_notebook_03_has_gone(self, bare, team):
        team.workflow.update(assignment_callback_url="http://127.0.0.1:9/assignment_callback")
        task = spanish_task(team, "02")
        move(team, "Idle")
        wait_for(lambda: task.reservations.list(reservation_status="canceled"))
        move(team, "Offline")
        verdict = check.reserved(bare)
        not_right(verdict, "TaskRouter canceled", "nobody listens at 127.0.0.1:9")
        assert 'assignment_callback_url=""' in verdict.solution

    def test_accepted(self, bare, team):
        task = spanish_task(team, "02")
        not_yet(check.accepted(bare), "Click Idle")
        move(team, "Idle")
        not_yet(check.accepted(bare), "waits for a yes")

        (reservation,) = task.reservations.list()
        reservation.reservation_status = "accepted"  # an attribute, and no update
        not_yet(check.accepted(bare), "waits for a yes")
        reservation.update(reservation_status="rejected")
        not_yet(check.accepted(bare), "A reservation was rejected, so TaskRouter made another")

        accept(task)
        right(check.accepted(bare), "Alice is Busy")

        move(team, "Offline")
        not_right(check.accepted(bare), "Alice is Offline, not Busy")

    def test_completed(self, bare, team):
        task = spanish_task(team, "02")
        not_yet(check.completed(bare), "Click Idle")
        move(team, "Idle")
        accept(task)
        not_yet(check.completed(bare), "is assigned")

        task.update(assignment_status="completed", reason="Answered")
        not_right(check.completed(bare), "still Busy")

        move(team, "Offline")
        right(check.completed(bare), "Alice is Offline")

    def test_urgent_task(self, bare, team):
        spanish_task(team, "02").update(assignment_status="canceled")
        not_yet(check.urgent_task(bare), "no task of this page with a priority")

        attributes = {"selected_language": "es", "lesson": "02"}
        create = functools.partial(team.workspace.tasks.create, workflow_sid=team.workflow.sid)
        mistaken = create(attributes=json.dumps(attributes | {"priority": 10}))
        not_right(check.urgent_task(bare), "in the task's attributes")
        mistaken.update(assignment_status="canceled")

        create(attributes=json.dumps(attributes), priority=10).update(assignment_status="canceled", reason="A slip")
        not_yet(check.urgent_task(bare), "was canceled (A slip)")

        task = create(attributes=json.dumps(attributes), priority=10)
        not_yet(check.urgent_task(bare), "Click Idle")

        move(team, "Idle")
        not_yet(check.urgent_task(bare), "is reserved")

        accept(task)
        not_yet(check.urgent_task(bare), "is assigned")

        task.update(assignment_status="completed", reason="Answered")
        verdict = check.urgent_task(bare)
        not_yet(verdict, "still Busy")
        assert "by an update of `alice`" in verdict.hints[0]

        move(team, "Offline")
        right(check.urgent_task(bare), "priority 10", "Alice is Offline")

    def test_urgent_tasks_of_earlier_runs_come_first(self, bare, team):
        names = {"workflow": team.workflow, "tasks": team.workspace.tasks, "team": team, "alice": team.alice}
        names |= {"json": json, "found": found, "attributes": '{"selected_language": "es", "lesson": "02"}'}
        settings = {"workflow_sid": team.workflow.sid, "attributes": names["attributes"], "priority": 10}
        for _ in range(2):  # the learner writes the cell step by step
            team.workspace.tasks.create(**settings)
        not_right(check.urgent_task(bare), "urgent tasks of earlier runs of your cell are open", ": 1.")
        team.alice.update(activity_sid=team.activities["Idle"].sid)
        verdict = check.urgent_task(bare)
        not_right(verdict, ": 1.")
        exec(verdict.solution, names)
        right(check.urgent_task(bare), "priority 10", "Alice is Offline")

    def test_the_first_customer_has_alice_as_nothing_is_urgent(self, bare, team):
        names = {"team": team, "workflow": team.workflow, "alice": team.alice, "workspace": team.workspace}
        names |= {"tasks": team.workspace.tasks, "json": json, "found": found}
        names["attributes"] = json.dumps({"selected_language": "es", "lesson": "02"})
        exec(source_of("02-create-a-task", "your-urgent-task"), names)
        not_yet(check.urgent_task(bare), "no task of this page with a priority")
        names["tasks"].create(**names["settings"])  # an equal one
        move(team, "Idle")
        verdict = check.urgent_task(bare)
        not_right(verdict, "the first customer's task is reserved", "the older one is offered first")

        exec(verdict.solution, names)
        right(check.urgent_task(bare), "The customer who came first still waits")
        exec(URGENT_TASK, names)
        assert [one.assignment_status for one in names["tasks"].list(assignment_status="pending")] == ["pending"]

    def test_an_urgent_task_without_the_mark_of_the_page(self, bare, team):
        names = {"team": team, "workflow": team.workflow, "alice": team.alice, "workspace": team.workspace}
        names |= {"tasks": team.workspace.tasks, "json": json, "found": found}
        names["attributes"] = json.dumps({"selected_language": "es", "lesson": "02"})
        exec(source_of("02-create-a-task", "your-urgent-task"), names)
        own = {"selected_language": "es"}
        team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=json.dumps(own), priority=10)
        verdict = check.urgent_task(bare)
        not_right(verdict, "without the mark of this page", '"lesson": "02"')

        exec(verdict.solution, names)
        right(check.urgent_task(bare), "The customer who came first still waits")
