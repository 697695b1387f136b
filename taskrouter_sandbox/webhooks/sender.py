"""Sends one webhook as Twilio does: a form, signed, within a time limit (behaviour.md §3.1, §3.4, §4.1)."""

from __future__ import annotations

import asyncio
import importlib
import logging
import ssl
import time
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode, urljoin, urlsplit

from twilio.request_validator import RequestValidator  # pyright: ignore[reportMissingTypeStubs]

from .delivery import Attempt, Failure, Redirect, without_password

if TYPE_CHECKING:
    import aiohttp
    import yarl

KEPT_BODY = 4000  # characters of an answer that the log keeps
MAX_ANSWER = 64 * 1024  # bytes of an answer; Twilio reads no longer one (11750)
MAX_REDIRECTS = 5  # behaviour.md §11: followed, up to a few
# Shorter than most servers keep an idle connection, so that hardly one is being closed when it is used again.
KEEP_ALIVE_SECONDS = 1.5
CERTIFICATES = {  # by OpenSSL's number for what is wrong; anything else is 11237
    9: (11236, "is not valid yet"),
    10: (11236, "has expired"),
    62: (11235, "is for another host"),
    64: (11235, "is for another host"),
}
FORM = "application/x-www-form-urlencoded; charset=UTF-8"

log = logging.getLogger(__name__)


class Sender:
    """The HTTP client of all webhooks: one session that keeps connections open for a while, and one that does not.

    auth_token: what the webhooks are signed with.
    """

    def __init__(self, auth_token: str):
        # its annotations say too little
        validator = cast("Any", RequestValidator(auth_token))
        self._signature: Callable[[str, dict[str, str]], str] = validator.compute_signature
        self._http: ModuleType
        self._url: type[yarl.URL]
        self._opening = asyncio.Lock()
        self._keeping: aiohttp.ClientSession | None = None
        self._fresh: aiohttp.ClientSession | None = None

    async def _open(self) -> None:
        """Make the sessions with the first webhook: their library takes as long to load as all the rest."""
        async with self._opening:
            if self._keeping is None:
                self._http = await asyncio.to_thread(importlib.import_module, "aiohttp")
                self._url = importlib.import_module("yarl").URL
                self._fresh = self._session(force_close=True)
                self._keeping = self._session(keepalive_timeout=KEEP_ALIVE_SECONDS)

    def _session(self, **connections: Any) -> aiohttp.ClientSession:
        tracing = self._http.TraceConfig()
        tracing.on_connection_reuseconn.append(_note_reuse)
        return self._http.ClientSession(
            connector=self._http.TCPConnector(limit=0, **connections),
            cookie_jar=self._http.DummyCookieJar(),
            headers={"User-Agent": "TwilioProxy/1.1", "Accept": "*/*"},
            timeout=self._http.ClientTimeout(),
            trace_configs=[tracing],
        )

    async def close(self) -> None:
        """Close every connection."""
        for session in (self._keeping, self._fresh):
            if session is not None:
                await session.close()

    async def post(
        self, url: str, parameters: dict[str, str], seconds: float, body_counts: bool = True
    ) -> tuple[Attempt, str | None]:
        """Send a form and wait at most so many seconds for the whole answer. Never raises.

        Gives the attempt as the log keeps it, and the whole body, or None where its charset is unknown.

        body_counts: an answer longer than MAX_ANSWER is an error; otherwise what the log does not keep is not read.
        """
        await self._open()
        attempt = Attempt(url=without_password(url), at=time.time())
        body: str | None = ""
        began = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                body = await self._exchange(attempt, url, parameters, body_counts)
        except TimeoutError:
            attempt.error = Failure(11205, f"no answer within {seconds:g} seconds")
        except (self._http.ClientError, OSError, ValueError) as error:
            code, why = self._trouble(error)
            attempt.error = Failure(code, _writable(why))
        except Exception:
            log.exception("webhook to %s", without_password(url))
            attempt.error = Failure(11200, "the sandbox failed to send it; its log says why")
        attempt.seconds = round(time.monotonic() - began, 4)
        return attempt, body

    async def _exchange(self, attempt: Attempt, url: str, parameters: dict[str, str], body_counts: bool) -> str | None:
        """Ask, following redirects: each address is signed for itself, and only 307 and 308 are sent the form again.

        What is signed is the address as the receiver sees it: in canonical form, without the user that it may name, and
        without a fragment, which holds settings of the connection (behaviour.md §3.4).
        """
        method, form = "POST", parameters
        while True:
            address = self._url(url)
            if address.raw_path == "/":
                address = address.with_path("/", keep_query=True)  # it may not be written out yet
            user, address = address, address.with_user(None)
            signed = str(address.with_fragment(None))
            attempt.signed = signed + "".join(name + form[name] for name in sorted(form))
            headers = {"X-Twilio-Signature": self._signature(signed, form)}
            if method == "POST":
                headers["Content-Type"] = FORM
            body = urlencode(form).encode() if method == "POST" else None
            async with await self._send(method, address, user, data=body, headers=headers) as answer:
                if scheme := answer.request_info.headers.get("Authorization"):
                    attempt.authorized = scheme.partition(" ")[0]
                location = _header(answer, "Location")
                if answer.status not in (301, 302, 303, 307, 308) or not location:
                    return await _read(answer, attempt, body_counts)
            url = urljoin(url, location)
            attempt.redirects.append(Redirect(answer.status, without_password(url)))
            if urlsplit(url).scheme not in ("http", "https"):
                raise ValueError(f"it redirected to {without_password(url)}, which is no address to call")
            if len(attempt.redirects) > MAX_REDIRECTS:
                attempt.error = Failure(11215, f"more than {MAX_REDIRECTS} redirects")
                return ""
            if answer.status not in (307, 308):
                method, form = "GET", {}

    async def _send(self, method: str, address: yarl.URL, user: yarl.URL, **request: Any) -> aiohttp.ClientResponse:
        """Send one request, and another one with credentials when the answer asks for them.

        user: the address with its user and password, which leave the machine only after an answer 401 that names Basic
        or Digest (Twilio's page on security, "HTTP authentication").
        """
        if not user.user:
            return await self._send_once(method, address, **request)
        digest = self._http.DigestAuthMiddleware(user.user, user.password or "", preemptive=False)
        answer = await self._send_once(method, address, middlewares=(digest,), **request)
        challenges = answer.headers.getall("WWW-Authenticate", ()) if answer.status == 401 else ()
        if not any(challenge.lower().startswith("basic") for challenge in challenges):
            return answer
        answer.release()
        basic = self._http.BasicAuth(user.user, user.password or "", "utf-8")
        return await self._send_once(method, address, auth=basic, **request)

    async def _send_once(self, method: str, address: yarl.URL, **request: Any) -> aiohttp.ClientResponse:
        """Send one request, and once more where a connection that had been kept open turns out to be closed: the other
        end has not answered with a single byte, and mostly not seen it."""
        assert self._keeping is not None
        assert self._fresh is not None
        noted: dict[str, bool] = {}
        request |= {"allow_redirects": False, "trace_request_ctx": noted}
        try:
            return await self._keeping.request(method, address, **request)
        except self._http.ClientConnectionError:
            if not noted:
                raise
        return await self._fresh.request(method, address, **request)

    def _trouble(self, error: Exception) -> tuple[int, str]:
        """Find Twilio's code for a request that failed, and say what was wrong (behaviour.md §3.5)."""
        http = self._http
        match error:
            case http.InvalidURL():
                return 11100, "it is no address that can be called"
            case http.ClientConnectorDNSError():
                return 11210, f"there is no host {error.host}"
            case http.ClientConnectorCertificateError(certificate_error=ssl.SSLCertVerificationError() as wrong):
                code, why = CERTIFICATES.get(wrong.verify_code, (11237, "is not trusted"))
                return code, f"the certificate of {error.host} {why} ({wrong.verify_message})"
            case http.ClientSSLError():
                return 11220, f"{error.host}:{error.port} does not speak TLS as it should: is it meant to be http://?"
            case http.ClientConnectorError(os_error=ConnectionRefusedError()):
                return 11205, f"nobody listens at {error.host}:{error.port}"
            case http.ClientConnectorError():
                return 11205, f"no connection to {error.host}:{error.port} ({error.strerror or error.os_error})"
            case http.ClientPayloadError():
                return 11200, "its answer broke off, or is not encoded as it says"
            case http.ClientConnectionError() | OSError():
                return 11205, "it closed the connection without an answer"
            case http.ClientError():
                return 11200, "what it answered is not HTTP"
            case _:
                return 11200, str(error)


async def _note_reuse(session: aiohttp.ClientSession, context: Any, _: Any) -> None:
    """Tell `Sender._send_once` that a request takes a connection which was open already."""
    context.trace_request_ctx["reused"] = True


async def _read(answer: aiohttp.ClientResponse, attempt: Attempt, body_counts: bool) -> str | None:
    """Read an answer as far as it counts, and note it with the attempt: its text, None where its charset is unknown."""
    most, read = (MAX_ANSWER if body_counts else KEPT_BODY), bytearray()
    while len(read) <= most and (chunk := await answer.content.read(most + 1 - len(read))):
        read += chunk
    if len(read) > most:
        answer.close()  # whatever else comes is not waited for
    kept = read.decode(errors="replace")
    try:
        text = kept = _writable(read.decode(answer.charset or "utf-8", errors="replace"))
    except (LookupError, ValueError):
        text = None
    attempt.status, attempt.content_type = answer.status, _header(answer, "Content-Type")
    attempt.body = kept[:KEPT_BODY]
    if body_counts and len(read) > most and 200 <= answer.status < 300:
        attempt.error = Failure(11750, f"the answer is longer than {most // 1024} kB")
    return text


def _header(answer: aiohttp.ClientResponse, name: str) -> str:
    """Read a header's value, or "": in UTF-8 or, where it is none, in Latin-1."""
    value = answer.headers.get(name, "")
    try:
        value.encode()
    except UnicodeEncodeError:  # aiohttp keeps what is no UTF-8 as half surrogate pairs
        return value.encode(errors="surrogateescape").decode("latin-1")
    return value


def _writable(text: str) -> str:
    """Make it a text that can be kept: half a surrogate pair is no character."""
    return text.encode(errors="replace").decode()
