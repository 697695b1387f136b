"""The same M/M/c day in the routing core, in `ciw` and in `simpy`, beside what Erlang C says.

Customers come at random to one queue with `SERVERS` servers and are served for a random time. All three draw their own
times; the mean wait of each is given with a 99% confidence interval from batch means, and must cover Erlang C.
Run it with `uv run --with ciw --with simpy python benchmarks/queue_day.py`.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import time
from collections.abc import Callable
from heapq import heappop, heappush

import ciw
import simpy
from ground import START, new_router

DAY = 86_400.0  # seconds
ARRIVALS = 0.6  # a second
SERVICES = 1 / 45  # a second and server: 45 seconds each
SERVERS = 30  # so that 90% of them are at work
WARM_UP = 3_600.0
BATCHES = 20
ROUNDS = 3

Waits = list[tuple[float, float]]  # when a customer came, in seconds, and how long it waited


def erlang_c() -> float:
    """The mean wait in seconds."""
    load = ARRIVALS / SERVICES
    terms = [load**k / math.factorial(k) for k in range(SERVERS)]
    last = load**SERVERS / math.factorial(SERVERS) * SERVERS / (SERVERS - load)
    return last / (sum(terms) + last) / (SERVERS * SERVICES - ARRIVALS)


def in_the_core(seed: int) -> Waits:
    """Every customer is a task; reservations are accepted at once, tasks completed when their time is over."""
    rng = random.Random(seed)
    router, available = new_router()
    queue = router.task_queues.create(START, friendly_name="All")
    configuration = json.dumps({"task_routing": {"default_filter": {"queue": queue.sid}}})
    router.workflows.create(START, friendly_name="Flow", configuration=configuration)
    for i in range(SERVERS):
        router.workers.create(START, friendly_name=f"Worker {i}", activity_sid=available.sid)
    router.take()
    tasks, reservations, state = router.tasks, router.reservations, router.state
    waits: Waits = []
    ends: list[tuple[float, str]] = []  # when the task in hand will be done
    arrival = rng.expovariate(ARRIVALS)
    while arrival < DAY:
        if ends and ends[0][0] <= arrival:
            at, sid = heappop(ends)
            tasks.update(START + round(at * 1000), state.tasks[sid], assignment_status="completed")
        else:
            at = arrival
            tasks.create(START + round(at * 1000))
            arrival += rng.expovariate(ARRIVALS)
        now = START + round(at * 1000)
        for event in router.take().events:
            if event.event_type == "reservation.created":
                reservation = state.reservations[event.resource_sid]
                reservations.accept(now, reservation)
                came = state.tasks[reservation.task_sid].date_created
                waits.append(((came - START) / 1000, (now - came) / 1000))
                heappush(ends, (at + rng.expovariate(SERVICES), reservation.task_sid))
    return waits


def in_ciw(seed: int) -> Waits:
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(rate=ARRIVALS)],
        service_distributions=[ciw.dists.Exponential(rate=SERVICES)],
        number_of_servers=[SERVERS],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(DAY)
    return [(record.arrival_date, record.waiting_time) for record in simulation.get_all_records()]


def in_simpy(seed: int) -> Waits:
    rng = random.Random(seed)
    environment = simpy.Environment()
    servers = simpy.Resource(environment, SERVERS)
    waits: Waits = []

    def customer():
        came = environment.now
        with servers.request() as request:
            yield request
            waits.append((came, environment.now - came))
            yield environment.timeout(rng.expovariate(SERVICES))

    def arrivals():
        while True:
            yield environment.timeout(rng.expovariate(ARRIVALS))
            environment.process(customer())

    environment.process(arrivals())
    environment.run(DAY)
    return waits


def confidence(waits: Waits) -> tuple[float, float]:
    """Mean wait after the warm-up, and half the width of its 99% confidence interval, from batch means."""
    kept = [wait for came, wait in sorted(waits) if came >= WARM_UP]
    size = len(kept) // BATCHES
    means = [statistics.fmean(kept[i * size : (i + 1) * size]) for i in range(BATCHES)]
    return statistics.fmean(means), 2.861 * statistics.stdev(means) / math.sqrt(BATCHES)  # Student's t, 19 degrees


def main() -> None:
    ways: dict[str, Callable[[int], Waits]] = {"core": in_the_core, "ciw": in_ciw, "simpy": in_simpy}
    expected = erlang_c()
    best = dict.fromkeys(ways, float("inf"))
    results: dict[str, Waits] = {}
    for seed in range(ROUNDS):
        for name, way in ways.items():
            began = time.perf_counter()
            results[name] = way(seed)
            best[name] = min(best[name], (time.perf_counter() - began) / len(results[name]))
    print(f"Erlang C: a customer waits {expected:.3f} s on average")
    for name, waits in results.items():
        mean, half = confidence(waits)
        verdict = "covers it" if abs(mean - expected) <= half else "MISSES IT"
        print(
            f"{name:>6}: {len(waits):,} customers, wait {mean:.3f} s +- {half:.3f} ({verdict}), "
            f"{1 / best[name]:,.0f} customers a second, {best['ciw'] / best[name]:.2f} times ciw"
        )


if __name__ == "__main__":
    main()
