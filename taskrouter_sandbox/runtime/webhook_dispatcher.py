"""Delivers what commands have called for: who is asked when, and what is done about the answer.

Assignment callbacks leave at once, each for itself. Event callbacks of a workspace leave one after the other, in the
order of the events; at most `ServiceLimits.max_waiting` of them queue up, and no request waits for their delivery.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

from ..engine import WorkspaceEngine
from ..engine.model.effects import Alert
from ..engine.model.entities import Reservation, Task
from ..engine.model.errors import TaskRouterError
from ..engine.rules.instructions import NOT_PENDING, check_pending
from ..storage.errors import NotKept
from ..webhooks.assignment_callback import AnswerAlert, AssignmentAnswer, failed, parse_answer, with_whole_addresses
from ..webhooks.delivery import Attempt, Delivery, Failure, Outcome, without_password
from ..webhooks.sender import Sender
from .event_queue import EventQueue
from .faults import Fault, Faults
from .limits import ServiceLimits
from .workspaces import Workspaces

SANDBOX_FAILED = Outcome("failed", "the sandbox failed; its log says why")

T = TypeVar("T")

log = logging.getLogger(__name__)


class WebhookDispatcher:
    """What delivers the webhooks of all workspaces.

    auth_token: what they are signed with; now: tells the time, in milliseconds since 1970.
    """

    def __init__(
        self, workspaces: Workspaces, faults: Faults, auth_token: str, now: Callable[[], int], limits: ServiceLimits
    ):
        self.workspaces, self.store, self.faults = workspaces, workspaces.store, faults
        self.now, self.limits = now, limits
        self.sender = Sender(auth_token)
        self._running: set[asyncio.Task[None]] = set()
        self._queues: dict[tuple[str, str], EventQueue] = {}  # by Workspace SID and address

    def start(self, deliveries: Iterable[Delivery], max_waiting: int | None = None) -> None:
        """Let deliveries begin as soon as the event loop is free again: an answer at work leaves before them.

        max_waiting: event callbacks of a workspace that may wait for one address, where it is not the limit.
        """
        for delivery in deliveries:
            if delivery.kind == "assignment":
                self._run(self._deliver_assignment(delivery))
            else:
                self._enqueue(delivery, self.limits.max_waiting if max_waiting is None else max_waiting)

    def send_again(self, delivery: Delivery) -> Delivery:
        """Deliver the same once more, and give the new delivery, which has begun."""
        again = self.store.keep_again(delivery, self.now())
        self.start([again])
        return again

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def abandon(self) -> None:
        """Give up what is under way; what the store still has is sent at the next start."""
        for task in self._running:
            task.cancel()
        self._queues.clear()

    async def drain(self) -> None:
        """Wait until all that is under way has come to an end."""
        while self._running:
            await asyncio.gather(*self._running)

    async def close(self) -> None:
        """Give up what is under way, and close every connection."""
        running = list(self._running)
        self.abandon()
        await asyncio.gather(*running, return_exceptions=True)
        await self.sender.close()

    # ---- events --------------------------------------------------------------------------------------------------

    def _enqueue(self, delivery: Delivery, max_waiting: int) -> None:
        place = delivery.workspace_sid, delivery.url  # a new address does not wait for an old one
        queue = self._queues.get(place)
        if queue is None:
            queue = self._queues[place] = EventQueue()
            self._run(self._report(place, queue))
        if len(queue.waiting) < max_waiting:
            queue.add(delivery)
            return
        delivery.outcome = Outcome("dropped", f"dropped: {max_waiting} events were waiting already")
        alerts: list[Alert] = []
        if not queue.has_dropped:
            queue.has_dropped = True
            url = without_password(delivery.url)
            text = f"{url} answers so slowly that {max_waiting} events wait for it; newer ones are dropped"
            alerts.append(Alert(11200, "error", text, delivery.workspace_sid))
        self._run(self._finish(delivery, alerts))

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
        fault = self.faults.fault_for(delivery)
        if fault is not None and fault.deliveries == "out-of-order":
            ordered = fault
            await queue.wait_for_next(ordered.seconds, lambda: self.faults.is_on(ordered))
            if queue.waiting and self.faults.consume(ordered):
                await self._report_one(queue.waiting.popleft(), None)
            else:
                fault = None
        await self._report_one(delivery, fault)
        if fault is not None and fault.deliveries == "twice":
            again = await self._once_writable(lambda: self.store.keep_again(delivery, self.now()))
            queue.waiting.appendleft(again)

    def wake(self) -> None:
        """Hold no event back any more for one that overtakes it, unless a fault still says so."""
        for queue in self._queues.values():
            queue.wake()

    async def _report_one(self, delivery: Delivery, fault: Fault | None) -> None:
        alerts: list[Alert] = []
        try:
            seconds = self.limits.event_seconds
            attempt, _ = await self._attempt(delivery, delivery.url, delivery.parameters, seconds, fault)
            delivery.outcome = Outcome("done", "reported")
            if (failure := attempt.failure) is not None:
                delivery.outcome = Outcome("failed", f"not reported: {failure.text}")
                text = f"The event callback {without_password(delivery.url)} failed: {failure.text}"
                alerts.append(Alert(failure.code, "error", text, delivery.subject_sid))
        except Exception:
            log.exception("delivery %d", delivery.number)
            delivery.outcome = SANDBOX_FAILED
        await self._finish(delivery, alerts)

    # ---- both kinds ----------------------------------------------------------------------------------------------

    async def _finish(self, delivery: Delivery, alerts: list[Alert]) -> None:
        """Keep what came of a delivery, and the alerts that it gave rise to."""
        await self._once_writable(lambda: self.store.finish_delivery(delivery, alerts, self.now()))

    async def _once_writable(self, keep: Callable[[], T]) -> T:
        """Keep something as soon as the store takes it: an answer that has come is not lost to a program that holds
        the database for a while, or to a disk that is full."""
        while True:
            try:
                return keep()
            except NotKept as waiting:
                log.warning("a webhook's end waits: %s", waiting)
                await asyncio.sleep(self.limits.timer_retry_seconds)

    async def _attempt(
        self, delivery: Delivery, url: str, parameters: dict[str, str], seconds: float, fault: Fault | None
    ) -> tuple[Attempt, str | None]:
        """Send a delivery to an address and note the attempt; see `Sender.post`.

        Of what a fault orders, `late` and `timeout` are carried out here, `twice` and `out-of-order` by the callers."""
        if fault is not None and fault.deliveries == "late":
            await asyncio.sleep(fault.seconds)
        attempt, body = await self.sender.post(url, parameters, seconds, body_counts=delivery.kind == "assignment")
        if fault is not None:
            attempt.fault = fault.deliveries
            if fault.deliveries == "timeout":
                attempt.error = Failure(11205, f"no answer within {seconds:g} seconds (as a fault has ordered)")
        delivery.attempts.append(attempt)
        return attempt, body

    # ---- assignments ---------------------------------------------------------------------------------------------

    async def _deliver_assignment(self, delivery: Delivery) -> None:
        try:
            if seconds := self._pause(delivery):
                await asyncio.sleep(seconds)
            fault = self.faults.fault_for(delivery)
            answer, alerts = await self.ask(delivery, fault)
            await self._once_writable(lambda: self._finish_assignment(delivery, answer, alerts))
            if fault is not None and fault.deliveries == "twice":
                await self._once_writable(lambda: self.send_again(delivery))
        except Exception:
            log.exception("delivery %d", delivery.number)
            delivery.outcome = SANDBOX_FAILED
            await self._finish(delivery, [])

    def _pause(self, delivery: Delivery) -> float:
        engine = self.workspaces.engines.get(delivery.workspace_sid)
        reservation = engine and engine.state.reservations.get(delivery.subject_sid)
        if not engine or not reservation:
            return 0.0
        return pause(engine.state.tasks[reservation.task_sid], reservation, self.now(), self.limits.retry_seconds)

    async def ask(self, delivery: Delivery, fault: Fault | None = None) -> tuple[AssignmentAnswer, list[AnswerAlert]]:
        """Ask what to do with a reservation: the answer, and the alerts on the way (behaviour.md §3.2).

        fault: what is to go wrong at the first address; the fallback works.
        """
        options = self.workspaces.options
        alerts: list[AnswerAlert] = []
        answer = failed(11200, "there is no address")
        for address in filter(None, (delivery.url, delivery.fallback_url)):
            if delivery.attempts and await self._once_writable(lambda: self._is_settled(delivery)):
                break
            parameters = delivery.parameters
            if delivery.attempts:
                fault = None
                if options.fallback == "with-error" and answer.alert:
                    failed_at = without_password(delivery.url)
                    parameters = parameters | {"ErrorCode": str(answer.alert.code), "ErrorUrl": failed_at}
            attempt, body = await self._attempt(delivery, address, parameters, self.limits.assignment_seconds, fault)
            if (failure := attempt.failure) is not None:
                answer = failed(failure.code, f"{without_password(address)}: {failure.text}")
            else:
                answer = parse_answer(attempt.status or 0, attempt.content_type or "", body, options)
                answer = with_whole_addresses(answer, address)
            if answer.alert:
                alerts.append(answer.alert)
            if answer.kind != "failed":
                break
        return answer, alerts

    def _is_settled(self, delivery: Delivery) -> bool:
        """Tell whether the reservation has come to an end while it was asked about: there is nothing left to decide."""
        sid = delivery.workspace_sid
        if sid not in self.workspaces.engines:
            return False
        reservation = self.workspaces.apply(
            sid, self.now(), lambda engine: engine.state.reservations.get(delivery.subject_sid)
        )
        return reservation is None or reservation.reservation_status != "pending"

    def _finish_assignment(self, delivery: Delivery, answer: AssignmentAnswer, alerts: list[AnswerAlert]) -> None:
        """Do what the answer says, and end the delivery with it: both are kept, or neither."""
        now, sid = self.now(), delivery.workspace_sid
        if sid not in self.workspaces.engines:
            delivery.outcome = Outcome("gone", "the workspace is gone")
            self.store.finish_delivery(delivery)
            return

        def apply_answer(engine: WorkspaceEngine) -> None:
            for alert in alerts:
                engine.alert(alert.code, alert.text, delivery.subject_sid, alert.level)
            delivery.outcome = _apply_answer(engine, delivery.subject_sid, answer, now)

        def note(refused: TaskRouterError) -> Callable[[WorkspaceEngine], None]:
            return lambda engine: engine.alert(refused.code, refused.text, delivery.subject_sid)

        try:
            self.workspaces.apply(sid, now, apply_answer, delivery)
        except TaskRouterError as refused:
            delivery.outcome = Outcome("refused", f"{_instruction(answer)} was refused: {refused.text}")
            self.workspaces.apply(sid, now, note(refused), delivery)


def _instruction(answer: AssignmentAnswer) -> str:
    return answer.instruction.get("instruction", "a cancellation")


def _apply_answer(engine: WorkspaceEngine, reservation_sid: str, answer: AssignmentAnswer, now: int) -> Outcome:
    """Do what an assignment callback said (behaviour.md §3.2, §3.3). Raises TaskRouterError for what breaks a rule."""
    if answer.kind == "nothing":
        return Outcome("no-instruction", "no instruction: the reservation stays pending")
    reservation = engine.state.reservations.get(reservation_sid)
    if reservation is None:
        return Outcome("gone", "the reservation is gone")
    name = _instruction(answer)
    if reservation.reservation_status != "pending":
        if name in NOT_PENDING:
            check_pending(reservation, name)
        return Outcome("too-late", f"too late for {name}: the reservation is {reservation.reservation_status}")
    if answer.kind == "failed":
        engine.reservations.cancel(now, reservation)
        return Outcome("failed", "nobody could be asked: the reservation is canceled")
    return Outcome("done", engine.reservations.instruct(now, reservation, name, answer.instruction))


def pause(task: Task, reservation: Reservation, now: int, retry_seconds: float) -> float:
    """Tell how long the callback for a reservation waits, in seconds: 0 unless it repeats what just came to nothing.

    That is an earlier reservation of the task which was canceled, as after a callback that failed, or which the same
    worker has rejected; so a task that goes on to another worker after a rejection does not wait. now: milliseconds;
    retry_seconds: from the end of the earlier one.
    """
    ended = (
        earlier.date_updated
        for earlier in task.reservations.values()
        if earlier.reservation_status == "canceled"
        or (earlier.reservation_status == "rejected" and earlier.worker_sid == reservation.worker_sid)
    )
    return max(0.0, retry_seconds - (now - max(ended, default=0)) / 1000)
