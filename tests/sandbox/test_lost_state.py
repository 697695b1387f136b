"""State that is incomplete or taken away is never taken for a new beginning: a sentence says what happened."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from pathlib import Path

import pytest

from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.storage.retention import DAY, Retention
from tests.sandbox.kept_state import AUTH, NAME, create, killed, names, started, stopped

__all__ = ["killed", "stopped"]


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

    def test_where_another_program_was_the_last_to_close_it(self, killed):
        """SQLite puts the changes into the file then, and removes their log."""
        with contextlib.closing(sqlite3.connect(killed / NAME)) as other:
            other.execute("SELECT * FROM resource").fetchone()
        assert not (killed / f"{NAME}-wal").exists()
        with started(killed) as service:
            assert (service.notice, names(service)) == (None, ["First", "Second"])

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


def test_without_a_count_changes_that_are_gone_are_missed(killed):
    """As in the folder of a version that did not count."""
    for end in ("-wal", "-count"):
        (killed / f"{NAME}{end}").unlink()
    with started(killed) as service:
        assert names(service) == ["First"]
        assert "The newest changes are missing: the sandbox was killed" in service.notice


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
