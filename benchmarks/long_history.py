"""What a long history costs: statistics, pages of events, and a start, on 100,000 events of a day in 10 queues.

    python benchmarks/long_history.py [--json] [--against CHECKOUT]

Statistics stand beside two floors of the same run: SQLite counting the same records by type, and the HTTP answer of the
workspace itself, which counts nothing; and beside what recounting costs a client that reads the events instead.

Pages are asked of a process of its own: CPU time for one of 50 events, of 100,000 and of 1,000; its memory while 1,000
pages are followed; and the time from the command to the first answer, on these events and on an empty folder.

--against: an older checkout, with an environment in `.venv`, whose pages and starts are measured in the same rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import requests
from ground import START, workspace_of

from taskrouter_sandbox.runtime.clock import Clock
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.storage.events import EventQuery
from taskrouter_sandbox.testing.threaded_server import served

EVENTS, FEW, QUEUES, WORKERS, ROUNDS = 100_000, 1_000, 10, 50, 5
PAGES, PAGE_SIZE = 1_000, 50
AUTH = ("AC" + "0" * 32, "benchmark")
WANTED = {"PageSize": PAGE_SIZE, "Minutes": 43_200}
HERE = [sys.executable, "-m", "taskrouter_sandbox"]


class StandingClock(Clock):
    def __init__(self, at: int):
        super().__init__()
        self.at = at

    def now(self) -> int:
        return self.at


def fill(service: Service, wanted: int, now: int) -> tuple[str, int]:
    """A workspace with that many events, the first at `now`; its SID, and when its last task was done.

    Each task waits a while, and is accepted and completed; workers change their activity meanwhile.
    """
    router = workspace_of(WORKERS, QUEUES, keep=True)
    state, workers = router.state, list(router.state.workers.values())
    idle, away = workers[0].activity_sid, state.workspace.default_activity_sid
    number, events = 0, 0
    while events < wanted:
        task = router.tasks.create(now, attributes=json.dumps({"skill": number % QUEUES}))
        (reservation,) = task.open.values()
        router.reservations.accept(now + 1_000 + number % 60 * 100, reservation)
        now = now + 1_000 + number % 60 * 100
        router.tasks.update(now + 100, task, assignment_status="completed")
        now += 200
        if number % 20 == 0:
            worker = workers[number // 20 % WORKERS]
            for activity_sid in (away, idle):
                router.workers.update(now + 100, worker, activity_sid=activity_sid)
            now += 200
        effects = router.drain()
        service.store.write(state.workspace.sid, effects, [], now)
        events, number = events + len(effects.events), number + 1
    return state.workspace.sid, now


@contextmanager
def asked(service: Service) -> Iterator[requests.Session]:
    """A client of the service; paths are absolute addresses on `session.base`."""
    session = requests.Session()
    session.trust_env, session.auth = False, (service.account_sid, service.auth_token)
    with served(service) as session.base:
        yield session


def best(do: Callable[[], object]) -> float:
    """The least number of milliseconds that it took."""
    least = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        do()
        least = min(least, time.perf_counter() - began)
    return least * 1000


def statistics() -> dict[str, float]:
    """Milliseconds for each of the statistics, and for the floors."""
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder), *AUTH, clock=StandingClock(START))
        workspace_sid, service.clock.at = fill(service, EVENTS, START)
        store, router = service.store, service.workspaces.reload(workspace_sid)
        queue = next(iter(router.state.task_queues.values()))
        with asked(service) as client:

            def get(path: str, **params: object) -> Callable[[], object]:
                address = f"{client.base}/v1/Workspaces/{workspace_sid}{path}"
                return lambda: client.get(address, params=params).raise_for_status()

            past = {"Minutes": 43_200}
            sweep = "SELECT type, count(*) FROM counted_event WHERE workspace_sid = ? AND at >= ? GROUP BY type"
            measured = {
                "floor: count the records by type": lambda: store.db.execute(sweep, (workspace_sid, START)).fetchall(),
                "floor: fetch the workspace": get(""),
                "workspace, cumulative": get("/CumulativeStatistics", **past),
                "workspace, cumulative, split in four": get(
                    "/CumulativeStatistics", SplitByWaitTime="5,10,20,60", **past
                ),
                "workspace, cumulative, last 15 minutes": get("/CumulativeStatistics"),
                "one queue, combined": get(f"/TaskQueues/{queue.sid}/Statistics", **past),
                f"all {QUEUES} queues, combined": get("/TaskQueues/Statistics", **past),
                "workers, cumulative": get("/Workers/CumulativeStatistics", **past),
                "read the events instead": lambda: store.events(EventQuery(workspace_sid=workspace_sid)).all(),
            }
            return {name: best(do) for name, do in measured.items()}


class Build(NamedTuple):
    """A checkout whose sandbox is measured: its command, and a folder with databases that it reads."""

    command: list[str]
    checkout: Path
    data: Path


class ServedBuild:
    """A sandbox in a process of its own, for a `with` block. started: seconds from the command to its first answer."""

    def __init__(self, build: Build, data: Path):
        arguments = ["serve", "--port", "0", "--data", str(data), "--account-sid", AUTH[0], "--auth-token", AUTH[1]]
        began = time.perf_counter()
        self.process = subprocess.Popen(
            [*build.command, *arguments], stdout=subprocess.PIPE, text=True, cwd=build.checkout
        )
        self.client = requests.Session()
        self.client.trust_env, self.client.auth = False, AUTH
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split()[3]
        self.get("/v1/Workspaces")
        self.started = time.perf_counter() - began
        self.measured = psutil.Process(self.process.pid)

    def __enter__(self) -> ServedBuild:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(30)

    def get(self, path: str, **params: object) -> Any:
        address = path if path.startswith("http") else self.url + path
        answer = self.client.get(address, params=params, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def cpu(self, do: Callable[[], object], times: int) -> float:
        """CPU milliseconds of the process for one of `times`."""
        before = sum(self.measured.cpu_times()[:2])
        for _ in range(times):
            do()
        return (sum(self.measured.cpu_times()[:2]) - before) / times * 1000

    def memory(self) -> float:
        """Megabytes that it has in memory."""
        return self.measured.memory_info().rss / 2**20


def as_first_kept(database: Path) -> None:
    """Give a database the form that it had before databases had a version, which is what an older checkout reads."""
    with closing(sqlite3.connect(database)) as db, db:
        db.executescript(
            """
            CREATE TABLE plain (sid TEXT PRIMARY KEY, workspace_sid TEXT NOT NULL, kind TEXT NOT NULL, state TEXT);
            INSERT INTO plain SELECT sid, workspace_sid, kind, state FROM resource ORDER BY number;
            DROP TABLE resource;
            ALTER TABLE plain RENAME TO resource;
            ALTER TABLE counted_event RENAME TO record;
            ALTER TABLE activity_interval RENAME TO stay;
            ALTER TABLE delivery DROP COLUMN result;
            ALTER TABLE delivery DROP COLUMN method;
            ALTER TABLE alert DROP COLUMN delivery;
            ALTER TABLE alert DROP COLUMN attempt;
            ALTER TABLE event DROP COLUMN transaction_number;
            UPDATE resource SET state = json_remove(state, '$.has_new_attributes');
            PRAGMA user_version = 0;
            """
        )


def followed(box: ServedBuild, path: str, pages: int) -> float:
    """Follow so many pages: the megabytes by which the process has grown since the tenth."""
    page, after_ten = box.get(path, PageSize=PAGE_SIZE, Minutes=43_200), 0.0
    for number in range(1, pages):
        following = page["meta"]["next_page_url"] or f"{path}?PageSize={PAGE_SIZE}&Minutes=43200"
        page = box.get(following)
        if number == 10:
            after_ten = box.memory()
    return box.memory() - after_ten


def filled(folder: Path) -> dict[int, str]:
    """Fill a database with few events, and one with many: the paths of their lists."""
    paths = {}
    for number in (FEW, EVENTS):
        data = folder / str(number)
        data.mkdir(parents=True)
        service = Service(data, *AUTH)
        sid, _ = fill(service, number, time.time_ns() // 1_000_000 - 86_400_000)
        service.store.close()
        paths[number] = f"/v1/Workspaces/{sid}/Events"
    return paths


def start(build: Build, folder: Path, source: Path | None) -> float:
    """Seconds from the command to the first answer, on a copy of that data or on none."""
    data = folder / "start"
    shutil.copytree(source, data) if source else data.mkdir()
    if hasattr(os, "sync"):
        os.sync()  # else the start would wait until the copy is on the disk
    with ServedBuild(build, data) as box:
        started = box.started
    shutil.rmtree(data)
    return started


def pages(against: Path | None) -> dict[str, dict[str, float]]:
    """For each build: CPU milliseconds of a page, megabytes that pages leave behind, and seconds of a start."""
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        builds = {"this": Build(HERE, Path(__file__).resolve().parents[1], folder / "this")}
        paths = filled(builds["this"].data)
        if against is not None:
            command = [str(against / ".venv/bin/python"), "-m", "helpers.sandbox"]
            builds["other"] = Build(command, against, folder / "other")
            shutil.copytree(folder / "this", folder / "other")
            for number in paths:
                as_first_kept(folder / "other" / str(number) / "sandbox.sqlite3")
        rounds = [
            {
                (name, what): start(build, folder, source)
                for name, build in builds.items()
                for what, source in (("many", build.data / str(EVENTS)), ("empty", None))
            }
            for _ in range(ROUNDS)
        ]
        for name, build in builds.items():
            starts = {what: min(times[name, what] for times in rounds) for what in ("many", "empty")}
            found[name] = {f"start on {what}, s": seconds for what, seconds in starts.items()}
            found[name]["start on many / on empty"] = starts["many"] / starts["empty"]
            few_pages = name == "other"  # each of them takes seconds
            costs: dict[int, float] = {}
            for number, path in paths.items():
                with ServedBuild(build, build.data / str(number)) as box:
                    ask = partial(box.get, path, **WANTED)
                    ask()
                    costs[number] = min(box.cpu(ask, 5 if few_pages else 100) for _ in range(ROUNDS))
                    found[name][f"page of {number:,}, CPU ms"] = costs[number]
                    if number == EVENTS:
                        many = 12 if few_pages else PAGES
                        grown = followed(box, path, many)
                        found[name][f"memory after {many:,} pages, MB more than after 10"] = grown
            found[name]["page of many / of few"] = costs[EVENTS] / costs[FEW]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    parser.add_argument("--against", type=Path, help="an older checkout to measure beside this one")
    given = parser.parse_args()
    paged, times = pages(given.against), statistics()
    if given.json:
        print(json.dumps({"pages": paged, "statistics, ms": times}, indent=1))
        return
    for build, figures in paged.items():
        for name, figure in figures.items():
            print(f"{build:<6} {name:<50} {figure:>9.2f}")
    records, events = (times[name] for name in ("floor: count the records by type", "read the events instead"))
    for name, took in times.items():
        print(f"{name:<40} {took:>9.2f} ms {took / records:>7.2f} x the count {events / took:>8.1f} x the reading")


if __name__ == "__main__":
    main()
