"""The accounts of a sandbox: each is a world of its own, with its resources, clock, faults, webhooks and calls."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Coroutine
from typing import Any

from .limits import ServiceLimits
from .service import Service

ACCOUNT = re.compile("AC[0-9a-fA-F]{32}")
MOST_WORLDS = 5_000
# Nobody replaces the file of a world in memory, so it looks at the machine's clock only now and then.
IN_MEMORY_LIMITS = ServiceLimits(watch_seconds=60.0)


class TooManyWorlds(Exception):
    """There are as many worlds as one process holds."""


class Worlds:
    """The services of a sandbox, by their accounts.

    first: that of the account which the sandbox was started for. any_account: is every other account SID a world, too,
    made in memory when it is first asked for? auth_token: of those worlds; None where each takes the one that it is
    first asked with.
    """

    def __init__(self, first: Service, *, any_account: bool = False, auth_token: str | None = None):
        self.first, self.any_account, self.auth_token = first, any_account, auth_token
        self.others: dict[str, Service] = {}
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return 1 + len(self.others)

    def known(self, account_sid: str) -> Service | None:
        """Give the world of an account, if it is there."""
        return self.first if account_sid == self.first.account_sid else self.others.get(account_sid)

    def find(self, account_sid: str, auth_token: str) -> Service | None:
        """Give the world of an account, made if it is not there yet; None where the token is another one, or the SID is
        none that the sandbox serves. Raises TooManyWorlds."""
        service = self.known(account_sid)
        if service is None:
            return self._make(account_sid, auth_token)
        return service if _same(service.auth_token, auth_token) else None

    def _make(self, account_sid: str, auth_token: str) -> Service | None:
        if not self.any_account or not auth_token or not ACCOUNT.fullmatch(account_sid):
            return None
        if self.auth_token is not None and not _same(self.auth_token, auth_token):
            return None
        if len(self) >= MOST_WORLDS:
            raise TooManyWorlds
        service = Service(None, account_sid, auth_token, IN_MEMORY_LIMITS)
        self.others[account_sid] = service
        self._timers[account_sid] = asyncio.get_running_loop().create_task(service.run())
        return service

    def drop(self, service: Service) -> bool:
        """Forget a world and all that is in it; False for the first one, which stays as long as the sandbox runs."""
        if self.others.get(service.account_sid) is not service:
            return False
        del self.others[service.account_sid]
        self._later(self._end(self._timers.pop(service.account_sid), service))
        return True

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _end(self, timer: asyncio.Task[None], service: Service) -> None:
        timer.cancel()
        await asyncio.gather(timer, return_exceptions=True)
        await service.close()

    async def run(self) -> None:
        """Let time pass in the first world; it passes in the others from their first request on. Raises NotKept."""
        await self.first.run()

    async def close(self) -> None:
        """End every world. Raises NotKept where the files of the first one are gone."""
        for service in list(self.others.values()):
            self.drop(service)
        await asyncio.gather(*self._closing, return_exceptions=True)
        await self.first.close()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
