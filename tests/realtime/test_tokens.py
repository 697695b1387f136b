"""Tokens: those that Twilio's libraries make are taken, and those that are forged, over or somebody else's are not."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import jwt
import pytest
import requests
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import TaskRouterGrant, VideoGrant
from twilio.jwt.taskrouter.capabilities import WorkerCapabilityToken

from taskrouter_sandbox.realtime import tokens
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.runtime.worlds import Worlds
from tests.realtime.conftest import ACCOUNT, KEY, SECRET, Agents, altered
from tests.realtime.test_sessions import HANDSHAKE
from tests.waiting import patience

WORKSPACE, WORKER = "WS" + "1" * 32, "WK" + "2" * 32
OWN_KEY = "SK" + "3" * 32


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    return Worlds(Service(None, ACCOUNT, SECRET, api_keys={OWN_KEY: "the-secret-of-an-api-key-of-its-own"}))


def access(**about: Any) -> str:
    token = AccessToken(ACCOUNT, about.get("key", KEY), about.get("secret", SECRET), identity="alice", ttl=600)
    if algorithm := about.get("algorithm"):
        token.algorithm = algorithm
    token.add_grant(about.get("grant") or TaskRouterGrant(WORKSPACE, WORKER, "supervisor"))
    return token.to_jwt()


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_an_access_token_is_read(worlds: Worlds, algorithm: str):
    service, claims = tokens.read_access(worlds, access(algorithm=algorithm))
    assert service is worlds.first
    assert (claims.account_sid, claims.workspace_sid, claims.worker_sid) == (ACCOUNT, WORKSPACE, WORKER)
    assert claims.role == "supervisor"
    assert 590_000 < claims.milliseconds_left <= 600_000


def test_a_key_of_the_sandbox_has_its_own_secret(worlds: Worlds):
    tokens.read_access(worlds, access(key=OWN_KEY, secret="the-secret-of-an-api-key-of-its-own"))
    with pytest.raises(tokens.TokenRefused, match="signature"):
        tokens.read_access(worlds, access(key=OWN_KEY))
    with pytest.raises(tokens.TokenRefused, match="signature"):
        tokens.read_access(worlds, access(secret="the-secret-of-an-api-key-of-its-own"))


def unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts), ""])


GOOD = {
    "sub": ACCOUNT,
    "iss": KEY,
    "exp": time.time() + 80_000,
    "grants": {"task_router": {"workspace_sid": WORKSPACE}},
}
BAD: dict[str, Any] = {
    "nothing": None,
    "empty": "",
    "a number": 7,
    "no JWT": "a.b.c",
    "long": "a" * 9000,
    "unsigned": unsigned(GOOD),
    "deep": unsigned(GOOD).replace(".", "." + "W1tb" * 1500, 1),
    "another secret": jwt.encode(GOOD, "another-secret-of-32-characters-or-so"),
    "another account": jwt.encode({**GOOD, "sub": "AC" + "9" * 32}, SECRET),
    "no account": jwt.encode({**GOOD, "sub": 5}, SECRET),
    "no grants": jwt.encode({**GOOD, "grants": "all"}, SECRET),
    "another grant": access(grant=VideoGrant("room")),
    "a grant that is none": jwt.encode({**GOOD, "grants": {"task_router": ["all"]}}, SECRET),
    "over": jwt.encode({**GOOD, "exp": time.time() - 1}, SECRET),
    "without an end": jwt.encode({**GOOD, "exp": None}, SECRET),
    "endless": jwt.encode({**GOOD, "exp": float("inf")}, SECRET),
    "over since for ever": jwt.encode({**GOOD, "exp": -(10**400)}, SECRET),
    "not yet": jwt.encode({**GOOD, "nbf": time.time() + 86_400}, SECRET),
    "a capability token": WorkerCapabilityToken(ACCOUNT, SECRET, WORKSPACE, WORKER).to_jwt(),
}


@pytest.mark.parametrize("name", BAD)
def test_a_token_that_is_not_good_is_refused_in_words(worlds: Worlds, name: str):
    with pytest.raises(tokens.TokenRefused) as refused:
        tokens.read_access(worlds, BAD[name])
    assert (refused.value.status, len(refused.value.text) > 20) == (401, True)


@pytest.mark.parametrize("name", sorted(BAD.keys() - {"a capability token"}))
def test_nor_is_it_a_capability_token(worlds: Worlds, name: str):
    with pytest.raises(tokens.TokenRefused):
        tokens.read_capability(worlds, BAD[name])


@pytest.mark.parametrize("end", [1e300, 10**400])
def test_a_token_that_lasts_for_ever_lasts_as_long_as_a_timer_of_javascript(worlds: Worlds, end: float):
    _, claims = tokens.read_access(worlds, jwt.encode({**GOOD, "exp": end}, SECRET))
    assert claims.milliseconds_left == 2**31 - 1


def test_an_access_token_for_the_first_version_is_called_what_it_is(worlds: Worlds):
    with pytest.raises(tokens.TokenRefused, match="is an access token") as refused:
        tokens.read_capability(worlds, access())
    assert refused.value.status == 403


def test_a_capability_token_is_read(worlds: Worlds):
    token = WorkerCapabilityToken(ACCOUNT, SECRET, WORKSPACE, WORKER, ttl=600).to_jwt()
    _, claims = tokens.read_capability(worlds, token)
    assert (claims.channel, claims.worker_sid, claims.workspace_sid) == (WORKER, WORKER, WORKSPACE)
    assert len(claims.policies) == 6
    over = WorkerCapabilityToken(ACCOUNT, SECRET, WORKSPACE, WORKER, ttl=-1).to_jwt()
    forged = WorkerCapabilityToken(ACCOUNT, "another-secret-of-32-characters-or-so", WORKSPACE, WORKER).to_jwt()
    for status, bad in ((401, over), (403, forged), (403, access())):
        with pytest.raises(tokens.TokenRefused) as refused:
            tokens.read_capability(worlds, bad)
        assert refused.value.status == status


# ---- at the door


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"sub": "AC" + "9" * 32}, "does not have"),
        ({"exp": 1}, "has expired"),
        ({"grants": {}}, "no grant for TaskRouter"),
        ({"grants": {"task_router": {"workspace_sid": WORKSPACE, "worker_sid": WORKER}}}, "There is no worker"),
        ({"grants": {"task_router": {"role": "admin"}}}, "names no worker: give its TaskRouterGrant a worker_sid"),
    ],
)
def test_a_websocket_is_refused_before_it_is_one(agents: Agents, claims: dict[str, Any], why: str):
    token = altered(agents.token(agents.alice), **claims)
    answer = requests.get(agents.address(token).replace("ws", "http", 1), headers=HANDSHAKE, timeout=patience(20))
    assert (answer.status_code, why in answer.json()["message"]) == (401, True), answer.text


def test_a_request_with_a_bad_token_is_refused(agents: Agents):
    assert agents.refused("", "GET", "Activities")[0] == 401
    assert agents.refused(altered(agents.token(agents.alice), exp=1), "GET", "Activities") == (
        401,
        "The token has expired: make a new one, on your server, and give it to the SDK by updateToken",
    )
