"""What a phone call costs: through Gather, Enqueue, dequeue and hang-up, with a web server in a process of its own.

    python benchmarks/calls.py [--json] [--calls 1000] [--at-once 200] [--ended 12000] [--against CHECKOUT]

Each call makes seven webhooks: two documents, the assignment callback, the document after the queue, the status
callbacks of the number and of the dequeue (two). One call follows the other, so that a round trip, which is a fetch by
the same client in the same run, is the unit; the client asks again and again until a call has come to its next step,
and that counts too. Every call is checked: what its people saw, what its task became, what its web server was asked.

Memory is what the calls leave behind once their tasks are forgotten. How it grows, and what a start costs, over many
thousands of calls, is measured with shorter ones, which ring, are listened to and hang up, in a sandbox of its own.
A bystander in a third process fetches a worker while calls run, and while nothing else is asked, by turns.
Then many calls at once, to as many agents, in step: all dial, all wait for keys, all press, all talk, all hang up.

--ended: short calls, after 1,000, 5,000 and so many of which memory is told; 0 for none. --against: an older checkout,
with an environment in `.venv`, of which the same is told.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil
import requests
from call_office import AGENT, OF_ACCOUNT, OURS, WEB_SERVER, Office, running
from http_layer import ACCOUNT, ROOT, TOKEN, Box, session

CHUNK = 50  # calls until what came of them is looked at
WARM_UP, AT_A_TIME, STARTS = 200, 20, 4  # of short calls; starts after them
ROUNDS, FETCHES = 10, 40  # by the bystander, while nothing else is asked and while calls run, by turns
BYSTANDER = """
import sys, time, requests
url, account, token = sys.argv[1:]
web = requests.Session()
web.trust_env, web.auth = False, (account, token)
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        began = time.perf_counter()
        assert web.get(url).ok
        times.append(time.perf_counter() - began)
        time.sleep(0.01)
    print(*times, flush=True)
"""


class Bystander:
    """A client that fetches a resource all the while."""

    def __init__(self, url: str):
        self.process = running(BYSTANDER, url, ACCOUNT, TOKEN)

    def begin(self, fetches: int) -> None:
        assert self.process.stdin
        print(fetches, file=self.process.stdin, flush=True)

    def times(self) -> list[float]:
        assert self.process.stdout
        return [float(word) for word in self.process.stdout.readline().split()]

    def fetch(self, times: int) -> list[float]:
        self.begin(times)
        return self.times()


def measure(calls: int, at_once: int, checkout: Path) -> dict[str, float]:
    """All figures of whole calls, by name."""
    with tempfile.TemporaryDirectory() as name:
        box, server = Box(Path(name), checkout), running(WEB_SERVER)
        assert server.stdout
        office = Office(box, f"http://127.0.0.1:{server.stdout.readline().strip()}", at_once)
        bystander = Bystander(f"{box.url}{office.space}/Workers/{office.agents[AGENT.format(0)]}")
        try:
            return _measure(office, bystander, calls, at_once)
        finally:
            for process in (bystander.process, server):
                process.terminate()
                process.wait()
            box.close()


def _measure(office: Office, bystander: Bystander, calls: int, at_once: int) -> dict[str, float]:
    worker = f"{office.space}/Workers/{office.agents[AGENT.format(0)]}"
    wrong = office.wrong([office.one(n) for n in range(2 * CHUNK)])
    office.make_room(at_once)
    office.control("POST", "clock", advance="600")
    memory, busy = office.box.memory(), processor_seconds(office.box)
    took, trips, quiet, beside = [], [], [], []
    for _ in range(calls // CHUNK):
        done = []
        for n in range(CHUNK):
            began = time.perf_counter()
            done.append(office.one(n))
            took.append(time.perf_counter() - began)
            trips += [timed(lambda: office.get(worker)) for _ in range(3)]
        wrong += office.wrong(done)
        office.control("POST", "clock", advance="600")  # completed tasks are deleted after five minutes
    grown, busy = office.box.memory() - memory, processor_seconds(office.box) - busy
    for _ in range(ROUNDS):
        quiet += bystander.fetch(FETCHES)
        bystander.begin(FETCHES)
        done = [office.one(n) for n in range(CHUNK)]
        wrong += office.wrong(done)
        beside += bystander.times()
    trip = statistics.median(trips)
    for sid in office.agents.values():
        office.post(f"{office.space}/Workers/{sid}", ActivitySid=office.idle)
    began = time.perf_counter()
    together = office.many(at_once)
    seconds = time.perf_counter() - began
    alerts = Counter(alert["code"] for alert in office.control("GET", "alerts")["alerts"])
    phones = {tuple(call["connected_with"]) for _, _, call in together}
    return {
        "a round trip (fetch), ms": trip * 1000,
        "a call, round trips": statistics.median(took) / trip,
        "a call with three fetches, ms of the sandbox's processor": busy * 1000 / len(took),
        "the slowest hundredth of calls, round trips": statistics.quantiles(took, n=100)[-1] / trip,
        "calls one after the other that went wrong": wrong,
        f"{at_once} calls at once that went wrong": office.wrong(together) + at_once - len(phones),
        f"{at_once} calls at once, round trips for each": seconds / at_once / trip,
        "fetch while calls run / quiet": statistics.median(beside) / statistics.median(quiet),
        f"memory that {calls} calls add, MB": grown,
        "alerts": alerts.total(),
    }


def measure_ended(calls: int, checkout: Path) -> dict[str, float]:
    """What short calls that have ended cost: memory, the next start, and what is read of them."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        box = Box(Path(name), checkout)
        found["start without ended calls, ms"] = box.started * 1000
        try:
            caller = ShortCalls(box)
            caller.make(WARM_UP)
            memory, busy = box.memory(), processor_seconds(box)
            for count in sorted({min(calls, 1_000), min(calls, 5_000), calls}):
                caller.make(count - caller.made)
                found[f"memory that {count:,} short calls add, MB"] = box.memory() - memory
            busy = processor_seconds(box) - busy
            found["a short call, ms of the sandbox's processor"] = busy * 1000 / (calls - WARM_UP)
            found |= caller.reads()
        finally:
            box.close()
        again = [box := Box(Path(name), checkout)]
        box.close()
        for _ in range(STARTS - 1):
            again.append(box := Box(Path(name), checkout))
            box.close()
        found[f"start with {calls:,} of them, ms"] = min(one.started for one in again) * 1000
    return found


class ShortCalls:
    """Calls to a phone that answers by itself, which last a second of the sandbox's clock, twenty at a time."""

    def __init__(self, box: Box):
        self.url, self.web, self.made = box.url, session(), 0

    def make(self, count: int) -> None:
        for began in range(0, count, AT_A_TIME):
            for n in range(min(AT_A_TIME, count - began)):
                form = {"To": f"+1500555{n:04}", "From": OURS, "Twiml": "<Response><Say>Hello</Say></Response>"}
                self._check(self.web.post(f"{self.url}{OF_ACCOUNT}/Calls.json", data=form))
            self._check(self.web.post(f"{self.url}/_sandbox/clock", params={"advance": "60"}))
        self.made += count

    def reads(self) -> dict[str, float]:
        """How long it takes to fetch the oldest, and to list, in milliseconds."""
        calls = f"{self.url}{OF_ACCOUNT}/Calls"
        oldest = self._check(self.web.get(f"{calls}.json", params={"PageSize": "1000"})).json()["calls"][-1]["sid"]
        reads = {
            "fetch an ended call": lambda: self.web.get(f"{calls}/{oldest}.json"),
            "the first page of calls": lambda: self.web.get(f"{calls}.json"),
            "calls to nobody": lambda: self.web.get(f"{calls}.json", params={"To": "+15005559999"}),
            "calls in progress": lambda: self.web.get(f"{calls}.json", params={"Status": "in-progress"}),
            "the newest 50 as their phones show them": lambda: self.web.get(
                f"{self.url}/_sandbox/calls", params={"limit": "50"}
            ),
        }
        return {
            f"{name}, ms": min(timed(lambda read=read: self._check(read())) for _ in range(20)) * 1000
            for name, read in reads.items()
        }

    def _check(self, answer: requests.Response) -> requests.Response:
        assert answer.ok, answer.text
        return answer


def processor_seconds(box: Box) -> float:
    """How long a sandbox has been at work, which others on the machine do not change."""
    times = psutil.Process(box.process.pid).cpu_times()
    return times.user + times.system


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--calls", type=int, default=1000, help="one after the other (default: %(default)s)")
    parser.add_argument("--at-once", type=int, default=200, help="default: %(default)s")
    parser.add_argument("--ended", type=int, default=12_000, help="short calls (default: %(default)s)")
    parser.add_argument("--against", type=Path, metavar="CHECKOUT", help="also measure an older one")
    given = parser.parse_args()
    found: dict[str, float] = {}
    for name, checkout in {"": ROOT, "before: ": given.against}.items():
        if checkout is not None:
            figures = measure(given.calls, given.at_once, checkout) if given.calls else {}
            figures |= measure_ended(given.ended, checkout) if given.ended else {}
            found |= {name + key: figure for key, figure in figures.items()}
    if given.json:
        print(json.dumps(found, indent=1))
        return
    for name, figure in found.items():
        print(f"{name:<63} {figure:10,.2f}")


if __name__ == "__main__":
    os.environ["NO_PROXY"] = "127.0.0.1"
    main()
