"""Who may use the sandbox, and which account that is: what clients present by HTTP Basic."""

from __future__ import annotations

import base64
import hmac
import re

from ..engine.model.errors import TaskRouterError
from ..runtime.service import Service
from ..runtime.worlds import MOST_WORLDS, TooManyWorlds, Worlds
from .errors import refusal

API_KEY = re.compile(r"SK[0-9a-fA-F]{32}")


class BasicAuthentication:
    """A check of HTTP Basic against accounts and their tokens, and API keys (rest-contract.md §11.2).

    A key that the sandbox was not started with has an account's token as its secret: that of the one account, or, where
    any account is served, that of the account with the same digits (`SK5a...` of `AC5a...`).
    """

    def __init__(self, worlds: Worlds):
        self.worlds = worlds
        first = worlds.first
        self.header = b"Basic " + base64.b64encode(f"{first.account_sid}:{first.auth_token}".encode())

    def service(self, header: bytes) -> Service:
        """Find the world that an Authorization header leads to. Raises TaskRouterError (401) where it leads to none."""
        if header == self.header:
            return self.worlds.first
        kind, _, encoded = header.partition(b" ")
        if kind.lower() != b"basic":
            raise refusal("no credentials", "Your AccountSid or AuthToken was incorrect.")
        try:
            given = base64.b64decode(encoded)
        except ValueError:
            given = b""
        name, _, password = given.decode(errors="replace").partition(":")
        if (service := self._found(name, password)) is None:
            raise self._refusal(name)
        return service

    def _found(self, name: str, password: str) -> Service | None:
        first = self.worlds.first
        if API_KEY.fullmatch(name):
            if self.worlds.any_account and name not in first.api_keys:
                return self._find("AC" + name[2:], password)
            secret = first.api_keys.get(name, first.auth_token)
            return first if hmac.compare_digest(password.encode(), secret.encode()) else None
        return self._find(name, password)

    def _find(self, account_sid: str, auth_token: str) -> Service | None:
        try:
            return self.worlds.find(account_sid, auth_token)
        except TooManyWorlds:
            raise refusal("too many worlds", limit=MOST_WORLDS) from None

    def _refusal(self, name: str) -> TaskRouterError:
        """Say what to present instead."""
        worlds = self.worlds
        if not worlds.any_account:
            detail = (
                f"This is a sandbox for account {worlds.first.account_sid}: give that SID and the token it was started "
                "with, which `taskrouter-sandbox status --show-token` shows, or an API key and its secret (--api-key), "
                "which is that token unless told otherwise."
            )
        elif worlds.auth_token is not None:
            detail = "Give any account SID, AC and 32 hexadecimal digits, and the token the sandbox was started with."
        elif name == worlds.first.account_sid:
            detail = (
                "This account is the one that the sandbox was started for: its token is in the first line of "
                "`serve --json`. Give any other account SID, AC and 32 hexadecimal digits, with a token of your choice."
            )
        else:
            detail = (
                "Give any account SID, AC and 32 hexadecimal digits, and a token that is not empty: the one that this "
                "account was first asked with, until DELETE /_sandbox/world."
            )
        return refusal("wrong credentials", detail)
