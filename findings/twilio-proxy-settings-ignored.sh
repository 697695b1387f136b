#!/usr/bin/env bash
# What people guess: a proxy and a certificate that are handed to Twilio's library are used. twilio-python's asynchronous
# client takes `proxy_url`, as the synchronous one takes `proxy`; twilio-node takes HTTP_PROXY, and TWILIO_CA_BUNDLE for
# the certificate that a proxy of the company signs with.
#
# What really happens: twilio-python's AsyncTwilioHttpClient keeps `proxy_url` and never uses it: every request leaves
# directly, without a warning. twilio-node makes its agent anew where HTTP_PROXY is set, and with that forgets the
# certificate: TWILIO_CA_BUNDLE does not count any more, only NODE_EXTRA_CA_CERTS does.
#
# Why it matters: whoever moves a program to the asynchronous client behind a proxy, or points it at a recording or test
# proxy, sends its requests, with the account's token, around that proxy and to the live service, without an error. With
# twilio-node the two settings that were made for each other cannot be used together.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
unset HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY http_proxy https_proxy no_proxy all_proxy TWILIO_EDGE TWILIO_REGION
python3 -m venv v >/dev/null
v/bin/pip -q install twilio==9.13.0
npm install --silent --no-audit --no-fund --prefix . twilio@6.3.1 >/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost 2>/dev/null
cat >try.py <<'PY'
import asyncio
import importlib.metadata
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client


def server(name):
    """An HTTP server that notes its name, and answers like a list of workspaces; a proxy would answer the same."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(name)
            body = b'{"workspaces": [], "meta": {"key": "workspaces"}}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{made.server_port}"


asked = []
api, proxy = server("the API itself"), server("the proxy")


def client(http_client):
    made = Client("AC" + "0" * 32, "token", http_client=http_client)
    made.taskrouter.base_url = api
    return made.taskrouter.v1.workspaces


async def asynchronous():
    async with AsyncTwilioHttpClient(proxy_url=proxy) as http_client:
        await client(http_client).list_async()


client(TwilioHttpClient(proxy={"http": proxy})).list()
asyncio.run(asynchronous())
print("twilio-python", importlib.metadata.version("twilio"))
print(f"  synchronous, proxy=...: {asked[0]} was asked")
print(f"  asynchronous, proxy_url=...: {asked[1]} was asked")
assert asked == ["the proxy", "the API itself"], asked
PY
cat >api.js <<'JS'
// An API with a certificate of its own, and a proxy before it; prints their ports.
const fs = require("fs");
const https = require("https");
const http = require("http");
const net = require("net");
const settings = { key: fs.readFileSync("key.pem"), cert: fs.readFileSync("cert.pem") };
const api = https.createServer(settings, (_, answer) => answer.end('{"workspaces": [], "meta": {"key": "workspaces"}}'));
const proxy = http.createServer();
proxy.on("connect", (request, socket) => {
  const behind = net.connect(Number(request.url.split(":")[1]), "localhost", () => {
    socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
    behind.pipe(socket).pipe(behind);
  });
  behind.on("error", () => socket.destroy());
  socket.on("error", () => behind.destroy());
});
api.listen(0, "localhost", () => proxy.listen(0, "localhost", () => console.log(api.address().port, proxy.address().port)));
JS
cat >try.js <<'JS'
const client = require("twilio")("AC" + "0".repeat(32), "token", { maxRetries: 0 });
client.taskrouter.baseUrl = `https://localhost:${process.env.API_PORT}`;
client.taskrouter.v1.workspaces.list().then(
  (found) => console.log(`answered, ${found.length} workspaces`),
  (error) => console.log(`refused: ${error.code}`)
);
JS
v/bin/python -W ignore try.py
coproc API { node api.js; }
read -r API_PORT PROXY_PORT <&"${API[0]}"
export API_PORT
echo "twilio-node $(node -p 'require("twilio/package.json").version')"
direct=$(TWILIO_CA_BUNDLE=cert.pem node try.js)
both=$(TWILIO_CA_BUNDLE=cert.pem HTTP_PROXY=http://localhost:$PROXY_PORT node try.js 2>/dev/null)
extra=$(NODE_EXTRA_CA_CERTS=cert.pem HTTP_PROXY=http://localhost:$PROXY_PORT node try.js 2>/dev/null)
kill "$API_PID"
echo "  TWILIO_CA_BUNDLE: $direct"
echo "  TWILIO_CA_BUNDLE and HTTP_PROXY: $both"
echo "  NODE_EXTRA_CA_CERTS and HTTP_PROXY: $extra"
[[ $direct == answered* && $both == refused* && $extra == answered* ]]
