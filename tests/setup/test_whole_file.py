"""What a learner has is written as a whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from helpers import whole_file
from helpers.callback_server import public_addresses
from helpers.connection import json_file
from helpers.setup import own_lessons


@contextmanager
def no_room_beyond(size: int) -> Iterator[None]:
    """Let the system refuse to make any file longer than so many bytes, as a full disk does."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_leaves_the_old_file_and_nothing_else(tmp_path: Path):
    file = tmp_path / "app.py"
    whole_file.write(file, b"mine")
    with no_room_beyond(1_000), pytest.raises(OSError, match="File too large"):
        whole_file.write(file, b"x" * 5_000)
    assert file.read_bytes() == b"mine"
    assert list(tmp_path.iterdir()) == [file]


def test_what_a_killed_process_left_is_no_hindrance(tmp_path: Path):
    whole_file.write(tmp_path / "a", b"1")
    (tmp_path / f".a.{os.getpid()}").write_bytes(b"half")
    whole_file.write(tmp_path / "a", b"2")
    assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [("a", b"2")]


def test_a_copy_of_the_lessons_that_does_not_fit_is_made_later(tmp_path: Path):
    with no_room_beyond(2_000), pytest.raises(own_lessons.InstallError, match="cannot be kept"):
        own_lessons.bring(tmp_path / "mine")
    assert all(one.stat().st_size != 2_000 for one in (tmp_path / "mine").rglob("*"))
    assert not [one for one in own_lessons.bring(tmp_path / "mine") if "new version" in one]


def test_progress_that_does_not_fit_leaves_what_was_kept(tmp_path: Path):
    file = tmp_path / "progress.json"
    json_file.write(file, {"AC1": {}})
    with no_room_beyond(1_000), pytest.raises(OSError, match="File too large"):
        json_file.write(file, {"AC1": {"WS1": ["check.stage"] * 500}})
    assert json_file.read(file) == {"AC1": {}}
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("text", ['{"8080": []}', '{"8080": null}', '{"8080": [7]}', '{"8080": {}}', "[]", "{", "\x00"])
def test_addresses_that_are_damaged_count_as_not_there(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TASKROUTER_TUNNEL_DIR", str(tmp_path))
    (tmp_path / "addresses.json").write_text(text)
    assert not public_addresses.is_ours("https://a.example/x")
    assert public_addresses.port_of("https://a.example/x") is None
    assert public_addresses.remember(8080, "https://a.example") == []
    assert "https://a.example" in public_addresses.latest()
