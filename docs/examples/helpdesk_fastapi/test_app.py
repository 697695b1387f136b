"""The asynchronous help desk on a TaskRouter of each test's own; its customers come over HTTP as well."""

import json
import urllib.request

import pytest
from helpdesk_fastapi import app as helpdesk


@pytest.fixture
def url(taskrouter_callbacks):
    """Where the application answers, for customers and for TaskRouter."""
    helpdesk.waiting.clear()
    return taskrouter_callbacks.serve(helpdesk.app)


@pytest.fixture
def team(url, taskrouter_workspace, monkeypatch):
    team = taskrouter_workspace("../team.json")
    monkeypatch.setenv("WORKSPACE_SID", team.workspace.sid)
    return team


def ask(url, path, body=None):
    data = json.dumps(body).encode() if body is not None else None
    with urllib.request.urlopen(urllib.request.Request(url + path, data), timeout=30) as answer:
        return json.load(answer)


def test_the_board_follows_a_ticket(url, team, taskrouter, taskrouter_callbacks):
    ask(url, "/tickets", {"language": "es", "text": "Hola"})
    ask(url, "/tickets", {"language": "en", "text": "Hello"})
    taskrouter.wait_for_webhooks()
    assert ask(url, "/waiting") == ["Hello", "Hola"]

    team.set_activity("Bob", "Idle")
    taskrouter_callbacks.wait_for("/assignment")
    taskrouter.wait_for_webhooks()
    assert ask(url, "/waiting") == ["Hola"]
    assert all(each.is_signed for each in taskrouter_callbacks.of("/events"))


@pytest.mark.parametrize("fault", ["twice", "out-of-order"])
def test_the_board_bears_what_the_network_does(url, team, taskrouter, taskrouter_callbacks, fault):
    taskrouter.faults.order(deliveries=fault, kind="event", first=2)
    ask(url, "/tickets", {"language": "es", "text": "Hola"})
    taskrouter.wait_for_webhooks()
    assert ask(url, "/waiting") == ["Hola"]
