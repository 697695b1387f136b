"""How the documents of calls are asked for (voice.md §1.4, §1.5)."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest

from taskrouter_sandbox.webhooks.connection_settings import ConnectionSettings, connection
from taskrouter_sandbox.webhooks.fetcher import WebhookExchange, WebhookFetcher
from taskrouter_sandbox.webhooks.sender import Sender
from tests.sandbox.conftest import TOKEN, Receiver, Reply

CALL, OTHER = "CA" + "1" * 32, "CA" + "2" * 32
PARAMETERS = (("CallSid", CALL), ("From", "+15005550100"), ("FromCity", ""), ("Note", "a b&c=ü#"))
TWIML = Reply(body="<Response/>", content_type="text/xml")


@pytest.fixture
def receiver(receiver: Receiver) -> Receiver:
    receiver.token = TOKEN
    return receiver


def fetch(*requests: tuple, report: bool = False) -> list[WebhookExchange]:
    """Make requests, each a call's SID, an address and a method, with one fetcher."""

    async def run() -> list[WebhookExchange]:
        fetcher = WebhookFetcher(Sender(TOKEN))
        try:
            exchanges = []
            for call_sid, url, method in requests:
                if call_sid is None:
                    fetcher.forget(CALL)
                elif report:
                    exchanges.append(await fetcher.ask(url, method, PARAMETERS))
                else:
                    exchanges.append(await fetcher.ask(url, method, PARAMETERS, call_sid))
            return exchanges
        finally:
            await fetcher.sender.close()

    return asyncio.run(run())


@contextmanager
def closing_server(answer: bytes = b""):
    """A server that reads a request and gives some bytes, or closes the connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        asked: list[bytes] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    asked.append(connection.recv(65536))
                    if answer:
                        connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", asked


def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}/voice"


@pytest.mark.parametrize("query", ["", "?lang=es", "?a=1&b=x%20y", "?a=%C3%BC+~", "?"])
def test_a_post_carries_a_form_and_leaves_the_query_alone(receiver, query):
    receiver.replies["/voice"] = TWIML
    [exchange] = fetch((CALL, f"{receiver.url}/voice{query}", "POST"))
    assert exchange.failure is None
    assert (exchange.answer.body, exchange.content_type) == (b"<Response/>", "text/xml")
    [request] = receiver.requests
    assert (request.method, request.form, request.valid) == ("POST", dict(PARAMETERS), True)
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded; charset=UTF-8"
    assert request.headers["User-Agent"] == "TwilioProxy/1.1"
    assert "I-Twilio-Idempotency-Token" not in request.headers
    assert parse_qs(urlsplit(request.path).query) == parse_qs(query.removeprefix("?"))


@pytest.mark.parametrize("query", ["", "?lang=es", "?lang=es#rc=0&ct=500", "#rc=2"])
def test_a_get_carries_everything_in_its_query_and_is_signed_so(receiver, query):
    receiver.replies["/voice"] = TWIML
    fetch((CALL, f"{receiver.url}/voice{query}", "GET"))
    [request] = receiver.requests
    sent = parse_qs(urlsplit(request.path).query, keep_blank_values=True)
    assert sent == {name: [value] for name, value in PARAMETERS} | ({"lang": ["es"]} if "lang" in query else {})
    assert (request.method, request.body, request.valid) == ("GET", "", True)
    assert "Content-Type" not in request.headers


def test_cookies_are_kept_for_the_call(receiver):
    receiver.replies["/voice"] = Reply(headers={"Set-Cookie": 'session="a b"; Path=/; HttpOnly'})
    first, second = f"{receiver.url}/voice", f"{receiver.url}/menu"
    fetch((CALL, first, "POST"), (CALL, second, "GET"), (OTHER, second, "GET"), (None, "", ""), (CALL, second, "GET"))
    assert [request.headers.get("Cookie") for request in receiver.requests] == [None, 'session="a b"', None, None]


def test_a_cookie_of_a_redirect_comes_along(receiver):
    receiver.replies["/voice"] = Reply(302, headers={"Set-Cookie": "a=1", "Location": "/menu"})
    fetch((CALL, f"{receiver.url}/voice", "POST"))
    assert receiver.requests[1].headers["Cookie"] == "a=1"


@pytest.mark.parametrize(
    ("status", "method", "then"),
    [(301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (307, "POST", "POST"), (308, "POST", "POST"),
     (302, "GET", "GET"), (307, "GET", "GET")],
)  # fmt: skip
def test_redirects_are_followed_and_signed_anew(receiver, status, method, then):
    receiver.replies["/voice"] = Reply(status, headers={"Location": "/menu?x=1"})
    receiver.replies["/menu"] = TWIML
    [exchange] = fetch((CALL, f"{receiver.url}/voice", method))
    assert exchange.answer.url == f"{receiver.url}/menu?x=1"
    request = receiver.requests[1]
    assert (request.method, request.valid) == (then, True)
    assert request.form == (dict(PARAMETERS) if then == "POST" else {})


def test_ten_redirects_are_followed_and_no_more(receiver):
    for number in range(11):
        receiver.replies[f"/{number}"] = Reply(307, headers={"Location": f"/{number + 1}"})
    receiver.replies["/11"] = TWIML
    [one_too_many, enough] = fetch((CALL, f"{receiver.url}/0", "POST"), (CALL, f"{receiver.url}/1", "POST"))
    assert one_too_many.failure.code == 11215
    assert enough.failure is None


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(404), 11200),
        (Reply(500, "boom"), 11200),
        (Reply(304, content_type=None), 11200),
        (Reply(302, content_type=None), 11200),
        (Reply(302, headers={"Location": "mailto:a@example.com"}), 11200),
        (Reply(body="x" * (64 * 1024 + 1), content_type="text/xml"), 11750),
        (Reply(204, content_type=None), None),
        (Reply(body="x" * 64 * 1024, content_type="text/xml"), None),
    ],
)
def test_what_counts_as_a_failure(receiver, reply, code):
    receiver.replies["/voice"] = reply
    [exchange] = fetch((CALL, f"{receiver.url}/voice", "POST"))
    assert (exchange.failure and exchange.failure.code) == code
    assert len(receiver.requests) == 1


def test_an_answer_without_a_content_type(receiver):
    receiver.replies["/voice"] = Reply(body="<Response/>", content_type=None)
    [exchange] = fetch((CALL, f"{receiver.url}/voice", "POST"))
    assert exchange.content_type is None


def test_the_length_of_an_answer_to_a_callback_does_not_matter(receiver):
    receiver.replies["/status"] = Reply(body="x" * 100_000)
    [exchange] = fetch((CALL, f"{receiver.url}/status", "POST"), report=True)
    assert exchange.failure is None


@pytest.mark.parametrize(
    ("url", "code", "tries"),
    [
        (nobody, 11205, 2),
        (lambda: nobody() + "#rc=0", 11205, 1),
        (lambda: nobody() + "#rc=3", 11205, 4),
        (lambda: nobody() + "#rc=2&rp=5xx", 11205, 1),
        (lambda: nobody() + "#rc=2&rp=all", 11205, 3),
        (lambda: "http://nobody.invalid/voice#rc=0", 11210, 1),
    ],
)
def test_where_there_is_no_connection(url, code, tries):
    [exchange] = fetch((CALL, url(), "POST"))
    assert (exchange.failure.code, len(exchange.attempts)) == (code, tries)


def test_a_connection_that_is_closed_or_speaks_something_else(receiver):
    with closing_server() as (url, asked):
        [exchange] = fetch((CALL, url, "POST"))
        assert (exchange.failure.code, len(asked)) == (11205, 1)
    with closing_server(b"SSH-2.0-OpenSSH\r\n\r\n") as (url, _):
        [exchange] = fetch((CALL, url, "POST"))
        assert exchange.failure.code == 11206
    with closing_server(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n<Resp") as (url, _):
        [exchange] = fetch((CALL, url, "POST"))
        assert exchange.failure.code == 11200
    [exchange] = fetch((CALL, receiver.url.replace("http://", "https://"), "POST"))
    assert exchange.failure.code == 11220


def test_what_fails_is_tried_again_as_the_address_says(receiver):
    replies = [Reply(503), Reply(404), TWIML]
    receiver.replies["/voice"] = lambda form: replies.pop(0)
    [exchange] = fetch((CALL, f"{receiver.url}/voice#rc=2&rp=4xx,5xx", "POST"))
    assert exchange.failure is None
    first, second, third = (one.headers.get("I-Twilio-Idempotency-Token") for one in receiver.requests)
    assert first is None
    assert second
    assert second == third
    assert all(request.valid for request in receiver.requests)


@pytest.mark.parametrize(("settings", "tries"), [("tt=200", 1), ("rt=200", 1), ("rt=200&rp=rt", 2)])
def test_an_answer_that_takes_too_long(receiver, settings, tries):
    gate = threading.Event()
    receiver.replies["/voice"] = Reply(gate=gate)
    [exchange] = fetch((CALL, f"{receiver.url}/voice#{settings}", "POST"))
    gate.set()
    assert exchange.failure.code == 11205
    assert "0.2 seconds" in exchange.failure.text
    assert len(exchange.attempts) == tries


@pytest.mark.parametrize(
    ("fragment", "wanted"),
    [
        ("", ConnectionSettings()),
        ("#ct=100&rt=200&tt=300&rc=5&rp=4xx,5xx", ConnectionSettings(100, 200, 300, 5, frozenset({"4xx", "5xx"}))),
        ("#ct=99&rt=15001&tt=x&rc=6&rp=never", ConnectionSettings()),
        ("#rc=0&sni=n&e=dublin", ConnectionSettings(rc=0)),
        ("#section", ConnectionSettings()),
    ],
)
def test_settings_in_the_fragment(fragment, wanted):
    assert connection("https://example.com/voice?rc=3" + fragment) == wanted
