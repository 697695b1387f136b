"""The tasks of a workspace with their reservations, as TaskRouter reports them."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import datetime

from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace import WorkspaceInstance
from twilio.rest.taskrouter.v1.workspace.task import TaskInstance
from twilio.rest.taskrouter.v1.workspace.task.reservation import ReservationInstance

from helpers.widgets.live import LiveWidget, front_end, shown
from helpers.widgets.watch import Watch, interval
from helpers.widgets.words import clock, short

AT_MOST = 8
"""Tasks shown, the newest first."""

RESERVATIONS_AT_MOST = 5
"""Reservations shown of a task, the newest last; earlier ones are counted."""

PATH = ("pending", "reserved", "assigned", "wrapping", "completed")
"""Where a task goes when nothing goes wrong (`behaviour.md §2.1`)."""

REMOVED = "TaskRouter has no such task any more. It removes a task about five minutes after its end."

OVER = ("completed", "canceled")

STILL_MOVING = 3.0
"""Times have whole seconds, so reservations of a task that changed less than this ago are read again."""


def inspector(
    client: Client, workspace: WorkspaceInstance | str, task: TaskInstance | str | None = None
) -> TaskInspector:
    """The newest tasks of the workspace, or one task, refreshing itself; to be the last value of a cell.

    Args:
        client: the twilio client that the lesson uses.
        workspace: the workspace or its SID.
        task: the only task to show, or its SID.
    """
    workspace_sid, task_sid = getattr(workspace, "sid", workspace), getattr(task, "sid", task)
    name = getattr(workspace, "friendly_name", None) or short(workspace_sid)
    place = ("tasks", workspace_sid, task_sid)
    return shown(place, lambda: TaskInspector(client, workspace_sid, task_sid, name))


class TaskInspector(LiveWidget):
    """Each task with its place on the path, and under it its reservations.

    `state`: `summary` in words, `path`, `older` (are there more), `tasks` [{sid, short, attributes, status,
    queue, priority, born (epoch seconds), ended, reason, reservations [{sid, short, worker, status, since}], earlier}].
    """

    _esm = front_end("live.js", "inspector.js")
    _css = front_end("live.css", "inspector.css")

    def __init__(self, client: Client, workspace_sid: str, task_sid: str | None, name: str):
        title = f"Task {short(task_sid)}" if task_sid else f"Tasks in {name}"
        super().__init__(title, summary="Asking TaskRouter …", path=PATH, tasks=[], older=False)
        self._tasks = client.taskrouter.v1.workspaces(workspace_sid).tasks
        self._only = task_sid
        self._born: dict[str, float] = {}
        self._reservations: dict[str, tuple[object, list[dict]]] = {}
        self._watch = Watch(f"tasks-{short(workspace_sid)}", interval(), self._read, self._trouble)

    def words(self) -> str:
        """The title and how many tasks are where."""
        return f"{self._content['title']}: {self._content['summary']}"

    # ---- on the watch's thread

    def _read(self) -> None:
        if self._only:
            tasks = self._only_one()
            if tasks is None:
                self._post(summary=REMOVED, trouble=None)
                return
        else:
            tasks = self._tasks.list(ordering="DateCreated:desc", limit=AT_MOST + 1, page_size=AT_MOST + 1)
        older, tasks = len(tasks) > AT_MOST, tasks[:AT_MOST]
        drawn = [self._task(task) for task in tasks]
        kept = {task.sid for task in tasks}
        self._born = {sid: born for sid, born in self._born.items() if sid in kept}
        self._reservations = {sid: read for sid, read in self._reservations.items() if sid in kept}
        self._post(tasks=drawn, older=older, summary=_summary(drawn), trouble=None)

    def _only_one(self) -> list[TaskInstance] | None:
        try:
            return [self._tasks(self._only).fetch()]
        except TwilioRestException as error:
            if error.status == 404:
                return None
            raise

    def _task(self, task: TaskInstance) -> dict:
        over = task.assignment_status in OVER
        reservations = self._reservations_of(task)
        return {
            "sid": task.sid,
            "short": short(task.sid),
            "attributes": _attributes(task.attributes),
            "status": task.assignment_status,
            "queue": task.task_queue_friendly_name,
            "priority": task.priority,
            "born": self._birth(task),
            "ended": clock(task.date_updated) if over else None,
            "reason": task.reason,
            "reservations": reservations[-RESERVATIONS_AT_MOST:],
            "earlier": _counted(reservations[:-RESERVATIONS_AT_MOST]),
        }

    def _birth(self, task: TaskInstance) -> float:
        """When the task began by this machine's clock, without jumping by the second that `age` cuts off."""
        born, before = time.time() - task.age, self._born.get(task.sid)
        if before is None or abs(born - before) > 1.5:
            self._born[task.sid] = before = born
        return before

    def _reservations_of(self, task: TaskInstance) -> list[dict]:
        """Read again only when the task has changed, or may have changed within the same second."""
        state = (task.assignment_status, task.date_updated)
        before, read = self._reservations.get(task.sid, (None, []))
        if state == before:
            return read
        read = [_reservation(each) for each in self._tasks(task.sid).reservations.list(page_size=1000)]
        self._reservations[task.sid] = (state if self._settled(task) else None), read
        return read

    @staticmethod
    def _settled(task: TaskInstance) -> bool:
        if task.assignment_status == "reserved" or not isinstance(task.date_updated, datetime):
            return False
        since_change = task.age - (task.date_updated - task.date_created).total_seconds()
        return since_change > STILL_MOVING


def _reservation(reservation: ReservationInstance) -> dict:
    return {
        "sid": reservation.sid,
        "short": short(reservation.sid),
        "worker": reservation.worker_name,
        "status": reservation.reservation_status,
        "since": clock(reservation.date_updated),
    }


def _counted(reservations: list[dict]) -> str:
    """Earlier reservations in words, such as `12 earlier: 12 canceled`; empty when there are none."""
    if not reservations:
        return ""
    ends = Counter(each["status"] for each in reservations)
    return f"{len(reservations)} earlier: " + ", ".join(f"{count} {status}" for status, count in ends.items())


def _attributes(text: str | None) -> list[list[str]]:
    """Pairs of name and value to be drawn side by side; whatever is no JSON object is shown as it came."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        found = text
    if not isinstance(found, dict):
        return [["attributes", str(found)]]
    return [[name, value if isinstance(value, str) else json.dumps(value)] for name, value in found.items()]


def _summary(tasks: list[dict]) -> str:
    if not tasks:
        return "No task yet. Create one, and it appears here by itself."
    if len(tasks) == 1:
        return f"The task is {tasks[0]['status']}."
    places = Counter(task["status"] for task in tasks)
    order = [*PATH, "canceled"]
    counts = ", ".join(f"{places[place]} {place}" for place in order if places[place])
    return f"{len(tasks)} tasks: {counts}."
