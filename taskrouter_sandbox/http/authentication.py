"""Who may use the sandbox: clients that present its account and token."""

from __future__ import annotations

import base64
import hmac

from .errors import refusal


class Credentials:
    """A check of HTTP Basic against the sandbox's own account and token (rest-contract.md §11.2)."""

    def __init__(self, account_sid: str, auth_token: str):
        self.account_sid = account_sid
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
        if not hmac.compare_digest(given, self.wanted):
            raise refusal(
                "wrong credentials",
                f"This is a sandbox for account {self.account_sid}: give that SID and the token it was started with.",
            )
