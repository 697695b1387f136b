"""Rows that are there and cannot be read, while those beside them can."""

from __future__ import annotations

import logging

log = logging.getLogger(__name__)


class DamagedRows:
    """The damaged rows of a table that were met: each is told in the log once, however often it is asked for."""

    def __init__(self, table: str):
        self._table, self._told = table, set[object]()

    def tell(self, key: object, why: Exception) -> None:
        """Tell of the row with that key, unless it was told before. why: what reading it has raised."""
        if key not in self._told:
            self._told.add(key)
            log.warning("%s of %s cannot be read: %r", key, self._table, why)

    def forget(self) -> None:
        """Begin anew, since other rows may have these keys from now on."""
        self._told.clear()
