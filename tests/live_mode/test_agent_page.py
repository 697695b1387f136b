"""An agent's page on a live account: what signs its token, and how it is reached from another device."""

from __future__ import annotations

import os

import jwt
import pytest
import requests
from starlette.applications import Starlette

from helpers import agent_page, cast, connect, expose, serve
from tests.live_mode.service import API_KEY, API_KEY_SECRET
from tests.waiting import patience


@pytest.fixture
def server():
    server = serve(Starlette(), 0)
    yield server
    server.stop()


def get(url: str, **headers: str) -> requests.Response:
    """Ask as another device would, past the way to the stand-in for Twilio."""
    with requests.Session() as session:
        session.trust_env = False
        session.verify = os.environ["REQUESTS_CA_BUNDLE"]
        return session.get(url, headers=headers, timeout=patience(20))


def told(url: str) -> dict:
    address, _, key = url.partition("#key=")
    answer = get(f"{address}/token", Authorization=f"Bearer {key}")
    assert answer.ok, (url, answer.status_code, answer.text)
    return answer.json()


def test_without_an_api_key_the_page_says_what_is_needed(live_client, server, closed_at_the_end):
    page = agent_page(live_client, cast(live_client).alice, server)
    answer = told(page.url)
    assert (answer["mode"], answer["name"], answer["token"]) == ("live", "Alice", "")
    assert "Make one on console.twilio.com" in answer["wrong"]


def test_with_one_it_is_twilios_page_and_comes_through_the_tunnel(twilio, server, monkeypatch, closed_at_the_end):
    monkeypatch.setenv("TWILIO_API_KEY", API_KEY)
    monkeypatch.setenv("TWILIO_API_KEY_SECRET", API_KEY_SECRET)
    client = connect(quiet=True)
    public = expose(server)
    page = agent_page(client, cast(client).alice, server)
    page.wait_until_drawn()
    assert page.public_url is not None
    assert page.public_url.startswith(public)
    assert page.state["sentence"].startswith("On another device: https://")
    assert page.state["mode"] == "live"
    for url in (page.url, page.public_url):
        answer = told(url)
        assert answer["options"] == {}  # Twilio's own addresses
        claims = jwt.decode(answer["token"], API_KEY_SECRET, algorithms=["HS256"])
        assert claims["iss"] == API_KEY
    assert get(f"{public}/agent-pages/{'WK' + '0' * 32}/token").status_code == 404
