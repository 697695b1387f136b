"""The types of events that there are."""

from __future__ import annotations

# behaviour.md §4.5
TYPES = frozenset(
    f"{of}.{what}"
    for of, happenings in {
        "activity": "created updated deleted",
        "reservation": "created accepted rejected timeout canceled rescinded completed failed wrapup",
        "task": "created updated canceled wrapup completed deleted system-deleted transfer-initiated "
        "transfer-attempt-failed transfer-failed transfer-canceled transfer-completed",
        "task-channel": "created updated deleted",
        "task-queue": "created deleted entered timeout moved expression.updated",
        "worker": "created activity.update attributes.update capacity.update channel.availability.update deleted",
        "workflow": "created updated deleted target-matched entered timeout skipped",
        "workspace": "created updated deleted",
    }.items()
    for what in happenings.split()
)
