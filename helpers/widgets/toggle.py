"""A worker's activity: what the learner clicked and what TaskRouter confirms, kept apart."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace.activity import ActivityInstance
from twilio.rest.taskrouter.v1.workspace.worker import WorkerInstance

from helpers.errors import LessonError
from helpers.widgets.live import LiveWidget, front_end, shown
from helpers.widgets.watch import Watch, interval
from helpers.widgets.words import clock, in_words

ACTIVITIES_EVERY = 10.0
"""Seconds after which the list of activities is read again: it changes far less often than the worker."""


def activity_toggle(client: Client, worker: WorkerInstance) -> ActivityToggle:
    """A control for the worker's activity, to be the last value of a cell.

    Args:
        client: the twilio client that the lesson uses.
        worker: whose activity it shows and changes.
    """
    return shown(("activity", worker.sid), lambda: ActivityToggle(client, worker))


class ActivityToggle(LiveWidget):
    """A group of radio buttons, and in words what TaskRouter says of the worker.

    `state`: `name`, `activities` [{sid, name, available}], `confirmed` {sid, name, available, since} or None,
    `choice` {sid, name, available, at, outcome, why} or None (outcome: "asked", "confirmed" or "refused"),
    `heard` (token of the last click that reached the kernel), `sentence` and `about_choice` (what is said).
    """

    _esm = front_end("live.js", "radios.js", "toggle.js")
    _css = front_end("live.css", "radios.css")

    def __init__(self, client: Client, worker: WorkerInstance):
        name = worker.friendly_name
        super().__init__(
            f"Activity of {name}",
            name=name, activities=[], confirmed=None, choice=None, heard=None,
            sentence=f"Asking TaskRouter what {name} is doing …", about_choice="",
        )  # fmt: skip
        self._workspace = client.taskrouter.v1.workspaces(worker.workspace_sid)
        self._worker = self._workspace.workers(worker.sid)
        self._activities_at = float("-inf")
        self._watch = Watch(f"activity-{name}", interval(), self._read, self._trouble)

    @property
    def confirmed(self) -> str | None:
        """Name of the activity that TaskRouter last reported; None before the first answer."""
        now = self._content["confirmed"]
        return now and now["name"]

    def choose(self, name: str) -> None:
        """Do what a click on that activity does; returns at once (`settle` waits for TaskRouter's answer).

        Raises:
            LessonError: when the workspace has no activity of that name.
        """
        self._choose(lambda activity: activity["name"] == name, name)

    def words(self) -> str:
        """The sentence of the status line."""
        return str(self._content["sentence"])

    # ---- on any thread

    def _asked(self, content: dict) -> None:
        if content.get("kind") == "choose":
            self._choose(lambda activity: activity["sid"] == content.get("sid"), heard=content.get("token"))

    def _choose(self, wanted: Callable[[dict], bool], name: str = "", heard: object = None) -> None:
        if not self._content["activities"]:
            self.settle()
        activity = next(filter(wanted, self._content["activities"]), None)
        if activity is None:
            names = ", ".join(each["name"] for each in self._content["activities"])
            raise LessonError(f"This workspace has no activity {name!r}. Choose one of: {names or 'none'}.")
        choice = {**activity, "at": _now(), "outcome": "asked", "why": None}
        self._say(choice=choice, heard=heard)
        self._watch.ask(lambda: self._change(choice))

    # ---- on the watch's thread

    def _change(self, choice: dict) -> None:
        try:
            worker = self._worker.update(activity_sid=choice["sid"])
        except Exception as error:
            outcome = {"outcome": "refused", "why": in_words(error)}
        else:
            outcome = {"outcome": "confirmed"}
            self._say(confirmed=_confirmed(worker))
        with self._lock:
            if self._content["choice"] is choice:
                self._say(choice=choice | outcome)

    def _read(self) -> None:
        worker = self._worker.fetch()
        known = {activity["sid"] for activity in self._content["activities"]}
        if worker.activity_sid not in known or time.monotonic() - self._activities_at > ACTIVITIES_EVERY:
            activities = self._workspace.activities.list()
            self._activities_at = time.monotonic()
            self._content["activities"] = [_activity(each) for each in activities]
        self._say(confirmed=_confirmed(worker), name=worker.friendly_name, trouble=None)

    def _say(self, **content: object) -> None:
        with self._lock:
            now = self._content | content
            self._post(**content, sentence=_sentence(now), about_choice=_about_choice(now))


def _activity(activity: ActivityInstance) -> dict:
    available = str(activity.available).lower() == "true"
    return {"sid": activity.sid, "name": activity.friendly_name, "available": available}


def _confirmed(worker: WorkerInstance) -> dict:
    return {
        "sid": worker.activity_sid,
        "name": worker.activity_name,
        "available": bool(worker.available),
        "since": clock(worker.date_status_changed),
    }


def _sentence(content: dict) -> str:
    now = content["confirmed"]
    if now is None:
        return content["sentence"]
    available = "available" if now["available"] else "not available"
    return f"{content['name']} is {now['name']} ({available}) since {now['since']} — confirmed by TaskRouter."


def _about_choice(content: dict) -> str:
    choice, now = content["choice"], content["confirmed"]
    if choice is None:
        return ""
    chose = f"You chose {choice['name']} at {choice['at']}"
    if choice["outcome"] == "asked":
        return f"{chose}: asking TaskRouter …"
    if choice["outcome"] == "refused":
        still = f"{content['name']} stays {now['name']}; choose" if now else "Choose"
        return f"{chose}. {choice['why']} {still} again when that is put right."
    if now and now["sid"] != choice["sid"]:
        return f"{chose}: done. The change to {now['name']} came later and not from here."
    return f"{chose}: done."


def _now() -> str:
    return clock(datetime.now().astimezone())
