"""Find or create: what makes every cell of the lesson safe to run again.

`found` looks for one thing, `cast` for everything that notebook 01 builds. Both bring settings in line and
say what they did; neither deletes anything.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from requests.exceptions import RequestException
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace import WorkspaceInstance
from twilio.rest.taskrouter.v1.workspace.activity import ActivityInstance
from twilio.rest.taskrouter.v1.workspace.task import TaskInstance
from twilio.rest.taskrouter.v1.workspace.task_queue import TaskQueueInstance
from twilio.rest.taskrouter.v1.workspace.worker import WorkerInstance
from twilio.rest.taskrouter.v1.workspace.workflow import WorkflowInstance

from helpers.connection.error_messages import in_words
from helpers.errors import LessonError

WORKSPACE = "TaskRouter Tutorial"
ACTIVITIES = {"Offline": False, "Idle": True, "Busy": False, "Reserved": False}
LANGUAGES = {"Alice": ["en", "es"], "Bob": ["en"]}
QUEUES = {"es": "Customer Care Requests - Spanish", "en": "Customer Care Requests - English"}
WORKFLOW = "Incoming Customer Care Requests"
RESERVATION_TIMEOUT = 1200  # seconds; behaviour.md §1.1

LESSONS = ("02", "03")  # whose tasks carry this as "lesson" in their attributes
OPEN = ("pending", "reserved", "assigned", "wrapping")
made_here: set[str] = set()
"""SIDs of the tasks that a board of this notebook has made."""


@contextmanager
def _one_sentence() -> Iterator[None]:
    """What TaskRouter refuses to a helper, which hides its calls, a learner reads as one sentence."""
    try:
        yield
    except (TwilioException, RequestException) as refused:
        raise LessonError(f"{in_words(refused)}.") from refused


@dataclass(frozen=True)
class Finding:
    """What a search came to: the instance or None, and what was done to its settings."""

    what: str
    instance: Any | None
    changed: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def said(self) -> str:
        """One line for the learner."""
        if self.instance is None:
            return f"{self.what}: not there yet."
        parts = [f"{self.what}: found"]
        if self.changed:
            parts.append(f"and brought in line ({', '.join(self.changed)})")
        if self.fixed:
            parts.append(
                f"but {' and '.join(self.fixed)} cannot be changed after creation: "
                "rename it with .update(friendly_name=...), then run this cell again"
            )
        if self.refusal:
            parts.append(f"but not brought in line, because {self.refusal}")
        return ", ".join(parts) + "."

    @property
    def as_wanted(self) -> bool:
        """True when it was there and nothing had to be done."""
        return self.instance is not None and not (self.changed or self.fixed or self.refusal)


def found(collection: Any, **settings: Any) -> Any | None:
    """The instance that these settings describe, its settings brought in line; None when there is none yet.

    collection: a list of the twilio client, such as `workspace.workers`.
    settings: the keyword arguments that `collection.create` would get. A thing is known by its
        `friendly_name` (of workers, in any case); a task, which has no name, by its attributes while it is open.

    JSON settings are compared as JSON, not as text; attributes that `settings` does not name are kept. Says
    in one line what happened, so that a cell reads `found(workers, **settings) or workers.create(**settings)`.
    Raises LessonError when TaskRouter does not answer the search.
    """
    finding = find(collection, **settings)
    print(finding.said)
    return finding.instance


def find(collection: Any, **settings: Any) -> Finding:
    """As `found`, but the whole finding, and nothing is printed."""
    noun = type(collection).__name__.removesuffix("List")
    name = settings.get("friendly_name")
    with _one_sentence():
        instance = next((one for one in collection.stream(page_size=200) if _is_meant(one, settings)), None)
    if name is None:
        return Finding(
            f"{noun} with these attributes" if instance is None else f"{noun} {_short(instance.sid)}", instance
        )
    what = f'{noun} "{name}"'
    if instance is None:
        return Finding(what, None)
    wanted = {key: value for key, value in settings.items() if not _in_line(instance, key, value)}
    changeable = inspect.signature(instance.update).parameters
    changes = {key: _change(instance, key, value) for key, value in wanted.items() if key in changeable}
    fixed = tuple(key for key in wanted if key not in changeable)
    if not changes:
        return Finding(what, instance, fixed=fixed)
    try:
        return Finding(what, instance.update(**changes), tuple(changes), fixed)
    except TwilioRestException as refused:
        return Finding(what, instance, fixed=fixed, refusal=in_words(refused))


def _is_meant(instance: Any, settings: dict[str, Any]) -> bool:
    if isinstance(instance, TaskInstance):
        return (
            instance.assignment_status in OPEN
            and instance.workflow_sid == settings.get("workflow_sid", instance.workflow_sid)
            and as_json(instance.attributes) == as_json(settings.get("attributes", "{}"))
        )
    if isinstance(instance, WorkerInstance):  # unique in any case: rest-contract.md §9.2
        return instance.friendly_name.casefold() == settings["friendly_name"].casefold()
    return instance.friendly_name == settings["friendly_name"]


def _in_line(instance: Any, key: str, wanted: Any) -> bool:
    if not hasattr(instance, key):  # a setting of the creation only, such as `template`
        return True
    present = getattr(instance, key)
    if key == "attributes":
        return as_json(wanted).items() <= as_json(present).items() if _both_objects(wanted, present) else False
    if key == "configuration":
        return as_json(present) == as_json(wanted)
    return (present or None) == (wanted or None)  # "", None and False all mean: not set


def _change(instance: Any, key: str, wanted: Any) -> Any:
    if key == "attributes" and _both_objects(wanted, instance.attributes):
        return json.dumps(as_json(instance.attributes) | as_json(wanted))
    return wanted


def _both_objects(*texts: str | None) -> bool:
    return all(isinstance(as_json(text), dict) for text in texts)


def as_json(text: str | None) -> Any:
    """The value of a JSON text; the text itself when it is no JSON; None for None."""
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text


@dataclass(frozen=True)
class Cast:
    """Everything that notebook 01 builds, as twilio instances."""

    workspace: WorkspaceInstance
    activities: dict[str, ActivityInstance]
    alice: WorkerInstance
    bob: WorkerInstance
    spanish: TaskQueueInstance
    english: TaskQueueInstance
    workflow: WorkflowInstance

    @_one_sentence()
    def clear_stage(self) -> None:
        """Make the scene ready to be played: no open task of the lesson, Alice and Bob Offline.

        A task of the lesson carries `"lesson": "02"` or `"03"` in its attributes, or was made on a board of this
        notebook. A waiting one is canceled, a running one completed (rest-contract.md §9.1); a task of anybody else is
        left alone.
        Raises LessonError when TaskRouter refuses.
        """
        done = []
        offline = self.activities["Offline"]
        workers = (self.alice, self.bob)
        for worker in workers:
            if worker.fetch().activity_sid != offline.sid:
                worker.update(activity_sid=offline.sid)
                done.append(f"{worker.friendly_name} goes {offline.friendly_name}")
        foreign = 0
        for task in self.workspace.tasks.list(page_size=200):
            if task.assignment_status in OPEN and (is_of_the_lesson(task) or task.sid in made_here):
                done.append(f"task {_short(task.sid)} is {_close(task)}")
            elif task.assignment_status in ("pending", "reserved"):
                foreign += 1
        for worker in workers:  # a reservation that ended may have moved its worker back
            if worker.fetch().activity_sid != offline.sid:
                worker.update(activity_sid=offline.sid)
        if foreign:
            done.append(f"{foreign} waiting task(s) that this lesson did not create are left alone: they come first")
        print("The stage was clear already." if not done else "; ".join(done) + ".")


def _short(sid: str) -> str:
    return f"{sid[:2]}…{sid[-4:]}"


def is_of_the_lesson(task: TaskInstance) -> bool:
    """Whether a cell of the lesson created this task."""
    attributes = as_json(task.attributes)
    return isinstance(attributes, dict) and attributes.get("lesson") in LESSONS


def _close(task: TaskInstance) -> str:
    """Cancel or complete the task, whichever its state allows; "over" when it ended meanwhile."""
    endings = {
        "pending": "canceled",
        "reserved": "canceled",
        "assigned": "completed",
        "wrapping": "completed",
    }
    for _ in range(2):  # it may be assigned between the look and the cancel
        ending = endings.get(task.assignment_status)
        if ending is None:
            break
        try:
            return task.update(assignment_status=ending, reason="The lesson starts again").assignment_status
        except TwilioRestException as refused:
            if refused.status == 404:
                break
            task = task.fetch()
    return "over"


def configuration(spanish: TaskQueueInstance, english: TaskQueueInstance) -> str:
    """The workflow's two filters on `selected_language`, as JSON (behaviour.md §1.1)."""
    filters = [
        {
            "filter_friendly_name": f"Language - {language}",
            "expression": f'selected_language == "{code}"',
            "targets": [{"queue": queue.sid}],
        }
        for language, code, queue in (("Spanish", "es", spanish), ("English", "en", english))
    ]
    return json.dumps({"task_routing": {"filters": filters}})


@_one_sentence()
def cast(client: Client) -> Cast:
    """Find everything that notebook 01 builds, make what is missing, and say which of the two happened.

    Where TaskRouter refuses a single-tasking workspace (rest-contract.md §4.1), a multitasking one is made.
    Raises LessonError when TaskRouter refuses anything else.
    """
    made: list[str] = []
    notes: list[str] = []

    def one(collection: Any, **settings: Any) -> Any:
        finding = find(collection, **settings)
        if finding.instance is None:
            made.append(finding.what)
            return _create(collection, settings, notes)
        if not finding.as_wanted:
            notes.append(finding.said)
        return finding.instance

    workspace = one(client.taskrouter.v1.workspaces, friendly_name=WORKSPACE, multi_task_enabled=False)
    activities = {
        name: one(workspace.activities, friendly_name=name, available=available)
        for name, available in ACTIVITIES.items()
    }
    offline = activities["Offline"].sid
    if (workspace.default_activity_sid, workspace.timeout_activity_sid) != (offline, offline):
        workspace = workspace.update(default_activity_sid=offline, timeout_activity_sid=offline)
        notes.append("Default and timeout activity: set to Offline.")
    workers = {
        name: one(workspace.workers, friendly_name=name, attributes=json.dumps({"languages": languages}))
        for name, languages in LANGUAGES.items()
    }
    queues = {
        code: one(
            workspace.task_queues,
            friendly_name=name,
            target_workers=f'languages HAS "{code}"',
            reservation_activity_sid=activities["Reserved"].sid,
            assignment_activity_sid=activities["Busy"].sid,
        )
        for code, name in QUEUES.items()
    }
    workflow = one(
        workspace.workflows,
        friendly_name=WORKFLOW,
        configuration=configuration(queues["es"], queues["en"]),
        task_reservation_timeout=RESERVATION_TIMEOUT,
    )
    if made:
        notes.insert(0, f"Created: {', '.join(made)}.")
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


def _create(collection: Any, settings: dict[str, Any], notes: list[str]) -> Any:
    try:
        return collection.create(**settings)
    except TwilioRestException as refused:
        if refused.status != 400 or settings.get("multi_task_enabled") is not False:
            raise
        notes.append(f"Single-tasking is refused ({in_words(refused)}), so the workspace is multitasking.")
        return collection.create(**{key: value for key, value in settings.items() if key != "multi_task_enabled"})
