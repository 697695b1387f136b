"""What a request to the sandbox costs, beside the least that any server could take for it.

    python benchmarks/http_layer.py [--json] [--against CHECKOUT]

The floor is an asyncio server that answers every request with a canned body of the same size. Both are processes of
their own and take turns, and the best of all rounds counts, so that a busy machine disturbs them alike. Then: `create`
with 4,000 objects in the workspace, 20,000 requests in one go with every answer checked, cold start and memory.

--against: an older checkout, with an environment in `.venv`, whose starts take turns with those of this one.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import psutil
import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

ROOT = Path(__file__).resolve().parent.parent
ACCOUNT, TOKEN = "AC" + "b" * 32, "token"
ROUNDS = 400
OBJECTS, REQUESTS, STARTS = 4_000, 20_000, 8

FLOOR = """
import asyncio, sys
body = open(sys.argv[1], "rb").read()
answer = b"HTTP/1.1 200 OK\\r\\ncontent-type: application/json\\r\\ncontent-length: %d\\r\\n\\r\\n" % len(body) + body
created = answer.replace(b"200 OK", b"201 Created", 1)

class Canned(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.got = transport, b""
    def data_received(self, data):
        self.got += data
        head, end, rest = self.got.partition(b"\\r\\n\\r\\n")
        if end:
            at = head.lower().find(b"content-length:")
            if len(rest) >= (int(head[at + 15:].split(b"\\r\\n")[0]) if at >= 0 else 0):
                self.got = b""
                self.transport.write(created if head.startswith(b"POST") else answer)

async def main():
    server = await asyncio.get_running_loop().create_server(Canned, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


class Floor:
    """A server that answers with that body, whatever it is asked."""

    def __init__(self, body: bytes, folder: Path):
        path = folder / "body.json"
        path.write_bytes(body)
        self.process = subprocess.Popen(
            [sys.executable, "-c", FLOOR, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self.process.stdout
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


class Box:
    """A sandbox of its own, of this checkout or of another; `started` is how long it took to answer, in seconds."""

    def __init__(self, folder: Path, checkout: Path = ROOT):
        python = sys.executable if checkout == ROOT else str(checkout / ".venv" / "bin" / "python")
        module = "taskrouter_sandbox" if (checkout / "taskrouter_sandbox").exists() else "helpers.sandbox"
        command = [python, "-m", module, "serve", "--port", "0", "--data", str(folder)]
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [*command, "--account-sid", ACCOUNT, "--auth-token", TOKEN], stdout=subprocess.PIPE, text=True, cwd=checkout
        )
        assert self.process.stdout
        self.url = next(word for word in self.process.stdout.readline().split() if word.startswith("http://"))
        assert session().get(f"{self.url}/v1/Workspaces").ok
        self.started = time.perf_counter() - began

    def memory(self) -> float:
        """Resident, in MB."""
        return psutil.Process(self.process.pid).memory_info().rss / 1e6

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()


def session() -> requests.Session:
    made = requests.Session()
    made.trust_env, made.auth = False, (ACCOUNT, TOKEN)
    return made


def client(url: str) -> Client:
    http = TwilioHttpClient()
    http.session.trust_env = False
    made = Client(ACCOUNT, TOKEN, http_client=http)
    made.taskrouter.base_url = url
    return made


def best(calls: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """The best time of a call of each, in microseconds; they take turns."""
    times = dict.fromkeys(calls, float("inf"))
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            times[name] = min(times[name], time.perf_counter() - began)
    return {name: seconds * 1e6 for name, seconds in times.items()}


def compare(box: Box, folder: Path, space: str) -> dict[str, dict[str, float]]:
    """Fetch, create and a list of 20, through both clients, beside the floor: microseconds of each, and their ratio."""
    found = {}
    plain, path = session(), f"/v1/Workspaces/{space}/Workers"
    some = [plain.post(box.url + path, data={"FriendlyName": f"W{i}"}).json() for i in range(20)]
    one = f"{path}/{some[0]['sid']}"
    page = plain.get(box.url + path, params={"PageSize": 20}).content
    numbers = iter(range(10**9))
    for name, body, ask, through in (
        ("fetch", plain.get(box.url + one).content,
         lambda url: plain.get(url + one),
         lambda api: api.workers(some[0]["sid"]).fetch()),
        ("create", plain.get(box.url + one).content,
         lambda url: plain.post(url + path, data={"FriendlyName": f"N{next(numbers)}"}),
         lambda api: api.workers.create(f"N{next(numbers)}")),
        ("list of 20", page,
         lambda url: plain.get(url + path, params={"PageSize": 20}),
         lambda api: api.workers.page(page_size=20)),
    ):  # fmt: skip
        floor = Floor(body, folder)
        urls = {"sandbox": box.url, "floor": floor.url}
        found[f"{name}, requests.Session"] = best({who: partial(ask, url) for who, url in urls.items()})
        apis = {who: client(url).taskrouter.v1.workspaces(space) for who, url in urls.items()}
        found[f"{name}, twilio"] = best({who: partial(through, api) for who, api in apis.items()})
        floor.close()
    for times in found.values():
        times["ratio"] = times["sandbox"] / times["floor"]
    return found


def grown(box: Box, empty: str, full: str) -> dict[str, float]:
    """`create` in a workspace with nothing in it, and in one with 4,000 tasks: microseconds, and their ratio."""
    plain = session()
    for space in (empty, full):
        queue = plain.post(f"{box.url}/v1/Workspaces/{space}/TaskQueues", data={"FriendlyName": "Q"}).json()["sid"]
        routing = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
        data = {"FriendlyName": "F", "Configuration": routing}
        assert plain.post(f"{box.url}/v1/Workspaces/{space}/Workflows", data=data).status_code == 201

    def create(space: str) -> str:
        answer = plain.post(f"{box.url}/v1/Workspaces/{space}/Tasks", data={"Attributes": '{"n":1}'})
        assert answer.status_code == 201, answer.text
        return answer.json()["sid"]

    for _ in range(OBJECTS):
        create(full)

    def and_gone(space: str) -> None:
        plain.delete(f"{box.url}/v1/Workspaces/{space}/Tasks/{create(space)}")

    times = best({"empty": lambda: and_gone(empty), "full": lambda: and_gone(full)})
    return {**times, "ratio": times["full"] / times["empty"]}


def storm(box: Box, space: str) -> dict[str, float]:
    """20,000 requests in one go: how many answers were not what had been written, and how many came in a second."""
    plain, wrong = session(), 0
    path = f"{box.url}/v1/Workspaces/{space}/Workers"
    began = time.perf_counter()
    for i in range(REQUESTS // 4):
        attributes = json.dumps({"n": i}, separators=(",", ":"))
        made = plain.post(path, data={"FriendlyName": f"S{i}", "Attributes": attributes}).json()
        wrong += made.get("attributes") != attributes
        wrong += plain.get(f"{path}/{made['sid']}").json() != made
        after = plain.post(f"{path}/{made['sid']}", data={"FriendlyName": f"T{i}"}).json()
        wrong += (after["friendly_name"], after["attributes"]) != (f"T{i}", attributes)
        wrong += plain.delete(f"{path}/{made['sid']}").status_code != 204
    return {"wrong": wrong, "a second": REQUESTS / (time.perf_counter() - began)}


def starts(folder: Path, against: Path | None) -> dict[str, float]:
    """Seconds from the command to the first answer, the best of some; megabytes of a sandbox that has just begun."""
    times = {"cold start, s": float("inf"), "cold start of the other, s": float("inf")}
    memory = 0.0
    for number in range(STARTS):
        for name, checkout in (("cold start, s", ROOT), ("cold start of the other, s", against)):
            if checkout is not None:
                box = Box(folder / f"{number}-{checkout.name}", checkout)
                times[name] = min(times[name], box.started)
                memory = box.memory() if checkout == ROOT else memory
                box.close()
    if against is None:
        return {"cold start, s": times["cold start, s"], "memory, MB": memory}
    own, other = times.values()
    return {**times, "cold start / that of the other": own / other, "memory, MB": memory}


def measure(against: Path | None) -> dict[str, dict[str, float]]:
    """All figures, by what they are about."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = {"start": starts(folder, against)}
        box = Box(folder / "box")
        spaces = [
            session().post(f"{box.url}/v1/Workspaces", data={"FriendlyName": f"B{i}"}).json()["sid"] for i in range(4)
        ]
        found |= compare(box, folder, spaces[0])
        found[f"create and delete a task at 0 and at {OBJECTS:,}"] = grown(box, spaces[1], spaces[2])
        found[f"{REQUESTS:,} requests"] = storm(box, spaces[3])
        found["end"] = {"memory, MB": box.memory()}
        box.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--against", type=Path, help="an older checkout whose starts are measured beside these")
    given = parser.parse_args()
    found = measure(given.against)
    if given.json:
        print(json.dumps(found, indent=1))
        return
    for about, figures in found.items():
        print(f"{about:<42}", *(f"{name} {figure:,.2f}" for name, figure in figures.items()), sep="  ")


if __name__ == "__main__":
    os.environ["NO_PROXY"] = "127.0.0.1"
    main()
