"""How long something takes: a number of seconds, or a distribution by its name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, cast

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ..snapshot.references import did_you_mean

UNITS = {"milliseconds": 0.001, "seconds": 1.0, "minutes": 60.0, "hours": 3600.0}
LEAST, MOST = 0.001, 1_000_000_000  # a millisecond; and what a number is at most
Draw = Callable[[Generator, int], NDArray[np.float64]]
"""Draws so many durations, in seconds."""


def _exponential(mean: float) -> Draw:
    return lambda rng, count: rng.exponential(mean, count)


def _uniform(low: float, high: float) -> Draw:
    if low > high:
        raise ValueError(f"low is {low:g} and high is {high:g}: low may not be greater than high")
    return lambda rng, count: rng.uniform(low, high, count)


def _triangular(low: float, mode: float, high: float) -> Draw:
    if not low <= mode <= high:
        raise ValueError(f"low, mode and high are {low:g}, {mode:g} and {high:g}: they must be in this order")
    if low == high:
        return _constant(low)
    return lambda rng, count: rng.triangular(low, mode, high, count)


def _lognormal(mean: float, standard_deviation: float) -> Draw:
    if mean < LEAST:
        raise ValueError("mean must be a millisecond or more")
    variance = math.log1p((standard_deviation / mean) ** 2)
    return lambda rng, count: rng.lognormal(math.log(mean) - variance / 2, math.sqrt(variance), count)


def _gamma(mean: float, standard_deviation: float) -> Draw:
    if min(mean, standard_deviation) < LEAST:
        raise ValueError("mean and standard_deviation must be a millisecond or more")
    shape, scale = (mean / standard_deviation) ** 2, standard_deviation**2 / mean
    return lambda rng, count: rng.gamma(shape, scale, count)


def _constant(value: float) -> Draw:
    return lambda _, count: np.full(count, value)


# by name: what its parameters are called, and what makes it of them
KINDS: dict[str, tuple[tuple[str, ...], Callable[..., Draw]]] = {
    "constant": (("value",), _constant),
    "exponential": (("mean",), _exponential),
    "uniform": (("low", "high"), _uniform),
    "triangular": (("low", "mode", "high"), _triangular),
    "lognormal": (("mean", "standard_deviation"), _lognormal),
    "gamma": (("mean", "standard_deviation"), _gamma),
}
FORM = (
    'give a number of seconds, or a distribution, as in {"distribution": "exponential", "mean": 3, "unit": "minutes"}'
)


class Duration:
    """How long something takes, as it is drawn each time. seconds: draws so many of them, with a generator."""

    def __init__(self, seconds: Draw) -> None:
        self.seconds = seconds

    def draw(self, rng: Generator, count: int) -> NDArray[np.int64]:
        """Draw how long it takes so many times: whole milliseconds, shape (count,), none less than 0."""
        return np.rint(np.minimum(self.seconds(rng, count), MOST) * 1000).astype(np.int64)

    @classmethod
    def read(cls, value: object) -> Duration:
        """Read a number of seconds, a list of them of which one is drawn each time, or a distribution by its name.

        Raises ValueError with a sentence that says what is accepted.
        """
        if isinstance(value, Duration):
            return value
        if isinstance(value, list):
            recorded = np.array([_number("each value", each) for each in cast("list[object]", value)])
            if not recorded.size:
                raise ValueError(f"an empty list says nothing; {FORM}")
            return cls(lambda rng, count: recorded[rng.integers(recorded.size, size=count)])
        if isinstance(value, Mapping):
            return cls(_distribution(dict(cast("Mapping[str, Any]", value))))
        return cls(_constant(_number("it", value)))


def _distribution(given: dict[str, Any]) -> Draw:
    name, unit = given.pop("distribution", None), given.pop("unit", "seconds")
    if not isinstance(name, str) or name not in KINDS:
        raise ValueError(f"{name!r} is no distribution; there is {', '.join(KINDS)}{did_you_mean(str(name), KINDS)}")
    if not isinstance(unit, str) or unit not in UNITS:
        raise ValueError(f"unit {unit!r} is not known; there is {', '.join(UNITS)}{did_you_mean(str(unit), UNITS)}")
    names, made_of = KINDS[name]
    if set(given) != set(names):
        raise ValueError(f"{name} needs {' and '.join(names)}, with a unit if it is not seconds; not {sorted(given)}")
    return made_of(*(_number(each, given[each]) * UNITS[unit] for each in names))


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} is {value!r}; {FORM}")
    if not 0 <= value <= MOST:
        raise ValueError(f"{name} is {value!r}: it must be 0 or more, and {MOST:,} at most; {FORM}")
    return float(value)
