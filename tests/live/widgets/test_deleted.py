"""Live views of what was deleted: they say so, show it as confirmed no longer, and do nothing any more."""

from __future__ import annotations

import itertools
import json

import pytest
from twilio.base.exceptions import TwilioRestException

from helpers import activity_toggle, board, inspector, phone
from helpers.live.widgets import base
from helpers.live.widgets.text import WORKER_GONE
from tests.waiting import wait_for


@pytest.fixture
def toggle(scene):
    toggle = activity_toggle(scene.client, scene.alice)
    toggle.wait_until_drawn()
    return toggle


@pytest.fixture
def agent(scene):
    scene.alice.update(attributes=json.dumps({"contact_uri": "client:alice"}))
    agent = phone(scene.client, scene.alice)
    agent.wait_until_drawn()
    return agent


def assert_nothing_is_shown_as_confirmed(toggle) -> None:
    assert toggle.confirmed is None
    assert toggle.state["confirmed"] is None
    assert toggle.state["sentence"] == toggle.words() == "Alice was deleted, so there is nothing to choose."


def test_the_toggle_of_a_deleted_worker_says_so_and_chooses_nothing(toggle, scene):
    assert toggle.confirmed == "Offline"
    scene.alice.delete()
    wait_for(lambda: toggle.state["gone"])
    assert toggle.state["trouble"] == WORKER_GONE
    assert_nothing_is_shown_as_confirmed(toggle)
    toggle.choose("Idle")
    toggle.wait_until_drawn()
    [asked] = toggle.state["history"]
    assert (asked["outcome"], asked["said"], asked["code"]) == ("refused", WORKER_GONE, "")  # nothing was sent


def test_a_toggle_that_is_made_of_a_deleted_worker_beside_other_views_knows_it_at_once(toggle, scene):
    scene.alice.delete()
    wait_for(lambda: toggle.state["gone"])
    another = activity_toggle(scene.client, scene.alice)
    another.wait_until_drawn()
    assert another.state["gone"]
    assert_nothing_is_shown_as_confirmed(another)


def test_the_views_of_a_deleted_workspace_are_out_of_use(toggle, agent, scene):
    task = scene.task()
    views = [toggle, board(scene.client, scene.workspace), inspector(scene.client, scene.workspace, task)]
    for view in views:
        view.wait_until_drawn()
    assert not any(view.state["gone"] for view in views)
    scene.workspace.delete()
    for view in (*views, agent):
        wait_for(lambda view=view: view.state["gone"])
        assert "Run this notebook again from the top" in view.state["trouble"]
    assert_nothing_is_shown_as_confirmed(toggle)
    assert not views[1].state["known"]
    assert (views[2].state["tasks"], views[2].state["summary"]) == (
        [],
        "The workspace was deleted, and its tasks with it.",
    )


def test_the_phone_of_a_deleted_worker_is_out_of_use(agent, scene):
    assert not agent.state["gone"]
    scene.alice.delete()
    wait_for(lambda: agent.state["gone"])
    assert agent.state["trouble"] == WORKER_GONE
    assert agent.words() == "Alice's phone, client:alice: Alice was deleted."
    agent.when_called("never")
    agent.wait_until_drawn()
    assert agent.state["about_action"] == WORKER_GONE


def test_a_phone_is_not_shown_again_for_a_worker_of_that_name_who_was_made_anew(agent, scene, monkeypatch):
    """Otherwise it would be taken out of use as soon as it is found that the first worker was deleted."""
    monkeypatch.setattr(base, "get_ipython", lambda: None)
    monkeypatch.setattr("helpers.live.widgets.phone.LOOK_EVERY", float("inf"))
    runs = itertools.count()
    monkeypatch.setattr(base, "_running", lambda: ("the cell", next(runs)))
    first = phone(scene.client, scene.alice)
    first.wait_until_drawn()
    assert phone(scene.client, scene.alice) is first
    scene.alice.delete()
    attributes = json.dumps({"contact_uri": "client:alice"})
    anew = scene.workspace.workers.create(friendly_name="Alice", attributes=attributes)
    assert phone(scene.client, anew) is not first


def test_a_view_is_in_use_again_when_its_workspace_is_read_again(toggle, monkeypatch):
    toggle._feed.poller.after_error = 0.05
    with monkeypatch.context() as gone:
        gone.setattr("helpers.live.feed.rest_reader.read_events", refuse)
        wait_for(lambda: toggle.state["gone"])
    wait_for(lambda: not toggle.state["gone"])
    assert toggle.confirmed == "Offline"


def refuse(*_: object) -> None:
    raise TwilioRestException(404, "/v1/Workspaces/WS1/Events", "was not found")
