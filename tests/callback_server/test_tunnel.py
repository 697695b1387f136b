"""The tunnel: pyngrok's real code against the stand-in for ngrok's agent, in every way that it can fail."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
import time

import psutil
import pytest
import requests
from fastapi import FastAPI
from pyngrok import installer, process

from helpers import LessonError, expose
from helpers.tunnel.expose import tunnels
from helpers.tunnel.ngrok_agent import NgrokProcess
from helpers.tunnel.open_tunnels import SupervisorLimits
from tests.waiting import patience, wait_for

PATH = "/assignment_callback"
FORM = {"TaskSid": "WT1", "TaskAge": "0"}


@pytest.fixture
def server(served, echo):
    return served(echo)


def test_in_the_sandbox_nothing_leaves_the_machine(alone, server, capsys, tools):
    assert expose(server) == server.url
    said = capsys.readouterr().out
    assert server.url in said
    assert "no tunnel needed" in said
    assert said.count("\n") == 1
    assert not (alone / "data").exists()


def test_only_what_twilio_signed_comes_through(live, server, tools, capsys):
    public = expose(server)
    assert public != server.url
    assert capsys.readouterr().out.startswith(f"Twilio reaches your server at {public}, through ngrok")
    assert tools.post(public + PATH, FORM, signed_as=public + PATH).json() == {"instruction": "accept"}
    for kept_out in (
        tools.post(public + PATH, FORM),
        tools.post(public + PATH, FORM, signed_as=public + PATH, token="forged"),
        tools.post(public + PATH, FORM, X_Twilio_Signature="bm9uc2Vuc2U="),
        tools.post(public + PATH, FORM, signed_as=server.url + PATH),
        requests.get(public + "/create-task", timeout=patience(10)),
    ):
        assert kept_out.status_code == 403
    signatures = [exchange.signature for exchange in server.log.entries()]
    assert signatures == ["valid", "none", "invalid", "invalid", "invalid", "none"]
    assert requests.get(server.url + "/create-task", timeout=patience(10)).ok


def test_the_address_that_was_given_out_is_the_one_that_is_signed_whatever_the_headers_say(
    live, server, tools, monkeypatch
):
    monkeypatch.setenv("FAKE_NGROK_PROTO", "https")
    public = expose(server) + PATH
    assert tools.post(public, FORM, signed_as=public).ok
    for elsewhere in (public.replace("http:", "https:"), "https://another-server-of-this-account.example" + PATH):
        headers = {"Host": elsewhere.split("/")[2], "X_Forwarded_Host": elsewhere.split("/")[2]}
        assert tools.post(public, FORM, signed_as=elsewhere, **headers).status_code == 403


def test_what_pretends_to_come_from_this_machine_is_kept_out_of_the_tunnel(live, server, tools):
    expose(server)
    answer = requests.get(
        f"{server.tunnel_target}/create-task", headers={"Host": f"127.0.0.1:{server.port}"}, timeout=patience(10)
    )
    assert answer.status_code == 403
    assert server.log.entries()[-1].answer == "Only requests signed by Twilio are let in from outside."
    assert requests.get(f"{server.tunnel_target}/_callback_server", timeout=patience(10)).status_code == 403


def test_the_learners_proxy_is_not_asked_for_the_agent(live, server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    assert expose(server) != server.url
    assert os.environ["no_proxy"] == "intranet.example,127.0.0.1,localhost"


def test_run_again_the_address_stays_as_long_as_the_tunnel_stands(live, server, served, echo, tools):
    threads = set(threading.enumerate())
    public = expose(server)
    assert all(thread.daemon for thread in set(threading.enumerate()) - threads)
    assert expose(server) == public
    other = served(echo, 0)
    assert expose(other) != public
    (agent,) = tools.agents(live)
    agent.kill()
    agent.wait(patience(10))
    for address in (expose(server), other.public_url):  # whoever asks first, the cell or the supervisor
        assert tools.post(address + PATH, FORM, signed_as=address + PATH).ok
    assert len(tools.agents(live)) == 1


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such lock")
def test_an_agent_that_has_died_runs_no_more_also_while_another_thread_waits_for_it(live, server, tools):
    """`Popen.poll` does not say then that it has ended."""
    with tunnels._lock:  # the supervisor looks afterwards
        expose(server)
        (agent,) = tools.agents(live)
        popen = process.get_process(tunnels.agent._process._config).proc
        with popen._waitpid_lock:  # as another thread holds it
            agent.kill()
            agent.wait(patience(10))
            assert popen.poll() is None
            assert not tunnels.agent.holds(server.tunnel_target)
        public = expose(server) + PATH
        assert tools.post(public, FORM, signed_as=public).ok


def test_the_tunnels_of_all_servers_are_opened_again_by_whoever_finds_the_agent_dead(
    live, server, served, echo, tools, monkeypatch
):
    """It may seem to run for a moment longer."""
    other = served(echo, 0)
    old = expose(server), expose(other)
    (agent,) = tools.agents(live)
    running, seems_to = NgrokProcess.running.fget, iter((True,))
    with tunnels._lock:  # the supervisor looks afterwards
        agent.kill()
        agent.wait(patience(10))
        wait_for(lambda: not running(tunnels.agent._process))
        monkeypatch.setattr(NgrokProcess, "running", property(lambda self: next(seems_to, False) or running(self)))
        expose(server)
        for each, before in zip((server, other), old, strict=True):
            assert each.public_url != before
            public = each.public_url + PATH
            assert tools.post(public, FORM, signed_as=public).ok
    assert next(seems_to, None) is None
    assert len(tools.agents(live)) == 1


def test_a_tunnel_whose_agent_has_died_is_opened_again_by_itself(live, server, served, echo, tools, monkeypatch):
    other = served(echo, 0)
    old = expose(server), expose(other)
    (agent,) = tools.agents(live)
    agent.kill()
    wait_for(lambda: server.public_url != old[0] and other.public_url != old[1])
    for each in (server, other):
        public = each.public_url + PATH
        assert tools.post(public, FORM, signed_as=public).ok
        assert expose(each) == each.public_url
    assert len(tools.agents(live)) == 1


def test_what_counts_at_the_tunnel_is_the_account_that_the_tunnel_was_opened_for(
    live, server, tools, sandbox_process, monkeypatch
):
    """The token of the sandbox may be one that is easy to guess."""
    public = expose(server) + PATH
    with tunnels._lock:  # the supervisor looks afterwards
        monkeypatch.setenv("TASKROUTER_LIVE", "0")
        assert tools.post(public, FORM, signed_as=public, token=sandbox_process.auth_token).status_code == 403
    wait_for(lambda: tools.agents(live) == [])  # back in the sandbox: the supervisor closes the tunnel
    assert server.public_url is None


def test_a_server_that_stops_closes_its_tunnel(live, server, served, echo, tools):
    """Its port may be another program's the next moment."""
    other = served(echo, 0)
    closed, kept = expose(server), expose(other)
    server.stop()
    assert server.public_url is None
    with pytest.raises(requests.RequestException):
        requests.get(closed, timeout=patience(10)).raise_for_status()
    assert tools.post(kept + PATH, FORM, signed_as=kept + PATH).ok
    other.stop()
    assert tools.agents(live) == []


def test_a_server_that_was_stopped_gets_no_tunnel(live, served, echo, tools):
    server = served(echo, 0)
    expose(server)
    server.stop()
    with pytest.raises(LessonError, match=r"^This callback server has been stopped: run the cell with serve\(app\)"):
        expose(server)
    assert server.public_url is None
    assert tools.agents(live) == []
    public = expose(served(echo, server.port)) + PATH
    assert tools.post(public, FORM, signed_as=public).ok


def test_the_supervisor_closes_the_tunnel_of_a_server_that_died(live, server, served, echo, tools, monkeypatch):
    monkeypatch.setattr(tunnels, "limits", SupervisorLimits(every=0.05))
    dying = served(echo, 0)
    kept, closed = expose(server) + PATH, expose(dying)
    dying._uvicorn.should_exit = True  # not by `stop`
    dying._thread.join(patience(10))
    wait_for(lambda: dying.public_url is None)
    with pytest.raises(requests.RequestException):
        requests.get(closed, timeout=patience(10)).raise_for_status()
    assert tools.post(kept, FORM, signed_as=kept).ok


def test_a_server_that_died_and_runs_again_elsewhere_keeps_its_new_tunnel_only(live, served, echo, tools, monkeypatch):
    monkeypatch.setattr(tunnels, "limits", SupervisorLimits(every=0.05))
    server = served(echo, 0)
    old, port = expose(server), int(server.tunnel_target.rpartition(":")[2])
    server._uvicorn.should_exit = True
    server._thread.join(patience(10))
    with socket.create_server(("127.0.0.1", port)):  # another program is there now
        public = expose(served(echo, server.port)) + PATH

        def closed() -> bool:
            try:
                requests.get(old, timeout=patience(0.2))
            except requests.ConnectionError as refused:
                return not isinstance(refused, requests.Timeout)
            except requests.Timeout:
                pass
            return False

        wait_for(closed)
    assert server.public_url + PATH == public
    assert tools.post(public, FORM, signed_as=public).ok


@pytest.mark.parametrize("thing", [None, FastAPI(), "http://127.0.0.1:8080"])
def test_what_is_no_callback_server_is_refused_in_one_sentence(alone, thing):
    with pytest.raises(LessonError, match=r"^expose\(\) needs what serve\(app\) returns and was given .*\(server\)\.$"):
        expose(thing)


def test_a_tunnel_that_was_closed_stays_closed(live, server, tools, monkeypatch):
    looks = []
    monkeypatch.setattr(tunnels, "sleep", lambda seconds: looks.append(time.sleep(0.01)))
    expose(server)
    tunnels.close()
    assert server.public_url is None
    seen = len(looks)
    wait_for(lambda: len(looks) > seen + 3)
    assert tools.agents(live) == []


def agents_to_come(tools, live, monkeypatch, **variables: str) -> tuple[list, list]:
    """End the agent; others begin with these variables. The pauses of the supervisor, and the agents it then begins."""
    pauses, begun, begin = [], [], NgrokProcess.__init__

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        time.sleep(0.01)

    monkeypatch.setattr(tunnels, "sleep", sleep)
    wait_for(lambda: tunnels.limits.every in pauses)  # the limits of another test are forgotten
    monkeypatch.setattr(NgrokProcess, "__init__", lambda *given: (begun.append(1), begin(*given))[1])
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    (agent,) = tools.agents(live)
    agent.kill()
    return pauses, begun


def test_the_supervisor_gives_up_what_only_the_learner_can_mend(live, server, tools, monkeypatch):
    expose(server)
    pauses, begun = agents_to_come(tools, live, monkeypatch, FAKE_NGROK_MODE="session_limit")
    wait_for(lambda: server.public_url is None)
    seen = len(pauses)
    wait_for(lambda: len(pauses) > seen + 5)
    assert len(begun) == 1
    with pytest.raises(LessonError, match="as many agents running as it may"):
        expose(server)


def test_the_supervisor_waits_longer_after_each_failure(live, server, tools, monkeypatch):
    expose(server)
    pauses, _ = agents_to_come(tools, live, monkeypatch, FAKE_NGROK_REFUSE="8013")  # which passes
    wait_for(lambda: 60 in pauses)
    assert pauses[: pauses.index(60)][-4:] == [4, 8, 16, 32]
    monkeypatch.delenv("FAKE_NGROK_REFUSE")
    old = server.public_url
    wait_for(lambda: server.public_url != old)
    wait_for(lambda: pauses[-1] == tunnels.limits.every)


def test_the_supervisor_outlives_half_of_the_credentials(live, server, tools, monkeypatch):
    expose(server)
    token = os.environ["TWILIO_AUTH_TOKEN"]
    pauses, _ = agents_to_come(tools, live, monkeypatch, TWILIO_AUTH_TOKEN="")
    wait_for(lambda: len(pauses) > 3)
    old = server.public_url
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", token)
    wait_for(lambda: server.public_url != old)


def test_going_back_to_the_sandbox_ends_the_tunnel(live, server, tools, monkeypatch):
    expose(server)
    monkeypatch.setenv("TASKROUTER_LIVE", "0")
    assert expose(server) == server.url
    assert tools.agents(live) == []


def test_the_token_is_for_the_agents_eyes_only(live, server, tools, capfd):
    expose(server)
    command_lines = [" ".join(p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"])]
    assert not any(tools.NGROK_TOKEN in line for line in command_lines)
    (file,) = (live / "data" / "ngrok").glob("*.yml")
    assert tools.NGROK_TOKEN in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert tools.NGROK_TOKEN not in "".join(capfd.readouterr())
    tunnels.close()
    assert list(file.parent.iterdir()) == []


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
