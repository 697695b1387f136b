"""Delivers what commands have called for: assignment callbacks and event callbacks.

At most `ServiceLimits.max_waiting` event callbacks of a workspace queue up, and no request waits for their delivery.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..webhooks.delivery import Delivery
from ..webhooks.sender import Sender
from .assignment_webhooks import AssignmentWebhooks
from .deliverer import Deliverer
from .event_webhooks import EventWebhooks
from .faults import Faults
from .limits import ServiceLimits
from .workspaces import Workspaces


class WebhookDispatcher:
    """What delivers the webhooks of all workspaces.

    auth_token: what they are signed with; now: tells the time, in milliseconds since 1970.
    """

    def __init__(
        self, workspaces: Workspaces, faults: Faults, auth_token: str, now: Callable[[], int], limits: ServiceLimits
    ):
        self.sender = Sender(auth_token)
        self.deliverer = Deliverer(workspaces.store, faults, self.sender, now, limits)
        self.events = EventWebhooks(self.deliverer)
        self.assignments = AssignmentWebhooks(workspaces, self.deliverer)

    def start(self, deliveries: Iterable[Delivery], max_waiting: int | None = None) -> None:
        """Let deliveries begin as soon as the event loop is free again: an answer at work leaves before them.

        max_waiting: event callbacks of a workspace that may wait for one address, where it is not the limit.
        """
        for delivery in deliveries:
            if delivery.kind == "assignment":
                self.deliverer.run(self.assignments.deliver(delivery))
            else:
                most = self.deliverer.limits.max_waiting if max_waiting is None else max_waiting
                self.events.enqueue(delivery, most)

    def send_again(self, delivery: Delivery) -> Delivery:
        """Deliver the same once more, and give the new delivery, which has begun."""
        again = self.deliverer.store.keep_again(delivery, self.deliverer.now())
        self.start([again])
        return again

    def wake(self) -> None:
        """Hold no event back any more for one that overtakes it, unless a fault still says so."""
        self.events.wake()

    def abandon(self) -> None:
        """Give up what is under way; what the store still has is sent at the next start."""
        self.deliverer.abandon()
        self.events.clear()

    async def drain(self) -> None:
        """Wait until all that is under way has come to an end."""
        await self.deliverer.drain()

    async def close(self) -> None:
        """Give up what is under way, and close every connection."""
        self.events.clear()
        await self.deliverer.close()
