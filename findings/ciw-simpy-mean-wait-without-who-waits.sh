#!/usr/bin/env bash
# What people guess: when two established simulation libraries agree on the mean wait of an hour, it is the mean wait of
# those who came in that hour.
#
# What really happens: where more come than can be served, both leave out whoever still waits when the simulation ends,
# and so they agree on a figure that is too small by a quarter. Ciw's `get_all_records()` after
# `simulate_until_max_time` has those whose service has ended; a SimPy process that notes its wait when it gets its turn
# never notes it when `run(until=...)` ends first, and nothing says so. Ciw's `include_incomplete=True` does give records
# of the others, whose `waiting_time` is None, so that a mean of all of them raises TypeError.
#
# Why it matters: a staffing that is too small is the very case for which one simulates. Who goes on until everybody who
# came has been served finds 599.5 seconds here, and not 449.
set -euo pipefail
cd "$(mktemp -d)"
trap 'rm -rf "$PWD"' EXIT
python3 -m venv v >/dev/null
v/bin/pip -q install ciw==3.2.7 simpy==4.1.2
cat >try.py <<'PY'
import importlib.metadata
from statistics import mean

import ciw
import simpy

CALLS, GAP, TALK, HOUR = 1200, 3.0, 4.0, 3600.0


def in_ciw(until: float, **settings: bool) -> list:
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([GAP] * CALLS + [float("inf")])],
        service_distributions=[ciw.dists.Deterministic(TALK)],
        number_of_servers=[1],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_time(until)
    return [record.waiting_time for record in simulation.get_all_records(**settings)]


def in_simpy(until: float) -> list:
    environment, waits = simpy.Environment(), []
    agent = simpy.Resource(environment)

    def caller():
        came = environment.now
        with agent.request() as turn:
            yield turn
            waits.append(environment.now - came)
            yield environment.timeout(TALK)

    def arrivals():
        for _ in range(CALLS):
            yield environment.timeout(GAP)
            environment.process(caller())

    environment.process(arrivals())
    environment.run(until)
    return waits


print(*(f"{name} {importlib.metadata.version(name)}" for name in ("ciw", "simpy")), sep=", ")
print(f"{CALLS} calls in an hour, one each {GAP} s, one agent, {TALK} s of talk; waits that are told, and their mean:")
found = {}
for name, way in (("ciw", in_ciw), ("simpy", in_simpy)):
    for when, until in (("until the hour ends", HOUR), ("until all are served", 2 * HOUR)):
        waits = way(until)
        found[name, when] = len(waits), mean(waits)
        print(f"  {name} {when}: {len(waits)}, {mean(waits)} s")
every = in_ciw(HOUR, include_incomplete=True)
unknown = every.count(None)
print(f"  ciw until the hour ends, include_incomplete=True: {len(every)}, of which {unknown} are None")
assert found == {
    ("ciw", "until the hour ends"): (899, 449.0),
    ("ciw", "until all are served"): (1200, 599.5),
    ("simpy", "until the hour ends"): (900, 449.5),
    ("simpy", "until all are served"): (1200, 599.5),
}, found
assert (len(every), unknown) == (1199, 299), (len(every), unknown)
PY
v/bin/python try.py
# Seen:
#   ciw 3.2.7, simpy 4.1.2
#   1200 calls in an hour, one each 3.0 s, one agent, 4.0 s of talk; waits that are told, and their mean:
#     ciw until the hour ends: 899, 449.0 s
#     ciw until all are served: 1200, 599.5 s
#     simpy until the hour ends: 900, 449.5 s
#     simpy until all are served: 1200, 599.5 s
#     ciw until the hour ends, include_incomplete=True: 1199, of which 299 are None
