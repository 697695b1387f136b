"""Confidence intervals over replications, by Student's t."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import RehearsalError

Floats = NDArray[np.float64]


def check_level(level: Any) -> None:
    """Raise RehearsalError for what is no level of confidence."""
    if isinstance(level, bool) or not isinstance(level, int | float) or not 0 < level < 1:
        raise RehearsalError(f"level is {level!r}: give a share between 0 and 1, such as 0.95")


@lru_cache(maxsize=256)
def quantile(level: float, freedom: int) -> float:
    """Give the t that a share `level` of a t distribution lies within, on both sides; freedom: 1 or more."""
    low, high = 0.0, 1.0
    while _within(high, freedom) < level:
        low, high = high, high * 2
    for _ in range(200):
        middle = (low + high) / 2
        if _within(middle, freedom) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _within(t: float, freedom: int) -> float:
    """Give the probability that |T| is less than t (Abramowitz and Stegun, 26.7.3 and 26.7.4)."""
    angle = math.atan(t / math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    is_odd = freedom % 2
    term, total = (cosine, cosine) if is_odd else (1.0, 1.0)
    for k in range(3 if is_odd else 2, freedom - 1, 2):
        term *= (k - 1) / k * cosine * cosine
        total += term
    if is_odd:
        return 2 / math.pi * (angle + (sine * total if freedom > 1 else 0.0))
    return sine * total


def spread(values: Floats, level: float) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Give mean, low and high of replications along the first axis, and how many of them there are, without NaN.

    low and high are NaN where fewer than two replications have a value.
    """
    counts = np.sum(~np.isnan(values), axis=0)
    known = np.where(counts > 0, counts, 1)
    mean = np.where(counts > 0, np.nansum(values, axis=0) / known, np.nan)
    apart = np.nansum((values - mean) ** 2, axis=0)
    freedom = np.where(counts > 1, counts - 1, 1)
    t = np.ones(freedom.shape)
    for each in np.unique(freedom).tolist():
        t[freedom == each] = quantile(level, each)
    half = np.where(counts > 1, t * np.sqrt(apart / freedom / known), np.nan)
    return mean, mean - half, mean + half, counts
