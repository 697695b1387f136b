"""The moves of tasks and reservations from status to status, and what goes along with each (behaviour.md §2).

The tables say which moves there are. A move of a reservation changes what it counts for on its worker's channel.
`report_and_move_worker` follows when the task has been moved, too: an event shows its task as it is then.
"""

from __future__ import annotations

from typing import Literal

from ..model.entities import Reservation, ReservationStatus, Task, TaskStatus, Worker
from ..model.errors import Gone, TaskRouterError
from ..model.state import State
from . import deadlines, queue_members

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


# Where a change of a reservation's status takes the worker (§2.3).
Destination = Literal["stays", "assignment", "given or previous", "previous", "timeout"]

# behaviour.md §2.2: from, to
RESERVATION_MOVES: dict[tuple[ReservationStatus, ReservationStatus], Destination] = {
    ("pending", "accepted"): "assignment",
    ("pending", "rejected"): "given or previous",
    ("pending", "timeout"): "timeout",
    ("pending", "canceled"): "given or previous",
    ("pending", "rescinded"): "previous",
    ("accepted", "wrapping"): "stays",
    ("accepted", "completed"): "stays",
    ("wrapping", "completed"): "stays",
}
BY_CLIENT = ("accepted", "rejected", "wrapping", "completed")  # what a request can make of a reservation

# behaviour.md §6.3: what a reservation of each status counts for on its worker's channel, as (used, assigned)
COUNTS: dict[ReservationStatus, tuple[int, int]] = {"pending": (1, 0), "accepted": (1, 1), "wrapping": (1, 0)}


def move_worker(state: State, worker: Worker, activity_sid: str | None) -> None:
    """Put a worker into an activity; nothing happens when it is in it already, or when none is named."""
    if not activity_sid or activity_sid == worker.activity_sid:
        return
    before, since = state.activity_of(worker), worker.date_status_changed
    with queue_members.reindexing(state, worker):
        queue_members.enter_activity(state, worker, activity_sid)
    state.recorder.changed(worker, state.now)
    state.observer.worker_activity_changed(state.now, worker, before, since)


def clear_holds(state: State, worker: Worker) -> None:
    """Let nothing that a worker has accepted hold it, as it was put into an activity on purpose (behaviour.md §2.3)."""
    with queue_members.reindexing(state, worker):
        for reservation in worker.open.values():
            if reservation.reservation_status != "pending" and reservation.holds_worker:
                reservation.holds_worker = False
                state.recorder.record(reservation)


def _destination(state: State, reservation: Reservation, destination: Destination, given: str | None) -> str | None:
    """Find the activity that a worker goes to, or None to stay (behaviour.md §2.3)."""
    match destination:
        case "assignment":
            queue = state.task_queues.get(reservation.task_queue_sid)
            return queue.assignment_activity_sid if queue and not state.workspace.multi_task_enabled else None
        case "timeout":
            return state.workspace.timeout_activity_sid
        case "given or previous" if given:
            return given
        case "given or previous" | "previous":
            return _previous(state, reservation)
        case _:
            return None


def _previous(state: State, reservation: Reservation) -> str | None:
    """Find the activity before a reservation moved the worker; None when it has gone elsewhere on purpose since."""
    worker, before = state.workers[reservation.worker_sid], reservation.worker_previous_activity_sid
    moved = reservation.worker_activity_sid
    return before if moved is not None and moved == worker.activity_sid and before in state.activities else None


def hold(state: State, reservation: Reservation) -> None:
    """Add an open reservation where it counts: to its task, its worker and the worker's channel."""
    worker, task = state.workers[reservation.worker_sid], state.tasks[reservation.task_sid]
    task.open[reservation.sid] = task.reservations[reservation.sid] = reservation
    worker.open[reservation.sid] = reservation
    used, assigned = COUNTS[reservation.reservation_status]
    channel = worker.channels[reservation.task_channel_sid]
    channel.used += used
    channel.assigned += assigned


def offers(task: Task) -> list[Reservation]:
    """Find the reservations of a task that nobody has answered yet."""
    return [r for r in task.open.values() if r.reservation_status == "pending"]


def is_held(task: Task) -> bool:
    """Tell whether a worker has accepted the task, and is at work on it."""
    return any(r.reservation_status == "accepted" for r in task.open.values())


def check_reservation(reservation: Reservation, to: ReservationStatus) -> Destination:
    """Check the move of a reservation to a status, and say where it takes the worker.

    Raises TaskRouterError when there is none, Gone when another worker was quicker (behaviour.md §2.2).
    """
    now = reservation.reservation_status
    move = RESERVATION_MOVES.get((now, to))
    if move is not None:
        return move
    kind = Gone if now == "rescinded" else TaskRouterError
    what = f"Reservation {reservation.sid} is already in state [{now}] and cannot be updated to [{to}]."
    raise kind(f"{what} {what_may_follow(reservation)}")


def what_may_follow(reservation: Reservation) -> str:
    """Say in a sentence what a request can make of a reservation."""
    now = reservation.reservation_status
    onward = " or ".join(sorted(after for before, after in RESERVATION_MOVES if before == now and after in BY_CLIENT))
    return f"From {now} it can be made {onward}." if onward else f"A reservation that is {now} is final."


def set_reservation_status(state: State, reservation: Reservation, to: ReservationStatus) -> Destination:
    """Move a reservation to a status, and what it counts for; say where the move takes its worker.

    `report_and_move_worker` is still to come. Raises like `check_reservation`.
    """
    move = check_reservation(reservation, to)
    worker, task = state.workers[reservation.worker_sid], state.tasks[reservation.task_sid]
    channel = worker.channels[reservation.task_channel_sid]
    used, assigned = COUNTS[reservation.reservation_status]
    if to in COUNTS:  # it uses its worker as before
        used_now, assigned_now = COUNTS[to]
        channel.used += used_now - used
        channel.assigned += assigned_now - assigned
        reservation.reservation_status = to
        queue_members.invalidate_view(state, worker)
    else:
        is_multitasking = state.workspace.multi_task_enabled
        if not is_multitasking:
            queue_members.remove_ready(worker)
        channel.used -= used
        channel.assigned -= assigned
        reservation.reservation_status = to
        del task.open[reservation.sid], worker.open[reservation.sid]
        if is_multitasking:
            queue_members.free_channel(state, worker, channel)
        else:
            queue_members.add_ready(state, worker)
    state.timers.drop(reservation.sid)
    state.recorder.changed(reservation, state.now)
    return move


def report_and_move_worker(
    state: State, reservation: Reservation, destination: Destination, given: str | None = None
) -> None:
    """Report the move of a reservation, then put its worker where that takes it (behaviour.md §2.3).

    destination: what `set_reservation_status` gave; given: SID of the Activity that a client or an instruction named.
    """
    task, worker = state.tasks[reservation.task_sid], state.workers[reservation.worker_sid]
    state.observer.reservation_changed(state.now, task, worker, reservation)
    if destination != "stays":
        move_worker(state, worker, _destination(state, reservation, destination, given))


def check_task(state: State, task: Task, to: TaskStatus) -> None:
    """Check the move of a task to a status; TaskRouterError, in the service's words, refuses it."""
    if (task.assignment_status, to) not in TASK_MOVES:
        place = f"{task.sid} in workspace {state.workspace.sid} for account {state.account_sid}"
        raise TaskRouterError(TASK_REFUSALS[to].format(task=place))


def set_task_status(state: State, task: Task, to: TaskStatus) -> None:
    """Move a task to a status, and set its next deadline. Raises AssertionError for a move that no rule makes."""
    if (task.assignment_status, to) not in TASK_MOVES:
        raise AssertionError(f"no rule moves a task from {task.assignment_status} to {to}")
    task.assignment_status = to
    state.recorder.changed(task, state.now)
    deadlines.schedule_task_deadline(state, task)
