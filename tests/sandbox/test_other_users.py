"""Other users of the machine read nothing of a sandbox, and cannot use it: they do not know its token."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import requests

from helpers import sandbox
from taskrouter_sandbox.defaults import PUBLISHED_TOKEN
from taskrouter_sandbox.http.peers import OwnUserOnly, owner
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.testing.threaded_server import served
from tests.waiting import patience

NOBODY = 65534
ASK = """if True:
    import encodings.idna, http.client, os, sys
    os.setuid({uid})
    connection = http.client.HTTPConnection("127.0.0.1", {port})
    for method, path in (("GET", "/v1/Workspaces"), ("POST", "/_sandbox/reset")):
        connection.request(method, path, headers={{"Authorization": {credentials!r}}})
        answer = connection.getresponse()
        print(answer.status, answer.read().decode())"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        if owner(listener.getsockname(), ("0.0.0.0", 0)) is None:
            pytest.skip("this system does not tell whose a connection is")
        yield listener


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a sandbox that runs: made by it, for somebody whose files everybody may read."""
    monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(tmp_path / "data"))
    before = os.umask(0o022)
    yield tmp_path / "data"
    os.umask(before)
    sandbox.stop()


def readable(folder: Path) -> list[str]:
    """The files, and the folder, that others may do anything with."""
    return [path.name for path in (folder, *folder.iterdir()) if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
class TestFiles:
    def test_they_are_this_user_s_alone(self, private):
        sandbox.ensure()
        assert {"auth-token", "run.json", "sandbox.sqlite3", "sandbox.sqlite3-wal", "sandbox.log"} <= {
            path.name for path in private.iterdir()
        }
        assert readable(private) == []

    def test_those_of_earlier_versions_become_so(self, private):
        private.mkdir(0o755)
        for name in ("sandbox.log", "sandbox.sqlite3.version-9-kept"):
            (private / name).touch(0o644)
        service = Service(private, *("AC" + "0" * 32, "token"))
        service.store.close()
        assert "sandbox.sqlite3" in readable(private)
        sandbox.ensure()
        assert readable(private) == ["data"]  # the folder was somebody's own


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be somebody else")
class TestSomebodyElse:
    """As another user, with what he may know: the address, the account SID, the token of earlier versions."""

    @pytest.fixture
    def shared(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
        """The folder of a sandbox that runs, in one that everybody may look into."""
        before = os.umask(0o022)
        with TemporaryDirectory() as parent:
            Path(parent).chmod(0o755)
            monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(Path(parent) / "data"))
            sandbox.ensure()
            yield Path(parent) / "data"
            sandbox.stop()
        os.umask(before)

    @pytest.mark.parametrize("mode", [0o700, 0o755])
    def test_he_cannot_read_the_token(self, shared, mode):
        """Nor anything else, also where the folder is somebody's own that others may look into."""
        shared.chmod(mode)
        script = f"""if True:
            import os, sys
            os.setuid({NOBODY})
            for name in {[path.name for path in shared.iterdir()]}:
                try:
                    open(os.path.join({str(shared)!r}, name), "rb").close()
                except PermissionError:
                    continue
                print(name)"""
        run = [sys.executable, "-c", script]
        assert subprocess.run(run, capture_output=True, text=True, timeout=patience(30)).stdout == ""

    @pytest.mark.parametrize("token", [PUBLISHED_TOKEN, "", "wrong"])
    def test_he_cannot_drive_it(self, shared, token):
        running = sandbox.ensure()
        assert statuses(NOBODY, running.url, token) == ["401", "401"]
        assert statuses(NOBODY, running.url, running.auth_token) == ["200", "200"]  # whom its user has told

    def test_he_does_not_see_it_among_the_processes(self, shared):
        running = sandbox.ensure()
        for name in ("cmdline", "environ"):
            assert running.auth_token.encode() not in Path(f"/proc/{running.pid}/{name}").read_bytes()


def ask(uid: int, url: str, token: str, sid: str = sandbox.ACCOUNT_SID) -> list[str]:
    """Ask for the workspaces, and for a reset, as that user; give status and body of each answer."""
    credentials = requests.auth._basic_auth_str(sid, token)
    run = [sys.executable, "-c", ASK.format(uid=uid, port=url.rpartition(":")[2], credentials=credentials)]
    said = subprocess.run(run, capture_output=True, text=True, check=True, timeout=patience(30)).stdout
    return said.splitlines()


def statuses(*asked: Any) -> list[str]:
    return [line[:3] for line in ask(*asked)]


class TestConnections:
    def test_this_user_is_let_in(self, listener):
        with socket.create_connection(listener.getsockname()) as client:
            assert owner(client.getsockname(), listener.getsockname()) == os.geteuid()
            assert OwnUserOnly(listener).admits(client.getsockname())

    def test_also_over_a_socket_for_both_kinds_of_address(self, listener):
        """As Java makes them."""
        with socket.socket(socket.AF_INET6) as client:
            client.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            client.connect(("::ffff:127.0.0.1", listener.getsockname()[1]))
            assert OwnUserOnly(listener).admits(("127.0.0.1", client.getsockname()[1]))

    def test_whose_it_was_is_not_known_once_it_is_closed(self, listener):
        with socket.create_connection(listener.getsockname()) as client:
            address = client.getsockname()
        assert not OwnUserOnly(listener).admits(address)

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be somebody else")
    @pytest.mark.parametrize(("token", "let_in"), [(PUBLISHED_TOKEN, False), ("my-own", True)])
    def test_another_user(self, listener, tmp_path, token, let_in):
        """With the token that everybody knows nobody else is let in; with one of its own, whoever has that."""
        with served(Service(tmp_path, sandbox.ACCOUNT_SID, token)) as address:
            assert statuses(os.geteuid(), address, token) == ["200", "200"]
            told = ask(NOBODY, address, token)
            assert [line[:3] for line in told] == (["200", "200"] if let_in else ["403", "403"])
            assert let_in or all("start it with --auth-token and one of your own" in line for line in told)

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can be somebody else")
    def test_another_user_where_any_account_may_ask(self, listener):
        """With any token, which would make him a world; and which nobody has chosen for all of them."""
        command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--any-account", "--json"]
        with subprocess.Popen([*command, "--stop-with-input"], stdin=-1, stdout=-1, text=True) as process:
            assert process.stdout
            url = json.loads(process.stdout.readline())["url"]
            sid = "AC" + "7" * 32
            assert statuses(os.geteuid(), url, "any", sid) == ["200", "200"]
            assert statuses(NOBODY, url, "any", sid) == ["403", "403"]
            process.communicate(timeout=patience(20))


def test_where_the_system_does_not_tell_all_are_let_in():
    """Such as here, where the address is not listened at."""
    with socket.socket() as unbound:
        unbound.bind(("127.0.0.1", 0))
        assert OwnUserOnly(unbound).admits(("127.0.0.1", 1))
