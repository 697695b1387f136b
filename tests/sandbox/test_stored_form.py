"""Data of earlier versions is there again; data of later ones is kept aside, and a sentence says so."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from helpers import sandbox
from helpers.connection import clients
from taskrouter_sandbox.engine.model.entities import Entity, Event
from taskrouter_sandbox.runtime.clock import Clock
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.storage import telephony
from taskrouter_sandbox.storage.alerts import AlertEntity
from taskrouter_sandbox.storage.migrations import VERSION
from taskrouter_sandbox.storage.resources import FORMS
from taskrouter_sandbox.storage.store import Store
from taskrouter_sandbox.testing.threaded_server import served
from tests.sandbox.conftest import TOKEN
from tests.waiting import patience

AUTH = (sandbox.ACCOUNT_SID, TOKEN)
DATA = Path(__file__).parent / "data"
KEPT = json.loads((DATA / "version_0.json").read_text())


class StandingClock(Clock):
    def now(self) -> int:
        return KEPT["at"]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A copy of the data of commit 496b07f (in the full history only), in a folder of its own."""
    return Path(shutil.copy(DATA / "version_0.sqlite3", tmp_path / "sandbox.sqlite3"))


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Callable[[str], Any]]:
    """A sandbox on that folder whose clock stands where the data was made; ask it for a path."""
    service = Service(folder, *AUTH, clock=StandingClock())

    def ask(path: str) -> Any:
        answer = requests.get(address + path, auth=AUTH, timeout=patience(10))
        answer.raise_for_status()
        return json.loads(answer.text.replace(address, "http://here"))

    with served(service) as address:
        yield ask


def change(database: Path, sql: str, *values: Any) -> None:
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        db.execute(sql, values)


def rows(database: Path, table: str) -> list[list[Any]]:
    with contextlib.closing(sqlite3.connect(database)) as db:
        return [list(row) for row in db.execute(f"SELECT * FROM {table} ORDER BY rowid")]


def shape(database: Path) -> dict[str, Any]:
    """Tables with their columns, and indexes with theirs."""
    with contextlib.closing(sqlite3.connect(database)) as db:
        names = db.execute("SELECT type, name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
        return {
            name: sorted(row[1:4] for row in db.execute(f"PRAGMA table_info({name})"))
            if kind == "table"
            else [row[2] for row in db.execute(f"PRAGMA index_info({name})")]
            for kind, name in names
        }


# members whose values have been corrected since (rest-contract.md §6.1, §15): they are not compared, and neither is an
# alert's advice, which is not stored
CORRECTED = {
    "advice",
    "document_content_type",
    "longest_task_waiting_age",
    "longest_task_waiting_sid",
    "longest_relative_task_age_in_queue",
    "longest_relative_task_sid_in_queue",
}


def among(then: Any, now: Any) -> Any:
    """What was answered then, of what is answered now: members that have come since are left out."""
    if isinstance(then, dict) and isinstance(now, dict):
        has_ended = then.get("assignment_status") in ("completed", "canceled")  # whose age went on then
        corrected = CORRECTED | {"age"} if has_ended else CORRECTED
        return {name: value if name in corrected else among(value, now.get(name)) for name, value in then.items()}
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        return [among(*pair) for pair in zip(then, now, strict=True)]
    return now


class TestEarlier:
    def test_every_answer_is_as_it_was(self, database):
        with opened(database.parent) as ask:
            alerts = KEPT["answers"]["/_sandbox/alerts"]["alerts"]
            for path, answer in KEPT["answers"].items():
                if path == "/_sandbox/alerts":  # one more comes when the delivery that was under way fails again
                    assert among(alerts, ask(path)["alerts"][-len(alerts) :]) == alerts
                else:
                    assert among(answer, ask(path)) == answer, path
            assert ask("/_sandbox/rules")["rules"].items() >= KEPT["rules"].items()  # there are more by now

    def test_what_was_under_way_is_delivered(self, database):
        store = Store(database)
        assert [delivery.number for delivery in store.open_deliveries()] == KEPT["open_deliveries"]
        store.close()

    def test_what_came_of_deliveries_has_its_word_too(self, database):
        store = Store(database)
        assert {(each.outcome.text, each.outcome.result) for each in store.deliveries() if each.outcome} == {
            ("accepted", "done"),
            ("rejected", "done"),
            ("reported", "done"),
            ("not reported: it answered 500", "failed"),
        }
        assert {attempt.status for each in store.deliveries() for attempt in each.attempts} == {200, 500}
        store.close()

    def test_older_still(self, database):
        """Before transfers: no `counted_from`; before deliveries could be repeated: no column for it."""
        change(database, "UPDATE resource SET state = json_remove(state, '$.counted_from') WHERE kind = 'Task'")
        change(database, "ALTER TABLE delivery DROP COLUMN repeats")
        with opened(database.parent) as ask:
            tasks = next(path for path in KEPT["answers"] if path.endswith("/Tasks"))
            assert among(KEPT["answers"][tasks], ask(tasks)) == KEPT["answers"][tasks]
            assert {each["repeats"] for each in ask("/_sandbox/deliveries")["deliveries"]} == {None}
        with contextlib.closing(sqlite3.connect(database)) as db:
            states = [json.loads(row[0]) for row in db.execute("SELECT state FROM resource WHERE kind = 'Task'")]
        assert all(state["counted_from"] == state["date_created"] for state in states)

    @pytest.mark.parametrize("recorded_since", [None, 1_767_225_612_000], ids=["nothing", "a part"])
    def test_what_happened_before_statistics_were_recorded_is_counted(self, database, recorded_since):
        """As it would have been: ages differ by the few milliseconds that events are apart from one another."""
        whole = Path(shutil.copy(database, database.with_name("whole.sqlite3")))
        Store(whole).close()
        for table, at in (("record", "at"), ("stay", "ended")):
            if recorded_since is None:
                change(database, f"DROP TABLE {table}")
            else:
                change(database, f"DELETE FROM {table} WHERE {at} < ?", recorded_since)
        Store(database).close()
        for table, times in (("counted_event", 7), ("activity_interval", 3)):
            expected, found = rows(whole, table), rows(database, table)
            assert [row[:times] for row in found] == [row[:times] for row in expected]
            for row, right in zip(found, expected, strict=True):
                assert row[times:] == pytest.approx(right[times:], abs=20)

    def test_a_migrated_database_is_like_a_new_one(self, database, tmp_path):
        new = tmp_path / "new.sqlite3"
        for path in (database, new):
            Store(path).close()
        assert shape(database) == shape(new)
        with contextlib.closing(sqlite3.connect(database)) as db:
            assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)

    def test_a_migration_is_done_once(self, database):
        Store(database).close()
        before = database.read_bytes()
        Store(database).close()
        assert database.read_bytes() == before


LATER = {
    "newer": ("PRAGMA user_version = 999", "version-999-kept", "a newer sandbox wrote it (version 999"),
    "field": (
        "UPDATE resource SET state = json_set(state, '$.colour', 'red') WHERE kind = 'TaskQueue'",
        f"version-{VERSION}-kept",
        "has an unknown field 'colour'",
    ),
    "kind": (
        "INSERT INTO resource (sid, workspace_sid, kind, state)"
        " SELECT 'XX1', workspace_sid, 'Robot', '{}' FROM resource LIMIT 1",
        f"version-{VERSION}-kept",
        "the unknown kind 'Robot'",
    ),
    "option": (
        "UPDATE setting SET value = json_set(value, '$.colour', 'red') WHERE name = 'rules'",
        f"version-{VERSION}-kept",
        "it has an unknown option 'colour'",
    ),
    "choice": (
        "UPDATE setting SET value = json_set(value, '$.empty_answer', 'red') WHERE name = 'rules'",
        f"version-{VERSION}-kept",
        "it has options that are not known",
    ),
    "missing": (
        "UPDATE resource SET state = json_remove(state, '$.friendly_name') WHERE kind = 'Worker'",
        f"version-{VERSION}-kept",
        "one Worker is not stored as it should be",
    ),
}


class TestLater:
    @pytest.mark.parametrize("migrated", [False, True], ids=["version 0", "this version"])
    @pytest.mark.parametrize("name", LATER)
    def test_it_is_kept_aside_and_a_sentence_says_so(self, database, name, migrated):
        sql, kept, words = LATER[name]
        if migrated:
            Store(database).close()
        change(database, sql)
        before = database.read_bytes()
        service = Service(database.parent, *AUTH)
        assert not service.store.workspaces()
        service.store.close()
        aside = database.with_name(f"{database.name}.{kept}")
        assert aside.read_bytes() == before
        assert list(database.parent.glob("*kept*")) == [aside]  # all of it is in that file
        assert words in service.notice
        assert str(aside) in service.notice
        assert "\n" not in service.notice

    def test_neither_of_two_is_lost(self, database):
        change(database, "PRAGMA user_version = 999")
        for _ in range(2):
            service = Service(database.parent, *AUTH)
            service.store.close()
            change(database, "PRAGMA user_version = 999")
        names = sorted(path.name for path in database.parent.glob("*kept*"))
        assert names == [f"{database.name}.version-999-kept", f"{database.name}.version-999-kept-2"]

    def test_a_learner_reads_it_when_connecting(self, database, monkeypatch, capsys):
        monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(database.parent))
        change(database, "PRAGMA user_version = 999")
        try:
            client = clients.connect()
            said = " ".join(capsys.readouterr().out.split())
            assert said.count("kept untouched as") == 1
            assert not client.taskrouter.v1.workspaces.list()
            sandbox.stop()
            clients.connect()
            assert "kept" not in capsys.readouterr().out  # nothing was amiss this time
        finally:
            sandbox.stop()


def kinds(entity: type[Entity]) -> set[type[Entity]]:
    """The classes below one that have no others below them."""
    below = entity.__subclasses__()
    return set().union(*map(kinds, below)) if below else {entity}


def test_every_field_that_is_a_resource_s_state_has_a_stored_name():
    """So a new attribute cannot be forgotten here, and one that is renamed keeps its stored name."""
    for form in FORMS.values():
        hints = Entity.__annotations__ | form.entity.__annotations__
        state = [name for name, hint in hints.items() if not hint.startswith("Derived[")]
        assert sorted(form.attributes.values()) == sorted(state), form.entity
    stored = {form.entity for form in (*FORMS.values(), *telephony.FORMS.values())}
    assert stored == kinds(Entity) - {Event, AlertEntity}
