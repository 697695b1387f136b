"""Statistics of the workspace, its TaskQueues, its Workers and its Workflows (rest-contract.md §4.12, §6).

The workspace, a queue and a workflow have three operations each, which differ in what is counted only; then come the
workers', the list of all queues, and many queues at once. What is counted where, and what was decided where the
sources are silent, stands in `taskrouter_sandbox/statistics/`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from ...engine.commands.common import channel_named
from ...engine.model.entities import Entity, TaskQueue, Worker, Workflow
from ...statistics import cumulative, history, realtime
from ...statistics.window import Window, window
from ..operation import Answer, Registry, RequestContext
from ..paging import ListInMemory
from ..rendering import date, page
from .statistics_types import (
    BulkRealTimeStatistics,
    ChannelFilter,
    CombinedStatistics,
    CreateTaskQueueBulkRealTimeStatistics,
    FetchWorkerStatistics,
    ListedTaskQueueStatistics,
    ListTaskQueuesStatistics,
    SplitWindowFilter,
    TaskQueueCumulativeStatistics,
    TaskQueueRealTimeStatistics,
    TaskQueueStatistics,
    WindowFilter,
    WorkerInstanceStatistics,
    WorkersCumulativeStatistics,
    WorkersRealTimeStatistics,
    WorkflowCumulativeStatistics,
    WorkflowRealTimeStatistics,
    WorkflowStatistics,
    WorkspaceCumulativeStatistics,
    WorkspaceRealTimeStatistics,
)

resource = Registry()
WORKSPACE = "/Workspaces/{WorkspaceSid}"
QUEUES, WORKERS = f"{WORKSPACE}/TaskQueues", f"{WORKSPACE}/Workers"


# what the parts are made of


def _channel(context: RequestContext, asked: ChannelFilter | ListTaskQueuesStatistics) -> str | None:
    """Return the SID of the TaskChannel that was named by SID or unique name. Raises TaskRouterError for none."""
    return channel_named(context.state, asked.task_channel).sid if asked.task_channel is not None else None


def _window(context: RequestContext, asked: WindowFilter | ListTaskQueuesStatistics) -> Window:
    return window(context.now, asked.minutes, asked.start_date, asked.end_date)


def _identity(context: RequestContext, subject: Entity | None = None) -> dict[str, Any]:
    """Say whose statistics they are."""
    named = {} if subject is None else {SID_OF[type(subject)]: subject.sid}
    return {"account_sid": context.service.account_sid, "workspace_sid": context.workspace.sid, **named}


def _flat(context: RequestContext, subject: Entity | None, figures: dict[str, Any]) -> Answer:
    return Answer({**_identity(context, subject), "url": context.base + context.url_path, **figures})


def _cumulative(
    window: Window,
    kind: cumulative.Kind,
    totals: cumulative.TotalsByType,
    thresholds: Sequence[int] | None,
    combined: bool,
) -> dict[str, Any]:
    times = {"start_time": date(window.start), "end_time": date(window.end)}
    return times | cumulative.figures(kind, totals, thresholds, combined)


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


SID_OF: dict[type[Entity], str] = {TaskQueue: "task_queue_sid", Workflow: "workflow_sid", Worker: "worker_sid"}
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
    channel = _channel(context, asked)
    tasks = realtime.tasks_in(context.state, channel)
    if entity is not None:
        tasks = [task for task in tasks if getattr(task, SID_OF[type(entity)]) == entity.sid]
    return realtime.figures(context.state, entity, tasks, channel)


def _past(
    context: RequestContext, kind: cumulative.Kind, entity: Entity | None, asked: SplitWindowFilter, combined: bool
) -> dict[str, Any]:
    column, sid = (SID_OF[type(entity)], entity.sid) if entity else (None, None)
    scope, seen = history.Scope(column, sid, _channel(context, asked)), _window(context, asked)
    thresholds = asked.split_by_wait_time or ()
    totals = history.totals(context.service.store.db, context.workspace.sid, seen, scope, thresholds)
    return _cumulative(seen, kind, totals, asked.split_by_wait_time, combined)


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
        now = _identity(context, entity) | _real_time(context, entity, asked)
        past = _past(context, subject.kind, entity, asked, combined=True)
        return _flat(context, entity, {"cumulative": past, "realtime": now})

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
        return _flat(context, entity, _real_time(context, entity, asked))

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
        return _flat(context, entity, _past(context, subject.kind, entity, asked, combined=False))


for each in SUBJECTS:
    _declare(each)


# workers


def _workers(context: RequestContext, asked: FetchWorkerStatistics) -> list[Worker] | None:
    """Find the workers that were asked for; None for all, and then also those that have been deleted.

    The members of a queue are its present ones, so that its worker statistics begin anew when its expression is edited
    (rest-contract.md §4.7).
    """
    if not asked.given().keys() & {"task_queue_sid", "task_queue_name", "friendly_name"}:
        return None
    return [
        worker
        for worker in context.state.workers.values()
        if asked.friendly_name in (None, worker.friendly_name)
        and (asked.task_queue_sid is None or any(q.sid == asked.task_queue_sid for q in worker.queues))
        and (asked.task_queue_name is None or any(q.friendly_name == asked.task_queue_name for q in worker.queues))
    ]


def _past_of_workers(
    context: RequestContext, asked: WindowFilter, workers: list[Worker] | None, combined: bool
) -> dict[str, Any]:
    """Count reservations and activities of a time; a TaskChannel narrows only the reservations."""
    state, db, seen = context.state, context.service.store.db, _window(context, asked)
    sids = None if workers is None else [worker.sid for worker in workers]
    scope = history.Scope(task_channel_sid=_channel(context, asked), workers=sids)
    totals = history.totals(db, context.workspace.sid, seen, scope)
    ended = history.ended_intervals(db, context.workspace.sid, seen, scope)
    present = list(state.workers.values()) if workers is None else workers
    durations = cumulative.activity_durations(state, present, seen, ended)
    return _cumulative(seen, "worker", totals, None, combined) | {"activity_durations": durations}


def _present_workers(context: RequestContext, asked: ChannelFilter, workers: list[Worker] | None) -> dict[str, Any]:
    state = context.state
    workers = list(state.workers.values()) if workers is None else workers
    return realtime.of_workers(state, realtime.serving(workers, _channel(context, asked)))


@resource.operation(
    "FetchWorkerStatistics", "GET", f"{WORKERS}/Statistics", FetchWorkerStatistics, returns=CombinedStatistics
)
def workers(context: RequestContext, asked: FetchWorkerStatistics) -> Answer:
    """Tell what workers did in a time, and do now.

    Twilio closes this above 100 workers unless asked (rest-contract.md §12); the sandbox answers.
    """
    chosen = _workers(context, asked)
    now = _identity(context) | _present_workers(context, asked, chosen)
    past = _past_of_workers(context, asked, chosen, combined=True)
    return _flat(context, None, {"cumulative": past, "realtime": now})


@resource.operation(
    "FetchWorkersRealTimeStatistics",
    "GET",
    f"{WORKERS}/RealTimeStatistics",
    ChannelFilter,
    returns=WorkersRealTimeStatistics,
)
def workers_real_time(context: RequestContext, asked: ChannelFilter) -> Answer:
    """Tell what workers do now."""
    return _flat(context, None, _present_workers(context, asked, None))


@resource.operation(
    "FetchWorkersCumulativeStatistics",
    "GET",
    f"{WORKERS}/CumulativeStatistics",
    WindowFilter,
    returns=WorkersCumulativeStatistics,
)
def workers_past(context: RequestContext, asked: WindowFilter) -> Answer:
    """Tell what workers did in a time."""
    return _flat(context, None, _past_of_workers(context, asked, None, combined=False))


@resource.operation(
    "FetchWorkerInstanceStatistics",
    "GET",
    WORKERS + "/{WorkerSid}/Statistics",
    WindowFilter,
    returns=WorkerInstanceStatistics,
)
def worker(context: RequestContext, asked: WindowFilter) -> Answer:
    """Tell what a worker did in a time; there are no other figures of a single one (rest-contract.md §6.3)."""
    one = context.state.get(Worker, context.path["WorkerSid"])
    return _flat(context, one, {"cumulative": _past_of_workers(context, asked, [one], combined=True)})


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
    state, channel, seen = context.state, _channel(context, asked), _window(context, asked)
    thresholds = asked.split_by_wait_time or ()
    scope = history.Scope(task_channel_sid=channel)
    totals = history.totals_by(
        context.service.store.db, context.workspace.sid, seen, scope, "task_queue_sid", thresholds
    )
    tasks = realtime.by_queue(realtime.tasks_in(state, channel))

    def render(context: RequestContext, queue: TaskQueue) -> dict[str, Any]:
        whose, of_queue = _identity(context, queue), totals.get(queue.sid, {})
        return {
            **whose,
            "cumulative": _cumulative(seen, "task_queue", of_queue, asked.split_by_wait_time, combined=True),
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
    return _flat(context, None, {"task_queue_data": data, "task_queue_response_count": len(data)})
