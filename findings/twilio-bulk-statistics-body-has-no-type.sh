#!/usr/bin/env bash
# What people guess: the bulk statistics of task queues take the SIDs of the queues as `body`, in Python and in Node:
# Python's signature says `create(body: object)`, and Node's options have one field, `body?: object`.
#
# What really happens: neither works as it is written. twilio-python calls `body.to_dict()`, so a dict and a list end in
# an AttributeError before anything is sent, and so does the call without a body, which the signature allows; no class
# of the library for this resource has a `to_dict` (other resources bring one for their bodies). Any object of one's own
# that has it is taken, and what it returns is sent as JSON. twilio-node sends whatever object it is given as the whole
# body: its own options type makes {"body": {"QueueSids": ...}} of it, and the SIDs have to stand where the options would.
#
# Why it matters: a dashboard that is to ask once for two hundred queues asks for each queue instead, and is held back
# by 429; or its author believes that the operation is not there. In Python `types.SimpleNamespace(to_dict=lambda: body)`
# is enough.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install twilio==9.13.0
npm install --silent --no-audit --no-fund --prefix . twilio@6.3.1 >/dev/null
cat >try.py <<'PY'
import http.server
import importlib
import importlib.metadata
import inspect
import json
import subprocess
import threading
import types
import urllib.parse

from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

bodies = []


class Api(http.server.BaseHTTPRequestHandler):
    """Keep each body that is posted, and answer with an empty resource."""

    def do_POST(self):
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        bodies.append((self.headers["Content-Type"].partition(";")[0], text))
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
statistics = client.taskrouter.v1.workspaces("WS" + "0" * 32).task_queues.bulk_real_time_statistics
wanted = {"QueueSids": ["WQ" + "0" * 32]}
print(f"twilio-python {importlib.metadata.version('twilio')}")
for name, arguments in {"a dict": [wanted], "a list": [wanted["QueueSids"]], "nothing": []}.items():
    try:
        statistics.create(*arguments)
        said = "sent"
    except AttributeError as error:
        said = f"AttributeError: {error}"
    print(f"Python, {name}: {said}")
    assert said.endswith("has no attribute 'to_dict'"), said
assert bodies == []
statistics.create(types.SimpleNamespace(to_dict=lambda: wanted))
print("Python, an object of one's own with to_dict:", *bodies[0])
base = "twilio.rest.taskrouter.v1.workspace.task_queue"
classes = [
    name
    for module in ("", ".task_queue_bulk_real_time_statistics")
    for name, value in inspect.getmembers(importlib.import_module(base + module), inspect.isclass)
    if hasattr(value, "to_dict") and value.__module__.startswith("twilio")
]
print("classes of this resource with to_dict:", len(classes))
assert classes == [], classes
node = subprocess.run(["node", "try.js", str(server.server_port)], check=True, capture_output=True, text=True)
print(f"twilio-node {node.stdout.strip()}, its options:", *bodies[1])
print("Node, the SIDs in their place:", *bodies[2])
assert [kind for kind, _ in bodies] == ["application/json"] * 3, bodies
assert [json.loads(text) for _, text in bodies] == [wanted, {"body": wanted}, wanted], bodies
PY
cat >try.js <<'JS'
const twilio = require("twilio");
const real = new twilio.RequestClient();
const here = `http://127.0.0.1:${process.argv[2]}`;
const local = { request: (options) => real.request({ ...options, uri: here + new URL(options.uri).pathname }) };
const client = twilio("AC" + "0".repeat(32), "token", { httpClient: local });
const queues = client.taskrouter.v1.workspaces("WS" + "0".repeat(32)).taskQueues;
const wanted = { QueueSids: ["WQ" + "0".repeat(32)] };
queues.bulkRealTimeStatistics
  .create({ body: wanted })
  .then(() => queues.bulkRealTimeStatistics.create(wanted))
  .then(() => console.log(require("twilio/package.json").version));
JS
v/bin/python try.py
# Seen:
#   twilio-python 9.13.0
#   Python, a dict: AttributeError: 'dict' object has no attribute 'to_dict'
#   Python, a list: AttributeError: 'list' object has no attribute 'to_dict'
#   Python, nothing: AttributeError: 'object' object has no attribute 'to_dict'
#   Python, an object of one's own with to_dict: application/json {"QueueSids": ["WQ00000000000000000000000000000000"]}
#   classes of this resource with to_dict: 0
#   twilio-node 6.3.1, its options: application/json {"body":{"QueueSids":["WQ00000000000000000000000000000000"]}}
#   Node, the SIDs in their place: application/json {"QueueSids":["WQ00000000000000000000000000000000"]}
