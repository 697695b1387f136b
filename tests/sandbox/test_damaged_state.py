"""State that is damaged is kept aside, and a sentence says what happened."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from helpers import sandbox
from helpers.connection import clients
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.storage.errors import NotKept
from taskrouter_sandbox.storage.events import EventQuery
from taskrouter_sandbox.testing.threaded_server import served
from taskrouter_sandbox.webhooks.delivery import Delivery
from tests.sandbox.kept_state import AUTH, NAME, create, killed, names, started, stopped
from tests.waiting import patience, wait_for

__all__ = ["killed", "stopped"]


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_changes_that_are_damaged_in_their_middle_are_kept_aside_and_it_is_said(stopped, tmp_path):
    service = Service(stopped, *AUTH)
    for number in range(10):
        create(service, f"W{number}")
    folder = Path(shutil.copytree(stopped, tmp_path / "killed"))
    service.store.close()
    log = folder / f"{NAME}-wal"
    written = bytearray(log.read_bytes())
    written[len(written) // 2] ^= 0xFF
    log.write_bytes(written)
    with started(folder) as service:
        assert 1 <= len(names(service)) < 11
        assert names(service) == ["First", *(f"W{number}" for number in range(10))][: len(names(service))]
        assert "is damaged in its middle" in service.notice
        (aside,) = folder.glob(f"{NAME}.broken-*-wal")
        assert aside.read_bytes() == written
        assert str(aside) in service.notice
    with started(folder) as service:
        assert service.notice is None


def test_a_transaction_that_was_under_way_when_it_was_killed_is_no_damage(killed):
    """The head of its last frame is there, and the page is not."""
    log = killed / f"{NAME}-wal"
    head = log.read_bytes()[:32]
    with log.open("ab") as file:
        file.write((1).to_bytes(4, "big") * 2 + head[16:24] + b"\0" * 2000)
    with started(killed) as service:
        assert (service.notice, names(service)) == (None, ["First", "Second"])


def test_an_event_that_is_damaged_does_not_hide_the_others(stopped):
    with started(stopped) as service:
        sid = service.store.workspaces()[0].sid
        whole = service.store.events(EventQuery(workspace_sid=sid)).all()
        service.store.db.execute("UPDATE event SET data = '{' WHERE number = (SELECT min(number) FROM event)")
        found = service.store.events(EventQuery(workspace_sid=sid)).all()
        assert [one.sid for one in found] == [one.sid for one in whole]
        assert [one.data for one in found[:-1]] == [one.data for one in whole[:-1]]
        assert found[-1].data == {"unreadable": "{"}


DAMAGED_TEXTS = ["{", "[]", "null"]


@pytest.mark.parametrize("text", DAMAGED_TEXTS)
def test_lists_over_rest_have_what_is_not_damaged(stopped, text, caplog):
    with started(stopped) as service, served(service) as url, requests.Session() as session:
        session.auth = AUTH
        workspace = f"/v1/Workspaces/{service.store.workspaces()[0].sid}"

        def ask(method: str, path: str, **form: str) -> dict[str, Any]:
            answer = session.request(method, url + path, data=form, timeout=patience(10))
            assert answer.ok, answer.text
            return answer.json()

        alice = ask("GET", f"{workspace}/Workers")["workers"][0]["sid"]
        available = next(
            each["sid"] for each in ask("GET", f"{workspace}/Activities")["activities"] if each["available"]
        )
        ask("POST", f"{workspace}/Workers/{alice}", ActivitySid=available)
        before = ask("GET", f"{workspace}/Events")["events"]
        whole = Delivery(kind="event", workspace_sid="WS", subject_sid="EV", url="http://there", parameters={})
        service.store.keep_deliveries([whole], 0)
        damaged = service.store.db.execute("SELECT min(number) FROM delivery").fetchone()[0]
        with service.store.db as db:
            db.execute("UPDATE event SET data = ?", [text])
            db.execute("UPDATE delivery SET parameters = '{', outcome = 'taken' WHERE number = ?", [damaged])
        after = ask("GET", f"{workspace}/Events")["events"]
        assert [one["resource_url"] for one in after] == [one["resource_url"] for one in before]
        offered = next(one["event_data"] for one in after if one["event_type"] == "reservation.created")
        assert (offered["worker_sid"], offered["unreadable"]) == (alice, text)
        for _ in range(2):
            kept = ask("GET", "/_sandbox/deliveries")["deliveries"]
            assert [one["number"] for one in kept] == [whole.number]
            unread = session.post(f"{url}/_sandbox/deliveries/{damaged}/resend", timeout=patience(10))
            assert unread.status_code == 404
        assert sum(f"{damaged} of delivery cannot be read" in message for message in caplog.messages) == 1


DAMAGED: dict[str, tuple[Callable[[Path], object], str]] = {
    "emptied": (lambda path: path.write_bytes(b""), "its file is empty"),
    "no database": (lambda path: path.write_bytes(b"this is no database" * 100), "file is not a database"),
    "halved": (halve, "it is damaged"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_kept_aside(stopped, name):
    damage, words = DAMAGED[name]
    damage(stopped / NAME)
    before = (stopped / NAME).read_bytes()
    with started(stopped) as service:
        assert names(service) == []
        assert words in service.notice
        assert "\n" not in service.notice
        (aside,) = stopped.glob(f"{NAME}.broken-*")
        assert aside.read_bytes() == before
        assert str(aside) in service.notice
    with started(stopped) as service:
        assert service.notice is None


def test_after_a_kill_a_damaged_page_is_found_that_no_start_reads(killed):
    with contextlib.closing(sqlite3.connect(killed / NAME)) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'alert'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
        other = Path(shutil.copytree(killed, killed.with_name("other")))
    with (other / NAME).open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * 100)
    with started(other) as service:
        assert names(service) == []
        assert "it is damaged (" in service.notice
        assert "\n" not in service.notice


def test_changes_without_their_database_are_kept_aside(killed):
    changes = (killed / f"{NAME}-wal").read_bytes()
    (killed / NAME).unlink()
    with started(killed) as service:
        assert f"{NAME} is gone, and only its newest changes are left" in service.notice
        (aside,) = killed.glob(f"{NAME}.broken-*-wal")
        assert aside.read_bytes() == changes


ROWS = {
    "resource that is no JSON": "UPDATE resource SET state = '{' WHERE kind = 'Worker'",
    "resource that is no object": "UPDATE resource SET state = '[]' WHERE kind = 'Worker'",
    "number that is a text": "UPDATE resource SET state = json_set(state, '$.priority', 'x') WHERE kind = 'Task'",
    "text that is a number": "UPDATE resource SET state = json_set(state, '$.attributes', 7) WHERE kind = 'Worker'",
    "status that there is not": (
        "UPDATE resource SET state = json_set(state, '$.assignment_status', 'lost') WHERE kind = 'Task'"
    ),
    "attributes that are no JSON": (
        "UPDATE resource SET state = json_set(state, '$.attributes', '{') WHERE kind = 'Worker'"
    ),
    "task whose queue is gone": "DELETE FROM resource WHERE kind = 'TaskQueue'",
    "clock that is no number": "INSERT OR REPLACE INTO setting VALUES ('clock_offset', '\"soon\"')",
    "setting that is no JSON": "INSERT OR REPLACE INTO setting VALUES ('clock_offset', 'soon')",
    "options that are no JSON": "INSERT OR REPLACE INTO setting VALUES ('rules', '{')",
    "options that are no object": "INSERT OR REPLACE INTO setting VALUES ('rules', '7')",
    "webhook that is no JSON": "UPDATE delivery SET parameters = '{'",
    "table that is gone": "DROP TABLE delivery",
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_cannot_be_read_is_kept_aside_with_the_rest(stopped, name):
    with contextlib.closing(sqlite3.connect(stopped / NAME)) as db, db:
        db.execute(ROWS[name])
    before = (stopped / NAME).read_bytes()
    with started(stopped) as service:
        assert names(service) == []
        assert "it is kept untouched as" in service.notice
        assert "\n" not in service.notice
        (aside,) = (path for path in stopped.glob(f"{NAME}.*") if "-wal" not in path.name)
        assert aside.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("resource that is no JSON", "since one Worker is damaged ('{' is no JSON object)"),
        ("resource that is no object", "since one Worker is damaged ('[]' is no JSON object)"),
        ("options that are no JSON", "since something is not stored as it should be (JSONDecodeError("),
    ],
)
def test_what_no_version_writes_counts_as_damaged(stopped, name, words):
    with contextlib.closing(sqlite3.connect(stopped / NAME)) as db, db:
        db.execute(ROWS[name])
    with started(stopped) as service:
        assert words in service.notice
        assert list(stopped.glob(f"{NAME}.broken-*"))


def test_it_is_told_by_the_log_and_when_connecting(stopped, monkeypatch, capsys):
    monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(stopped))
    (stopped / NAME).write_bytes(b"this is no database" * 100)
    try:
        clients.connect()
        notice = sandbox.ensure().health()["notice"]
        assert "file is not a database" in notice
        assert notice in " ".join(capsys.readouterr().out.split())
        assert notice in wait_for((stopped / "sandbox.log").read_text)
        assert "Traceback" not in (stopped / "sandbox.log").read_text()
    finally:
        sandbox.stop()


def test_one_that_another_program_holds_is_left_where_it_is(stopped):
    """A lock says nothing about the data."""
    with contextlib.closing(sqlite3.connect(stopped / NAME, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode = EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        other.execute("DELETE FROM alert")
        with pytest.raises(NotKept, match="in use"):
            Service(stopped, *AUTH)
        other.execute("ROLLBACK")
    with started(stopped) as service:
        assert (service.notice, names(service)) == (None, ["First"])
