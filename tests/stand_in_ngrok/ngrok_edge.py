"""What stands in for ngrok's edge: public addresses of this machine, each of which forwards to an upstream."""

import base64
import contextlib
import http.client
import json
import os
import re
import socket
import ssl
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HOP = {
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailers",
    "transfer-encoding",
    "upgrade",
}
_out_lock = threading.Lock()


def log(lvl, msg, **kw):
    def q(v):
        v = str(v)
        return json.dumps(v) if re.search(r'[\s"=\\]', v) or v == "" else v

    fields = {"t": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "lvl": lvl, "msg": msg, **kw}
    with _out_lock:
        sys.stdout.write(" ".join(f"{k}={q(v)}" for k, v in fields.items()) + "\n")
        sys.stdout.flush()


class Server(ThreadingHTTPServer):
    """Closing it also cuts the kept-alive connections, which ThreadingHTTPServer alone goes on serving."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, *a):
        self.open_sockets = set()
        super().__init__(*a)

    def process_request(self, request, client_address):
        self.open_sockets.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        self.open_sockets.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], OSError):  # a connection that was cut is no news
            super().handle_error(request, client_address)

    def server_close(self):
        super().server_close()
        for s in list(self.open_sockets):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)


class Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *a):
        pass

    def body(self):
        if (self.headers.get("Transfer-Encoding") or "").lower() == "chunked":
            out = b""
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                if size == 0:
                    while self.rfile.readline().strip():
                        pass
                    return out
                out += self.rfile.read(size)
                self.rfile.readline()
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))


class Tunnel:
    def __init__(self, agent, name, upstream, inspect=True, extra=None, proto="http"):
        self.agent, self.name, self.inspect, self.extra = agent, name, inspect, extra or {}
        self.upstream = self.normal(upstream)
        self.id = uuid.uuid4().hex
        self.count = 0
        self.proto = proto
        handler = type("H", (Forward,), {"tunnel": self})
        host, cert = os.environ.get("FAKE_NGROK_HOST", "127.0.0.1"), os.environ.get("FAKE_NGROK_CERT")
        self.server = Server((host, 0), handler)
        self.scheme = "http"
        if cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert)
            # no handshake in accept(): one slow client would keep all the others waiting
            self.server.socket = context.wrap_socket(self.server.socket, True, do_handshake_on_connect=False)
            self.scheme = "https"
        self.public_url = f"{self.scheme}://{host}:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @staticmethod
    def normal(addr):
        addr = str(addr)
        if addr.isdigit():
            return "http://localhost:" + addr
        return addr if "://" in addr else "http://" + addr

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def metrics(self):
        z = dict.fromkeys(["rate1", "rate5", "rate15", "p50", "p90", "p95", "p99"], 0)
        return {"conns": {"count": self.count, "gauge": 0, **z}, "http": {"count": self.count, **z}}

    def as_v3(self, metrics=False):
        d = {
            "name": self.name,
            "id": self.id,
            "uri": "/api/endpoints/" + self.name,
            "url": self.public_url,
            "upstream": {"url": self.upstream, "protocol": "http1"},
            "inspect": self.inspect,
            "traffic_policy": self.extra.get("traffic_policy", ""),
            "pooling_enabled": bool(self.extra.get("pooling_enabled", False)),
        }
        if metrics:
            d["metrics"] = self.metrics()
        return d

    def as_v2(self):
        return {
            "name": self.name,
            "ID": self.id,
            "uri": "/api/tunnels/" + self.name,
            "public_url": self.public_url,
            "proto": self.proto,
            "config": {"addr": self.upstream, "inspect": self.inspect},
            "metrics": self.metrics(),
        }


def headers_multi(items):
    out = {}
    for k, v in items:
        out.setdefault(k, []).append(v)
    return out


class Forward(Quiet):
    tunnel = None

    def handle_any(self):
        body = self.body()
        self.forward(self.command, self.path, list(self.headers.items()), body, self.client_address[0], reply=True)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = handle_any

    def forward(self, method, path, headers, body, remote, reply):
        t = self.tunnel
        status, reason, rheaders, rbody = send(t, method, path, headers, body, remote)
        if not reply:
            return
        self.send_response(status, reason)
        for k, v in rheaders:
            if k.lower() not in HOP and k.lower() != "content-length":
                self.send_header(k, v)
        self.send_header("Content-Length", str(len(rbody)))
        self.end_headers()
        if method != "HEAD":
            self.wfile.write(rbody)


def send(t, method, path, headers, body, remote):
    """One request to the upstream, captured for inspection; ngrok's own 502 when nothing listens there."""
    u = urlsplit(t.upstream)
    host = next((v for k, v in headers if k.lower() == "host"), "")
    out = [
        (k, v)
        for k, v in headers
        if k.lower() not in HOP | {"content-length", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}
    ]
    out += [
        ("X-Forwarded-For", remote),
        ("X-Forwarded-Host", host),
        ("X-Forwarded-Proto", os.environ.get("FAKE_NGROK_PROTO", t.scheme)),
    ]
    started = time.time()
    t.count += 1
    try:
        cls = http.client.HTTPSConnection if u.scheme == "https" else http.client.HTTPConnection
        conn = cls(u.hostname, u.port or (443 if u.scheme == "https" else 80), timeout=30)
        conn.putrequest(method, (u.path.rstrip("/") + path) or "/", skip_host=True, skip_accept_encoding=True)
        for k, v in out:
            conn.putheader(k, v)
        if body or method in ("POST", "PUT", "PATCH"):
            conn.putheader("Content-Length", str(len(body)))
        conn.endheaders(body or None)
        r = conn.getresponse()
        status, reason, rheaders, rbody = r.status, r.reason, r.getheaders(), r.read()
        conn.close()
    except OSError as e:
        rbody = (
            f"The endpoint {t.public_url} is online, but nothing answers at {t.upstream}: {e}\n\nERR_NGROK_8012\n"
        ).encode()
        status, reason = 502, "Bad Gateway"
        rheaders = [("Content-Type", "text/plain"), ("Ngrok-Error-Code", "ERR_NGROK_8012")]
    took = time.time() - started
    if t.inspect:
        raw = (
            f"{method} {path} HTTP/1.1\r\n" + "".join("{}: {}\r\n".format(*kv) for kv in out) + "\r\n"
        ).encode() + body
        rraw = (
            f"HTTP/1.1 {status} {reason}\r\n" + "".join("{}: {}\r\n".format(*kv) for kv in rheaders) + "\r\n"
        ).encode() + rbody
        t.agent.capture(
            t,
            remote,
            {
                "method": method,
                "proto": "HTTP/1.1",
                "headers": headers_multi(out),
                "uri": path,
                "raw": base64.b64encode(raw).decode(),
            },
            {
                "status": f"{status} {reason}",
                "status_code": status,
                "proto": "HTTP/1.1",
                "headers": headers_multi(rheaders),
                "raw": base64.b64encode(rraw).decode(),
            },
            started,
            took,
        )
    log("info", "join connections", obj="join", id=uuid.uuid4().hex[:12], l=u.netloc, r=remote)
    return status, reason, rheaders, rbody
