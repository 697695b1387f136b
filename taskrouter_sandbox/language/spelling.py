"""Other spellings of the names that are read: `orderBy` for `order_by`, `queue_sid` for `queue`."""

from __future__ import annotations

from collections.abc import Iterable

_OTHER_NAMES = {"queue": ("queuesid", "taskqueue", "taskqueuesid")}  # seen in programs and manuals (behaviour.md §5.1)


def bare_letters(key: str) -> str:
    """Give what two spellings of a key have in common, such as `orderBy` and `order_by`."""
    return key.replace("_", "").replace("-", "").lower()


def other_spellings(known: Iterable[str]) -> dict[str, str]:
    """Map the bare letters of everything that may be meant by these keys to the key that is read."""
    return {letters: key for key in known for letters in (bare_letters(key), *_OTHER_NAMES.get(key, ()))}


def otherwise_spelt(key: str, given: Iterable[str]) -> str | None:
    """Find what was given for a key under another name than its own."""
    meant = other_spellings([key])
    return next((one for one in given if one != key and bare_letters(one) in meant), None)
