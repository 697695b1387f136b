"""Sends webhooks as Twilio does: signed, timed by their own deadline, once more to the fallback (behaviour.md §3)."""

from __future__ import annotations

import asyncio
import importlib
import time
from types import ModuleType
from typing import TYPE_CHECKING, Any

from twilio.request_validator import RequestValidator

from .assignment import Verdict, failed, judge

if TYPE_CHECKING:
    import aiohttp

ASSIGNMENT_SECONDS = 5.0  # behaviour.md §3.2
KEPT_BODY = 4000  # characters of an answer that the log keeps


class Sender:
    """One HTTP session for all webhooks. auth_token: what they are signed with."""

    def __init__(self, auth_token: str):
        self._validator = RequestValidator(auth_token)
        self._http: ModuleType
        self._opened = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the session, which webhooks wait for; its library takes as long to load as all the rest."""
        self._http = await asyncio.to_thread(importlib.import_module, "aiohttp")
        self._session = self._http.ClientSession(headers={"User-Agent": "TwilioProxy/1.1"})
        self._opened.set()

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def post(self, url: str, parameters: dict[str, str], seconds: float) -> dict[str, Any]:
        """Send a form and wait at most so many seconds for the whole answer.

        Gives the attempt as the log keeps it: `url`, `at` (seconds since 1970), `seconds`, and either `status`,
        `content_type` and `body`, or `error` in words. Never raises.
        """
        await self._opened.wait()
        assert self._session is not None
        signature = self._validator.compute_signature(url, parameters)
        attempt: dict[str, Any] = {"url": url, "at": time.time()}
        began = time.monotonic()
        try:
            async with self._session.post(
                url,
                data=parameters,
                headers={"X-Twilio-Signature": signature, "Accept": "*/*"},
                timeout=self._http.ClientTimeout(total=seconds),
            ) as answer:
                body = await answer.text(errors="replace")
                attempt |= {
                    "status": answer.status,
                    "content_type": answer.headers.get("Content-Type", ""),
                    "body": body[:KEPT_BODY],
                }
        except TimeoutError:
            attempt["error"] = f"no answer within {seconds:g} seconds"
        except (self._http.ClientError, OSError, ValueError) as error:
            attempt["error"] = f"{type(error).__name__}: {error}"
        attempt["seconds"] = round(time.monotonic() - began, 4)
        return attempt

    async def assignment(
        self, url: str, fallback_url: str | None, parameters: dict[str, str]
    ) -> tuple[list[dict[str, Any]], Verdict, list[tuple[int, str, str]]]:
        """Ask what to do with a reservation: the attempts made, the verdict, and the alerts on the way."""
        attempts: list[dict[str, Any]] = []
        alerts: list[tuple[int, str, str]] = []
        verdict = failed("there is no address")
        for address in filter(None, (url, fallback_url)):
            attempt = await self.post(address, parameters, ASSIGNMENT_SECONDS)
            attempts.append(attempt)
            if "error" in attempt:
                verdict = failed(f"{address}: {attempt['error']}")
            else:
                verdict = judge(attempt["status"], attempt["content_type"], attempt["body"])
            if verdict.alert:
                alerts.append(verdict.alert)
            if verdict.kind != "failed":
                break
        return attempts, verdict, alerts


class Outbox:
    """Runs deliveries in the background of the event loop, and knows which are under way."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task] = set()

    def start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def abandon(self) -> None:
        """Give up what is under way; what the store still has is sent again at the next start."""
        for task in self._running:
            task.cancel()

    async def close(self) -> None:
        self.abandon()
        await asyncio.gather(*self._running, return_exceptions=True)
