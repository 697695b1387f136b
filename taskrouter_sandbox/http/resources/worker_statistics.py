"""Statistics of Workers (rest-contract.md §4.12, §6.3)."""

from __future__ import annotations

from typing import Any

from ...engine.model.entities import Worker
from ...statistics import cumulative, history, realtime
from ..operation import Answer, Registry, RequestContext
from .statistics_parts import channel_sid, flat, identity, past_figures, window_of
from .statistics_types import (
    ChannelFilter,
    CombinedStatistics,
    FetchWorkerStatistics,
    WindowFilter,
    WorkerInstanceStatistics,
    WorkersCumulativeStatistics,
    WorkersRealTimeStatistics,
)

resource = Registry()
WORKERS = "/Workspaces/{WorkspaceSid}/Workers"


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
    state, db, seen = context.state, context.service.store.db, window_of(context, asked)
    sids = None if workers is None else [worker.sid for worker in workers]
    scope = history.Scope(task_channel_sid=channel_sid(context, asked), workers=sids)
    totals = history.totals(db, context.workspace.sid, seen, scope)
    ended = history.ended_intervals(db, context.workspace.sid, seen, scope)
    present = list(state.workers.values()) if workers is None else workers
    durations = cumulative.activity_durations(state, present, seen, ended)
    return past_figures(seen, "worker", totals, None, combined) | {"activity_durations": durations}


def _present_workers(context: RequestContext, asked: ChannelFilter, workers: list[Worker] | None) -> dict[str, Any]:
    state = context.state
    workers = list(state.workers.values()) if workers is None else workers
    return realtime.of_workers(state, realtime.serving(workers, channel_sid(context, asked)))


@resource.operation(
    "FetchWorkerStatistics", "GET", f"{WORKERS}/Statistics", FetchWorkerStatistics, returns=CombinedStatistics
)
def workers(context: RequestContext, asked: FetchWorkerStatistics) -> Answer:
    """Tell what workers did in a time, and do now.

    Twilio closes this above 100 workers unless asked (rest-contract.md §12); the sandbox answers.
    """
    chosen = _workers(context, asked)
    now = identity(context) | _present_workers(context, asked, chosen)
    past = _past_of_workers(context, asked, chosen, combined=True)
    return flat(context, None, {"cumulative": past, "realtime": now})


@resource.operation(
    "FetchWorkersRealTimeStatistics",
    "GET",
    f"{WORKERS}/RealTimeStatistics",
    ChannelFilter,
    returns=WorkersRealTimeStatistics,
)
def workers_real_time(context: RequestContext, asked: ChannelFilter) -> Answer:
    """Tell what workers do now."""
    return flat(context, None, _present_workers(context, asked, None))


@resource.operation(
    "FetchWorkersCumulativeStatistics",
    "GET",
    f"{WORKERS}/CumulativeStatistics",
    WindowFilter,
    returns=WorkersCumulativeStatistics,
)
def workers_past(context: RequestContext, asked: WindowFilter) -> Answer:
    """Tell what workers did in a time."""
    return flat(context, None, _past_of_workers(context, asked, None, combined=False))


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
    return flat(context, one, {"cumulative": _past_of_workers(context, asked, [one], combined=True)})
