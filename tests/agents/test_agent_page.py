"""An agent's page as it is served: who gets a token, what is in it, and what the cell shows."""

from __future__ import annotations

import jwt
import pytest
import requests
from starlette.applications import Starlette
from twilio.jwt.access_token import AccessToken
from twilio.rest import Client

from helpers import AGENT_SDK, agent_page, agent_token, api_key, sdk_options, serve
from helpers.connection.account import Account
from helpers.connection.clients import live_client
from helpers.errors import LessonError
from tests.waiting import patience

pytestmark = pytest.mark.usefixtures("closed_at_the_end")
LIVE = Account("live", "AC" + "1" * 32, "a-token", region="ie1", edge="dublin")
WITH_KEY = Account("live", "AC" + "1" * 32, "", "SK" + "2" * 32, "a-secret" * 8)


@pytest.fixture
def server():
    server = serve(Starlette(), 0)
    yield server
    server.stop()


def token_of(page, key=None):
    address, _, fragment = page.url.partition("#key=")
    headers = {"Authorization": f"Bearer {fragment if key is None else key}"}
    return requests.get(f"{address}/token", headers=headers, timeout=patience(10))


def test_a_page_is_told_who_it_is_and_where_taskrouter_is(client, team, sandbox, server):
    told = token_of(agent_page(client, team.alice)).json()
    assert (told["mode"], told["name"]) == ("sandbox", "Alice")
    bridge = f"{sandbox.url}/v1/wschannels"
    assert told["options"] == {"ebServer": bridge, "wsServer": bridge.replace("http", "ws")}
    token = AccessToken.from_jwt(told["token"], sandbox.auth_token)
    claims = jwt.decode(told["token"], options={"verify_signature": False})
    assert token.valid_until - claims["nbf"] == 3600
    assert (claims["sub"], claims["iss"]) == (sandbox.account_sid, f"SK{sandbox.account_sid[2:]}")
    grant = {"workspace_sid": team.workspace.sid, "worker_sid": team.alice.sid, "role": "worker"}
    assert claims["grants"] == {"identity": "Alice", "task_router": grant}


def test_it_tells_nobody_who_has_not_its_key(client, team, server):
    alice, bob = agent_page(client, team.alice), agent_page(client, team.bob)
    for key in ("", "wrong", bob.url.partition("#key=")[2]):
        answer = token_of(alice, key)
        assert answer.status_code == 403
        assert "open the page again from its cell" in answer.text
    address = alice.url.partition("#")[0]
    assert requests.get(f"{address}/token", timeout=patience(10)).status_code == 403
    page = requests.get(address, timeout=patience(10))
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert team.alice.sid not in page.text
    nobody = address.replace(team.alice.sid, "WK" + "0" * 32)
    assert requests.get(f"{nobody}/token", timeout=patience(10)).status_code == 404


def test_its_files_are_there_and_no_others(client, team, server):
    root = agent_page(client, team.alice).url.partition(team.alice.sid)[0]
    sdk = requests.get(f"{root}files/{AGENT_SDK.name}", timeout=patience(10))
    assert sdk.content == AGENT_SDK.read_bytes()
    assert requests.get(f"{root}files/board.js", timeout=patience(10)).status_code == 404
    assert requests.get(f"{root}files/..%2f..%2fbuild.js", timeout=patience(10)).status_code == 404


def test_the_address_is_the_same_when_the_cell_runs_again(client, team, server):
    first = agent_page(client, team.alice)
    again = agent_page(client, team.alice)
    assert again.url == first.url
    assert first.url.startswith(server.url)
    assert token_of(again).status_code == 200
    key = first.url.partition("#key=")[2]
    assert key not in repr(first)
    assert key not in first.words()


def test_without_a_callback_server_it_gets_one(client, team):
    page = agent_page(client, team.alice)
    assert token_of(page).status_code == 200


def test_a_worker_that_is_gone_is_said(client, team, server):
    page = agent_page(client, team.bob)
    team.bob.delete()
    told = token_of(page).json()
    assert told["token"] == ""
    assert f"There is no worker {team.bob.sid} any more" in told["wrong"]
    with pytest.raises(LessonError):
        agent_page(client, team.bob)


def test_on_a_live_account_an_api_key_signs():
    with pytest.raises(LessonError, match=r"API keys & tokens.*TWILIO_API_KEY_SECRET"):
        api_key(live_client(LIVE))
    client = live_client(WITH_KEY)
    assert tuple(api_key(client)) == ("SK" + "2" * 32, "a-secret" * 8)
    assert "a-secret" not in repr(api_key(client))
    claims = jwt.decode(agent_token(client, "WS1", "WK1", "Alice", 60), "a-secret" * 8, algorithms=["HS256"])
    assert claims["exp"] - claims["nbf"] == 60
    assert (sdk_options(client), sdk_options(live_client(LIVE))) == ({}, {"region": "ie1"})


def test_in_the_sandbox_its_own_key_signs(client: Client, sandbox):
    assert tuple(api_key(client)) == (f"SK{sandbox.account_sid[2:]}", sandbox.auth_token)
    assert sandbox.auth_token not in repr(api_key(client))
