#!/usr/bin/env bash
# What people guess: `tasks(sid).delete(if_match=etag)` deletes the task only in the version that the ETag names, as the
# docstring says: "If provided, deletes this Task if (and only if) the ETag header of the Task matches".
#
# What really happens: twilio-python sends no If-Match with a DELETE. It fills its headers from the argument, and in the
# next line begins them anew, empty. Every delete of the library that takes if_match is made so, among them that of a
# TaskRouter worker, in the asynchronous methods as well. `update(if_match=...)` sends it, and so does twilio-node's
# `remove({ ifMatch })`.
#
# Why it matters: a program deletes what somebody else has just changed, and hears of no conflict: the answer is 204.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install twilio==9.13.0
npm install --silent --no-audit --no-fund --prefix . twilio@6.3.1 >/dev/null
cat >try.py <<'PY'
import importlib.metadata

from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client


class Sent(HttpClient):
    """Keep the headers of the newest request, and answer as if it were done."""

    def __init__(self):
        self.headers = None

    def request(self, method, url, params=None, data=None, headers=None, **_):
        self.headers = headers
        return Response(204 if method == "DELETE" else 200, "{}")


sent = Sent()
workspace = Client("AC" + "0" * 32, "token", http_client=sent).taskrouter.v1.workspaces("WS" + "0" * 32)
print(f"twilio-python {importlib.metadata.version('twilio')}:")
found = {}
for kind, resource in {"task": workspace.tasks("WT" + "0" * 32), "worker": workspace.workers("WK" + "0" * 32)}.items():
    for call in (resource.update, resource.delete):
        call(if_match="3")
        found[kind, call.__name__] = sent.headers.get("If-Match")
        print(f"  {kind}.{call.__name__}(if_match='3') sends If-Match: {found[kind, call.__name__]}")
assert found == {("task", "update"): "3", ("task", "delete"): None, ("worker", "update"): "3", ("worker", "delete"): None}
PY
cat >try.js <<'JS'
const assert = require("assert");
const twilio = require("twilio");
let sent;
const httpClient = { request: async ({ headers }) => ((sent = headers), { statusCode: 204, body: "" }) };
const workspace = twilio("AC" + "0".repeat(32), "token", { httpClient }).taskrouter.v1.workspaces("WS" + "0".repeat(32));
(async () => {
  await workspace.tasks("WT" + "0".repeat(32)).remove({ ifMatch: "3" });
  console.log(`twilio-node ${require("twilio/package.json").version}: remove({ ifMatch: "3" }) sends If-Match: ${sent["If-Match"]}`);
  assert.strictEqual(sent["If-Match"], "3");
})();
JS
v/bin/python try.py
node try.js
# Seen:
#   twilio-python 9.13.0:
#     task.update(if_match='3') sends If-Match: 3
#     task.delete(if_match='3') sends If-Match: None
#     worker.update(if_match='3') sends If-Match: 3
#     worker.delete(if_match='3') sends If-Match: None
#   twilio-node 6.3.1: remove({ ifMatch: "3" }) sends If-Match: 3
