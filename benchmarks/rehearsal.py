"""How fast a day is rehearsed, beside `ciw` and `simpy`, and whether its waits are those of theory.

    uv run --with ciw --with simpy python benchmarks/rehearsal.py [--json] [part ...]

Parts, all where none is named:

- `queue`: an M/M/c day of 50,000 customers through a workspace (a filter, a queue's expression, reservations accepted
  at once), at 10, 100 and 1,000 servers: customers a second, beside `ciw` and `simpy` on the same day; without these
  two packages only the project's own engines are run.
- `centre`: a contact centre with 120 agents in shifts and 20,000 calls, in the fast engine beside the exact one.
- `counters`: the routing engine on a queue's day, with counters only beside the full record (`queue_day.py`).
- `replications`: 1,000 days of that contact centre on two processes, beside one day in this one: seconds a task.
- `memory`: the most that a process holds which rehearses a day of 1,000,000 tasks.
- `start`: from the import to the end of a first small day, with compiled code kept and with none yet.
- `theory`: waits and abandonment beside Erlang C and Erlang A.

Times are of the processor, the best of some rounds in which the ways take turns; `replications` and `start` are by the
clock, since they wait for other processes or for files; `start` says the processor's time beside it.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import queue_day
from days import centre_day, contact_centre
from theory import beside_theory

from taskrouter_sandbox.simulation import rehearse

SERVERS, ROUNDS, A_WHILE = (10, 100, 1_000), 3, 0.3  # A_WHILE: seconds
TASKS, DAYS, PROCESSES = 1_000_000, 1_000, 2
ENGINES = ("fast", "exact")

MEMORY = """
import resource, sys
from pathlib import Path
sys.path.insert(0, "benchmarks")
from days import plain_day, plain_queue
from taskrouter_sandbox.simulation import rehearse
found = rehearse(plain_queue(100), plain_day(1_000_000 / 24, 6.9), seed=1)
found.summary()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # on Linux never less than what the parent held
if (status := Path("/proc/self/status")).exists():
    peak = int(status.read_text().partition("VmHWM:")[2].split()[0])
print(len(found.tasks), peak / 1024)
"""
START = """
import sys, time
began = time.perf_counter()
sys.path.insert(0, "benchmarks")
from days import plain_day, plain_queue
from taskrouter_sandbox.simulation import rehearse
rehearse(plain_queue(10), plain_day(100, 200), seed=1)
print(time.perf_counter() - began, time.process_time())
"""


def best(ways: dict[str, Callable[[int], int]], rounds: int = ROUNDS) -> dict[str, float]:
    """Give the tasks a second of each way, in its best day; in each round it plays as many as take a while together.

    ways: by name, each takes a seed and gives how many tasks there were.
    """
    found = dict.fromkeys(ways, 0.0)
    for seed in range(rounds):
        for name, way in ways.items():
            gc.collect()
            took = 0.0
            while took < A_WHILE:
                began = time.process_time()
                tasks = way(seed)
                one = time.process_time() - began
                took += one
                found[name] = max(found[name], tasks / one)
    return found


def rehearsed(workspace: Any, day: Any, **settings: Any) -> Callable[[int], int]:
    """Give a way: a rehearsal of this day, and the wait of each task."""

    def way(seed: int) -> int:
        return rehearse(workspace, day, seed=seed, **settings).columns.wait.size

    way(0)  # compiled before it is measured
    return way


def queue() -> dict[str, float]:
    figures: dict[str, float] = {}
    for servers in SERVERS:
        day = queue_day.to_rehearse(servers)
        ways = {f"{engine} engine": rehearsed(*day, engine=engine) for engine in ENGINES}
        if queue_day.ciw:
            ways["ciw"] = lambda seed, n=servers: len(queue_day.in_ciw(seed, n))
            ways["simpy"] = lambda seed, n=servers: len(queue_day.in_simpy(seed, n))
        found = best(ways)
        for name, speed in found.items():
            figures[f"{servers:,} servers, {name}: customers a second"] = speed
            if "ciw" in found and name != "ciw":
                figures[f"{servers:,} servers, {name} / ciw"] = speed / found["ciw"]
    return figures


def centre() -> dict[str, float]:
    found = best({name: rehearsed(contact_centre(), centre_day(), engine=name) for name in ENGINES})
    figures = {f"{name} engine: tasks a second": speed for name, speed in found.items()}
    return figures | {"fast / exact": found["fast"] / found["exact"]}


def counters() -> dict[str, float]:
    figures: dict[str, float] = {}
    for servers in SERVERS:
        found = best(
            {
                "full record": lambda seed, n=servers: len(queue_day.with_the_full_record(seed, n)),
                "counters": lambda seed, n=servers: len(queue_day.with_counters_only(seed, n)),
            }
        )
        figures[f"{servers:,} servers, counters / full record"] = found["counters"] / found["full record"]
    return figures


def replications() -> dict[str, float]:
    """Of one day the best of some, since all have the same share of whatever else the machine does."""
    workspace, day = contact_centre(), centre_day()
    alone, one_day = float("inf"), rehearsed(workspace, day)
    for seed in range(ROUNDS):
        began = time.perf_counter()
        tasks = one_day(seed)
        alone = min(alone, (time.perf_counter() - began) / tasks)
    with ProcessPoolExecutor(PROCESSES) as pool:
        began = time.perf_counter()
        found = rehearse(workspace, day, seed=1, replications=DAYS, executor=pool)
        each = (time.perf_counter() - began) / found.columns.wait.size
    return {
        "one day: microseconds a task": alone * 1e6,
        f"{DAYS:,} days on {PROCESSES} processes: microseconds a task": each * 1e6,
        "the second / the first": each / alone,
    }


def _process(code: str, **environment: str) -> list[float]:
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=here,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # how far compiling is
        check=True,
    )
    return [float(word) for word in done.stdout.split()]


def memory() -> dict[str, float]:
    tasks, most = _process(MEMORY)
    return {"tasks": tasks, "MiB at most": most}


def start() -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        first = _process(START, NUMBA_CACHE_DIR=folder)
        later = min(_process(START, NUMBA_CACHE_DIR=folder) for _ in range(ROUNDS))
    figures: dict[str, float] = {}
    for what, (seconds, of_the_processor) in (("compiled for the first time", first), ("compiled before", later)):
        figures[f"{what}: seconds"], figures[f"{what}: seconds of the processor"] = seconds, of_the_processor
    return figures


PARTS: dict[str, Callable[[], dict[str, float]]] = {
    "queue": queue,
    "centre": centre,
    "counters": counters,
    "replications": replications,
    "memory": memory,
    "start": start,
    "theory": beside_theory,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"some of {', '.join(PARTS)}")
    asked = parser.parse_args()
    if unknown := sorted(set(asked.parts) - set(PARTS)):
        parser.error(f"there is no part {', '.join(unknown)}; there is {', '.join(PARTS)}")
    figures: dict[str, dict[str, float]] = {}
    for name in asked.parts or PARTS:
        figures[name] = PARTS[name]()
        if not asked.json:
            print(name)
            for what, figure in figures[name].items():
                print(f"  {what}: {figure:,.4g}" if figure < 1000 else f"  {what}: {figure:,.0f}", flush=True)
    if asked.json:
        print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
