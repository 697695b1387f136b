"""Every resource that the sandbox serves, in the order of rest-contract.md §4."""

from . import (
    activities,
    events,
    reservations,
    task_channels,
    task_queues,
    tasks,
    worker_channels,
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
    )
    for operation in module.resource.operations
]

# What the sandbox does not have yet; it answers 501 and says so by name.
_W = "/Workspaces/{WorkspaceSid}"
NOT_BUILT = [
    ("FetchWorkspaceStatistics", "GET", f"{_W}/Statistics"),
    ("FetchWorkspaceRealTimeStatistics", "GET", f"{_W}/RealTimeStatistics"),
    ("FetchWorkspaceCumulativeStatistics", "GET", f"{_W}/CumulativeStatistics"),
    ("ListTaskQueuesStatistics", "GET", f"{_W}/TaskQueues/Statistics"),
    ("FetchTaskQueueStatistics", "GET", f"{_W}/TaskQueues/{{TaskQueueSid}}/Statistics"),
    ("FetchTaskQueueRealTimeStatistics", "GET", f"{_W}/TaskQueues/{{TaskQueueSid}}/RealTimeStatistics"),
    ("FetchTaskQueueCumulativeStatistics", "GET", f"{_W}/TaskQueues/{{TaskQueueSid}}/CumulativeStatistics"),
    ("CreateTaskQueueBulkRealTimeStatistics", "POST", f"{_W}/TaskQueues/RealTimeStatistics"),
    ("FetchWorkerStatistics", "GET", f"{_W}/Workers/Statistics"),
    ("FetchWorkersRealTimeStatistics", "GET", f"{_W}/Workers/RealTimeStatistics"),
    ("FetchWorkersCumulativeStatistics", "GET", f"{_W}/Workers/CumulativeStatistics"),
    ("FetchWorkerInstanceStatistics", "GET", f"{_W}/Workers/{{WorkerSid}}/Statistics"),
    ("FetchWorkflowStatistics", "GET", f"{_W}/Workflows/{{WorkflowSid}}/Statistics"),
    ("FetchWorkflowRealTimeStatistics", "GET", f"{_W}/Workflows/{{WorkflowSid}}/RealTimeStatistics"),
    ("FetchWorkflowCumulativeStatistics", "GET", f"{_W}/Workflows/{{WorkflowSid}}/CumulativeStatistics"),
]
