"""Memory and file of a sandbox over many days: `python -m tests.endurance.growth [tasks] [days]`.

Each day has its share of the tasks. Some are worked on to their end, the others end by their timeout; then a day of the
sandbox's clock passes. What is kept ends with its day (see `Retention`), so both must be flat after the thirty-first.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests.arguments import whole_numbers
from tests.endurance.processes import Connection, start

FLAT_AFTER, WITHIN = 31, 0.1  # the last days keep within so much of the day after which nothing is added
WORKED_ON = 5  # every so many tasks one is accepted and completed
BETWEEN = 100  # tasks, after which those that nobody works on time out


def furnish(connection: Connection) -> tuple[str, str]:
    """Make a workspace with a worker and a workflow: its path, and the worker's."""
    path = f"/v1/Workspaces/{connection.ask('POST', '/v1/Workspaces', FriendlyName='W')['sid']}"
    queue = connection.ask("POST", f"{path}/TaskQueues", FriendlyName="Q")["sid"]
    routing = json.dumps({"task_routing": {"default_filter": {"queue": queue}}})
    connection.ask("POST", f"{path}/Workflows", FriendlyName="F", Configuration=routing, TaskReservationTimeout="80000")
    idle = next(a["sid"] for a in connection.ask("GET", f"{path}/Activities")["activities"] if a["available"])
    return path, connection.ask("POST", f"{path}/Workers", FriendlyName="W", ActivitySid=idle)["sid"]


def work(connection: Connection, path: str, worker: str) -> None:
    """Complete the task that the worker is reserved for."""
    (one,) = connection.ask("GET", f"{path}/Workers/{worker}/Reservations?ReservationStatus=pending")["reservations"]
    connection.ask("POST", f"{path}/Workers/{worker}/Reservations/{one['sid']}", ReservationStatus="accepted")
    connection.ask("POST", f"{path}/Tasks/{one['task_sid']}", AssignmentStatus="completed")


def size(data: Path) -> float:
    """Megabytes of the database with its log of changes."""
    return sum(each.stat().st_size for each in data.glob("sandbox.sqlite3*")) / 2**20


def main(tasks: int, days: int) -> None:
    if days <= FLAT_AFTER:
        sys.exit(f"days is {days}: give more than {FLAT_AFTER}, after which nothing may grow")
    began, told = time.monotonic(), []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        process, url = start(data)
        try:
            connection = Connection(url)
            path, worker = furnish(connection)
            for day in range(days):
                for number in range(tasks // days):
                    connection.ask("POST", f"{path}/Tasks", Attributes='{"selected_language": "es"}', Timeout="60")
                    if number % WORKED_ON == 0:
                        work(connection, path, worker)
                    if number % BETWEEN == BETWEEN - 1:
                        connection.ask("POST", "/_sandbox/clock?advance=61")
                connection.ask("POST", "/_sandbox/clock?advance=86400")
                memory = psutil.Process(process.pid).memory_info().rss / 2**20
                told.append((memory, size(data)))
                seconds = time.monotonic() - began
                print(
                    f"day {day + 1}: {memory:.0f} MiB of memory, {told[-1][1]:.0f} MiB on disk, {seconds:,.0f} s",
                    flush=True,
                )
        finally:
            process.terminate()
            process.wait()
    for name, values in zip(("memory", "file"), zip(*told, strict=True), strict=True):
        usual, most = values[FLAT_AFTER], max(values[FLAT_AFTER:])
        assert most <= usual * (1 + WITHIN), f"{name}: {most:.0f} MiB, after {usual:.0f} on day {FLAT_AFTER + 1}"
    print(f"done: {tasks:,} tasks in {days} days, flat after day {FLAT_AFTER}")


if __name__ == "__main__":
    main(*whole_numbers(__doc__, tasks=200_000, days=40))
