"""The same M/M/c day in the routing core, in `ciw` and in `simpy`, beside what Erlang C says.

Customers come at random to one queue, with so many servers that `LOAD` of them are at work. All draw their own times;
the mean wait of each is given with a 99% confidence interval from batch means over all rounds, which must cover
Erlang C. Run it with `uv run --with ciw --with simpy python benchmarks/queue_day.py [servers ...]`.

The floor keeps no rules: it makes a task, a reservation and eight events for each customer, with all the fields that
the core gives them, and drops them. Its customers a second are what this record alone allows in Python: no core that
reports as much can serve more.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import sys
import time
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush

import ciw
import simpy
from ground import START, counted_sids, new_engine

from taskrouter_sandbox.engine import WorkspaceEngine
from taskrouter_sandbox.engine.model.entities import Event, Reservation, Task

DAY = 86_400.0  # seconds
LOAD = 0.8
CUSTOMERS = 50_000  # a day
ARRIVALS = CUSTOMERS / DAY  # a second
SERVERS = (10, 30, 100, 1_000, 3_000)
WARM_UP = DAY / 24
TICK = 0.001  # seconds: the core's times are whole milliseconds, and with very many servers nobody waits as long
ROUNDS, BATCHES = 5, 8  # days, and batches of customers in each
STUDENT = 2.708  # of 99% with 39 degrees of freedom

Waits = list[tuple[float, float]]  # when a customer came, in seconds, and how long it waited


def service_rate(servers: int) -> float:
    """Services a second and server, such that `LOAD` of the servers are at work."""
    return ARRIVALS / (LOAD * servers)


def erlang_c(servers: int) -> float:
    """The mean wait in seconds."""
    load, blocked = LOAD * servers, 1.0
    for n in range(1, servers + 1):  # Erlang B, one server after the other
        blocked = load * blocked / (n + load * blocked)
    waits = blocked / (1 - LOAD * (1 - blocked))
    return waits / (servers * service_rate(servers) - ARRIVALS)


def engine_with(servers: int) -> WorkspaceEngine:
    """One queue for everybody."""
    engine, available = new_engine()
    queue = engine.task_queues.create(START, friendly_name="All")
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    engine.workflows.create(START, friendly_name="Flow", configuration=configuration)
    for i in range(servers):
        engine.workers.create(START, friendly_name=f"Worker {i}", activity_sid=available.sid)
    engine.drain()
    return engine


def in_the_core(seed: int, servers: int) -> Waits:
    """Every customer is a task; reservations are accepted at once, tasks completed when their time is over."""
    rng, rate, engine = random.Random(seed), service_rate(servers), engine_with(servers)
    tasks, reservations, state = engine.tasks, engine.reservations, engine.state
    waits: Waits = []
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
        for event in engine.drain().events:
            if event.event_type == "reservation.created":
                reservation = state.reservations[event.resource_sid]
                reservations.accept(now, reservation)
                came = state.tasks[reservation.task_sid].date_created
                waits.append(((came - START) / 1000, (now - came) / 1000))
                heappush(ends, (at + rng.expovariate(rate), reservation.task_sid))
    return waits


def events_of_a_customer() -> list[Event]:
    """What the core reports of one customer."""
    engine = engine_with(1)
    task = engine.tasks.create(START)
    (reservation,) = task.open.values()
    engine.reservations.accept(START, reservation)
    engine.tasks.update(START, task, assignment_status="completed")
    return engine.drain().events


def on_the_floor(seed: int, servers: int) -> Waits:
    """The record of every customer, without a rule: events are those of the core, with other SIDs, times and ages."""
    rng, rate, new_sid = random.Random(seed), service_rate(servers), counted_sids()
    matched, created, entered, flow, reserved, accepted, completed, closed = events_of_a_customer()
    way = {
        "workflow_sid": flow.data["WorkflowSid"],
        "task_channel_sid": flow.data["TaskChannelSid"],
        "task_queue_sid": flow.data["TaskQueueSid"],
    }
    free, queue = deque(new_sid("WK") for _ in range(servers)), deque[Task]()
    waits: Waits = []
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
    waits: Waits = []

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
    kept = [wait for came, wait in sorted(waits) if came >= WARM_UP]
    size = len(kept) // BATCHES
    return [statistics.fmean(kept[i * size : (i + 1) * size]) for i in range(BATCHES)]


def main(servers: int) -> None:
    ways: dict[str, Callable[[int, int], Waits]] = {
        "core": in_the_core,
        "floor": on_the_floor,
        "ciw": in_ciw,
        "simpy": in_simpy,
    }
    expected = erlang_c(servers)
    best = dict.fromkeys(ways, float("inf"))
    means: dict[str, list[float]] = {name: [] for name in ways}
    for seed in range(ROUNDS):
        for name, way in ways.items():
            began = time.perf_counter()
            waits = way(seed, servers)
            best[name] = min(best[name], (time.perf_counter() - began) / len(waits))
            means[name] += batch_means(waits)
    print(f"{servers} servers; Erlang C: a customer waits {expected:.3f} s on average")
    for name, found in means.items():
        mean, half = statistics.fmean(found), STUDENT * statistics.stdev(found) / math.sqrt(len(found))
        verdict = "covers it" if abs(mean - expected) <= max(half, TICK) else "MISSES IT"
        print(
            f"{name:>6}: {mean:.3f} s +- {half:.3f} ({verdict}), {1 / best[name]:,.0f} customers a second, "
            f"{best['ciw'] / best[name]:.2f} times ciw",
            flush=True,
        )


if __name__ == "__main__":
    for number in map(int, sys.argv[1:] or SERVERS):
        main(number)
