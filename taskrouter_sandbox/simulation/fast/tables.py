"""A workspace and a day as tables for the kernel: what its expressions say, of each class and each worker.

The expressions, the filters, the demands of tasks and the members of queues are those of the engine itself, asked once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from ...engine.commands.common import read_attributes
from ...engine.model.entities import Task, TaskQueue, Worker, Workflow
from ...engine.model.known_worker import named_worker
from ...engine.model.state import State as Workspace
from ...engine.rules import matching, workflow_steps
from ...language.expressions import Expression, Order, reads_time
from ...language.workflow_configuration import Target
from ...snapshot import Snapshot
from ..checks import activity_at_work
from ..columns import NONE, ColumnNames
from ..day import Day, TaskClass
from ..observer import names_of
from ..run import shift_changes
from ..workspace import engine_of
from .layout import CHANNEL, CLASS, EDGE, LINE, QUEUE, SHIFT_CHANGE, STAGE, SUPPLY, WORKER

MOST_CHANNELS = 62  # to which tasks come


class NotHeldError(Exception):
    """The fast engine does not hold something of this workspace or day; the message says what."""


@dataclass(frozen=True)
class Tables:
    """What the kernel reads of a workspace and a day. arrays: by the names of `layout.State`."""

    names: ColumnNames
    arrays: dict[str, Any]
    is_multitasking: bool
    timeout_activity: int
    lifetimes: tuple[int, ...]


def tables_of(snapshot: Snapshot, day: Day) -> Tables:
    """Make the tables. Raises NotHeldError with what the fast engine does not hold."""
    return _Builder(snapshot, day).build()


class _Builder:
    def __init__(self, snapshot: Snapshot, day: Day) -> None:
        self.day, self.off_duty = day, day.off_duty or snapshot.workspace.default_activity
        self.on_duty = activity_at_work(snapshot) or self.off_duty
        engine, _ = engine_of(snapshot, day.begins, {each.worker: self.off_duty for each in day.shifts})
        self.state: Workspace = engine.state
        self.workers, self.queues = list(self.state.workers.values()), list(self.state.task_queues.values())
        self.activities = list(self.state.activities.values())
        used = {each.channel for each in day.classes}
        self.channels = [each for each in self.state.task_channels.values() if each.unique_name in used]
        self.worker_numbers = {each.sid: i for i, each in enumerate(self.workers)}
        self.queue_numbers = {each.sid: i for i, each in enumerate(self.queues)}
        self.activity_numbers = {each.sid: i for i, each in enumerate(self.activities)}
        self.channel_numbers = {each.sid: i for i, each in enumerate(self.channels)}
        self.names = names_of(self.state, tuple(each.name for each in day.classes))
        self.places = {place[:3]: i for i, place in enumerate(self.names.places)}
        self.lines: dict[Hashable, int] = {}
        self.line_records: list[tuple[int, ...]] = []
        self.supplies: dict[Hashable, int] = {}
        self.supply_records: list[tuple[int, ...]] = []
        self.edges: list[tuple[int, int, int, int]] = []  # worker, supply, rank, is_unsortable
        self.meets: list[list[bool]] = []
        self.skips: list[bool] = []
        self.skip_places: dict[tuple[str, str], int] = {}  # where a condition's table for a queue begins, by both
        self.stages: list[tuple[int, ...]] = []

    def build(self) -> Tables:
        if len(self.channels) > MOST_CHANNELS:
            raise NotHeldError(f"more than {MOST_CHANNELS} task channels")
        classes = [self._class(each) for each in self.day.classes]
        order = sorted(range(len(self.edges)), key=lambda i: self.edges[i][0])
        edges = np.array([self.edges[i] for i in order], dtype=EDGE)
        meets = [self.meets[i] for i in order] or [[False] * len(self.activities)]
        with_skip = {queue for queue, _ in self.skip_places}
        asked = [[self.queue_numbers[q.sid] for q in worker.queues if q.sid in with_skip] for worker in self.workers]
        moves = shift_changes(self.day, self.on_duty, self.off_duty)
        names = {each.friendly_name: i for i, each in enumerate(self.workers)}
        activities = {each.friendly_name: i for i, each in enumerate(self.activities)}
        shifts = sorted((at, names[worker], activities[activity]) for worker, at, activity in moves)
        return Tables(
            self.names,
            {
                "classes": np.array(classes, dtype=CLASS),
                "stages": np.array(self.stages, dtype=STAGE),
                "lines": np.array(self.line_records, dtype=LINE),
                "supplies": np.array(self.supply_records, dtype=SUPPLY),
                "edges": edges,
                "meets": np.array(meets, dtype=np.bool_),
                "skips": np.array(self.skips or [False], dtype=np.bool_),
                "queues": np.array([self._queue(each) for each in self.queues], dtype=QUEUE),
                "queues_of": np.array([q for some in asked for q in some] or [NONE], dtype=np.int32),
                "workers": self._workers(edges["worker"], [len(some) for some in asked]),
                "channels": self._channels(),
                "shifts": np.array(shifts, dtype=SHIFT_CHANGE),
                "is_available": np.array([each.available for each in self.activities], dtype=np.bool_),
            },
            self.state.workspace.multi_task_enabled,
            self.activity_numbers[self.state.workspace.timeout_activity_sid],
            tuple(sorted({each.timeout * 1000 for each in self.day.classes})),
        )

    def _class(self, kind: TaskClass) -> tuple[int, ...]:
        flows = self.state.workflows.values()
        flow = next(each for each in flows if kind.workflow in (None, each.friendly_name))
        channel = next(each for each in self.channels if kind.channel == each.unique_name)
        text, names = read_attributes(json.dumps(kind.attributes))
        task = Task("WT", 0, 0, attributes=text, workflow_sid=flow.sid, task_channel_sid=channel.sid)
        task.parsed_attributes = names
        first = len(self.stages)
        self._path(task, flow)
        if len(self.stages) == first:
            raise NotHeldError(f"class {kind.name!r}: no filter takes it")
        expires = flow.task_reservation_timeout * 1000
        number = self.channel_numbers[channel.sid]
        return first, len(self.stages), kind.priority, kind.timeout * 1000, expires, 0, number

    def _path(self, task: Task, flow: Workflow) -> None:
        """Add the stages of a task: the targets of each filter that matches it, then that of the default filter."""
        configuration = workflow_steps.newest_configuration(flow)
        if configuration.reads_time:
            raise NotHeldError(f"workflow {flow.friendly_name!r}: a filter that reads the time")
        index = workflow_steps.first_match(self.state, task, configuration)
        while index is not None:
            targets = configuration.filters[index].targets
            for i, target in enumerate(targets):
                self._stage(task, flow, index, i, target, is_last=i + 1 == len(targets))
            index = workflow_steps.first_match(self.state, task, configuration, index + 1)
        if configuration.default is not None:
            self._stage(task, flow, "default", 0, configuration.default.targets[0], is_last=True)

    def _stage(
        self, task: Task, flow: Workflow, index: int | Literal["default"], i: int, target: Target, *, is_last: bool
    ) -> None:
        where = f"workflow {flow.friendly_name!r}, target {i} of filter {index}"
        queue = self.state.task_queues[target.queue_sid]
        task.target, task.task_queue_sid = target, queue.sid
        line, supply = self._supply(task, queue, target, where)
        priority, timeout = (NONE if value is None else value for value in (target.priority, target.timeout))
        self.stages.append(
            (
                line,
                supply,
                self.queue_numbers[queue.sid],
                self.places[flow.friendly_name, index, i],
                priority,
                timeout * 1000 if timeout >= 0 else NONE,
                self._skip(queue, target.skip_if, where),
                is_last,
                index == "default",
            )
        )

    def _supply(self, task: Task, queue: TaskQueue, target: Target, where: str) -> tuple[int, int]:
        demand = matching.demand_of(task)
        named = None if demand.worker is None else (demand.worker, target.expression_text, task.attributes)
        key = (queue.sid, task.task_channel_sid, demand.key, named)
        if key not in self.lines:
            self.lines[key] = len(self.line_records)
            is_behind = queue.task_order != self.state.workspace.prioritize_queue_order
            self.line_records.append((queue.task_order == "LIFO", is_behind))
        line = self.lines[key]
        ordered = (line, target.order_by.text if target.order_by else None)
        if ordered not in self.supplies:
            self.supplies[ordered] = number = len(self.supply_records)
            channel = self.channel_numbers[task.task_channel_sid]
            is_optimized = self.channels[channel].channel_optimized_routing
            self.supply_records.append((line, channel, is_optimized, queue.max_reserved_workers, 0))
            if demand.worker is None:
                members: Iterable[Worker] = queue.members.values()
            else:
                known = named_worker(self.state, demand.worker)
                members = [known] if known is not None and known.sid in queue.members else []
            self._edges(number, task, list(members), target, where)
        return line, self.supplies[ordered]

    def _edges(self, supply: int, task: Task, members: list[Worker], target: Target, where: str) -> None:
        by_worker = [self._meets(task, worker, target.expression, where) for worker in members]
        ranks = self._ranks(members, target.order_by, where)
        for worker, meets in zip(members, by_worker, strict=True):
            if any(meets):
                rank = ranks.get(worker.sid)
                is_unsortable = target.order_by is not None and rank is None
                self.edges.append((self.worker_numbers[worker.sid], supply, rank or 0, is_unsortable))
                self.meets.append(meets)

    def _meets(self, task: Task, worker: Worker, expression: Expression | None, where: str) -> list[bool]:
        """Tell whether a worker meets a target's expression, in each activity."""
        if expression is None:
            return [True] * len(self.activities)
        if reads_time(expression):
            raise NotHeldError(f"{where}: an expression that reads the time")
        if any(re.match(r"worker\.channel\b", path) for path in expression.references):
            raise NotHeldError(f"{where}: an expression that reads worker.channel")
        view = self.state.names_of_worker(worker)
        if not expression.references & {"worker.activity_name", "worker.activity_sid"}:
            return [expression.matches({"task": task.parsed_attributes, "worker": view})] * len(self.activities)
        return [
            expression.matches(
                {
                    "task": task.parsed_attributes,
                    "worker": {**view, "activity_name": each.friendly_name, "activity_sid": each.sid},
                }
            )
            for each in self.activities
        ]

    def _ranks(self, members: list[Worker], order: Order | None, where: str) -> dict[str, int]:
        """Give the place of each worker by an `order_by`, equal ones the same; none to whom it cannot sort."""
        if order is None:
            return {}
        if re.search(r"\bworker\s*\.\s*channel\b", order.text):
            raise NotHeldError(f"{where}: an order_by that reads worker.channel")
        names = self.state.names_of_worker
        ordered = order.sort([each for each in members if not order.cannot_sort(names(each))], names)
        rank, ranks = 0, {each.sid: 0 for each in ordered[:1]}
        for a, b in pairwise(ordered):
            rank += order.sort([b, a], names) == [a, b]
            ranks[b.sid] = rank
        return ranks

    def _skip(self, queue: TaskQueue, condition: Expression | None, where: str) -> int:
        """Find where the table of a `skip_if` begins: what it says, by how many members of its queue are available."""
        if condition is None:
            return NONE
        asked = {path.partition(".")[2] for path in condition.references}
        if asked & set(self.activity_numbers):
            raise NotHeldError(f"{where}: a skip_if that counts the workers of one activity")
        key = (queue.sid, condition.text)
        if key not in self.skip_places:
            self.skip_places[key] = len(self.skips)
            size = len(queue.members)
            self.skips += [
                condition.matches({"workers": {"available": i, "unavailable": size - i}}) for i in range(size + 1)
            ]
        return self.skip_places[key]

    def _queue(self, queue: TaskQueue) -> tuple[int, int, int]:
        reservation, assignment = (
            NONE if sid is None else self.activity_numbers[sid]
            for sid in (queue.reservation_activity_sid, queue.assignment_activity_sid)
        )
        available = sum(self.state.activity_of(worker).available for worker in queue.members.values())
        return reservation, assignment, available

    def _workers(self, by_edge: Any, queues: list[int]) -> Any:
        workers = np.zeros(len(self.workers), dtype=WORKER)
        numbers = np.arange(len(self.workers))
        workers["activity"] = workers["duty"] = [self.activity_numbers[each.activity_sid] for each in self.workers]
        workers["first_edge"] = np.searchsorted(by_edge, numbers)
        workers["end_edge"] = np.searchsorted(by_edge, numbers, side="right")
        workers["end_queue"] = np.cumsum(queues)
        workers["first_queue"] = workers["end_queue"] - queues
        workers["first_open"] = workers["last_open"] = NONE
        return workers

    def _channels(self) -> Any:
        channels = np.zeros((len(self.workers), len(self.channels)), dtype=CHANNEL)
        shares = [[worker.channels[each.sid] for each in self.channels] for worker in self.workers]
        if shares:
            channels["capacity"] = [
                [min(each.configured_capacity, 2**31 - 1) if each.available else 0 for each in of_worker]
                for of_worker in shares
            ]
        return channels
