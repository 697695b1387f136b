#!/usr/bin/env bash
# What people guess: a datetime with a time zone is one moment, so Twilio's libraries send that moment in UTC.
#
# What really happens: twilio-python writes the clock's digits as they are and puts a "Z" behind them, whatever the
# zone: 10:00+02:00 is sent as 10:00Z, two hours late. It does so in filters (StartDate, EndDate) and in parameters
# (VirtualStartTime), and raises nothing. twilio-node sends 08:00Z for the same moment. What twilio-python reads comes
# back as an aware datetime in UTC, so a time that it gave itself goes through right, until it is shown in a local zone
# and used again.
#
# Why it matters: statistics and events "of the last hour", asked for with `datetime.now(zone)`, are of another hour.
# East of Greenwich that hour has not come yet; in the west it is over, and its numbers look plausible.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install twilio==9.13.0
npm install --silent --no-audit --no-fund --prefix . twilio@6.3.1 >/dev/null
cat >try.py <<'PY'
import importlib.metadata
import json
from datetime import datetime, timedelta, timezone

from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

MOMENT = datetime.fromisoformat("2026-03-02T10:00:00+02:00")
PAGE = json.dumps({"events": [], "meta": {"key": "events"}})
TASK = json.dumps({"date_created": "2026-03-02T08:00:00Z"})


class Sent(HttpClient):
    """Keep the parameters of each request, and answer with an empty page or a task."""

    def __init__(self):
        self.all = {}

    def request(self, method, url, params=None, data=None, **_):
        self.all |= (params or {}) | (data or {})
        return Response(200 if method == "GET" else 201, PAGE if method == "GET" else TASK)


sent = Sent()
workspace = Client("AC" + "0" * 32, "token", http_client=sent).taskrouter.v1.workspaces("WS" + "0" * 32)
workspace.events.list(start_date=MOMENT, end_date=MOMENT)
task = workspace.tasks.create(attributes="{}", virtual_start_time=MOMENT)
workspace.statistics().fetch(start_date=MOMENT)
found = [sent.all[name] for name in ("StartDate", "EndDate", "VirtualStartTime")]
local = task.date_created.astimezone(timezone(timedelta(hours=2)))
workspace.events.list(start_date=local)
print(f"twilio-python {importlib.metadata.version('twilio')}: {MOMENT.isoformat()} is sent as", *found)
print(f"  read from an answer: {task.date_created.isoformat()}; sent again from a local zone: {sent.all['StartDate']}")
assert found == ["2026-03-02T10:00:00Z"] * 3, found
assert task.date_created == MOMENT and sent.all["StartDate"] == "2026-03-02T10:00:00Z", (task.date_created, sent.all)
PY
cat >try.js <<'JS'
const assert = require("assert");
const twilio = require("twilio");
const moment = new Date("2026-03-02T10:00:00+02:00");
const all = {};
const httpClient = {
  request: async ({ method, params, data }) => {
    Object.assign(all, params, data);
    const page = { events: [], meta: { key: "events" } };
    return method === "get" ? { statusCode: 200, body: page } : { statusCode: 201, body: {} };
  },
};
const workspace = twilio("AC" + "0".repeat(32), "token", { httpClient }).taskrouter.v1.workspaces("WS" + "0".repeat(32));
(async () => {
  await workspace.events.list({ startDate: moment, endDate: moment });
  await workspace.tasks.create({ attributes: "{}", virtualStartTime: moment });
  const found = [all.StartDate, all.EndDate, all.VirtualStartTime];
  console.log(`twilio-node ${require("twilio/package.json").version}: the same moment is sent as ${found.join(" ")}`);
  assert.deepStrictEqual(found, Array(3).fill("2026-03-02T08:00:00Z"));
})();
JS
v/bin/python try.py
node try.js
# Seen:
#   twilio-python 9.13.0: 2026-03-02T10:00:00+02:00 is sent as 2026-03-02T10:00:00Z 2026-03-02T10:00:00Z 2026-03-02T10:00:00Z
#     read from an answer: 2026-03-02T08:00:00+00:00; sent again from a local zone: 2026-03-02T10:00:00Z
#   twilio-node 6.3.1: the same moment is sent as 2026-03-02T08:00:00Z 2026-03-02T08:00:00Z 2026-03-02T08:00:00Z
