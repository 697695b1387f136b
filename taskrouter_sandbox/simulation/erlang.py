"""What queueing theory says of one queue, to be held beside a rehearsal: Erlang C, and Erlang A, where callers hang up.

Both know one queue with a constant rate of calls, all of whose workers are alike, and have exponential times only; what
they give holds after a long time.

Sources: A. Mandelbaum and S. Zeltyn, "The Palm/Erlang-A Queue, with Applications to Call Centers" (Technion, 2005), §3
to §4: the states of the queue, and waiting times; R. B. Cooper, "Introduction to Queueing Theory" (1981), §3: Erlang C.
The states are summed from the empty queue on, each as a share of the last, so that nothing overflows.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from .errors import RehearsalError

NEGLIGIBLE = 1e-18  # the probability of a state after which nothing is added
MOST_WAITING = 1_000_000
STEPS = 10_000  # of the integral, by Simpson's rule: even


@dataclass(frozen=True, slots=True)
class QueueingTheory:
    """What theory says of a queue; the names are those of `SummaryRow`. Times are in seconds.

    waiting: the share that waits at all; mean_wait: of those that are answered; service_level: the share answered in
    time, of all but those who hung up sooner; abandonment: the share that hangs up; occupancy: the share of their time
    in which workers have a call.
    """

    waiting: float
    mean_wait: float
    service_level: float
    abandonment: float
    occupancy: float


def erlang_c(workers: int, *, per_hour: float, talk: float, within: float = 20) -> QueueingTheory:
    """Compute the waits of one queue in which everybody waits until the call is answered.

    per_hour: calls, on average; talk: seconds, on average; within: seconds of the service level. Raises RehearsalError,
    also where more calls come than the workers can answer.
    """
    _check(workers, per_hour=per_hour, talk=talk, within=within)
    load = per_hour * talk / 3600
    if load >= workers:
        raise RehearsalError(
            f"per_hour and talk come to {load:g} workers who talk all the time, and there are {workers}: the queue "
            f"grows without end. Give more than {math.floor(load)} workers, or use erlang_a, where callers hang up"
        )
    waiting = 1 / (load / workers + _inverse_of_erlang_b(workers, load) * (1 - load / workers))
    leaves = (workers - load) / talk  # how many calls a second leave the queue faster than they come
    return QueueingTheory(waiting, waiting / leaves, 1 - waiting * math.exp(-leaves * within), 0.0, load / workers)


def erlang_a(workers: int, *, per_hour: float, talk: float, patience: float, within: float = 20) -> QueueingTheory:
    """Compute the waits of one queue in which callers hang up after a while.

    per_hour: calls, on average; talk, patience: seconds, on average; within: seconds of the service level. More calls
    may come than the workers can answer: the others hang up. Raises RehearsalError, also where a million would wait.
    """
    _check(workers, per_hour=per_hour, talk=talk, patience=patience, within=within)
    comes, answers = per_hour / 3600, workers / talk  # calls a second
    if (crowd := (comes - answers) * patience) > MOST_WAITING:
        raise RehearsalError(f"{crowd:,.0f} callers would wait at the same time: give less than {MOST_WAITING:,}")
    below = _inverse_of_erlang_b(workers, comes * talk)
    leaves = [answers]  # calls a second that leave the queue when so many wait
    while below < 1 / NEGLIGIBLE or leaves[-1] <= comes:
        leaves.append(answers + len(leaves) / patience)
        below = 1 + below * leaves[-1] / comes
    log_state = -math.log(below) if below < math.inf else -math.inf  # of the probability of the last one
    logs = [log_state]
    for rate in reversed(leaves[1:]):
        logs.append(log_state := log_state + math.log(rate / comes))
    waiting = gone = waited = turn = 0.0
    for ahead, log in enumerate(reversed(logs)):  # somebody comes, and so many wait already
        rate = answers + (ahead + 1) / patience
        state, turn = math.exp(log), turn + 1 / rate
        waiting += state
        gone += state * (ahead + 1) / patience / rate
        waited += state * answers / rate * turn
    answered = 1 - gone
    span = min(within, turn + 10 * math.sqrt(sum(1 / rate**2 for rate in leaves)))  # beyond it nobody waits

    def offered(at: float) -> float:
        """Give the density of the time after which somebody who never hangs up would be answered."""
        return answers * math.exp(log_state + comes * patience * -math.expm1(-at / patience) - answers * at)

    in_time = 1 - waiting + _integral(lambda at: math.exp(-at / patience) * offered(at), span)
    still_there = math.exp(-within / patience) * max(0.0, waiting - _integral(offered, span))
    return QueueingTheory(
        waiting, waited / answered, in_time / (in_time + still_there), gone, answered * comes / answers
    )


def _check(workers: int, **numbers: float) -> None:
    if isinstance(workers, bool) or not isinstance(workers, int) or workers < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise RehearsalError(f"workers is {workers!r}: give a whole number, 1 or more")
    for name, value in numbers.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:  # pyright: ignore[reportUnnecessaryIsInstance]
            least = "0 or more" if name == "within" else "more than 0"
            raise RehearsalError(f"{name} is {value!r}: give a number, {least}")
        if value == 0 and name != "within":
            raise RehearsalError(f"{name} is 0: give more")


def _inverse_of_erlang_b(workers: int, load: float) -> float:
    """Compute 1 / Erlang B: the probability of all states up to the one in which all workers talk, as a share of it."""
    inverse = 1.0
    for number in range(1, workers + 1):
        inverse = 1 + inverse * number / load
    return inverse


def _integral(function: Callable[[float], float], end: float) -> float:
    width = end / STEPS
    inner = math.fsum((4 if i % 2 else 2) * function(i * width) for i in range(1, STEPS))
    return (function(0.0) + inner + function(end)) * width / 3
