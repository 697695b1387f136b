"""How long the scene of notebook 03 takes: from Alice's update to her task being assigned, in round trips.

A round trip is a fetch by the same client in the same run, over loopback. The receiver runs in a process of its own, as
a web server does, and answers accept at once. Rounds of two kinds take turns. In one the client is quiet while the
callback is under way, and the clocks tell what took how long:

- `answered`: from sending Alice's update to the end of that call;
- `asked`: to the callback's arrival in the receiver's handler;
- `accepted`: to the event `reservation.accepted`, by its date.

In the other the client asks again and again, as one that waits does, and takes the sandbox's time from the callback:

- `polled`: from sending Alice's update to the end of the first fetch that shows the task assigned.

Then an update that fires a webhook whose handler takes 2 s, and one whose events are reported, beside one that fires
none. Run it with `python benchmarks/callback.py [rounds]`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

RECEIVER = """
import asyncio, time
import uvicorn
from fastapi import FastAPI

app, came = FastAPI(), []

@app.post("/accept")
def accept():
    came.append(time.time())
    return {"instruction": "accept"}

@app.post("/slow")
async def slow():
    await asyncio.sleep(2)
    return {}

@app.post("/event", status_code=204)
async def event():
    pass

@app.get("/came")
def when():
    return came[-1]

class Server(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)

Server(uvicorn.Config(app, port=0, log_level="critical")).run()
"""


def main(rounds: int, as_json: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"TASKROUTER_SANDBOX_DIR": folder, "TASKROUTER_LIVE": "0"}
        from helpers import sandbox

        receiver = subprocess.Popen([sys.executable, "-c", RECEIVER], stdout=subprocess.PIPE, text=True)
        try:
            assert receiver.stdout is not None
            measure(rounds, f"http://127.0.0.1:{receiver.stdout.readline().strip()}", as_json)
        finally:
            receiver.terminate()
            sandbox.stop()


def measure(rounds: int, receiver: str, as_json: bool) -> None:
    import requests

    from helpers.connection import clients

    web = requests.Session()
    client = clients.connect(quiet=True)
    space = client.taskrouter.v1.workspaces.create(friendly_name="B", multi_task_enabled=False)
    idle = space.activities.create("Idle", available=True).sid
    offline = space.default_activity_sid
    queue = space.task_queues.create("All")
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    flow = space.workflows.create("Flow", configuration, assignment_callback_url=receiver + "/accept")
    alice = space.workers.create("Alice")
    trips: list[float] = []
    times: dict[str, list[float]] = {name: [] for name in ("answered", "asked", "accepted", "polled")}
    for number in range(2 * rounds):
        task = space.tasks.create()
        trips += [timed(task.fetch) for _ in range(5)]
        at, began = time.time(), time.perf_counter()
        alice.update(activity_sid=idle)
        answered = time.perf_counter() - began
        if number % 2:
            while task.fetch().assignment_status != "assigned":
                pass
            times["polled"].append(time.perf_counter() - began)
        else:
            found = []
            while not found:
                time.sleep(0.05)
                found = space.events.list(event_type="reservation.accepted", task_sid=task.sid)
            times["answered"].append(answered)
            times["asked"].append(web.get(receiver + "/came", timeout=5).json() - at)
            times["accepted"].append(found[0].event_date_ms / 1000 + 0.0005 - at)  # the date is cut to a millisecond
        task.update(assignment_status="completed")
        alice.update(activity_sid=offline)
    trip = statistics.median(trips)
    figures = {"a round trip (fetch), ms": trip * 1000}
    for name, measured in times.items():
        figures[f"{name}, round trips"] = statistics.median(measured) / trip

    fires = {  # the addresses of assignment and event callbacks
        "fires none": ("", ""),
        "fires a callback that takes 2 s": (receiver + "/slow", ""),
        "reports its three events": ("", receiver + "/event"),
        "reports them to one that takes 2 s": ("", receiver + "/slow"),
    }
    took: dict[str, list[float]] = {name: [] for name in fires}
    for _ in range(rounds):
        for name, (callback, events) in fires.items():
            flow.update(assignment_callback_url=callback)
            space.update(event_callback_url=events, events_filter="reservation.created,worker.activity.update")
            task = space.tasks.create()
            time.sleep(0.02)
            took[name].append(timed(lambda: alice.update(activity_sid=idle)))
            space.update(event_callback_url="")
            alice.update(activity_sid=offline)
            task.delete()
    none = statistics.median(took["fires none"])
    for name, measured in took.items():
        figures[f"an update that {name} / one that fires none"] = statistics.median(measured) / none
    if as_json:
        print(json.dumps(figures, indent=1))
        return
    print(f"medians of {rounds}")
    for name, figure in figures.items():
        print(f"{name:<80} {figure:6.2f}")


def timed(act) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("rounds", nargs="?", type=int, default=100, help="default: %(default)s")
    asked = parser.parse_args()
    main(asked.rounds, asked.json)
