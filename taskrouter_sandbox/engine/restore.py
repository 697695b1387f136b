"""Bring a workspace back from what was stored of it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .model.entities import Entity
from .model.state import State
from .rules import deadlines, matching, queue_members, transfers, transitions, worker_channels, workflow_steps


def restore(state: State, entities: Iterable[Entity]) -> None:
    """Put stored resources back, in the order of their creation, and rebuild all that is derived from them."""
    for entity in entities:
        state.add(entity)
    for worker in state.workers.values():
        worker.number = next(state.numbers)
        worker.parsed_attributes = json.loads(worker.attributes)
    worker_channels.restore_worker_channels(state)
    for queue in state.task_queues.values():
        queue_members.read_expression(state, queue)
        queue.waiting = matching.new_lines(queue)
    for workflow in state.workflows.values():
        workflow_steps.read_configurations(state, workflow)
    for task in state.tasks.values():
        task.number = next(state.numbers)
        task.parsed_attributes = json.loads(task.attributes)
        state.find_target(task)
        deadlines.schedule_task_deadline(state, task)
    for reservation in state.reservations.values():
        reservation.number = next(state.numbers)
        state.tasks[reservation.task_sid].reservations[reservation.sid] = reservation
        if reservation.reservation_status in transitions.COUNTS:
            transitions.hold(state, reservation)
        if reservation.reservation_status == "pending":
            deadlines.schedule_reservation_deadline(state, reservation)
    for transfer in state.transfers.values():
        transfers.link(state, transfer)
    for worker in state.workers.values():
        queue_members.join_queues(state, worker)
    for task in state.tasks.values():
        if task.assignment_status == "pending":
            matching.wait(state, task)
    state.pending.freed_workers.clear()  # what is stored is settled: nobody waits for a worker who is free
