"""A worker's activity, as TaskRouter reports it and as the learner chooses it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from twilio.rest import Client
from twilio.rest.taskrouter.v1.workspace.worker import WorkerInstance

from helpers.connection.rest_log import on_behalf_of
from helpers.errors import LessonError
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.rest_reader import put_worker
from helpers.live.widgets.base import front_end, shown
from helpers.live.widgets.text import MAKE_IT_AGAIN, clock, with_next_step
from helpers.live.widgets.workspace_view import WorkspaceView


def activity_toggle(client: Client, worker: WorkerInstance) -> ActivityToggle:
    """A control for the worker's activity, to be the last value of a cell.

    Args:
        client: the twilio client that the lesson uses.
        worker: whose activity it shows and changes.
    """
    return shown(("activity", worker.sid), lambda: ActivityToggle(client, worker))


class ActivityToggle(WorkspaceView):
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
        self._sid = worker.sid
        self._worker = client.taskrouter.v1.workspaces(worker.workspace_sid).workers(worker.sid)
        self._join(client, worker.workspace_sid)

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
        choice = {**activity, "at": self._now(), "outcome": "asked", "why": None}
        self._say(choice=choice, heard=heard)
        self._feed.do(lambda: self._change(choice))

    # ---- on the feed's threads

    def _change(self, choice: dict) -> None:
        at = self._feed.model.newest
        try:
            with on_behalf_of("worker"):
                worker = self._worker.update(activity_sid=choice["sid"])
        except Exception as error:
            outcome = {"outcome": "refused", "why": with_next_step(error)}
        else:
            outcome = {"outcome": "confirmed"}
            put_worker(self._feed.model, worker, at)
        with self._lock:
            self.on_events([])
            if self._content["choice"] is choice:
                self._say(choice=choice | outcome)

    def on_events(self, events: list[TaskRouterEvent]) -> None:
        """Take over what the model knows of the worker."""
        model = self._feed.model
        with self._lock, model.lock:  # two threads may tell, and the later one must not say what was before
            worker = model.workers.get(self._sid)
            now = worker and model.activities.get(worker["activity"])
            if worker and now:
                since = clock(worker["since"])
                activities = list(model.activities.values())
                self._say(activities=activities, confirmed={**now, "since": since}, name=worker["name"])

    def on_refresh(self) -> None:
        """A worker who is not there any more is said in words."""
        there = self._sid in self._feed.model.workers
        self._post(trouble=None if there else f"TaskRouter has no such worker any more. {MAKE_IT_AGAIN}.")

    def _now(self) -> str:
        return clock(datetime.now().astimezone() + timedelta(seconds=self._feed.ahead))

    def _say(self, **content: object) -> None:
        with self._lock:
            now = self._content | content
            self._post(**content, sentence=_sentence(now), about_choice=_about_choice(now))


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
