"""Queues: who waits in which place, and how somebody comes out (voice.md §2.4, §3.2)."""

from __future__ import annotations

from ..calls import documents
from ..model.entities import Call, Queue
from ..model.run import Waiting
from ..model.state import VoiceState
from . import bridges

OF_WORKFLOWS, OTHERS, MOST = 100, 1_000, 5_000  # sizes: voice.md §2.4


def find(state: VoiceState, name: str) -> Queue | None:
    """Find a queue by its name."""
    return next((queue for queue in state.queues.values() if queue.friendly_name == name), None)


def make(state: VoiceState, name: str, max_size: int | None = None) -> Queue:
    """Make a queue; that of a workflow is smaller."""
    queue = Queue(
        sid=state.new_sid("QU"), date_created=state.now, date_updated=state.now, friendly_name=name, max_size=0
    )
    queue.max_size = max_size or (OF_WORKFLOWS if queue.is_of_workflow else OTHERS)
    state.add(queue)
    state.changed(queue)
    return queue


def is_full(state: VoiceState, queue: Queue) -> bool:
    """Tell whether nobody else may wait there; those whose task is being made count."""
    coming = [call for call in state.live_calls() if (at := state.enqueuing(call)) and at.queue_sid == queue.sid]
    return len(queue.waiting) + len(coming) >= queue.max_size


def first(state: VoiceState, queue: Queue) -> Call | None:
    """Find who has waited longest, and is not about to be connected."""
    return next((call for call in queue.waiting if (at := state.waiting(call)) and not at.taken), None)


def leave(state: VoiceState, call: Call, waiting: Waiting) -> None:
    """Take a call out of its queue, however it goes on."""
    if waiting.left_at is not None:
        return
    queue = state.queues[waiting.queue_sid]
    queue.waiting.remove(call)
    waiting.left_at, call.task_sid = state.now, None
    call.queue_time += state.now - waiting.since
    documents.silence(state, call)
    state.changed(queue)
    state.changed(call)


def connect(state: VoiceState, caller: Call, other: Call, reservation_sid: str | None = None) -> None:
    """Connect a waiting caller with somebody else: the waiting is over."""
    waiting = state.waiting(caller)
    assert waiting is not None
    leave(state, caller, waiting)
    bridges.join(state, caller, other, reservation_sid)
