"""A workspace as a file: made of it, read from it, and every mistake in it named."""

from __future__ import annotations

import json
import re

import pytest

from taskrouter_sandbox import snapshot
from taskrouter_sandbox.snapshot import SnapshotError

TEAM = {
    "format": "taskrouter-snapshot/1",
    "workspace": {
        "friendly_name": "Support",
        "multi_task_enabled": False,
        "default_activity": "Away",
        "timeout_activity": "Away",
        "event_callback_url": "https://example.com/events",
        "events_filter": ["task.created", "task.completed"],
    },
    "activities": [
        {"friendly_name": "Away"},
        {"friendly_name": "Unavailable", "available": True},  # a new workspace has one that is not
        {"friendly_name": "Busy"},
    ],
    "task_channels": [
        {"unique_name": "default", "friendly_name": "Any other"},
        {"unique_name": "letters", "friendly_name": "Letters", "channel_optimized_routing": True},
    ],
    "task_queues": [
        {"friendly_name": "Spanish", "target_workers": 'languages HAS "es"', "assignment_activity": "Busy"},
        {"friendly_name": "Everyone", "max_reserved_workers": 2, "task_order": "LIFO"},
    ],
    "workflows": [
        {
            "friendly_name": "Flow",
            "configuration": {
                "task_routing": {
                    "filters": [
                        {
                            "filter_friendly_name": "Spanish",
                            "expression": "language == 'es'",
                            "targets": [{"queue": "Spanish", "timeout": 30}, {"queue": "Everyone"}],
                        }
                    ],
                    "default_filter": {"queue": "Everyone"},
                }
            },
            "assignment_callback_url": "https://example.com/assignment",
            "task_reservation_timeout": 20,
        }
    ],
    "workers": [
        {
            "friendly_name": "Zoë",
            "activity": "Unavailable",
            "attributes": {"languages": ["es"]},
            "channels": {"letters": {"capacity": 3}, "voice": {"available": False}},
        },
        {"friendly_name": "Bob", "activity": "Away"},
    ],
}


def changed(**parts):
    return json.dumps(TEAM | parts)


def test_what_is_made_reads_as_it_was_written(client):
    workspace = snapshot.create(client, snapshot.decode(json.dumps(TEAM)))
    read = json.loads(snapshot.encode(snapshot.read(client, workspace.sid)))
    assert read == TEAM


def test_its_references_are_those_of_the_new_workspace(client):
    workspace = snapshot.create(client, snapshot.decode(json.dumps(TEAM)))
    queues = {queue.friendly_name: queue.sid for queue in workspace.task_queues.list()}
    (workflow,) = workspace.workflows.list()
    routing = json.loads(workflow.configuration)["task_routing"]
    assert routing["default_filter"]["queue"] == queues["Everyone"]
    task = workspace.tasks.create(attributes='{"language": "es"}')
    assert task.fetch().task_queue_friendly_name == "Spanish"
    assert task.reservations.list()[0].worker_name == "Zoë"
    assert {each.friendly_name for each in workspace.activities.list()} == {"Away", "Unavailable", "Busy"}


def test_attributes_are_sent_as_short_as_they_can_be(client):
    """TaskRouter takes 4,096 characters, blanks and escapes counted."""
    attributes = {"name": "é" * 4_000, "list": [1] * 30}
    workers = [{"friendly_name": "Zoë", "attributes": attributes}]
    wanted = {"format": "taskrouter-snapshot/1", "workspace": {"friendly_name": "Long"}, "workers": workers}
    made = snapshot.create(client, snapshot.decode(json.dumps(wanted)))
    (worker,) = made.workers.list()
    assert json.loads(worker.attributes) == attributes


def test_a_file_goes_there_and_back(tmp_path):
    made = snapshot.decode(json.dumps(TEAM))
    snapshot.save(made, tmp_path / "team.json")
    text = (tmp_path / "team.json").read_text(encoding="utf-8")
    assert '\n    {"friendly_name": "Away"},\n    {"friendly_name": "Unavailable", "available": true},\n' in text
    assert '"friendly_name": "Zoë"' in text
    assert max(map(len, text.splitlines())) <= 100
    assert snapshot.load(tmp_path / "team.json") == made
    assert json.loads(text) == TEAM


def test_the_smallest_one(client):
    made = snapshot.decode('{"format": "taskrouter-snapshot/1", "workspace": {"friendly_name": "Bare"}}')
    workspace = snapshot.create(client, made)
    assert [each.friendly_name for each in workspace.activities.list()] == ["Offline", "Available", "Unavailable"]


class TestAddresses:
    def test_a_path_leads_where_the_caller_says(self, client):
        workflow = TEAM["workflows"][0] | {"assignment_callback_url": "/assignment"}
        team = snapshot.decode(changed(workflows=[workflow]))
        workspace = snapshot.create(client, team, callbacks="http://127.0.0.1:5000")
        assert workspace.workflows.list()[0].assignment_callback_url == "http://127.0.0.1:5000/assignment"

    @pytest.mark.parametrize(
        ("url", "led"),
        [
            ("/app/assignment", "https://example.com/app/assignment"),
            ("/application/assignment", "https://example.com/app/application/assignment"),
        ],
    )
    def test_a_path_in_front_stands_there_once(self, client, url, led):
        team = snapshot.decode(changed(workflows=[TEAM["workflows"][0] | {"assignment_callback_url": url}]))
        workspace = snapshot.create(client, team, callbacks="https://example.com/app")
        assert workspace.workflows.list()[0].assignment_callback_url == led

    @pytest.mark.parametrize(
        ("callbacks", "led"),
        [
            ("https://me:pw@example.com/app/", "https://me:pw@example.com/app/assignment?a=1"),
            ("HTTP://[::1]:5000", "http://[::1]:5000/assignment?a=1"),
            ("nowhere", None),
            ("example.com:5000", None),
            ("/app", None),
            ("https://", None),
            ("https://example.com?b=2", None),
            ("", None),
        ],
    )
    def test_where_that_is_must_be_an_address(self, client, callbacks, led):
        """With a path of its own that stays in front, as of an application that is mounted there."""
        workflow = TEAM["workflows"][0] | {"assignment_callback_url": "/assignment?a=1"}
        team = snapshot.decode(changed(workflows=[workflow]))
        if led is None:
            with pytest.raises(SnapshotError, match=f"callbacks must say where .*it was {re.escape(repr(callbacks))}"):
                snapshot.create(client, team, callbacks=callbacks)
            assert client.taskrouter.v1.workspaces.list() == []
        else:
            workspace = snapshot.create(client, team, callbacks=callbacks)
            assert workspace.workflows.list()[0].assignment_callback_url == led

    def test_and_nothing_is_made_where_nobody_says(self, client):
        team = snapshot.decode(changed(workspace=TEAM["workspace"] | {"event_callback_url": "/events"}))
        with pytest.raises(SnapshotError, match=r"workspace.event_callback_url is '/events': say where it leads"):
            snapshot.create(client, team)
        assert client.taskrouter.v1.workspaces.list() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "team.json is not JSON: Expecting property name"),
        ("[]", 'it must be an object with "format": "taskrouter-snapshot/1"'),
        (
            changed(format="taskrouter-snapshot/9"),
            "format: 'taskrouter-snapshot/9' is not accepted there; it may be taskrouter-snapshot/1",
        ),
        (changed(workers=[{}]), "workers[0]: it needs the field `friendly_name`"),
        (
            changed(workers=[{"friendly_name": "A", "activty": "Away"}]),
            "workers[0]: there is the unknown field `activty`; there is friendly_name, activity, attributes, channels",
        ),
        (
            changed(workers=[{"friendly_name": "A", "channels": {"voice": {"capacty": 2}}}]),
            "there is the unknown field `capacty`; there is capacity, available",
        ),
        (changed(people=[]), "there is the unknown field `people`; there is format, workspace, activities"),
        (
            changed(workflows=[TEAM["workflows"][0] | {"task_reservation_timeout": "20"}]),
            "workflows[0].task_reservation_timeout: Expected a whole number, got a text",
        ),
        (
            changed(task_queues=[TEAM["task_queues"][0] | {"task_order": "fifo"}]),
            "task_queues[0].task_order: 'fifo' is not accepted there; it may be FIFO or LIFO",
        ),
        (
            changed(workspace=TEAM["workspace"] | {"prioritize_queue_order": "L"}),
            "workspace.prioritize_queue_order: 'L' is not accepted there; it may be FIFO or LIFO",
        ),
        (changed(workers=["Alice"]), "workers[0]: Expected an object, got a text"),
        (
            changed(activities=[{"friendly_name": "Idle", "available": 1}]),
            "activities[0].available: Expected true or false, got a whole number",
        ),
        (
            changed(workers=[{"friendly_name": "A", "activity": "Idel"}]),
            "workers[0].activity: 'Idel' is not there; there is Away, Unavailable, Busy",
        ),
        (
            changed(workers=[{"friendly_name": "A", "channels": {"fax": {}}}]),
            "workers[0].channels: 'fax' is not there; there is default, voice, sms, video, chat",
        ),
        (
            changed(task_queues=TEAM["task_queues"][:1]),
            "configuration.task_routing.filters[0].targets[1].queue: 'Everyone' is not there; there is Spanish",
        ),
        (changed(workers=[{"friendly_name": "A"}] * 2), "workers: 'A' is there 2 times"),
        (changed(workspace={"friendly_name": "W"}), "workspace.default_activity: 'Offline' is not there"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_is_accepted(text, words):
    with pytest.raises(SnapshotError) as caught:
        snapshot.decode(text, "team.json")
    assert words in str(caught.value)
    assert str(caught.value).startswith("team.json")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SnapshotError, match=r"none.json cannot be read: .*No such file"):
        snapshot.load(tmp_path / "none.json")


def test_every_mistake_is_said(tmp_path):
    with pytest.raises(SnapshotError) as caught:
        snapshot.decode(changed(workers=[{"friendly_name": n, "activity": "No"} for n in "AB"]))
    assert str(caught.value).count("'No' is not there") == 2
