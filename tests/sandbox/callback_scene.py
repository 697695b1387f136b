"""Alice is reserved, and what came of her callback."""

from __future__ import annotations

from tests.sandbox.conftest import SPANISH
from tests.waiting import wait_for


def reserve_alice(cast, **workflow):
    """A task with a pending reservation for Alice, its callback on the way."""
    cast.workflow.update(**workflow)
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    return task


def outcome(sandbox, count=1):
    """The log entry of the oldest of `count` deliveries, when it has ended."""

    def ended():
        log = sandbox.deliveries.list()
        return log[-1] if len(log) >= count and log[-1]["outcome"] else None

    return wait_for(ended)
