"""The event callbacks of one workspace that wait for an address."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from ..webhooks.delivery import Delivery


class EventQueue:
    """Event callbacks in their order. has_dropped: it was full once since it was last empty."""

    def __init__(self) -> None:
        self.waiting: deque[Delivery] = deque()
        self.has_dropped = False
        self._came = asyncio.Event()

    def add(self, delivery: Delivery) -> None:
        """Put one at the end."""
        self.waiting.append(delivery)
        self._came.set()

    async def wait_for_next(self, seconds: float, wanted: Callable[[], bool]) -> None:
        """Wait at most so many seconds until one is there, as long as it is wanted; `wake` has that asked again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.waiting and wanted():
                    self._came.clear()
                    await self._came.wait()

    def wake(self) -> None:
        """Let `wait_for_next` ask again whether it is wanted."""
        self._came.set()
