"""Reads the tokens of agents: who made them for whom, and whether they are still good (agent-sdk.md §2, §13).

An access token is that of the SDK's second and third versions, a capability token that of the first.
"""

from __future__ import annotations

import math
import time
import warnings
from functools import lru_cache
from typing import Any, cast

import jwt
from msgspec import Struct

from ..engine.model.errors import TaskRouterError
from ..runtime.service import Service
from ..runtime.worlds import Worlds

LONGEST = 8_192  # characters of a token
ALGORITHMS = ["HS256", "HS384", "HS512"]
EARLY = 5  # seconds that a clock which made a token may be ahead of this one's
INVALID, EXPIRED, EARLY_YET = 20101, 20104, 20105  # Twilio's codes
FARTHEST = 1e300  # seconds since 1970: what ends later, ends then
LONGEST_MILLISECONDS = 2**31 - 1  # that a timer of JavaScript can wait: with more it does not wait at all
MAKE_ANOTHER = "make a new one, on your server, and give it to the SDK by updateToken"


class Claims(Struct, frozen=True):
    """What a token says. account_sid, workspace_sid: of whom; worker_sid: who bears it, None for a whole workspace or
    a queue; expires: in seconds since 1970."""

    account_sid: str
    workspace_sid: str
    worker_sid: str | None
    expires: float

    @property
    def milliseconds_left(self) -> int:
        """How long it is still good, as far as an SDK can count."""
        return max(0, round(min((self.expires - time.time()) * 1000, LONGEST_MILLISECONDS)))


class Access(Claims, frozen=True):
    """An access token. role: `worker`, `supervisor`, `admin`, or anything else, which may do nothing."""

    role: str


class Capability(Claims, frozen=True):
    """A capability token. channel: SID of the worker, queue or workspace that it listens to; policies: what it may do,
    as they stand in it."""

    channel: str
    policies: tuple[dict[str, Any], ...]


class TokenRefused(TaskRouterError):
    """A token is not taken."""

    status = 401
    code = INVALID


def read_access(worlds: Worlds, token: object) -> tuple[Service, Access]:
    """Read an access token, and find the account that it is for. Raises TokenRefused (401).

    The secret of a key that the sandbox was started with verifies it, and for any other key the account's auth token
    does, as for requests by HTTP Basic (rest-contract.md §11.2).
    """
    told = _unverified(token)
    grants = told.get("grants")
    if not isinstance(grants, dict):
        raise TokenRefused(
            "This is no access token: it has no grants. The SDK of today takes the token that AccessToken and "
            "TaskRouterGrant make; a capability token is for the first version, at /v1/wschannels/AC.../WK..."
        )
    service = _account(worlds, told.get("sub"))
    secret = service.api_keys.get(str(told.get("iss")), service.auth_token)
    claims = _verified(str(token), secret)
    grant: Any = claims["grants"].get("task_router")
    if not isinstance(grant, dict):
        raise TokenRefused("The token has no grant for TaskRouter: add a TaskRouterGrant to it")
    found = cast("dict[str, Any]", grant)
    return service, Access(
        service.account_sid,
        str(found.get("workspace_sid") or ""),
        _text(found.get("worker_sid")),
        _good_until(claims),
        str(found.get("role") or "worker"),
    )


def read_capability(worlds: Worlds, token: object) -> tuple[Service, Capability]:
    """Read a capability token, and find the account that it is for. Raises TokenRefused: 401 if over, else 403."""
    try:
        told = _unverified(token)
        if "grants" in told:
            raise TokenRefused(
                "This is an access token, which the SDK of today takes, at /v1/wschannels. The first version takes a "
                "capability token, such as WorkerCapabilityToken makes"
            )
        service = _account(worlds, told.get("account_sid"))
        claims = _verified(str(token), service.auth_token)
        policies = claims.get("policies")
        wanted = claims.get("workspace_sid"), claims.get("channel")
        if not isinstance(policies, list) or not all(isinstance(one, str) for one in wanted):
            raise TokenRefused(
                "This is no capability token of TaskRouter: workspace_sid, channel or policies are missing"
            )
    except TokenRefused as refused:
        refused.status = 403
        raise
    found = cast("list[Any]", policies)
    return service, Capability(
        service.account_sid,
        str(wanted[0]),
        _text(claims.get("worker_sid")),
        _good_until(claims),
        str(wanted[1]),
        tuple(cast("dict[str, Any]", one) for one in found if isinstance(one, dict)),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _unverified(token: object) -> dict[str, Any]:
    """Read what a token says before anybody has looked at its signature. Raises TokenRefused."""
    if not isinstance(token, str) or not token:
        raise TokenRefused("There is no token: the SDK sends the one that it was made with")
    if len(token) > LONGEST:
        raise TokenRefused(f"The token is longer than {LONGEST} characters: it is none of TaskRouter's")
    try:
        return jwt.decode(token, options={"verify_signature": False})
    except (jwt.PyJWTError, RecursionError) as error:
        raise TokenRefused(f"The token cannot be read ({error}): it is no JWT of Twilio's libraries") from None


def _account(worlds: Worlds, account_sid: object) -> Service:
    service = worlds.known(account_sid) if isinstance(account_sid, str) else None
    if service is None:
        where = "ask it something over REST first" if worlds.any_account else f"it is {worlds.first.account_sid} here"
        raise TokenRefused(
            f"The token is for account {str(account_sid)[:40]}, which this sandbox does not have: {where}"
        )
    return service


def _verified(token: str, secret: str) -> dict[str, Any]:
    """Check the signature of a token, and give what it says. Raises TokenRefused."""
    try:
        return _decoded(token, secret)
    except jwt.PyJWTError as error:
        raise TokenRefused(
            f"The signature of the token is not right ({error}): sign it with the auth token of the sandbox, also as "
            "the secret of an API key, unless the sandbox was started with that key (--api-key)"
        ) from None


@lru_cache(1024)
def _decoded(token: str, secret: str) -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a token of the sandbox is shorter than HS384 wishes for
        return jwt.decode(token, secret, algorithms=ALGORITHMS, options=_SIGNATURE_ALONE)


_SIGNATURE_ALONE: Any = {
    f"verify_{what}": False for what in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")
}  # the times are looked at each time, and on the machine's clock, as who made it did


def _good_until(claims: dict[str, Any]) -> float:
    """Check when a token begins and ends, and give its end in seconds since 1970. Raises TokenRefused (401)."""
    now, end, begin = time.time(), claims.get("exp"), claims.get("nbf", 0)
    if isinstance(end, bool) or not isinstance(end, int | float) or not abs(end) < math.inf:
        raise TokenRefused("The token does not say when it ends (exp): give it a time to live", EXPIRED)
    if end <= now:
        raise TokenRefused(f"The token has expired: {MAKE_ANOTHER}", EXPIRED)
    if isinstance(begin, int | float) and begin > now + EARLY:
        raise TokenRefused("The token is not good yet (nbf): look at the clock of the machine that made it", EARLY_YET)
    return float(min(end, FARTHEST))  # a whole number may be too large for a float
