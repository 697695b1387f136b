"""How tasks, reservations and workers move from status to status (behaviour.md §2).

The tables say which moves there are; the functions make them, with all that goes along: capacity, the worker's
activity, deadlines, events. An event shows its task as it is after the move. What is left to be matched afterwards is
left in `state.pending` for `dispatch`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from ..model.effects import AssignmentCallback
from ..model.entities import (
    NO_FILTER,
    Activity,
    Reservation,
    ReservationStatus,
    Task,
    TaskStatus,
    Transfer,
    TransferStatus,
    Worker,
)
from ..model.errors import Gone, TaskRouterError
from ..model.state import State
from ..reporting import event_recorder
from . import deadlines, matching, transfers

# behaviour.md §2.1: from, to, and what does it
TASK_MOVES: dict[tuple[TaskStatus, TaskStatus], str] = {
    ("pending", "reserved"): "a reservation, or a batch of them, is made",
    ("reserved", "pending"): "every reservation of the batch has ended unaccepted",
    ("reserved", "assigned"): "one reservation is accepted; a transfer comes to nothing",
    ("assigned", "wrapping"): "the app says so, or the call has ended",
    ("assigned", "completed"): "the app says so",
    ("wrapping", "completed"): "the app says so",
    ("pending", "canceled"): "the app says so; TTL; the end of the workflow",
    ("reserved", "canceled"): "the app says so; TTL; 1,000 attempts",
    ("assigned", "pending"): "a transfer begins",
    ("pending", "assigned"): "a transfer comes to nothing",
}

# The service's own words for the moves that it refuses (behaviour.md §2.1).
TASK_REFUSALS: dict[TaskStatus, str] = {
    "canceled": "Cannot cancel task {task} because it is not pending or reserved.",
    "completed": "Cannot complete task {task} because it is not currently assigned.",
    "wrapping": "Cannot wrap up a task {task} because it is not currently assigned.",
}


class Move(NamedTuple):
    """What a change of a reservation's status is called as an event, and where it takes the worker (§2.3)."""

    event: str
    worker: Literal["stays", "assignment", "given or previous", "previous", "timeout"] = "stays"


# behaviour.md §2.2: from, to
RESERVATION_MOVES: dict[tuple[ReservationStatus, ReservationStatus], Move] = {
    ("pending", "accepted"): Move("accepted", "assignment"),
    ("pending", "rejected"): Move("rejected", "given or previous"),
    ("pending", "timeout"): Move("timeout", "timeout"),
    ("pending", "canceled"): Move("canceled", "given or previous"),
    ("pending", "rescinded"): Move("rescinded", "previous"),
    ("accepted", "wrapping"): Move("wrapup"),
    ("accepted", "completed"): Move("completed"),
    ("wrapping", "completed"): Move("completed"),
}

BY_CLIENT = ("accepted", "rejected", "wrapping", "completed")  # what a request can make of a reservation

# behaviour.md §6.3: what a reservation of each status counts for on its worker's channel, as (used, assigned)
COUNTS: dict[ReservationStatus, tuple[int, int]] = {"pending": (1, 0), "accepted": (1, 1), "wrapping": (1, 0)}

MAX_ATTEMPTS = 1000  # moves from pending to reserved (rest-contract.md §12)

# Why the service ends a task by itself (behaviour.md §2.1, rest-contract.md §9.1; those of the workflow are not known,
# the last one stands in the events of the browser SDK's own tests).
TTL_EXCEEDED = "Task TTL Exceeded"
TOO_MANY_ATTEMPTS = "Task TTL Exceeded or Max assignment count exceeded"
WORKFLOW_TIMEOUT = "Task canceled on Workflow timeout"
WORKFLOW_SKIPPED = "Task skipped by Workflow"
NOT_RESERVED = "RoutingTarget SLA for Reservation creation was not met"


# workers


def move_worker(state: State, worker: Worker, activity_sid: str | None) -> None:
    """Put a worker into an activity; nothing happens when it is in it already, or when none is named."""
    if not activity_sid or activity_sid == worker.activity_sid:
        return
    before, since = state.activity_of(worker), worker.date_status_changed
    with matching.reindexing(state, worker):
        matching.enter_activity(state, worker, activity_sid)
    state.recorder.changed(worker)
    event_recorder.worker_activity(state, worker, before, since)


def clear_holds(state: State, worker: Worker) -> None:
    """A worker was put into an activity on purpose: what it has accepted no longer holds it (single-tasking, §2.3)."""
    with matching.reindexing(state, worker):
        for reservation in worker.open.values():
            if reservation.reservation_status != "pending" and reservation.holds_worker:
                reservation.holds_worker = False
                state.recorder.record(reservation)


def _destination(state: State, reservation: Reservation, move: Move, given: str | None) -> str | None:
    """The activity that a move takes the worker to, or None to stay (behaviour.md §2.3)."""
    match move.worker:
        case "assignment":
            queue = state.task_queues.get(reservation.task_queue_sid)
            return queue.assignment_activity_sid if queue and not state.workspace.multi_task_enabled else None
        case "timeout":
            return state.workspace.timeout_activity_sid
        case "given or previous" if given:
            return given
        case "given or previous" | "previous":
            return _previous(state, reservation)
    return None


def _previous(state: State, reservation: Reservation) -> str | None:
    """Where a worker returns to that the reservation had moved; it stays where it went meanwhile on purpose."""
    worker, before = state.workers[reservation.worker_sid], reservation.worker_previous_activity_sid
    moved = reservation.worker_activity_sid
    return before if moved is not None and moved == worker.activity_sid and before in state.activities else None


# reservations


def reserve(state: State, task: Task, workers: list[Worker]) -> None:
    """Reserve workers for a waiting task: each gets a reservation, a deadline and an assignment callback."""
    matching.wait_no_longer(state, task)
    task.attempts += 1
    _move_task(state, task, "reserved")
    for worker in workers:
        _reserve_one(state, task, worker)


def _reserve_one(state: State, task: Task, worker: Worker) -> None:
    queue, workflow = state.queue_of(task), state.workflow_of(task)
    seconds = workflow.task_reservation_timeout if workflow else 120
    before, since = state.activity_of(worker), worker.date_status_changed
    moved = _moved_by_reservation(state, queue.reservation_activity_sid, before)
    reservation = Reservation(
        sid=state.new_sid("WR"),
        date_created=state.now,
        date_updated=state.now,
        task_sid=task.sid,
        worker_sid=worker.sid,
        task_queue_sid=queue.sid,
        workflow_sid=task.workflow_sid,
        task_channel_sid=task.task_channel_sid,
        expires=state.now + seconds * 1000,
        worker_previous_activity_sid=before.sid,
        worker_activity_sid=moved,
        transfer_sid=task.transfer.sid if task.transfer else None,
    )
    reservation.number = next(state.numbers)
    state.add(reservation)
    state.recorder.record(reservation)
    deadlines.schedule_reservation_deadline(state, reservation)
    channel = worker.channels[task.task_channel_sid]
    matching.remove_ready(worker)
    worker.last_reserved = channel.last_reserved = state.now
    hold(state, reservation)
    if moved:
        matching.enter_activity(state, worker, moved)
    matching.add_ready(state, worker)
    state.recorder.record(channel)
    state.recorder.changed(worker) if moved else state.recorder.record(worker)
    # the event already names the activity that it leads to (behaviour.md §4.4)
    event_recorder.reservation(state, reservation, "created")
    if moved:
        event_recorder.worker_activity(state, worker, before, since)
    call_back(state, reservation)


def _moved_by_reservation(state: State, activity_sid: str | None, before: Activity) -> str | None:
    """Only single-tasking workspaces move a worker when it is reserved (behaviour.md §2.3)."""
    return None if state.workspace.multi_task_enabled or activity_sid == before.sid else activity_sid


def hold(state: State, reservation: Reservation) -> None:
    """Enter an open reservation where it counts: with its task, its worker and the worker's channel."""
    worker, task = state.workers[reservation.worker_sid], state.tasks[reservation.task_sid]
    task.open[reservation.sid] = task.reservations[reservation.sid] = reservation
    worker.open[reservation.sid] = reservation
    _count(worker, reservation, +1)


def _count(worker: Worker, reservation: Reservation, sign: int) -> None:
    used, assigned = COUNTS[reservation.reservation_status]
    channel = worker.channels[reservation.task_channel_sid]
    channel.used += sign * used
    channel.assigned += sign * assigned


def call_back(state: State, reservation: Reservation) -> None:
    """Ask for an assignment callback, when the workflow has an address for it (behaviour.md §3.1)."""
    task, worker = state.tasks[reservation.task_sid], state.workers[reservation.worker_sid]
    workflow = state.workflow_of(task)
    if workflow is None:
        return
    url, fallback_url = workflow.assignment_callback_url, workflow.fallback_assignment_callback_url
    if not url:
        url, fallback_url = fallback_url, None
    if not url:
        return
    parameters = {
        "AccountSid": state.account_sid,
        "ReservationSid": reservation.sid,
        "TaskAge": str(state.age(task)),
        "TaskAttributes": task.attributes,
        "TaskPriority": str(task.priority),
        "TaskQueueSid": reservation.task_queue_sid,
        "TaskSid": task.sid,
        "WorkerAttributes": worker.attributes,
        "WorkerSid": worker.sid,
        "WorkflowSid": workflow.sid,
        "WorkspaceSid": state.workspace.sid,
    }
    state.recorder.effects.assignment_callbacks.append(
        AssignmentCallback(reservation.sid, url, fallback_url or None, parameters)
    )


def check_reservation(reservation: Reservation, to: ReservationStatus) -> Move:
    """The move to that status.

    Raises TaskRouterError when there is none, Gone when another worker was quicker (behaviour.md §2.2).
    """
    now = reservation.reservation_status
    move = RESERVATION_MOVES.get((now, to))
    if move is not None:
        return move
    onward = " or ".join(sorted(after for before, after in RESERVATION_MOVES if before == now and after in BY_CLIENT))
    what = f"from {now} it can be made {onward}." if onward else "that is final."
    kind = Gone if now == "rescinded" else TaskRouterError
    raise kind(f"Cannot update reservation {reservation.sid} to {to} because it is {now}; {what}")


def _set_status(state: State, reservation: Reservation, to: ReservationStatus) -> Move:
    """Move a reservation, and what it counts for; its event and the worker's activity are still to come."""
    move = check_reservation(reservation, to)
    worker, task = state.workers[reservation.worker_sid], state.tasks[reservation.task_sid]
    if to in COUNTS:  # it uses its worker as before
        _count(worker, reservation, -1)
        reservation.reservation_status = to
        _count(worker, reservation, +1)
        matching.invalidate_view(state, worker)
    else:
        matching.remove_ready(worker)
        _count(worker, reservation, -1)
        reservation.reservation_status = to
        del task.open[reservation.sid], worker.open[reservation.sid]
        matching.add_ready(state, worker)
    state.timers.drop(reservation.sid)
    state.recorder.changed(reservation)
    return move


def _report(state: State, reservation: Reservation, move: Move, given: str | None = None) -> None:
    event_recorder.reservation(state, reservation, move.event)
    if move.worker != "stays":
        move_worker(state, state.workers[reservation.worker_sid], _destination(state, reservation, move, given))


def accept(state: State, reservation: Reservation) -> None:
    """The worker takes the task: it is assigned, and the other reservations for it are rescinded."""
    move = _set_status(state, reservation, "accepted")
    task = state.tasks[reservation.task_sid]
    task.assigned_at = state.now
    _move_task(state, task, "assigned")
    _report(state, reservation, move)
    for sibling in offers(task):
        _report(state, sibling, _set_status(state, sibling, "rescinded"))
    if task.transfer:
        event_recorder.transfer(state, transfers.settle(state, task, "complete"), "completed")


def offers(task: Task) -> list[Reservation]:
    """The reservations of a task that nobody has answered yet."""
    return [r for r in task.open.values() if r.reservation_status == "pending"]


def is_held(task: Task) -> bool:
    """Has a worker accepted the task, and is at work on it?"""
    return any(r.reservation_status == "accepted" for r in task.open.values())


def reject(state: State, reservation: Reservation, activity_sid: str | None = None) -> None:
    """The worker does not take the task: it goes back to its queue.

    activity_sid: where the worker goes; without it, back to where it was before the reservation (behaviour.md §2.3).
    """
    _fail(state, reservation, "rejected", activity_sid)


def time_out(state: State, reservation: Reservation) -> None:
    """Nobody answered in time: the worker goes to the workspace's timeout activity (behaviour.md §2.3)."""
    _fail(state, reservation, "timeout")


def cancel(state: State, reservation: Reservation, activity_sid: str | None = None) -> None:
    """The assignment failed: neither callback could be reached, or the instruction did (behaviour.md §3.2).

    activity_sid: where the worker goes; without it, back to where it was before the reservation.
    """
    _fail(state, reservation, "canceled", activity_sid)


def _fail(state: State, reservation: Reservation, to: ReservationStatus, given: str | None = None) -> None:
    """A pending reservation has failed; a task with no other one open waits again (behaviour.md §2.1)."""
    move = _set_status(state, reservation, to)
    task = state.tasks[reservation.task_sid]
    if offers(task):
        _report(state, reservation, move, given)
        return
    exhausted, transfer = task.attempts >= MAX_ATTEMPTS, task.transfer
    if transfer is not None and (is_held(task) if exhausted else transfer.transfer_type == "WORKER"):
        transfers.settle(state, task, "failed", transfers.OFFER_FAILED[to])
        _return_task(state, task, transfer)
        _report(state, reservation, move, given)
        _report_back(state, task, transfer, "failed")
    elif exhausted:
        _report(state, reservation, move, given)
        end_task(state, task, "canceled", TOO_MANY_ATTEMPTS)
    else:
        _move_task(state, task, "pending")
        matching.wait(state, task)
        pending = state.pending
        (pending.evaluate if state.options.after_failed_reservation == "stay" else pending.leave_step)[task.sid] = task
        _report(state, reservation, move, given)
        if transfer is not None:
            _report_back(state, task, transfer, "attempt-failed")


# transfers


def begin_transfer(state: State, reservation: Reservation, transfer: Transfer) -> None:
    """A transfer begins: the task goes straight to that worker or queue, and waits anew (see `transfers`)."""
    task = state.tasks[reservation.task_sid]
    before = state.queue_of(task)
    transfers.link(state, transfer)
    task.counted_from = state.now
    task.filter_index, task.step_limit, task.timed_out = NO_FILTER, None, False
    state.find_target(task)
    moves = transfer.transfer_type == "QUEUE" and transfer.transfer_to != before.sid
    if moves:
        task.task_queue_sid, task.task_queue_entered_date = transfer.transfer_to, state.now
    _move_task(state, task, "pending")
    matching.wait(state, task)
    event_recorder.transfer(state, transfer, "initiated")
    if transfer.transfer_mode == "COLD":
        _report(state, reservation, _set_status(state, reservation, "wrapping"))
    if moves:
        event_recorder.queue_moved(state, task, before)
        event_recorder.queue_entered(state, task)
    state.pending.enter[task.sid] = task


def abort_transfer(state: State, task: Task, status: TransferStatus, reason: str | None = None) -> None:
    """The transfer under way comes to nothing: what it has reserved is canceled, and the task goes back."""
    if task.assignment_status == "pending":
        matching.wait_no_longer(state, task)
    state.pending.forget(task)
    canceled = [(offer, _set_status(state, offer, "canceled")) for offer in offers(task)]
    transfer = transfers.settle(state, task, status, reason)
    _return_task(state, task, transfer)
    for offer, move in canceled:
        _report(state, offer, move)
    _report_back(state, task, transfer, status)


def _return_task(state: State, task: Task, transfer: Transfer) -> None:
    """A task whose transfer has come to nothing stays with whoever is at work on it, in the queue where it was.

    When nobody is, it waits, and begins its workflow again (`dispatch`).
    """
    if is_held(task):
        if task.task_queue_sid != transfer.initiating_queue_sid:
            task.task_queue_sid, task.task_queue_entered_date = transfer.initiating_queue_sid, state.now
        task.assigned_at = state.now
        _move_task(state, task, "assigned")
        return
    task.counted_from = state.now
    if task.assignment_status != "pending":
        _move_task(state, task, "pending")
    else:
        state.recorder.changed(task)
        deadlines.schedule_task_deadline(state, task)
    matching.wait(state, task)
    state.pending.restart_workflow[task.sid] = task


def _report_back(state: State, task: Task, transfer: Transfer, what: str) -> None:
    event_recorder.transfer(state, transfer, what)
    if transfer.transfer_type == "QUEUE" and transfer.transfer_to != task.task_queue_sid:
        event_recorder.queue_moved(state, task, state.task_queues[transfer.transfer_to])
        event_recorder.queue_entered(state, task)
    event_recorder.task(state, task, "updated")


# tasks


def check_task(state: State, task: Task, to: TaskStatus) -> None:
    """Raises TaskRouterError, in the service's words, when a task cannot be moved to that status."""
    if (task.assignment_status, to) not in TASK_MOVES:
        place = f"{task.sid} in workspace {state.workspace.sid} for account {state.account_sid}"
        raise TaskRouterError(TASK_REFUSALS[to].format(task=place))


def _move_task(state: State, task: Task, to: TaskStatus) -> None:
    if (task.assignment_status, to) not in TASK_MOVES:
        raise AssertionError(f"no rule moves a task from {task.assignment_status} to {to}")
    task.assignment_status = to
    state.recorder.changed(task)
    deadlines.schedule_task_deadline(state, task)


def replace_attributes(state: State, task: Task, attributes: str) -> None:
    """A task that is reserved or worked on has other attributes from now on; `parsed_attributes` must have been set."""
    task.attributes = attributes
    state.recorder.changed(task)
    event_recorder.task(state, task, "updated")


def wrap_up(state: State, task: Task) -> None:
    """An assigned task goes into wrapping; its reservation with it."""
    _move_task(state, task, "wrapping")
    for reservation in list(task.open.values()):
        if reservation.reservation_status == "accepted":
            _report(state, reservation, _set_status(state, reservation, "wrapping"))
    event_recorder.task(state, task, "wrapup")


def finish(state: State, reservation: Reservation, to: Literal["wrapping", "completed"]) -> None:
    """A worker wraps up or completes its part of a task (rest-contract.md §9.3).

    The task follows, unless it is with others, too, or waits for others, since it was transferred. Raises
    TaskRouterError when the reservation cannot be moved to that status.
    """
    check_reservation(reservation, to)
    task = state.tasks[reservation.task_sid]
    others = [r.reservation_status for r in task.open.values() if r is not reservation]
    waits = task.assignment_status in ("pending", "reserved")
    if not waits and not (others if to == "completed" else "accepted" in others):
        check_task(state, task, to)
        if to == "wrapping":
            wrap_up(state, task)
        else:
            end_task(state, task, "completed", None)
        return
    _report(state, reservation, _set_status(state, reservation, to))
    if task.assignment_status == "assigned" and "accepted" not in others:
        wrap_up(state, task)


def expire_task(state: State, task: Task) -> None:
    """Nobody has accepted a task in its time: it is canceled, or goes back to the worker who wanted to pass it on.

    A task for one worker for whom it was never reserved is reported as a failed reservation, too.
    """
    if task.transfer and is_held(task):
        abort_transfer(state, task, "failed", transfers.NOBODY_CAME)
    elif matching.direct_worker(task) and not task.attempts:
        end_task(state, task, "canceled", NOT_RESERVED)
        event_recorder.reservation_failed(state, task)
    else:
        end_task(state, task, "canceled", TTL_EXCEEDED)


def end_task(state: State, task: Task, to: TaskStatus, reason: str | None) -> None:
    """Complete or cancel a task, and its reservations with it; it can be fetched for five more minutes.

    The worker's activity does not change when a task is completed (behaviour.md §2.3).
    """
    if task.assignment_status == "pending":
        matching.wait_no_longer(state, task)
    state.pending.forget(task)
    task.reason = reason
    task.ended = state.now
    _move_task(state, task, to)
    event_recorder.task(state, task, to)
    close_reservations(state, task)
    transfers.fail(state, task, to)


def close_reservations(state: State, task: Task) -> None:
    """End what is open: accepted and wrapping reservations are completed, pending ones canceled."""
    for reservation in list(task.open.values()):
        to: ReservationStatus = "canceled" if reservation.reservation_status == "pending" else "completed"
        _report(state, reservation, _set_status(state, reservation, to))


def delete_task(state: State, task: Task, what: str = "deleted") -> None:
    """Take a task out of the workspace, in whatever status it is (rest-contract.md §8)."""
    if task.assignment_status == "pending":
        matching.wait_no_longer(state, task)
    state.pending.forget(task)
    close_reservations(state, task)
    transfers.fail(state, task, "deleted")
    event_recorder.task(state, task, what)
    forget_task(state, task)


def forget_task(state: State, task: Task) -> None:
    """Drop a task and what belongs to it: it answers 404 from now on."""
    state.timers.drop(task.sid)
    state.remove(task)
    for part in (*task.reservations.values(), *task.transfers.values()):
        state.remove(part)


def release_worker(state: State, worker: Worker) -> None:
    """Give back what is reserved for a worker that is deleted (behaviour.md §11: allowed; nothing more is known).

    The worker stays in its activity. Pending reservations are canceled, and their tasks routed again; accepted ones are
    completed, and their tasks stay assigned until the app ends them.
    """
    for reservation in list(worker.open.values()):
        if reservation.reservation_status == "pending":
            cancel(state, reservation, worker.activity_sid)
        else:
            _report(state, reservation, _set_status(state, reservation, "completed"))
    for reservation in [r for r in state.reservations.values() if r.worker_sid == worker.sid]:
        del state.tasks[reservation.task_sid].reservations[reservation.sid]
        state.remove(reservation)
