"""The activity toggle against a real TaskRouter: what was clicked and what is confirmed."""

from __future__ import annotations

import threading

import pytest
from twilio.rest import Client

from helpers import faults, sandbox
from helpers.connection import clients
from helpers.errors import LessonError
from helpers.live.widgets.activity_toggle import activity_toggle
from tests.waiting import patience, wait_for


def click(scene, activity: str) -> dict:
    """The message of a click on that activity."""
    action = {"type": "set-activity", "worker": scene.alice.sid, "activity": scene.activities[activity]}
    return {"kind": "action", "id": "c1", "action": action}


def told(toggle, monkeypatch) -> list[dict]:
    """The messages that the browser is sent from now on."""
    sent: list[dict] = []
    monkeypatch.setattr(toggle, "send", sent.append)
    return sent


@pytest.fixture
def toggle(scene):
    toggle = activity_toggle(scene.client, scene.alice)
    toggle.wait_until_drawn()
    return toggle


def test_says_in_words_what_taskrouter_reports(toggle):
    assert toggle.confirmed == "Offline"
    assert toggle.words().startswith("Alice is Offline (not available) since ")
    assert toggle.words().endswith(" — confirmed by TaskRouter.")
    kinds = {each["name"]: each["available"] for each in toggle.state["activities"]}
    assert kinds["Idle"] is True
    assert kinds["Busy"] is False


def test_a_choice_reaches_taskrouter_and_is_confirmed(toggle, scene):
    toggle.choose("Idle")
    toggle.wait_until_drawn()
    assert scene.alice.fetch().activity_name == "Idle"
    assert toggle.confirmed == "Idle"
    assert toggle.state["sentence"].startswith("Alice is Idle (available) since ")
    assert toggle.state["about_action"].endswith(": done.")


def test_a_click_in_the_browser_does_the_same(toggle, scene, monkeypatch):
    sent = told(toggle, monkeypatch)
    toggle._handle_custom_msg(click(scene, "Busy"), [])
    toggle.wait_until_drawn()
    assert scene.alice.fetch().activity_name == "Busy"
    assert [(each["id"], each["outcome"]) for each in sent] == [("c1", "pending"), ("c1", "done")]


def test_until_taskrouter_answers_the_choice_stands_beside_what_was_confirmed(toggle, scene):
    held = threading.Event()
    answer = scene.client.http_client.request
    scene.client.http_client.request = lambda *args, **more: held.wait(patience(10)) and answer(*args, **more)
    toggle.choose("Idle")
    wait_for(lambda: toggle.state["about_action"].endswith("asking TaskRouter …"))
    assert toggle.confirmed == "Offline"
    assert toggle.state["history"][-1]["outcome"] == "pending"
    held.set()
    toggle.wait_until_drawn()
    assert toggle.confirmed == "Idle"
    assert toggle.state["history"][-1]["outcome"] == "done"


def test_shows_moves_that_were_not_made_here(toggle, scene):
    toggle.choose("Idle")
    toggle.wait_until_drawn()
    scene.task()
    wait_for(lambda: toggle.state["confirmed"]["name"] == "Reserved")
    assert toggle.state["about_action"].endswith("TaskRouter then moved Alice to Reserved.")
    assert toggle.state["holds"] == "pending"


def test_an_activity_made_later_appears(toggle, scene):
    lunch = scene.workspace.activities.create(friendly_name="Lunch", available=False)
    scene.alice.update(activity_sid=lunch.sid)
    wait_for(lambda: toggle.confirmed == "Lunch")
    assert "Lunch" in [each["name"] for each in toggle._content["activities"]]


def test_an_activity_that_is_gone_disappears(toggle, scene):
    scene.workspace.activities(scene.activities["Unavailable"]).delete()
    wait_for(lambda: "Unavailable" not in [each["name"] for each in toggle._content["activities"]])


def test_a_refused_choice_says_why_and_what_to_do(toggle, scene):
    with faults(operation="UpdateWorker", status=409):
        toggle.choose("Unavailable")
        toggle.wait_until_drawn()
    assert toggle.confirmed == "Offline"
    assert toggle.state["history"][-1]["outcome"] == "refused"
    assert "TaskRouter answered 409" in toggle.state["about_action"]
    assert "Alice stays Offline. Put that right, then choose again." in toggle.state["about_action"]


def test_an_unknown_activity_is_named_with_those_there_are(toggle):
    with pytest.raises(LessonError, match=r"no activity 'Dancing'\. Choose one of: .*Idle"):
        toggle.choose("Dancing")


def test_an_odd_message_from_the_browser_is_drawn_not_lost(toggle):
    action = {"type": "set-activity", "worker": toggle.state["worker"], "activity": "WA-not-one"}
    toggle._handle_custom_msg({"kind": "action", "id": "c1", "action": action}, [])
    toggle.wait_until_drawn()
    assert "no longer has that activity" in toggle.state["about_action"]
    toggle._handle_custom_msg({"kind": "dance"}, [])
    toggle.wait_until_drawn()
    assert "'dance'" in toggle.state["fault"]


def test_what_taskrouter_has_accepted_is_shown_before_any_event_is_read(toggle, scene, monkeypatch):
    monkeypatch.setattr("helpers.live.feed.rest_reader.read_events", lambda *_: [])
    sent = told(toggle, monkeypatch)
    toggle._handle_custom_msg(click(scene, "Busy"), [])
    wait_for(lambda: [each["outcome"] for each in sent] == ["pending", "done"])
    assert toggle.state["confirmed"]["name"] == "Busy"  # drawn before the answer is told


def test_a_worker_that_is_gone_is_said_in_words(toggle, scene):
    scene.alice.delete()
    wait_for(lambda: toggle.state["trouble"])
    assert "Run this notebook again from the top" in toggle.state["trouble"]


def test_trouble_goes_when_taskrouter_answers_again(toggle, monkeypatch):
    toggle._feed.poller.after_error = 0.05
    with monkeypatch.context() as broken:
        broken.setattr("helpers.live.feed.rest_reader.read_events", lambda *_: 1 / 0)
        wait_for(lambda: "ZeroDivisionError" in (toggle.state["trouble"] or ""))
    wait_for(lambda: toggle.state["trouble"] is None)


def test_a_browser_that_is_slow_knows_the_model_also_of_what_could_not_be_drawn(toggle, monkeypatch):
    """By its id the front end asks for the messages that anywidget does not pass on."""
    monkeypatch.setattr(toggle, "draw", lambda _: 1 / 0)
    toggle._post()
    wait_for(lambda: "ZeroDivisionError" in (toggle.state["trouble"] or ""))
    assert toggle.state["model_id"] == toggle.model_id


def test_making_it_again_leaves_one_thread(scene):
    toggles = [activity_toggle(scene.client, scene.alice) for _ in range(3)]
    toggles[-1].wait_until_drawn()
    threads = [toggle._feed.poller.thread for toggle in toggles]
    wait_for(lambda: [thread.is_alive() for thread in threads] == [False, False, True])


def test_closing_it_ends_its_thread(toggle):
    thread = toggle._feed.poller.thread
    toggle.close()
    wait_for(lambda: not thread.is_alive())


def test_a_viewer_without_widgets_shows_the_sentence(toggle):
    bundle = toggle._repr_mimebundle_()[0]
    assert toggle.words() in bundle["text/plain"]
    assert "open this notebook in JupyterLab" in bundle["text/plain"]


def test_polling_is_cheap(toggle, scene):
    """A read is one request."""
    asked = []
    answer = scene.client.http_client.request

    def counted(method, url, *args, **more):
        asked.append(url)
        return answer(method, url, *args, **more)

    scene.client.http_client.request = counted
    for _ in range(2):
        assert toggle._feed.poller.ask().wait(patience(10))
    assert 2 <= len(asked) <= 4
    assert all("/Events?" in url or url.endswith("/Events") for url in asked)


def test_credentials_that_are_wrong_are_said_in_words(scene):
    stranger = Client(sandbox.ACCOUNT_SID, "wrong", http_client=clients.SandboxHttpClient(sandbox.find().url))
    toggle = activity_toggle(stranger, scene.alice)
    wait_for(lambda: toggle.state["trouble"])
    assert "credentials" in toggle.state["trouble"]
