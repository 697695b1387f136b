"""How sure an answer is: each measure with its confidence interval over the replications of a day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .columns import Columns
from .day import LENGTH
from .duty import Duty
from .measures import Floats, Grid, measure
from .rows import Rows
from .student import check_level, spread

MOST_AT_ONCE = 1_000_000  # tasks that are measured together, for the sake of memory


@dataclass(frozen=True, slots=True)
class EstimateRow:
    """A measure of the tasks of a class that came in an interval, over the replications.

    class_name: None for all; start, end: seconds since the day began; measure: by its name in a summary; mean: of the
    replications that have something to count, of which there are `replications`; low, high: its confidence interval,
    None where fewer than two have. A count, such as `tasks`, is that of one day.
    """

    class_name: str | None
    start: float
    end: float
    measure: str
    mean: float
    low: float | None
    high: float | None
    replications: int


@dataclass(frozen=True)
class Measured:
    """What replications come to. values: by measure an array as in `measures`; by_interval: not the whole day alone."""

    grid: Grid
    values: dict[str, Floats]
    by_interval: bool

    @classmethod
    def of(
        cls,
        columns: Columns,
        numbers: Sequence[int],
        duty: Duty,
        within: float,
        seconds: float | None,
        classes: Sequence[str] | None = None,
        at_once: int = MOST_AT_ONCE,
    ) -> Measured:
        """Measure replications, by intervals of so many seconds; None for the day as a whole.

        classes: their order; at_once: how many tasks are measured together.
        """
        grid = Grid.of(columns, numbers, LENGTH / 1000 if seconds is None else seconds)
        if classes is not None:
            grid = replace(grid, classes=classes)
        size = max(1, at_once * len(numbers) // max(1, len(columns)))
        parts = [
            measure(columns, replace(grid, numbers=numbers[i : i + size]), within, duty)
            for i in range(0, len(numbers), size)
        ]
        values = {name: np.concatenate([each[name] for each in parts]) for name in parts[0]}
        return cls(grid, values, seconds is not None)

    def cells(self) -> Iterator[tuple[int, int, str | None, float, float]]:
        """Give every class and interval in which there is something: their places in arrays, its name, start, end.

        The whole day and all classes come first.
        """
        classes, intervals = len(self.grid.classes), self.grid.starts.size
        for i in [intervals, *(range(intervals) if self.by_interval else ())]:
            start = 0.0 if i == intervals else float(self.grid.starts[i]) / 1000
            end = LENGTH / 1000 if i == intervals else min(LENGTH / 1000, start + self.grid.interval / 1000)
            for k in [classes, *range(classes)]:
                if np.any(self.values["tasks"][:, k, i]) or not np.all(np.isnan(self.values["occupancy"][:, k, i])):
                    yield k, i, None if k == classes else self.grid.classes[k], start, end


def estimates(found: Measured, level: float) -> Rows[EstimateRow]:
    """Give each measure with its confidence interval, of that level. Raises RehearsalError."""
    check_level(level)
    about = {name: spread(values, level) for name, values in found.values.items()}
    rows = [
        EstimateRow(name, start, end, what, float(mean[k, i]), known(low[k, i]), known(high[k, i]), int(counts[k, i]))
        for k, i, name, start, end in found.cells()
        for what, (mean, low, high, counts) in about.items()
        if counts[k, i]
    ]
    return Rows(EstimateRow, rows)


def known(value: float) -> float | None:
    """Give a number, None for one that is not known."""
    return None if np.isnan(value) else float(value)
