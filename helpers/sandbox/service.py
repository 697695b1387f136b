"""The sandbox without its HTTP face: workspaces in memory, their store, their timers and their webhooks.

There is one writer, the event loop. A command is applied to the router, kept in one transaction, and only then are its
webhooks started.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from pathlib import Path
from typing import Any

from .assignment import Verdict
from .clock import Clock
from .routing import Router
from .routing.entities import Reservation, Workspace
from .routing.refusals import Missing, Refusal
from .sids import new_sid
from .store import Store
from .webhooks import Outbox, Sender

# Before the callback for a task is sent again after one failed. A canceled reservation is followed by another at once
# (behaviour.md §2.2); without the pause a mistake in a handler would use up the 1,000 attempts of a task in seconds.
RETRY_SECONDS = 0.5

log = logging.getLogger(__name__)


class Service:
    """All workspaces of the sandbox's one account.

    data: the folder of its state; account_sid and auth_token: what clients must present and webhooks are signed with.
    """

    def __init__(self, data: Path, account_sid: str, auth_token: str):
        self.account_sid, self.auth_token = account_sid, auth_token
        self.store = Store(data / "sandbox.sqlite3")
        self.clock = Clock(self.store.setting("clock_offset", 0))
        self.unread: Counter[tuple[str, str]] = Counter()  # (operation, parameter) that a client sent and nothing read
        self.routers: dict[str, Router] = {}
        self.sender, self.outbox = Sender(auth_token), Outbox()
        self._wake = asyncio.Event()
        self._left_over = self.store.open_deliveries()
        self._load()

    def _load(self) -> None:
        self.routers = {workspace.sid: self._restored(workspace) for workspace in self.store.workspaces()}

    def _restored(self, workspace: Workspace) -> Router:
        router = Router(workspace, self.account_sid, new_sid, self.store.contents(workspace.sid))
        router.state.journal.last_event = self.store.last_event_at(workspace.sid)
        return router

    def reload(self, workspace_sid: str) -> None:
        """Go back to what the store knows of a workspace: a command has failed halfway."""
        self.routers.pop(workspace_sid, None)
        for workspace in self.store.workspaces():
            if workspace.sid == workspace_sid:
                self.routers[workspace_sid] = self._restored(workspace)

    # ---- commands ------------------------------------------------------------------------------------------------

    def router(self, workspace_sid: str, now: int) -> Router:
        """The workspace of that SID, with everything done that was due by `now`; Missing when there is none."""
        router = self.routers.get(workspace_sid)
        if router is None:
            raise Missing(f"Workspace {workspace_sid} was not found")
        router.advance(now)
        return router

    def create_workspace(self, now: int, **settings: Any) -> Router:
        router = Router.create(now, self.account_sid, new_sid, **settings)
        self.routers[router.workspace.sid] = router
        return router

    def delete_workspace(self, router: Router, now: int) -> None:
        router.delete(now)
        del self.routers[router.workspace.sid]

    def commit(self, router: Router) -> list[int]:
        """Keep what the router has done since the last commit; the deliveries that are to be started."""
        effects = router.take()
        self._wake.set()
        if not effects:
            return []
        return self.store.write(router.workspace.sid, effects, self.clock.now())

    def commit_and_send(self, router: Router) -> None:
        self.send(self.commit(router))

    def reset(self) -> None:
        """Forget every workspace, event, delivery and alert."""
        self.outbox.abandon()
        self.store.clear()
        self.unread.clear()
        self.clock = Clock()
        self._load()

    # ---- webhooks ------------------------------------------------------------------------------------------------

    def send(self, deliveries: list[int]) -> None:
        """Start deliveries; nobody waits for them."""
        for number in deliveries:
            self.outbox.start(self._deliver(number))

    async def _deliver(self, number: int) -> None:
        delivery = self.store.delivery(number)
        try:
            if self._has_failed_before(delivery):
                await asyncio.sleep(RETRY_SECONDS)
            attempts, verdict, alerts = await self.sender.assignment(
                delivery["url"], delivery["fallback_url"], delivery["parameters"]
            )
            router = self.routers.get(delivery["workspace_sid"])
            outcome = "the workspace is gone"
            if router is not None:
                router.advance(self.clock.now())
                subject = delivery["subject_sid"]
                for code, level, text in alerts:
                    router.alert(code, text, subject, level)
                outcome = self._carry_out(router, subject, verdict)
                self.commit_and_send(router)
            self.store.finish_delivery(number, attempts, outcome)
        except Exception:
            log.exception("delivery %d", number)
            self.reload(delivery["workspace_sid"])
            self.store.finish_delivery(number, [], "the sandbox failed; its log says why")

    def _has_failed_before(self, delivery: dict[str, Any]) -> bool:
        """Was an earlier reservation of the same task canceled, as after a callback that failed?"""
        router = self.routers.get(delivery["workspace_sid"])
        reservation = router and router.state.reservations.get(delivery["subject_sid"])
        if not router or not reservation:
            return False
        task = router.state.tasks[reservation.task_sid]
        return any(earlier.reservation_status == "canceled" for earlier in task.reservations.values())

    def _carry_out(self, router: Router, reservation_sid: str, verdict: Verdict) -> str:
        """Do what an assignment callback said; what came of it, in words (behaviour.md §3.2, §3.3)."""
        if verdict.kind == "nothing":
            return "no instruction: the reservation stays pending"
        reservation = router.state.reservations.get(reservation_sid)
        if reservation is None:
            return "the reservation is gone"
        name = verdict.instruction.get("instruction", "a cancellation")
        if reservation.reservation_status != "pending":
            return f"too late for {name}: the reservation is {reservation.reservation_status}"
        now = self.clock.now()
        if verdict.kind == "failed":
            router.reservations.cancel(now, reservation)
            return "nobody could be asked: the reservation is canceled"
        try:
            return self._instruct(router, now, reservation, verdict.instruction)
        except Refusal as refusal:
            router.alert(refusal.code, refusal.text, reservation.sid)
            return f"{name} was refused: {refusal.text}"

    def _instruct(self, router: Router, now: int, reservation: Reservation, instruction: dict[str, Any]) -> str:
        match instruction["instruction"]:
            case "accept":
                router.reservations.accept(now, reservation)
                return "accepted"
            case "reject":
                activity_sid = instruction.get("activity_sid")
                if activity_sid not in router.state.activities:
                    text = "reject needs an activity_sid of this workspace; the worker keeps its activity"
                    router.alert(40100, text, reservation.sid, "warning")
                    activity_sid = None
                router.reservations.reject(now, reservation, activity_sid)
                return "rejected"
            case name:
                text = f"This sandbox places no phone calls yet, so the instruction {name} does nothing"
                router.alert(55555, text, reservation.sid)
                return f"{name} does nothing here: the reservation stays pending"

    # ---- time ----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Send what the last run left over, then fire timers as they come due, for ever."""
        self.send(self._left_over)
        await self.sender.open()
        while True:
            due = [at for router in self.routers.values() if (at := router.next_due()) is not None]
            self._wake.clear()
            wait = max(0, min(due) - self.clock.now()) / 1000 if due else None
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
        """Do what is due in every workspace."""
        now = self.clock.now()
        for router in list(self.routers.values()):
            router.advance(now)
            self.commit_and_send(router)

    async def close(self) -> None:
        await self.outbox.close()
        await self.sender.close()
        self.store.close()
