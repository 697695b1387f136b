"""Delivers what calls ask for and report: documents, status callbacks, the events of conferences.

A document is asked for when its call has come to it, and its answer goes to the call. The answer to a status callback
is of no interest; those about one call, or one conference, leave in the order in which they were due.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

from ..voice.model.effects import Callback, Fetch
from ..voice.model.entities import VoiceRequest
from ..webhooks.delivery import Attempt, Delivery, DeliveryFailure, Outcome, without_password
from ..webhooks.fetcher import WebhookExchange, WebhookFetcher
from ..webhooks.sender import Sender, WebhookAnswer
from .faults import Fault, Faults

ORDERLY_SECONDS = 2.0  # that a status callback waits at most for the one before it
TWICE = Outcome("too-late", "arrived once more, as a fault has ordered: the first answer counts")
INTERRUPTED = Outcome("gone", "the sandbox was stopped meanwhile, and the call has failed")

log = logging.getLogger(__name__)


class _Held:
    """A status callback that is held back for the next one to overtake it, as a fault has ordered. go: it need not
    wait any more."""

    def __init__(self, delivery: Delivery, fault: Fault):
        self.delivery, self.fault, self.go = delivery, fault, asyncio.Event()


class VoiceWebhooks:
    """What makes the requests of calls, and gives them to the log of deliveries.

    now: tells the time, in milliseconds since 1970; answered: told of the answer to a document that a call waits for;
    over: told of a delivery that has come to its end, with why it failed.
    """

    def __init__(
        self,
        sender: Sender,
        faults: Faults,
        now: Callable[[], int],
        answered: Callable[[Fetch, Delivery, WebhookExchange], None],
        over: Callable[[Delivery, DeliveryFailure | None], None],
    ):
        self.faults, self.now = faults, now
        self.answered, self.over = answered, over
        self.fetcher = WebhookFetcher(sender)
        self.tell: Callable[[str, VoiceRequest], None] = lambda subject_sid, asked: None  # told of each request
        self.keep_again: Callable[[Delivery], Delivery] = lambda delivery: delivery.again()
        self._running: set[asyncio.Task[None]] = set()
        self._fetching: Counter[str] = Counter()
        self._ended: set[str] = set()  # calls that are over, and for which something is still asked
        self._last_report: dict[str, asyncio.Task[None]] = {}
        self._held: dict[str, _Held] = {}  # by subject

    def begin(self, fetches: Iterable[tuple[Fetch, Delivery]], reports: Iterable[Delivery]) -> None:
        """Let status callbacks leave, then requests for documents."""
        for delivery in reports:
            self.report(delivery)
        for fetch, delivery in fetches:
            self._fetching[fetch.call_sid] += 1
            self._run(self._fetch(fetch, delivery))

    def report(self, delivery: Delivery) -> None:
        """Let a status callback leave, after the one before it about the same call or conference."""
        subject, fault = delivery.subject_sid, self.faults.fault_for(delivery)
        held = self._held.pop(subject, None)
        if fault is not None and fault.deliveries == "out-of-order":
            if held is None:
                self._held[subject] = _Held(delivery, fault)
                self._run(self._hold(self._held[subject]))
                return
            fault = None
        previous = self._last_report.get(subject)
        self._last_report[subject] = task = self._run(self._report(delivery, previous, fault, held))
        task.add_done_callback(partial(self._reported, subject))

    def ended(self, call_sids: Iterable[str]) -> None:
        """Drop the cookies of calls that have ended, as soon as nothing is asked for them any more."""
        for sid in call_sids:
            if self._fetching[sid]:
                self._ended.add(sid)
            else:
                self._forget(sid)

    def wake(self) -> None:
        """Hold no status callback back any more for one that overtakes it: no fault says so now."""
        for held in self._held.values():
            held.go.set()

    def abandon(self) -> None:
        """Give up what is under way."""
        for task in self._running:
            task.cancel()
        self._last_report.clear()
        self._held.clear()
        self._fetching.clear()
        self._ended.clear()
        self.fetcher.forget_all()

    async def close(self) -> None:
        """Give up what is under way, and wait until it has ended."""
        running = list(self._running)
        self.abandon()
        await asyncio.gather(*running, return_exceptions=True)

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task

    # ---- documents -----------------------------------------------------------------------------------------------

    async def _fetch(self, fetch: Fetch, delivery: Delivery) -> None:
        """Ask for a document, and have the call go on with it."""
        fault = self.faults.fault_for(delivery)
        try:
            exchange = await self._send(delivery, fault, fetch.call_sid)
        except Exception as error:  # a mistake of the sandbox's, for which the call is not to wait for ever
            log.exception("a request of call %s", fetch.call_sid)
            why = DeliveryFailure(11200, f"the sandbox itself failed here ({error!r})")
            exchange = WebhookExchange(
                [Attempt(url=without_password(delivery.url), at=time.time(), error=why)], WebhookAnswer(delivery.url)
            )
        if fetch.purpose == "document":
            self.answered(fetch, delivery, exchange)
        else:
            self._end(delivery, exchange, "told: the call is over, or runs something else")
        if fault is not None and fault.deliveries == "twice":
            again = self.keep_again(delivery)
            await self._send(again, None, fetch.call_sid)
            again.outcome = TWICE
            self.over(again, None)
        self._fetching[fetch.call_sid] -= 1
        if fetch.call_sid in self._ended and not self._fetching[fetch.call_sid]:
            self._forget(fetch.call_sid)

    def _forget(self, call_sid: str) -> None:
        self.fetcher.forget(call_sid)
        self._ended.discard(call_sid)
        del self._fetching[call_sid]

    # ---- status callbacks ----------------------------------------------------------------------------------------

    async def _report(
        self,
        delivery: Delivery,
        previous: asyncio.Task[None] | None,
        fault: Fault | None,
        overtaken: _Held | None,
    ) -> None:
        """Send a status callback, after the one before it unless that takes long."""
        if previous is not None:
            await asyncio.wait([previous], timeout=ORDERLY_SECONDS)
        exchange = await self._send(delivery, fault)
        self._end(delivery, exchange, "reported")
        if overtaken is not None:
            happened = overtaken.fault if self.faults.consume(overtaken.fault) else None
            self._end(overtaken.delivery, await self._send(overtaken.delivery, happened), "reported")
        if fault is not None and fault.deliveries == "twice":
            again = self.keep_again(delivery)
            self._end(again, await self._send(again, None), "reported")

    async def _hold(self, held: _Held) -> None:
        """Wait for the next one about the same call, which sends this one after itself; if none comes, send it."""
        with suppress(TimeoutError):
            await asyncio.wait_for(held.go.wait(), held.fault.seconds)
        subject = held.delivery.subject_sid
        if self._held.get(subject) is held:
            del self._held[subject]
            self._end(held.delivery, await self._send(held.delivery, None), "reported")

    def _reported(self, subject_sid: str, task: asyncio.Task[None]) -> None:
        if self._last_report.get(subject_sid) is task:
            del self._last_report[subject_sid]

    # ---- both ----------------------------------------------------------------------------------------------------

    async def _send(self, delivery: Delivery, fault: Fault | None, call_sid: str | None = None) -> WebhookExchange:
        """Make the request of a delivery, and note it. call_sid: whose cookies go with it; None for a callback."""
        if fault is not None and fault.deliveries == "late":
            await asyncio.sleep(fault.seconds)
        exchange = await self.fetcher.ask(
            delivery.url,
            delivery.method,
            tuple(delivery.parameters.items()),
            call_sid,
            delivery.repeats is not None,
            fault.deliveries if fault is not None else None,
        )
        delivery.attempts += exchange.attempts
        self._tell(delivery, exchange)
        return exchange

    def _end(self, delivery: Delivery, exchange: WebhookExchange, done: str) -> None:
        failure = exchange.failure
        delivery.outcome = Outcome("done", done) if failure is None else Outcome("failed", f"failed: {failure.text}")
        self.over(delivery, failure)

    def _tell(self, delivery: Delivery, exchange: WebhookExchange) -> None:
        """Note a request, for whoever looks at the call."""
        problem = exchange.failure.text if exchange.failure else None
        url, status = without_password(delivery.url), exchange.attempts[-1].status
        self.tell(delivery.subject_sid, VoiceRequest(self.now(), delivery.method, url, status, problem))


def deliveries(fetches: Iterable[Fetch], callbacks: Iterable[Callback]) -> tuple[list[Delivery], list[Delivery]]:
    """Make the deliveries of requests for documents, and of status callbacks, in their order."""
    documents = [_delivery("voice", one.call_sid, one) for one in fetches]
    return documents, [_delivery("status", one.subject_sid, one) for one in callbacks]


def _delivery(kind: Any, subject_sid: str, one: Fetch | Callback) -> Delivery:
    return Delivery(
        kind=kind,
        workspace_sid="",
        subject_sid=subject_sid,
        url=one.url,
        method=one.method,
        parameters=dict(one.parameters),
    )
