"""Rehearsed queues beside Erlang C and Erlang A, over the loads at which contact centres work."""

from __future__ import annotations

import math
import statistics

import numpy as np
from days import plain_day, plain_queue

from taskrouter_sandbox.simulation import QueueingTheory, erlang_a, erlang_c, rehearse

SERVERS, LOADS, DAYS = (10, 100, 1_000), (0.7, 0.8, 0.9, 0.95, 0.99), 20
STUDENT = 2.861  # of 99 % with 19 degrees of freedom
TICK = 0.001  # seconds: times are whole milliseconds
WARM_UP = 43_200_000  # milliseconds: half the day, since it begins with nobody there
TALK = {10: 2.0, 100: 20.0, 1_000: 200.0}  # seconds, so short that a day is long beside it


def beside_theory() -> dict[str, float]:
    """Say of each case how far its mean wait is from theory, as a share of half its 99 % interval: 1 is its edge.

    Of callers who hang up, who are twice as patient as a talk is long, the share that does is compared as well.
    """
    figures: dict[str, float] = {}
    for servers in SERVERS:
        for load in LOADS:
            talk = TALK[servers]
            per_hour = load * servers / talk * 3600
            case = f"{servers:,} servers, load {load:g}"
            figures[f"{case}, Erlang C, wait"], _ = _apart(
                servers, per_hour, talk, None, erlang_c(servers, per_hour=per_hour, talk=talk)
            )
            theory = erlang_a(servers, per_hour=per_hour, talk=talk, patience=2 * talk)
            wait, gone = _apart(servers, per_hour, talk, 2 * talk, theory)
            figures[f"{case}, Erlang A, wait"], figures[f"{case}, Erlang A, abandonment"] = wait, gone
    figures["inside"] = sum(each <= 1 for each in figures.values())
    figures["of"] = len(figures) - 1
    return figures


def _apart(
    servers: int, per_hour: float, talk: float, patience: float | None, theory: QueueingTheory
) -> tuple[float, float]:
    workspace, day = plain_queue(servers), plain_day(per_hour, talk, patience)
    waits, gone = [], []
    for seed in range(DAYS):
        columns = rehearse(workspace, day, seed=seed).columns
        late = columns.came >= WARM_UP
        answered = columns.answered >= 0
        waits.append(float(np.mean(columns.wait[late & answered])) / 1000)
        gone.append(float(np.mean(~answered[late])))
    return _edges(waits, theory.mean_wait, TICK), _edges(gone, theory.abandonment, 1e-4)


def _edges(values: list[float], expected: float, least: float) -> float:
    half = STUDENT * statistics.stdev(values) / math.sqrt(len(values))
    return abs(statistics.fmean(values) - expected) / max(half, least)
