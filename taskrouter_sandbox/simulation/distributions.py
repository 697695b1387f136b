"""How long something takes: a number of seconds, or a distribution by its name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

import numpy as np
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

from ..snapshot.references import did_you_mean
from .errors import RehearsalError

UNITS = {"milliseconds": 0.001, "seconds": 1.0, "minutes": 60.0, "hours": 3600.0}
LEAST, MOST = 0.001, 1_000_000_000  # a millisecond; and what a number is at most
Draw = Callable[[Generator, int], NDArray[np.float64]]
"""Draws so many durations, in seconds."""


def _exponential(mean: float) -> Draw:
    return lambda rng, count: mean * rng.standard_exponential(count)


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
    """How long something takes, as it is drawn each time.

    seconds: draws so many of them, with a generator; given: what it was read from.
    """

    def __init__(self, seconds: Draw, given: object) -> None:
        self.seconds, self.given = seconds, given

    def __reduce__(self) -> tuple[Callable[[object], Duration], tuple[object]]:
        return Duration.read, (self.given,)

    def draw(self, rng: Generator, count: int) -> NDArray[np.int64]:
        """Draw how long it takes so many times: whole milliseconds, shape (count,), none less than 0."""
        drawn = np.minimum(self.seconds(rng, count), MOST)
        drawn *= 1000
        return np.rint(drawn, out=drawn).astype(np.int64)

    @classmethod
    def read(cls, value: object) -> Duration:
        """Read a number of seconds, a list of them of which one is drawn each time, a distribution by its name, or a
        function that draws: a method of `numpy.random.Generator`, or any other of a generator and a count.

        Raises ValueError with a sentence that says what is accepted.
        """
        if isinstance(value, Duration):
            return value
        value = _as_list(value)
        if isinstance(value, list):
            listed = cast("list[object]", value)
            recorded = np.array([_number("each value", each) for each in listed])
            if not recorded.size:
                raise ValueError(f"an empty list says nothing; {FORM}")
            return cls(lambda rng, count: recorded[rng.integers(recorded.size, size=count)], listed)
        if isinstance(value, Mapping):
            named = dict(cast("Mapping[str, Any]", value))
            return cls(_distribution(dict(named)), named)
        if callable(value):
            return cls(_function(value), value)
        return cls(_constant(_number("it", value)), value)


def _function(given: Callable[..., Any]) -> Draw:
    """Make what draws by a function. Numbers come from the generator of a rehearsal, never from another one.

    Raises ValueError for a function that does not draw durations.
    """
    function, arguments, named = given, (), dict[str, Any]()
    while isinstance(function, partial):
        function, arguments, named = function.func, function.args + arguments, function.keywords | named
    name = getattr(function, "__name__", "")
    is_bound = isinstance(getattr(function, "__self__", None), Generator)
    is_method = is_bound or getattr(Generator, name, None) is function

    def draw(rng: Generator, count: int) -> NDArray[np.float64]:
        drawn = getattr(rng, name)(*arguments, **named, size=count) if is_method else given(rng, count)
        values = np.asarray(drawn, dtype=np.float64)
        if values.shape != (count,) or not np.all(values >= 0):
            wrong = values.flat[int(np.argmin(values))] if values.shape == (count,) else f"shape {values.shape}"
            raise RehearsalError(f"{_shown(given)} gives {wrong}: give seconds, 0 or more, of shape ({count},)")
        return values

    try:
        draw(Generator(PCG64(0)), 100)
    except Exception as error:
        raise ValueError(
            f"{_shown(given)} does not draw durations ({error}); give a method of numpy.random.Generator, in a "
            "functools.partial with its parameters, or a function of a generator and a count that gives seconds"
        ) from None
    return draw


def _shown(function: Callable[..., Any]) -> str:
    while isinstance(function, partial):
        function = function.func
    return getattr(function, "__qualname__", type(function).__name__)


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


def _as_list(value: Any) -> object:
    """Give measured durations as a list, also of a tuple or an array; anything else as it is."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return cast("NDArray[Any]", value).tolist()
    return list(cast("tuple[object, ...]", value)) if isinstance(value, tuple) else cast("object", value)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{name} is {value!r}; {FORM}")
    if not 0 <= value <= MOST:
        raise ValueError(f"{name} is {value!r}: it must be 0 or more, and {MOST:,} at most; {FORM}")
    return float(value)
