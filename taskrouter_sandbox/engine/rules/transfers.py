"""Transfers: a task on its way from the worker who has it to another worker, or to a queue.

REST has no operation for them: an agent's browser begins one, by `task.transfer()` of the worker SDK, as behind the
Transfer button of Flex. What is known is their events (behaviour.md §4.5), what a transferred reservation may be told
(§3.3), and what that SDK and its own tests against the service show:

| moment                        | the task                              | event                            |
|-------------------------------|---------------------------------------|----------------------------------|
| begun                         | pending, for that worker or queue     | `transfer-initiated`             |
| offered to a worker           | reserved                              |                                  |
| the offer is accepted         | assigned                              | `transfer-completed`             |
| the offer fails, in a queue   | pending: the queue's others are asked | `transfer-attempt-failed`        |
| the offer fails, for a worker | goes back                             | `transfer-failed`                |
| taken back                    | goes back                             | `transfer-canceled`              |
| the task ends                 | ended                                 | `transfer-failed`                |

In a WARM transfer the first worker keeps the task until somebody has accepted it, and then both have it; in a COLD one
the first worker wraps up at once. A task that goes back stays with a worker who is at work on it, and returns to the
queue where it was. When nobody is at work on it, it begins its workflow again; without one it waits in that queue, or
for its RoutingTarget. Each worker completes its own reservation, and the task is completed with the last.

Where sources are silent: a worker is offered the task whatever it is doing, as with a RoutingTarget; in a queue it is
not offered to who is at work on it. The task's timeout and its wait begin anew when it is passed on, and when nobody
was left to go back to; when that timeout runs out in a WARM transfer the task goes back. An event of a reservation
names the queue that the reservation was made in. Of the reasons of a failure only that of a timeout is known.
"""

from __future__ import annotations

from ..model.entities import NO_FILTER, Reservation, ReservationStatus, Task, Transfer, TransferStatus
from ..model.state import State
from . import deadlines, matching, transitions

BECAUSE = "Transfer failed because "

OFFER_FAILED: dict[ReservationStatus, str] = {
    "timeout": f"{BECAUSE}the reservation timed out",
    "rejected": f"{BECAUSE}the reservation was rejected",
    "canceled": f"{BECAUSE}the reservation was canceled",
}
TASK_ENDED = f"{BECAUSE}the task was {{}}"
NOBODY_CAME = f"{BECAUSE}nobody accepted it in time"


def link(state: State, transfer: Transfer) -> None:
    """Add a transfer to its task."""
    task = state.tasks[transfer.task_sid]
    task.transfers[transfer.sid] = transfer
    if transfer.transfer_status == "initiated":
        task.transfer = transfer


def settle(state: State, task: Task, status: TransferStatus, reason: str | None = None) -> Transfer:
    """End the transfer under way; it is to be reported, and the task must not wait for it any more."""
    transfer = task.transfer
    assert transfer is not None
    task.transfer = None
    transfer.transfer_status, transfer.transfer_failed_reason = status, reason
    state.recorder.changed(transfer, state.now)
    return transfer


def fail(state: State, task: Task, what: str) -> None:
    """End the transfer of a task that has ended, if one was under way."""
    if task.transfer is not None:
        state.observer.transfer_ended(state.now, task, settle(state, task, "failed", TASK_ENDED.format(what)))


def begin_transfer(state: State, reservation: Reservation, transfer: Transfer, priority: int) -> None:
    """Begin a transfer: the task goes straight to that worker or queue, with that priority, and waits anew."""
    task = state.tasks[reservation.task_sid]
    before, priority_before = state.queue_of(task), task.priority
    task.priority = priority
    link(state, transfer)
    task.counted_from = state.now
    task.filter_index, task.step_limit, task.timed_out = NO_FILTER, None, False
    state.find_target(task)
    moves = transfer.transfer_type == "QUEUE" and transfer.transfer_to != before.sid
    if moves:
        task.task_queue_sid, task.task_queue_entered_date = transfer.transfer_to, state.now
    transitions.set_task_status(state, task, "pending")
    matching.wait(state, task)
    state.observer.transfer_initiated(state.now, task, transfer)
    if transfer.transfer_mode == "COLD":
        transitions.report_and_move_worker(
            state, reservation, transitions.set_reservation_status(state, reservation, "wrapping")
        )
    if moves:
        state.observer.queue_changed(state.now, task, before, priority_before)
    state.pending.enter[task.sid] = task


def abort_transfer(state: State, task: Task, status: TransferStatus, reason: str | None = None) -> None:
    """End a transfer that comes to nothing: what it has reserved is canceled, and the task goes back."""
    if task.assignment_status == "pending":
        matching.wait_no_longer(state, task)
    state.pending.forget(task)
    canceled: list[tuple[Reservation, transitions.Destination]] = [
        (offer, transitions.set_reservation_status(state, offer, "canceled")) for offer in transitions.offers(task)
    ]
    transfer = settle(state, task, status, reason)
    return_task(state, task, transfer)
    for offer, destination in canceled:
        transitions.report_and_move_worker(state, offer, destination)
    report_return(state, task, transfer)


def return_task(state: State, task: Task, transfer: Transfer) -> None:
    """Leave a task whose transfer has come to nothing to whoever is at work on it, in the queue where it was.

    When nobody is, it waits, and begins its workflow again (`routing.dispatch`).
    """
    if transitions.is_held(task):
        if task.task_queue_sid != transfer.initiating_queue_sid:
            task.task_queue_sid, task.task_queue_entered_date = transfer.initiating_queue_sid, state.now
        task.assigned_at = state.now
        transitions.set_task_status(state, task, "assigned")
        return
    task.counted_from = state.now
    if task.assignment_status != "pending":
        transitions.set_task_status(state, task, "pending")
    else:
        state.recorder.changed(task, state.now)
        deadlines.schedule_task_deadline(state, task)
    matching.wait(state, task)
    state.pending.look_again(task, "restart_workflow")


def report_return(state: State, task: Task, transfer: Transfer) -> None:
    """Report that a transfer is over, and where its task is now."""
    state.observer.transfer_ended(state.now, task, transfer)
    report_place(state, task, transfer)


def report_place(state: State, task: Task, transfer: Transfer) -> None:
    """Report where a task is after a transfer, or an attempt of it, has failed."""
    if transfer.transfer_type == "QUEUE" and transfer.transfer_to != task.task_queue_sid:
        state.observer.queue_changed(state.now, task, state.task_queues[transfer.transfer_to], task.priority)
    state.observer.task_updated(state.now, task)
