#!/usr/bin/env bash
# What people guess: a task's attributes are JSON, so Twilio's libraries either turn an object into JSON or refuse it,
# and the four ways to make a task (REST and TwiML, Python and Node) agree on which.
#
# What really happens: all four take the object without a word and write four different things, and only one is JSON.
# twilio-python's REST call sends the keys, one parameter `Attributes` for each, without any value (its own
# `parameters` of a Studio execution, in the same client, does become JSON); its TwiML `Task` writes JSON.
# twilio-node's REST call sends a parameter `Attributes[KEY]` for each key and no `Attributes` at all; its TwiML `task`
# takes the object for XML attributes and writes an empty body.
#
# Why it matters: an object is a common slip in a first TaskRouter program, and what becomes of it depends on the
# language and on the way in. An answer to the REST calls can only speak of the parameter that came, which is not what
# the program shows; and the TwiML of Node is well formed, so nothing tells that the task's body is
# empty.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install twilio==9.13.0
npm install --silent --no-audit --no-fund --prefix . twilio@6.3.1 >/dev/null
cat >try.py <<'PY'
import http.server
import importlib.metadata
import subprocess
import threading
import urllib.parse

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from twilio.twiml.voice_response import VoiceResponse

ATTRIBUTES = {"language": "es", "level": 2}
bodies = []


class Api(http.server.BaseHTTPRequestHandler):
    """Keep each body that is posted, and answer with an empty resource."""

    def do_POST(self):
        bodies.append(urllib.parse.unquote_plus(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


class Local(TwilioHttpClient):
    """Send what is meant for Twilio to the server here."""

    def request(self, method, url, *args, **kwargs):
        path = urllib.parse.urlsplit(url).path
        return super().request(method, f"http://127.0.0.1:{server.server_port}{path}", *args, **kwargs)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
client = Client("AC" + "0" * 32, "token", http_client=Local())
client.taskrouter.v1.workspaces("WS" + "0" * 32).tasks.create(attributes=ATTRIBUTES)
client.studio.v2.flows("FW" + "0" * 32).executions.create(to="x", from_="y", parameters=ATTRIBUTES)
response = VoiceResponse()
response.enqueue(None, workflow_sid="WW").task(ATTRIBUTES)
twiml = [str(response).partition("?>")[2]]
node = subprocess.run(["node", "try.js", str(server.server_port)], check=True, capture_output=True, text=True)
version, *lines = node.stdout.splitlines()
twiml += lines
python, studio, javascript = bodies
print(f"twilio-python {importlib.metadata.version('twilio')}, twilio-node {version}")
for name, text in {
    "Python, REST, a task's attributes": python,
    "Python, REST, a Studio execution's parameters": studio,
    "Python, TwiML": twiml[0],
    "Node, REST": javascript,
    "Node, TwiML": twiml[1],
}.items():
    print(f"{name}: {text}")
assert python == "Attributes=language&Attributes=level", python
assert studio.endswith('Parameters={"language": "es", "level": 2}'), studio
assert '<Task>{"language": "es", "level": 2}</Task>' in twiml[0], twiml
assert javascript == "Attributes[language]=es&Attributes[level]=2", javascript
assert '<Task language="es" level="2"/>' in twiml[1], twiml
PY
cat >try.js <<'JS'
const twilio = require("twilio");
const attributes = { language: "es", level: 2 };
const real = new twilio.RequestClient();
const here = `http://127.0.0.1:${process.argv[2]}`;
const local = { request: (options) => real.request({ ...options, uri: here + new URL(options.uri).pathname }) };
const client = twilio("AC" + "0".repeat(32), "token", { httpClient: local });
const response = new twilio.twiml.VoiceResponse();
response.enqueue({ workflowSid: "WW" }).task(attributes);
client.taskrouter.v1.workspaces("WS" + "0".repeat(32)).tasks.create({ attributes }).then(() => {
  console.log(require("twilio/package.json").version);
  console.log(response.toString().split("?>")[1]);
});
JS
v/bin/python try.py
# Seen:
#   twilio-python 9.13.0, twilio-node 6.3.1
#   Python, REST, a task's attributes: Attributes=language&Attributes=level
#   Python, REST, a Studio execution's parameters: To=x&From=y&Parameters={"language": "es", "level": 2}
#   Python, TwiML: <Response><Enqueue workflowSid="WW"><Task>{"language": "es", "level": 2}</Task></Enqueue></Response>
#   Node, REST: Attributes[language]=es&Attributes[level]=2
#   Node, TwiML: <Response><Enqueue workflowSid="WW"><Task language="es" level="2"/></Enqueue></Response>
