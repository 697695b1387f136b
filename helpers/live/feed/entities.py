"""The shapes of what a model holds: plain dictionaries that can be sent to the browser as they are.

Times are milliseconds since 1970 by TaskRouter's clock.
"""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict


class WorkspaceEntity(TypedDict, total=False):
    """The workspace itself; empty until it has been read."""

    sid: str
    name: str
    multitasking: bool
    event_callback_url: str


class ActivityEntity(TypedDict):
    """An activity."""

    sid: str
    name: str
    available: bool


class TaskChannelEntity(TypedDict):
    """A task channel."""

    sid: str
    name: str
    unique_name: str


class TaskQueueEntity(TypedDict):
    """A task queue. order: LIFO or FIFO; at_most: workers who are offered one task at the same time; moves_to: the
    activities to which TaskRouter moves who is reserved for a task, or has accepted it."""

    sid: str
    name: str
    expression: str
    order: str
    at_most: int
    moves_to: list[str]


class TargetEntity(TypedDict, total=False):
    """One target of a workflow's filter, as its configuration says it."""

    queue: str
    expression: str
    priority: int
    timeout: int
    skip_if: str
    order_by: str
    known_worker_sid: str
    known_worker_friendly_name: str


class FilterEntity(TypedDict):
    """One filter of a workflow."""

    name: str
    expression: str
    targets: list[TargetEntity]


class WorkflowEntity(TypedDict):
    """A workflow. url: of its assignment callback; timeout: seconds that a reservation lasts."""

    sid: str
    name: str
    url: str
    timeout: int
    filters: list[FilterEntity]
    default: TargetEntity | None


class WorkerChannelEntity(TypedDict):
    """What a worker takes on one task channel. channel: `TC...`."""

    channel: str | None
    name: str | None
    capacity: int
    available: bool


class LeftActivity(TypedDict):
    """An activity that a worker has left, and how long the worker was in it."""

    activity: str | None
    ms: int


class WorkerEntity(TypedDict):
    """A worker. activity: `WA...`, since when; channels: None until they have been read."""

    sid: str
    name: str
    attributes: str
    activity: str | None
    since: int
    trail: list[LeftActivity]
    channels: list[WorkerChannelEntity] | None


class TransferEntity(TypedDict):
    """The transfer that a task is in."""

    sid: str | None
    initiating_worker_sid: str | None
    to: str | None
    mode: str | None


class TaskEntity(TypedDict):
    """A task. entered: when it entered its queue; passed: its transfer under way; waits: since when it waits anew."""

    sid: str
    status: str | None
    attributes: str
    priority: int
    channel: str | None
    created: int
    updated: int
    entered: int
    reason: str | None
    queue: NotRequired[str]
    workflow: NotRequired[str]
    filter: NotRequired[str | None]
    filter_expression: NotRequired[str | None]
    target_expression: NotRequired[str | None]
    passed: NotRequired[TransferEntity | None]
    waits: NotRequired[int]


class ReservationEntity(TypedDict):
    """A reservation. task, worker: SIDs."""

    sid: str
    task: str | None
    worker: str | None
    status: str
    created: int
    updated: int


class CallEntity(TypedDict):
    """A phone call. task: `WT...`; side: whose phone it is; phone: its address; name: what that is called; live: it has
    not ended; words: what it does; since: of that, None where nobody can tell."""

    sid: str
    task: str | None
    side: Literal["caller", "agent"]
    phone: str
    name: str
    live: bool
    words: str
    since: int | None


SpanEntity = TypedDict(
    "SpanEntity",
    {
        "sid": str,
        "kind": Literal["activity", "wait", "offer", "work"],
        "from": int,
        "to": int | None,  # None: it goes on
        "end": NotRequired[str | None],
        "task": NotRequired[str | None],
        "worker": NotRequired[str | None],
        "activity": NotRequired[str | None],
    },
)
"""A length of time on the timeline: an activity, a task's wait, an offer, or the work on a task."""
