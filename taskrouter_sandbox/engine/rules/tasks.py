"""What is done to a task as a whole, with its reservations and its transfer: wrap up, end, delete."""

from __future__ import annotations

from ..model.entities import ReservationStatus, Task, TaskStatus
from ..model.state import State
from . import matching, transfers, transitions

# What the service writes by itself (behaviour.md §2.1, rest-contract.md §9.1; that of skipping is not known, the last
# one stands in the events of the browser SDK's own tests).
TTL_EXCEEDED = "Task TTL Exceeded"
TOO_MANY_ATTEMPTS = "Task TTL Exceeded or Max assignment count exceeded"
WORKFLOW_TIMEOUT = "Task canceled on Workflow timeout"
WORKFLOW_SKIPPED = "Task skipped by Workflow"
RESERVATIONS_COMPLETED = "All reservations were completed"
CONFERENCE_ENDED = "Conference ended"
NOT_RESERVED = "RoutingTarget SLA for Reservation creation was not met"


def replace_attributes(state: State, task: Task, attributes: str) -> None:
    """Give a task that is reserved or worked on other attributes; `parsed_attributes` must have been set."""
    task.attributes = attributes
    state.recorder.changed(task, state.now)
    state.observer.task_updated(state.now, task)


def wrap_up(state: State, task: Task, reason: str | None = None) -> None:
    """Move an assigned task to wrapping, and its reservation with it; it keeps the reason, if there is one."""
    task.reason = task.reason if reason is None else reason
    transitions.set_task_status(state, task, "wrapping")
    for reservation in list(task.open.values()):
        if reservation.reservation_status == "accepted":
            transitions.report_and_move_worker(
                state, reservation, transitions.set_reservation_status(state, reservation, "wrapping")
            )
    state.observer.task_wrapping(state.now, task)


def end_task(state: State, task: Task, to: TaskStatus, reason: str | None) -> None:
    """Complete or cancel a task, and its reservations with it; it can be fetched for five more minutes.

    Without a reason the task keeps the one that it was wrapped up for. The worker's activity does not change when a
    task is completed (behaviour.md §2.3).
    """
    if task.assignment_status == "pending":
        matching.wait_no_longer(state, task)
    state.pending.forget(task)
    task.reason = task.reason if reason is None else reason
    task.ended = state.now
    transitions.set_task_status(state, task, to)
    if to == "completed":
        state.observer.task_completed(state.now, task)
    else:
        state.observer.task_canceled(state.now, task)
    close_reservations(state, task)
    transfers.fail(state, task, to)
    if not state.limits.kept_after_end:
        forget_task(state, task)


def close_reservations(state: State, task: Task) -> None:
    """End what is open: accepted and wrapping reservations are completed, pending ones canceled."""
    for reservation in list(task.open.values()):
        to: ReservationStatus = "canceled" if reservation.reservation_status == "pending" else "completed"
        transitions.report_and_move_worker(
            state, reservation, transitions.set_reservation_status(state, reservation, to)
        )


def delete_task(state: State, task: Task, by_system: bool = False) -> None:
    """Take a task out of the workspace, in whatever status it is (rest-contract.md §8)."""
    if task.assignment_status == "pending":
        matching.wait_no_longer(state, task)
    state.pending.forget(task)
    close_reservations(state, task)
    transfers.fail(state, task, "deleted")
    state.observer.task_deleted(state.now, task, by_system)
    forget_task(state, task)


def forget_task(state: State, task: Task) -> None:
    """Drop a task and what belongs to it: it answers 404 from now on."""
    state.timers.drop(task.sid)
    state.remove(task)
    for part in (*task.reservations.values(), *task.transfers.values()):
        state.remove(part)
