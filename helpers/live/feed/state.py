"""The collections of a workspace, and who is told of their changes.

Every collection maps a SID to one of the dictionaries of `entities`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from threading import RLock
from typing import Any, Concatenate, ParamSpec, TypeVar

from helpers.live.feed.changes import ChangeTracker
from helpers.live.feed.entities import (
    ActivityEntity,
    ReservationEntity,
    SpanEntity,
    TaskChannelEntity,
    TaskEntity,
    TaskQueueEntity,
    WorkerEntity,
    WorkflowEntity,
    WorkspaceEntity,
)

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S", bound="WorkspaceState")


def locked(method: Callable[Concatenate[S, P], T]) -> Callable[Concatenate[S, P], T]:
    """Let one thread at a time run the method."""

    @wraps(method)
    def locked(self: S, *args: P.args, **more: P.kwargs) -> T:
        with self.lock:
            return method(self, *args, **more)

    return locked


class WorkspaceState:
    """What stands now, what of it has changed (`track_changes`), and what has to be read again (`stale`).

    Safe from any thread.
    """

    COLLECTIONS = (
        "activities", "task_channels", "task_queues", "workflows", "workers", "tasks", "reservations", "spans",
    )  # fmt: skip

    def __init__(self) -> None:
        self.lock = RLock()
        self.workspace: WorkspaceEntity = {}
        self.activities: dict[str, ActivityEntity] = {}
        self.task_channels: dict[str, TaskChannelEntity] = {}
        self.task_queues: dict[str, TaskQueueEntity] = {}
        self.workflows: dict[str, WorkflowEntity] = {}
        self.workers: dict[str, WorkerEntity] = {}
        self.tasks: dict[str, TaskEntity] = {}
        self.reservations: dict[str, ReservationEntity] = {}
        self.spans: dict[str, SpanEntity] = {}
        self.stale: set[tuple[str, str]] = set()
        self._trackers: list[ChangeTracker] = []

    # ---- what the views ask

    @locked
    def snapshot(self) -> dict[str, Any]:
        """Give all of it, as {collection: {sid: entity}}."""
        return {"workspace": self.workspace} | {name: dict(self._collection(name)) for name in self.COLLECTIONS}

    @locked
    def track_changes(self) -> ChangeTracker:
        """Give what tells one view of the changes from now on."""
        tracker = ChangeTracker(self.lock, self._look_up, self._stop_tracking)
        self._trackers.append(tracker)
        return tracker

    @locked
    def take_stale(self) -> set[tuple[str, str]]:
        """Give what has to be read again, as (collection, SID, or "" for all of it), and count it as read."""
        stale, self.stale = self.stale, set()
        return stale

    @locked
    def mark_stale(self, stale: Iterable[tuple[str, str]]) -> None:
        """Have these read again, as `take_stale` gives them."""
        self.stale.update(stale)

    @locked
    def reset_trackers(self) -> None:
        """Have all trackers take a snapshot: so much has changed."""
        for tracker in self._trackers:
            tracker.reset()

    # ---- the collections

    def _collection(self, name: str) -> dict[str, Any]:
        return getattr(self, name)

    def _look_up(self, collection: str, sid: str) -> Any:
        return self._collection(collection).get(sid) if sid else getattr(self, collection)

    def _stop_tracking(self, tracker: ChangeTracker) -> None:
        if tracker in self._trackers:
            self._trackers.remove(tracker)

    def _note(self, collection: str, sid: str) -> None:
        for tracker in self._trackers:
            tracker.note(collection, sid)

    def _require(self, collection: str, sid: str) -> None:
        """Have what an event speaks of read, when it is not known."""
        if sid not in self._collection(collection):
            self.stale.add((collection, sid if collection == "workers" else ""))

    def _set(self, collection: str, sid: str, entity: Any) -> None:
        known = self._collection(collection)
        if known.get(sid) != entity:
            known[sid] = entity
            self._note(collection, sid)

    def _drop(self, collection: str, sid: str) -> None:
        if self._collection(collection).pop(sid, None) is not None:
            self._note(collection, sid)

    def _is_there(self, sid: str) -> bool:
        return any(sid in self._collection(name) for name in self.COLLECTIONS)
