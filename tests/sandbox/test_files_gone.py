"""Nothing is acknowledged once the files of a sandbox are gone, and with `--durable` before it is on the disk."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

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
from taskrouter_sandbox.storage.transaction import OpenFiles
from tests.sandbox.kept_state import AUTH, NAME, create, names, started, stopped
from tests.waiting import patience

__all__ = ["stopped"]


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
