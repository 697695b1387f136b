"""What statistics cost over a long history: 100,000 events of a day, in 10 queues, beside two floors.

The floors are measured in the same run: SQLite counting the same records by type, and the HTTP answer of the workspace
itself, which counts nothing. The last line is what recounting costs a client that reads the events instead.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from ground import START, workspace_of

from taskrouter_sandbox.runtime.clock import Clock
from taskrouter_sandbox.runtime.service import Service
from taskrouter_sandbox.testing.threaded_server import served

EVENTS, QUEUES, WORKERS, ROUNDS = 100_000, 10, 50, 7
TOKEN = "benchmark"


class StandingClock(Clock):
    def __init__(self, at: int):
        super().__init__()
        self.at = at

    def now(self) -> int:
        return self.at


def fill(service: Service) -> tuple[str, int]:
    """A workspace with that many events; its SID, and when its last task was done.

    Each task waits a while, and is accepted and completed; workers change their activity meanwhile.
    """
    router = workspace_of(WORKERS, QUEUES, keep=True)
    state, workers = router.state, list(router.state.workers.values())
    idle, away = workers[0].activity_sid, state.workspace.default_activity_sid
    now, number, events = START, 0, 0
    while events < EVENTS:
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


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder), "AC" + "0" * 32, TOKEN)
        workspace_sid, now = fill(service)
        service.clock = StandingClock(now)
        service.reload(workspace_sid)
        store, (router,) = service.store, service.routers.values()
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
                "read the events instead": lambda: store.events(workspace_sid, []),
            }
            times = {name: best(do) for name, do in measured.items()}
    records, events = (times[name] for name in ("floor: count the records by type", "read the events instead"))
    for name, took in times.items():
        print(f"{name:<40} {took:>9.2f} ms {took / records:>7.2f} x the count {events / took:>8.1f} x the reading")


if __name__ == "__main__":
    main()
