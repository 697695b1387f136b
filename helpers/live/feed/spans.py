"""The timeline of a workspace: how long each activity, each wait, each offer and each piece of work has lasted."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from helpers.connection.vocabulary import HELD_RESERVATION_STATUSES, WAITING_TASK_STATUSES
from helpers.live.feed.entities import ReservationEntity, SpanEntity, TaskEntity
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.transitions import time_in_left_activity


class Spans:
    """Spans by their keys. Not safe from several threads by itself.

    Args:
        changed: told the key of each span that is new, has changed or is forgotten.
        kept: spans that are kept; the oldest that have ended are forgotten first.
    """

    def __init__(self, changed: Callable[[str], None], kept: int) -> None:
        self.by_key: dict[str, SpanEntity] = {}
        self._changed, self._kept = changed, kept
        self._activity: dict[str, str] = {}  # worker -> the span of the present activity
        self._wait: dict[str, str] = {}  # task -> the span of its present or last wait

    # ---- waits

    def wait(self, task: TaskEntity, at: int) -> None:
        """Bring the wait of a task in line: from its creation, or its transfer, until it is assigned or over."""
        sid, status = task["sid"], task["status"]
        key = self._wait.setdefault(sid, f"wait {sid}")
        span = self.by_key.get(key)
        if status in WAITING_TASK_STATUSES:
            if span is None:
                self._set({"sid": key, "kind": "wait", "task": sid, "from": task["created"], "to": None})
            elif span["to"] is not None:  # it waits once more
                key = self._wait[sid] = f"wait {sid} {at}"
                self._set({"sid": key, "kind": "wait", "task": sid, "from": at, "to": None})
        elif span is None:
            self._set({"sid": key, "kind": "wait", "task": sid, "from": task["created"], "to": at, "end": status})
        elif span["to"] is None:
            self._set({**span, "to": at, "end": status})

    def end_wait(self, task: str, at: int) -> None:
        """End the wait of a task that has been removed."""
        self._end(self._wait.get(task, f"wait {task}"), at)

    def forget_wait(self, task: str) -> None:
        """Keep nothing that is only needed while the task is there."""
        self._wait.pop(task, None)

    # ---- offers and work

    def hold(self, reservation: ReservationEntity, at: int) -> None:
        """Bring the offer (pending) and the work (accepted, wrapping) of a reservation in line."""
        sid, status = reservation["sid"], reservation["status"]
        offer, work = f"offer {sid}", f"work {sid}"
        task, worker = reservation["task"], reservation["worker"]
        if offer not in self.by_key:
            begun = reservation["created"]
            self._set({"sid": offer, "kind": "offer", "from": begun, "to": None, "task": task, "worker": worker})
        if status != "pending":
            self._end(offer, at, status)
        if status in ("accepted", "wrapping") and work not in self.by_key:
            self._set({"sid": work, "kind": "work", "from": at, "to": None, "task": task, "worker": worker})
        if status not in HELD_RESERVATION_STATUSES:
            self._end(work, at, status)

    def end_reservation(self, reservation: str, at: int) -> None:
        """End the offer and the work of a reservation whose task has been removed."""
        self._end(f"offer {reservation}", at)
        self._end(f"work {reservation}", at)

    # ---- activities

    def knows_activity(self, worker: str) -> bool:
        """Tell whether the span of the worker's present activity is known."""
        return worker in self._activity

    def begin_activity(self, worker: str, activity: str | None, since: int) -> None:
        """Let the worker be in that activity since then."""
        self._activity[worker] = self._add_activity(worker, activity, since, None)

    def change_activity(self, event: TaskRouterEvent, worker: str) -> None:
        """Apply a `worker.activity.update`: end the activity that was left, and begin the new one."""
        left, entered = event.data.get("worker_previous_activity_sid"), event.data.get("worker_activity_sid")
        present = self.by_key.get(self._activity.get(worker, ""))
        if present and present["from"] <= event.at and present.get("activity") == left:
            self._set({**present, "to": event.at})
        else:
            begun = event.at - time_in_left_activity(event)
            if present and present["from"] <= event.at:  # its end was missed
                self._set({**present, "to": max(present["from"], begun)})
            self._add_activity(worker, left, begun, event.at)
        if present is None or present["from"] <= event.at:
            self.begin_activity(worker, entered, event.at)

    def end_activity(self, worker: str, at: int) -> None:
        """End the span of the present activity of a worker who was deleted."""
        self._end(self._activity.pop(worker, ""), at)

    def _add_activity(self, worker: str, activity: str | None, start: int, end: int | None) -> str:
        key = f"activity {worker} {activity} {start}"
        if end is not None or key not in self.by_key:
            self._set(
                {"sid": key, "kind": "activity", "worker": worker, "activity": activity, "from": start, "to": end}
            )
        return key

    # ---- all of them

    def _end(self, key: str, at: int, end: str | None = None) -> None:
        span = self.by_key.get(key)
        if span is not None and span["to"] is None:
            self._set({**span, "to": at, "end": end} if end else {**span, "to": at})

    def _set(self, span: SpanEntity) -> None:
        key = span["sid"]
        if self.by_key.get(key) == span:
            return
        self.by_key[key] = span
        self._changed(key)
        if len(self.by_key) > self._kept:
            ended = (key for key, span in self.by_key.items() if span["to"] is not None)
            for old in list(islice(ended, self._kept // 4)):
                del self.by_key[old]
                self._changed(old)
