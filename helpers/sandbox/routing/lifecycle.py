"""How tasks, reservations and workers move from state to state (behaviour.md §2).

The tables say which moves there are; the functions make them, with all that goes along: capacity, the worker's
activity, events, timers. What is left to be matched afterwards is noted for `dispatch`.
"""

from __future__ import annotations

from . import happenings, matching
from .entities import Reservation, ReservationStatus, Task, TaskStatus, Worker
from .journal import AssignmentCall
from .refusals import Refusal
from .state import State

# behaviour.md §2.1: what may follow each status of a task
TASK_MOVES: dict[TaskStatus, set[TaskStatus]] = {
    "pending": {"reserved", "canceled"},
    "reserved": {"pending", "assigned", "canceled"},
    "assigned": {"wrapping", "completed"},
    "wrapping": {"completed"},
    "completed": set(),
    "canceled": set(),
}

# behaviour.md §2.2: what may follow each status of a reservation
RESERVATION_MOVES: dict[ReservationStatus, set[ReservationStatus]] = {
    "pending": {"accepted", "rejected", "timeout", "canceled", "rescinded"},
    "accepted": {"wrapping", "completed"},
    "wrapping": {"completed"},
    "rejected": set(),
    "timeout": set(),
    "canceled": set(),
    "rescinded": set(),
    "completed": set(),
}

USES_CAPACITY = {"pending", "accepted", "wrapping"}  # behaviour.md §6.3
MAX_ATTEMPTS = 1000  # moves from pending to reserved (rest-contract.md §12)
KEPT_AFTER_END = 5 * 60 * 1000  # milliseconds that a finished task can still be fetched (behaviour.md §2.1)
ASSIGNED_AT_MOST = 86_400 * 1000  # milliseconds (behaviour.md §2.1)


# workers


def move_worker(state: State, worker: Worker, activity_sid: str | None) -> None:
    """Put a worker into an activity; nothing happens when it is in it already, or when none is named."""
    if not activity_sid or activity_sid == worker.activity_sid:
        return
    before, since = state.activity_of(worker), worker.date_status_changed
    with matching.changing(state, worker):
        worker.activity_sid = activity_sid
        worker.date_status_changed = state.now
    state.journal.changed(worker)
    happenings.worker_activity(state, worker, before, since)


# reservations


def reserve(state: State, task: Task, workers: list[Worker]) -> None:
    """Reserve workers for a waiting task: each gets a reservation, a timer and an assignment callback."""
    queue, workflow = state.queue_of(task), state.workflow_of(task)
    task.attempts += 1
    if task.attempts > MAX_ATTEMPTS:
        end_task(state, task, "canceled", "Task TTL Exceeded or Max assignment count exceeded")
        return
    queue.waiting.discard(task)
    task.assignment_status = "reserved"
    state.journal.changed(task)
    seconds = workflow.task_reservation_timeout if workflow else 120
    for worker in workers:
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
            worker_previous_activity_sid=worker.activity_sid,
        )
        state.reservations[reservation.sid] = reservation
        state.journal.created(reservation)
        state.timers.set(reservation.expires, "reservation", reservation.sid)
        before, since = state.activity_of(worker), worker.date_status_changed
        with matching.changing(state, worker):
            channel = worker.channels[task.task_channel_sid]
            worker.last_reserved = channel.last_reserved = state.now
            hold(state, reservation)
            moved = moves_activities(state, queue.reservation_activity_sid, worker)
            if moved:
                worker.activity_sid = queue.reservation_activity_sid
                worker.date_status_changed = state.now
        state.journal.changed(channel)
        state.journal.changed(worker) if moved else state.journal.created(worker)
        # the event already names the activity that it leads to (behaviour.md §4.4)
        happenings.reservation(state, reservation, "created")
        if moved:
            happenings.worker_activity(state, worker, before, since)
        call_back(state, reservation)


def moves_activities(state: State, activity_sid: str | None, worker: Worker) -> bool:
    """Only single-tasking workspaces move a worker on reservation and assignment (behaviour.md §2.3)."""
    return bool(activity_sid) and not state.workspace.multi_task_enabled and worker.activity_sid != activity_sid


def hold(state: State, reservation: Reservation) -> None:
    """Enter an open reservation where it counts: with its task, its worker and the worker's channel."""
    worker = state.workers[reservation.worker_sid]
    task = state.tasks[reservation.task_sid]
    task.open[reservation.sid] = task.reservations[reservation.sid] = reservation
    worker.open[reservation.sid] = reservation
    worker.channels[reservation.task_channel_sid].used += 1


def release(state: State, reservation: Reservation) -> None:
    """Give the capacity of a reservation back."""
    worker = state.workers[reservation.worker_sid]
    with matching.changing(state, worker):
        state.tasks[reservation.task_sid].open.pop(reservation.sid, None)
        worker.open.pop(reservation.sid, None)
        channel = worker.channels[reservation.task_channel_sid]
        channel.used -= 1
        if reservation.reservation_status != "pending":
            channel.assigned -= 1


def call_back(state: State, reservation: Reservation) -> None:
    """Ask for an assignment callback, when the workflow has an address for it (behaviour.md §3.1)."""
    task, worker = state.tasks[reservation.task_sid], state.workers[reservation.worker_sid]
    workflow = state.workflow_of(task)
    if workflow is None:
        return
    urls = [u for u in (workflow.assignment_callback_url, workflow.fallback_assignment_callback_url) if u]
    if not urls:
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
    fallback = urls[1] if len(urls) == 2 else None
    state.journal.effects.calls.append(AssignmentCall(reservation.sid, urls[0], fallback, parameters))


def check(reservation: Reservation, wanted: ReservationStatus) -> None:
    now = reservation.reservation_status
    if wanted not in RESERVATION_MOVES[now]:
        raise Refusal(
            f"Cannot update reservation {reservation.sid} to {wanted} because it is {now}; "
            + (
                f"from {now} it can become {' or '.join(sorted(RESERVATION_MOVES[now]))}."
                if RESERVATION_MOVES[now]
                else "that is final."
            )
        )


def accept(state: State, reservation: Reservation) -> None:
    """The worker takes the task: it is assigned, and the other reservations for it are rescinded."""
    check(reservation, "accepted")
    task, worker = state.tasks[reservation.task_sid], state.workers[reservation.worker_sid]
    reservation.reservation_status = "accepted"
    state.journal.changed(reservation)
    task.assignment_status = "assigned"
    task.assigned_at = state.now
    state.journal.changed(task)
    state.timers.set(state.now + ASSIGNED_AT_MOST, "assigned", task.sid)
    with matching.changing(state, worker):
        worker.channels[reservation.task_channel_sid].assigned += 1
    state.journal.changed(worker.channels[reservation.task_channel_sid])
    happenings.reservation(state, reservation, "accepted")
    queue = state.task_queues.get(reservation.task_queue_sid)
    if queue and moves_activities(state, queue.assignment_activity_sid, worker):
        move_worker(state, worker, queue.assignment_activity_sid)
    for sibling in [r for r in task.open.values() if r is not reservation]:
        _end_unanswered(state, sibling, "rescinded")
        move_worker(state, state.workers[sibling.worker_sid], sibling.worker_previous_activity_sid)


def reject(state: State, reservation: Reservation, activity_sid: str | None = None) -> None:
    """The worker does not take the task: it goes back to its queue.

    activity_sid: where the worker goes; without it, back to where it was before the reservation (behaviour.md §2.3).
    """
    check(reservation, "rejected")
    _end_unanswered(state, reservation, "rejected")
    worker = state.workers[reservation.worker_sid]
    move_worker(state, worker, activity_sid or _activity_before(state, reservation))
    back_to_pending(state, state.tasks[reservation.task_sid])


def time_out(state: State, reservation: Reservation) -> None:
    """Nobody answered in time: the worker goes to the workspace's timeout activity (behaviour.md §2.3)."""
    check(reservation, "timeout")
    _end_unanswered(state, reservation, "timeout")
    move_worker(state, state.workers[reservation.worker_sid], state.workspace.timeout_activity_sid)
    back_to_pending(state, state.tasks[reservation.task_sid])


def cancel(state: State, reservation: Reservation) -> None:
    """The assignment failed: neither callback could be reached, or the instruction did (behaviour.md §3.2)."""
    check(reservation, "canceled")
    _end_unanswered(state, reservation, "canceled")
    move_worker(state, state.workers[reservation.worker_sid], _activity_before(state, reservation))
    back_to_pending(state, state.tasks[reservation.task_sid])


def _activity_before(state: State, reservation: Reservation) -> str | None:
    """Where a single-tasking worker returns to; it stays where it went meanwhile by its own choice."""
    queue = state.task_queues.get(reservation.task_queue_sid)
    worker = state.workers[reservation.worker_sid]
    if state.workspace.multi_task_enabled or queue is None:
        return None
    if worker.activity_sid != queue.reservation_activity_sid:
        return None
    before = reservation.worker_previous_activity_sid
    return before if before in state.activities else None


def _end_unanswered(state: State, reservation: Reservation, status: ReservationStatus) -> None:
    release(state, reservation)
    reservation.reservation_status = status
    state.journal.changed(reservation)
    happenings.reservation(state, reservation, status)


def back_to_pending(state: State, task: Task) -> None:
    """A reserved task whose last open reservation has ended waits again (behaviour.md §2.1)."""
    if task.open or task.assignment_status != "reserved":
        return
    task.assignment_status = "pending"
    state.journal.changed(task)
    state.queue_of(task).waiting.add(task)
    state.unsettled[task.sid] = task


# tasks


def wrap_up(state: State, task: Task) -> None:
    """An assigned task goes into wrapping; its reservation with it."""
    if task.assignment_status != "assigned":
        raise Refusal(f"Cannot wrap up a task {_place(state, task)} because it is not currently assigned.")
    for reservation in list(task.open.values()):
        reservation.reservation_status = "wrapping"
        state.journal.changed(reservation)
        happenings.reservation(state, reservation, "wrapup")
    task.assignment_status = "wrapping"
    state.journal.changed(task)
    happenings.task(state, task, "wrapup")


def complete(state: State, task: Task, reason: str | None) -> None:
    """An assigned or wrapping task is done. The worker's activity does not change (behaviour.md §2.3)."""
    if task.assignment_status not in ("assigned", "wrapping"):
        raise Refusal(f"Cannot complete task {_place(state, task)} because it is not currently assigned.")
    end_task(state, task, "completed", reason)


def cancel_task(state: State, task: Task, reason: str | None) -> None:
    """A task that nobody has accepted yet is given up."""
    if task.assignment_status not in ("pending", "reserved"):
        raise Refusal(f"Cannot cancel task {_place(state, task)} because it is not pending or reserved.")
    end_task(state, task, "canceled", reason)


def _place(state: State, task: Task) -> str:
    return f"{task.sid} in workspace {state.workspace.sid} for account {state.account_sid}"


def end_task(state: State, task: Task, status: TaskStatus, reason: str | None) -> None:
    """Complete or cancel a task, and its reservations with it; it can be fetched for five more minutes."""
    if task.assignment_status == "pending":
        state.queue_of(task).waiting.discard(task)
    state.unsettled.pop(task.sid, None)
    task.assignment_status = status
    task.reason = reason
    task.ended = state.now
    state.journal.changed(task)
    happenings.task(state, task, status)
    close_reservations(state, task)
    state.timers.set(state.now + KEPT_AFTER_END, "removal", task.sid)


def close_reservations(state: State, task: Task) -> None:
    """End what is open: accepted and wrapping reservations are completed, pending ones canceled."""
    for reservation in list(task.open.values()):
        unanswered = reservation.reservation_status == "pending"
        before = _activity_before(state, reservation) if unanswered else None
        _end_unanswered(state, reservation, "canceled" if unanswered else "completed")
        move_worker(state, state.workers[reservation.worker_sid], before)


def delete_task(state: State, task: Task, what: str = "deleted") -> None:
    """Take a task out of the workspace, in whatever state it is (rest-contract.md §8)."""
    if task.assignment_status == "pending":
        state.queue_of(task).waiting.discard(task)
    state.unsettled.pop(task.sid, None)
    close_reservations(state, task)
    happenings.task(state, task, what)
    forget_task(state, task)


def forget_task(state: State, task: Task) -> None:
    """Drop a task and its reservations: they answer 404 from now on."""
    del state.tasks[task.sid]
    state.journal.deleted(task)
    for reservation in task.reservations.values():
        del state.reservations[reservation.sid]
        state.journal.deleted(reservation)
