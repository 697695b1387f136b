"""Who may use the sandbox: clients that present its account and token."""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Mapping

from .errors import refusal

API_KEY = re.compile(r"SK[0-9a-fA-F]{32}")


class Credentials:
    """A check of HTTP Basic against the sandbox's account and token, or an API key (rest-contract.md §11.2).

    api_keys: secrets by the SIDs of keys. The account's token is the secret of any other key.
    """

    def __init__(self, account_sid: str, auth_token: str, api_keys: Mapping[str, str]):
        self.account_sid, self.auth_token, self.api_keys = account_sid, auth_token, api_keys
        self.wanted = f"{account_sid}:{auth_token}".encode()
        self.header = b"Basic " + base64.b64encode(self.wanted)

    def check(self, header: bytes) -> None:
        """Compare an Authorization header with them. Raises TaskRouterError (401) when it differs."""
        if header == self.header:
            return
        kind, _, encoded = header.partition(b" ")
        if kind.lower() != b"basic":
            raise refusal("no credentials", "Your AccountSid or AuthToken was incorrect.")
        try:
            given = base64.b64decode(encoded)
        except ValueError:
            given = b""
        if not hmac.compare_digest(given, self.wanted) and not self._is_key(given):
            raise refusal(
                "wrong credentials",
                f"This is a sandbox for account {self.account_sid}: give that SID and the token it was started with, "
                "or an API key and its secret (--api-key), which is that token unless told otherwise.",
            )

    def _is_key(self, given: bytes) -> bool:
        sid, _, secret = given.decode(errors="replace").partition(":")
        if not API_KEY.fullmatch(sid):
            return False
        return hmac.compare_digest(secret.encode(), self.api_keys.get(sid, self.auth_token).encode())
