"""The sandbox without its HTTP face: workspaces in memory, their store, their timers and their webhooks.

There is one writer, the event loop. A command is applied to the router, kept in one transaction, and only then are its
webhooks started.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from ..engine import WorkspaceEngine
from ..engine.model.entities import Workspace
from ..engine.model.errors import NotFound, TaskRouterError
from ..engine.model.options import CompatibilityOptions
from ..storage.opening import open_state
from ..storage.store import Store
from ..voice.port import Voice
from ..webhooks import assignment_callback, event_callback
from ..webhooks.delivery import Delivery
from .clock import Clock
from .faults import Faults
from .limits import Limits
from .sids import new_sid
from .webhook_dispatcher import Callbacks

T = TypeVar("T")

DEFAULT_LIMITS = Limits()

log = logging.getLogger(__name__)


class Service:
    """All workspaces of the sandbox's one account.

    data: the folder of its state; account_sid and auth_token: what clients must present and webhooks are signed with.
    limits: how long it waits, and how much it keeps. `notice` says in a sentence what a start found amiss, None where
    there was nothing.
    """

    def __init__(self, data: Path, account_sid: str, auth_token: str, limits: Limits = DEFAULT_LIMITS):
        self.limits = limits
        self.account_sid, self.auth_token = account_sid, auth_token
        self.routers: dict[str, WorkspaceEngine] = {}
        self.voice: Voice | None = None
        self.store, _, self.notice = open_state(data / "sandbox.sqlite3", self._load)
        self.clock = Clock(self.store.setting("clock_offset", 0))
        self.unread: Counter[tuple[str, str]] = Counter()  # (operation, parameter) that a client sent and nothing read
        self.faults = Faults()
        self.callbacks = Callbacks(self)
        self.faults.on_taken_back = self.callbacks.let_go
        self._wake = asyncio.Event()
        self._left_over = self.store.open_deliveries()
        self._next_sweep = 0  # at the start

    def _load(self, store: Store) -> None:
        self.store, self.options = store, CompatibilityOptions(**store.setting("rules", {}))
        self.routers = {workspace.sid: self._restored(workspace) for workspace in store.workspaces()}

    def _restored(self, workspace: Workspace) -> WorkspaceEngine:
        router = WorkspaceEngine(
            workspace,
            self.account_sid,
            new_sid,
            self.store.contents(workspace.sid),
            options=self.options,
            places_calls=self.voice is not None,
        )
        router.state.recorder.last_event = self.store.last_event_at(workspace.sid)
        return router

    def reload(self, workspace_sid: str) -> WorkspaceEngine | None:
        """Go back to what the store knows of a workspace, if it does: a command has failed halfway."""
        self.routers.pop(workspace_sid, None)
        for workspace in self.store.workspaces():
            if workspace.sid == workspace_sid:
                self.routers[workspace_sid] = self._restored(workspace)
        return self.routers.get(workspace_sid)

    # ---- commands ------------------------------------------------------------------------------------------------

    def router(self, workspace_sid: str, now: int) -> WorkspaceEngine:
        """The workspace of that SID, with everything done that was due by `now`; NotFound when there is none."""
        router = self.routers.get(workspace_sid) or self.reload(workspace_sid)
        if router is None:
            raise NotFound(f"Workspace {workspace_sid} was not found")
        router.advance(now)
        return router

    def create_workspace(self, now: int, **settings: Any) -> WorkspaceEngine:
        router = WorkspaceEngine.create(
            now, self.account_sid, new_sid, options=self.options, places_calls=self.voice is not None, **settings
        )
        self.routers[router.workspace.sid] = router
        return router

    def delete_workspace(self, router: WorkspaceEngine, now: int) -> None:
        router.delete(now)
        del self.routers[router.workspace.sid]

    def carry_out(self, router: WorkspaceEngine, command: Callable[[], T]) -> T:
        """Give a command and keep what it did, or go back to what the store knows.

        Raises TaskRouterError when nothing was done.
        """
        try:
            done = command()
            self.commit(router)
        except TaskRouterError:
            raise
        except Exception:
            self.reload(router.workspace.sid)
            raise
        return done

    def commit(self, router: WorkspaceEngine) -> None:
        """Keep what the router has done since the last commit, then let its webhooks begin."""
        effects = router.drain()
        self._wake.set()
        if not effects:
            return
        workspace = router.workspace
        deliveries = [
            Delivery(
                kind="assignment",
                workspace_sid=workspace.sid,
                subject_sid=call.reservation_sid,
                url=call.url,
                fallback_url=call.fallback_url,
                parameters=assignment_callback.parameters(workspace.sid, self.account_sid, call),
            )
            for call in effects.assignment_callbacks
        ]
        deliveries += event_callback.due(workspace, self.account_sid, effects.events)
        self.store.write(workspace.sid, effects, deliveries, self.clock.now())
        self.callbacks.start(deliveries)
        if self.voice is not None:
            for order in effects.call_requests:
                self.voice.place(workspace.sid, order)

    def set_options(self, **readings: str) -> None:
        """From now on read in another way what the sources leave open; see `CompatibilityOptions`."""
        self.options = replace(self.options, **readings)  # type: ignore[arg-type]
        self.store.keep_setting("rules", asdict(self.options))
        for router in self.routers.values():
            router.state.options = self.options

    def send_again(self, delivery: Delivery) -> Delivery:
        """Deliver the same once more: the new delivery, which has begun."""
        again = self.copied(delivery)
        self.callbacks.start([again])
        return again

    def copied(self, delivery: Delivery) -> Delivery:
        """The same once more, kept, for the caller to begin."""
        again = delivery.again()
        self.store.keep_deliveries([again], self.clock.now())
        return again

    def reset(self) -> None:
        """Forget every workspace, event, delivery, alert and fault."""
        self.faults.clear()
        self.callbacks.abandon()
        self.store.clear()
        self.unread.clear()
        self.clock = Clock()
        self._next_sweep = 0
        self.notice = None
        self._load(self.store)

    # ---- time ----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send what the last run left over, then fire timers as they come due, for ever."""
        self.callbacks.start(self._left_over, room=len(self._left_over))
        while True:
            try:
                await self._until_due()
            except Exception:
                log.exception("what is due could not be done")
                await asyncio.sleep(self.limits.timer_retry_seconds)

    async def _until_due(self) -> None:
        """Wait for the next timer and do what is due, or until something changes."""
        due = [at for router in self.routers.values() if (at := router.next_due()) is not None]
        self._wake.clear()
        wait = max(0, min([self._next_sweep, *due]) - self.clock.now()) / 1000
        try:
            await asyncio.wait_for(self._wake.wait(), wait)
        except TimeoutError:
            self.tick()

    def fast_forward(self, ms: int) -> None:
        """Move the clock forward and do what falls due on the way."""
        self.clock.offset += ms
        self.store.keep_setting("clock_offset", self.clock.offset)
        self.tick()

    def tick(self) -> None:
        """Do what is due in every workspace, and forget what is not kept any more.

        A workspace where that fails goes back to what the store knows; the error is raised when all had their turn.
        """
        now, failure = self.clock.now(), None
        for router in list(self.routers.values()):
            try:
                self.carry_out(router, partial(router.advance, now))
            except Exception as error:
                failure = error
        if now >= self._next_sweep:
            self._next_sweep = now + round(self.limits.sweep_seconds * 1000)
            self.store.sweep(self.limits.retention, now)
        if failure is not None:
            raise failure

    async def close(self) -> None:
        await self.callbacks.close()
        self.store.close()
