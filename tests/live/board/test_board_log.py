"""The board's witnesses, in the kernel: calls of the lesson, callbacks, alerts and warnings as rows of its log."""

from __future__ import annotations

import json

from fastapi import FastAPI

from helpers import expose, serve
from tests.live.board.clicks import click, steps
from tests.waiting import wait_for


def test_the_calls_of_the_lesson_are_steps_and_the_boards_own_reads_are_not(show, client, team):
    view = show()
    wait_for(lambda: view.state["how"].startswith("No event callback"))
    task = client.taskrouter.v1.workspaces(team.workspace.sid).tasks.create(
        workflow_sid=team.workflow.sid, attributes='{"selected_language":"es"}'
    )
    view.wait_until_drawn()
    calls = [each for each in steps(view) if each["kind"] == "call"]
    assert [each["label"].split("  ")[0] for each in calls] == ["POST Tasks"]
    assert calls[0]["task"] == task.sid
    assert "WorkflowSid=Incoming Customer Care Requests" in calls[0]["label"]
    states = [each["type"] for each in steps(view) if each["kind"] == "state" and each["task"] == task.sid]
    assert states[:2] == ["workflow.target-matched", "task.created"]


def test_no_credential_is_in_what_is_kept(show, client, team):
    view = show()
    team.workspace.fetch()
    view.wait_until_drawn()
    assert client.password not in json.dumps(view._everything())


def test_alerts_and_lost_callbacks_are_in_the_log_and_can_be_sent_again(show, server, team, task):
    view = show(server)
    team.workflow.update(assignment_callback_url=f"{expose(server)}/nothing_here")
    waiting = task()
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    wait_for(lambda: waiting.reservations.list(reservation_status="canceled"))

    def rows(of: str) -> list[dict]:
        return [each for each in view._everything()["rows"].values() if each["of"] == of]

    wait_for(lambda: any(row["code"] == 11200 for row in rows("alert")))
    row = wait_for(lambda: next((row for row in rows("call") if row.get("delivery")), None))
    before = len(server.log.entries())
    made = click(view, type="resend-webhook", delivery=row["delivery"])
    assert made["outcome"] == "done"
    wait_for(lambda: len(server.log.entries()) > before)


def test_a_callback_that_fails_is_one_row_that_counts(show, server, team, task):
    """It is offered again at once; the entries of before stay."""
    server.intercept(lambda path, form: 1 / 0)
    view = show(server)
    team.workflow.update(assignment_callback_url=f"{expose(server)}/assignment_callback")
    task()
    team.alice.update(activity_sid=team.activities["Idle"].sid)

    def rows() -> list[dict]:
        return list(view._everything()["rows"].values())

    wait_for(lambda: any(row["of"] == "call" and row["times"] > 2 for row in rows()))
    wait_for(lambda: any(row["of"] == "alert" and row["times"] > 2 for row in rows()))
    team.workflow.update(assignment_callback_url="")
    assert len(rows()) == 2


def test_a_warning_of_an_expression_that_never_matches_is_a_row_until_it_is_corrected(show, team):
    view = show()
    team.spanish.update(target_workers='worker.languages HAS "es"')

    def warnings() -> list[dict]:
        return [row for row in view._everything()["rows"].values() if row.get("about") == team.spanish.sid]

    (row,) = wait_for(warnings)
    assert (row["of"], row["level"]) == ("alert", "warning")
    assert "worker." in row["problem"]
    team.spanish.update(target_workers='languages HAS "es"')
    wait_for(lambda: [row["problem"] for row in warnings()] == [None])


def test_a_warning_of_an_answer_is_a_row_until_the_app_answers_better(show, server, team, task):
    answers = [{"answer": "accept"}, {"instruction": "accept"}]
    app = FastAPI()
    app.post("/assignment_callback")(lambda: answers.pop(0))
    view = show(server := serve(app, port=server.port))

    def problems() -> list[tuple[int, object]]:
        rows = view._everything()["rows"].values()
        return [(row["code"], row["problem"]) for row in rows if row["of"] == "alert"]

    team.workflow.update(assignment_callback_url=f"{server.url}/assignment_callback")
    waiting = task()
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    assert wait_for(problems) == [(40005, 'The answer has no "instruction"')]
    (reservation,) = waiting.reservations.list()
    reservation.update(reservation_status="rejected")
    wait_for(lambda: problems() == [(40005, None)])

    server.stop()
    view = show(serve(FastAPI(), port=0))  # as after a restart of the kernel: what was answered is in the sandbox alone
    wait_for(lambda: problems() == [(40005, None)])


def test_a_board_made_again_knows_what_its_server_answered(show, server, team, client):
    place = client.taskrouter.v1.workspaces(team.workspace.sid)
    team.workflow.update(assignment_callback_url=f"{expose(server)}/assignment_callback")
    show(server)
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    for _ in range(55):
        task = place.tasks.create(workflow_sid=team.workflow.sid, attributes='{"selected_language": "es"}')
        wait_for(lambda: len(task.reservations.list()))  # noqa: B023
        task.update(assignment_status="canceled")
    wait_for(lambda: len(server.log.entries()) == 55)
    view = show(server)
    wait_for(lambda: any(row.get("delivery") for row in view._everything()["rows"].values()))
    assert not [row for row in view._everything()["rows"].values() if "not to this server" in row["signature"]]


def test_a_callback_that_is_sent_again_is_not_mistaken_for_the_lost_one(show, server, team, task):
    """The first one goes where nobody is; the second one reaches the server."""
    server.stop()
    view = show(server)
    address = f"{server.url}/assignment_callback"
    team.workflow.update(assignment_callback_url=address)
    waiting = task()
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    wait_for(lambda: waiting.reservations.list(reservation_status="canceled"))
    team.alice.update(activity_sid=team.activities["Offline"].sid)

    def rows() -> dict:
        return {row["delivery"]: row for row in view._everything()["rows"].values() if row.get("delivery")}

    lost = min(wait_for(rows))
    server._start()
    made = click(view, type="resend-webhook", delivery=lost)
    resent = int(made["said"].split()[-1].rstrip("."))
    assert wait_for(lambda: rows().get(resent))["id"].startswith("call ")
    others = [row for number, row in rows().items() if number != resent]
    assert [row["id"].split()[0] for row in others] == ["delivery"]
