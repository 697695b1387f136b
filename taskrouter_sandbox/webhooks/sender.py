"""Sends one webhook as Twilio does: a form, signed, within a time limit (behaviour.md §3.1, §3.4, §4.1)."""

from __future__ import annotations

import asyncio
import importlib
import logging
import ssl
import time
from collections.abc import Mapping
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode, urljoin, urlsplit

from msgspec import Struct, field

from .delivery import Attempt, DeliveryFailure, Redirect, without_password
from .signature import signature, signed_text

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


class Way(Struct, frozen=True, kw_only=True):
    """How a request is made, where webhooks differ.

    seconds: for the whole of it; connect_seconds, read_seconds: for these alone. body_counts: an answer longer than
    MAX_ANSWER is an error; otherwise what the log does not keep is not read. cookies: those of the receivers, which are
    sent back. headers: sent as well.
    """

    method: Literal["GET", "POST"] = "POST"
    seconds: float
    connect_seconds: float | None = None
    read_seconds: float | None = None
    most_redirects: int = MAX_REDIRECTS
    body_counts: bool = True
    cookies: aiohttp.CookieJar | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class WebhookAnswer(Struct):
    """What came back. url: where the redirects led; text: None where its charset is unknown; failed: which part of the
    way has failed, if it was one of these."""

    url: str
    body: bytes = b""
    text: str | None = ""
    failed: Literal["connect", "read"] | None = None


class Sender:
    """The HTTP client of all webhooks: one session that keeps connections open for a while, and one that does not.

    auth_token: what the webhooks are signed with.
    """

    def __init__(self, auth_token: str):
        self.auth_token = auth_token
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
        """
        attempt, answer = await self.request(url, parameters, Way(seconds=seconds, body_counts=body_counts))
        return attempt, answer.text

    async def request(self, url: str, parameters: dict[str, str], way: Way) -> tuple[Attempt, WebhookAnswer]:
        """Make a request: the attempt as the log keeps it, and what came back. Never raises."""
        await self._open()
        attempt, answer = Attempt(url=without_password(url), at=time.time()), WebhookAnswer(url)
        began = time.monotonic()
        try:
            async with asyncio.timeout(way.seconds):
                await self._exchange(attempt, answer, parameters, way)
        except (self._http.ConnectionTimeoutError, self._http.ClientConnectorError) as error:
            answer.failed = "connect"
            code, why = self._trouble(error)
            attempt.error = DeliveryFailure(code, _writable(why))
        except self._http.SocketTimeoutError:
            answer.failed = "read"
            attempt.error = DeliveryFailure(11205, f"no answer within {way.read_seconds:g} seconds")
        except TimeoutError:
            attempt.error = DeliveryFailure(11205, f"no answer within {way.seconds:g} seconds")
        except (self._http.ClientError, OSError, ValueError) as error:
            code, why = self._trouble(error)
            attempt.error = DeliveryFailure(code, _writable(why))
        except Exception:
            log.exception("webhook to %s", without_password(url))
            attempt.error = DeliveryFailure(11200, "the sandbox failed to send it; its log says why")
        attempt.seconds = round(time.monotonic() - began, 4)
        return attempt, answer

    def cookie_jar(self) -> aiohttp.CookieJar:
        """Make a place for cookies; the host that has set one may be an address."""
        return importlib.import_module("aiohttp").CookieJar(unsafe=True)

    async def _exchange(self, attempt: Attempt, answer: WebhookAnswer, parameters: dict[str, str], way: Way) -> None:
        """Ask, following redirects: each address is signed for itself, and only 307 and 308 are sent the form again.

        What is signed is the address as the receiver sees it: in canonical form, without the user that it may name, and
        without a fragment, which holds settings of the connection (behaviour.md §3.4).
        """
        method, form = way.method, parameters
        limits = self._http.ClientTimeout(sock_connect=way.connect_seconds, sock_read=way.read_seconds)
        while True:
            address = self._url(answer.url)
            if address.raw_path == "/":
                address = address.with_path("/", keep_query=True)  # it may not be written out yet
            user, address = address, address.with_user(None)
            if method == "GET" and form:
                address, form = self._url(_with_query(str(address), form)), {}
            signed = str(address.with_fragment(None))
            attempt.signed = signed_text(signed, form)
            headers = {"X-Twilio-Signature": signature(self.auth_token, signed, form), **way.headers}
            if method == "POST":
                headers["Content-Type"] = FORM
            if way.cookies is not None and (kept := _cookies(way.cookies, address)):
                headers["Cookie"] = kept
            body = urlencode(form).encode() if method == "POST" else None
            request = {"data": body, "headers": headers, "timeout": limits}
            async with await self._send(method, address, user, **request) as reply:
                if way.cookies is not None:
                    way.cookies.update_cookies(reply.cookies, address)
                if scheme := reply.request_info.headers.get("Authorization"):
                    attempt.authorized = scheme.partition(" ")[0]
                location = _header(reply, "Location")
                if reply.status not in (301, 302, 303, 307, 308) or not location:
                    return await _read(reply, attempt, answer, way.body_counts)
            answer.url = urljoin(answer.url, location)
            attempt.redirects.append(Redirect(reply.status, without_password(answer.url)))
            if urlsplit(answer.url).scheme not in ("http", "https"):
                raise ValueError("that is no address to call")
            if len(attempt.redirects) > way.most_redirects:
                attempt.error = DeliveryFailure(11215, f"more than {way.most_redirects} redirects")
                return None
            if reply.status not in (307, 308):
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
        except self._http.ClientConnectionError as error:
            if not noted or isinstance(error, self._http.SocketTimeoutError):
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
            case http.ConnectionTimeoutError():
                return 11205, "no connection in time"
            case http.ClientConnectorError():
                return 11205, f"no connection to {error.host}:{error.port} ({error.strerror or error.os_error})"
            case http.ClientPayloadError():
                return 11200, "its answer broke off, or is not encoded as it says"
            case http.ClientConnectionError() | OSError():
                return 11205, "it closed the connection without an answer"
            case http.ClientError():
                return 11206, "what it answered is not HTTP"
            case _:
                return 11200, str(error)


async def _note_reuse(session: aiohttp.ClientSession, context: Any, _: Any) -> None:
    """Tell `Sender._send_once` that a request takes a connection which was open already."""
    context.trace_request_ctx["reused"] = True


async def _read(reply: aiohttp.ClientResponse, attempt: Attempt, answer: WebhookAnswer, body_counts: bool) -> None:
    """Read a body as far as it counts, and note it with the attempt."""
    most, read = (MAX_ANSWER if body_counts else KEPT_BODY), bytearray()
    while len(read) <= most and (chunk := await reply.content.read(most + 1 - len(read))):
        read += chunk
    if len(read) > most:
        reply.close()  # whatever else comes is not waited for
    answer.body, kept = bytes(read), read.decode(errors="replace")
    try:
        answer.text = kept = _writable(read.decode(reply.charset or "utf-8", errors="replace"))
    except (LookupError, ValueError):
        answer.text = None
    attempt.status, attempt.content_type = reply.status, _header(reply, "Content-Type")
    attempt.body = kept[:KEPT_BODY]
    if body_counts and len(read) > most and 200 <= reply.status < 300:
        attempt.error = DeliveryFailure(11750, f"the answer is longer than {most // 1024} kB")


def _with_query(url: str, parameters: dict[str, str]) -> str:
    """Put parameters behind the query of an address."""
    whole, hash_, fragment = url.partition("#")
    return f"{whole}{'&' if '?' in whole else '?'}{urlencode(parameters)}{hash_}{fragment}"


def _cookies(jar: aiohttp.CookieJar, address: yarl.URL) -> str:
    return "; ".join(f"{cookie.key}={cookie.coded_value}" for cookie in jar.filter_cookies(address).values())


def _header(reply: aiohttp.ClientResponse, name: str) -> str:
    """Read a header's value, or "": in UTF-8 or, where it is none, in Latin-1."""
    value = reply.headers.get(name, "")
    try:
        value.encode()
    except UnicodeEncodeError:  # aiohttp keeps what is no UTF-8 as half surrogate pairs
        return value.encode(errors="surrogateescape").decode("latin-1")
    return value


def _writable(text: str) -> str:
    """Make it a text that can be kept: half a surrogate pair is no character."""
    return text.encode(errors="replace").decode()
