"""The number of the sandbox, and the agents' simulated phones."""

from __future__ import annotations

import re

import pytest

from helpers import LessonError, clean_up, contact_uri_for, phone_number, restore_number, start_over
from helpers.connection import settings
from helpers.phone_numbers import notes
from tests.live.hotline import hotline
from tests.waiting import wait_for

NUMBER = "+15005550006"


def test_it_is_the_one_that_is_there_from_the_start(client, capsys, monkeypatch):
    monkeypatch.setenv("TWILIO_PHONE_NUMBER", "+15005550199")  # of a live account
    client.incoming_phone_numbers.create(phone_number="+15005550123")
    number = phone_number(client)
    assert number.phone_number == NUMBER
    assert capsys.readouterr().out == ""
    assert not notes._file().exists()


def test_given_back_it_calls_no_server_any_more(client):
    before = notes.settings_of(phone_number(client))
    phone_number(client).update(
        voice_url="http://127.0.0.1:8080/incoming_call",
        voice_method="GET",
        voice_fallback_url="http://127.0.0.1:8080/fallback",
        status_callback="http://127.0.0.1:8080/status",
    )
    restore_number(client)
    assert notes.settings_of(phone_number(client)) == before


def test_when_it_was_deleted_the_way_back_is_said(client):
    phone_number(client).delete()
    with pytest.raises(LessonError, match=r"client\.incoming_phone_numbers\.create") as gone:
        phone_number(client)
    exec(str(gone.value).split(": ")[1].removesuffix(" brings it back."))
    assert phone_number(client).phone_number == NUMBER


def test_the_agents_phones_are_simulated(client, monkeypatch):
    monkeypatch.setenv("ALICE_PHONE", "+15005550111")  # of a live account
    assert [contact_uri_for(client, name) for name in ("Alice", "Bob")] == ["client:alice", "client:bob"]


def test_the_clean_up_and_starting_over_give_it_back_too(client, capsys):
    before = notes.settings_of(phone_number(client))
    for give_back in (clean_up, start_over):
        phone_number(client).update(voice_url="http://127.0.0.1:8080/incoming_call")
        give_back(sure=True)
        assert notes.settings_of(phone_number(client)) == before
    assert f"Deleted: what the lessons have set at {NUMBER}" in capsys.readouterr().out


def test_the_example_of_a_caller_in_the_documents_runs(client, team, sandbox):
    page = (settings.PROJECT / "docs/sandbox.md").read_text(encoding="utf-8")
    [code] = re.findall(r"\*\*From a test\*\*.*?```python\n(.*?)```", page, re.DOTALL)
    code = code.replace("http://127.0.0.1:8901", sandbox.url)
    with hotline(client, team):
        exec(code, {"account_sid": sandbox.account_sid, "auth_token": sandbox.auth_token})
        wait_for(lambda: [task.task_channel_unique_name for task in team.workspace.tasks.list()] == ["voice"])
    assert [each["answer"] for each in sandbox.phones.list()] == ["by-hand"]
