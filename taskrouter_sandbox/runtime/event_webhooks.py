"""Delivers event callbacks: those of a workspace in the order of the events, one by one (behaviour.md §4.1)."""

from __future__ import annotations

import logging

from ..engine.model.effects import Alert
from ..webhooks.delivery import Delivery, Outcome, without_password
from .deliverer import SANDBOX_FAILED, Deliverer
from .event_queue import EventQueue
from .faults import Fault

log = logging.getLogger(__name__)


class EventWebhooks:
    """The event callbacks of all workspaces, each waiting for the one before it to the same address."""

    def __init__(self, deliverer: Deliverer):
        self.deliverer = deliverer
        self._queues: dict[tuple[str, str], EventQueue] = {}  # by Workspace SID and address

    def enqueue(self, delivery: Delivery, max_waiting: int) -> None:
        """Let a delivery leave after those that wait; where so many wait already, it is dropped."""
        place = delivery.workspace_sid, delivery.url  # a new address does not wait for an old one
        queue = self._queues.get(place)
        if queue is None:
            queue = self._queues[place] = EventQueue()
            self.deliverer.run(self._report(place, queue))
        if len(queue.waiting) < max_waiting:
            queue.add(delivery)
            return
        delivery.outcome = Outcome("dropped", f"dropped: {max_waiting} events were waiting already")
        alerts: list[Alert] = []
        if not queue.has_dropped:
            queue.has_dropped = True
            url = without_password(delivery.url)
            text = f"{url} answers so slowly that {max_waiting} events wait for it; newer ones are dropped"
            alerts.append(Alert(11200, "error", text, delivery.workspace_sid, delivery.number))
        self.deliverer.run(self.deliverer.finish(delivery, alerts))

    async def _report(self, place: tuple[str, str], queue: EventQueue) -> None:
        """Report the events of a workspace to an address until none waits (behaviour.md §4.1)."""
        while queue.waiting:
            try:
                await self._report_next(queue)
            except Exception:
                log.exception("event callbacks of %s", place[0])
        if self._queues.get(place) is queue:
            del self._queues[place]

    async def _report_next(self, queue: EventQueue) -> None:
        delivery = queue.waiting.popleft()
        fault = self.deliverer.faults.fault_for(delivery)
        if fault is not None and fault.deliveries == "out-of-order":
            ordered = fault
            await queue.wait_for_next(ordered.seconds, lambda: self.deliverer.faults.is_on(ordered))
            if queue.waiting and self.deliverer.faults.consume(ordered):
                await self._report_one(queue.waiting.popleft(), None)
            else:
                fault = None
        await self._report_one(delivery, fault)
        if fault is not None and fault.deliveries == "twice":
            queue.waiting.appendleft(await self.deliverer.keep_again(delivery))

    def wake(self) -> None:
        """Hold no event back any more for one that overtakes it, unless a fault still says so."""
        for queue in self._queues.values():
            queue.wake()

    def clear(self) -> None:
        """Forget those that wait."""
        self._queues.clear()

    async def _report_one(self, delivery: Delivery, fault: Fault | None) -> None:
        alerts: list[Alert] = []
        try:
            seconds = self.deliverer.limits.event_seconds
            attempt, _ = await self.deliverer.attempt(delivery, delivery.url, delivery.parameters, seconds, fault)
            delivery.outcome = Outcome("done", "reported")
            if (failure := attempt.failure) is not None:
                delivery.outcome = Outcome("failed", f"not reported: {failure.text}")
                text = f"The event callback {without_password(delivery.url)} failed: {failure.text}"
                alerts.append(Alert(failure.code, "error", text, delivery.subject_sid, delivery.number))
        except Exception:
            log.exception("delivery %d", delivery.number)
            delivery.outcome = SANDBOX_FAILED
        await self.deliverer.finish(delivery, alerts)
