"""The phone calls of a workspace's tasks, as the board shows them: what each does now, and the steps that led there."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from twilio.rest import Client

from helpers.connection.instances import CallInstance
from helpers.connection.json_text import as_object
from helpers.connection.times import to_ms
from helpers.connection.vocabulary import ENDED_TASK_STATUSES, OPEN_TASK_STATUSES, UNANSWERED_CALL_STATUSES
from helpers.live.board.live_phone_steps import of_live_phone
from helpers.live.board.phone_steps import Side, of_phone
from helpers.live.board.recent import Recent
from helpers.live.feed.call_feed import CallFeed
from helpers.live.feed.entities import CallEntity
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.model import Model
from helpers.live.widgets.phone_words import only_listens, phone_name, phone_names, since_of
from taskrouter_sandbox.control_types import CallState

CALLS_KEPT = 60
STEPS_KEPT = 250
"""Calls that have ended, and steps of the sequence view that are theirs; the newest."""

READ_AT_MOST = 10
"""Calls that are asked for in one read of a live account."""

ENDED = {
    "completed": "is not on the line any more",
    "busy": "was not answered: busy, or rejected",
    "no-answer": "was not answered",
    "canceled": "was given up before it was answered",
    "failed": "has failed",
}
REST_WORDS = {"queued": "is about to be made", "ringing": "rings", "in-progress": "goes on"}


class BoardCalls:
    """The calls of one workspace, told by the sandbox (`helpers.live.feed.call_feed.join`), or read on a live account.

    `entities` and `steps` are to be used under the lock only.

    Args:
        model: knows the tasks, whose attributes name their calls, and the workers, whose attributes name their phones.
        lock: held while the calls change.
        changed: called after that.
    """

    phones: Mapping[str, str] = {}

    def __init__(self, model: Model, lock: AbstractContextManager[Any], changed: Callable[[], object]) -> None:
        self.entities, self.steps = Recent(CALLS_KEPT, "sid", _goes_on), Recent(STEPS_KEPT)
        self._model, self._lock, self._changed = model, lock, changed
        self._feed: CallFeed | None = None
        self._task_of: dict[str, str] = {}  # call -> the task that it belongs to, or belonged to last
        self._seen: dict[str, tuple[object, ...]] = {}

    # ---- as the sandbox tells it

    def on_attach(self, feed: CallFeed) -> None:
        """Take note of the feed of calls."""
        self._feed = feed

    def on_events(self, events: list[TaskRouterEvent]) -> None:
        """Take in what the calls do now."""
        self.look()
        self._changed()

    def on_refresh(self) -> None:
        """Do nothing: what has changed was told."""

    def on_error(self, error: Exception) -> None:
        """Do nothing: that the sandbox cannot be read, the board's own feed says."""

    @property
    def heard_of(self) -> bool:
        """Whether the sandbox has told of any call, also one that is not of this workspace."""
        return self._feed is not None and bool(self._feed.calls)

    def seen(self) -> None:
        """Keep the calls being read, since a browser shows the board."""
        if self._feed is not None:
            self._feed.poller.seen()

    def look(self) -> None:
        """See again which call belongs to which task: tasks may have changed."""
        if self._feed is None or not self._feed.calls:
            return
        calls = self._feed.calls
        with self._lock, self._model.lock:
            sides, names = self._sides(), {**self._feed.names, **_contacts(self._model)}
            for call in reversed(calls):
                self._take(call, sides, names)
            if len(self._seen) > 2 * CALLS_KEPT:
                here = {call["sid"] for call in calls}
                self._seen = {sid: seen for sid, seen in self._seen.items() if sid in here}
                self._task_of = {sid: task for sid, task in self._task_of.items() if sid in here}

    def _take(self, call: CallState, sides: Mapping[str, Side], names: Mapping[str, str]) -> None:
        sid = call["sid"]
        task = self._find_task(call)
        if task is None and (call["task_sid"] or call["reservation_sid"]):
            self._forget(sid)  # of another workspace, or of a task that is not known yet
            return
        status = self._model.tasks[task]["status"] if task in self._model.tasks else None
        seen = call, task, status, tuple(names.items())
        if self._seen.get(sid) == seen:
            return
        self._seen[sid] = seen
        side = sides.get(sid) or ("caller" if call["direction"] == "inbound" else "agent")
        self.entities.replace(
            {
                **CallEntity(
                    sid=sid,
                    task=task,
                    side=side,
                    phone=call["phone"],
                    name=phone_name(call["phone"], names),
                    live=call["ended"] is None,
                    words=_words(call, names, status in ENDED_TASK_STATUSES),
                    since=since_of(call),
                )
            }
        )
        for step in of_phone(call, side, task, names):
            self.steps.replace(step)

    def _forget(self, sid: str) -> None:
        self._seen.pop(sid, None)
        if self.entities.get(sid) is not None:
            self.entities.remove(sid)
            for step in [each for each in self.steps.snapshot().values() if each["call"] == sid]:
                self.steps.remove(step["id"])

    # ---- on a live account

    def read(self, client: Client, ahead: float = 0) -> None:
        """Ask a live account for the calls of open tasks, and once more for those that went on the last time.

        ahead: seconds that Twilio's clock is ahead of this machine's.
        """
        with self._lock, self._model.lock:
            sides, names = self._sides(), _contacts(self._model)
            open_tasks = {sid for sid, each in self._model.tasks.items() if each["status"] in OPEN_TASK_STATUSES}
            went_on = {sid for sid, each in self.entities.snapshot().items() if each["live"]}
            task_of = {sid: self._task_of[sid] for sid in sides}
        wanted = [sid for sid, task in task_of.items() if task in open_tasks or sid in went_on]
        for sid in wanted[-READ_AT_MOST:]:
            call = client.calls(sid).fetch()
            entity = _of_rest(call, task_of[sid], sides[sid], names)
            now = (time.time() + ahead) * 1000
            with self._lock:
                self.entities.replace({**entity})
                for step in of_live_phone(call, sides[sid], task_of[sid], entity["name"], now):
                    known = self.steps.get(step["id"])
                    # what is inferred stays where it was first seen, unless REST says later that the call ended before
                    if known is None or step["at"] < known["at"]:
                        self.steps.replace(step)

    # ---- which call is whose

    def _find_task(self, call: CallState) -> str | None:
        """Find the task of a call; None: it has none here."""
        sid, tasks = call["sid"], self._model.tasks
        if call["task_sid"] in tasks:
            self._task_of[sid] = str(call["task_sid"])
        elif call["reservation_sid"] in self._model.reservations:
            task = self._model.reservations[call["reservation_sid"]]["task"]
            if task:
                self._task_of[sid] = task
        elif call["parent_call_sid"] in self._task_of:
            self._task_of[sid] = self._task_of[call["parent_call_sid"]]
        elif sid not in self._task_of and call["direction"] == "outbound-api" and (task := self._offered_for(call)):
            self._task_of[sid] = task
        return self._task_of.get(sid)

    def _offered_for(self, call: CallState) -> str | None:
        """Find the task whose reservation was pending when its worker's phone was called.

        A conference that is being set up is told by nothing else, nor is one that has failed (voice.md §4.5).
        """
        own = (
            each
            for each in reversed(self._model.reservations.values())
            if each["created"] <= call["began"]
            and _contact(self._model.workers.get(each["worker"] or "", {})) == call["phone"]
        )
        newest = next(own, None)
        if newest is None or (newest["status"] != "pending" and newest["updated"] < call["began"]):
            return None
        return newest["task"]

    def _sides(self) -> dict[str, Side]:
        """Find whose phone each call is that the tasks' attributes name (voice.md §3.1, §4.2, §4.5)."""
        sides: dict[str, Side] = {}
        for sid, task in self._model.tasks.items():
            if '"CA' not in task["attributes"]:
                continue
            attributes = as_object(task["attributes"])
            conference = attributes.get("conference")
            people = conference.get("participants") if isinstance(conference, dict) else None
            people = people if isinstance(people, dict) else {}
            named: tuple[tuple[object, Side], ...] = (
                (attributes.get("call_sid"), "caller"),
                (people.get("customer"), "caller"),
                (attributes.get("worker_call_sid"), "agent"),
                (people.get("worker"), "agent"),
            )
            for call, side in named:
                if isinstance(call, str) and call.startswith("CA"):
                    sides[call] = side
                    self._task_of[call] = sid
        return sides


def _goes_on(call: dict[str, Any]) -> bool:
    return call["live"]


def _contacts(model: Model) -> dict[str, str]:
    """Give the workers' names by the addresses of their phones."""
    contacts: dict[str, str] = {}
    for worker in model.workers.values():
        if address := _contact(worker):
            contacts[address] = worker["name"]
    return contacts


def _contact(worker: Mapping[str, Any]) -> str | None:
    """Give the address of a worker's phone; None when there is none."""
    if "contact_uri" not in worker.get("attributes", ""):
        return None
    address = as_object(worker["attributes"]).get("contact_uri")
    return address if isinstance(address, str) else None


def _words(call: CallState, names: Mapping[str, str], task_has_ended: bool) -> str:
    """Say what a call does, after the name of its phone."""
    queue = call["queue"]
    if call["ended"] is not None:
        return ENDED.get(call["status"], f"is not on the line any more ({call['status']})")
    if call["status"] in UNANSWERED_CALL_STATUSES:
        return "calls, and is not answered yet" if call["direction"] == "inbound" else "rings"
    if call["connected_with"]:
        others = phone_names(call["connected_with"], names)
        return f"listens to {others}" if only_listens(call) else f"talks with {others}"
    if call["conference_sid"]:
        return "is alone in the conference"
    if queue is not None and queue["position"]:
        place = f"place {queue['position']} of {queue['size']}"
        if task_has_ended:
            return f"still waits in the queue, {place}, with no task any more"
        return f"waits in the queue, {place}"
    return "is asked for a key or for words" if (call["waits_for"] or "").startswith("keys") else "is on the line"


def _of_rest(call: CallInstance, task: str, side: Side, names: Mapping[str, str]) -> CallEntity:
    """Make the entity of a call that was fetched: REST tells its status, and not with whom it is connected."""
    status = str(call.status)
    address = str((call._from if call.direction == "inbound" else call.to) or "")
    live = status in REST_WORDS
    moment = call.start_time if live else call.end_time
    return CallEntity(
        sid=str(call.sid),
        task=task,
        side=side,
        phone=address,
        name=phone_name(address, names),
        live=live,
        words=REST_WORDS[status] if live else ENDED.get(status, f"is not on the line any more ({status})"),
        since=to_ms(moment) if moment else None,
    )
