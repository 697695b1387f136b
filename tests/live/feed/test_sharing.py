"""One feed for all who look at a workspace."""

from __future__ import annotations

import threading
import time

import pytest
from fastapi import FastAPI

from helpers import activity_toggle, board, expose, inspector, serve, skip
from helpers.callback_server.middleware import EVENTS_PATH
from helpers.live.feed import feed, rest_reader
from tests.waiting import patience, wait_for

pytestmark = pytest.mark.usefixtures("closed_at_the_end")


def threads() -> list[str]:
    kinds = (thread.name.partition("-")[0] for thread in threading.enumerate())
    return sorted(kind for kind in kinds if kind in ("poller", "commands"))


@pytest.fixture
def views(client, team):
    views = [activity_toggle(client, team.alice), activity_toggle(client, team.bob), inspector(client, team.workspace)]
    for view in views:
        view.wait_until_drawn()
    return views


def test_views_of_a_workspace_share_one_feed_that_ends_with_the_last(views, team):
    assert len({id(view._feed) for view in views}) == 1
    assert threads() == ["commands", "poller"]
    for view in views[:2]:
        view.close()
    team.alice.update(activity_sid=team.activities["Busy"].sid)
    views[2].wait_until_drawn()
    views[2].close()
    views[2].close()  # twice does no harm
    wait_for(lambda: not threads())
    assert feed._feeds == {}


def test_who_comes_later_knows_what_happened_before(views, client, team, task):
    created = task()
    views[0].wait_until_drawn()
    late = board(client, team.workspace)
    assert late._feed is views[0]._feed
    assert any(step["task"] == created.sid for step in late._everything()["steps"].values())
    assert created.sid in late._everything()["tasks"]


def test_a_board_that_hears_callbacks_lets_all_others_hear_them(views, client, team, task):
    server = serve(FastAPI(), port=0)
    try:
        board(client, team.workspace, server).listen(expose(server))
        views[0].wait_until_drawn()
        views[0]._feed.poller.every = 3600  # from here on only callbacks can tell
        wait_for(lambda: views[0]._feed.by_callbacks)
        team.alice.update(activity_sid=team.activities["Idle"].sid)
        waiting = task()
        wait_for(lambda: views[0].confirmed == "Reserved")
        wait_for(lambda: [each["status"] for each in views[2].state["tasks"]] == ["reserved"])
        assert views[2].state["tasks"][0]["sid"] == waiting.sid
        wait_for(lambda: views[1].heartbeat.get("callbacks"))
    finally:
        server.stop()


def test_callbacks_before_the_first_read_hide_no_history(client, team, task, monkeypatch):
    server, held, read_all = serve(FastAPI(), port=0), threading.Event(), rest_reader.read_all
    ended = task()
    skip(seconds=10)
    monkeypatch.setattr(rest_reader, "read_all", lambda *args: held.wait(patience(10)) and read_all(*args))
    try:
        team.workspace.update(event_callback_url=f"{expose(server)}{EVENTS_PATH}")
        view = board(client, team.workspace, server)
        ended.update(assignment_status="canceled")
        wait_for(lambda: any(each.type == "task.canceled" for each in view._feed._early))
        assert not view.state["known"]
        held.set()
        wait_for(lambda: view.state["known"])
        wait_for(lambda: view._model.snapshot()["tasks"][ended.sid]["status"] == "canceled")
        (wait,) = [each for each in view._model.snapshot()["spans"].values() if each["kind"] == "wait"]
        assert wait["end"] == "canceled"
        assert wait["to"] - wait["from"] >= 10_000
        assert view._model.snapshot()["tasks"][ended.sid]["filter"] == "Language - Spanish"
    finally:
        held.set()
        server.stop()


def test_a_click_does_not_wait_for_a_long_read(views, team, monkeypatch):
    held, read = threading.Event(), rest_reader.read_events
    held_back = lambda *args, **more: held.wait(patience(10)) and read(*args, **more)  # noqa: E731
    monkeypatch.setattr(rest_reader, "read_events", held_back)
    try:
        views[0]._feed.poller.ask()
        views[0].choose("Busy")
        wait_for(lambda: team.alice.fetch().activity_name == "Busy")
        wait_for(lambda: views[0].confirmed == "Busy")
    finally:
        held.set()


def test_an_answer_that_an_event_has_overtaken_changes_nothing(views, team, task):
    """Idle is what TaskRouter answers to the update; by then she may be Reserved."""
    model, at = views[0]._feed.model, views[0]._feed.model.newest
    task()
    answer = team.alice.update(activity_sid=team.activities["Idle"].sid)
    views[0].wait_until_drawn()
    assert views[0].confirmed == "Reserved"
    rest_reader.put_worker(model, answer, at)
    assert model.activities[model.workers[team.alice.sid]["activity"]]["name"] == "Reserved"


def test_an_answer_about_channels_that_an_event_has_overtaken_is_asked_for_again(views, team):
    shared = views[0]._feed
    (channel,) = [each for each in team.alice.worker_channels.list() if each.task_channel_unique_name == "default"]

    class Late:
        """A place that is slow to hand over the answer: meanwhile the channel is closed."""

        class worker_channels:
            @staticmethod
            def list(**_settings):
                answer = team.alice.worker_channels.list()
                channel.update(available=False)
                wait_for(lambda: shared.poller.ask().wait(patience(10)) and not available())
                return answer

        def workers(self, _sid):
            return self

    def available() -> bool:
        channels = shared.model.workers[team.alice.sid]["channels"]
        return next(each["available"] for each in channels if each["name"] == "default")

    wait_for(lambda: shared.model.workers[team.alice.sid]["channels"])
    rest_reader.read_channels(Late(), shared.model, team.alice.sid)
    views[0].wait_until_drawn()
    assert not available()


def test_all_go_by_the_clock_of_the_sandbox(views):
    skip(hours=1)
    wait_for(lambda: views[0]._feed.ahead > 3599)
    wait_for(lambda: views[2].heartbeat.get("now", 0) - time.time() > 3599)


def test_a_view_that_fails_says_so_and_the_others_go_on(views, team, monkeypatch):
    def fail(_events):
        raise ValueError("cannot be shown")

    monkeypatch.setattr(views[1], "on_events", fail)
    team.alice.update(activity_sid=team.activities["Busy"].sid)
    wait_for(lambda: views[0].confirmed == "Busy")
    wait_for(lambda: "cannot be shown" in (views[1].state["trouble"] or ""))
