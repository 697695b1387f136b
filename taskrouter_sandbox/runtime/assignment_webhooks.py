"""Delivers assignment callbacks: each at once and for itself, and what its answer says is done (behaviour.md §3)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from ..engine import WorkspaceEngine
from ..engine.model.effects import Alert
from ..engine.model.entities import Reservation, Task
from ..engine.model.errors import TaskRouterError
from ..engine.rules.instructions import NOT_PENDING, check_pending
from ..webhooks.assignment_callback import (
    AnswerAlert,
    AssignmentAnswer,
    failed,
    parse_answer,
    with_redirects,
    with_whole_addresses,
)
from ..webhooks.delivery import Delivery, Outcome, without_password
from .deliverer import SANDBOX_FAILED, Deliverer
from .faults import Fault
from .workspaces import Workspaces

log = logging.getLogger(__name__)


class AssignmentWebhooks:
    """The assignment callbacks of all workspaces."""

    def __init__(self, workspaces: Workspaces, deliverer: Deliverer):
        self.workspaces, self.deliverer = workspaces, deliverer

    async def deliver(self, delivery: Delivery) -> None:
        """Ask what to do with a reservation, and do it."""
        try:
            if seconds := self._pause(delivery):
                await asyncio.sleep(seconds)
                if await self.deliverer.once_writable(lambda: self._is_settled(delivery)):
                    delivery.outcome = Outcome("gone", "not asked: meanwhile the reservation has come to an end")
                    await self.deliverer.finish(delivery)
                    return
            fault = self.deliverer.faults.fault_for(delivery)
            answer, alerts = await self.ask(delivery, fault)
            await self.deliverer.once_writable(lambda: self._finish(delivery, answer, alerts))
            if fault is not None and fault.deliveries == "twice":
                self.deliverer.run(self.deliver(await self.deliverer.keep_again(delivery)))
        except Exception:
            log.exception("delivery %d", delivery.number)
            delivery.outcome = SANDBOX_FAILED
            await self.deliverer.finish(delivery)

    def _pause(self, delivery: Delivery) -> float:
        engine = self.workspaces.engines.get(delivery.workspace_sid)
        reservation = engine and engine.state.reservations.get(delivery.subject_sid)
        if not engine or not reservation:
            return 0.0
        task, now = engine.state.tasks[reservation.task_sid], self.deliverer.now()
        return pause(task, reservation, now, self.deliverer.limits.retry_seconds)

    async def ask(self, delivery: Delivery, fault: Fault | None = None) -> tuple[AssignmentAnswer, list[AnswerAlert]]:
        """Ask what to do with a reservation: the answer, and the alerts on the way (behaviour.md §3.2).

        fault: what is to go wrong at the first address; the fallback works.
        """
        options = self.workspaces.options
        alerts: list[AnswerAlert] = []
        answer = failed(11200, "there is no address")
        for address in filter(None, (delivery.url, delivery.fallback_url)):
            if delivery.attempts and await self.deliverer.once_writable(lambda: self._is_settled(delivery)):
                break
            parameters = delivery.parameters
            if delivery.attempts:
                fault = None
                if options.fallback == "with-error" and answer.alert:
                    failed_at = without_password(delivery.url)
                    parameters = parameters | {"ErrorCode": str(answer.alert.code), "ErrorUrl": failed_at}
            seconds = self.deliverer.limits.assignment_seconds
            attempt, body = await self.deliverer.attempt(delivery, address, parameters, seconds, fault)
            if (failure := attempt.failure) is not None:
                answer = failed(failure.code, f"{without_password(address)}: {failure.text}")
            else:
                answer = parse_answer(attempt.status or 0, attempt.content_type or "", body, options)
                answer = with_redirects(with_whole_addresses(answer, address), attempt.redirected)
            if answer.alert:
                alerts.append(answer.alert)
            if answer.kind != "failed":
                break
        return answer, alerts

    def _is_settled(self, delivery: Delivery) -> bool:
        """Tell whether the reservation has come to an end meanwhile: there is nothing left to decide."""
        sid = delivery.workspace_sid
        if sid not in self.workspaces.engines:
            return False
        reservation = self.workspaces.apply(
            sid, self.deliverer.now(), lambda engine: engine.state.reservations.get(delivery.subject_sid)
        )
        return reservation is None or reservation.reservation_status != "pending"

    def _finish(self, delivery: Delivery, answer: AssignmentAnswer, alerts: list[AnswerAlert]) -> None:
        """Do what the answer says, and end the delivery with it: both are kept, or neither."""
        now, sid = self.deliverer.now(), delivery.workspace_sid
        if sid not in self.workspaces.engines:
            delivery.outcome = Outcome("gone", "the workspace is gone")
            self.deliverer.store.finish_delivery(delivery)
            return

        def apply_answer(engine: WorkspaceEngine) -> None:
            for attempt, alert in enumerate(alerts):  # only the last address may have left none
                told = Alert(alert.code, alert.level, alert.text, delivery.subject_sid, delivery.number, attempt)
                engine.alert(told)
            delivery.outcome = _apply_answer(engine, delivery.subject_sid, answer, now)

        def note(refused: TaskRouterError) -> Callable[[WorkspaceEngine], None]:
            alert = Alert(refused.code, "error", refused.text, delivery.subject_sid, delivery.number)
            return lambda engine: engine.alert(alert)

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
