"""Calls, conferences and messages as they are looked up and listed: what goes on beside what has ended."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Generic, TypeVar

from ..engine.model.entities import Entity
from ..storage.ended import Condition, Ended
from ..storage.transaction import CreationNumbers

E = TypeVar("E", bound=Entity)


class Records(Generic[E]):
    """All calls of the account, or all conferences, or all messages.

    there: by SID, those that are not in the store alone, in the order of their creation; ended: the others; numbers:
    the places of the former.
    """

    def __init__(self, there: Mapping[str, E], ended: Ended[E], numbers: CreationNumbers):
        self.there, self.ended, self.numbers = there, ended, numbers

    def get(self, sid: str) -> E | None:
        """Find one by its SID."""
        return self.there.get(sid) or self.ended.get(sid)

    def newest_first(self, *conditions: Condition) -> RecordList[E]:
        """List those for which the conditions hold."""
        return RecordList(self, conditions)


class RecordList(Generic[E]):
    """Some of the records, the newest first: a source of pages (see `http/paging.py`)."""

    ahead = 20  # they can be deleted

    def __init__(self, records: Records[E], conditions: tuple[Condition, ...]):
        self.records, self.conditions = records, conditions
        there = [one for one in records.there.values() if all(each.holds(one) for each in conditions)]
        self._there = sorted(((records.numbers[one.sid], one) for one in there), key=lambda each: each[0])

    def following(self, sid: str | None, limit: int) -> list[E]:
        """Read so many that are older than that one, or the newest. Raises KeyError when it is not there."""
        return self._read(None if sid is None else self._number(sid) - 1, limit)

    def starting_at(self, sid: str, limit: int) -> list[E]:
        """Read so many, that one first. Raises KeyError when it is not there."""
        return self._read(self._number(sid), limit)

    def preceding(self, sid: str, places: int) -> str | None:
        """Give the SID of the one so many places before (newer than) that one; None where there are fewer."""
        number = self._number(sid)
        newer = self.records.ended.after(number, places, self.conditions)
        newer += [(at, one.sid) for at, one in self._there if at > number]
        newer.sort()
        return newer[places - 1][1] if len(newer) >= places else None

    def _number(self, sid: str) -> int:
        number = self.records.numbers.get(sid) or self.records.ended.number(sid)
        if number is None:
            raise KeyError(sid)
        return number

    def _read(self, number: int | None, limit: int) -> list[E]:
        there = ((at, one) for at, one in reversed(self._there) if number is None or at <= number)
        found = [*islice(there, limit), *self.records.ended.up_to(number, limit, self.conditions)]
        found.sort(key=lambda each: -each[0])
        return [one for _, one in found[:limit]]
