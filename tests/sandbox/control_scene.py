"""Alice is reserved, her callback on the way, and the log of it."""

from __future__ import annotations

from tests.sandbox.conftest import SPANISH, Reply
from tests.waiting import wait_for

ACCEPT = Reply(body='{"instruction": "accept"}')


def log(sandbox, kind="assignment"):
    return sandbox.deliveries.list(kind)


def ended(sandbox, count, kind="assignment"):
    """The log, the oldest first, when it has `count` entries and all have ended."""

    def complete():
        entries = log(sandbox, kind)
        return entries[::-1] if len(entries) >= count and all(entry["outcome"] for entry in entries) else None

    return wait_for(complete, seconds=10)


def reserve_alice(cast, receiver, **workflow):
    cast.workflow.update(assignment_callback_url=receiver.url + "/callback", **workflow)
    task = cast.workspace.tasks.create(workflow_sid=cast.workflow.sid, attributes=SPANISH)
    cast.alice.update(activity_sid=cast.activities["Idle"].sid)
    return task


def request_base(receiver, request):
    return receiver.url + request.path + "".join(name + request.form[name] for name in sorted(request.form))
