"""Carries out what the voice side orders of TaskRouter: each order is one unit of work in a workspace."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from ..engine import WorkspaceEngine
from ..engine.model.effects import CallRequest
from ..engine.model.entities import Reservation
from ..engine.model.errors import TaskRouterError
from ..voice.model.effects import (
    CallEnded,
    CallFailed,
    CancelTask,
    Carried,
    Connect,
    CreateVoiceTask,
    Dialed,
    FindReservation,
    OrderRefused,
    Outcome,
    ReservationFound,
    TaskCommand,
    TaskMade,
)
from ..voice.model.terms import InstructionOrder
from .sids import new_sid
from .workspaces import Workspaces

NO_WORKFLOW, NO_TASK, NO_RESERVATION = 14220, 14222, 14217
CHANNEL = "voice"
WHY = "The sandbox was stopped while the call was being placed."

T = TypeVar("T")

log = logging.getLogger(__name__)


class TaskOrders:
    """The workspaces of an account, as the voice side sees them. Each method may raise NotKept."""

    def __init__(self, workspaces: Workspaces):
        self.workspaces = workspaces

    def instruction(self, workspace_sid: str, request: CallRequest) -> InstructionOrder | None:
        """Give an instruction with its task; None when the reservation is gone meanwhile."""
        engine = self.workspaces.engines.get(workspace_sid)
        reservation = engine.state.reservations.get(request.reservation_sid) if engine else None
        if engine is None or reservation is None:
            return None
        task = engine.state.tasks[reservation.task_sid]
        return InstructionOrder(
            request.instruction,
            reservation.sid,
            task.sid,
            reservation.worker_sid,
            request.parameters,
            task.parsed_attributes,
        )

    def interrupted(self) -> list[TaskCommand]:
        """Give orders for the instructions whose call nobody places any more, as the sandbox was stopped meanwhile."""
        return [
            CallFailed(new_sid("CM"), one.sid, WHY, None, one.instruction == "conference")
            for one in self.workspaces.placing_calls()
        ]

    def after_a_kill(self, order: TaskCommand) -> list[TaskCommand] | None:
        """Give what is to be ordered instead of an order whose outcome was never kept, though it may have been carried
        out, now that its call has failed; None where it does no harm as it is."""
        match order:
            case CreateVoiceTask():
                return [
                    CancelTask(new_sid("CM"), task.sid, "failed")
                    for engine in self.workspaces.engines.values()
                    for task in engine.state.tasks.values()
                    if task.parsed_attributes.get("call_sid") == order.call_sid
                ]
            case Connect():
                return [CallEnded(new_sid("CM"), order.reservation_sid)]
            case _:
                return None

    def carry_out(self, now: int, order: TaskCommand) -> Outcome:
        """Do what an order says, and give what came of it."""
        try:
            match order:
                case CreateVoiceTask():
                    return self._create(now, order)
                case CancelTask():
                    self._cancel(now, order)
                    return Carried()
                case FindReservation():
                    return self._find(order.reservation_sid)
                case _:
                    return self._tell(now, order)
        except TaskRouterError as refused:
            return OrderRefused(NO_TASK if isinstance(order, CreateVoiceTask) else refused.code, refused.text)

    def _create(self, now: int, order: CreateVoiceTask) -> Outcome:
        sid = self._workspace(lambda engine: order.workflow_sid in engine.state.workflows)
        if sid is None:
            return OrderRefused(NO_WORKFLOW, f"There is no Workflow {order.workflow_sid}")
        task = self.workspaces.apply(
            sid,
            now,
            lambda engine: engine.tasks.create(
                now,
                workflow_sid=order.workflow_sid,
                attributes=order.attributes,
                priority=order.priority,
                timeout=order.timeout,
                task_channel=CHANNEL,
            ),
        )
        return TaskMade(task.sid)

    def _cancel(self, now: int, order: CancelTask) -> None:
        sid = self._workspace(lambda engine: order.task_sid in engine.state.tasks)

        def cancel(engine: WorkspaceEngine) -> None:
            task = engine.state.tasks.get(order.task_sid)
            if task is not None and task.assignment_status in ("pending", "reserved"):
                engine.tasks.update(now, task, assignment_status="canceled", reason=order.reason)

        if sid is not None:
            self.workspaces.apply(sid, now, cancel)

    def _find(self, reservation_sid: str) -> Outcome:
        sid = self._workspace(lambda engine: reservation_sid in engine.state.reservations)
        if sid is None:
            return OrderRefused(NO_RESERVATION, f"There is no Reservation {reservation_sid}")
        state = self.workspaces.engines[sid].state
        reservation = state.reservations[reservation_sid]
        call_sid = state.tasks[reservation.task_sid].parsed_attributes.get("call_sid")
        return ReservationFound(
            reservation.reservation_status, reservation.task_sid, call_sid if isinstance(call_sid, str) else None
        )

    def _tell(self, now: int, order: Dialed | Connect | CallFailed | CallEnded) -> Outcome:
        """Tell of a call for a reservation; one that is gone is nobody's any more."""
        sid = self._workspace(lambda engine: order.reservation_sid in engine.state.reservations)

        def tell(engine: WorkspaceEngine) -> Reservation:
            reservation, commands = engine.state.reservations[order.reservation_sid], engine.reservations
            match order:
                case Dialed():
                    return commands.dialed(now, reservation, order.worker_call_sid)
                case Connect():
                    return commands.connected(now, reservation, order.conference, order.post_work_activity_sid)
                case CallFailed() if reservation.reservation_status == "pending":
                    reservation.canceled_reason_code = order.reason_code
                    return commands.call_failed(now, reservation, order.text, order.code, order.cancels)
                case CallFailed() if reservation.reservation_status == "accepted":
                    return commands.call_failed(now, reservation, order.text, order.code, cancels=False)
                case CallFailed():
                    return reservation
                case CallEnded():
                    return commands.call_ended(now, reservation)

        if sid is None:
            return OrderRefused(NO_RESERVATION, f"There is no Reservation {order.reservation_sid}")
        self.workspaces.apply(sid, now, tell)
        return Carried()

    def _workspace(self, has: Callable[[WorkspaceEngine], bool]) -> str | None:
        """Find the workspace that has something."""
        return next((sid for sid, engine in self.workspaces.engines.items() if has(engine)), None)
