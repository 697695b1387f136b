"""What is wrong with a connection to a receiver is said in words, with Twilio's code for it (behaviour.md §3.5)."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
import trustme
from twilio.rest import Client

from tests.waiting import patience, wait_for

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT, TOKEN = "AC" + "b" * 32, "token"


class Server(ThreadingHTTPServer):
    """Answers 204; over TLS with that certificate, if there is one."""

    daemon_threads = True

    def __init__(self, certificate: trustme.LeafCert | None):
        super().__init__(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            certificate.configure_cert(context)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, request, client_address) -> None:
        pass


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_) -> None:
        pass


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def address(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of a sandbox that trusts that authority: a process reads once whom it trusts."""
    folder = tmp_path_factory.mktemp("trusting")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--data", str(folder)]
    process = subprocess.Popen(
        [*command, "--account-sid", ACCOUNT, "--auth-token", TOKEN, "--stop-with-input"],
        cwd=ROOT,
        env={**os.environ, "SSL_CERT_FILE": str(folder / "ca.pem")},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    yield process.stdout.readline().split()[3]
    process.terminate()
    process.communicate(timeout=patience(30))


def told(address: str, url: str) -> tuple[str, list[tuple[int, str]]]:
    """What becomes of an event that is reported to that address, and the alerts."""
    client = Client(ACCOUNT, TOKEN)
    client.taskrouter.base_url = address
    workspace = client.taskrouter.v1.workspaces.create(friendly_name="A", event_callback_url=url)

    def ask(what: str) -> list[dict]:
        answer = requests.get(f"{address}/_sandbox/{what}", auth=(ACCOUNT, TOKEN), timeout=patience(10))
        return [one for one in answer.json()[what] if one["workspace_sid"] == workspace.sid]

    (delivery,) = wait_for(lambda: (d := ask("deliveries")) and d[-1]["outcome"] and d[-1:])
    return delivery["outcome"], [(alert["code"], alert["text"]) for alert in ask("alerts")]


def test_a_certificate_that_is_right(address, authority):
    with Server(authority.issue_cert("127.0.0.1")) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        assert told(address, f"https://127.0.0.1:{server.server_port}/") == ("reported", [])
        server.shutdown()


@pytest.mark.parametrize(
    ("served", "url", "code", "words"),
    [
        ("trusted by nobody", "https://127.0.0.1:{}/", 11237, "the certificate of 127.0.0.1 is not trusted"),
        ("for another host", "https://127.0.0.1:{}/", 11235, "the certificate of 127.0.0.1 is for another host"),
        ("expired", "https://127.0.0.1:{}/", 11236, "the certificate of 127.0.0.1 has expired"),
        ("plain", "https://127.0.0.1:{}/", 11220, "does not speak TLS as it should: is it meant to be http://?"),
        ("right", "http://127.0.0.1:{}/", 11205, "it closed the connection without an answer"),
        ("plain", "http://no-such-host.invalid:{}/", 11210, "there is no host no-such-host.invalid"),
        ("plain", "http://127.0.0.1:1/", 11205, "nobody listens at 127.0.0.1:1"),
    ],
)
def test_what_is_wrong(address, authority, served, url, code, words):
    certificates = {
        "plain": None,
        "right": authority.issue_cert("127.0.0.1"),
        "trusted by nobody": trustme.CA().issue_cert("127.0.0.1"),
        "for another host": authority.issue_cert("example.com"),
        "expired": authority.issue_cert("127.0.0.1", not_after=datetime(2020, 1, 1, tzinfo=UTC)),
    }
    with Server(certificates[served]) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        outcome, alerts = told(address, url.format(server.server_port))
        server.shutdown()
    assert words in outcome
    assert {said for said, _ in alerts} == {code}
    assert all(words in text for _, text in alerts)
