"""Tasks: what waits for a worker."""

from __future__ import annotations

from .. import dispatch, happenings, lifecycle
from ..entities import Task, TaskQueue, Worker
from ..refusals import Refusal
from ..state import State
from .common import KEEP, Any, assign, begin, channel_named, read_attributes


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
        ignore_capacity: bool = False,
        virtual_start_time: int | None = None,
        priority: int = 0,
        timeout: int = 86_400,
    ) -> Task:
        """A new task; it is matched at once.

        workflow_sid: may be left out when the workspace has exactly one; task_channel: SID or unique name; timeout:
        seconds it may wait; virtual_start_time: milliseconds, not in the future.
        Raises Refusal when it cannot be routed anywhere (behaviour.md §5.5), or a value is wrong.
        """
        state = begin(self.state, now)
        attributes, names = read_attributes(attributes)
        if virtual_start_time is not None and virtual_start_time > now:
            raise Refusal("VirtualStartTime cannot be in the future")
        task = Task(
            sid=state.new_sid("WT"),
            date_created=now,
            date_updated=now,
            attributes=attributes,
            workflow_sid=None,
            task_channel_sid=channel_named(self.state, task_channel).sid,
            priority=priority,
            timeout=timeout,
            virtual_start_time=now if virtual_start_time is None else virtual_start_time,
            routing_target=routing_target,
            ignore_capacity=ignore_capacity,
        )
        task.number, task.names = next(state.numbers), names
        self._route(task, workflow_sid, routing_target, task_queue_sid)
        task.task_queue_entered_date = now
        state.tasks[task.sid] = task
        state.journal.created(task)
        state.timers.set(now + timeout * 1000, "lifetime", task.sid)
        state.queue_of(task).waiting.add(task)
        if task.workflow_sid:
            happenings.target_matched(state, task)
        happenings.task(state, task, "created")
        happenings.queue_entered(state, task)
        if task.workflow_sid:
            happenings.workflow_step(state, task, "entered")
        state.unsettled[task.sid] = task
        dispatch.dispatch(state)
        return task

    def _route(self, task: Task, workflow_sid: str | None, target: str | None, queue_sid: str | None) -> None:
        """Where a new task goes: into its workflow, or straight to a queue or a worker (rest-contract.md §4.4)."""
        state = self.state
        match (target or "")[:2]:
            case "WW":
                workflow_sid = target
            case "WQ":
                task.task_queue_sid = state.get(TaskQueue, target).sid  # type: ignore[arg-type]
                return
            case "WK":
                worker = state.get(Worker, target)  # type: ignore[arg-type]
                if queue_sid is None and not worker.queues:
                    raise Refusal(f"Worker {worker.friendly_name} is in no TaskQueue: give TaskQueueSid as well.")
                task.task_queue_sid = state.get(TaskQueue, queue_sid).sid if queue_sid else worker.queues[0].sid
                return
        if workflow_sid is None and len(state.workflows) == 1:
            workflow_sid = next(iter(state.workflows))
        if workflow_sid is None:
            raise Refusal("WorkflowSid field is required")
        workflow = state.workflows.get(workflow_sid)
        if workflow is None:
            raise Refusal(f"WorkflowSid {workflow_sid} is not a Workflow of workspace {self.state.workspace.sid}")
        task.workflow_sid = workflow.sid
        task.revision = len(workflow.revisions) - 1
        dispatch.enter_workflow(state, task)

    def update(
        self,
        now: int,
        task: Task,
        *,
        assignment_status: str | None = None,
        reason: str | None = None,
        attributes: Any = KEEP,
        priority: Any = KEEP,
        task_channel: Any = KEEP,
        virtual_start_time: Any = KEEP,
    ) -> Task:
        """Change a task, or end it (behaviour.md §2.1, rest-contract.md §9.1)."""
        state = begin(self.state, now)
        names = None
        if attributes is not KEEP:
            if assignment_status in ("wrapping", "completed"):
                raise Refusal(
                    f"AssignmentStatus={assignment_status} and Attributes cannot be changed in one request: send two."
                )
            attributes, names = read_attributes(attributes)
        if virtual_start_time is not KEEP and virtual_start_time > now:
            raise Refusal("VirtualStartTime cannot be in the future")
        channel = None if task_channel is KEEP else channel_named(self.state, task_channel)
        if channel is not None and channel.sid != task.task_channel_sid and task.open:
            raise Refusal(f"The TaskChannel of task {task.sid} cannot change while a worker is reserved for it.")
        match assignment_status:
            case "wrapping":
                lifecycle.wrap_up(state, task)
            case "completed":
                lifecycle.complete(state, task, reason)
            case "canceled":
                lifecycle.cancel_task(state, task, reason)
            case "pending" | "reserved" | "assigned":
                raise Refusal(
                    f"AssignmentStatus cannot be set to {assignment_status}: TaskRouter does that by itself. "
                    "Only wrapping, completed and canceled can be written."
                )
        changes = {"priority": priority, "virtual_start_time": virtual_start_time}
        if channel is not None:
            changes["task_channel_sid"] = channel.sid
        changes = {name: value for name, value in changes.items() if value is not KEEP}
        if names is not None:
            changes |= {"attributes": attributes, "names": names}
        if changes or assignment_status is None:
            self._edit_task(task, changes)
        dispatch.dispatch(state)
        return task

    def _edit_task(self, task: Task, changes: dict[str, Any]) -> None:
        """Change fields; a waiting task may come to another place in its queue, and may now find a worker."""
        state, waits = self.state, task.assignment_status == "pending"
        if waits:
            state.queue_of(task).waiting.discard(task)
        assign(task, changes)
        state.journal.changed(task)
        if waits:
            state.queue_of(task).waiting.add(task)
            state.unsettled[task.sid] = task
        happenings.task(state, task, "updated")

    def delete(self, now: int, task: Task) -> None:
        """Delete a task in any state; what is reserved for it is given back (rest-contract.md §8)."""
        state = begin(self.state, now)
        lifecycle.delete_task(state, task)
        dispatch.dispatch(state)
