"""Phones that behave otherwise for some seconds only, as a live view that may be gone any moment wants it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class PhoneLeases:
    """What ends how a phone behaves for now, by its address. By the machine's clock: time that is skipped ends none."""

    def __init__(self) -> None:
        self._ends: dict[str, asyncio.TimerHandle] = {}

    def begin(self, address: str, seconds: int, end: Callable[[], object]) -> None:
        """Have `end` called after some seconds, unless the lease is ended or begun again before."""
        self.end(address)
        self._ends[address] = asyncio.get_running_loop().call_later(seconds, end)

    def end(self, address: str) -> None:
        """End the lease of a phone, if there is one."""
        if handle := self._ends.pop(address, None):
            handle.cancel()

    def clear(self) -> None:
        """End all leases."""
        for address in list(self._ends):
            self.end(address)
