"""The same M/M/c day in the engine, rehearsed by the fast one, in `ciw` and in `simpy`, beside what Erlang C says.

Customers come at random to one queue, with so many servers that `LOAD` of them are at work. All draw their own times;
the mean wait of each is given with a 99% confidence interval from batch means over all rounds, which must cover
Erlang C. `uv run --with ciw --with simpy python benchmarks/queue_day.py [--json] [servers ...]` compares all; without
these two packages only the project's own ways are run. Speed is in customers a second of processor time, the best round
of each, the ways taking turns.

The engine runs twice: with the full record, whose effects are drained after each command, as a store would; and with
counters only, as a simulation would, which stores nothing and drops finished tasks at once. The fast engine is what
`rehearse` plays the day with: through a filter and the expression of a queue, with all that is drawn and all that it
tells of each task. It is left out where there is no `numba`.

The floor keeps no rules: it makes a task, a reservation and eight events for each customer, with all the fields that
the engine gives them, and drops them. Its customers a second are what this record alone allows in Python: no engine
that reports as much can serve more.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import random
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np
from days import plain_day, plain_queue
from ground import NO_LIMITS, START, counted_sids, new_engine
from msgspec.structs import replace

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.entities import Event, Reservation, Task, Worker
from taskrouter_sandbox.engine.reporting.counters import CountingObserver
from taskrouter_sandbox.simulation import erlang_c, rehearse
from taskrouter_sandbox.simulation.fast.compiled import why_not
from taskrouter_sandbox.snapshot import Snapshot

try:
    import ciw
    import simpy
except ImportError:  # only the project's own ways are run
    ciw = simpy = None

DAY = 86_400.0  # seconds
LOAD = 0.8
CUSTOMERS = 50_000  # a day
ARRIVALS = CUSTOMERS / DAY  # a second
SERVERS = (10, 30, 100, 1_000, 3_000)
WARM_UP = DAY / 24
TICK = 0.001  # seconds: the core's times are whole milliseconds, and with very many servers nobody waits as long
ROUNDS, BATCHES = 5, 8  # days, and batches of customers in each
STUDENT = 2.708  # of 99% with 39 degrees of freedom

Waits = Sequence[Sequence[float]]  # of each customer: when it came, in seconds, and how long it waited


def service_rate(servers: int) -> float:
    """Services a second and server, such that `LOAD` of the servers are at work."""
    return ARRIVALS / (LOAD * servers)


def expected_wait(servers: int) -> float:
    """The mean wait in seconds, of Erlang C."""
    return erlang_c(servers, per_hour=ARRIVALS * 3600, talk=1 / service_rate(servers)).mean_wait


def engine_with(servers: int, **settings) -> WorkspaceEngine:
    """One queue for everybody."""
    engine, available = new_engine(**settings)
    queue = engine.task_queues.create(START, friendly_name="All")
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    engine.workflows.create(START, friendly_name="Flow", configuration=configuration)
    for i in range(servers):
        engine.workers.create(START, friendly_name=f"Worker {i}", activity_sid=available.sid)
    engine.drain()
    return engine


def in_the_engine(seed: int, servers: int, engine: WorkspaceEngine, offered: Callable[[], list[Reservation]]) -> Waits:
    """Every customer is a task; reservations are accepted at once, tasks completed when their time is over.

    offered: gives the reservations that the last command has made.
    """
    rng, rate = random.Random(seed), service_rate(servers)
    tasks, reservations, state = engine.tasks, engine.reservations, engine.state
    waits: list[tuple[float, float]] = []
    ends: list[tuple[float, str]] = []  # when the task in hand will be done
    arrival = rng.expovariate(ARRIVALS)
    while arrival < DAY:
        if ends and ends[0][0] <= arrival:
            at, sid = heappop(ends)
            now = START + round(at * 1000)
            tasks.update(now, state.tasks[sid], assignment_status="completed")
        else:
            at = arrival
            now = START + round(at * 1000)
            tasks.create(now)
            arrival += rng.expovariate(ARRIVALS)
        for reservation in offered():
            reservations.accept(now, reservation)
            came = state.tasks[reservation.task_sid].date_created
            waits.append(((came - START) / 1000, (now - came) / 1000))
            heappush(ends, (at + rng.expovariate(rate), reservation.task_sid))
    return waits


def with_the_full_record(seed: int, servers: int) -> Waits:
    engine = engine_with(servers)
    reservations = engine.state.reservations

    def offered() -> list[Reservation]:
        events = engine.drain().events
        return [reservations[e.resource_sid] for e in events if e.event_type == "reservation.created"]

    return in_the_engine(seed, servers, engine, offered)


class Offers(CountingObserver):
    """Counts, and keeps the reservations that are still to be answered."""

    def __init__(self) -> None:
        super().__init__(thresholds=[20_000])
        self.pending: list[Reservation] = []

    def reservation_created(self, now: int, task: Task, worker: Worker, reservation: Reservation) -> None:
        super().reservation_created(now, task, worker, reservation)
        self.pending.append(reservation)

    def take(self) -> list[Reservation]:
        if not (pending := self.pending):
            return pending
        self.pending = []
        return pending


def with_counters_only(seed: int, servers: int) -> Waits:
    observer = Offers()
    limits = replace(NO_LIMITS, kept_after_end=0)
    engine = engine_with(servers, observer=lambda state: observer, keeps_changes=False, limits=limits)
    waits = in_the_engine(seed, servers, engine, observer.take)
    (counts,) = observer.queues.values()
    mean = statistics.fmean(wait for _, wait in waits)
    assert counts.accepted == len(waits)
    assert math.isclose(counts.mean_wait() / 1000, mean)
    return waits


def events_of_a_customer() -> list[Event]:
    """What the engine reports of one customer."""
    engine = engine_with(1)
    task = engine.tasks.create(START)
    (reservation,) = task.open.values()
    engine.reservations.accept(START, reservation)
    engine.tasks.update(START, task, assignment_status="completed")
    return engine.drain().events


def on_the_floor(seed: int, servers: int) -> Waits:
    """The record of every customer, without a rule: events are those of the engine, with other SIDs, times and ages."""
    rng, rate, new_sid = random.Random(seed), service_rate(servers), counted_sids()
    matched, created, entered, flow, reserved, accepted, completed, closed = events_of_a_customer()
    way = {
        "workflow_sid": flow.data["WorkflowSid"],
        "task_channel_sid": flow.data["TaskChannelSid"],
        "task_queue_sid": flow.data["TaskQueueSid"],
    }
    free, queue = deque(new_sid("WK") for _ in range(servers)), deque[Task]()
    waits: list[tuple[float, float]] = []
    ends: list[tuple[float, int, Task, Reservation]] = []

    def fields(like: Event, **own: str) -> dict[str, str]:
        return {**like.data, "TaskSid": task.sid, "TaskAge": str((now - task.date_created) // 1000), **own}

    def note(like: Event, sid: str, data: dict[str, str]) -> None:
        text, age = f"{like.resource_type} {sid} {like.event_type}", now - task.date_created
        events.append(Event(new_sid("EV"), now, now, like.event_type, text, like.resource_type, sid, data, age, age))

    arrival = rng.expovariate(ARRIVALS)
    while arrival < DAY:
        events: list[Event] = []
        if ends and ends[0][0] <= arrival:
            at, _, task, reservation = heappop(ends)
            now = START + round(at * 1000)
            task.assignment_status = reservation.reservation_status = "completed"
            note(completed, task.sid, fields(completed, WorkerSid=reservation.worker_sid))
            whose = {"WorkerSid": reservation.worker_sid, "ReservationSid": reservation.sid}
            note(closed, reservation.sid, fields(closed, **whose))
            free.append(reservation.worker_sid)
        else:
            at, now = arrival, START + round(arrival * 1000)
            arrival += rng.expovariate(ARRIVALS)
            task = Task(sid=new_sid("WT"), date_created=now, date_updated=now, attributes="{}", **way)
            note(matched, task.sid, fields(matched))
            data = fields(created)
            for like in (created, entered, flow):
                note(like, task.sid, data)
            queue.append(task)
        if queue and free:
            task, worker_sid = queue.popleft(), free.popleft()
            sid = new_sid("WR")
            reservation = Reservation(
                sid=sid, date_created=now, date_updated=now, task_sid=task.sid, worker_sid=worker_sid, **way
            )
            for like in (reserved, accepted):
                note(like, sid, fields(like, WorkerSid=worker_sid, ReservationSid=sid))
            task.assignment_status, reservation.reservation_status = "assigned", "accepted"
            waits.append(((task.date_created - START) / 1000, (now - task.date_created) / 1000))
            heappush(ends, (at + rng.expovariate(rate), len(waits), task, reservation))
    return waits


def to_rehearse(servers: int) -> tuple[Snapshot, dict[str, Any]]:
    """The workspace and the day, for `rehearse`."""
    return plain_queue(servers), plain_day(ARRIVALS * 3600, 1 / service_rate(servers))


def in_the_fast_engine(seed: int, servers: int) -> Waits:
    columns = rehearse(*to_rehearse(servers), seed=seed, engine="fast").columns
    return np.column_stack([columns.came, columns.wait]) / 1000


def in_ciw(seed: int, servers: int) -> Waits:
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=ARRIVALS)],
        service_distributions=[ciw.dists.Exponential(rate=service_rate(servers))],
        number_of_servers=[servers],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(DAY)
    return [(record.arrival_date, record.waiting_time) for record in simulation.get_all_records()]


def in_simpy(seed: int, servers: int) -> Waits:
    rng, rate = random.Random(seed), service_rate(servers)
    environment = simpy.Environment()
    desk = simpy.Resource(environment, servers)
    waits: list[tuple[float, float]] = []

    def customer():
        came = environment.now
        with desk.request() as request:
            yield request
            waits.append((came, environment.now - came))
            yield environment.timeout(rng.expovariate(rate))

    def arrivals():
        while True:
            yield environment.timeout(rng.expovariate(ARRIVALS))
            environment.process(customer())

    environment.process(arrivals())
    environment.run(DAY)
    return waits


def batch_means(waits: Waits) -> list[float]:
    """Mean waits of the batches of one day, without its warm-up."""
    kept = [wait for came, wait in sorted(map(tuple, waits)) if came >= WARM_UP]
    size = len(kept) // BATCHES
    return [statistics.fmean(kept[i * size : (i + 1) * size]) for i in range(BATCHES)]


def ways() -> dict[str, Callable[[int, int], Waits]]:
    """All ways to spend the day that can be run here, by name."""
    known = {"full record": with_the_full_record, "counters": with_counters_only, "floor": on_the_floor}
    known |= {"fast engine": in_the_fast_engine} if why_not is None else {}
    return known | ({"ciw": in_ciw, "simpy": in_simpy} if ciw else {})


def measure(servers: int) -> dict[str, Any]:
    """The figures of a day with so many servers: waits in seconds, speed in customers a second of processor time."""
    if why_not is None:
        rehearse(*to_rehearse(1), seed=0, engine="fast")  # compiled or loaded before it is measured
    expected, best = expected_wait(servers), dict.fromkeys(ways(), float("inf"))
    means: dict[str, list[float]] = {name: [] for name in best}
    for seed in range(ROUNDS):
        for name, way in ways().items():
            gc.collect()
            began = time.process_time()
            waits = way(seed, servers)
            best[name] = min(best[name], (time.process_time() - began) / len(waits))
            means[name] += batch_means(waits)
    figures: dict[str, Any] = {"servers": servers, "erlang_c": expected, "ways": {}}
    for name, found in means.items():
        mean, half = statistics.fmean(found), STUDENT * statistics.stdev(found) / math.sqrt(len(found))
        figures["ways"][name] = {
            "wait": mean,
            "half_width": half,
            "covers": abs(mean - expected) <= max(half, TICK),
            "customers_per_second": 1 / best[name],
        }
        if ciw:
            figures["ways"][name]["per_ciw"] = best["ciw"] / best[name]
    figures["counters_per_full_record"] = best["full record"] / best["counters"]
    return figures


def show(figures: dict[str, Any]) -> None:
    print(f"{figures['servers']} servers; Erlang C: a customer waits {figures['erlang_c']:.3f} s on average")
    full = figures["ways"]["full record"]["customers_per_second"]
    for name, way in figures["ways"].items():
        verdict = "covers it" if way["covers"] else "MISSES IT"
        speed = way["customers_per_second"]
        beside = f", {way['per_ciw']:.2f} times ciw" if "per_ciw" in way else ""
        print(
            f"{name:>11}: {way['wait']:.3f} s +- {way['half_width']:.3f} ({verdict}), {speed:,.0f} customers a second, "
            f"{speed / full:.2f} times the full record{beside}"
        )
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print the figures as a JSON list")
    parser.add_argument("servers", nargs="*", type=int, default=SERVERS, help="default: %(default)s")
    asked = parser.parse_args()
    figures = []
    for servers in asked.servers:
        figures.append(measure(servers))
        if not asked.json:
            show(figures[-1])
    if asked.json:
        print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
