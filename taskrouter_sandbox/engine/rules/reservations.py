"""What becomes of a reservation: made, accepted, finished, or failed (behaviour.md §2.2).

What is left to be matched afterwards is noted in `state.pending` for `routing.dispatch`.
"""

from __future__ import annotations

from typing import Literal

from ..model.effects import AssignmentCallback
from ..model.entities import Activity, Reservation, ReservationStatus, Task, Worker
from ..model.state import State
from . import deadlines, matching, queue_members, tasks, transfers, transitions


def reserve(state: State, task: Task, workers: list[Worker]) -> None:
    """Reserve workers for a waiting task: each gets a reservation, a deadline and an assignment callback."""
    state.observer.workers_chosen(state.now, task, workers)
    matching.wait_no_longer(state, task)
    task.attempts += 1
    transitions.set_task_status(state, task, "reserved")
    for worker in workers:
        _reserve_one(state, task, worker)


def _reserve_one(state: State, task: Task, worker: Worker) -> None:
    now, queue, workflow = state.now, state.queue_of(task), state.workflow_of(task)
    seconds = workflow.task_reservation_timeout if workflow else 120
    before, since = state.activity_of(worker), worker.date_status_changed
    moved = _moved_by_reservation(state, queue.reservation_activity_sid, before)
    reservation = Reservation(
        sid=state.new_sid("WR"),
        date_created=now,
        date_updated=now,
        task_sid=task.sid,
        worker_sid=worker.sid,
        task_queue_sid=queue.sid,
        workflow_sid=task.workflow_sid,
        task_channel_sid=task.task_channel_sid,
        expires=now + seconds * 1000,
        worker_previous_activity_sid=before.sid,
        worker_activity_sid=moved,
        transfer_sid=task.transfer.sid if task.transfer else None,
    )
    reservation.number = next(state.numbers)
    state.add(reservation)
    state.recorder.record(reservation)
    deadlines.schedule_reservation_deadline(state, reservation)
    channel = worker.channels[task.task_channel_sid]
    listed = worker.listed
    queue_members.remove_ready(worker)
    worker.last_reserved = channel.last_reserved = now
    transitions.hold(state, reservation)
    if moved:
        queue_members.enter_activity(state, worker, moved)
    if not state.workspace.multi_task_enabled:
        queue_members.add_ready(state, worker)
    elif channel.used < channel.configured_capacity:
        queue_members.add_ready(state, worker, listed)
    else:
        queue_members.add_ready(state, worker, listed - {channel.task_channel_sid})
    state.recorder.record(channel)
    state.recorder.changed(worker, now)  # its version counts reservations, too (agent-sdk.md §7)
    # the event already names the activity that it leads to (behaviour.md §4.4)
    state.observer.reservation_created(now, task, worker, reservation)
    if moved:
        state.observer.worker_activity_changed(now, worker, before, since)
    call_back(state, reservation)


def _moved_by_reservation(state: State, activity_sid: str | None, before: Activity) -> str | None:
    """Find the activity that a reservation moves a worker to, in single-tasking workspaces (behaviour.md §2.3)."""
    return None if state.workspace.multi_task_enabled or activity_sid == before.sid else activity_sid


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
    state.recorder.assignment_callback(
        AssignmentCallback(
            reservation_sid=reservation.sid,
            url=url,
            fallback_url=fallback_url or None,
            task_sid=task.sid,
            task_age=task.age(state.now),
            task_attributes=task.attributes,
            task_priority=task.priority,
            task_queue_sid=reservation.task_queue_sid,
            worker_sid=worker.sid,
            worker_attributes=worker.attributes,
            workflow_sid=workflow.sid,
        )
    )


def accept(state: State, reservation: Reservation) -> None:
    """Accept a reservation: its task is assigned, and the other reservations for it are rescinded.

    Its worker goes to the queue's assignment activity (behaviour.md §2.3); a transfer under way is complete.
    """
    move = transitions.set_reservation_status(state, reservation, "accepted")
    task = state.tasks[reservation.task_sid]
    task.assigned_at, task.has_new_attributes = state.now, False
    transitions.set_task_status(state, task, "assigned")
    transitions.report_and_move_worker(state, reservation, move)
    for sibling in transitions.offers(task):
        transitions.report_and_move_worker(
            state, sibling, transitions.set_reservation_status(state, sibling, "rescinded")
        )
    if task.transfer:
        state.observer.transfer_ended(state.now, task, transfers.settle(state, task, "complete"))


def reject(state: State, reservation: Reservation, activity_sid: str | None = None) -> None:
    """Reject a reservation: its task goes back to its queue.

    activity_sid: where the worker goes; without it, back to where it was before the reservation (behaviour.md §2.3).
    """
    _fail(state, reservation, "rejected", activity_sid)


def time_out(state: State, reservation: Reservation) -> None:
    """Time a reservation out; `transitions.RESERVATION_MOVES` says where the worker goes (behaviour.md §2.3)."""
    _fail(state, reservation, "timeout")


def cancel(state: State, reservation: Reservation, activity_sid: str | None = None) -> None:
    """Cancel a reservation: no callback could be reached, or its instruction failed (behaviour.md §3.2).

    activity_sid: where the worker goes; without it, back to where it was before the reservation.
    """
    _fail(state, reservation, "canceled", activity_sid)


def _fail(state: State, reservation: Reservation, to: ReservationStatus, given: str | None = None) -> None:
    """End a pending reservation that has failed; a task with no other one waits again (behaviour.md §2.1)."""
    move = transitions.set_reservation_status(state, reservation, to)
    task = state.tasks[reservation.task_sid]
    if transitions.offers(task):
        transitions.report_and_move_worker(state, reservation, move, given)
        return
    exhausted, transfer = task.attempts >= state.limits.attempts, task.transfer
    if transfer is not None and (transitions.is_held(task) if exhausted else transfer.transfer_type == "WORKER"):
        transfers.settle(state, task, "failed", transfers.OFFER_FAILED[to])
        transfers.return_task(state, task, transfer)
        transitions.report_and_move_worker(state, reservation, move, given)
        transfers.report_return(state, task, transfer)
    elif exhausted:
        transitions.report_and_move_worker(state, reservation, move, given)
        tasks.end_task(state, task, "canceled", tasks.TOO_MANY_ATTEMPTS)
    else:
        transitions.set_task_status(state, task, "pending")
        matching.wait(state, task)
        stays = state.options.after_failed_reservation == "stay"
        state.pending.look_again(task, "evaluate" if stays else "leave_step")
        transitions.report_and_move_worker(state, reservation, move, given)
        if transfer is not None:
            state.observer.transfer_attempt_failed(state.now, task, transfer)
            transfers.report_place(state, task, transfer)


def finish(
    state: State, reservation: Reservation, to: Literal["wrapping", "completed"], reason: str | None = None
) -> None:
    """Wrap up or complete one worker's part of a task (rest-contract.md §9.3).

    The task follows, unless it is with others, too, or waits for others, since it was transferred.
    reason: that of a task that is wrapped up. Raises TaskRouterError when the reservation cannot be moved to that
    status.
    """
    transitions.check_reservation(reservation, to)
    task = state.tasks[reservation.task_sid]
    others = [r.reservation_status for r in task.open.values() if r is not reservation]
    waits = task.assignment_status in ("pending", "reserved")
    if not waits and not (others if to == "completed" else "accepted" in others):
        transitions.check_task(state, task, to)
        if to == "wrapping":
            tasks.wrap_up(state, task, reason)
        else:
            tasks.end_task(state, task, "completed", tasks.RESERVATIONS_COMPLETED)
        return
    transitions.report_and_move_worker(state, reservation, transitions.set_reservation_status(state, reservation, to))
    if task.assignment_status == "assigned" and "accepted" not in others:
        tasks.wrap_up(state, task)


def release_worker(state: State, worker: Worker) -> None:
    """Give back what is reserved for a worker that is deleted (behaviour.md §11: allowed; nothing more is known).

    The worker stays in its activity. Pending reservations are canceled, and their tasks routed again; accepted ones are
    completed, and their tasks stay assigned until the app ends them.
    """
    for reservation in list(worker.open.values()):
        if reservation.reservation_status == "pending":
            cancel(state, reservation, worker.activity_sid)
        else:
            transitions.report_and_move_worker(
                state, reservation, transitions.set_reservation_status(state, reservation, "completed")
            )
    for reservation in [r for r in state.reservations.values() if r.worker_sid == worker.sid]:
        del state.tasks[reservation.task_sid].reservations[reservation.sid]
        state.remove(reservation)
