"""Sends one webhook as Twilio does: a form, signed, within a time limit (behaviour.md §3.1, §3.4, §4.1)."""

from __future__ import annotations

import asyncio
import importlib
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

from twilio.request_validator import RequestValidator

if TYPE_CHECKING:
    import aiohttp
    import yarl

KEPT_BODY = 4000  # characters of an answer that the log keeps
MAX_REDIRECTS = 5  # behaviour.md §11: followed, up to a few
# Shorter than servers keep an idle connection, so that none is being closed by the other end when it is used again.
KEEP_ALIVE_SECONDS = 1.5
FORM = "application/x-www-form-urlencoded; charset=UTF-8"


class Sender:
    """One HTTP session for all webhooks. auth_token: what they are signed with."""

    def __init__(self, auth_token: str):
        self._validator = RequestValidator(auth_token)
        self._http: ModuleType
        self._url: type[yarl.URL]
        self._opened = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the session, which webhooks wait for; its library takes as long to load as all the rest."""
        self._http = await asyncio.to_thread(importlib.import_module, "aiohttp")
        self._url = importlib.import_module("yarl").URL
        self._session = self._http.ClientSession(
            connector=self._http.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS),
            cookie_jar=self._http.DummyCookieJar(),
            headers={"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"},
        )
        self._opened.set()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, url: str, parameters: dict[str, str], seconds: float) -> dict[str, Any]:
        """Send a form and wait at most so many seconds for the whole answer.

        Gives the attempt as the log keeps it: `url`, `at` (seconds since 1970), `seconds`, `redirects` that were
        followed, `signed` (what the last request's signature was computed over), and either `status`, `content_type`
        and `body`, or `error` in words and the `code` that Twilio's debugger has for it (behaviour.md §3.5). Never
        raises.
        """
        await self._opened.wait()
        attempt: dict[str, Any] = {"url": url, "at": time.time(), "redirects": []}
        began = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                await self._exchange(attempt, url, parameters)
        except TimeoutError:
            attempt |= {"error": f"no answer within {seconds:g} seconds", "code": 11205}
        except (self._http.ClientError, OSError, ValueError) as error:
            attempt |= {"error": f"{type(error).__name__}: {error}", "code": self._code(error)}
        attempt["seconds"] = round(time.monotonic() - began, 4)
        return attempt

    async def _exchange(self, attempt: dict[str, Any], url: str, parameters: dict[str, str]) -> None:
        """Ask, following redirects: each address is signed for itself, and only 307 and 308 are sent the form again.

        What is signed is the address as the receiver sees it: in canonical form, without the user that it may name, and
        without a fragment, which holds settings of the connection (behaviour.md §3.4).
        """
        assert self._session is not None
        method, form = "POST", parameters
        while True:
            address = self._url(url)
            if address.raw_path == "/":
                address = address.with_path("/", keep_query=True)  # it may not be written out yet
            signed = str(address.with_user(None).with_fragment(None))
            attempt["signed"] = signed + "".join(name + form[name] for name in sorted(form))
            headers = {"X-Twilio-Signature": self._validator.compute_signature(signed, form)}
            if method == "POST":
                headers["Content-Type"] = FORM
            body = urlencode(form).encode() if method == "POST" else None
            async with self._session.request(
                method, address, data=body, headers=headers, allow_redirects=False, timeout=self._http.ClientTimeout()
            ) as answer:
                location = answer.headers.get("Location")
                if answer.status not in (301, 302, 303, 307, 308) or not location:
                    text = await answer.text(errors="replace")
                    content_type = answer.headers.get("Content-Type", "")
                    attempt |= {"status": answer.status, "content_type": content_type, "body": text[:KEPT_BODY]}
                    return
            url = urljoin(url, location)
            attempt["redirects"].append({"status": answer.status, "url": url})
            if urlsplit(url).scheme not in ("http", "https"):
                raise ValueError(f"it redirected to {url}, which is no address to call")
            if len(attempt["redirects"]) > MAX_REDIRECTS:
                attempt |= {"error": f"more than {MAX_REDIRECTS} redirects", "code": 11215}
                return
            if answer.status not in (307, 308):
                method, form = "GET", {}

    def _code(self, error: Exception) -> int:
        """Twilio's code for a request that failed (behaviour.md §3.5)."""
        http = self._http
        match error:
            case http.InvalidURL():
                return 11100
            case http.ClientConnectorDNSError():
                return 11210
            case http.ClientConnectorCertificateError() | http.ClientSSLError():
                return 11220
            case http.ClientConnectorError() | http.ClientConnectionError() | OSError():
                return 11205
        return 11200
