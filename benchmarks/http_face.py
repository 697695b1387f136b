"""What a request to the sandbox costs, beside the least that any server could take for it.

The floor is an asyncio server that answers every request with a canned body of the same size. Both are processes of
their own and take turns, and the best of all rounds counts, so that a busy machine disturbs them alike. Then: `create`
with 4,000 objects in the workspace, 20,000 requests in one go with every answer checked, cold start and memory.
"""

from __future__ import annotations

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
OBJECTS, REQUESTS = 4_000, 20_000

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
    """A sandbox of its own; `started` is how long it took to answer, in seconds."""

    def __init__(self, folder: Path):
        began = time.perf_counter()
        command = [sys.executable, "-m", "taskrouter_sandbox", "serve", "--port", "0", "--data", str(folder)]
        self.process = subprocess.Popen(
            [*command, "--account-sid", ACCOUNT, "--auth-token", TOKEN], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self.process.stdout
        self.url = next(word for word in self.process.stdout.readline().split() if word.startswith("http://"))
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


def line(name: str, times: dict[str, float]) -> None:
    ours, floor = times["sandbox"], times["floor"]
    print(f"{name:<34} {ours:>9.0f} {floor:>9.0f} {ours / floor:>7.2f}", flush=True)


def compare(box: Box, folder: Path, space: str) -> None:
    """Fetch, create and a list of 20, through both clients, beside the floor."""
    plain, path = session(), f"/v1/Workspaces/{space}/Workers"
    some = [plain.post(box.url + path, data={"FriendlyName": f"W{i}"}).json() for i in range(20)]
    one = f"{path}/{some[0]['sid']}"
    page = plain.get(box.url + path, params={"PageSize": 20}).content
    numbers = iter(range(10**9))
    print(f"{'microseconds':<34} {'sandbox':>9} {'floor':>9} {'ratio':>7}")
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
        line(f"{name}, requests.Session", best({who: partial(ask, url) for who, url in urls.items()}))
        apis = {who: client(url).taskrouter.v1.workspaces(space) for who, url in urls.items()}
        line(f"{name}, twilio", best({who: partial(through, api) for who, api in apis.items()}))
        floor.close()


def grown(box: Box, empty: str, full: str) -> None:
    """`create` in a workspace with nothing in it, and in one with 4,000 tasks."""
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
    print(
        f"create and delete a task at 0 and at {OBJECTS:,}: {times['empty']:.0f} and {times['full']:.0f} us, ", end=""
    )
    print(f"ratio {times['full'] / times['empty']:.2f}")


def storm(box: Box, space: str) -> None:
    """20,000 requests in one go: what was written is what is read."""
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
    took = time.perf_counter() - began
    print(f"{REQUESTS:,} requests: {wrong} wrong answers, {REQUESTS / took:,.0f} a second")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        starts = []
        for i in range(5):
            box = Box(folder / f"start{i}")
            starts.append(box.started)
            memory = box.memory()
            box.close()
        print(f"cold start {min(starts):.2f} s (best of {len(starts)}), {memory:.0f} MB")
        box = Box(folder / "box")
        spaces = [
            session().post(f"{box.url}/v1/Workspaces", data={"FriendlyName": f"B{i}"}).json()["sid"] for i in range(4)
        ]
        compare(box, folder, spaces[0])
        grown(box, spaces[1], spaces[2])
        storm(box, spaces[3])
        print(f"memory at the end {box.memory():.0f} MB")
        box.close()


if __name__ == "__main__":
    os.environ["NO_PROXY"] = "127.0.0.1"
    main()
