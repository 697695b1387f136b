"""Statistics of the workspace, its TaskQueues and its Workflows (rest-contract.md §4.12, §6).

The workspace, a queue and a workflow have three operations each, which differ in what is counted only; then come the
list of all queues, and many queues at once. What is counted where, and what was decided where the sources are silent,
stands in `taskrouter_sandbox/statistics/`.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from ...engine.model.entities import Entity, TaskQueue, Workflow
from ...statistics import cumulative, history, realtime
from ..operation import Answer, Registry, RequestContext
from ..paging import ListInMemory
from ..rendering import page
from .statistics_parts import SID_OF, channel_sid, flat, identity, past_figures, window_of
from .statistics_types import (
    BulkRealTimeStatistics,
    ChannelFilter,
    CombinedStatistics,
    CreateTaskQueueBulkRealTimeStatistics,
    ListedTaskQueueStatistics,
    ListTaskQueuesStatistics,
    SplitWindowFilter,
    TaskQueueCumulativeStatistics,
    TaskQueueRealTimeStatistics,
    TaskQueueStatistics,
    WorkflowCumulativeStatistics,
    WorkflowRealTimeStatistics,
    WorkflowStatistics,
    WorkspaceCumulativeStatistics,
    WorkspaceRealTimeStatistics,
)

resource = Registry()
WORKSPACE = "/Workspaces/{WorkspaceSid}"
QUEUES = f"{WORKSPACE}/TaskQueues"


# the workspace, a queue, a workflow


class Subject(Struct, frozen=True):
    """What has statistics of its tasks. name: as in the ids of the operations; sid: its SID in the path, if any."""

    kind: cumulative.Kind
    name: str
    path: str
    combined: type
    real_time: type
    past: type
    entity: type[Entity] | None = None
    sid: str = ""

    def of(self, context: RequestContext) -> Entity | None:
        """Find the queue or the workflow by the address; None for the workspace. Raises NotFound."""
        return context.state.get(self.entity, context.path[self.sid]) if self.entity else None


SUBJECTS = (
    Subject(
        "workspace",
        "Workspace",
        WORKSPACE,
        CombinedStatistics,
        WorkspaceRealTimeStatistics,
        WorkspaceCumulativeStatistics,
    ),
    Subject(
        "task_queue",
        "TaskQueue",
        QUEUES + "/{TaskQueueSid}",
        TaskQueueStatistics,
        TaskQueueRealTimeStatistics,
        TaskQueueCumulativeStatistics,
        TaskQueue,
        "TaskQueueSid",
    ),
    Subject(
        "workflow",
        "Workflow",
        WORKSPACE + "/Workflows/{WorkflowSid}",
        WorkflowStatistics,
        WorkflowRealTimeStatistics,
        WorkflowCumulativeStatistics,
        Workflow,
        "WorkflowSid",
    ),
)


def _real_time(context: RequestContext, entity: Entity | None, asked: ChannelFilter) -> dict[str, Any]:
    channel = channel_sid(context, asked)
    tasks = realtime.tasks_in(context.state, channel)
    if entity is not None:
        tasks = [task for task in tasks if getattr(task, SID_OF[type(entity)]) == entity.sid]
    return realtime.figures(context.state, entity, tasks, channel)


def _past(
    context: RequestContext, kind: cumulative.Kind, entity: Entity | None, asked: SplitWindowFilter, combined: bool
) -> dict[str, Any]:
    column, sid = (SID_OF[type(entity)], entity.sid) if entity else (None, None)
    scope, seen = history.Scope(column, sid, channel_sid(context, asked)), window_of(context, asked)
    thresholds = asked.split_by_wait_time or ()
    totals = history.totals(context.service.store.db, context.workspace.sid, seen, scope, thresholds)
    return past_figures(seen, kind, totals, asked.split_by_wait_time, combined)


def _declare(subject: Subject) -> None:
    """Declare the three operations of a subject."""

    @resource.operation(
        f"Fetch{subject.name}Statistics",
        "GET",
        f"{subject.path}/Statistics",
        SplitWindowFilter,
        returns=subject.combined,
    )
    def combined(context: RequestContext, asked: SplitWindowFilter) -> Answer:
        """Tell what happened in a time, and what is there now."""
        entity = subject.of(context)
        now = identity(context, entity) | _real_time(context, entity, asked)
        past = _past(context, subject.kind, entity, asked, combined=True)
        return flat(context, entity, {"cumulative": past, "realtime": now})

    @resource.operation(
        f"Fetch{subject.name}RealTimeStatistics",
        "GET",
        f"{subject.path}/RealTimeStatistics",
        ChannelFilter,
        returns=subject.real_time,
    )
    def real_time(context: RequestContext, asked: ChannelFilter) -> Answer:
        """Tell what is there now."""
        entity = subject.of(context)
        return flat(context, entity, _real_time(context, entity, asked))

    @resource.operation(
        f"Fetch{subject.name}CumulativeStatistics",
        "GET",
        f"{subject.path}/CumulativeStatistics",
        SplitWindowFilter,
        returns=subject.past,
    )
    def past(context: RequestContext, asked: SplitWindowFilter) -> Answer:
        """Tell what happened in a time."""
        entity = subject.of(context)
        return flat(context, entity, _past(context, subject.kind, entity, asked, combined=False))


for each in SUBJECTS:
    _declare(each)


# many queues


@resource.operation(
    "ListTaskQueuesStatistics",
    "GET",
    f"{QUEUES}/Statistics",
    ListTaskQueuesStatistics,
    returns=ListedTaskQueueStatistics,
    key="task_queues_statistics",
)
def list_(context: RequestContext, asked: ListTaskQueuesStatistics) -> Answer:
    """List what happened in the queues and what is there; one sweep through history and tasks serves all of them."""
    state, channel, seen = context.state, channel_sid(context, asked), window_of(context, asked)
    thresholds = asked.split_by_wait_time or ()
    scope = history.Scope(task_channel_sid=channel)
    totals = history.totals_by(
        context.service.store.db, context.workspace.sid, seen, scope, "task_queue_sid", thresholds
    )
    tasks = realtime.by_queue(realtime.tasks_in(state, channel))

    def render(context: RequestContext, queue: TaskQueue) -> dict[str, Any]:
        whose, of_queue = identity(context, queue), totals.get(queue.sid, {})
        return {
            **whose,
            "cumulative": past_figures(seen, "task_queue", of_queue, asked.split_by_wait_time, combined=True),
            "realtime": whose | realtime.figures(state, queue, tasks[queue.sid], channel),
        }

    def shown(queue: TaskQueue) -> bool:
        return asked.friendly_name in (None, queue.friendly_name)

    return page(context, "task_queues_statistics", ListInMemory(state.task_queues, shown), render, asked)


@resource.operation(
    "CreateTaskQueueBulkRealTimeStatistics",
    "POST",
    f"{QUEUES}/RealTimeStatistics",
    CreateTaskQueueBulkRealTimeStatistics,
    returns=BulkRealTimeStatistics,
)
def bulk(context: RequestContext, asked: CreateTaskQueueBulkRealTimeStatistics) -> Answer:
    """Tell what is there now in up to 50 queues, each once; a SID that no queue has comes with zeros."""
    context.limit("TaskQueue-BulkRealTimeStatistics")
    state = context.state
    tasks = realtime.by_queue(state.tasks.values())
    data = [
        {
            "task_queue_sid": sid,
            **realtime.of_tasks(state, tasks[sid]),
            **realtime.of_members(state, queue.members.values() if (queue := state.task_queues.get(sid)) else ()),
        }
        for sid in dict.fromkeys(asked.queue_sids)
    ]
    return flat(context, None, {"task_queue_data": data, "task_queue_response_count": len(data)})
