"""Sends the webhooks of TaskRouter, keeps what came of them, and ends those that are under way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from ..engine.model.effects import Alert
from ..storage.errors import NotKept
from ..storage.store import Store
from ..webhooks.delivery import Attempt, Delivery, Outcome
from ..webhooks.fetcher import WebhookFetcher
from ..webhooks.sender import Sender
from .faults import Fault, Faults
from .limits import ServiceLimits

SANDBOX_FAILED = Outcome("failed", "the sandbox failed; its log says why")

T = TypeVar("T")

log = logging.getLogger(__name__)


class Deliverer:
    """What event callbacks and assignment callbacks have in common: how they are sent, and how their end is kept.

    now: tells the time, in milliseconds since 1970.
    """

    def __init__(self, store: Store, faults: Faults, sender: Sender, now: Callable[[], int], limits: ServiceLimits):
        self.store, self.faults, self.sender = store, faults, sender
        self.now, self.limits = now, limits
        self._running: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something begin as soon as the event loop is free again."""
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def abandon(self) -> None:
        """Give up what is under way."""
        for task in self._running:
            task.cancel()

    async def drain(self) -> None:
        """Wait until all that is under way has come to an end."""
        while self._running:
            await asyncio.gather(*self._running)

    async def close(self) -> None:
        """Give up what is under way, wait until it has ended, and close every connection."""
        running = list(self._running)
        self.abandon()
        await asyncio.gather(*running, return_exceptions=True)
        await self.sender.close()

    async def attempt(
        self, delivery: Delivery, url: str, parameters: dict[str, str], seconds: float, fault: Fault | None
    ) -> tuple[Attempt, str | None]:
        """Send a delivery to an address and note the attempt; see `Sender.post`.

        An event is sent again as the fragment of its address says, and the last attempt counts (behaviour.md §4.1).

        Of what a fault orders, `late` and `timeout` are carried out here, `twice` and `out-of-order` by the callers."""
        if fault is not None and fault.deliveries == "late":
            await asyncio.sleep(fault.seconds)
        if delivery.kind == "event" and "#" in url:
            ordered = fault.deliveries if fault is not None else None
            exchange = await WebhookFetcher(self.sender).ask(url, "POST", tuple(parameters.items()), fault=ordered)
            delivery.attempts += exchange.attempts
            return exchange.attempts[-1], None
        attempt, body = await self.sender.post(url, parameters, seconds, body_counts=delivery.kind == "assignment")
        if fault is not None:
            attempt.fault = fault.deliveries
            if fault.deliveries == "timeout":
                attempt.time_out(seconds)
        delivery.attempts.append(attempt)
        return attempt, body

    async def finish(self, delivery: Delivery, alerts: Iterable[Alert] = ()) -> None:
        """Keep what came of a delivery, and the alerts that it gave rise to."""
        await self.once_writable(lambda: self.store.finish_delivery(delivery, alerts, self.now()))

    async def keep_again(self, delivery: Delivery) -> Delivery:
        """Keep a delivery once more, as one of its own for the caller to begin, and give that."""
        return await self.once_writable(lambda: self.store.keep_again(delivery, self.now()))

    async def once_writable(self, keep: Callable[[], T]) -> T:
        """Keep something as soon as the store takes it: an answer that has come is not lost to a program that holds
        the database for a while, or to a disk that is full."""
        while True:
            try:
                return keep()
            except NotKept as waiting:
                log.warning("a webhook's end waits: %s", waiting)
                await asyncio.sleep(self.limits.timer_retry_seconds)
