#!/usr/bin/env bash
# What people guess: an HTTP/1.1 server that cannot speak HTTP/2 passes over a client's offer to upgrade (RFC 9110
# §7.8), and reads the request as if the offer were not there.
#
# What really happens: with `httptools`, which uvicorn takes where it is installed, the parser ends a message at the
# head as soon as it holds "Upgrade" and "Connection: Upgrade", even if a Content-Length follows. uvicorn answers, and
# the application has seen an empty body. With h11 the same request arrives whole. No error and no log line tell.
#
# Why it matters: Java's own client (java.net.http.HttpClient, whose preferred version is HTTP/2) makes that offer with
# every first request to an http:// address, POSTs included. A program that posts forms to a local stand-in of Twilio's
# API, or to a callback server behind a plain tunnel, is told that its parameters are missing.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install uvicorn==0.54.0 httptools==0.9.0 h11==0.16.0
cat >try.py <<'PY'
import asyncio, importlib.metadata, socket, threading

import uvicorn

OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n"


async def app(scope, receive, send):
    """Answer with the length of the body."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    text = str(size).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(text))]})
    await send({"type": "http.response.body", "body": text})


def seen(http: str, offer: bytes) -> int:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=http, ws="none", lifespan="off", log_level="error"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    with socket.create_connection(listener.getsockname(), timeout=30) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 3\r\n" + offer + b"\r\na=b")
        answer = b""
        while b"\r\n\r\n" not in answer or answer.endswith(b"\r\n\r\n"):
            answer += client.recv(1000)
    server.should_exit = True
    thread.join()
    return int(answer.rpartition(b"\r\n\r\n")[2])


print(*(f"{name} {importlib.metadata.version(name)}" for name in ("uvicorn", "httptools", "h11")), sep=", ")
found = {(http, bool(offer)): seen(http, offer) for http in ("httptools", "h11") for offer in (b"", OFFER)}
for (http, offered), size in found.items():
    print(f"{http}: of 3 bytes sent {'with' if offered else 'without'} an offer of h2c, {size} arrive")
assert found == {("httptools", False): 3, ("httptools", True): 0, ("h11", False): 3, ("h11", True): 3}, found
PY
v/bin/python try.py
# Seen:
#   uvicorn 0.54.0, httptools 0.9.0, h11 0.16.0
#   httptools: of 3 bytes sent without an offer of h2c, 3 arrive
#   httptools: of 3 bytes sent with an offer of h2c, 0 arrive
#   h11: of 3 bytes sent without an offer of h2c, 3 arrive
#   h11: of 3 bytes sent with an offer of h2c, 3 arrive
