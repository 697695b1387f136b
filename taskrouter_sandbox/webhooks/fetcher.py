"""Makes a webhook's request again as the connection overrides of its address say: of calls (voice.md §1.4), and of
events whose address has them (behaviour.md §4.1)."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import TYPE_CHECKING, Literal, NamedTuple

from ..control_types import DeliveryFault
from .connection_settings import MOST_REDIRECTS, connection
from .delivery import Attempt, DeliveryFailure
from .sender import Sender, Way, WebhookAnswer

if TYPE_CHECKING:
    import aiohttp

RETRY_SECONDS = 0.1  # before a request is made once more
SAME_REQUEST = "I-Twilio-Idempotency-Token"


class WebhookExchange(NamedTuple):
    """What came of a webhook. attempts: one for each time that it was sent; answer: to the last one."""

    attempts: list[Attempt]
    answer: WebhookAnswer

    @property
    def failure(self) -> DeliveryFailure | None:
        """Why it counts for nothing, with Twilio's code; None for an answer with a status of 2xx."""
        return self.attempts[-1].failure

    @property
    def content_type(self) -> str | None:
        """The Content-Type of the answer, or None if it has none."""
        return self.attempts[-1].content_type or None


class WebhookFetcher:
    """Makes requests, and makes them again; cookies are kept for each call, until `forget`."""

    def __init__(self, sender: Sender):
        self.sender = sender
        self._jars: dict[str, aiohttp.CookieJar] = {}

    def forget(self, call_sid: str) -> None:
        """Drop the cookies of a call that has ended."""
        self._jars.pop(call_sid, None)

    def forget_all(self) -> None:
        """Drop all cookies."""
        self._jars.clear()

    async def ask(
        self,
        url: str,
        method: Literal["GET", "POST"],
        parameters: tuple[tuple[str, str], ...],
        call_sid: str | None = None,
        repeated: bool = False,
        fault: DeliveryFault | None = None,
    ) -> WebhookExchange:
        """Make a request, and make it again as its address says, within one limit for all of it. Never raises.

        call_sid: the call whose document is asked for, and whose cookies go with it; None for a status callback or an
        event, whose answer is of no interest. repeated: it has been made before. fault: what has been ordered to go
        wrong with the first attempt: where it is `timeout`, no answer to that was read in time.
        """
        settings = connection(url)
        ends = time.monotonic() + settings.tt / 1000
        attempts: list[Attempt] = []
        headers = _repeated() if repeated else {}
        while True:
            way = Way(
                method=method,
                seconds=round(max(0.001, ends - time.monotonic()), 3),
                connect_seconds=settings.ct / 1000,
                read_seconds=settings.rt / 1000,
                most_redirects=MOST_REDIRECTS,
                body_counts=call_sid is not None,
                cookies=self._jar(call_sid),
                headers=headers,
            )
            attempt, answer = await self.sender.request(url, dict(parameters), way)
            if fault is not None and not attempts:
                attempt.fault = fault
                if fault == "timeout":
                    attempt.time_out(min(settings.rt, settings.tt) / 1000)
                    answer.failed = "read"
            attempts.append(attempt)
            again = attempt.failure is not None and settings.tries_again(answer.failed, attempt.status)
            if not again or len(attempts) > settings.rc or time.monotonic() + RETRY_SECONDS >= ends:
                return WebhookExchange(attempts, answer)
            headers = headers or _repeated()
            await asyncio.sleep(RETRY_SECONDS)

    def _jar(self, call_sid: str | None) -> aiohttp.CookieJar | None:
        if call_sid is None:
            return None
        if call_sid not in self._jars:
            self._jars[call_sid] = self.sender.cookie_jar()
        return self._jars[call_sid]


def _repeated() -> dict[str, str]:
    """Make the header of a request that may have arrived already (voice.md §1.4)."""
    return {SAME_REQUEST: str(uuid.uuid4())}
