"""State that is damaged, incomplete or taken away is never taken for a new beginning: a sentence says what happened."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from helpers import sandbox
from helpers.connection import clients
from taskrouter_sandbox.control_client import Sandbox
from taskrouter_sandbox.http.app import create_app
from taskrouter_sandbox.http.messages import Request
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.runtime.worlds import Worlds
from taskrouter_sandbox.storage.errors import NotKept
from taskrouter_sandbox.storage.events import EventQuery
from taskrouter_sandbox.storage.retention import DAY, Retention
from taskrouter_sandbox.storage.transaction import OpenFiles
from taskrouter_sandbox.testing.threaded_server import served
from taskrouter_sandbox.webhooks.delivery import Delivery
from tests.sandbox.conftest import TOKEN
from tests.waiting import patience, wait_for

AUTH = (sandbox.ACCOUNT_SID, TOKEN)
NAME = "sandbox.sqlite3"


def names(service: Service) -> list[str]:
    return [each.friendly_name for each in service.store.workspaces()]


def create(service: Service, name: str) -> None:
    now = service.clock.now()
    queue = {"friendly_name": "Q", "max_reserved_workers": 1}

    def fill(engine) -> None:
        made = engine.task_queues.create(now, **queue)
        engine.workers.create(now, friendly_name="Alice", attributes="{}")
        engine.tasks.create(now, task_queue_sid=made.sid, attributes="{}")

    service.workspaces.create(now, fill, friendly_name=name)


@pytest.fixture
def stopped(tmp_path: Path) -> Path:
    """The folder of a sandbox that has ended, with a workspace `First` and a webhook that was to be delivered."""
    (tmp_path / "data").mkdir()
    service = Service(tmp_path / "data", *AUTH)
    create(service, "First")
    delivery = Delivery(kind="event", workspace_sid="WS", subject_sid="EV", url="http://here", parameters={})
    service.store.keep_deliveries([delivery], 0)
    service.store.close()
    return tmp_path / "data"


@pytest.fixture
def killed(stopped: Path, tmp_path: Path) -> Path:
    """The folder of a sandbox that was killed: `First` is in its file, `Second` in its log of changes only."""
    service = Service(stopped, *AUTH)
    create(service, "Second")
    folder = Path(shutil.copytree(stopped, tmp_path / "killed"))
    service.store.close()
    return folder


@contextlib.contextmanager
def started(folder: Path) -> Iterator[Service]:
    service = Service(folder, *AUTH)
    yield service
    service.store.close()


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


class TestNothingAmiss:
    def test_after_an_end(self, stopped):
        for _ in range(2):
            with started(stopped) as service:
                assert (service.notice, names(service)) == (None, ["First"])

    def test_after_a_kill(self, killed):
        with started(killed) as service:
            assert (service.notice, names(service)) == (None, ["First", "Second"])

    def test_after_a_kill_where_the_file_lies_elsewhere(self, killed):
        (killed / "elsewhere").mkdir()
        for name in (NAME, f"{NAME}-wal"):
            (killed / name).rename(killed / "elsewhere" / name)
        (killed / NAME).symlink_to(killed / "elsewhere" / NAME)
        with started(killed) as service:
            assert (service.notice, names(service)) == (None, ["First", "Second"])

    def test_where_another_program_reads(self, killed):
        with contextlib.closing(sqlite3.connect(killed / NAME, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM resource").fetchone()
            with started(killed) as service:
                assert (service.notice, names(service)) == (None, ["First", "Second"])
                create(service, "Third")
            other.execute("ROLLBACK")
        with started(killed) as service:
            assert (service.notice, names(service)) == (None, ["First", "Second", "Third"])

    def test_in_a_new_folder(self, tmp_path):
        with started(tmp_path) as service:
            assert (service.notice, names(service)) == (None, [])

    def test_after_a_kill_in_the_middle_of_the_first_start(self, tmp_path):
        (tmp_path / f"{NAME}.new").write_bytes(b"SQLite")
        with started(tmp_path) as service:
            assert (service.notice, names(service)) == (None, [])

    def test_after_a_reset(self, stopped):
        with started(stopped) as service:
            service.reset()
            assert service.store.is_in_use
        with started(stopped) as service:
            assert (service.notice, names(service)) == (None, [])


@pytest.mark.parametrize("lose", [Path.unlink, lambda path: path.write_bytes(b"")], ids=["removed", "emptied"])
def test_without_the_newest_changes_the_rest_is_there_and_it_is_said(killed, lose):
    lose(killed / f"{NAME}-wal")
    with started(killed) as service:
        assert names(service) == ["First"]
        assert "The newest changes are missing" in service.notice
        assert str(killed / f"{NAME}-wal") in service.notice
    with started(killed) as service:
        assert service.notice is None


def test_changes_that_were_cut_off_after_a_whole_transaction_are_missed(stopped, tmp_path):
    service = Service(stopped, *AUTH)
    log, lengths = stopped / f"{NAME}-wal", list[int]()
    for number in range(3):
        create(service, f"W{number}")
        lengths.append(log.stat().st_size)
    folder = Path(shutil.copytree(stopped, tmp_path / "killed"))
    service.store.close()
    with (folder / log.name).open("r+b") as file:
        file.truncate(lengths[0])
    with started(folder) as service:
        assert names(service) == ["First", "W0"]
        assert "The newest changes are missing, 2 of" in service.notice
        assert f"{folder / NAME} is older than what the sandbox has answered" in service.notice
    with started(folder) as service:
        assert service.notice is None


def test_an_older_copy_that_was_put_back_is_said_to_be_older(stopped, tmp_path):
    shutil.copy2(stopped / NAME, tmp_path / "copy")
    with started(stopped) as service:
        create(service, "Second")
    (tmp_path / "copy").replace(stopped / NAME)
    with started(stopped) as service:
        assert names(service) == ["First"]
        assert "is older than what the sandbox has answered, as a copy is that was put back" in service.notice
    with started(stopped) as service:
        assert service.notice is None


def test_a_file_that_is_gone_is_missed(stopped):
    (stopped / NAME).unlink()
    with started(stopped) as service:
        assert names(service) == []
        assert f"The sandbox begins empty: {stopped / NAME}, which had" in service.notice
    with started(stopped) as service:
        assert service.notice is None


def test_transactions_are_counted_with_events_and_without_and_when_events_are_gone(stopped):
    def counted(service: Service) -> int:
        noted = int((stopped / f"{NAME}-count").read_bytes())
        assert service.store.transactions == noted
        return noted

    with started(stopped) as service:
        before = counted(service)
        create(service, "Second")
        service.store.keep_setting("clock_offset", 0)
        assert counted(service) == before + 2
        create(service, "Third")
        service.store.sweep(Retention(events=1), service.clock.now())
        assert counted(service) == before + 4
        service.store.sweep(Retention(days=0), service.clock.now() + DAY)
        assert not service.store.newest_instant()
        assert counted(service) == before + 5
        service.store.sweep(Retention(days=0), service.clock.now() + DAY)  # which finds nothing any more
        assert counted(service) == before + 5
    with started(stopped) as service:
        assert service.notice is None
        assert counted(service) > before + 5


@pytest.mark.parametrize("text", [b"", b"?", b"-7", b"\xff" * 20])
def test_a_count_that_cannot_be_read_is_none(killed, text):
    (killed / f"{NAME}-count").write_bytes(text)
    with started(killed) as service:
        assert (service.notice, names(service)) == (None, ["First", "Second"])


def test_a_count_that_is_too_long_is_right_from_then_on(stopped):
    count = stopped / f"{NAME}-count"
    count.write_bytes(b"?" * 100)
    with started(stopped) as service:
        create(service, "Second")
    assert int(count.read_bytes()) > 0
    (stopped / NAME).unlink()
    with started(stopped) as service:
        assert "The sandbox begins empty" in service.notice


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_a_pipe_in_the_place_of_the_count_is_not_waited_for(stopped):
    (stopped / f"{NAME}-count").unlink()
    os.mkfifo(stopped / f"{NAME}-count")
    with started(stopped) as service:
        assert (service.notice, names(service)) == (None, ["First"])


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


def test_a_write_says_that_the_files_are_gone(stopped):
    with started(stopped) as service:
        app = create_app(Worlds(service), lambda: None)
        credentials = b"Basic " + base64.b64encode(":".join(AUTH).encode())
        headers = [(b"host", b"localhost"), (b"authorization", credentials)]
        request = Request("POST", "/v1/Workspaces", headers=headers, body=b"FriendlyName=W")
        (stopped / NAME).rename(stopped / "elsewhere")
        status, _, body = app(request)
        assert (status, json.loads(body)["code"]) == (503, 20503)
        assert f"{stopped / NAME} was removed or replaced while the sandbox used it" in json.loads(body)["message"]
        (stopped / "elsewhere").rename(stopped / NAME)
        assert app(request)[0] == 201


REMOVALS: dict[str, Callable[[Path], object]] = {
    "file": lambda folder: (folder / NAME).unlink(),
    "changes": lambda folder: (folder / f"{NAME}-wal").unlink(),
    "lock": lambda folder: (folder / "owner.lock").unlink(),
    "folder": shutil.rmtree,
    "replaced": lambda folder: (folder / "copy").replace(folder / NAME),
}


@pytest.mark.parametrize("age", [0, 0.5, 3600], ids=["changed-just-now", "a-moment-ago", "long-ago"])
@pytest.mark.parametrize("name", REMOVALS)
def test_every_way_in_which_the_files_go_is_seen(tmp_path, name, age):
    folder = tmp_path / "data"
    folder.mkdir()
    for each in (NAME, f"{NAME}-wal", "owner.lock", "copy"):
        (folder / each).touch()
    files = OpenFiles(folder / NAME)
    files.note(folder / "owner.lock")
    date = time.time() - age
    os.utime(folder, (date, date))
    files.check()
    files.check()
    REMOVALS[name](folder)
    with pytest.raises(NotKept):
        files.check()


def test_files_that_come_back_are_there_again(tmp_path):
    (tmp_path / NAME).touch()
    files = OpenFiles(tmp_path / NAME)
    files.note()
    os.utime(tmp_path, (0, 0))
    files.check()
    (tmp_path / NAME).rename(tmp_path / "elsewhere")
    for _ in range(2):
        with pytest.raises(NotKept):
            files.check()
    (tmp_path / "elsewhere").rename(tmp_path / NAME)
    files.check()


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """A sandbox process on a folder of its own."""
    monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(tmp_path / "data"))
    yield sandbox.ensure()
    sandbox.stop()


@pytest.mark.parametrize("name", REMOVALS)
def test_nothing_is_acknowledged_once_the_files_are_gone(running, tmp_path, name):
    auth = (running.account_sid, running.auth_token)

    def post() -> requests.Response:
        address = f"{running.url}/v1/Workspaces"
        return requests.post(address, {"FriendlyName": "W"}, auth=auth, timeout=patience(20))

    folder = tmp_path / "data"
    assert post().status_code == 201
    shutil.copy(folder / NAME, folder / "copy")
    os.utime(folder, (0, 0))  # unchanged for long: after one more look at the files, at the folder alone
    assert [post().status_code for _ in range(2)] == [201, 201]
    with (folder / "sandbox.log").open() as log:
        REMOVALS[name](folder)
        with contextlib.suppress(requests.ConnectionError):  # it may have noticed, and ended, by itself
            assert post().status_code == 503
        psutil.Process(running.pid).wait(patience(20))
        assert "was removed or replaced while the sandbox used it" in log.read()
    assert not (folder / "run.json").exists()


def test_one_that_ends_for_it_leaves_its_successor_alone(running, tmp_path):
    """Somebody removes the folder and starts anew, and nobody asks the first one any more."""
    shutil.rmtree(tmp_path / "data")
    second = sandbox.ensure()
    assert second.pid != running.pid
    client = clients.connect(quiet=True)
    client.taskrouter.v1.workspaces.create(friendly_name="New")
    psutil.Process(running.pid).wait(patience(30))
    assert sandbox.ensure().pid == second.pid
    sandbox.stop()
    assert [each.friendly_name for each in client.taskrouter.v1.workspaces.list()] == ["New"]


@pytest.mark.parametrize(("durable", "level"), [(False, 1), (True, 2)])
def test_with_durable_a_write_waits_for_the_disk(tmp_path, durable, level):
    """SQLite's levels: 1 is NORMAL, 2 is FULL, which forces each transaction to the disk."""
    service = Service(tmp_path, *AUTH, durable=durable)
    assert service.store.db.execute("PRAGMA synchronous").fetchone()[0] == level
    create(service, "First")
    service.store.close()
    with started(tmp_path) as again:
        assert names(again) == ["First"]
