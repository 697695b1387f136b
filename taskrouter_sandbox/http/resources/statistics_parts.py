"""What the statistics of tasks and of workers are made of: whose they are, and when (rest-contract.md §6)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...engine.commands.common import channel_named
from ...engine.model.entities import Entity, TaskQueue, Worker, Workflow
from ...statistics import cumulative
from ...statistics.window import Window, window
from ..operation import Answer, RequestContext
from ..rendering import date
from .statistics_types import ChannelFilter, ListTaskQueuesStatistics, WindowFilter

SID_OF: dict[type[Entity], str] = {TaskQueue: "task_queue_sid", Workflow: "workflow_sid", Worker: "worker_sid"}


def channel_sid(context: RequestContext, asked: ChannelFilter | ListTaskQueuesStatistics) -> str | None:
    """Return the SID of the TaskChannel that was named by SID or unique name. Raises TaskRouterError for none."""
    return channel_named(context.state, asked.task_channel).sid if asked.task_channel is not None else None


def window_of(context: RequestContext, asked: WindowFilter | ListTaskQueuesStatistics) -> Window:
    """Return the time that was asked for. Raises TaskRouterError for one that cannot be."""
    return window(context.now, asked.minutes, asked.start_date, asked.end_date)


def identity(context: RequestContext, subject: Entity | None = None) -> dict[str, Any]:
    """Say whose statistics they are."""
    named = {} if subject is None else {SID_OF[type(subject)]: subject.sid}
    return {"account_sid": context.service.account_sid, "workspace_sid": context.workspace.sid, **named}


def flat(context: RequestContext, subject: Entity | None, figures: dict[str, Any]) -> Answer:
    """Answer with figures beside whose they are."""
    return Answer({**identity(context, subject), "url": context.base + context.url_path, **figures})


def past_figures(
    window: Window,
    kind: cumulative.Kind,
    totals: cumulative.TotalsByType,
    thresholds: Sequence[int] | None,
    combined: bool,
) -> dict[str, Any]:
    """Give the figures of a time, with its begin and its end; the other parameters as in `cumulative.figures`."""
    times = {"start_time": date(window.start), "end_time": date(window.end)}
    return times | cumulative.figures(kind, totals, thresholds, combined)
