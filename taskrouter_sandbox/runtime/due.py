"""What is due in an account: when, and doing it, as its clock goes on and as it is advanced."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..storage.store import Store
from .clock import Clock
from .limits import ServiceLimits
from .workspaces import Workspaces

if TYPE_CHECKING:
    from .telephony import Telephony

OVERDUE = 1_000  # milliseconds after which a request does not wait for `wait` to do what is due
MOST_STOPS = 10_000  # of the clock on one way forward

log = logging.getLogger(__name__)


class DueWork:
    """The timers of workspaces and calls, and the sweep of what is not kept any more.

    telephony: gives the voice side, None as long as there is none; next_sweep: when to sweep first, in milliseconds
    since 1970.
    """

    def __init__(
        self,
        clock: Clock,
        store: Store,
        workspaces: Workspaces,
        telephony: Callable[[], Telephony | None],
        limits: ServiceLimits,
    ):
        self.clock, self.store, self.workspaces = clock, store, workspaces
        self.telephony, self.limits = telephony, limits
        self.next_sweep = self._sweep_after(clock.now())
        self._wake = asyncio.Event()
        self._looks_at = math.inf  # when `wait` looks for what is due, in milliseconds

    async def wait(self) -> None:
        """Wait for the next timer and do what is due, or until something changes.

        It waits no longer than `watch_seconds`: the machine's clock may jump forward meanwhile, and files may vanish.
        """
        due = self._next_due()
        self._wake.clear()
        self._looks_at = min(self.next_sweep, due or self.next_sweep)
        left = max(0, self._looks_at - self.clock.now()) / 1000
        try:
            await asyncio.wait_for(self._wake.wait(), min(left, self.limits.watch_seconds))
        except TimeoutError:
            if left <= self.limits.watch_seconds:
                self.tick()

    def note(self, due: int | None) -> None:
        """Let `wait` look again where something is due before it would look by itself."""
        if due is not None and due < self._looks_at:
            self._wake.set()

    def wake(self) -> None:
        """Let `wait` look at once whether anything is to be done."""
        self._wake.set()

    def now(self) -> int:
        """Tell the time, in milliseconds since 1970, to a request.

        Where the machine has slept while calls go on, what was due meanwhile happens before it.
        """
        now, telephony = self.clock.now(), self.telephony()
        if telephony is not None and telephony.engine.state.live and now - self._looks_at > OVERDUE:
            self._looks_at = math.inf
            try:
                self.tick()
            except Exception as failure:  # the request is told by itself what cannot be kept, and it is tried again
                log.warning("what is due waits: %s", failure)
            self.wake()
        return now

    def _next_due(self) -> int | None:
        due = [at for engine in self.workspaces.engines.values() if (at := engine.next_due()) is not None]
        telephony = self.telephony()
        if telephony is not None and (at := telephony.engine.next_due()) is not None:
            due.append(at)
        return min(due, default=None)

    def advance(self, ms: int) -> None:
        """Move the clock forward and do what falls due on the way.

        While calls go on, the clock stops at each thing that is due: they and TaskRouter act on one another.
        """
        target = self.clock.offset + ms
        self.store.keep_setting("clock_offset", target)
        try:
            if (telephony := self.telephony()) is not None:
                self._stop_at_what_is_due(telephony, target)
        finally:
            self.clock.advance(target - self.clock.offset)
            self.wake()  # it waits for less now
        self.tick()

    def _stop_at_what_is_due(self, telephony: Telephony, target: int) -> None:
        """Move the clock on to each thing that is due before its offset is `target`, as long as calls go on."""
        for _ in range(MOST_STOPS):
            telephony.catch_up()
            due, left = self._next_due(), target - self.clock.offset
            if not telephony.engine.state.live or due is None or due >= self.clock.now() + left:
                return
            self.clock.advance(max(0, due - self.clock.now()))
            self._do_due(self.clock.now())

    def _make_up(self, telephony: Telephony) -> None:
        """Do what is overdue as if the clock had been there for it, but never before what has happened already."""
        due, target = self._next_due(), self.clock.offset
        if due is None or not telephony.engine.state.live:
            return
        engines = (telephony.engine, *self.workspaces.engines.values())
        begin = max(due, *(engine.state.now for engine in engines))
        with self.clock.turned_back(begin):
            self._stop_at_what_is_due(telephony, target)

    def tick(self) -> None:
        """Do what is due in every workspace, and forget what is not kept any more.

        What is overdue, as where the machine has slept, comes in the order in which it was due, while calls go on. A
        workspace where that fails goes back to what the store knows; the error is raised when all had their turn.
        """
        now = self.clock.now()
        try:
            try:
                if (telephony := self.telephony()) is not None:
                    self._make_up(telephony)
            finally:
                self._do_due(now)
        finally:
            if now >= self.next_sweep:
                self.store.sweep(self.limits.retention, now)
                self.next_sweep = self._sweep_after(now)

    def _do_due(self, now: int) -> None:
        failure = None
        for sid in list(self.workspaces.engines):
            try:
                self.workspaces.apply(sid, now, lambda engine: None)
            except Exception as error:
                failure = error
        try:
            if (telephony := self.telephony()) is not None:
                telephony.tick(now)
        except Exception as error:
            failure = error
        if failure is not None:
            raise failure

    def _sweep_after(self, now: int) -> int:
        return now + round(self.limits.sweep_seconds * 1000)
