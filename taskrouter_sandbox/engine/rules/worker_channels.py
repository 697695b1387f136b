"""The channels of a worker: one for each task channel (rest-contract.md §7).

A channel as it begins follows from its worker and its task channel, its SID too, so that it is stored only once
something about it has changed: five rows fewer for a new worker, and as many rows fewer for a new task channel as there
are workers.
"""

from __future__ import annotations

from ..model.entities import TaskChannel, Worker, WorkerChannel
from ..model.state import State


def add_worker_channel(state: State, worker: Worker, task_channel: TaskChannel) -> None:
    """Add the channel that a worker has for a task channel, as it begins when both are there."""
    created = max(worker.date_created, task_channel.date_created)
    channel = WorkerChannel(
        sid=f"WC{worker.sid[-16:]}{task_channel.sid[-16:]}",  # half of the digits of each
        date_created=created,
        date_updated=created,
        worker_sid=worker.sid,
        task_channel_sid=task_channel.sid,
    )
    worker.channels[task_channel.sid] = channel
    state.add(channel)


def restore_worker_channels(state: State) -> None:
    """Give each worker its channels again: those that are stored, and the others as they began."""
    for channel in state.worker_channels.values():
        state.workers[channel.worker_sid].channels[channel.task_channel_sid] = channel
    for worker in state.workers.values():
        stored, worker.channels = worker.channels, {}
        for task_channel in state.task_channels.values():
            if (channel := stored.get(task_channel.sid)) is not None:
                worker.channels[task_channel.sid] = channel
            else:
                add_worker_channel(state, worker, task_channel)
