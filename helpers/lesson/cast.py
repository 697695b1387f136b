"""Everything that notebook 01 creates, found or created at once, and brought back to where a scene begins."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from helpers.connection.error_messages import as_lesson_error, describe_error
from helpers.connection.instances import (
    ActivityInstance,
    TaskInstance,
    TaskQueueInstance,
    WorkerInstance,
    WorkflowInstance,
    WorkspaceInstance,
)
from helpers.connection.json_text import as_object
from helpers.connection.sids import short_sid
from helpers.connection.vocabulary import HELD_RESERVATION_STATUSES, OPEN_TASK_STATUSES, TASK_STATUS_THAT_ENDS
from helpers.lesson.find_or_create import find
from helpers.lines import NO_BREAK, in_lines
from helpers.names import (
    ACTIVITIES,
    LANGUAGES,
    OF_EXERCISES,
    QUEUES,
    RESERVATION_TIMEOUT,
    SPARE_ACTIVITIES,
    WORKFLOW,
    WORKSPACE,
    is_of_a_lesson,
)


@dataclass(frozen=True)
class Cast:
    """Everything that notebook 01 creates, as twilio instances."""

    workspace: WorkspaceInstance
    activities: dict[str, ActivityInstance]
    alice: WorkerInstance
    bob: WorkerInstance
    spanish: TaskQueueInstance
    english: TaskQueueInstance
    workflow: WorkflowInstance

    @as_lesson_error()
    def clear_stage(self, *, every_task: bool = False, quiet: bool = False, keep: TaskInstance | None = None) -> None:
        """Make the scene ready to be played: no open task of the lessons, and neither Alice nor Bob available.

        every_task: end the tasks of others in this workspace, too; without it they are counted, and left alone.
        quiet: do not say what was done.
        keep: a task that stays while it is pending, since its scene is still to be played.

        A task of the lessons carries its lesson's number, such as `"lesson": "02"`, in its attributes, or the mark of a
        board. A waiting one is canceled, a running one completed (rest-contract.md §9.1). Alice and Bob go Offline;
        whoever is at work on the task of somebody else, and is not available, keeps the activity of that work.
        Raises LessonError when TaskRouter refuses.
        """
        done = self._send_offline(self._workers_of_others(every_task))
        foreign = 0
        for task in self.workspace.tasks.list(page_size=200):
            if task.assignment_status not in OPEN_TASK_STATUSES:
                continue
            if keep is not None and (task.sid, task.assignment_status) == (keep.sid, "pending"):
                continue
            if every_task or is_of_a_lesson(task.attributes):
                done.append(f"task {short_sid(task.sid)} is {_close(task)}")
            else:
                foreign += 1
        self._send_offline(self._workers_of_others(every_task))  # the end of a reservation may move a worker back
        told = "; ".join(done) or "there was nothing to reset"
        if not quiet:
            print(f"{told[0].upper()}{told[1:]}.")
        if foreign and not quiet:
            print(
                f"Open tasks here that the lessons did not create: {foreign}. They may reach Alice before the lesson's "
                "task does. `team.clear_stage(every_task=True)` ends them, too."
            )

    def _workers_of_others(self, every_task: bool) -> set[str]:
        """Give the SIDs of workers who are at work on a task that is not to be ended."""
        if every_task:
            return set()
        return {
            reservation.worker_sid
            for task in self.workspace.tasks.list(page_size=200)
            if TASK_STATUS_THAT_ENDS.get(task.assignment_status) == "completed" and not is_of_a_lesson(task.attributes)
            for reservation in task.reservations.list()
            if reservation.reservation_status in HELD_RESERVATION_STATUSES
        }

    def _send_offline(self, at_work: set[str]) -> list[str]:
        """Send Alice and Bob Offline, except who is at work and not available. Says who went."""
        offline = self.activities["Offline"]
        went = []
        for worker in (self.alice, self.bob):
            now = worker.fetch()
            if now.activity_sid == offline.sid or (worker.sid in at_work and not now.available):
                continue
            worker.update(activity_sid=offline.sid)
            went.append(f"{worker.friendly_name} goes {offline.friendly_name}")
        return went


def _close(task: TaskInstance) -> str:
    """Cancel or complete the task, whichever its state allows; "finished already" when it ended meanwhile."""
    for _ in range(2):  # it may be assigned between the look and the cancel
        ending = TASK_STATUS_THAT_ENDS.get(task.assignment_status)
        if ending is None:
            break
        try:
            return task.update(assignment_status=ending, reason="The lesson starts again").assignment_status
        except TwilioRestException as refused:
            if refused.status == 404:
                break
            task = task.fetch()
    return "finished already"


def configuration(spanish: TaskQueueInstance, english: TaskQueueInstance, others: Iterable[dict[str, Any]] = ()) -> str:
    """Write the workflow's two filters on `selected_language`, as JSON (behaviour.md §1.1), and others after them."""
    filters = [
        {
            "filter_friendly_name": f"Language - {language}",
            "expression": f'selected_language == "{code}"',
            "targets": [{"queue": queue.sid}],
        }
        for language, code, queue in (("Spanish", "es", spanish), ("English", "en", english))
    ]
    return json.dumps({"task_routing": {"filters": [*filters, *others]}})


def _filters_of_exercises(
    queues: Iterable[TaskQueueInstance], workflows: Iterable[WorkflowInstance]
) -> list[dict[str, Any]]:
    """Give the filters that the learner has added in notebook 01: they lead to the queue of its exercise."""
    sid = next((one.sid for one in queues if one.friendly_name == OF_EXERCISES["task queue"]), None)
    flow = next((one for one in workflows if one.friendly_name == WORKFLOW), None)
    if sid is None or flow is None:
        return []
    filters: list[dict[str, Any]] = as_object(flow.configuration).get("task_routing", {}).get("filters", [])
    return [one for one in filters if [target.get("queue") for target in one.get("targets", [])] == [sid]]


@as_lesson_error()
def cast(client: Client) -> Cast:
    """Find everything that notebook 01 creates, create what is missing, and say which of the two happened.

    Each collection is read once, so five requests do where nothing is missing.
    Where TaskRouter refuses a single-tasking workspace (rest-contract.md §4.1), a multitasking one is made.
    Raises LessonError when TaskRouter refuses anything else.
    """
    made: list[str] = []
    notes: list[str] = []

    def one(collection: Any, among: Iterable[Any] | None = None, **settings: Any) -> Any:
        finding = find(collection, among, **settings)
        if finding.instance is None:
            return _create(collection, settings, finding.what, made, notes)
        if not finding.as_wanted:
            notes.append(finding.said)
        return finding.instance

    workspace = one(client.taskrouter.v1.workspaces, friendly_name=WORKSPACE, multi_task_enabled=False)
    activities_there = workspace.activities.list(page_size=200)
    activities = {
        name: one(workspace.activities, activities_there, friendly_name=name, available=available)
        for name, available in ACTIVITIES.items()
    }
    offline = activities["Offline"].sid
    if (workspace.default_activity_sid, workspace.timeout_activity_sid) != (offline, offline):
        workspace = workspace.update(default_activity_sid=offline, timeout_activity_sid=offline)
        notes.append("Default and timeout activity: set to Offline.")
    notes += _delete_spare(activities_there)
    workers_there = workspace.workers.list(page_size=200)
    workers = {
        name: one(workspace.workers, workers_there, friendly_name=name, attributes=json.dumps({"languages": languages}))
        for name, languages in LANGUAGES.items()
    }
    queues_there = workspace.task_queues.list(page_size=200)
    queues = {
        code: one(
            workspace.task_queues,
            queues_there,
            friendly_name=name,
            target_workers=f'languages HAS "{code}"',
            reservation_activity_sid=activities["Reserved"].sid,
            assignment_activity_sid=activities["Busy"].sid,
        )
        for code, name in QUEUES.items()
    }
    workflows_there = workspace.workflows.list(page_size=200)
    filters_of_exercises = _filters_of_exercises(queues_there, workflows_there)
    workflow = one(
        workspace.workflows,
        workflows_there,
        friendly_name=WORKFLOW,
        configuration=configuration(queues["es"], queues["en"], filters_of_exercises),
        task_reservation_timeout=RESERVATION_TIMEOUT,
    )
    if workflow.fallback_assignment_callback_url:  # of notebook 06: it would answer on other pages, too
        workflow = workflow.update(fallback_assignment_callback_url="")
        notes.append(f'Workflow "{WORKFLOW}": its fallback URL is removed.')
    if made:
        notes.insert(0, in_lines(f"Created: {', '.join(one.replace(' ', NO_BREAK) for one in made)}.", indent=2))
    print("\n".join(notes) or f'Everything from notebook 01 is there, in workspace "{WORKSPACE}".')
    return Cast(
        workspace=workspace,
        activities=activities,
        alice=workers["Alice"],
        bob=workers["Bob"],
        spanish=queues["es"],
        english=queues["en"],
        workflow=workflow,
    )


def _delete_spare(activities: Iterable[ActivityInstance]) -> list[str]:
    """Delete the activities that the lessons do without; one that somebody uses stays."""
    deleted = []
    for activity in activities:
        if activity.friendly_name in SPARE_ACTIVITIES:
            with suppress(TwilioRestException):
                activity.delete()
                deleted.append(f'Activity "{activity.friendly_name}"')
    return [f"Deleted: {', '.join(deleted)}."] if deleted else []


def _create(collection: Any, settings: dict[str, Any], what: str, made: list[str], notes: list[str]) -> Any:
    """Create what is missing, unless another notebook does so at the same moment: then that one's is used.

    Names of workspaces are not unique: of two, the one that is found first stays (rest-contract.md §15, 6).
    """
    other = None
    try:
        created = collection.create(**settings)
    except TwilioRestException as refused:
        if refused.status != 400:
            raise
        created, other = None, find(collection, **settings).instance
        if other is None and settings.get("multi_task_enabled") is not False:
            raise
        if other is None:
            notes.append(f"Single-tasking is refused ({describe_error(refused)}), so the workspace is multitasking.")
            created = collection.create(**{key: one for key, one in settings.items() if key != "multi_task_enabled"})
    if created is not None and settings.get("friendly_name") == WORKSPACE:
        first = find(collection, friendly_name=WORKSPACE).instance
        if first is not None and first.sid != created.sid:
            created.delete()
            other = first
    if other is not None:
        notes.append(f"{what}: somebody else has just created it.")
        return other
    made.append(what)
    return created
