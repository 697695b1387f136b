"""Tasks, and what comes of them, through the real client: reservations, versions, events (rest-contract.md §4 on)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioException

from tests.sandbox.conftest import SPANISH
from tests.sandbox.refusal import refused


class TestTasks:
    def test_a_new_one(self, cast):
        """§5.4; without WorkflowSid when there is exactly one workflow."""
        task = cast.workspace.tasks.create(attributes=SPANISH, priority=5)
        assert (task.assignment_status, task.priority, task.timeout, task.age) == ("pending", 5, 86_400, 0)
        assert task.task_channel_unique_name == "default"
        assert task.workflow_friendly_name == "Incoming Customer Care Requests"
        assert task.virtual_start_time == task.date_created
        assert task.addons == "{}"
        assert task.reason is None

    def test_several_workflows_need_the_sid(self, cast):
        cast.workspace.workflows.create("Other", cast.workflow.configuration)
        assert "WorkflowSid field is required" in refused(cast.workspace.tasks.create, attributes=SPANISH)

    def test_a_channel_that_is_not_there(self, cast):
        words = refused(cast.workspace.tasks.create, attributes=SPANISH, task_channel="phone")
        assert "TaskChannel phone does not exist" in words
        assert "there is default, voice, sms, video, chat" in words

    def test_attributes_that_match_no_filter(self, cast):
        """§15, point 16: refused where the mistake is made."""
        words = refused(cast.workspace.tasks.create, attributes='{"selected_langauge": "es"}')
        assert "match no filter of Workflow Incoming Customer Care Requests" in words

    def test_status_moves_that_are_not_there(self, cast):
        """§9.1, the real texts."""
        task = cast.workspace.tasks.create(attributes=SPANISH)
        place = f"{task.sid} in workspace {cast.workspace.sid} for account {cast.workspace.account_sid}"
        assert f"Cannot complete task {place} because it is not currently assigned." in refused(
            task.update, assignment_status="completed", reason="x"
        )
        assert f"Cannot wrap up a task {place}" in refused(task.update, assignment_status="wrapping")
        assert "TaskRouter does that by itself" in refused(task.update, assignment_status="assigned")
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        task.reservations.list()[0].update(reservation_status="accepted")
        assert f"Cannot cancel task {place} because it is not pending or reserved." in refused(
            task.update, assignment_status="canceled", reason="x"
        )
        words = refused(task.update, assignment_status="completed", attributes="{}")
        assert "cannot be changed in one request" in words

    def test_wrapping(self, cast):
        task = cast.workspace.tasks.create(attributes=SPANISH)
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        reservation = task.reservations.list()[0].update(reservation_status="accepted")
        assert task.update(assignment_status="wrapping").assignment_status == "wrapping"
        assert reservation.fetch().reservation_status == "wrapping"
        assert task.update(assignment_status="completed", reason="ok").assignment_status == "completed"
        assert reservation.fetch().reservation_status == "completed"

    def test_canceling_gives_the_worker_back(self, cast):
        task = cast.workspace.tasks.create(attributes=SPANISH)
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        assert cast.alice.fetch().activity_name == "Reserved"
        assert task.update(assignment_status="canceled", reason="gone").reason == "gone"
        assert task.reservations.list()[0].reservation_status == "canceled"
        assert cast.alice.fetch().activity_name == "Idle"

    def test_deleting_in_any_state(self, cast):
        """§8."""
        task = cast.workspace.tasks.create(attributes=SPANISH)
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        task.reservations.list()[0].update(reservation_status="accepted")
        assert task.delete() is True
        refused(task.delete, status=404, code=20404)
        events = [e.event_type for e in cast.workspace.events.list(task_sid=task.sid)]
        assert events[:2] == ["task.deleted", "reservation.completed"]

    def test_filters_and_ordering(self, cast):
        """§4.4, §10.2 to §10.4."""
        tasks = cast.workspace.tasks
        spanish = [tasks.create(attributes=SPANISH, priority=p).sid for p in (1, 3, 2)]
        english = tasks.create(attributes='{"selected_language": "en"}').sid
        assert [t.sid for t in tasks.list()] == [*spanish, english]
        assert [t.sid for t in tasks.list(task_queue_sid=cast.queues["en"].sid)] == [english]
        assert [t.sid for t in tasks.list(priority=3)] == [spanish[1]]
        assert [t.sid for t in tasks.list(evaluate_task_attributes='selected_language == "en"')] == [english]
        assert [t.priority for t in tasks.list(ordering="Priority:desc")] == [3, 2, 1, 0]
        assert tasks.list(assignment_status=["assigned", "reserved"]) == []
        assert len(tasks.list(assignment_status=["pending,reserved"])) == 4
        assert tasks.list(task_queue_name="nobody") == []
        with pytest.raises(TwilioException):
            tasks.list(ordering="Age:asc")

    def test_virtual_start_time(self, cast):
        """§9.1: orders the queue; not in the future."""
        earlier = datetime.now(UTC) - timedelta(hours=1)
        first, second = (cast.workspace.tasks.create(attributes=SPANISH) for _ in range(2))
        second.update(virtual_start_time=earlier)
        later = datetime.now(UTC) + timedelta(hours=1)
        assert "in the future: times are UTC" in refused(first.update, virtual_start_time=later)
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        assert second.fetch().assignment_status == "reserved"
        assert first.fetch().assignment_status == "pending"

    def test_a_routing_target_goes_straight_there(self, cast):
        """§4.4: a worker is reserved whatever its activity, since IgnoreCapacity is then true by default."""
        task = cast.workspace.tasks.create(routing_target=cast.bob.sid)
        assert task.reservations.list()[0].worker_name == "Bob"
        queued = cast.workspace.tasks.create(routing_target=cast.queues["es"].sid)
        assert queued.task_queue_friendly_name == "Customer Care Requests - Spanish"


class TestVersions:
    def test_if_match(self, cast):
        """§1.1."""
        task = cast.workspace.tasks.create_with_http_info(attributes=SPANISH)
        assert task.headers["ETag"] == "0"
        sid = task.data.sid
        after = cast.workspace.tasks(sid).update_with_http_info(priority=1, if_match="0")
        assert after.headers["ETag"] == "1"
        assert "the version is 1" in refused(
            cast.workspace.tasks(sid).update, priority=2, if_match="0", status=412, code=20412
        )
        assert cast.workspace.tasks(sid).update(priority=2, if_match='"1"').priority == 2
        refused(cast.alice.update, friendly_name="A", if_match="9", status=412, code=20412)


class TestReservations:
    def test_both_faces(self, cast):
        """§5.5, §5.6: the same reservation below its task and below its worker."""
        task = cast.workspace.tasks.create(attributes=SPANISH)
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        (of_task,) = task.reservations.list(reservation_status="pending")
        (of_worker,) = cast.alice.reservations.list()
        assert of_task.sid == of_worker.sid
        assert f"/Tasks/{task.sid}/Reservations/" in of_task.url
        assert f"/Workers/{cast.alice.sid}/Reservations/" in of_worker.url
        assert task.reservations.list(worker_sid=cast.bob.sid) == []
        other = cast.workspace.tasks.create(attributes=SPANISH)
        refused(other.reservations(of_task.sid).fetch, status=404, code=20404)
        assert of_worker.update(reservation_status="accepted").reservation_status == "accepted"
        words = refused(of_task.update, reservation_status="rejected")
        text = f"Reservation {of_task.sid} is already in state [accepted] and cannot be updated to [rejected]"
        assert text in words

    def test_a_status_that_only_taskrouter_writes(self, cast):
        """What can be written instead depends on where the reservation is."""
        task = cast.workspace.tasks.create(attributes=SPANISH)
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        (reservation,) = task.reservations.list()
        for now, next_ in (("pending", "accepted or rejected"), ("accepted", "completed or wrapping")):
            if now != "pending":
                reservation.update(reservation_status=now)
            for wanted in ("pending", "timeout", "canceled", "rescinded"):
                words = refused(reservation.update, reservation_status=wanted)
                assert f"ReservationStatus cannot be set to {wanted}: TaskRouter does that by itself" in words
                assert f"From {now} it can be made {next_}." in words

    def test_the_first_of_several_wins(self, cast):
        """behaviour.md §2.2, MaxReservedWorkers: the others are rescinded and free again."""
        cast.queues["en"].update(max_reserved_workers=2)
        idle = cast.activities["Idle"].sid
        for worker in (cast.alice, cast.bob):
            worker.update(activity_sid=idle)
        task = cast.workspace.tasks.create(attributes='{"selected_language": "en"}')
        first, second = task.reservations.list()
        second.update(reservation_status="accepted")
        assert first.fetch().reservation_status == "rescinded"
        assert cast.alice.fetch().activity_name == "Idle"
        assert cast.bob.fetch().activity_name == "Busy"
        assert task.fetch().assignment_status == "assigned"


class TestAlerts:
    def test_a_known_agent_who_is_not_in_the_queue(self, cast, sandbox):
        """behaviour.md §5.4: alert 40152, as Twilio's debugger would show it."""
        step = {"queue": cast.queues["es"].sid, "known_worker_sid": "task.agent"}
        routing = {"task_routing": {"filters": [{"expression": "1==1", "targets": [step]}]}}
        workflow = cast.workspace.workflows.create("Known", json.dumps(routing))
        task = cast.workspace.tasks.create(workflow_sid=workflow.sid, attributes=f'{{"agent": "{cast.bob.sid}"}}')
        (alert,) = sandbox.alerts.list()
        assert (alert["code"], alert["subject_sid"]) == (40152, task.sid)

    def test_a_known_agent_of_another_workspace(self, client, cast, sandbox):
        """behaviour.md §5.4: alert 40155, while it is there; by name it is nobody."""
        other = client.taskrouter.v1.workspaces.create("Other")
        zoe = other.workers.create("Zoe")

        def alerted(key, value):
            step = {"queue": cast.queues["es"].sid, key: "task.agent"}
            routing = {"task_routing": {"filters": [{"expression": "1==1", "targets": [step]}]}}
            cast.workflow.update(configuration=json.dumps(routing))
            cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=json.dumps({"agent": value}))
            return sandbox.alerts.list(limit=1)[0]["code"]

        assert alerted("known_worker_sid", zoe.sid) == 40155
        assert alerted("known_worker_friendly_name", "Zoe") == 40154
        other.delete()
        assert alerted("known_worker_sid", zoe.sid) == 40154

    def test_an_expression_that_finds_nobody(self, cast, sandbox):
        """behaviour.md §6.5: the queue is made all the same."""
        queue = cast.workspace.task_queues.create("Quiet", target_workers='worker.languages HAS "es"')
        (alert,) = sandbox.alerts.list()
        assert (alert["code"], alert["level"], alert["subject_sid"]) == (20001, "warning", queue.sid)
        assert alert["workspace_sid"] == cast.workspace.sid
        assert "a queue names the worker's attributes without a prefix, so write languages" in alert["text"]


class TestEvents:
    def test_they_are_found_by_what_they_carry(self, cast):
        """§4.3, §10.9, §10.10."""
        task = cast.workspace.tasks.create(attributes=SPANISH)
        events = cast.workspace.events
        assert [e.event_type for e in events.list(task_sid=task.sid)] == [
            "workflow.entered", "task-queue.entered", "task.created", "workflow.target-matched",
        ]  # fmt: skip
        (created,) = events.list(event_type="task.created")
        assert created.event_data["task_attributes"] == '{"selected_language":"es"}'
        assert all(isinstance(value, str) for value in created.event_data.values())
        assert created.resource_sid == task.sid
        assert events(created.sid).fetch().description == f"Task {task.sid} created"
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        assert events.list(start_date=tomorrow) == []
        assert len(events.list(worker_sid=cast.bob.sid)) == 1
        refused(events("EV" + "0" * 32).fetch, status=404, code=20404)
