"""Every way in which ngrok's agent can fail, and what ends with the kernel that began it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest
from pyngrok import installer, process

from helpers import LessonError, expose
from helpers.tunnel.expose import tunnels
from tests.waiting import patience, wait_for


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"FAKE_NGROK_MODE": "bad_token"}, "does not know the token in NGROK_AUTHTOKEN"),
        ({"FAKE_NGROK_MODE": "unverified"}, r"confirm your e-mail address at dashboard\.ngrok\.com.*NGROK_AUTHTOKEN"),
        ({"FAKE_NGROK_MODE": "session_limit"}, "as many agents running as it may"),
        ({"FAKE_NGROK_MODE": "no_network"}, "cannot reach ngrok: check the internet connection"),
        ({"FAKE_NGROK_MODE": "hang"}, "did not come up"),
        ({"FAKE_NGROK_MODE": "old_agent"}, "up to date with `.*ngrok update`"),
        ({"FAKE_NGROK_MODE": "crash"}, "told to crash"),
        ({"FAKE_NGROK_REFUSE": "334"}, "in use by another agent of yours"),
        ({"FAKE_NGROK_REFUSE": "8013"}, r"refuses with ERR_NGROK_8013: ngrok\.com/docs/errors/err_ngrok_8013"),
        ({"NGROK_AUTHTOKEN": ""}, r"ngrok needs a token.*NGROK_AUTHTOKEN=\.\.\., then run this cell again"),
        ({"NGROK_PATH": "."}, r"^NGROK_PATH names \., which is a folder: .* take that line away"),
        ({"NGROK_PATH": "notes.txt"}, r"^NGROK_PATH names notes\.txt, which is no program: "),
        ({"NGROK_PATH": "~/ngrok"}, r"^NGROK_PATH names ~/ngrok, which is not there: "),
        ({"NGROK_PATH": "nowhere/ngrok"}, r"^NGROK_PATH names nowhere/ngrok, which is not there: "),
        ({"TASKROUTER_TUNNEL_DIR": "notes.txt"}, r"needs the folder notes\.txt/ngrok, .*TASKROUTER_TUNNEL_DIR"),
    ],
    ids=lambda value: "-".join(value.values()) or "no-token" if isinstance(value, dict) else "",
)
def test_each_failure_is_one_sentence_with_the_next_step(
    live, server, tools, monkeypatch, capfd, caplog, settings, sentence
):
    (live / "notes.txt").touch()
    monkeypatch.setenv("HOME", str(live / "home"))
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    if settings.get("FAKE_NGROK_MODE") in ("hang", "no_network", "old_agent"):  # pyngrok waits on; the others end
        monkeypatch.setattr(tunnels.agent, "patience", patience(2))
    with pytest.raises(LessonError, match=sentence) as failure:
        expose(server)
    assert "\n" not in str(failure.value)
    assert failure.value.__suppress_context__ or failure.value.__context__ is None
    assert tools.NGROK_TOKEN not in str(failure.value)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert tools.agents(live) == []
    assert not list((live / "data").glob("ngrok/*.*"))
    assert {file.name for file in live.iterdir()} <= {"ngrok", "notes.txt", "data"}


def test_why_an_agent_has_ended_is_said_when_it_is_gone_before_its_words_are_read(live, server, tools, monkeypatch):
    """pyngrok reads a line, sees that the agent has ended, and reads no other."""
    read = process.NgrokProcess._log_startup_line

    def read_slowly(of: process.NgrokProcess, line: str) -> object:
        of.proc.wait()
        return read(of, line)

    monkeypatch.setattr(process.NgrokProcess, "_log_startup_line", read_slowly)
    monkeypatch.setenv("FAKE_NGROK_MODE", "session_limit")
    with pytest.raises(LessonError, match="as many agents running as it may"):
        expose(server)
    monkeypatch.setenv("FAKE_NGROK_MODE", "crash")
    with pytest.raises(LessonError, match="told to crash"):
        expose(server)
    assert tools.agents(live) == []


def test_no_second_agent_is_begun_to_say_why_one_that_runs_has_refused(live, server, monkeypatch):
    """An account may have one agent, and would refuse the second for another reason."""
    begun, begin = [], subprocess.Popen.__init__

    def counted(self: subprocess.Popen, command, *given, **more) -> None:
        begun.append(command)
        begin(self, command, *given, **more)

    monkeypatch.setattr(subprocess.Popen, "__init__", counted)
    monkeypatch.setenv("FAKE_NGROK_REFUSE", "8013")
    with pytest.raises(LessonError, match="ERR_NGROK_8013"):
        expose(server)
    assert len([command for command in begun if "--none" in command]) == 1


def test_a_path_in_the_home_folder(live, server, monkeypatch):
    (live / "home").mkdir()
    (live / "ngrok").rename(live / "home" / "ngrok")
    monkeypatch.setenv("HOME", str(live / "home"))
    monkeypatch.setenv("NGROK_PATH", "~/ngrok")
    assert expose(server) != server.url


def test_after_a_failure_the_next_try_is_a_fresh_one(live, server, monkeypatch):
    monkeypatch.setenv("FAKE_NGROK_MODE", "session_limit")
    with pytest.raises(LessonError):
        expose(server)
    monkeypatch.setenv("FAKE_NGROK_MODE", "ok")
    assert expose(server) != server.url


def test_no_agent_and_no_network(live, server, monkeypatch):
    monkeypatch.delenv("NGROK_PATH")
    monkeypatch.setattr(installer, "get_ngrok_cdn_url", lambda version: "http://127.0.0.1:9/ngrok.tgz")
    with pytest.raises(LessonError, match=r"could not be downloaded: .*NGROK_PATH"):
        expose(server)


def test_interrupting_the_cell_ends_the_agent_that_hangs(live, server, tools, monkeypatch):
    monkeypatch.setenv("FAKE_NGROK_MODE", "hang")

    def interrupt() -> None:
        wait_for(lambda: tools.agents(live))
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        expose(server)
    assert tools.agents(live) == []


KERNEL = """
import sys
from fastapi import FastAPI
from helpers import expose, serve
from helpers.tunnel.expose import tunnels
expose(serve(FastAPI(), 0))
print(tunnels.agent._process.lease._guardian.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def kernel(live):
    """A process that has an agent, and the pid of its guardian."""
    process = subprocess.Popen([sys.executable, "-c", KERNEL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    yield process, int(process.stdout.readline())
    process.kill()
    process.communicate()


def test_a_kernel_that_is_killed_takes_its_agent_with_it(live, kernel, tools):
    process, guardian = kernel
    assert len(tools.agents(live)) == 1
    process.kill()
    wait_for(lambda: not tools.agents(live))
    wait_for(lambda: tools.ended(guardian))
    assert list((live / "data" / "ngrok").iterdir()) == []


def test_the_next_kernel_ends_an_orphan_and_leaves_the_living_alone(live, kernel, server, tools):
    process, guardian = kernel
    (theirs,) = tools.agents(live)
    expose(server)
    tunnels.close()
    assert not tools.ended(theirs.pid)
    os.kill(guardian, signal.SIGKILL)
    process.kill()
    process.wait()
    assert not tools.ended(theirs.pid)  # an orphan
    expose(server)
    wait_for(lambda: tools.ended(theirs.pid))
    assert len(tools.agents(live)) == 1
