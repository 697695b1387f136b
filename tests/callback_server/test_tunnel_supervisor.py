"""The supervisor of tunnels: it opens again what has ended, closes what nobody serves, and knows when to give up."""

from __future__ import annotations

import os
import socket
import time

import pytest
import requests

from helpers import LessonError, expose
from helpers.tunnel.expose import tunnels
from helpers.tunnel.ngrok_agent import NgrokProcess
from helpers.tunnel.open_tunnels import SupervisorLimits
from tests.callback_server.conftest import FORM, PATH
from tests.waiting import patience, wait_for


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
