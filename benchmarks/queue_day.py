"""The same M/M/c day in the routing core, in `ciw` and in `simpy`, beside what Erlang C says.

Customers come at random to one queue, with so many servers that `LOAD` of them are at work. All three draw their own
times; the mean wait of each is given with a 99% confidence interval from batch means over all rounds, which must cover
Erlang C. Run it with `uv run --with ciw --with simpy python benchmarks/queue_day.py [servers ...]`.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import sys
import time
from collections.abc import Callable
from heapq import heappop, heappush

import ciw
import simpy
from ground import START, new_router

DAY = 86_400.0  # seconds
LOAD = 0.8
CUSTOMERS = 50_000  # a day
ARRIVALS = CUSTOMERS / DAY  # a second
SERVERS = (10, 30, 100)
WARM_UP = DAY / 24
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


def in_the_core(seed: int, servers: int) -> Waits:
    """Every customer is a task; reservations are accepted at once, tasks completed when their time is over."""
    rng, rate = random.Random(seed), service_rate(servers)
    router, available = new_router()
    queue = router.task_queues.create(START, friendly_name="All")
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    router.workflows.create(START, friendly_name="Flow", configuration=configuration)
    for i in range(servers):
        router.workers.create(START, friendly_name=f"Worker {i}", activity_sid=available.sid)
    router.take()
    tasks, reservations, state = router.tasks, router.reservations, router.state
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
        for event in router.take().events:
            if event.event_type == "reservation.created":
                reservation = state.reservations[event.resource_sid]
                reservations.accept(now, reservation)
                came = state.tasks[reservation.task_sid].date_created
                waits.append(((came - START) / 1000, (now - came) / 1000))
                heappush(ends, (at + rng.expovariate(rate), reservation.task_sid))
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
    ways: dict[str, Callable[[int, int], Waits]] = {"core": in_the_core, "ciw": in_ciw, "simpy": in_simpy}
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
        verdict = "covers it" if abs(mean - expected) <= half else "MISSES IT"
        print(
            f"{name:>6}: {mean:.3f} s +- {half:.3f} ({verdict}), {1 / best[name]:,.0f} customers a second, "
            f"{best['ciw'] / best[name]:.2f} times ciw",
            flush=True,
        )


if __name__ == "__main__":
    for number in map(int, sys.argv[1:] or SERVERS):
        main(number)
