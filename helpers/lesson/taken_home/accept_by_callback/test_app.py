"""The app and the workspace on a TaskRouter of each test's own."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import app as application
import pytest
import set_up


@pytest.fixture
def workspace(taskrouter: Any, taskrouter_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The workspace, with the app at its callback address."""
    public_url = taskrouter_callbacks.url_for("")
    monkeypatch.setenv("PUBLIC_URL", public_url)
    taskrouter_callbacks.serve(application.app)
    settings = set_up.set_up(taskrouter.client, public_url)
    return taskrouter.client.taskrouter.v1.workspaces(settings["WORKSPACE_SID"])


def make_available(workspace: Any, name: str) -> None:
    (worker,) = workspace.workers.list(friendly_name=name)
    (idle,) = workspace.activities.list(friendly_name="Idle")
    worker.update(activity_sid=idle.sid)


def test_a_spanish_task_is_accepted_for_alice(workspace: Any, taskrouter: Any, taskrouter_callbacks: Any) -> None:
    task = workspace.tasks.create(attributes=json.dumps({"selected_language": "es"}))
    make_available(workspace, "Alice")
    (asked,) = taskrouter_callbacks.wait_for("/assignment_callback")
    assert asked.is_signed
    taskrouter.wait_for_webhooks()
    assert task.fetch().assignment_status == "assigned"


def test_what_twilio_has_not_signed_is_refused(workspace: Any, taskrouter_callbacks: Any) -> None:
    address = taskrouter_callbacks.url_for("/assignment_callback")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(address, data=b"TaskSid=WT1"), timeout=30)
    refused.value.close()
    assert refused.value.code == 403


def test_setting_up_twice_changes_nothing(workspace: Any, taskrouter: Any, taskrouter_callbacks: Any) -> None:
    def parts() -> list[str]:
        kinds = (workspace.activities, workspace.workers, workspace.task_queues, workspace.workflows)
        return [one.sid for kind in kinds for one in kind.list()]

    before = parts()
    assert set_up.set_up(taskrouter.client, taskrouter_callbacks.url_for(""))["WORKSPACE_SID"] == workspace.fetch().sid
    assert parts() == before
