"""What agents who listen cost, and how soon they hear: 500 websockets, each of a worker of its own.

Two sandboxes do the same, in turns: in one nobody listens, in the other all workers do, from a process of their own. A
task is created, accepted and completed over REST, and each sandbox tells its CPU time and how long its client waited:

- `cost`: of a routed task with listeners, beside the same without, by each of the two;
- `heard`: from asking for a task until its worker has `reservation.created`, in round trips. A round trip is a fetch by
  the same client in the same run, over loopback; the client is Twilio's, as in `callback.py`.

Run it with `python benchmarks/agents.py [tasks] --agents 500`.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import TaskRouterGrant
from twilio.rest import Client
from websockets.asyncio.client import connect

ACCOUNT, TOKEN = "AC" + "5a" * 16, "a-token-of-this-benchmark-of-32-or-more"
ROUND = 25  # tasks that one sandbox gets before it is the other's turn


class Sandbox:
    """A sandbox process, asked on one connection; everybody in it is available."""

    def __init__(self, workers: int):
        self.folder = tempfile.TemporaryDirectory()
        serve = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--json", "--stop-with-input"]
        self.process = subprocess.Popen(
            [*serve, "--data", self.folder.name, "--account-sid", ACCOUNT, "--auth-token", TOKEN],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.url: str = json.loads(self.process.stdout.readline())["url"]
        self.connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        self.usage = psutil.Process(self.process.pid).cpu_times
        self.space = self.ask("POST", "", FriendlyName="B")["sid"]
        activities = self.ask("GET", f"/{self.space}/Activities")["activities"]
        available = next(one["sid"] for one in activities if one["available"])
        self.workers = [
            self.ask("POST", f"/{self.space}/Workers", FriendlyName=f"Worker {i}", ActivitySid=available)["sid"]
            for i in range(workers)
        ]
        queue = self.ask("POST", f"/{self.space}/TaskQueues", FriendlyName="All")["sid"]
        routing = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
        self.ask("POST", f"/{self.space}/Workflows", FriendlyName="Flow", Configuration=routing)

    def ask(self, method: str, path: str, **form: str) -> Any:
        headers = {
            "Authorization": "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode(),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        self.connection.request(method, "/v1/Workspaces" + path, urlencode(form) if form else None, headers)
        answer = self.connection.getresponse()
        body = answer.read()
        assert answer.status < 300, body
        return json.loads(body)

    def route(self) -> None:
        """Have one task routed, accepted and completed."""
        task = self.ask("POST", f"/{self.space}/Tasks", Attributes='{"type": "support"}')["sid"]
        [found] = self.ask("GET", f"/{self.space}/Tasks/{task}/Reservations")["reservations"]
        where = f"/{self.space}/Tasks/{task}/Reservations/{found['sid']}"
        self.ask("POST", where, ReservationStatus="accepted")
        self.ask("POST", f"/{self.space}/Tasks/{task}", AssignmentStatus="completed", Reason="done")

    def cpu(self) -> float:
        used = self.usage()
        return used.user + used.system

    def end(self) -> None:
        with self.process:
            self.process.communicate(timeout=60)
        self.folder.cleanup()


def main(tasks: int, agents: int, as_json: bool) -> None:
    quiet, told = Sandbox(agents), Sandbox(agents)
    listeners = subprocess.Popen(
        [sys.executable, __file__, "--listen"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert listeners.stdin is not None
        assert listeners.stdout is not None
        listeners.stdin.write(json.dumps({"url": told.url, "space": told.space, "workers": told.workers}) + "\n")
        listeners.stdin.flush()
        assert listeners.stdout.readline() == "all listen\n"
        figures = cost(tasks, quiet, told)
        asked, trip = ask_for_tasks(tasks // 5, told)
        said, _ = listeners.communicate(f"{list(asked)[-1]}\n", timeout=60)
    finally:
        listeners.kill()
        quiet.end()
        told.end()
    heard = json.loads(said)
    late = sorted(heard[sid] - at for sid, at in asked.items())  # a KeyError is somebody who has not heard
    figures["a round trip (fetch), ms"] = trip * 1000
    figures["heard, round trips (median)"] = statistics.median(late) / trip
    figures["heard, round trips (95 %)"] = late[int(len(late) * 0.95)] / trip
    if as_json:
        print(json.dumps(figures, indent=1))
        return
    print(f"{tasks} tasks with {agents} agents, and as many without")
    for name, figure in figures.items():
        print(f"{name:<60} {figure:8.2f}")


def cost(tasks: int, quiet: Sandbox, told: Sandbox) -> dict[str, float]:
    for each in (quiet, told):
        for _ in range(ROUND):
            each.route()
    cpu: dict[Sandbox, float] = {quiet: 0.0, told: 0.0}
    waited: dict[Sandbox, list[float]] = {quiet: [], told: []}
    for turn in range(tasks // ROUND):
        for each in (quiet, told) if turn % 2 else (told, quiet):
            began = each.cpu()
            for _ in range(ROUND):
                at = time.perf_counter()
                each.route()
                waited[each].append(time.perf_counter() - at)
            cpu[each] += each.cpu() - began
    without = statistics.median(waited[quiet])
    return {
        "a routed task without listeners, CPU ms": cpu[quiet] / (tasks // ROUND * ROUND) * 1000,
        "cost with listeners / without, CPU time": cpu[told] / cpu[quiet],
        "cost with listeners / without, waiting (median)": statistics.median(waited[told]) / without,
    }


def ask_for_tasks(tasks: int, told: Sandbox) -> tuple[dict[str, float], float]:
    """Give when each reservation was asked for, by its SID, and a round trip in seconds."""
    client = Client(ACCOUNT, TOKEN)
    client.taskrouter.base_url = told.url
    space = client.taskrouter.v1.workspaces(told.space)
    trips: list[float] = []
    asked: dict[str, float] = {}
    for _ in range(tasks):
        at = time.monotonic()
        task = space.tasks.create(attributes='{"type": "support"}')
        for _ in range(3):
            began = time.perf_counter()
            task.fetch()
            trips.append(time.perf_counter() - began)
        [found] = space.tasks(task.sid).reservations.list()
        asked[found.sid] = at
        task.delete()
    return asked, statistics.median(trips)


async def listen() -> None:
    """Connect all, then tell when each reservation was heard of."""
    told = json.loads(sys.stdin.readline())
    heard: dict[str, float] = {}
    connected = asyncio.Semaphore(50)
    ready: list[str] = []

    async def agent(worker: str) -> None:
        token = AccessToken(ACCOUNT, "SK" + ACCOUNT[2:], TOKEN)
        token.add_grant(TaskRouterGrant(told["space"], worker, "worker"))
        address = f"{told['url'].replace('http', 'ws')}/v1/wschannels?token={token.to_jwt()}"
        await connected.acquire()
        async with connect(address, proxy=None, compression=None) as socket:
            await socket.recv()
            connected.release()
            ready.append(worker)
            async for message in socket:
                now = time.monotonic()
                if message.strip() and (said := json.loads(message))["event_type"] == "reservation.created":
                    heard[said["payload"]["sid"]] = now

    running = [asyncio.create_task(agent(worker)) for worker in told["workers"]]
    while len(ready) < len(running):
        await asyncio.sleep(0.05)
    print("all listen", flush=True)
    last = (await asyncio.to_thread(sys.stdin.readline)).strip()
    while last not in heard:
        await asyncio.sleep(0.05)
    print(json.dumps(heard), flush=True)
    for one in running:
        one.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--agents", type=int, default=500, help="default: %(default)s")
    parser.add_argument("--listen", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("tasks", nargs="?", type=int, default=1000, help="in each sandbox; default: %(default)s")
    wanted = parser.parse_args()
    if wanted.listen:
        asyncio.run(listen())
    else:
        main(wanted.tasks, wanted.agents, wanted.json)
