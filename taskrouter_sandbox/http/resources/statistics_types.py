"""What the statistics take, and what comes back (rest-contract.md §4.12, §6)."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict, cast

from msgspec import Meta

from ..parameter_types import (
    AccountSid,
    Moment,
    TaskQueueSid,
    TaskSid,
    Thresholds,
    WorkerSid,
    WorkflowSid,
    WorkspaceSid,
)
from ..parameters import JsonBody, Listing, Parameters
from ..response_types import Date, Uri


class ChannelFilter(Parameters):
    task_channel: str | None = None


class WindowFilter(ChannelFilter):
    minutes: Annotated[int, Meta(ge=1)] = 15
    start_date: Moment | None = None
    end_date: Moment | None = None


class SplitWindowFilter(WindowFilter):
    split_by_wait_time: Thresholds | None = None


class ListTaskQueuesStatistics(Listing):
    task_channel: str | None = None
    minutes: Annotated[int, Meta(ge=1)] = 15
    start_date: Moment | None = None
    end_date: Moment | None = None
    split_by_wait_time: Thresholds | None = None
    friendly_name: str | None = None


class FetchWorkerStatistics(WindowFilter):
    task_queue_sid: TaskQueueSid | None = None
    task_queue_name: str | None = None
    friendly_name: str | None = None


class CreateTaskQueueBulkRealTimeStatistics(JsonBody):
    """The SIDs under any spelling of `QueueSids` or `TaskQueueSids`, or as a bare list (rest-contract.md §6.4)."""

    queue_sids: Annotated[list[TaskQueueSid], Meta(min_length=1, max_length=50)]

    @classmethod
    def members(cls, body: Any) -> dict[str, Any]:
        """Return the list, by the one name that the field has."""
        if not isinstance(body, dict):
            return {"QueueSids": body}
        members = cast("dict[str, Any]", body)
        sids = [
            value for name, value in members.items() if name.replace("_", "").lower() in ("taskqueuesids", "queuesids")
        ]
        return {"QueueSids": sids[0]} if sids else {}


# what comes back (rest-contract.md §6)

Figures = dict[str, Any]


class StatisticsOwner(TypedDict):
    account_sid: AccountSid
    workspace_sid: WorkspaceSid


class StatisticsResource(StatisticsOwner):
    url: Uri


class TaskQueueOwner(TypedDict):
    task_queue_sid: TaskQueueSid


class WorkflowOwner(TypedDict):
    workflow_sid: WorkflowSid


class WorkerOwner(TypedDict):
    worker_sid: WorkerSid


class CombinedStatistics(StatisticsResource):
    cumulative: Figures
    realtime: Figures


class TaskQueueStatistics(CombinedStatistics, TaskQueueOwner):
    pass


class WorkflowStatistics(CombinedStatistics, WorkflowOwner):
    pass


class WorkerInstanceStatistics(StatisticsResource, WorkerOwner):
    cumulative: Figures


class ListedTaskQueueStatistics(StatisticsOwner, TaskQueueOwner):
    cumulative: Figures
    realtime: Figures


class RealTimeStatistics(StatisticsResource):
    tasks_by_priority: Figures
    tasks_by_status: Figures
    total_tasks: int
    longest_task_waiting_age: int
    longest_task_waiting_sid: TaskSid | None


class WorkspaceRealTimeStatistics(RealTimeStatistics):
    activity_statistics: list[Any]
    total_workers: int


class TaskQueueRealTimeStatistics(RealTimeStatistics, TaskQueueOwner):
    activity_statistics: list[Any]
    longest_relative_task_age_in_queue: int
    longest_relative_task_sid_in_queue: TaskSid | None
    total_available_workers: int
    total_eligible_workers: int


class WorkflowRealTimeStatistics(RealTimeStatistics, WorkflowOwner):
    pass


class WorkersRealTimeStatistics(StatisticsResource):
    activity_statistics: list[Any]
    total_workers: int


class BulkRealTimeStatistics(StatisticsResource):
    task_queue_data: list[Any]
    task_queue_response_count: int


class ReservationCounts(StatisticsResource):
    start_time: Date
    end_time: Date
    reservations_created: int
    reservations_accepted: int
    reservations_rejected: int
    reservations_timed_out: int
    reservations_canceled: int
    reservations_rescinded: int


class CumulativeStatistics(ReservationCounts):
    avg_task_acceptance_time: int
    split_by_wait_time: Figures | None
    wait_duration_until_accepted: Figures
    wait_duration_until_canceled: Figures
    tasks_canceled: int
    tasks_completed: int
    tasks_deleted: int
    tasks_moved: int


class WorkspaceCumulativeStatistics(CumulativeStatistics):
    tasks_created: int
    tasks_timed_out_in_workflow: int


class TaskQueueCumulativeStatistics(CumulativeStatistics, TaskQueueOwner):
    wait_duration_in_queue_until_accepted: Figures
    tasks_entered: int


class WorkflowCumulativeStatistics(CumulativeStatistics, WorkflowOwner):
    tasks_entered: int
    tasks_timed_out_in_workflow: int


class WorkersCumulativeStatistics(ReservationCounts):
    activity_durations: list[Any]
