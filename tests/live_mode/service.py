"""`https://taskrouter.twilio.com` on loopback: the sandbox behind TLS, for the plain client with nothing replaced.

The way there is an HTTPS proxy, which clients find in HTTPS_PROXY and which ends the tunnel of CONNECT itself, with a
certificate for *.twilio.com. It comes from an authority of these tests, which clients find in REQUESTS_CA_BUNDLE, and
the sandbox, for its webhooks, in SSL_CERT_FILE.
"""

from __future__ import annotations

import http.client
import json
import os
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import trustme

from taskrouter_sandbox import ControlClient
from tests.stand_in_ngrok.ngrok_agent import install
from tests.waiting import patience

ACCOUNT_SID = "AC" + "c0ffee00" * 4
AUTH_TOKEN = "the-auth-token-of-the-live-account"
API_KEY, API_KEY_SECRET = "SK" + "c0ffee00" * 4, "the-secret-of-the-api-key-of-32-letters"
NUMBER = "+15005550006"
NGROK_TOKEN = "the-ngrok-token-of-the-learner"
PUBLIC_HOST = "127.0.0.2"  # on loopback, and yet not a name that the callback server takes for this machine
ROOT = Path(__file__).resolve().parents[2]


class Proxy(ThreadingHTTPServer):
    """Takes CONNECT to *.twilio.com and answers there with what the sandbox says. `asked`: host and request lines.

    `lost`: ends of paths; the answer of the next POST to each gets lost on its way. `prices`: what `pricing.twilio.com`
    answers, by path. `single_tasking`: requests for a workspace of that kind.
    """

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext, sandbox: str):
        self.context, self.sandbox = context, urlsplit(sandbox).netloc
        self.asked: list[tuple[str, str]] = []
        self.multitasking_only = False
        self.single_tasking = 0
        self.prices: dict[str, object] = {}
        self.lost: set[str] = set()
        super().__init__(("127.0.0.1", 0), Connect)

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


class Connect(BaseHTTPRequestHandler):
    def do_CONNECT(self) -> None:
        self.close_connection = True
        if not self.path.endswith(".twilio.com:443"):
            self.send_error(403, "Only Twilio is here")
            return
        self.send_response(200)
        self.end_headers()
        with self.server.context.wrap_socket(self.connection, server_side=True) as secured:
            Twilio(secured, self.client_address, self.server)

    def log_message(self, *_) -> None:
        pass


class Twilio(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.headers["Host"], f"{self.command} {self.path}"))
        form = parse_qs(body.decode())
        single_tasking = form.get("MultiTaskEnabled", [""])[0].lower() == "false"
        self.server.single_tasking += single_tasking
        if self.server.multitasking_only and single_tasking:
            refusal = b'{"code": 20001, "message": "Single-tasking workspaces are not available", "status": 400}'
            self._answer(400, [("Content-Type", "application/json")], refusal)
            return
        if self.headers["Host"] == "pricing.twilio.com":
            price = self.server.prices.get(unquote(urlsplit(self.path).path))
            answer = {"code": 20404, "message": "No price", "status": 404} if price is None else price
            headers = [("Content-Type", "application/json")]
            self._answer(404 if price is None else 200, headers, json.dumps(answer).encode())
            return
        connection = http.client.HTTPConnection(self.server.sandbox, timeout=patience(30))
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        status, headers, content = answer.status, answer.getheaders(), answer.read()
        connection.close()
        lost = next((end for end in self.server.lost if self.command == "POST" and self.path.endswith(end)), None)
        if lost is not None:
            self.server.lost.discard(lost)
            self.close_connection = True
            return
        self._answer(status, headers, content)

    do_POST = do_DELETE = do_GET

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


@dataclass
class Service:
    """Live Twilio, as near as can be. environment: what a learner would have set, and the way here."""

    proxy: Proxy
    sandbox: ControlClient
    environment: dict[str, str] = field(repr=False)


@contextmanager
def live_twilio(folder: Path) -> Iterator[Service]:
    """A service with an empty account, whose files are in a folder."""
    authority = trustme.CA()
    ca, cert, agent = folder / "ca.pem", folder / "cert.pem", folder / "ngrok"
    authority.cert_pem.write_to_path(ca)
    issued = authority.issue_cert("*.twilio.com", PUBLIC_HOST)
    issued.private_key_and_cert_chain_pem.write_to_path(cert)
    install(agent)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issued.configure_cert(context)
    command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--data", str(folder / "account")]
    command += ["--account-sid", ACCOUNT_SID, "--auth-token", AUTH_TOKEN, "--api-key", f"{API_KEY}:{API_KEY_SECRET}"]
    sandbox = subprocess.Popen(
        [*command, "--stop-with-input"],
        cwd=ROOT,
        env={**os.environ, "SSL_CERT_FILE": str(ca)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        address = sandbox.stdout.readline().split()[3]
        with Proxy(context, address) as proxy:
            threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
            yield Service(
                proxy,
                ControlClient(address, ACCOUNT_SID, AUTH_TOKEN),
                {
                    "TASKROUTER_LIVE": "1",
                    "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
                    "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
                    "HTTPS_PROXY": f"http://127.0.0.1:{proxy.server_port}",
                    "REQUESTS_CA_BUNDLE": str(ca),
                    "ALICE_PHONE": "+15005550111",
                    "BOB_PHONE": "+15005550112",
                    "NGROK_AUTHTOKEN": NGROK_TOKEN,
                    "NGROK_PATH": str(agent),
                    "FAKE_NGROK_CERT": str(cert),
                    "FAKE_NGROK_HOST": PUBLIC_HOST,
                    "TASKROUTER_TUNNEL_DIR": str(folder / "tunnel"),
                },
            )
            proxy.shutdown()
    finally:
        sandbox.terminate()
        sandbox.communicate(timeout=patience(30))
