"""Statuses of tasks, reservations and calls, and TaskRouter's event types, as every part of the tutorial spells them.

The sandbox keeps a spelling of its own, so that `helpers.conformance` compares two independent ones. What the browser
needs of this is generated from here (`tests/live/front/generate.py`), and not written a second time in JavaScript.
"""

from __future__ import annotations

TASK_STATUSES = ("pending", "reserved", "assigned", "wrapping", "completed", "canceled")
"""All statuses of a task, in the order in which it passes through them (behaviour.md §2.1)."""

TASK_PATH = TASK_STATUSES[:5]
"""The statuses of a task with which nothing goes wrong."""

WAITING_TASK_STATUSES = ("pending", "reserved")
"""Nobody has accepted the task yet: it can be canceled, but not completed."""

OPEN_TASK_STATUSES = ("pending", "reserved", "assigned", "wrapping")
"""There is still something to do for the task."""

ENDED_TASK_STATUSES = ("completed", "canceled")
"""The task changes no more, and is removed some minutes later."""

TASK_STATUS_THAT_ENDS = {
    "pending": "canceled",
    "reserved": "canceled",
    "assigned": "completed",
    "wrapping": "completed",
}
"""The status to which a request can set an open task to end it, by the status that it has (rest-contract.md §9.1)."""

RESERVATION_STATUSES = (
    "pending", "accepted", "wrapping", "completed", "rejected", "timeout", "canceled", "rescinded",
)  # fmt: skip
"""All statuses of a reservation (behaviour.md §2.2)."""

HELD_RESERVATION_STATUSES = ("pending", "accepted", "wrapping")
"""The reservation uses some of its worker's capacity (behaviour.md §6.3)."""

DEFAULT_TASK_CHANNEL = "default"
"""The unique name of the channel of a task that names none."""

INSTRUCTIONS = ("accept", "reject", "dequeue", "call", "redirect", "conference")
"""What the answer to an assignment callback can ask for (behaviour.md §3.3)."""

UNANSWERED_CALL_STATUSES = ("queued", "initiated", "ringing")
"""The call goes on, and nobody has answered it yet (voice.md §1.1)."""

EVENT_TYPES = (
    "worker.created",
    "task.transfer-initiated",
    "workflow.target-matched",
    "task.created",
    "task-queue.entered",
    "task-queue.moved",
    "task-queue.timeout",
    "workflow.entered",
    "reservation.rejected",
    "reservation.timeout",
    "reservation.created",
    "reservation.accepted",
    "reservation.rescinded",
    "reservation.canceled",
    "task.transfer-attempt-failed",
    "task.transfer-failed",
    "task.transfer-canceled",
    "task.transfer-completed",
    "task.wrapup",
    "reservation.wrapup",
    "workflow.timeout",
    "workflow.skipped",
    "task.completed",
    "task.canceled",
    "reservation.failed",
    "reservation.completed",
    "task.deleted",
    "task.system-deleted",
    "worker.deleted",
)
"""The event types with a place in the order of what happens in the same millisecond (behaviour.md §4.4)."""

EVENT_RANK = {name: rank for rank, name in enumerate(EVENT_TYPES, 1)}
"""The place of an event type in that order; types that are not in it come first, as 0."""

TASK_STATUS_AFTER = {
    "reservation.created": "reserved",
    "reservation.accepted": "assigned",
    "task.wrapup": "wrapping",
    "task.completed": "completed",
    "task.canceled": "canceled",
}
"""The status of a task after an event of this type."""

RESERVATION_STATUS_AFTER = {
    "reservation.created": "pending",
    "reservation.accepted": "accepted",
    "reservation.rejected": "rejected",
    "reservation.timeout": "timeout",
    "reservation.canceled": "canceled",
    "reservation.rescinded": "rescinded",
    "reservation.wrapup": "wrapping",
    "reservation.completed": "completed",
}
"""The status of a reservation after an event of this type."""

RESERVATION_ENDS_OFFER = ("reservation.accepted", "reservation.rejected", "reservation.canceled", "reservation.timeout")
"""Types of the events with which TaskRouter stops waiting for the answer to an assignment callback."""

TASK_ENDED = ("task.completed", "task.canceled")
"""Types of the events with which a task ends."""

TASK_DELETED = ("task.deleted", "task.system-deleted")
"""Types of the events with which a task is removed."""

TASK_TRANSFER_ENDED = ("task.transfer-failed", "task.transfer-canceled", "task.transfer-completed")
"""Types of the events with which a transfer is over."""
