"""A start that meets trouble says so in a sentence, names the process, and never ends in a traceback."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from helpers import sandbox
from helpers.errors import LessonError
from taskrouter_sandbox import ACCOUNT_SID, SandboxError, launcher, processes
from taskrouter_sandbox.code_version import fingerprint, fingerprint_on_disk
from tests.sandbox.conftest import TOKEN
from tests.waiting import patience, wait_for

COMMAND = [sys.executable, "-m", "taskrouter_sandbox"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder of its own; whatever runs on it is ended."""
    monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    yield tmp_path / "data"
    launcher.stop()


def run_file(url: str, pid: int = 2**22 - 1) -> str:
    return json.dumps({"url": url, "pid": pid, "code": fingerprint(), "account_sid": ACCOUNT_SID, "auth_token": TOKEN})


@pytest.mark.parametrize(
    "said",
    [
        "[]", "null", "7", '"x"', "", "{", "{}", "\0\0", run_file("http://127.0.0.1:1")[:-20],
        run_file("nowhere"), run_file("file:///etc/passwd"), run_file("http://[::1/"), run_file("http://a b/"),
        json.dumps({"url": 7, "pid": "x", "code": [], "account_sid": None, "auth_token": {}}),
        json.dumps(json.loads(run_file("http://127.0.0.1:1")) | {"pid": -1}),
        json.dumps(json.loads(run_file("http://127.0.0.1:1")) | {"pid": 2**70}),
        json.dumps(json.loads(run_file("http://127.0.0.1:1")) | {"pid": os.getpid()}),
    ],
)  # fmt: skip
def test_a_run_file_that_names_no_sandbox_stands_in_nobody_s_way(folder, said):
    (folder / "run.json").write_text(said)
    assert launcher.find() is None
    assert launcher.stop() is False
    assert psutil.pid_exists(os.getpid())


def test_an_odd_run_file_is_replaced(folder):
    (folder / "run.json").write_text("[]")
    assert sandbox.ensure().pid == json.loads((folder / "run.json").read_text())["pid"]


@pytest.mark.parametrize(
    "answer",
    [
        b"hello\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe",
        b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_a_port_that_belongs_to_another_program_now(folder, answer):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                with client:
                    client.recv(1000)
                    client.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        (folder / "run.json").write_text(run_file(f"http://127.0.0.1:{server.getsockname()[1]}"))
        assert launcher.find() is None
        assert launcher.stop() is False
        server.shutdown(socket.SHUT_RDWR)
        thread.join(patience(10))


@pytest.mark.parametrize(("pid", "asks"), [(2**22 - 1, 0), (os.getpid(), 2)], ids=["nobody", "another program"])
def test_a_port_that_belongs_to_a_program_which_never_answers(folder, pid, asks):
    """It is asked only where the process that the run file names is there, seldom, and not waited for for long."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        (folder / "run.json").write_text(run_file(f"http://127.0.0.1:{server.getsockname()[1]}", pid))
        began, longest = time.monotonic(), patience(60)
        found = launcher.ensure(answer_seconds=longest)
        assert found.pid == json.loads((folder / "run.json").read_text())["pid"]
        assert time.monotonic() - began < longest
        server.setblocking(False)
        for _ in range(asks):
            server.accept()[0].close()
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("name", ["start.lock", "start.log"])
def test_a_folder_that_cannot_be_written(folder, name):
    """As with one that must not be, also for root: a folder stands where a file is to be made."""
    (folder / name).mkdir()
    with pytest.raises(LessonError, match="cannot be the folder of the sandbox's state"):
        sandbox.ensure()


def test_a_folder_that_is_none(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(tmp_path / "file"))
    with pytest.raises(LessonError, match="cannot be the folder of the sandbox's state"):
        sandbox.ensure()


@pytest.fixture
def hanging(folder: Path) -> launcher.Sandbox:
    """A sandbox that is there and answers nobody."""
    running = launcher.ensure()
    os.kill(running.pid, signal.SIGSTOP)
    wait_for(lambda: psutil.Process(running.pid).status() == psutil.STATUS_STOPPED)
    return running


CLOSED = """
import os, sys, time
held, lock = open(sys.argv[1] + "/owner.lock", "w"), sys.argv[1] + "/start.lock"
print("here", flush=True)
while not os.path.exists(lock):
    time.sleep(0.01)
time.sleep(1)  # as long as it takes to let go of everything
"""


def test_one_that_has_closed_its_port_and_still_ends_is_waited_for(folder):
    command = [sys.executable, "-c", CLOSED, str(folder), "taskrouter", "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as ending:
        assert ending.stdout
        assert ending.stdout.readline() == "here\n"
        (folder / "run.json").write_text(run_file("http://127.0.0.1:1", ending.pid))
        assert launcher.ensure().pid != ending.pid


GONE = """if True:
    import json, os
    from http.server import BaseHTTPRequestHandler, HTTPServer

    class Ending(BaseHTTPRequestHandler):
        def do_GET(self):
            said = json.dumps({"pid": os.getpid()}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def do_POST(self):
            os._exit(0)  # it ends before it can answer

    server = HTTPServer(("127.0.0.1", 0), Ending)
    print(server.server_port, flush=True)
    server.serve_forever()"""


def test_one_that_has_ended_before_it_could_be_told_to(folder):
    """As when it is killed, or another program stops it at the same moment."""
    with subprocess.Popen([sys.executable, "-c", GONE], stdout=subprocess.PIPE, text=True) as ending:
        assert ending.stdout
        url = f"http://127.0.0.1:{int(ending.stdout.readline())}"
        (folder / "run.json").write_text(run_file(url, ending.pid))
        assert launcher.stop() is True


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGSTOP")
class TestOneThatHangs:
    def test_it_is_named_and_not_ended_for_being_slow(self, hanging):
        with pytest.raises(SandboxError, match=rf"process {hanging.pid}\) but does not answer: wait a moment"):
            launcher.ensure(answer_seconds=0.2)
        os.kill(hanging.pid, signal.SIGCONT)
        assert launcher.ensure().pid == hanging.pid

    def test_it_is_ended_when_that_is_asked_for(self, hanging):
        threading.Timer(0.2, os.kill, (hanging.pid, signal.SIGCONT)).start()  # a signal to end is heard only then
        assert launcher.stop(answer_seconds=0.1) is True
        assert not launcher.is_sandbox(hanging.pid, launcher.data_folder())
        assert launcher.ensure().pid != hanging.pid


def test_the_command_that_ends_it(folder):
    running = launcher.ensure()
    said = [subprocess.run([*COMMAND, "stop"], capture_output=True, text=True, timeout=patience(60)) for _ in range(2)]
    assert [(each.returncode, each.stdout, each.stderr) for each in said] == [
        (0, f"The sandbox on {folder} has ended.\n", ""),
        (0, f"No sandbox runs on {folder}.\n", ""),
    ]
    assert not launcher.is_sandbox(running.pid, folder)


def test_it_ends_when_nobody_has_asked_for_as_long_as_the_environment_says(folder, monkeypatch):
    monkeypatch.setenv("TASKROUTER_SANDBOX_IDLE_SECONDS", "0.5")
    assert processes.has_ended(launcher.ensure().pid, patience(20))
    monkeypatch.setenv("TASKROUTER_SANDBOX_IDLE_SECONDS", "soon")
    with pytest.raises(SandboxError, match="invalid float value: 'soon'"):
        launcher.ensure()


def test_a_database_has_one_sandbox_whatever_folder_leads_there(folder, tmp_path):
    running = launcher.ensure()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "sandbox.sqlite3").symlink_to(folder / "sandbox.sqlite3")
    command = [*COMMAND, "serve", "--port", "0", "--data", str(tmp_path / "other")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        said = other.stdout.readline()
        other.terminate()
    assert f"Another sandbox already uses {tmp_path / 'other'} (" in said
    assert f"(process {running.pid})" in said


def test_a_copy_of_the_folder_has_a_sandbox_of_its_own(folder, tmp_path, monkeypatch):
    """Also where it was copied while the sandbox ran: nobody who works on the copy changes the original."""
    running = launcher.ensure()
    copy = Path(shutil.copytree(folder, tmp_path / "copy"))
    monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(copy))
    assert (launcher.find(), launcher.stop()) == (None, False)
    assert launcher.ensure().pid != running.pid
    assert launcher.stop() is True
    monkeypatch.setenv("TASKROUTER_SANDBOX_DIR", str(folder))
    assert launcher.ensure().pid == running.pid


def test_a_folder_that_has_another_name_here_is_no_copy(folder):
    """As one that a container has under a name of its own."""
    running = launcher.ensure()
    said = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(said | {"data": "/another/name"}))
    assert launcher.ensure().pid == running.pid


def test_a_sandbox_whose_run_file_was_removed_is_found_again(folder):
    running = launcher.ensure()
    (folder / "run.json").unlink()
    assert launcher.ensure().pid == running.pid


ENDING = """if True:
    import sys, time
    from filelock import FileLock
    from taskrouter_sandbox.cli import main

    ending, sleep = FileLock(sys.argv[1] + "/owner.lock"), time.sleep

    def wait(seconds):
        ending.release()
        sleep(seconds)

    ending.acquire()
    time.sleep = wait
    sys.exit(main(["serve", "--port", "0", "--data", sys.argv[1], "--idle-exit", "0.1"]))"""


def test_a_sandbox_that_is_just_ending_is_waited_for(folder):
    """It lets go of the folder when the next one waits for it for the first time."""
    command = [sys.executable, "-c", ENDING, str(folder)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=patience(60))
    assert run.stdout.startswith("TaskRouter sandbox at"), run.stderr
    assert run.returncode == 0


def test_a_database_that_is_in_use_is_named_with_who_uses_it(folder):
    launcher.ensure()
    launcher.stop()
    lock = """if True:
        import sqlite3, sys
        db = sqlite3.connect(sys.argv[1], isolation_level=None)
        db.execute("PRAGMA locking_mode = EXCLUSIVE")
        db.execute("BEGIN EXCLUSIVE")
        print("held", flush=True)
        sys.stdin.read()"""
    holder = [sys.executable, "-c", lock, str(folder / "sandbox.sqlite3")]
    with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(SandboxError, match=rf"is in use by .* \(process {other.pid}\): close it there"):
            launcher.ensure()
        other.communicate(timeout=patience(10))
    launcher.ensure()


def test_code_that_has_changed_is_told_from_what_it_was(tmp_path):
    module, other = tmp_path / "module.py", tmp_path / "folder" / "other.py"
    other.parent.mkdir()
    for file in (module, other):
        file.write_text("a = 1\n")
    seen = [fingerprint_on_disk(tmp_path)]
    assert fingerprint_on_disk(tmp_path) == seen[0]
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "module.cpython.pyc").write_bytes(b"compiled")
    assert fingerprint_on_disk(tmp_path) == seen[0]
    other.write_text("a = 20\n")
    seen.append(fingerprint_on_disk(tmp_path))
    os.utime(module, ns=(0, module.stat().st_mtime_ns + 1_000_000_000))  # edited, and as long as it was
    seen.append(fingerprint_on_disk(tmp_path))
    other.rename(tmp_path / "other.py")
    seen.append(fingerprint_on_disk(tmp_path))
    assert len(set(seen)) == 4
