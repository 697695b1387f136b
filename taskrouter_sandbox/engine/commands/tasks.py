"""Tasks: what waits for a worker."""

from __future__ import annotations

from ..model.entities import NO_FILTER, Task, TaskQueue, TaskStatus, Worker, Workflow
from ..model.errors import TaskRouterError
from ..model.state import E, State
from ..rules import deadlines, expression_alerts, matching, routing, tasks, transitions, workflow_steps
from ..rules.expiry import advance
from .common import KEEP, Any, assign, channel_named, differ, read_attributes

YEAR_1900 = -2_208_988_800_000  # milliseconds before 1970


class Tasks:
    """Commands on tasks."""

    def __init__(self, state: State):
        self.state = state

    def create(
        self,
        now: int,
        *,
        attributes: str = "{}",
        workflow_sid: str | None = None,
        routing_target: str | None = None,
        task_queue_sid: str | None = None,
        task_channel: str = "default",
        ignore_capacity: bool | None = None,
        virtual_start_time: int | None = None,
        priority: int = 0,
        timeout: int = 86_400,
    ) -> Task:
        """Create a task; it is matched at once.

        workflow_sid: may be left out when the workspace has exactly one; routing_target: a Worker, a TaskQueue or a
        Workflow to go straight to; task_queue_sid: the queue of a task for a worker, or where a task without a workflow
        goes; ignore_capacity: a task for a worker is given to it at once, whatever it is doing, unless this is
        False (rest-contract.md §4.4); task_channel: SID or unique name; timeout: seconds it may wait;
        virtual_start_time: milliseconds, since 1900, not in the future. Raises TaskRouterError when it cannot be routed
        anywhere (behaviour.md §5.5), or a value is wrong.
        """
        state = advance(self.state, now)
        attributes, names = read_attributes(attributes)
        self._check_start(virtual_start_time)
        is_for_worker = routing_target is not None and routing_target.startswith("WK")
        task = Task(
            sid=state.new_sid("WT"),
            date_created=state.now,
            date_updated=state.now,
            attributes=attributes,
            workflow_sid=None,
            task_channel_sid=channel_named(state, task_channel).sid,
            priority=priority,
            timeout=timeout,
            counted_from=state.now,
            virtual_start_time=state.now if virtual_start_time is None else virtual_start_time,
            routing_target=routing_target,
            ignore_capacity=is_for_worker if ignore_capacity is None else ignore_capacity,
        )
        task.number, task.parsed_attributes = next(state.numbers), names
        self._route(task, workflow_sid, routing_target, task_queue_sid)
        state.add(task)
        state.recorder.record(task)
        deadlines.schedule_task_deadline(state, task)
        matching.wait(state, task)
        state.observer.task_created(state.now, task)
        expression_alerts.warn_about_task(state, task)
        state.pending.enter[task.sid] = task
        routing.dispatch(state)
        return task

    def _check_start(self, virtual_start_time: int | None) -> None:
        if virtual_start_time is None:
            return
        if virtual_start_time > self.state.now:
            raise TaskRouterError("VirtualStartTime cannot be in the future: times are UTC.")
        if virtual_start_time < YEAR_1900:
            raise TaskRouterError("VirtualStartTime cannot be before 1900")

    def _route(self, task: Task, workflow_sid: str | None, target: str | None, queue_sid: str | None) -> None:
        """Put a new task into its workflow, or straight to a queue or a worker (rest-contract.md §4.4).

        A task that goes straight keeps the workflow that was named for its callbacks and reservation timeout only.
        """
        state, kind = self.state, (target or "")[:2]
        if kind == "WW":
            workflow_sid = target
        elif kind == "WQ":
            return self._route_straight(task, workflow_sid, target, "RoutingTarget")
        elif kind == "WK":
            worker = self._named(Worker, target, "RoutingTarget")
            queues = state.task_queues.values()
            home = queue_sid or next((queue.sid for queue in queues if worker.sid in queue.members), None)
            if home is None:
                raise TaskRouterError(f"Worker {worker.friendly_name} is in no TaskQueue: give TaskQueueSid as well.")
            return self._route_straight(task, workflow_sid, home)
        elif queue_sid and workflow_sid is None:
            return self._route_straight(task, None, queue_sid)
        if workflow_sid is None and len(state.workflows) == 1:
            workflow_sid = next(iter(state.workflows))
        if workflow_sid is None:
            raise TaskRouterError("WorkflowSid field is required")
        workflow = self._named(Workflow, workflow_sid, "RoutingTarget" if workflow_sid == target else "WorkflowSid")
        workflow_steps.enter_workflow(state, task, workflow)

    def _route_straight(
        self, task: Task, workflow_sid: str | None, queue_sid: str | None, parameter: str = "TaskQueueSid"
    ) -> None:
        task.filter_index = NO_FILTER
        task.task_queue_entered_date = self.state.now
        self.state.find_target(task)
        task.workflow_sid = self._named(Workflow, workflow_sid, "WorkflowSid").sid if workflow_sid else None
        task.task_queue_sid = self._named(TaskQueue, queue_sid, parameter).sid

    def _named(self, kind: type[E], sid: str | None, parameter: str) -> E:
        """Find the resource that a parameter names. Raises TaskRouterError when there is none."""
        found = self.state.table(kind).get(sid or "")
        if found is None:
            raise TaskRouterError(f"{parameter} {sid} is not a {kind.__name__} of workspace {self.state.workspace.sid}")
        return found

    def update(
        self,
        now: int,
        task: Task,
        *,
        assignment_status: TaskStatus | None = None,
        reason: str | None = None,
        attributes: Any = KEEP,
        priority: Any = KEEP,
        task_channel: Any = KEEP,
        virtual_start_time: Any = KEEP,
    ) -> Task:
        """Change a task, or end it (behaviour.md §2.1, rest-contract.md §9.1).

        Other attributes let a waiting task begin its workflow again, and a reserved one when it waits again
        (behaviour.md §5.2). A priority has no effect while the task is in a routing step that sets one. Raises
        TaskRouterError for a move that is not allowed.
        """
        state, attributes_before = advance(self.state, now), task.parsed_attributes
        changes: dict[str, Any] = {}
        if attributes is not KEEP:
            if assignment_status in ("wrapping", "completed"):
                raise TaskRouterError(
                    f"AssignmentStatus={assignment_status} and Attributes cannot be changed in one request: send two."
                )
            changes["attributes"], changes["parsed_attributes"] = read_attributes(attributes)
        if virtual_start_time is not KEEP:
            self._check_start(virtual_start_time)
            changes["virtual_start_time"] = virtual_start_time
        if task_channel is not KEEP:
            changes["task_channel_sid"] = self._new_channel(task, task_channel)
        if priority is not KEEP and not self._priority_is_set(task):
            changes["priority"] = priority
        self._check_status(task, assignment_status)
        if changes or assignment_status is None:
            self._edit_task(task, changes)
        if assignment_status == "wrapping" and task.assignment_status != "wrapping":
            tasks.wrap_up(state, task, reason)
        elif assignment_status in ("completed", "canceled"):
            tasks.end_task(state, task, assignment_status, reason)
        routing.dispatch(state)
        if task.assignment_status in ("pending", "reserved") and differ(attributes_before, task.parsed_attributes):
            expression_alerts.warn_about_task(state, task)
        return task

    def _new_channel(self, task: Task, name: str) -> str:
        channel = channel_named(self.state, name)
        if channel.sid != task.task_channel_sid and task.open:
            raise TaskRouterError(
                f"The TaskChannel of task {task.sid} cannot change while a worker is reserved for it."
            )
        return channel.sid

    def _priority_is_set(self, task: Task) -> bool:
        waits = task.assignment_status in ("pending", "reserved")
        return waits and task.target.priority is not None

    def _check_status(self, task: Task, wanted: TaskStatus | None) -> None:
        match wanted:
            case "pending" | "reserved" | "assigned":
                raise TaskRouterError(
                    f"AssignmentStatus cannot be set to {wanted}: TaskRouter does that by itself. "
                    "Only wrapping, completed and canceled can be written."
                )
            case "wrapping" if task.assignment_status == "wrapping":
                pass  # nothing happens (rest-contract.md §9.1)
            case "wrapping" | "completed" | "canceled":
                transitions.check_task(self.state, task, wanted)
            case None:
                pass

    def _edit_task(self, task: Task, changes: dict[str, Any]) -> None:
        """Change fields; a waiting task may come to another place in its queue, and may now find a worker."""
        state, waits = self.state, task.assignment_status == "pending"
        before = task.parsed_attributes
        if waits:
            matching.wait_no_longer(state, task)
        assign(task, changes)
        routes_again = state.options.after_attribute_change == "evaluate"
        changed = routes_again and differ(before, task.parsed_attributes)
        if changed and task.assignment_status == "reserved":
            task.has_new_attributes = True
        state.recorder.changed(task, state.now)
        if waits:
            matching.wait(state, task)
            state.pending.look_again(task, "attributes_changed" if changed else "rematch")
        state.observer.task_updated(state.now, task)

    def delete(self, now: int, task: Task) -> None:
        """Delete a task in any state; what is reserved for it is given back (rest-contract.md §8)."""
        state = advance(self.state, now)
        tasks.delete_task(state, task)
        routing.dispatch(state)
