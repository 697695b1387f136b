"""Every resource through the real client: create, fetch, update, list, delete (rest-contract.md §3 to §10)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from twilio.base.exceptions import TwilioException, TwilioRestException

from tests.sandbox.conftest import SPANISH


def refused(call, *args, status=400, code=20001, **kwargs) -> str:
    """The sentence with which a call is refused."""
    with pytest.raises(TwilioRestException) as caught:
        call(*args, **kwargs)
    assert (caught.value.status, caught.value.code) == (status, code)
    return caught.value.msg


def names(resources) -> list[str]:
    return [resource.friendly_name for resource in resources]


DUMPS = "a dict has to go through json.dumps first"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"selected_language": "es", "level": 2}, f"came 2 times: {DUMPS}; it was 'selected_language, level'"),
        ({"7": 1, "8": 2}, f"came 2 times: {DUMPS}; it was '7, 8'"),
        ({"selected_language": "es"}, f"must be JSON: {DUMPS}; it was 'selected_language'"),
        (str({"selected_language": "es"}), f"must be JSON: {DUMPS}"),
    ],
    ids=["two keys", "numbers as keys", "one key", "str of a dict"],
)
class TestDictsThatAreSentAsTheyAre:
    """§1: twilio-python makes no JSON of a dict; the form then has its keys."""

    def test_attributes(self, cast, value, words):
        tasks, workers = cast.workspace.tasks, cast.workspace.workers
        task = tasks.create(attributes=SPANISH)
        for call in (tasks.create, task.update, cast.alice.update):
            assert f"Attributes: {words}" in refused(call, attributes=value)
        assert f"Attributes: {words}" in refused(workers.create, "Carol", attributes=value)

    def test_configurations(self, cast, value, words):
        assert f"Configuration: {words}" in refused(cast.workspace.workflows.create, "W", configuration=value)
        assert f"Configuration: {words}" in refused(cast.workflow.update, configuration=value)

    def test_attributes_that_are_tried_on_queues(self, cast, value, words):
        with pytest.raises(TwilioException) as caught:
            cast.workspace.task_queues.list(evaluate_worker_attributes=value)
        assert f"EvaluateWorkerAttributes: {words}" in caught.value.args[1].text


class TestWorkspaces:
    def test_a_new_one_has_what_its_template_brings(self, client):
        """§7."""
        plain = client.taskrouter.v1.workspaces.create(friendly_name="Plain")
        assert names(plain.activities.list()) == ["Offline", "Available", "Unavailable"]
        assert [a.available for a in plain.activities.list()] == [False, True, False]
        assert [c.unique_name for c in plain.task_channels.list()] == ["default", "voice", "sms", "video", "chat"]
        assert plain.multi_task_enabled is True
        assert plain.default_activity_name == plain.timeout_activity_name == "Offline"
        assert plain.event_callback_url == ""
        assert plain.events_filter is None
        assert plain.prioritize_queue_order == "FIFO"
        assert plain.task_queues.list() == plain.workflows.list() == plain.workers.list() == []
        fifo = client.taskrouter.v1.workspaces.create(friendly_name="Fifo", template="FIFO")
        assert names(fifo.task_queues.list()) == ["Sample Queue"]
        assert names(fifo.workflows.list()) == ["Default Fifo Workflow"]

    def test_it_is_updated_field_by_field(self, workspace):
        idle = workspace.activities.create("Idle", available=True)
        after = workspace.update(default_activity_sid=idle.sid, event_callback_url="https://example.com/events")
        assert after.default_activity_name == "Idle"
        assert after.timeout_activity_name == "Offline"
        assert after.friendly_name == "Test"
        assert workspace.workers.create("Alice").activity_name == "Idle"

    def test_multitasking_cannot_be_turned_off(self, client):
        """§9.4."""
        modern = client.taskrouter.v1.workspaces.create(friendly_name="Modern")
        assert "cannot be turned off" in refused(modern.update, multi_task_enabled=False)

    def test_deleting_it_takes_everything_along(self, client, cast):
        """§8."""
        assert cast.workspace.delete() is True
        refused(cast.workspace.fetch, status=404, code=20404)
        refused(cast.alice.fetch, status=404, code=20404)
        assert client.taskrouter.v1.workspaces.list() == []

    def test_they_are_listed_by_name(self, client):
        for name in ("One", "Two", "One"):
            client.taskrouter.v1.workspaces.create(friendly_name=name)
        assert names(client.taskrouter.v1.workspaces.list(friendly_name="One")) == ["One", "One"]
        assert client.taskrouter.v1.workspaces.list(friendly_name="Three") == []


class TestActivities:
    def test_whether_it_is_available_is_fixed_for_life(self, workspace):
        """§4.2, §9.4."""
        lunch = workspace.activities.create("Lunch")
        assert lunch.available is False
        assert lunch.update(friendly_name="Break").available is False
        assert names(workspace.activities.list(available="true")) == ["Available"]

    def test_one_in_use_cannot_be_deleted(self, cast):
        """§8."""
        offline, reserved = cast.activities["Offline"], cast.activities["Reserved"]
        assert "default or timeout activity" in refused(offline.delete)
        assert "TaskQueue Customer Care Requests - Spanish uses it" in refused(reserved.delete)
        cast.alice.update(activity_sid=cast.activities["Unavailable"].sid)
        assert "Worker Alice is in it" in refused(cast.activities["Unavailable"].delete)
        assert cast.activities["Available"].delete() is True

    def test_names_are_unique(self, workspace):
        assert "Activity named Offline already exists" in refused(workspace.activities.create, "Offline")


class TestWorkers:
    def test_attributes_come_back_compact_with_their_keys_in_order(self, workspace):
        worker = workspace.workers.create("Alice", attributes='{ "z": 1, "a": {"b": "ñ"},\n "l": [1, 2] }')
        assert worker.attributes == '{"z":1,"a":{"b":"ñ"},"l":[1,2]}'
        assert worker.available is False
        assert worker.date_created.tzinfo is not None

    @pytest.mark.parametrize(
        ("attributes", "words"),
        [("{", "not valid JSON"), ("[1]", "must be a JSON object"), ('{"a": NaN}', "NaN is not JSON"),
         (json.dumps({"a": "x" * 5000}), "at most 4096")],
    )  # fmt: skip
    def test_attributes_that_are_none(self, workspace, attributes, words):
        assert words in refused(workspace.workers.create, "Alice", attributes=attributes)

    def test_names_are_unique_in_any_spelling(self, cast):
        """§9.2."""
        assert "Worker with the same friendly name already exists" in refused(cast.workspace.workers.create, "ALICE")

    def test_the_name_is_needed(self, workspace):
        assert "FriendlyName field is required" in refused(workspace.workers.create, None)

    def test_filters(self, cast):
        """§4.8, §10."""
        workers = cast.workspace.workers
        cast.bob.update(activity_sid=cast.activities["Idle"].sid)
        assert names(workers.list(activity_name="Idle")) == ["Bob"]
        assert names(workers.list(available="false")) == ["Alice"]
        assert names(workers.list(friendly_name="Alice")) == ["Alice"]
        assert names(workers.list(target_workers_expression='languages HAS "es"')) == ["Alice"]
        assert names(workers.list(target_workers_expression=f'sid IN ["{cast.bob.sid}"]')) == ["Bob"]
        assert names(workers.list(task_queue_name="Customer Care Requests - Spanish")) == ["Alice"]
        assert names(workers.list(ordering="DateStatusChanged:desc")) == ["Bob", "Alice"]
        with pytest.raises(TwilioException, match="Unable to fetch page") as caught:
            workers.list(target_workers_expression="languages HAZ 1")
        assert "unknown operator" in caught.value.args[1].text

    def test_one_that_could_be_given_tasks_cannot_be_deleted(self, cast):
        """§8."""
        cast.bob.update(activity_sid=cast.activities["Idle"].sid)
        assert "while it is available" in refused(cast.bob.delete)
        cast.bob.update(activity_sid=cast.activities["Offline"].sid)
        assert cast.bob.delete() is True
        assert names(cast.workspace.workers.list(task_queue_sid=cast.queues["en"].sid)) == ["Alice"]

    def test_pending_reservations_can_be_rejected_on_the_way_out(self, cast):
        """§9.2."""
        task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        idle = cast.activities["Idle"].sid
        words = refused(cast.alice.update, activity_sid=idle, reject_pending_reservations=True)
        assert "Unable to reject pending reservations when updating to an Available activity state." in words
        cast.alice.update(activity_sid=cast.activities["Offline"].sid, reject_pending_reservations=True)
        assert task.reservations.list()[0].reservation_status == "rejected"
        assert task.fetch().assignment_status == "pending"

    def test_channels(self, cast):
        """§5.10, §9.4: found by SID or unique name; no capacity, no task."""
        channels = cast.alice.worker_channels
        assert [(c.task_channel_unique_name, c.configured_capacity, c.available) for c in channels.list()] == [
            (name, 1, True) for name in ("default", "voice", "sms", "video", "chat")
        ]
        channel = cast.workspace.workers(cast.alice.sid).worker_channels("default").update(capacity=0)
        assert (channel.configured_capacity, channel.available_capacity_percentage) == (0, 0)
        task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
        cast.alice.update(activity_sid=cast.activities["Idle"].sid)
        assert task.fetch().assignment_status == "pending"
        channel = channel.update(capacity=2)
        assert task.fetch().assignment_status == "reserved"
        assert channel.fetch().available_capacity_percentage == 50


class TestTaskChannels:
    def test_lifecycle(self, cast):
        """§4.6, §7: every worker has a channel for it at once."""
        channel = cast.workspace.task_channels.create("E-mail", "email")
        assert channel.channel_optimized_routing is False
        assert cast.workspace.task_channels("email").fetch().sid == channel.sid
        assert [c.task_channel_unique_name for c in cast.alice.worker_channels.list()][-1] == "email"
        assert "already exists" in refused(cast.workspace.task_channels.create, "Other", "email")
        assert channel.update(friendly_name="Mail").friendly_name == "Mail"
        assert channel.delete() is True
        assert len(cast.alice.worker_channels.list()) == 5
        default = cast.workspace.task_channels("default").fetch()
        assert "cannot be deleted" in refused(default.delete)


class TestTaskQueues:
    def test_defaults_and_settings(self, cast):
        """§5.8."""
        plain = cast.workspace.task_queues.create("Plain")
        assert (plain.target_workers, plain.max_reserved_workers, plain.task_order) == ("1==1", 1, "FIFO")
        assert plain.reservation_activity_sid is None
        spanish = cast.queues["es"]
        assert (spanish.reservation_activity_name, spanish.assignment_activity_name) == ("Reserved", "Busy")
        assert spanish.update(reservation_activity_sid="").reservation_activity_name is None

    def test_names_are_unique(self, cast):
        """§9.4, the real text."""
        words = refused(cast.workspace.task_queues.create, cast.queues["es"].friendly_name)
        workspace = cast.workspace
        assert words.endswith(
            f"Queue named Customer Care Requests - Spanish already exists for workspace {workspace.sid} "
            f"for account {workspace.account_sid}"
        )

    def test_the_expression_is_checked_and_decides_the_members(self, cast):
        queue = cast.workspace.task_queues.create("All")
        assert "unknown operator" in refused(queue.update, target_workers="languages HAZ 'es'")
        assert "TargetWorkers" in refused(queue.update, target_workers="skill-level > 3")
        queue.update(target_workers='languages HAS "es"')
        assert names(cast.workspace.workers.list(task_queue_sid=queue.sid)) == ["Alice"]

    def test_filters(self, cast):
        """§10.7."""
        queues = cast.workspace.task_queues
        assert len(queues.list(worker_sid=cast.alice.sid)) == 2
        assert names(queues.list(worker_sid=cast.bob.sid)) == ["Customer Care Requests - English"]
        found = queues.list(evaluate_worker_attributes='{"languages": ["es"]}')
        assert names(found) == ["Customer Care Requests - Spanish"]

    def test_one_in_use_cannot_be_deleted(self, cast):
        """§8."""
        assert "routes tasks to it" in refused(cast.queues["es"].delete)
        assert cast.workspace.task_queues.create("Spare").delete() is True


class TestWorkflows:
    def test_the_configuration_comes_back_compact_with_unknown_keys(self, cast):
        text = (
            f'{{ "task_routing": {{ "filters": [], "default_filter": {{"queue": "{cast.queues["en"].sid}", "x": 1}}}}}}'
        )
        workflow = cast.workspace.workflows.create("Other", text)
        assert workflow.configuration == text.replace(" ", "")
        assert workflow.task_reservation_timeout == 120
        assert workflow.assignment_callback_url == ""
        assert workflow.fallback_assignment_callback_url is None

    @pytest.mark.parametrize(
        ("configuration", "words"),
        [
            ("{", "not valid JSON"),
            ("[]", "task_routing"),
            ('{"task_routing": {"filters": [{}]}}', 'filters[0] needs an "expression"'),
            ('{"task_routing": {"filters": [{"expression": "1==1"}]}}', 'filters[0] needs "targets"'),
            ('{"task_routing": {"filters": [{"expression": "1==1", "targets": [{}]}]}}', 'needs a "queue"'),
            ('{"task_routing": {"filters": [{"expression": "a ==", "targets": [{}]}]}}', "filters[0].expression"),
            ('{"task_routing": {"default_filter": {"queue": "WQ00"}}}', "is not a TaskQueue of this workspace"),
            ('{"task_routing": {"filters": [{"expression": 7, "targets": [{}]}]}}', "must be a string"),
        ],
    )
    def test_a_wrong_configuration_is_refused_with_its_place(self, cast, configuration, words):
        assert words in refused(cast.workspace.workflows.create, "Other", configuration)
        before = cast.workflow.configuration
        assert words in refused(cast.workflow.update, configuration=configuration)
        assert cast.workflow.fetch().configuration == before

    def test_one_that_controls_tasks_cannot_be_deleted(self, cast):
        """§8."""
        task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
        assert f"still controls task {task.sid}" in refused(cast.workflow.delete)
        task.update(assignment_status="canceled", reason="test")
        assert cast.workflow.delete() is True

    def test_limits(self, cast):
        assert "TaskReservationTimeout" in refused(cast.workflow.update, task_reservation_timeout=86_401)
        assert "AssignmentCallbackUrl" in refused(cast.workflow.update, assignment_callback_url="not an address")


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
