"""How the board learns of what happens: by event callbacks, and by asking where none arrives."""

from __future__ import annotations

import re

import requests

from helpers import board, expose, faults, skip
from helpers.callback_server.middleware import EVENTS_PATH
from helpers.live.feed import rest_reader
from helpers.live.feed.feed import FeedLimits, Listener
from tests.waiting import patience, wait_for


def idle(team):
    return team.alice.update(activity_sid=team.activities["Idle"].sid)


def test_without_callbacks_it_asks_and_says_so(show, task):
    view = show()
    created = task()
    wait_for(lambda: created.sid in view._model.snapshot()["tasks"])
    view.wait_until_drawn()
    assert "No event callbacks arrive here" in view.state["how"]
    assert view.state["title"] == "TaskRouter Tutorial"
    assert "1 pending" in view.words()


def test_listening_sets_the_workspaces_event_callback_url(show, server, team):
    view = show(server)
    url = view.listen()
    assert url == f"{server.url}{EVENTS_PATH}"
    assert team.workspace.fetch().event_callback_url == url


def test_events_come_by_callback_signed_and_stay_out_of_the_log(show, server, team, task):
    view = show(server)
    view.listen(expose(server))
    created = task()
    wait_for(lambda: view._feed.by_callbacks)
    wait_for(lambda: created.sid in view._model.snapshot()["tasks"])
    wait_for(lambda: any(step["kind"] == "event" for step in view._everything()["steps"].values()))
    view.wait_until_drawn()
    assert view.state["how"].startswith("Event callbacks arrive at your server.")
    assert [each for each in server.log.entries() if each.path == EVENTS_PATH] == []


def test_what_did_not_arrive_is_read_and_the_board_says_that_it_asks_again(show, server, team, task):
    view = show(server)
    view._feed.limits = FeedLimits(late=0.0, read_every=0.0)
    view.listen(expose(server))
    wait_for(lambda: view._feed.by_callbacks)
    server.stop()
    created = task()
    wait_for(lambda: created.sid in view._model.snapshot()["tasks"])
    wait_for(lambda: view.state["how"].startswith("No event callbacks arrive here"))
    wait_for(lambda: re.search(r"\d+ events? did not arrive", view.state["how"]))
    wait_for(lambda: view.heartbeat.get("callbacks") is False)
    server._start()
    task()
    wait_for(lambda: view._feed.by_callbacks)


def test_what_a_read_finds_a_moment_before_its_callback_is_not_missed(show, server, team, task):
    view = show(server)
    view.listen(expose(server))
    wait_for(lambda: view._feed.by_callbacks)
    view._feed.limits = FeedLimits(late=patience(15))
    with faults(deliveries="late", kind="event", seconds=patience(1), first=20):
        task()
        wait_for(lambda: view._feed.poller.ask().wait(patience(10)) and view._feed._awaited)
        wait_for(lambda: not view._feed._awaited)
    skip(minutes=20)
    view.wait_until_drawn()
    assert view._feed.by_callbacks
    assert not view._feed.missed


def test_what_a_callback_brings_during_a_read_is_not_missed(show, server, team, task, monkeypatch, request):
    """The read has it from TaskRouter first, and the callback comes before the read is over."""
    brought: set[str] = set()

    class Recorder(Listener):
        def on_callback(self, event):
            brought.add(event.sid)

    def read_events(*args, **kwargs):
        found = read(*args, **kwargs)
        wait_for(lambda: {event.sid for event in found} <= brought)
        return found

    view = show(server)
    recorder = Recorder()
    view._feed.listeners.add(recorder)
    request.addfinalizer(lambda: view._feed.listeners.remove(recorder))  # before the view is closed
    view.listen(expose(server))
    wait_for(lambda: view._feed.by_callbacks)
    wait_for(lambda: view._feed.poller.ask().wait(patience(10)) and not view._feed._awaited)
    read = rest_reader.read_events
    monkeypatch.setattr(rest_reader, "read_events", read_events)
    view._feed.limits = FeedLimits(late=0.0, read_all_every=float("inf"))
    with faults(deliveries="late", kind="event", seconds=patience(0.3), first=20):
        created = task()
        wait_for(lambda: view._feed.poller.ask().wait(patience(10)) and created.sid in view._model.snapshot()["tasks"])
    assert view._feed.poller.ask().wait(patience(10))
    assert view._feed.by_callbacks
    assert not view._feed.missed


def test_what_could_not_be_read_is_read_again(show, team):
    view = show()
    with faults(operation="ListTaskQueue", status=503):
        queue = team.workspace.task_queues.create(friendly_name="French", target_workers='languages HAS "fr"')
        wait_for(lambda: "503" in (view.state["trouble"] or ""))
    wait_for(lambda: queue.sid in view._model.snapshot()["task_queues"])


def test_callbacks_that_come_twice_or_out_of_order_do_no_harm(show, server, team, task):
    view = show(server)
    view.listen(expose(server))
    with faults(deliveries="twice", kind="event", first=20):
        waiting = task()
        idle(team)
        wait_for(lambda: view._model.snapshot()["tasks"].get(waiting.sid, {}).get("status") == "reserved")
    (offer,) = view._model.snapshot()["reservations"].values()
    assert (offer["worker"], offer["status"]) == (team.alice.sid, "pending")


def test_an_unsigned_event_from_outside_is_not_let_in(show, server, team):
    view = show(server)
    view.listen()
    form = {"EventType": "task.created", "Timestamp": "1", "WorkspaceSid": team.workspace.sid, "TaskSid": "WT1"}
    url = f"{server.url}{EVENTS_PATH}"
    answer = requests.post(url, data=form, headers={"X-Forwarded-Host": "evil.example"}, timeout=patience(10))
    assert answer.status_code == 403
    answer = requests.post(url, data=form, headers={"X-Twilio-Signature": "no"}, timeout=patience(10))
    assert answer.status_code == 403
    assert "WT1" not in view._model.snapshot()["tasks"]


def test_nonsense_at_the_boards_address_is_answered_and_ignored(show, server):
    show(server)
    assert requests.post(f"{server.url}{EVENTS_PATH}", data={"EventType": "x"}, timeout=patience(10)).status_code == 204
    assert requests.get(f"{server.url}{EVENTS_PATH}", timeout=patience(10)).status_code == 404


def test_an_event_is_answered_though_no_board_looks(show, server):
    """Else each would raise an alert."""
    show(server).close()
    assert requests.post(f"{server.url}{EVENTS_PATH}", data={}, timeout=patience(10)).status_code == 204


def test_boards_of_two_workspaces_share_a_server(show, server, client, team, task):
    other = board(client, client.taskrouter.v1.workspaces.create(friendly_name="Other").sid, server)
    try:
        view = show(server)
        view.listen()
        other.listen()
        other.answer_next({"instruction": "accept"})
        team.workflow.update(assignment_callback_url=f"{server.url}/assignment_callback")
        task()
        idle(team)
        wait_for(lambda: view._feed.heard_at)
        wait_for(lambda: other._feed.heard_at)  # that its address was set
        wait_for(lambda: any(each.path == "/assignment_callback" for each in server.log.entries()))
        wait_for(lambda: other.state["next"] == '{"instruction": "accept"}')  # kept for its own workspace
    finally:
        other.close()


def test_a_new_queue_and_a_changed_workflow_are_read(show, team):
    view = show()
    queue = team.workspace.task_queues.create(friendly_name="French", target_workers='languages HAS "fr"')
    team.workflow.update(task_reservation_timeout=77)
    wait_for(lambda: queue.sid in view._model.snapshot()["task_queues"])
    wait_for(lambda: view._model.snapshot()["workflows"][team.workflow.sid]["timeout"] == 77)
