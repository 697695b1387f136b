"""The tunnel, by pyngrok's real code and the stand-in for ngrok's agent: what comes through, and how long it stands."""

from __future__ import annotations

import os
import stat
import threading
import time

import psutil
import pytest
import requests
from fastapi import FastAPI
from pyngrok import process

from helpers import LessonError, expose
from helpers.tunnel.expose import tunnels
from helpers.tunnel.ngrok_agent import NgrokProcess
from tests.callback_server.conftest import FORM, PATH
from tests.waiting import patience, wait_for


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
