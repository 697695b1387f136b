"""Alice and her workspace on the sandbox, and widgets that are closed when a test ends."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace import WorkspaceInstance
from twilio.rest.taskrouter.v1.workspace.task import TaskInstance
from twilio.rest.taskrouter.v1.workspace.worker import WorkerInstance


@pytest.fixture(autouse=True)
def _closed(closed_at_the_end: None) -> None:
    """Nothing of a test goes on after it."""


@dataclass
class Scene:
    """A workspace in which Alice, once Idle, is given Spanish tasks."""

    client: Client
    workspace: WorkspaceInstance
    alice: WorkerInstance
    activities: dict[str, str]

    def task(self, **attributes: object) -> TaskInstance:
        """A new Spanish task, with these attributes besides."""
        text = json.dumps({"selected_language": "es"} | attributes)
        return self.workspace.tasks.create(attributes=text)

    def move(self, activity: str) -> WorkerInstance:
        """Alice's activity is changed by somebody else."""
        return self.alice.update(activity_sid=self.activities[activity])


@pytest.fixture
def scene(client: Client, workspace: WorkspaceInstance) -> Scene:
    def activity(name: str, available: bool) -> str:
        return workspace.activities.create(friendly_name=name, available=available).sid

    activities = {name: activity(name, name == "Idle") for name in ("Idle", "Busy", "Reserved")}
    activities |= {each.friendly_name: each.sid for each in workspace.activities.list()}
    queue = workspace.task_queues.create(
        friendly_name="Spanish",
        target_workers='languages HAS "es"',
        reservation_activity_sid=activities["Reserved"],
        assignment_activity_sid=activities["Busy"],
    )
    routing = {"task_routing": {"default_filter": {"queue": queue.sid}}}
    workspace.workflows.create(friendly_name="All", configuration=json.dumps(routing))
    alice = workspace.workers.create(friendly_name="Alice", attributes=json.dumps({"languages": ["en", "es"]}))
    return Scene(client, workspace, alice, activities)
