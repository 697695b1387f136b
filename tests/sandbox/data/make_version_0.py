"""Make `version_0.sqlite3` and `version_0.json`: data as commit 496b07f kept it, and what it answered by REST.

Run it with the interpreter of a checkout of that commit, in that checkout; FOLDER is where the two files go. A clone
without the full history does not have that commit (`git fetch --unshallow` brings it):

    git worktree add /tmp/496b07f 496b07f && cd /tmp/496b07f && python3 -m helpers setup
    .venv/bin/python .../tests/sandbox/data/make_version_0.py FOLDER
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import requests
import uvicorn
from helpers.sandbox.clock import Clock
from helpers.sandbox.http.app import create_app
from helpers.sandbox.service import Service
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

AUTH = ("AC" + "5a" * 16, "sandbox-token-not-a-secret")
START = 1_767_225_600_000  # 2026-01-01: where the clock stands, but for what it is moved forward


class StandingClock(Clock):
    """Moved by `/_sandbox/clock` only."""

    def now(self) -> int:
        return START + self.offset


class Receiver(BaseHTTPRequestHandler):
    """Answers as `said` at that path, fails for a canceled task, and never answers about a deleted worker."""

    said: ClassVar[dict[str, bytes]] = {"/accept": b'{"instruction": "accept"}'}

    def do_POST(self) -> None:
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if "EventType=worker.deleted" in form:
            threading.Event().wait()
        said = self.said.get(self.path, b"")
        self.send_response(500 if "EventType=task.canceled" in form else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        pass


class Here(TwilioHttpClient):
    """Sends what is meant for Twilio to an address on this machine."""

    def __init__(self, address: str):
        super().__init__()
        self.address = address

    def request(self, method, url, *args, **kwargs):
        return super().request(method, url.replace("https://taskrouter.twilio.com", self.address), *args, **kwargs)


def main(folder: Path) -> None:
    data = Path(tempfile.mkdtemp())
    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    receiver.daemon_threads = True
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    hook = f"http://127.0.0.1:{receiver.server_port}"
    service = Service(data, *AUTH)
    service.clock = StandingClock()
    server = uvicorn.Server(uvicorn.Config(create_app(service, lambda: None), port=0, log_level="warning"))
    threading.Thread(target=server.run, daemon=True).start()
    while not (server.started and server.servers):
        time.sleep(0.01)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    def control(path: str, method: str = "POST") -> dict:
        answer = requests.request(method, f"{address}/_sandbox/{path}", auth=AUTH, timeout=10)
        answer.raise_for_status()
        return answer.json()

    client = Client(*AUTH, http_client=Here(address))
    workspace = client.taskrouter.v1.workspaces.create(
        "Kept", event_callback_url=f"{hook}/events", events_filter="task.created,task.canceled,worker.deleted"
    )
    activities = {each.friendly_name: each.sid for each in workspace.activities.list()}
    activities["Break"] = workspace.activities.create("Break").sid
    workspace.task_channels.create("Letters", "letters", channel_optimized_routing=True)
    everyone = workspace.task_queues.create("Everyone")
    english = workspace.task_queues.create("English", target_workers='languages HAS "en"', task_order="LIFO")
    nobody = workspace.task_queues.create("Nobody", target_workers="1==2")

    def routing(*filters: dict) -> str:
        return json.dumps({"task_routing": {"filters": list(filters), "default_filter": {"queue": everyone.sid}}})

    def to(queue, name: str, **target) -> dict:
        return {
            "filter_friendly_name": name,
            "expression": f"to == '{name}'",
            "targets": [{"queue": queue.sid, "timeout": 600, **target}],
        }

    flow = workspace.workflows.create(
        "Flow",
        routing(to(nobody, "nobody"), to(english, "english", priority=5)),
        assignment_callback_url=f"{hook}/accept",
        fallback_assignment_callback_url=f"{hook}/fallback",
    )
    other = workspace.workflows.create("Refused", routing(), assignment_callback_url=f"{hook}/reject")
    silent = workspace.workflows.create("Silent", routing(), task_reservation_timeout=300)

    def settle() -> None:
        while not all(each["outcome"] for each in control("deliveries", "GET")["deliveries"]):
            time.sleep(0.02)

    workers = [
        workspace.workers.create(name, attributes=json.dumps({"languages": languages}))
        for name, languages in (("Alice", ["en", "es"]), ("Bob", ["en"]), ("Carla", []), ("Dora", []))
    ]
    alice, bob, _, dora = workers
    alice.worker_channels("default").update(capacity=5)
    workspace.tasks.create(attributes='{"to": "nobody"}', workflow_sid=flow.sid, priority=2, timeout=3600)
    workspace.workflows(flow.sid).update(configuration=routing(to(nobody, "nobody", timeout=900)))
    control("clock?advance=7.5")
    alice.update(activity_sid=activities["Available"])

    def task(workflow, **attributes):
        control("clock?advance=1.25")
        made = workspace.tasks.create(attributes=json.dumps(attributes), workflow_sid=workflow.sid)
        settle()
        return made

    completed, wrapping, assigned = task(flow, n=1), task(flow, n=2), task(flow, n=3)
    control("clock?advance=2")
    workspace.tasks(completed.sid).update(assignment_status="completed", reason="done")
    workspace.tasks(wrapping.sid).update(assignment_status="wrapping")
    canceled = task(flow, to="nobody", n=4)
    workspace.tasks(canceled.sid).update(assignment_status="canceled", reason="hung up")
    task(silent, n=5)  # reserved
    held = next(r for r in workspace.tasks(assigned.sid).reservations.list() if r.reservation_status == "accepted")
    bob.update(activity_sid=activities["Available"])
    control(f"transfers?reservation={held.sid}&to={bob.sid}&mode=WARM")
    control("clock?advance=3")
    passed_on = task(silent, n=7)
    (offered,) = workspace.tasks(passed_on.sid).reservations.list()
    offered.update(reservation_status="accepted")
    control(f"transfers?reservation={offered.sid}&to={nobody.sid}&mode=COLD")
    dora.update(activity_sid=activities["Available"])
    alice.worker_channels("default").update(capacity=0)
    bob.worker_channels("default").update(capacity=0)
    rejection = {"instruction": "reject", "activity_sid": activities["Break"]}
    Receiver.said["/reject"] = json.dumps(rejection).encode()
    task(other, n=6)  # which Dora rejects
    settle()
    workspace.workers.create("Gone").delete()
    control("rules?fallback=with-error")
    deliveries = control("deliveries", "GET")["deliveries"]
    assert len([each for each in deliveries if not each["outcome"]]) == 1

    base = f"{address}/v1/Workspaces/{workspace.sid}"
    paths = [
        "",
        "/Activities",
        "/TaskChannels",
        "/TaskQueues",
        "/Workflows",
        "/Workers",
        "/Tasks",
        "/Events?PageSize=20",
        "/Statistics",
        "/Workers/Statistics",
        "/TaskQueues/Statistics",
    ]
    paths += [f"/Workers/{each.sid}/{what}" for each in workers for what in ("Channels", "Reservations")]
    paths += [f"/Tasks/{each.sid}/Reservations" for each in workspace.tasks.list()]
    answers = {}
    for path in paths:
        answer = requests.get(base + path, auth=AUTH, timeout=10)
        answer.raise_for_status()
        answers[f"/v1/Workspaces/{workspace.sid}{path}"] = json.loads(answer.text.replace(address, "http://here"))
    for path in ("alerts", "transfers", "clock"):
        answers[f"/_sandbox/{path}"] = control(path, "GET")
    rules = control("rules", "GET")["rules"]
    print({each["assignment_status"] for each in answers[f"/v1/Workspaces/{workspace.sid}/Tasks"]["tasks"]})
    source = sqlite3.connect(data / "sandbox.sqlite3")
    (folder / "version_0.sqlite3").unlink(missing_ok=True)
    source.execute("PRAGMA page_size = 1024")  # which makes a small file
    source.execute("VACUUM INTO ?", (str(folder / "version_0.sqlite3"),))
    kept = {
        "at": service.clock.now(),
        "rules": rules,
        "open_deliveries": [each["number"] for each in deliveries if not each["outcome"]],
        "answers": answers,
    }
    (folder / "version_0.json").write_text(json.dumps(kept, indent=None, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
