"""The help desk on a TaskRouter of each test's own."""

import pytest
from helpdesk_flask.app import create_app


@pytest.fixture
def team(taskrouter_workspace):
    return taskrouter_workspace("../team.json")


@pytest.fixture
def at_lunch():
    return set()


@pytest.fixture
def browser(team, at_lunch, taskrouter_callbacks):
    """What a customer has: the application, which TaskRouter reaches, too."""
    app = create_app(team.workspace.sid, team.activities["Lunch"].sid, at_lunch)
    taskrouter_callbacks.serve(app)
    return app.test_client()


def status(team, answer):
    return team.workspace.tasks(answer.json["ticket"]).fetch().assignment_status


def test_a_ticket_waits_for_who_speaks_its_language(browser, team, taskrouter, taskrouter_callbacks):
    team.set_activity("Bob", "Idle")
    answer = browser.post("/tickets", json={"language": "es", "text": "Hola"})
    assert answer.status_code == 201
    assert status(team, answer) == "pending"  # Bob does not

    team.set_activity("Alice", "Idle")
    (asked,) = taskrouter_callbacks.wait_for("/assignment")
    assert asked.form["WorkerSid"] == team.workers["Alice"].sid
    taskrouter.wait_for_webhooks()
    assert status(team, answer) == "assigned"


def test_nobody_is_given_a_ticket_at_lunch(browser, team, at_lunch, taskrouter, taskrouter_callbacks):
    at_lunch.add(team.workers["Alice"].sid)
    team.set_activity("Alice", "Idle")
    answer = browser.post("/tickets", json={"language": "es"})
    taskrouter_callbacks.wait_for("/assignment")
    taskrouter.wait_for_webhooks()
    assert status(team, answer) == "pending"
    assert team.workers["Alice"].fetch().activity_name == "Lunch"


def test_forged_callbacks_are_refused(browser):
    assert browser.post("/assignment", data={"WorkerSid": "WK1"}).status_code == 403


def test_a_worker_who_does_not_answer_goes_offline(team, taskrouter, taskrouter_callbacks):
    taskrouter_callbacks.answer("/assignment", {})  # no instruction: a person would have to accept
    taskrouter_callbacks.answer("/events", None)
    alice = team.set_activity("Alice", "Idle")
    task = team.workspace.tasks.create(attributes='{"language": "es"}')
    taskrouter.clock.advance(seconds=29)
    assert task.fetch().assignment_status == "reserved"
    taskrouter.clock.advance(seconds=1)
    assert task.fetch().assignment_status == "pending"
    assert alice.fetch().activity_name == "Offline"


def test_customers_are_told_when_taskrouter_is_down(browser, taskrouter):
    taskrouter.faults.order(operation="CreateTask", status=503)
    answer = browser.post("/tickets", json={"language": "en"})
    assert (answer.status_code, answer.json["error"][:15]) == (503, "try again later")
    assert browser.post("/tickets", json={"language": "en"}).status_code == 201
