#!/usr/bin/env bash
# What people guess: every refusal of Twilio's API is raised as TwilioRestException, with `status`, `code` and `msg`; it
# is what the library's examples catch, and twilio-node raises its like (RestException) for lists too.
#
# What really happens: with twilio-python that holds for fetch, create, update and delete. `list` and `stream` raise the
# base class, a bare TwilioException without `status` or `code`; the answer is its second argument, as an object. So
# `except TwilioRestException` around a list does not catch the very refusal that it catches around a fetch.
#
# Why it matters: a loop that polls `tasks.list()` or `workers.list()` is where a rate limit (429) is met first, and
# wrong credentials (401) often show at a list. A retry or a clear sentence that was tested with a fetch is passed by,
# and the program ends with a traceback.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install twilio==9.13.0
npm install --silent --no-audit --no-fund --prefix . twilio@6.3.1 >/dev/null
cat >try.py <<'PY'
import importlib.metadata

from twilio.base.exceptions import TwilioException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client


class Refusing(HttpClient):
    """Answer as an API does whose limit is reached."""

    def __init__(self):
        pass

    def request(self, *_, **__):
        return Response(429, '{"code": 20429, "message": "Too Many Requests", "status": 429}')


client = Client("AC" + "0" * 32, "token", http_client=Refusing())
tasks = client.taskrouter.v1.workspaces("WS" + "0" * 32).tasks
calls = {
    "fetch": tasks("WT" + "0" * 32).fetch,
    "create": lambda: tasks.create(attributes="{}"),
    "list": tasks.list,
    "stream": lambda: next(tasks.stream()),
}
found = {}
print("twilio-python", importlib.metadata.version("twilio"))
for name, call in calls.items():
    try:
        call()
    except TwilioException as error:
        found[name] = type(error).__name__, getattr(error, "status", None), getattr(error, "code", None)
        print(f"  {name}: {found[name][0]}, status {found[name][1]}, code {found[name][2]}")
        if found[name][1] is None:
            print(f"    second argument: {error.args[1]!r}, its status_code {error.args[1].status_code}")
rest, bare = ("TwilioRestException", 429, 20429), ("TwilioException", None, None)
assert found == {"fetch": rest, "create": rest, "list": bare, "stream": bare}, found
PY
cat >try.js <<'JS'
const assert = require("assert");
const twilio = require("twilio");
const body = { code: 20429, message: "Too Many Requests", status: 429 };
const httpClient = { request: async () => ({ statusCode: 429, body }) };
const tasks = twilio("AC" + "0".repeat(32), "token", { httpClient }).taskrouter.v1.workspaces("WS" + "0".repeat(32)).tasks;
const calls = { fetch: () => tasks("WT" + "0".repeat(32)).fetch(), list: () => tasks.list() };
(async () => {
  console.log(`twilio-node ${require("twilio/package.json").version}`);
  for (const [name, call] of Object.entries(calls)) {
    const error = await call().then(assert.fail, (reason) => reason);
    console.log(`  ${name}: ${error.constructor.name}, status ${error.status}, code ${error.code}`);
    assert.deepStrictEqual([error.constructor.name, error.status, error.code], ["RestException", 429, 20429]);
  }
})();
JS
v/bin/python try.py
node try.js
# Seen:
#   
