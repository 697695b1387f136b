"""What a workspace is made of. Field names are the service's own (rest-contract.md §5).

All times are integers: milliseconds since 1970, in UTC. Fields marked `Derived` are indexes that the engine keeps; they
are never stored. All others are, under the names of `storage/resources.py`: a new one needs its name there (a test says
so), and a step in `storage/migrations.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from msgspec import Struct, field
from sortedcontainers import SortedKeyList

from .task_lines import Demand, TaskLines

if TYPE_CHECKING:
    from ...language.expressions import Expression
    from ...language.workflow_configuration import Configuration, Target

Order = Literal["FIFO", "LIFO"]
TaskStatus = Literal["pending", "reserved", "assigned", "wrapping", "completed", "canceled"]
ReservationStatus = Literal[
    "pending", "accepted", "rejected", "timeout", "canceled", "rescinded", "wrapping", "completed"
]
FAILED: tuple[ReservationStatus, ...] = ("rejected", "timeout", "canceled")
TransferStatus = Literal["initiated", "complete", "failed", "canceled"]
TransferMode = Literal["WARM", "COLD"]


T = TypeVar("T")
Derived = Annotated[T, "derived"]
"""Marks a field that the engine rebuilds and that is never stored."""


def derived(factory: Callable[[], Any] | None = None) -> Any:
    """Give a derived field what it begins with: what the factory makes, or None until the engine sets it."""
    return field(default=None) if factory is None else field(default_factory=factory)


class Entity(Struct, eq=False):
    """What every resource has: its SID, and when it was created and changed."""

    sid: str
    date_created: int
    date_updated: int


class Workspace(Entity, kw_only=True, eq=False):
    """A workspace: where its events are reported, and which activities new and unanswering workers go to."""

    friendly_name: str
    event_callback_url: str = ""
    events_filter: str | None = None
    multi_task_enabled: bool = True
    prioritize_queue_order: Order = "FIFO"
    default_activity_sid: str = ""
    timeout_activity_sid: str = ""


class Activity(Entity, kw_only=True, eq=False):
    """What a worker is doing, and whether reservations are made for workers who do it."""

    friendly_name: str
    available: bool = False


class TaskChannel(Entity, kw_only=True, eq=False):
    """A kind of work, such as voice, of which each worker takes a number of tasks at once."""

    friendly_name: str
    unique_name: str
    channel_optimized_routing: bool = False


class Worker(Entity, kw_only=True, eq=False):
    """Somebody who takes tasks. last_reserved decides who comes first (behaviour.md §7)."""

    friendly_name: str
    attributes: str
    activity_sid: str
    date_status_changed: int
    version: int = 0
    last_reserved: int = 0  # when a reservation was last made for this worker; 0 is never (behaviour.md §7)

    number: Derived[int] = derived()  # order of creation
    parsed_attributes: Derived[Mapping[str, Any]] = derived(dict)  # attributes, parsed
    queues: Derived[list[TaskQueue]] = derived(list)  # the queues whose expression this worker matches
    channels: Derived[dict[str, WorkerChannel]] = derived(dict)  # by TaskChannel SID
    open: Derived[dict[str, Reservation]] = derived(dict)  # reservations that use capacity, by SID
    listed: Derived[frozenset[str]] = derived(frozenset)  # channels for which it is on its queues' ready lists
    view: Derived[dict[str, Any] | None] = derived()  # what target expressions see of it; None when that has changed
    # by TaskChannel SID: what a decision notes of it, in JSON; None when that has changed
    noted: Derived[dict[str, Any] | None] = derived()


class WorkerChannel(Entity, kw_only=True, eq=False):
    """A worker's share in a TaskChannel: how many of its tasks the worker takes at once."""

    worker_sid: str
    task_channel_sid: str
    configured_capacity: int = 1
    available: bool = True
    last_reserved: int = 0

    # how many of the worker's reservations are in a status that counts: transitions.COUNTS says which
    used: Derived[int] = derived(int)
    assigned: Derived[int] = derived(int)


class TaskQueue(Entity, kw_only=True, eq=False):
    """Tasks that wait for the same workers: those that meet the expression `target_workers`."""

    friendly_name: str
    target_workers: str = "1==1"
    max_reserved_workers: int = 1
    task_order: Order = "FIFO"
    reservation_activity_sid: str | None = None
    assignment_activity_sid: str | None = None

    expression: Derived[Expression] = derived()
    reads: Derived[frozenset[str]] = derived(frozenset)  # the attributes that it reads
    members: Derived[dict[str, Worker]] = derived(dict)  # by SID, regardless of activity
    waiting: Derived[TaskLines[Task]] = derived()  # pending tasks
    # by TaskChannel SID: workers that could take a task, longest idle first
    ready: Derived[dict[str, SortedKeyList[Worker]]] = derived(dict)
    census: Derived[Counter[str] | None] = derived()  # members by activity SID, once a `skip_if` has asked for them


class Workflow(Entity, kw_only=True, eq=False):
    """The configuration that routes tasks to queues, and the address that is asked about reservations."""

    friendly_name: str
    configuration: str
    assignment_callback_url: str = ""
    fallback_assignment_callback_url: str | None = None
    task_reservation_timeout: int = 120
    # Every configuration this workflow ever had, the newest last: a task keeps the one it was created under (§5.2).
    # One that no waiting task follows any more is left empty.
    revisions: list[str] = field(default_factory=list)
    re_evaluated_from: int = 0  # tasks that come back under an older revision than this begin again (§5.2)

    parsed: Derived[list[Configuration | None]] = derived(list)  # the revisions, parsed


DEFAULT_FILTER, NO_FILTER = -1, -2  # places in a workflow that are no index of a filter


class Task(Entity, kw_only=True, eq=False):
    """A piece of work, its status, and where it stands in its workflow."""

    attributes: str
    workflow_sid: str | None
    task_channel_sid: str
    assignment_status: TaskStatus = "pending"
    priority: int = 0
    timeout: int = 86_400
    reason: str | None = None
    addons: str = "{}"
    virtual_start_time: int = 0
    task_queue_sid: str | None = None
    task_queue_entered_date: int | None = None
    routing_target: str | None = None
    ignore_capacity: bool = False
    version: int = 0
    attempts: int = 0  # moves from pending to reserved (rest-contract.md §12)
    ended: int | None = None  # completed or canceled at
    assigned_at: int | None = None
    counted_from: int = 0  # since when its timeout and those of its steps count (deadlines.py)

    # where the task stands in its workflow
    revision: int = 0
    filter_index: int = DEFAULT_FILTER  # or NO_FILTER: the task goes straight to a queue or a worker
    target_index: int = 0
    step_limit: int | None = None  # the sum of the timeouts so far: an age in seconds (behaviour.md §2.4)
    timed_out: bool = False  # a filter has been left because its last step timed out (behaviour.md §5.3)
    has_new_attributes: bool = False  # they changed while it was reserved: followed when it waits again

    number: Derived[int] = derived()
    parsed_attributes: Derived[Mapping[str, Any]] = derived(dict)
    target: Derived[Target] = derived()  # the routing step that it is in
    demand: Derived[Demand | None] = derived()  # which workers it asks for, while it waits
    reservations: Derived[dict[str, Reservation]] = derived(dict)  # all that were ever made for it, by SID
    open: Derived[dict[str, Reservation]] = derived(dict)  # those that have not ended
    transfers: Derived[dict[str, Transfer]] = derived(dict)  # all that were ever begun, by SID
    transfer: Derived[Transfer | None] = derived()  # the one that is under way

    def age(self, now: int) -> int:
        """Tell its age: whole seconds since it was created, up to its end (behaviour.md §2.1)."""
        return ((now if self.ended is None else self.ended) - self.date_created) // 1000

    @property
    def in_queue_since(self) -> int:
        """Since when it has waited in its queue: it came there, or was passed on (see `transfers`)."""
        entered, counted_from = self.task_queue_entered_date or self.date_created, self.counted_from
        return entered if entered > counted_from else counted_from


class Reservation(Entity, kw_only=True, eq=False):
    """The offer of a task to a worker, and what the worker makes of it."""

    task_sid: str
    worker_sid: str
    task_queue_sid: str
    workflow_sid: str | None
    task_channel_sid: str
    reservation_status: ReservationStatus = "pending"
    expires: int = 0
    worker_previous_activity_sid: str = ""
    worker_activity_sid: str | None = None  # where this reservation has put the worker, if anywhere
    holds_worker: bool = True  # single-tasking: the worker has not been moved since it accepted (behaviour.md §2.3)
    instruction: str | None = (
        None  # whose phone call is under way; the timer stands still for a conference (behaviour.md §2.2)
    )
    post_work_activity_sid: str | None = None  # where the worker goes when that call has ended
    transfer_sid: str | None = None  # the transfer that it was made for
    version: int = 0

    number: Derived[int] = derived()
    canceled_reason_code: Derived[int | None] = derived()  # why a customer was not reached, until a restart (§2.2)


class Transfer(Entity, kw_only=True, eq=False):
    """A task on its way from the worker who has it to another worker, or to a queue; see `transfers`."""

    task_sid: str
    initiating_reservation_sid: str
    initiating_worker_sid: str
    initiating_queue_sid: str
    initiating_workflow_sid: str | None
    transfer_to: str  # SID of a Worker or a TaskQueue
    transfer_mode: TransferMode = "WARM"
    transfer_status: TransferStatus = "initiated"
    transfer_failed_reason: str | None = None

    @property
    def transfer_type(self) -> Literal["WORKER", "QUEUE"]:
        """To whom the task goes: a worker, or a queue."""
        return "WORKER" if self.transfer_to.startswith("WK") else "QUEUE"


class Event(Entity, eq=False):
    """Something that happened. `data` holds the parameters of its webhook, names in PascalCase, values strings."""

    event_type: str
    description: str
    resource_type: str
    resource_sid: str
    data: dict[str, str]

    # what statistics want to know, and no webhook carries
    age: int | None = None  # milliseconds since the task was created
    queue_age: int | None = None  # milliseconds that it has waited in its queue: since it came there, or was passed on
    queue_left: str | None = None  # SID of the TaskQueue that it was moved from
    activity_interval: tuple[int, int] | None = None  # when a worker entered the activity that it leaves, and left it
