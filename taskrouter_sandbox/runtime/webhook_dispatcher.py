"""Delivers what commands have called for: who is asked when, and what is done about the answer.

Assignment callbacks leave at once, each for itself. Event callbacks of a workspace leave one after the other, in the
order of the events; so many may wait, and nobody waits for them.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ..engine.model.effects import Alert
from ..engine.model.entities import Reservation, Task
from ..engine.model.errors import TaskRouterError
from ..engine.rules.instructions import NOT_PENDING, check_pending
from ..webhooks.assignment_callback import Verdict, failed, judge
from ..webhooks.delivery import Delivery, without_password
from ..webhooks.sender import Sender
from .faults import Fault

if TYPE_CHECKING:
    from ..engine import WorkspaceEngine
    from .service import Service

ASSIGNMENT_SECONDS = 5.0  # behaviour.md §3.2
EVENT_SECONDS = 15.0  # behaviour.md §4.1
MAX_WAITING = 1000  # event callbacks of a workspace; further ones are dropped

# Between the end of a reservation that came to nothing and the callback for the next one of its task. Another follows
# at once (behaviour.md §2.2, §7); without the pause a mistake in a handler would use up the 1,000 attempts of a task in
# seconds.
RETRY_SECONDS = 0.5

FAILED = "the sandbox failed; its log says why"

log = logging.getLogger(__name__)


class Callbacks:
    """The deliveries of all workspaces that are under way."""

    def __init__(self, service: Service):
        self.service = service
        self.sender = Sender(service.auth_token)
        self._running: set[asyncio.Task] = set()
        self._lines: dict[tuple[str, str], Line] = {}  # event callbacks that wait, by Workspace SID and address

    def start(self, deliveries: Iterable[Delivery], room: int = MAX_WAITING) -> None:
        """Let deliveries begin as soon as the event loop is free again: an answer at work leaves before them.

        room: how many event callbacks of a workspace may wait.
        """
        for delivery in deliveries:
            if delivery.kind == "assignment":
                self._run(self._assignment(delivery))
            else:
                self._line_up(delivery, room)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def abandon(self) -> None:
        """Give up what is under way; what the store still has is sent at the next start."""
        for task in self._running:
            task.cancel()
        self._lines.clear()

    async def close(self) -> None:
        running = list(self._running)
        self.abandon()
        await asyncio.gather(*running, return_exceptions=True)
        await self.sender.close()

    # ---- events --------------------------------------------------------------------------------------------------

    def _line_up(self, delivery: Delivery, room: int) -> None:
        place = delivery.workspace_sid, delivery.url  # a new address does not wait for an old one
        line = self._lines.get(place)
        if line is None:
            line = self._lines[place] = Line()
            self._run(self._report(place, line))
        if len(line.waiting) < room:
            line.add(delivery)
            return
        delivery.outcome = f"dropped: {MAX_WAITING} events were waiting already"
        alerts = []
        if not line.has_dropped:
            line.has_dropped = True
            url = without_password(delivery.url)
            text = f"{url} answers so slowly that {MAX_WAITING} events wait for it; newer ones are dropped"
            alerts.append(Alert(11200, "error", text, delivery.workspace_sid))
        self.service.store.finish_delivery(delivery, alerts, self.service.clock.now())

    async def _report(self, place: tuple[str, str], line: Line) -> None:
        """Report the events of a workspace to an address until none waits (behaviour.md §4.1)."""
        while line.waiting:
            try:
                await self._report_next(line)
            except Exception:
                log.exception("event callbacks of %s", place[0])
        if self._lines.get(place) is line:
            del self._lines[place]

    async def _report_next(self, line: Line) -> None:
        delivery = line.waiting.popleft()
        fault = self.service.faults.bends(delivery)
        if fault is not None and fault.deliveries == "out-of-order":
            faults = self.service.faults
            await line.another(fault.seconds, lambda: faults.is_on(fault))
            if line.waiting and faults.happens(fault):
                await self._report_one(line.waiting.popleft(), None)
            else:
                fault = None
        await self._report_one(delivery, fault)
        if fault is not None and fault.deliveries == "twice":
            line.waiting.appendleft(self.service.copied(delivery))

    def let_go(self) -> None:
        """Hold no event back any more for one that overtakes it, unless a fault still says so."""
        for line in self._lines.values():
            line.let_go()

    async def _report_one(self, delivery: Delivery, fault: Fault | None) -> None:
        alerts = []
        try:
            attempt, _ = await self._attempt(delivery, delivery.url, delivery.parameters, EVENT_SECONDS, fault)
            delivery.outcome = "reported"
            if (trouble := _trouble(attempt)) is not None:
                code, why = trouble
                delivery.outcome = f"not reported: {why}"
                text = f"The event callback {without_password(delivery.url)} failed: {why}"
                alerts.append(Alert(code, "error", text, delivery.subject_sid))
        except Exception:
            log.exception("delivery %d", delivery.number)
            delivery.outcome = FAILED
        self.service.store.finish_delivery(delivery, alerts, self.service.clock.now())

    # ---- both kinds ----------------------------------------------------------------------------------------------

    async def _attempt(
        self, delivery: Delivery, url: str, parameters: dict[str, str], seconds: float, fault: Fault | None
    ) -> tuple[dict[str, Any], str | None]:
        """Send a delivery to an address, with what is ordered to go wrong: see `Sender.post`. Notes the attempt."""
        if fault is not None and fault.deliveries == "late":
            await asyncio.sleep(fault.seconds)
        attempt, body = await self.sender.post(url, parameters, seconds, body_counts=delivery.kind == "assignment")
        if fault is not None:
            attempt["fault"] = fault.deliveries
            if fault.deliveries == "timeout":
                attempt |= {"error": f"no answer within {seconds:g} seconds (as a fault has ordered)", "code": 11205}
        delivery.attempts.append(attempt)
        return attempt, body

    # ---- assignments ---------------------------------------------------------------------------------------------

    async def _assignment(self, delivery: Delivery) -> None:
        service = self.service
        try:
            if seconds := self._pause(delivery):
                await asyncio.sleep(seconds)
            fault = service.faults.bends(delivery)
            verdict, alerts = await self._ask(delivery, fault)
            router = service.routers.get(delivery.workspace_sid)
            delivery.outcome = "the workspace is gone"
            if router is not None:
                router.advance(service.clock.now())
                for code, level, text in alerts:
                    router.alert(code, text, delivery.subject_sid, level)
                delivery.outcome = self._carry_out(router, delivery.subject_sid, verdict)
                service.commit(router)
            service.store.finish_delivery(delivery)
            if fault is not None and fault.deliveries == "twice":
                service.send_again(delivery)
        except Exception:
            log.exception("delivery %d", delivery.number)
            service.reload(delivery.workspace_sid)
            delivery.outcome = FAILED
            service.store.finish_delivery(delivery)

    def _pause(self, delivery: Delivery) -> float:
        router = self.service.routers.get(delivery.workspace_sid)
        reservation = router and router.state.reservations.get(delivery.subject_sid)
        if not router or not reservation:
            return 0.0
        return pause(router.state.tasks[reservation.task_sid], reservation, self.service.clock.now())

    def _is_settled(self, delivery: Delivery) -> bool:
        """Has the reservation come to an end while it was asked about? There is nothing left to decide then."""
        router = self.service.routers.get(delivery.workspace_sid)
        if router is None:
            return False
        router.advance(self.service.clock.now())
        self.service.commit(router)
        reservation = router.state.reservations.get(delivery.subject_sid)
        return reservation is None or reservation.reservation_status != "pending"

    async def _ask(self, delivery: Delivery, fault: Fault | None = None) -> tuple[Verdict, list[tuple[int, str, str]]]:
        """Ask what to do with a reservation: the verdict, and the alerts on the way (behaviour.md §3.2).

        fault: what is to go wrong at the first address; the fallback works.
        """
        options = self.service.options
        alerts: list[tuple[int, str, str]] = []
        verdict = failed(11200, "there is no address")
        for address in filter(None, (delivery.url, delivery.fallback_url)):
            if delivery.attempts and self._is_settled(delivery):
                break
            parameters = delivery.parameters
            if delivery.attempts:
                fault = None
                if options.fallback == "with-error" and verdict.alert:
                    failed_at = without_password(delivery.url)
                    parameters = parameters | {"ErrorCode": str(verdict.alert[0]), "ErrorUrl": failed_at}
            attempt, body = await self._attempt(delivery, address, parameters, ASSIGNMENT_SECONDS, fault)
            if (trouble := _trouble(attempt)) is not None:
                verdict = failed(trouble[0], f"{without_password(address)}: {trouble[1]}")
            else:
                verdict = judge(attempt["status"], attempt["content_type"], body, options)
            if verdict.alert:
                alerts.append(verdict.alert)
            if verdict.kind != "failed":
                break
        return verdict, alerts

    def _carry_out(self, router: WorkspaceEngine, reservation_sid: str, verdict: Verdict) -> str:
        """Do what an assignment callback said; what came of it, in words (behaviour.md §3.2, §3.3)."""
        if verdict.kind == "nothing":
            return "no instruction: the reservation stays pending"
        reservation = router.state.reservations.get(reservation_sid)
        if reservation is None:
            return "the reservation is gone"
        now, name = self.service.clock.now(), verdict.instruction.get("instruction", "a cancellation")
        try:
            if reservation.reservation_status != "pending":
                if name in NOT_PENDING:
                    check_pending(reservation, name)
                return f"too late for {name}: the reservation is {reservation.reservation_status}"
            if verdict.kind == "failed":
                router.reservations.cancel(now, reservation)
                return "nobody could be asked: the reservation is canceled"
            return router.reservations.instruct(now, reservation, name, verdict.instruction)
        except TaskRouterError as refusal:
            router.alert(refusal.code, refusal.text, reservation.sid)
            return f"{name} was refused: {refusal.text}"


def pause(task: Task, reservation: Reservation, now: int) -> float:
    """How long the callback for a reservation waits, in seconds: 0 unless it repeats what has just come to nothing.

    That is an earlier reservation of the task which was canceled, as after a callback that failed, or which the same
    worker has rejected; so a task that goes on to another worker after a rejection does not wait. now: milliseconds.
    """
    ended = (
        earlier.date_updated
        for earlier in task.reservations.values()
        if earlier.reservation_status == "canceled"
        or (earlier.reservation_status == "rejected" and earlier.worker_sid == reservation.worker_sid)
    )
    return max(0.0, RETRY_SECONDS - (now - max(ended, default=0)) / 1000)


class Line:
    """Event callbacks of one workspace, in order. has_dropped: it was full once since it was last empty."""

    def __init__(self) -> None:
        self.waiting: deque[Delivery] = deque()
        self.has_dropped = False
        self._came = asyncio.Event()

    def add(self, delivery: Delivery) -> None:
        self.waiting.append(delivery)
        self._came.set()

    async def another(self, seconds: float, wanted: Callable[[], bool]) -> None:
        """Wait at most so many seconds until one is there, as long as it is wanted; `let_go` has that asked again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self.waiting and wanted():
                    self._came.clear()
                    await self._came.wait()

    def let_go(self) -> None:
        self._came.set()


def _trouble(attempt: dict[str, Any]) -> tuple[int, str] | None:
    """The code and the words for an attempt that got no answer, or one whose status says that it failed."""
    if "error" in attempt:
        return attempt["code"], attempt["error"]
    if not 200 <= attempt["status"] < 300:
        return 11200, f"it answered {attempt['status']}"
    return None
