"""What each status waits for at most (behaviour.md §2.1, §2.2, §2.4).

| resource    | status              | deadline                                           | then                  |
|-------------|---------------------|----------------------------------------------------|-----------------------|
| reservation | pending             | the workflow's TaskReservationTimeout, from zero   | `timeout`             |
| task        | pending             | the limit of its routing step, in age of the task  | next step             |
| task        | pending, reserved   | its own timeout, in age                            | `canceled`            |
| task        | assigned, wrapping  | 86,400 seconds after it was accepted (or given     | deleted by the system |
|             |                     | back, when a transfer came to nothing)             |                       |
| task        | completed, canceled | 5 minutes after its end                            | removed               |

An age counts from the creation of the task, or, for one that was transferred and waits again, from when it began to
wait (`counted_from`). `expiry` does what stands in the last column.
"""

from __future__ import annotations

from ..model.entities import Reservation, Task
from ..model.state import State

ASSIGNED_AT_MOST = 86_400 * 1000  # milliseconds (behaviour.md §2.1)


def lifetime(task: Task) -> int:
    """Give the time at which a task that nobody accepts is canceled, in milliseconds."""
    return task.counted_from + task.timeout * 1000


def step_end(task: Task) -> int | None:
    """Give the time at which the routing step of a waiting task is over; None when it has no timeout."""
    if task.step_limit is None or task.target.timeout is None:
        return None
    return task.counted_from + task.step_limit * 1000


def of_task(state: State, task: Task) -> int:
    """Give the time at which a task in its present status is due, in milliseconds: see the table above."""
    match task.assignment_status:
        case "pending":
            end = step_end(task)
            return lifetime(task) if end is None else min(lifetime(task), end)
        case "reserved":
            return lifetime(task)
        case "assigned" | "wrapping":
            return (task.assigned_at or 0) + ASSIGNED_AT_MOST
        case _:
            return (task.ended or 0) + state.limits.kept_after_end


def schedule_task_deadline(state: State, task: Task) -> None:
    """Set the deadline of a task in its present status and step; none for one that is dropped at its end."""
    if task.ended is not None and not state.limits.kept_after_end:
        return
    state.timers.set(task.sid, of_task(state, task), (1, task.number))


def schedule_reservation_deadline(state: State, reservation: Reservation) -> None:
    """Set the deadline of a pending reservation; none while its conference is being set up (behaviour.md §2.2)."""
    if reservation.instruction == "conference":
        state.timers.drop(reservation.sid)
        return
    state.timers.set(reservation.sid, reservation.expires, (0, reservation.number))
