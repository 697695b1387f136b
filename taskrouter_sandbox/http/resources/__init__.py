"""Every resource that the sandbox serves, in the order of rest-contract.md §4."""

from . import (
    activities,
    events,
    reservations,
    statistics,
    task_channels,
    task_queues,
    tasks,
    worker_channels,
    worker_statistics,
    workers,
    workflows,
    workspaces,
)

OPERATIONS = [
    operation
    for module in (
        workspaces,
        activities,
        events,
        tasks,
        reservations,
        task_channels,
        task_queues,
        workers,
        worker_channels,
        workflows,
        statistics,
        worker_statistics,
    )
    for operation in module.resource.operations
]
