"""Bringing a workspace back from what was stored of it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from . import clockwork, configuration, expressions, lifecycle, matching
from .entities import Entity
from .state import State


class AnyQueue:
    """Every SID is a queue: what an old revision names may be gone, and only routes tasks that are past it."""

    def __contains__(self, sid: object) -> bool:
        return True


def restore(state: State, entities: Iterable[Entity]) -> None:
    """Put stored resources back, in the order of their creation, and rebuild all that is derived from them."""
    for entity in entities:
        state.shelf(type(entity))[entity.sid] = entity
    for worker in state.workers.values():
        worker.number = next(state.numbers)
        worker.names = json.loads(worker.attributes)
    for channel in state.worker_channels.values():
        state.workers[channel.worker_sid].channels[channel.task_channel_sid] = channel
    for queue in state.task_queues.values():
        queue.expression = expressions.parse(queue.target_workers)
        queue.waiting = matching.waiting_list(queue)
    for workflow in state.workflows.values():
        workflow.parsed = [configuration.parse(text, AnyQueue()) for text in workflow.revisions]
    for task in state.tasks.values():
        task.number = next(state.numbers)
        task.names = json.loads(task.attributes)
        clockwork.watch(state, task)
    for reservation in state.reservations.values():
        state.tasks[reservation.task_sid].reservations[reservation.sid] = reservation
        if reservation.reservation_status in lifecycle.USES_CAPACITY:
            lifecycle.hold(state, reservation)
            if reservation.reservation_status == "pending":
                state.timers.set(reservation.expires, "reservation", reservation.sid)
            else:
                state.workers[reservation.worker_sid].channels[reservation.task_channel_sid].assigned += 1
    for worker in state.workers.values():
        matching.join_queues(state, worker)
    for task in state.tasks.values():
        if task.assignment_status == "pending":
            state.queue_of(task).waiting.add(task)
