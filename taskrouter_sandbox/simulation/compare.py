"""Two workspaces, rosters or days, compared on the same people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .columns import Columns
from .errors import RehearsalError, expect
from .estimates import Measured, known
from .rehearsal import Rehearsal
from .rows import Rows
from .student import check_level, spread


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """How a measure of a class differs between two rehearsals of the same people.

    class_name: None for all; start, end: seconds since the day began; measure: by its name in a summary; a, b: the
    means of the two; difference: the mean of b - a, replication by replication; low, high: its confidence interval,
    None for fewer than two replications. An interval without 0 in it is a difference that is hardly one of chance.
    """

    class_name: str | None
    start: float
    end: float
    measure: str
    a: float
    b: float
    difference: float
    low: float | None
    high: float | None
    replications: int


def compare(
    a: Rehearsal, b: Rehearsal, *, within: float = 20, interval: float | None = None, level: float = 0.95
) -> Rows[DifferenceRow]:
    """Compare two rehearsals of the same people: of one day and seed, in two workspaces or with two rosters.

    Replications are compared one by one, so that what is chance alike in both falls out.

    Args:
        a: the first one.
        b: the other one.
        within: seconds of the service level.
        interval: compares also by intervals of so many seconds; None for the whole day alone.
        level: of the confidence intervals.

    Raises RehearsalError where they have not the same people.
    """
    check_level(level)
    for name, each in (("a", a), ("b", b)):
        expect(name, each, Rehearsal, "a rehearsal, as `rehearse` gives it, or one of a sweep, by its name")
    numbers, classes = _same_people(a, b), a.columns.class_names
    one, other = (Measured.of(each.columns, numbers, each.duty, within, interval, classes) for each in (a, b))
    rows: list[DifferenceRow] = []
    about = {
        name: (
            spread(np.where(np.isnan(apart), np.nan, one.values[name]), level)[0],
            spread(np.where(np.isnan(apart), np.nan, other.values[name]), level)[0],
            *spread(apart, level),
        )
        for name, apart in ((name, other.values[name] - one.values[name]) for name in one.values)
    }
    for k, i, name, start, end in one.cells():
        for what, (first, second, mean, low, high, counts) in about.items():
            if counts[k, i]:
                means = (float(first[k, i]), float(second[k, i]), float(mean[k, i]))
                bounds = (known(low[k, i]), known(high[k, i]))
                rows.append(DifferenceRow(name, start, end, what, *means, *bounds, int(counts[k, i])))
    return Rows(DifferenceRow, rows)


def _same_people(a: Rehearsal, b: Rehearsal) -> list[int]:
    """Give the replications that both have. Raises RehearsalError where others come than in the other one."""
    if a.seed != b.seed:
        raise RehearsalError(f"a and b: their seeds are {a.seed} and {b.seed}; give both the same, for the same people")
    if alone := sorted({*a.columns.class_names} ^ {*b.columns.class_names}):
        raise RehearsalError(f"a and b: only one of them has {', '.join(alone)}; compare days of the same classes")
    if not (numbers := sorted({*a.finished} & {*b.finished})):
        raise RehearsalError("a and b: they have no replication in common")
    here, there = (_people(each.columns, a.columns.class_names, numbers) for each in (a, b))
    if not np.array_equal(here, there):
        raise RehearsalError("a and b: not the same people come in both; give both the same arrivals")
    return numbers


def _people(columns: Columns, classes: Sequence[str], numbers: list[int]) -> NDArray[np.int64]:
    """Say who came: by replication, class and number when, of shape (4, tasks), in order."""
    chosen = np.isin(columns.replication, numbers)
    kinds = np.array([classes.index(name) for name in columns.class_names])
    kind = kinds[columns.kind]
    found = np.stack([columns.replication, kind, columns.number, columns.came]).astype(np.int64)[:, chosen]
    return found[:, np.lexsort(found[::-1])]
