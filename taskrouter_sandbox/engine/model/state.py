"""The resources of one workspace, found by SID, and the look-ups that every rule needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar

from ...language.workflow_configuration import Configuration, Filter, Target
from .effects import EffectRecorder
from .entities import (
    NO_FILTER,
    Activity,
    Entity,
    Reservation,
    Task,
    TaskChannel,
    TaskQueue,
    Transfer,
    Worker,
    WorkerChannel,
    Workflow,
    Workspace,
)
from .errors import NotFound
from .limits import WorkspaceLimits
from .observer import Observer
from .options import CompatibilityOptions
from .pending_work import PendingWork
from .surroundings import Surroundings
from .timers import Timers

E = TypeVar("E", bound=Entity)

STRAIGHT = Target(queue_sid="")  # the step of a task that goes straight to a queue or a worker: it has no conditions


# Kinds whose friendly name nothing else of the kind may bear: workers' in any spelling (rest-contract.md §9.2, §15)
Named = Worker | Activity | TaskQueue | Workflow
UNIQUE: dict[type[Entity], Callable[[str], str]] = {Worker: str.casefold, Activity: str, TaskQueue: str, Workflow: str}


class State:
    """One workspace with all that is in it.

    now: the time of the command at work, in milliseconds since 1970; observer: is told what happens; recorder: collects
    the effects; pending: what the command at work has left to be matched; timers: what is due when; surroundings: are
    asked of what is outside the workspace, None where nobody places calls.
    """

    def __init__(
        self,
        workspace: Workspace,
        account_sid: str,
        new_sid: Callable[[str], str],
        options: CompatibilityOptions,
        limits: WorkspaceLimits,
        surroundings: Surroundings | None,
        observer: Callable[[State], Observer],
        keeps_changes: bool,
    ) -> None:
        self.workspace = workspace
        self.account_sid = account_sid
        self.operating_unit_sid = "OU" + account_sid[2:]  # what no operation tells (rest-contract.md §15, point 32)
        self.new_sid = new_sid
        self.options = options
        self.limits = limits
        self.surroundings = surroundings
        self.activities: dict[str, Activity] = {}
        self.task_channels: dict[str, TaskChannel] = {}
        self.workers: dict[str, Worker] = {}
        self.worker_channels: dict[str, WorkerChannel] = {}
        self.task_queues: dict[str, TaskQueue] = {}
        self.workflows: dict[str, Workflow] = {}
        self.tasks: dict[str, Task] = {}
        self.reservations: dict[str, Reservation] = {}
        self.transfers: dict[str, Transfer] = {}
        self.tables: dict[type[Entity], dict[str, Any]] = {
            Activity: self.activities,
            TaskChannel: self.task_channels,
            Worker: self.workers,
            WorkerChannel: self.worker_channels,
            TaskQueue: self.task_queues,
            Workflow: self.workflows,
            Task: self.tasks,
            Reservation: self.reservations,
            Transfer: self.transfers,
        }
        self.unique_names: dict[tuple[type[Named], str], str] = {}  # SIDs of whatever has a name that must be unique
        self.waiting = 0  # how many tasks wait, in any queue
        self.direct: dict[str, dict[str, Task]] = {}  # by Worker SID: waiting tasks for that worker alone
        self.recorder = EffectRecorder(keeps_changes)
        self.observer = observer(self)
        self.now = 0
        self.timers = Timers()
        self.pending = PendingWork()
        self.numbers = count(1)

    def table(self, kind: type[E]) -> dict[str, E]:
        """Give the resources of that kind by SID, the oldest first."""
        return self.tables[kind]

    def add(self, entity: Entity) -> None:
        """Let a resource be found."""
        self.tables[type(entity)][entity.sid] = entity
        if type(entity) in UNIQUE:
            assert isinstance(entity, Named)
            self.unique_names[self.name_key(entity)] = entity.sid

    def remove(self, entity: Entity) -> None:
        """Take a resource away: it is not found any more."""
        del self.tables[type(entity)][entity.sid]
        if type(entity) in UNIQUE:
            assert isinstance(entity, Named)
            del self.unique_names[self.name_key(entity)]
        self.recorder.deleted(entity)

    def rename(self, entity: Activity | Worker | TaskQueue | Workflow, friendly_name: str) -> None:
        """Give a resource another name, by which it is found from now on; the caller has checked that it is free."""
        del self.unique_names[self.name_key(entity)]
        entity.friendly_name = friendly_name
        self.unique_names[self.name_key(entity)] = entity.sid

    def name_key(self, entity: Named) -> tuple[type[Named], str]:
        """Give the key of a resource's name in `unique_names`: its kind, and the name as it is compared."""
        return type(entity), UNIQUE[type(entity)](entity.friendly_name)

    def sid_by_name(self, kind: type[Named], friendly_name: str) -> str | None:
        """Find the SID of the resource of that kind and (unique) name, or None."""
        return self.unique_names.get((kind, UNIQUE[kind](friendly_name)))

    def get(self, kind: type[E], sid: str) -> E:
        """Find the resource of that kind and SID. Raises NotFound when there is none."""
        entity = self.table(kind).get(sid)
        if entity is None:
            raise self.missing(kind, sid)
        return entity

    def missing(self, kind: type[E], sid: str) -> NotFound:
        """Make the error for a SID that is not there."""
        return NotFound(f"{kind.__name__} {sid} was not found in workspace {self.workspace.sid}")

    def activity_of(self, worker: Worker) -> Activity:
        """Find the activity that a worker is in."""
        return self.activities[worker.activity_sid]

    def queue_of(self, task: Task) -> TaskQueue:
        """Find the queue that an unfinished task is in (that of a finished one may have been deleted)."""
        assert task.task_queue_sid is not None
        return self.task_queues[task.task_queue_sid]

    def workflow_of(self, task: Task) -> Workflow | None:
        """Find the workflow of a task; None when it has none, or one that has been deleted."""
        return self.workflows.get(task.workflow_sid) if task.workflow_sid else None

    # where a task stands in its workflow

    def configuration_of(self, task: Task) -> Configuration | None:
        """Find the configuration that routes this task: the one it was created under (behaviour.md §5.2)."""
        workflow = self.workflow_of(task)
        if workflow is None or task.filter_index == NO_FILTER:
            return None
        return workflow.parsed[task.revision]

    def filter_of(self, task: Task) -> Filter | None:
        """Find the filter of its workflow that a task is in; None when no configuration routes it."""
        configuration = self.configuration_of(task)
        return configuration.filter(task.filter_index) if configuration else None

    def find_target(self, task: Task) -> None:
        """Look the routing step up that a task is in, for `task.target`."""
        chosen = self.filter_of(task)
        task.target = chosen.targets[task.target_index] if chosen is not None else STRAIGHT

    # what expressions can see (behaviour.md §5.3, §6.3)

    def count_workers(self, queue: TaskQueue) -> dict[str, int | float]:
        """Count the members of a queue as a `skip_if` sees them: `workers.available`, `.unavailable`, `.<WA sid>`."""
        if queue.census is None:
            queue.census = Counter(worker.activity_sid for worker in queue.members.values())
        counts: dict[str, int | float] = {"available": 0, "unavailable": 0}
        for activity in self.activities.values():
            counts[activity.sid] = queue.census[activity.sid]
            counts["available" if activity.available else "unavailable"] += queue.census[activity.sid]
        return counts

    def names_of_worker(self, worker: Worker) -> dict[str, Any]:
        """Give a worker as target expressions see it: attributes, identity, activity and channels."""
        if worker.view is None:
            worker.view = self._view(worker)
        return worker.view

    def _view(self, worker: Worker) -> dict[str, Any]:
        channels = {
            self.task_channels[sid].unique_name: {
                "configured_capacity": channel.configured_capacity,
                "assigned_tasks": channel.assigned,
                "available_capacity_percentage": available_capacity_percentage(channel),
            }
            for sid, channel in worker.channels.items()
        }
        return {
            **worker.parsed_attributes,
            "sid": worker.sid,
            "friendly_name": worker.friendly_name,
            "activity_sid": worker.activity_sid,
            "activity_name": self.activity_of(worker).friendly_name,
            "channel": channels,
        }


def available_capacity_percentage(channel: WorkerChannel) -> int:
    """Compute floor((1 - used / configured) * 100), from 0 to 100 (behaviour.md §6.3)."""
    if channel.configured_capacity <= 0:
        return 0
    return max(0, (channel.configured_capacity - channel.used) * 100 // channel.configured_capacity)
