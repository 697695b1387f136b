"""Requests to the control plane of a running sandbox, which is under `/_sandbox/`."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from base64 import b64encode
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from .errors import SandboxError

DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never through a proxy
SECONDS = 10.0


@dataclass(frozen=True)
class ControlRequests:
    """What sends requests to the control plane of a sandbox.

    url: its address, without a path; account_sid and auth_token: what it was started with; answer_seconds: that an
    answer may take. remedy: what to do where nobody answers.
    """

    url: str
    account_sid: str
    auth_token: str = field(repr=False)
    answer_seconds: float = field(default=SECONDS, kw_only=True, repr=False)
    remedy: ClassVar[str] = "see that it runs there, as by `taskrouter-sandbox serve`, which says its address"

    def request(self, method: str, path: str, **parameters: object) -> Any:
        """Send a request that has no method of its own here; returns the answer's JSON.

        path: below `/_sandbox/`; parameters: of the query, without those that are None.
        """
        given = {name: value for name, value in parameters.items() if value is not None}
        query = "?" + urlencode(given, quote_via=quote) if given else ""
        credentials = b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()
        address = self.url.rstrip("/")
        if not address.startswith(("http://", "https://")):
            raise SandboxError(f"{self.url!r} is no address of a sandbox: give one such as http://127.0.0.1:8901")
        try:
            request = urllib.request.Request(f"{address}/_sandbox/{path}{query}", method=method)
            request.add_header("Authorization", f"Basic {credentials}")
            with DIRECT.open(request, timeout=self.answer_seconds) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as refusal:
            raise SandboxError(_message(refusal)) from None
        except (OSError, HTTPException, ValueError) as error:
            raise SandboxError(f"the sandbox at {self.url} does not answer ({error}): {self.remedy}") from None


@dataclass(frozen=True)
class Control:
    """A part of the control plane."""

    client: ControlRequests


def _message(refusal: urllib.error.HTTPError) -> str:
    try:
        return str(json.load(refusal)["message"])
    except (ValueError, LookupError, TypeError):
        return f"{refusal.url} answered {refusal.code}: is that a sandbox?"
