"""The board's controls, in the kernel: what a click does, and what is said of it."""

from __future__ import annotations

import json
import threading
import time

import pytest

from helpers import board, connect, expose, faults, skip
from helpers.live.widgets import base
from tests.live.board.clicks import click, steps
from tests.waiting import patience, wait_for


def test_an_activity_is_changed_and_the_call_shown(show, team):
    made = click(show(), type="set-activity", worker=team.alice.sid, activity=team.activities["Busy"].sid)
    assert made["outcome"] == "done"
    assert made["said"] == "TaskRouter answers: Alice is Busy."
    assert team.alice.fetch().activity_name == "Busy"
    assert "\n# Alice: Busy\nworkspace.workers(" in made["code"]


def test_every_call_that_is_shown_does_the_same_in_a_cell(show, team, client, task):
    """The text is run as Python, in a fresh scene each time."""
    view = show()
    idle, busy = team.activities["Idle"].sid, team.activities["Busy"].sid
    click(view, type="set-activity", worker=team.alice.sid, activity=idle)
    made = click(
        view, type="create-task", workflow=team.workflow.sid, attributes='{"selected_language":"es"}', priority="4"
    )
    exec(made["code"], {"client": client})
    tasks = team.workspace.tasks.list()
    assert [each.priority for each in tasks] == [4, 4]
    offered = next(each for each in tasks if each.reservations.list())
    (offer,) = offered.reservations.list()
    asked = {"type": "update-reservation", "task": offered.sid, "reservation": offer.sid, "status": "accepted"}
    code = view._action(asked).code
    exec(code, {"client": client})
    assert offer.fetch().reservation_status == "accepted"
    exec(view._action({"type": "update-task", "task": offered.sid, "status": "completed"}).code, {"client": client})
    assert offered.fetch().assignment_status == "completed"
    code = view._action({"type": "set-activity", "worker": team.alice.sid, "activity": busy}).code
    exec(code, {"client": client})
    assert team.alice.fetch().activity_name == "Busy"


def test_why_a_task_went_there(show, client, task):
    view, task = show(), task()
    made = click(view, type="explain-task", task=task.sid)
    assert (made["outcome"], made["said"]) == ("done", "Why it went there stands above the tasks.")
    told = view.state["why"]
    assert told["task"] == task.sid
    headline, lines = told["parts"][0]
    assert 'The first match was filter "Language - Spanish"' in headline
    assert any(line.startswith("Alice (not possible): is in the activity") for line in lines)
    assert any("Set the activity of Alice" in line for line in told["parts"][-1][1])
    made["code"] = made["code"].replace("why(client", "found = why(client")
    names = {"client": client}
    exec(made["code"], names)
    assert names["found"].answer["task_sid"] == task.sid


def test_a_refusal_is_said_in_words(show, team, task):
    view = show()
    made = click(view, type="update-task", task=task().sid, status="completed")
    assert made["outcome"] == "refused"
    assert "TaskRouter answered 400" in made["said"]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ({"type": "dance"}, "no control 'dance'"),
        ({"type": "set-activity"}, "did not say which 'worker'"),
        ({"type": "create-task", "workflow": "WW", "attributes": "{"}, "not JSON"),
        ({"type": "create-task", "workflow": "WW", "attributes": "{}", "priority": "high"}, "whole number"),
    ],
)
def test_an_action_that_makes_no_sense_is_a_sentence(show, action, words):
    view = show()
    view._on_message(None, {"kind": "action", "id": "1", "action": action})
    wait_for(lambda: view.state["history"])
    assert view.state["history"][-1]["outcome"] == "refused"
    assert words in view.state["history"][-1]["said"]


def test_time_is_skipped_and_the_board_goes_by_the_sandboxs_clock(show):
    view = show()
    before = view._feed.ahead
    made = click(view, type="skip", seconds=120)
    assert made["outcome"] == "done"
    assert made["code"] == "from helpers import skip\nskip(seconds=120)"
    assert 119 < view._feed.ahead - before < 121


def test_the_next_assignment_callback_is_answered_as_chosen(show, server, team, task):
    view = show(server)
    team.workflow.update(assignment_callback_url=f"{expose(server)}/assignment_callback")
    click(view, type="answer-next", instruction={"instruction": "accept"})
    wait_for(lambda: view.state["next"] == '{"instruction": "accept"}')
    waiting = task()
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    wait_for(lambda: waiting.fetch().assignment_status == "assigned")
    wait_for(lambda: view.state["next"] is None)
    (exchange,) = server.log.entries()
    assert json.loads(exchange.answer) == {"instruction": "accept"}
    kinds = [(each["kind"], each["label"]) for each in steps(view) if each["kind"] in ("webhook", "instruction")]
    assert kinds == [("webhook", "POST /assignment_callback"), ("instruction", "200 accept")]


def test_a_fault_is_ordered(show, client, team, task):
    view = show()
    made = click(view, type="inject-fault", operation="CreateTask", status=429)
    assert made["outcome"] == "done"
    created = click(view, type="create-task", workflow=team.workflow.sid, attributes='{"selected_language": "es"}')
    assert created["outcome"] == "refused"
    assert "429" in created["said"]


def test_no_call_is_dropped_before_it_is_answered(show, client, team):
    """A control waits for its own answer; meanwhile many are clicked."""
    view = show()
    held, answer = threading.Event(), client.http_client.request
    client.http_client.request = lambda *args, **more: held.wait(patience(10)) and answer(*args, **more)
    for number in range(9):
        action = {"type": "set-activity", "worker": team.alice.sid, "activity": team.activities["Busy"].sid}
        view._on_message(None, {"kind": "action", "id": str(number), "action": action})
    wait_for(lambda: len(view.state["history"]) == 9)
    held.set()
    wait_for(lambda: [each["id"] for each in view.state["history"]] == ["3", "4", "5", "6", "7", "8"])
    wait_for(lambda: {each["outcome"] for each in view.state["history"]} == {"done"})


def test_a_board_offers_to_listen_while_another_server_is_told(show, server, team):
    team.workspace.update(event_callback_url="http://127.0.0.1:9/taskrouter-events")
    view = show(server)
    assert view.state["listens"] is False
    view.listen(expose(server))
    wait_for(lambda: view.state["listens"])


def test_what_is_ordered_to_go_wrong_is_said_and_taken_back(show, sandbox):
    view = show()
    with faults(deliveries="twice", first=3):  # in a cell, as it were
        wait_for(lambda: [(each["what"], each["left"]) for each in view.state["faults"]] == [("webhooks: twice", 3)])
        made = click(view, type="clear-faults")
    assert made["said"] == "All faults are off."
    assert made["code"] == "from helpers import faults\nfaults.all_off()"
    wait_for(lambda: view.state["faults"] == [])
    assert sandbox.faults.active() == []


def test_a_board_without_a_server_says_what_it_lacks(show):
    assert "board(client, workspace, server)" in show().state["how"]


def test_changes_between_two_snapshots_add_up(show, team, task, monkeypatch):
    """What a browser makes of the messages is what the kernel has."""
    view = show()
    sent = []
    monkeypatch.setattr(view, "send", sent.append)
    view._on_message(None, {"kind": "snapshot"})
    view.wait_until_drawn()
    copy = view._everything()
    sent.clear()
    task()
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    skip(minutes=21)
    view.wait_until_drawn()
    now = view._everything()
    for message in sent:
        assert message["from"] == copy["revision"]
        copy["revision"] = message["to"]
        for collection, entities in message["change"].items():
            if collection == "workspace":
                copy["workspace"] = entities
                continue
            for sid, entity in entities.items():
                copy[collection].pop(sid, None)
                if entity is not None:
                    copy[collection][sid] = entity
    assert sent
    assert copy == now


def test_running_the_cell_again_leaves_one_thread_of_each_feed(show, client):
    first = show()
    second = show()
    for feed in (first._feed, first._calls._feed):
        feed.poller.thread.join(patience(10))
    alive = {thread.name: thread.daemon for thread in threading.enumerate() if thread.name.startswith("poller-")}
    assert alive == {second._feed.poller.thread.name: True, "poller-calls": True}


def test_a_workspace_that_is_gone_is_said_in_words(show, client, team):
    view = show()
    connect(quiet=True).taskrouter.v1.workspaces(team.workspace.sid).delete()
    wait_for(lambda: view.state["trouble"])
    assert view.state["trouble"] == (
        "This workspace no longer exists: it was deleted, or the sandbox was emptied. "
        "Run this notebook again from the top: it creates what is missing."
    )
    assert not view.state["known"]


def test_starting_over_empties_the_sandbox_and_says_what_to_run(show, client):
    view = show()
    made = click(view, type="start-over")
    assert made["said"] == "The sandbox is empty. Run this notebook again from the top."
    assert client.taskrouter.v1.workspaces.list() == []
    wait_for(lambda: view.state["trouble"])
    assert not view.state["known"]


def test_of_a_workspace_that_never_was_nothing_is_drawn(client, closed_at_the_end):
    view = board(client, "WS" + "0" * 32)
    wait_for(lambda: view.state["trouble"])
    assert not view.state["known"]


def test_time_that_a_cell_has_skipped_is_noticed(show, team):
    view = show()
    before = view._feed.ahead
    skip(minutes=5)
    assert view._feed.ahead - before > 299  # at once: the next call stands after what came of it otherwise
    wait_for(lambda: view.heartbeat.get("now", 0) - time.time() > 299)


def test_a_name_never_becomes_code(show, team, client):
    team.alice.update(friendly_name="Alice\nraise SystemExit")
    view = show()
    code = view._action(
        {"type": "set-activity", "worker": team.alice.sid, "activity": team.activities["Busy"].sid}
    ).code
    exec(code, {"client": client})
    assert team.alice.fetch().activity_name == "Busy"


def test_a_cell_that_is_run_again_shows_its_board_again_unless_it_is_another_or_in_trouble(
    show, client, team, server, monkeypatch
):
    """A view of it that stands beside the notebook stays there."""

    def run(number: int, *given):
        monkeypatch.setattr(base, "_running", lambda: ("the cell", f"run {number}"))
        return show(*given)

    first = run(1)
    assert run(2) is first
    assert not repr(first).endswith("(closed)")

    with_server = run(3, server)
    assert with_server is not first
    assert repr(first).endswith("(closed)")

    with_server._post(trouble="TaskRouter cannot be reached.")
    mended = run(4, server)
    assert mended is not with_server
    assert repr(with_server).endswith("(closed)")

    monkeypatch.setattr(base, "_running", lambda: ("the cell", "run 5"))
    assert board(connect(quiet=True), team.workspace, server) is not mended
    assert repr(mended).endswith("(closed)")
