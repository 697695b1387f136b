"""The form of a snapshot: its parts, which refer to one another by name (docs/snapshots.md)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct, field

FORMAT = "taskrouter-snapshot/1"
Order = Literal["FIFO", "LIFO"]
# What a file may hold (rest-contract.md §12); a snapshot that is read from a workspace holds what is there.
Name = Annotated[str, Meta(min_length=1)]
ShortName = Annotated[str, Meta(min_length=1, max_length=64)]


class SnapshotError(Exception):
    """A snapshot cannot be read, or made from a workspace. The message names the place and what is accepted there."""


class SnapshotWarning(UserWarning):
    """A snapshot says something that TaskRouter takes, and that is hardly meant. The message begins with its place."""


class SnapshotPart(Struct, forbid_unknown_fields=True):
    """A part of a snapshot; a name that none of its fields has is refused."""


class WorkspacePart(SnapshotPart):
    """The workspace itself; its activities are names."""

    friendly_name: ShortName
    multi_task_enabled: bool = True
    prioritize_queue_order: Order = "FIFO"
    default_activity: str = "Offline"
    timeout_activity: str = "Offline"
    event_callback_url: str = ""
    events_filter: list[str] = field(default_factory=list[str])


class ActivityPart(SnapshotPart):
    """An activity."""

    friendly_name: ShortName
    available: bool = False


class TaskChannelPart(SnapshotPart):
    """A task channel. Those that every workspace has need not be named."""

    unique_name: Name
    friendly_name: ShortName
    channel_optimized_routing: bool = False


class WorkerChannelPart(SnapshotPart):
    """How much of a task channel a worker takes."""

    capacity: Annotated[int, Meta(ge=0, le=2_147_483_647)] = 1
    available: bool = True


class WorkerPart(SnapshotPart):
    """A worker. activity: a name, the workspace's default one where it is left out; channels: by unique name."""

    friendly_name: ShortName
    activity: str | None = None
    attributes: dict[str, Any] = field(default_factory=dict[str, Any])
    channels: dict[str, WorkerChannelPart] = field(default_factory=dict[str, WorkerChannelPart])


class TaskQueuePart(SnapshotPart):
    """A task queue; its activities are names."""

    friendly_name: Name
    target_workers: str = "1==1"
    max_reserved_workers: Annotated[int, Meta(ge=1, le=50)] = 1
    task_order: Order = "FIFO"
    reservation_activity: str | None = None
    assignment_activity: str | None = None


class WorkflowPart(SnapshotPart):
    """A workflow. configuration: as Twilio has it, with a queue's name where Twilio has its SID.

    An address that begins with a slash is completed when a workspace is made, since it leads elsewhere each time.
    """

    friendly_name: Name
    configuration: dict[str, Any]
    assignment_callback_url: str = ""
    fallback_assignment_callback_url: str = ""
    task_reservation_timeout: Annotated[int, Meta(ge=1, le=86_400)] = 120


class Snapshot(SnapshotPart, kw_only=True):
    """A workspace with all that it is configured with; tasks are no part of it."""

    format: Literal["taskrouter-snapshot/1"] = FORMAT
    workspace: WorkspacePart
    activities: list[ActivityPart] = field(default_factory=list[ActivityPart])
    task_channels: list[TaskChannelPart] = field(default_factory=list[TaskChannelPart])
    task_queues: list[TaskQueuePart] = field(default_factory=list[TaskQueuePart])
    workflows: list[WorkflowPart] = field(default_factory=list[WorkflowPart])
    workers: list[WorkerPart] = field(default_factory=list[WorkerPart])

    @property
    def has_paths(self) -> bool:
        """Whether an address in it begins with a slash, so that somebody must say where it leads."""
        flows = self.workflows
        urls = [
            each for flow in flows for each in (flow.assignment_callback_url, flow.fallback_assignment_callback_url)
        ]
        return any(url.startswith("/") for url in (self.workspace.event_callback_url, *urls))
