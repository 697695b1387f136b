"""The hotline on a TaskRouter of each test's own, with simulated phones."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import app as application
import pytest
import set_up

SECONDS = 60.0


@pytest.fixture
def number(taskrouter: Any) -> str:
    """The number of the account."""
    (number,) = taskrouter.client.incoming_phone_numbers.list()
    return number.phone_number


@pytest.fixture
def workspace(number: str, taskrouter: Any, taskrouter_callbacks: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The workspace, with the app at the addresses of its workflow and of the number."""
    public_url = taskrouter_callbacks.url_for("")
    settings = set_up.set_up(taskrouter.client, public_url)
    for name, value in (settings | {"PUBLIC_URL": public_url, "PHONE_NUMBER": number}).items():
        monkeypatch.setenv(name, value)
    taskrouter_callbacks.serve(application.app)
    set_up.lead_number(taskrouter.client, number, public_url)
    return taskrouter.client.taskrouter.v1.workspaces(settings["WORKSPACE_SID"])


def until(condition: Callable[[], Any]) -> Any:
    """Wait until something is true, and give it."""
    limit = time.monotonic() + SECONDS
    while not (found := condition()):
        assert time.monotonic() < limit
        time.sleep(0.02)
    return found


def press(taskrouter: Any, number: str, digit: str) -> str:
    """Call the number and press a key, as soon as the menu waits for one. Gives the call's SID."""
    call = taskrouter.calls.dial(number)["sid"]
    until(lambda: taskrouter.calls.fetch(call)["waits_for"] == "keys")
    taskrouter.calls.press(call, digit)
    return call


def make_available(workspace: Any, name: str) -> None:
    (worker,) = workspace.workers.list(friendly_name=name)
    (idle,) = workspace.activities.list(friendly_name="Idle")
    worker.update(activity_sid=idle.sid)


def test_a_caller_who_presses_1_talks_to_alice(workspace: Any, number: str, taskrouter: Any) -> None:
    call = press(taskrouter, number, "1")
    (task,) = until(lambda: workspace.tasks.list())
    assert json.loads(task.attributes)["selected_language"] == "es"
    (alice,) = workspace.workers.list(friendly_name="Alice")
    taskrouter.phones.set(json.loads(alice.attributes)["contact_uri"], "after", seconds=0)
    make_available(workspace, "Alice")
    until(lambda: task.fetch().assignment_status == "assigned")
    until(lambda: len(taskrouter.calls.list()) == 2)

    taskrouter.calls.hang_up(call)
    until(lambda: alice.fetch().activity_name == "WrapUp")


def test_another_key_is_for_english(workspace: Any, number: str, taskrouter: Any) -> None:
    press(taskrouter, number, "2")
    (task,) = until(lambda: workspace.tasks.list())
    assert json.loads(task.attributes)["selected_language"] == "en"


@pytest.mark.parametrize("path", ["/incoming_call", "/enqueue_call", "/assignment_callback"])
def test_what_twilio_has_not_signed_is_refused(path: str, workspace: Any, taskrouter_callbacks: Any) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(taskrouter_callbacks.url_for(path), data=b"Digits=1"), timeout=30)
    refused.value.close()
    assert refused.value.code == 403
