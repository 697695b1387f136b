"""The resources of a workspace through the real client: create, fetch, update, list, delete (rest-contract.md §3)."""

from __future__ import annotations

import json

import pytest
from twilio.base.exceptions import TwilioException

from tests.sandbox.conftest import SPANISH
from tests.sandbox.refusal import refused


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
        (json.dumps(SPANISH), "must be a JSON object: json.dumps once is enough"),
    ],
    ids=["two keys", "numbers as keys", "one key", "str of a dict", "JSON of JSON"],
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
