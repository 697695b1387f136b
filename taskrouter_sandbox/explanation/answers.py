"""What is answered to "why did this task go there?": the same for what the sandbox noted and for what is inferred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

from .facts import Ending, StepReason

ReasonKind = Literal[
    "not-asked", "not-in-queue", "not-available", "channel-not-available", "no-capacity", "held", "expression",
    "at-work", "not-free", "offered-before", "order", "idle-for-less",
]  # fmt: skip
Verdict = Literal["chosen", "later", "impossible"]


class ClauseAnswer(TypedDict):
    """A clause of an expression: whether it holds, whether it should for the whole to hold, and values by path."""

    text: str
    holds: bool
    wanted: bool
    saw: dict[str, Any]


class Reason(TypedDict):
    """Why not this worker. clauses: of the expression that says so, those on which that rests."""

    kind: ReasonKind
    text: str
    clauses: list[ClauseAnswer]


class WorkerAnswer(TypedDict):
    """What was thought of a worker.

    verdict: chosen; or it could have taken the task, and others came before it ("later"); or it could not. reasons:
    none for who was chosen.
    """

    sid: str
    name: str
    verdict: Verdict
    reasons: list[Reason]


class FilterAnswer(TypedDict):
    """A filter that was asked. index: its place in the workflow, -1 for the default filter."""

    index: int
    name: str
    expression: str
    matches: bool
    clauses: list[ClauseAnswer]


class StepAnswer(TypedDict):
    """How the task came into a routing step.

    why, text: what brought it there; filters: those that were asked, in order; left_out: how many others were asked
    before them; filter, target: where it came to, each counted from 0; targets: how many the filter has.
    """

    why: StepReason
    text: str
    workflow_sid: str
    workflow: str
    filters: list[FilterAnswer]
    left_out: int
    filter: int
    filter_name: str
    target: int
    targets: int


class MatchAnswer(TypedDict):
    """For whom was looked, and who was found.

    asked: what a worker had to be, in sentences; chosen: names; others: how many more workers there were, of whom
    nothing is noted.
    """

    queue_sid: str
    queue: str
    asked: list[str]
    chosen: list[str]
    workers: list[WorkerAnswer]
    others: int


class DecisionAnswer(TypedDict):
    """One decision. at: milliseconds since 1970; text: it in a sentence; attributes: the task's at that time."""

    at: int
    text: str
    attributes: dict[str, Any]
    priority: int
    step: StepAnswer | None
    match: MatchAnswer | None
    ended: Ending | None


class ChangeRequest(TypedDict):
    """An update over REST. sid: of the resource; of a worker's channel that of the worker, with the channel's name."""

    what: Literal["worker", "worker-channel", "task", "reservation"]
    sid: str
    channel: str | None
    set: dict[str, str]


class Change(TypedDict):
    """What would have to be changed for a waiting task to be reserved for a worker.

    outcome: what comes of it, in a sentence; reserved: was the task reserved for that worker when this was tried in a
    copy of the workspace? None where it was not tried.
    """

    worker_sid: str
    worker: str
    text: str
    requests: list[ChangeRequest]
    reserved: bool | None
    outcome: str


class TaskAnswer(TypedDict):
    """Why a task went where it went.

    status: None for a task that is gone; recorded: was it noted when it was decided, rather than inferred from what
    is known by now? notes: what to know about this answer; decisions: the oldest first; left_out: how many of them
    are not told; now: of a waiting task, who could take it at this moment; changes: what would have to change.
    """

    workspace_sid: str
    task_sid: str
    status: str | None
    recorded: bool
    notes: list[str]
    decisions: Sequence[DecisionAnswer]
    left_out: int
    now: DecisionAnswer | None
    changes: list[Change]
