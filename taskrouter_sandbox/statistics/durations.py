"""Lengths of time, added up."""

from __future__ import annotations

from msgspec import Struct


class Durations(Struct, frozen=True):
    """A sum of lengths of time: how often, how long in all, the shortest and the longest, in milliseconds."""

    count: int = 0
    total: int = 0
    min: int = 0
    max: int = 0

    def __add__(self, other: Durations) -> Durations:
        if not (self.count and other.count):
            return self if self.count else other
        return Durations(
            self.count + other.count,
            self.total + other.total,
            min(self.min, other.min),
            max(self.max, other.max),
        )

    @classmethod
    def of(cls, length: int) -> Durations:
        """Make one length of time, in milliseconds."""
        return cls(1, length, length, length)

    @property
    def avg(self) -> int:
        """Tell the mean, in whole seconds; 0 of nothing."""
        return self.total // self.count // 1000 if self.count else 0

    def in_seconds(self) -> dict[str, int]:
        """Show them as statistics do: whole seconds, all of them 0 when there is nothing (rest-contract.md §6.2)."""
        return {"avg": self.avg, "min": self.min // 1000, "max": self.max // 1000, "total": self.total // 1000}


NONE = Durations()
