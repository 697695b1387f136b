"""The callback log, fed by a real callback server."""

from __future__ import annotations

import pytest
import requests
from fastapi import FastAPI
from IPython.core.formatters import DisplayFormatter

from helpers import serve
from helpers.live.widgets.callback_log import callback_log
from tests.waiting import patience, wait_for

FORM = {
    "WorkerName": "Alice",
    "TaskAttributes": '{"selected_language": "es"}',
    "TaskSid": "WT" + "1" * 32,
    "ReservationSid": "WR" + "2" * 28 + "9f3a",
}


@pytest.fixture
def server():
    app = FastAPI()

    @app.post("/assignment_callback")
    def assignment_callback(instruction: str = "accept"):
        return {"instruction": instruction} if instruction != "none" else {}

    @app.get("/create-task")
    def create_task():
        raise KeyError("selected_language")

    server = serve(app, port=0)
    yield server
    server.stop()


@pytest.fixture
def view(server):
    return callback_log(server)


def rows(view, count: int) -> list[dict]:
    return wait_for(lambda: len(view.state["rows"]) == count and view.state["rows"])


def test_says_that_nobody_called_yet(view):
    view.wait_until_drawn()
    assert view.state["summary"].startswith("No calls yet.")


def test_the_task_of_a_phone_call_is_told_without_what_twilio_adds(view, server):
    added = '"call_sid": "CA1", "account_sid": "AC1", "from": "+15005550100", "to": "+15005550006", "from_city": ""'
    form = FORM | {"TaskAttributes": f'{{"selected_language": "es", {added}, "called_country": "", "note": ""}}'}
    requests.post(f"{server.url}/assignment_callback", data=form, timeout=patience(10))
    (row,) = rows(view, 1)
    assert row["said"][1] == '{"selected_language":"es","from":"+15005550100","note":""}'
    assert ["TaskAttributes", form["TaskAttributes"]] in row["form"]


def test_a_call_is_told_with_what_the_app_answered(view, server):
    requests.post(f"{server.url}/assignment_callback", data=FORM, timeout=patience(10))
    (row,) = rows(view, 1)
    assert row["request"] == "POST /assignment_callback"
    assert row["said"] == ["Alice", '{"selected_language": "es"}', "WR…9f3a"]
    assert row["instruction"] == "accept"
    assert row["signature"] == "not signed"
    assert row["status"] == 200
    assert dict(row["form"]) == FORM
    assert view.state["summary"] == "1 call, the newest last."


def test_an_answer_without_an_instruction_is_told_apart_from_a_request_that_is_due_none(view, server):
    requests.post(f"{server.url}/assignment_callback?instruction=none", data=FORM, timeout=patience(10))
    requests.get(f"{server.url}/nothing-here", timeout=patience(10))
    callback, other = rows(view, 2)
    assert callback["instruction"] == ""
    assert callback["request"] == "POST /assignment_callback?instruction=none"
    assert other["instruction"] is None
    assert other["status"] == 404


def test_a_request_about_a_call_says_who_calls_and_what_was_pressed(view, server):
    form = {"CallSid": "CA1", "From": "+15005550100", "To": "+15005550006", "CallStatus": "in-progress", "Digits": "1"}
    requests.post(f"{server.url}/enqueue_call", data=form, timeout=patience(10))
    (row,) = rows(view, 1)
    assert row["said"] == ["+15005550100 → +15005550006", "in-progress", "Digits 1"]
    assert (row["instruction"], row["problem"]) == (None, "the answer was 404, and only 200 to 299 count")


def test_a_failure_of_the_app_is_shown_in_words(view, server):
    requests.get(f"{server.url}/create-task", timeout=patience(10))
    (row,) = rows(view, 1)
    assert "KeyError" in row["error"]


def test_shows_what_came_before_it_was_made(server):
    requests.post(f"{server.url}/assignment_callback", data=FORM, timeout=patience(10))
    assert rows(callback_log(server), 1)


def test_a_closed_view_is_not_told_any_more(view, server):
    view.close()
    requests.post(f"{server.url}/assignment_callback", data=FORM, timeout=patience(10))
    wait_for(server.log.entries)
    assert view._content["rows"] == []


def test_a_closed_view_is_words_and_no_memory_address(view):
    assert repr(view) == view.words()
    view.close()
    formatted, _ = DisplayFormatter().format(view)
    assert formatted == {"text/plain": f"{view.words()} (closed)"}


def test_making_it_again_replaces_the_first(server):
    first = callback_log(server)
    second = callback_log(server)
    requests.post(f"{server.url}/assignment_callback", data=FORM, timeout=patience(10))
    assert rows(second, 1)
    assert first._content["rows"] == []
