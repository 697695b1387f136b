"""Several workspaces, rosters or days tried with the same people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from ..snapshot import Snapshot
from .checks import check
from .compare import DifferenceRow, compare
from .day import Day, read_day
from .duty import settled
from .engines import Engine, EngineName, Played, check_engine, engine_for, notes_of_engine, play, tell_of
from .errors import RehearsalError
from .estimates import EstimateRow
from .pool import Progress, run_all
from .rehearsal import Rehearsal, chunks, put_together, whole_numbers
from .rows import frame
from .variants import Variant, Variants, mistakes_of, variants_of
from .workspace import snapshot_of


@dataclass(frozen=True, repr=False)
class Sweep:
    """What came of each variant. variants: all of them; rehearsals: by name, of those that were rehearsed."""

    variants: list[Variant]
    rehearsals: dict[str, Rehearsal]

    def __getitem__(self, name: str) -> Rehearsal:
        """Give the rehearsal of one variant. Raises RehearsalError where there is none of this name."""
        if name not in self.rehearsals:
            raise RehearsalError(f"{name!r} is none of them; there is {', '.join(self.rehearsals)}")
        return self.rehearsals[name]

    def __repr__(self) -> str:
        """Say which variants were tried, and what to know about it."""
        told = [f"<Sweep: {len(self.rehearsals):,} of {len(self.variants):,} variants>"]
        for name, each in self.rehearsals.items():
            told += [f"{name}: {len(each.columns):,} tasks", *(f"  {note}" for note in notes_of_engine(each.engine))]
        return "\n".join(told)

    def records(
        self, *, within: float = 20, interval: float | None = None, level: float = 0.95
    ) -> list[dict[str, Any]]:
        """Give each measure of each variant with its confidence interval, as dictionaries.

        Each has `variant`, its values by name, and the fields of `EstimateRow`. within: seconds of the service level;
        interval: seconds, None for the whole day alone; level: of the intervals.
        """
        return [
            {"variant": each.name, **_beside(each.values, EstimateRow), **asdict(row)}
            for each in self.variants
            if each.name in self.rehearsals
            for row in self.rehearsals[each.name].estimates(within=within, interval=interval, level=level)
        ]

    def differences(self, base: str, *, within: float = 20, level: float = 0.95) -> list[dict[str, Any]]:
        """Compare each variant with the one that is named, as dictionaries: `variant`, and as in `compare`."""
        if base not in self.rehearsals:
            raise RehearsalError(f"base: {base!r} is none of them; there is {', '.join(self.rehearsals)}")
        return [
            {"variant": each.name, **_beside(each.values, DifferenceRow), **asdict(row)}
            for each in self.variants
            if each.name in self.rehearsals and each.name != base
            for row in compare(self.rehearsals[base], self.rehearsals[each.name], within=within, level=level)
        ]

    def frame(self, **settings: Any) -> Any:
        """Make a `pandas.DataFrame` of `records(...)`. Raises RehearsalError where pandas is not installed."""
        records = self.records(**settings)
        names = dict.fromkeys(name for each in records for name in each)
        return frame({name: [each.get(name) for each in records] for name in names})


def _beside(values: dict[str, Any], kind: type) -> dict[str, Any]:
    """Give the values of a variant, with another name where a row has that name, too."""
    taken = {"variant", *(each.name for each in fields(kind))}
    return {f"{name}_" if name in taken else name: value for name, value in values.items()}


def sweep(
    workspace: Snapshot | str | Path,
    day: Day | Mapping[str, Any] | str | Path,
    variants: Variants,
    *,
    seed: int,
    replications: int = 1,
    executor: Any = None,
    progress: Progress = None,
    engine: EngineName = "auto",
) -> Sweep:
    """Try several variants of a workspace and a day with the same people.

    Args:
        workspace: as in `rehearse`.
        day: as in `rehearse`.
        variants: by name a function that changes a copy of both, the snapshot and the day as JSON has it; None for
            both as they are; or what `grid` makes of a function and values.
        seed: as in `rehearse`.
        replications: of each variant.
        executor: where to work, as in `rehearse`.
        progress: as in `rehearse`.
        engine: of each variant, as in `rehearse`.

    An interrupt keeps what is done. Raises RehearsalError with a sentence for each mistake of any variant, before any
    is rehearsed.
    """
    seed, replications = whole_numbers(seed, replications)
    check_engine(engine)
    snapshot, whole = snapshot_of(workspace), read_day(day)
    chosen = variants_of(variants)
    made = [_made(each, snapshot, whole) for each in chosen]
    engines = [_engine(each, *one, engine) for each, one in zip(chosen, made, strict=True)]
    tell_of(engines, progress)
    parts = chunks(replications, executor)
    jobs = [
        (each.name, *one, seed, numbers, its_engine)
        for each, one, its_engine in zip(chosen, made, engines, strict=True)
        for numbers in parts
    ]
    done = run_all(play_named, jobs, executor, progress, [len(each) for each in parts] * len(made))
    rehearsals: dict[str, Rehearsal] = {}
    for place, (variant, (own, own_day), its_engine) in enumerate(zip(chosen, made, engines, strict=True)):
        mine = [done[i] for i in range(place * len(parts), (place + 1) * len(parts)) if i in done]
        if mine:
            rehearsals[variant.name] = put_together(own, own_day, seed, replications, mine, its_engine)
    return Sweep(chosen, rehearsals)


def play_named(name: str, *job: Any) -> list[Played]:
    """Play replications of a variant of this name. Raises RehearsalError, which names it."""
    with mistakes_of(name):
        return play(*job)


def _made(variant: Variant, snapshot: Snapshot, day: Day) -> tuple[Snapshot, Day]:
    made = variant.of(snapshot, day)
    with mistakes_of(variant.name):
        check(*made)
    return made[0], settled(*made)


def _engine(variant: Variant, snapshot: Snapshot, day: Day, asked: EngineName) -> Engine:
    with mistakes_of(variant.name):
        return engine_for(snapshot, day, asked, says=True)
