"""What was there to be seen when a decision about a task was made: the stored form of decisions, too.

Members are only ever added, with a default, so that what an earlier version has kept can be read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from ..language.operators import MissingAttribute

StepReason = Literal["created", "timeout", "skipped", "failed", "attributes-changed", "re-evaluated"]
"""Why a task is in a routing step: it is new, or its step before timed out, was skipped, or had a reservation that
failed; or it began its workflow again, with other attributes, or since that was edited or a transfer has failed."""
Ending = Literal["timeout", "skipped", "failed"]
DEFAULT_FILTER = -1


class WorkerFacts(Struct, array_like=True):
    """A worker as a decision found it.

    available: is its activity? free: could it have been given a task of the channel? channel_available, capacity, used:
    of that channel; held: by a reservation, in a single-tasking workspace; last_reserved, channel_last_reserved: the
    times that decide who comes first, in milliseconds since 1970, 0 for never, None where they are not known; number:
    by which workers who are alike in that are ordered.
    """

    sid: str
    name: str
    attributes: Mapping[str, Any]
    activity_sid: str
    activity: str
    available: bool
    free: bool
    channel_available: bool
    capacity: int
    used: int
    held: bool
    last_reserved: int | None
    channel_last_reserved: int | None
    number: int


class FilterFacts(Struct, array_like=True):
    """A filter that was asked. index: its place, -1 for the default filter; expression: its text."""

    index: int
    name: str
    expression: str


class StepFacts(Struct):
    """How a task came into a routing step.

    filters: those that were asked for it, in order; left_out: how many more were asked; filter, target: where it came
    to; targets: how many the filter has; counts: of the workers that a `skip_if` saw, where the step before was
    skipped; skip_if: what it said.
    """

    why: StepReason
    workflow_sid: str
    workflow: str
    filters: Sequence[FilterFacts]
    left_out: int
    filter: int
    filter_name: str
    target: int
    targets: int
    skip_if: str | None = None
    counts: Mapping[str, int | float] | None = None


class MatchFacts(Struct):
    """What a match looked at.

    target_workers, expression, order_by, known_worker: texts of the queue and of the step; wanted: the one worker that
    it is for, as ("sid", "name" or "direct", value); ignores_capacity: is it given to that worker in any case?
    transfer: is the task being passed on? channel: its unique name; optimized: does the channel alone decide who has
    been idle longest? chosen: SIDs, in order; total: how many workers there were; members: of the queue.

    workers: those that were noted; outside: the places of those who are no members of the queue; channels: what
    expressions see of the channels of each, None where they do not look; failures: by SID, offers of this task that
    were not taken; at_work: SIDs of who has this very task, which is passed on.
    """

    queue_sid: str
    queue: str
    target_workers: str
    max_reserved: int
    expression: str | None
    order_by: str | None
    known_worker: str | None
    wanted: tuple[str, str] | None
    ignores_capacity: bool
    transfer: bool
    channel: str
    optimized: bool
    multi_tasking: bool
    chosen: Sequence[str]
    total: int
    members: int
    workers: Sequence[WorkerFacts]
    outside: Sequence[int]
    channels: Sequence[Any] | None = None
    failures: Mapping[str, int] | None = None
    at_work: Sequence[str] | None = None


class Decision(Struct):
    """One decision about a task: it came into a step, workers were looked for, its workflow ended; or several of that.

    at: milliseconds since 1970; attributes: the task's; missing: how expressions compare what is not there; ended: the
    last step of its workflow came to an end, and why.
    """

    task_sid: str
    at: int
    attributes: Mapping[str, Any]
    priority: int
    missing: MissingAttribute = "differs"
    step: StepFacts | None = None
    match: MatchFacts | None = None
    ended: Ending | None = None
