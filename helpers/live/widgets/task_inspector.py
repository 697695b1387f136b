"""The tasks of a workspace with their reservations, as TaskRouter reports them."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from heapq import nlargest
from typing import Any

from twilio.rest import Client

from helpers.connection.instances import TaskInstance, WorkspaceInstance
from helpers.connection.sids import short_sid
from helpers.connection.vocabulary import ENDED_TASK_STATUSES, TASK_STATUSES
from helpers.live.feed import rest_reader
from helpers.live.feed.entities import ReservationEntity, TaskEntity
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.feed import Feed
from helpers.live.feed.model import Model
from helpers.live.widgets.base import front_end, replace_previous
from helpers.live.widgets.text import clock
from helpers.live.widgets.workspace_view import WorkspaceView

AT_MOST = 8
"""Tasks shown, the newest first."""

RESERVATIONS_AT_MOST = 5
"""Reservations shown of a task, the newest last; earlier ones are counted."""

REMOVED_AFTER = 300
"""Seconds from a task's end to its removal (`behaviour.md §2.1`)."""

ASKING = "Asking TaskRouter …"
DELETED = "The workspace was deleted, and its tasks with it."
REMOVED = "TaskRouter no longer has this task. It removes a task about five minutes after it has ended."


def inspector(
    client: Client, workspace: WorkspaceInstance | str, task: TaskInstance | str | None = None
) -> TaskInspector:
    """Show the newest tasks of the workspace, or one task, refreshing itself; to be the last value of a cell.

    Args:
        client: the twilio client that the lesson uses.
        workspace: the workspace or its SID.
        task: the only task to show, or its SID.
    """
    workspace_sid, task_sid = getattr(workspace, "sid", workspace), getattr(task, "sid", task)
    name = getattr(workspace, "friendly_name", None) or short_sid(workspace_sid)
    place = ("tasks", workspace_sid, task_sid)
    return replace_previous(place, lambda: TaskInspector(client, workspace_sid, task_sid, name))


class TaskInspector(WorkspaceView):
    """Each task with its place on the path, and under it its reservations.

    `state`: `summary` in words, `older` (are there more), `tasks` [{sid, short, attributes, status,
    queue, priority, born (epoch seconds), ended, reason, reservations [{sid, short, worker, status, since}], earlier}].
    """

    _esm, _css = front_end("task_inspector")

    def __init__(self, client: Client, workspace_sid: str, task_sid: str | None, name: str):
        title = f"Task {short_sid(task_sid)}" if task_sid else f"Tasks in {name}"
        self._only, self._is_removed = task_sid, False
        super().__init__(title, summary=ASKING, tasks=[], older=False)
        self._join(client, workspace_sid)

    def words(self) -> str:
        """Give the title and how many tasks are where."""
        return f"{self.state['title']}: {self.state['summary']}"

    def on_attach(self, feed: Feed) -> None:
        """Have the only task kept."""
        super().on_attach(feed)
        if self._only:
            feed.model.pinned.add(self._only)

    def on_refresh(self) -> None:
        """Ask for the only task itself, where no event has spoken of it lately: none tells that it is removed."""
        super().on_refresh()
        feed = self.feed
        if not self._only or not feed.known or self._is_removed:
            return
        task = feed.model.tasks.get(self._only)
        ended = task is not None and task["status"] in ENDED_TASK_STATUSES
        if task is None or (ended and task["updated"] / 1000 + REMOVED_AFTER < time.time() + feed.ahead):
            self._is_removed = not rest_reader.read_task(feed.context, feed.model, self._only)
            if self._is_removed:
                feed.model.remove_task(self._only)
            self._post()

    def on_events(self, events: list[TaskRouterEvent]) -> None:
        """Have the tasks drawn; which, is found out when they are."""
        self._post()

    def draw(self, value: dict) -> None:
        """Set the state to what the model knows now; on the render thread."""
        if value["gone"]:
            value |= {"tasks": [], "older": False, "summary": DELETED}
        elif self._feed is not None and self.feed.known:
            model = self.feed.model
            with model.lock:
                value |= self._seen_in(model)
        super().draw(value)

    def _seen_in(self, model: Model) -> dict:
        if self._only:
            tasks = [model.tasks[self._only]] if self._only in model.tasks else []
        else:
            tasks = nlargest(AT_MOST + 1, model.tasks.values(), key=lambda task: task["created"])
        drawn = [_task(task, model) for task in tasks[:AT_MOST]]
        summary = _summary(drawn)
        if self._only and not tasks:
            summary = REMOVED if self._is_removed else ASKING
        return {"tasks": drawn, "older": len(tasks) > AT_MOST, "summary": summary}


def _task(task: TaskEntity, model: Model) -> dict:
    offers = (each for each in model.reservations.values() if each["task"] == task["sid"])
    reservations = [_reservation(each, model) for each in sorted(offers, key=lambda each: each["created"])]
    return {
        "sid": task["sid"],
        "short": short_sid(task["sid"]),
        "attributes": _attributes(task["attributes"]),
        "status": task["status"],
        "queue": _name(model.task_queues, task.get("queue"), None),
        "priority": task["priority"],
        "born": task["created"] / 1000,
        "ended": clock(task["updated"]) if task["status"] in ENDED_TASK_STATUSES else None,
        "reason": task["reason"],
        "reservations": reservations[-RESERVATIONS_AT_MOST:],
        "earlier": _counted(reservations[:-RESERVATIONS_AT_MOST]),
    }


def _reservation(reservation: ReservationEntity, model: Model) -> dict:
    return {
        "sid": reservation["sid"],
        "short": short_sid(reservation["sid"]),
        "worker": _name(model.workers, reservation["worker"], "a worker who has gone"),
        "status": reservation["status"],
        "since": clock(reservation["updated"]),
    }


def _name(known: Mapping[str, Any], sid: str | None, otherwise: str | None) -> str | None:
    """Give the name of what has this SID; otherwise this, where it is not known."""
    return known[sid]["name"] if sid is not None and sid in known else otherwise


def _counted(reservations: list[dict]) -> str:
    """Count earlier reservations in words, such as `12 earlier: 12 canceled`; empty when there are none."""
    if not reservations:
        return ""
    ends = Counter(each["status"] for each in reservations)
    return f"{len(reservations)} earlier: " + ", ".join(f"{count} {status}" for status, count in ends.items())


def _attributes(text: str | None) -> list[list[str]]:
    """Make pairs of name and value, to be drawn side by side; whatever is no JSON object is shown as it came."""
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
    counts = ", ".join(f"{places[status]} {status}" for status in TASK_STATUSES if places[status])
    return f"{len(tasks)} tasks: {counts}."
