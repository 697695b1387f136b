"""Callback servers on free ports, signed as Twilio signs, and a live account with the stand-in for ngrok's agent."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
import requests
from fastapi import FastAPI
from twilio.request_validator import RequestValidator

from helpers import serve
from helpers.connection import settings
from helpers.tunnel.expose import tunnels
from tests.stand_in_ngrok.ngrok_agent import install
from tests.waiting import patience

AUTH_TOKEN = "the-auth-token-of-the-account"
NGROK_TOKEN = "the-ngrok-token-of-the-learner"
PATH = "/assignment_callback"
FORM = {"TaskSid": "WT1", "TaskAge": "0"}


def post(url: str, form=None, *, signed_as: str | None = None, token: str = AUTH_TOKEN, **headers: str):
    """POST a form as Twilio does, signed for the address `signed_as` with `token`."""
    if signed_as:
        headers["X-Twilio-Signature"] = RequestValidator(token).compute_signature(signed_as, form or {})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.post(url, data=form, headers=named, timeout=patience(10))


def agents(folder: Path) -> list[psutil.Process]:
    """The agents that run with a config file in this folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(part.startswith(str(folder)) and part.endswith(".yml") for part in process.info["cmdline"] or ()):
            found.append(process)
    return found


def ended(pid: int) -> bool:
    """Whether a process is over, reaped or not."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def tools():
    """`post`, `agents` and `ended`, with the tokens."""
    return sys.modules[__name__]


@pytest.fixture(scope="session")
def usual_port():
    """A free port, which the tests share as the cells of a notebook do."""
    server = serve(FastAPI(), 0)
    yield server.port
    server.stop()


@pytest.fixture
def served(usual_port):
    """serve(app) with the auth token of these tests and an empty log; port=0 makes a server for this test alone."""
    servers = []

    def start(app, port: int = usual_port, token: Callable[[], str] = lambda: AUTH_TOKEN, **more):
        servers.append(serve(app, port, token=token, **more))
        return servers[-1]

    start(FastAPI()).log.clear()
    yield start
    for server in servers:
        if server.port != usual_port:
            server.stop()


@pytest.fixture
def echo() -> FastAPI:
    """The smallest callback server of a lesson."""
    app = FastAPI()

    @app.post("/assignment_callback")
    def assignment_callback():
        return {"instruction": "accept"}

    @app.get("/create-task")
    def create_task():
        return {"created": True}

    return app


@pytest.fixture
def server(served, echo):
    return served(echo)


@pytest.fixture
def alone(tmp_path, monkeypatch) -> Path:
    """No credentials and no `.env`: the sandbox. Tunnels keep their files in a folder of this test."""
    proxies = ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY")
    for name in (settings.LIVE, *settings.CREDENTIALS, "NGROK_AUTHTOKEN", "NGROK_PATH", *proxies):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(settings, "PROJECT", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TASKROUTER_TUNNEL_DIR", str(tmp_path / "data"))
    yield tmp_path
    tunnels.close()
    assert agents(tmp_path) == []


@pytest.fixture
def live(alone, monkeypatch) -> Path:
    """A live account, and the stand-in in the place of ngrok's agent."""
    agent = alone / "ngrok"
    install(agent)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")  # no test asks the real Twilio
    monkeypatch.setenv("TASKROUTER_LIVE", "1")
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", "AC" + "0" * 32)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", AUTH_TOKEN)
    monkeypatch.setenv("NGROK_PATH", str(agent))
    monkeypatch.setattr(tunnels.agent, "patience", patience(20))
    monkeypatch.setenv("NGROK_AUTHTOKEN", NGROK_TOKEN)
    return alone
