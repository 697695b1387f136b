"""A worker's activity, as TaskRouter reports it and as the learner chooses it."""

from __future__ import annotations

from typing import Any

from twilio.rest import Client

from helpers.connection.instances import WorkerInstance
from helpers.connection.vocabulary import HELD_RESERVATION_STATUSES
from helpers.errors import LessonError
from helpers.live.feed.entities import WorkerEntity
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.feed.feed import Feed
from helpers.live.feed.model import Model
from helpers.live.widgets.actions import Action, ActionView, set_activity
from helpers.live.widgets.base import front_end, replace_previous
from helpers.live.widgets.text import WORKER_GONE, clock
from helpers.live.widgets.workspace_view import WorkspaceView


def activity_toggle(client: Client, worker: WorkerInstance) -> ActivityToggle:
    """Show a control for the worker's activity, to be the last value of a cell.

    Args:
        client: the twilio client that the lesson uses.
        worker: whose activity it shows and changes.
    """
    return replace_previous(("activity", worker.sid), lambda: ActivityToggle(client, worker))


class ActivityToggle(ActionView[Feed], WorkspaceView):
    """A group of radio buttons, and in words what TaskRouter says of the worker.

    `state`: `worker` (its SID), `name`, `activities` [{sid, name, available}], `confirmed` {sid, name, available,
    since} or None, `holds` (the status of the reservation for which TaskRouter has moved the worker), `was_moved`
    (whether the worker is where it did so), `history` (what was chosen), `sentence` and `about_action` (what is said).
    """

    _esm, _css = front_end("activity_toggle")

    def __init__(self, client: Client, worker: WorkerInstance) -> None:
        name = worker.friendly_name
        self._sid, self._workspace_sid = worker.sid, worker.workspace_sid
        super().__init__(
            f"Activity of {name}",
            worker=worker.sid, name=name, activities=[], confirmed=None, holds=None, was_moved=False,
            sentence=f"Asking TaskRouter what {name} is doing …", about_action="",
        )  # fmt: skip
        self._join(client, worker.workspace_sid)

    @property
    def confirmed(self) -> str | None:
        """Name of the activity that TaskRouter last reported; None before the first answer, and of a deleted worker."""
        now = self._content["confirmed"]
        return None if self._content["gone"] else now and now["name"]

    def choose(self, name: str) -> None:
        """Do what a click on that activity does; returns at once (`wait_until_drawn` waits for TaskRouter's answer).

        Raises:
            LessonError: when the workspace has no activity of that name.
        """
        if not self._content["activities"]:
            self.wait_until_drawn()
        activity = next((each for each in self._content["activities"] if each["name"] == name), None)
        if activity is None:
            names = ", ".join(each["name"] for each in self._content["activities"])
            raise LessonError(f"This workspace has no activity {name!r}. Choose one of: {names or 'none'}.")
        self._start_action({"type": "set-activity", "worker": self._sid, "activity": activity["sid"]})

    def words(self) -> str:
        """Give the sentence of the status line."""
        return _sentence(self._content)

    # ---- on any thread

    def _action(self, asked: dict[str, Any]) -> Action:
        if asked.get("type") != "set-activity":
            raise LessonError(f"This control does not know {asked.get('type')!r}; reload the page.")
        if asked.get("activity") not in self.feed.model.activities:
            raise LessonError("This workspace no longer has that activity. Choose another one.")
        return set_activity(asked | {"worker": self._sid}, self.feed.context, self._workspace_sid, self.feed.model)

    def on_events(self, events: list[TaskRouterEvent]) -> None:
        """Take over what the model knows of the worker."""
        model = self.feed.model
        with self._lock, model.lock:  # two threads may tell, and the later one must not say what was before
            worker = model.workers.get(self._sid)
            now = worker and model.activities.get(worker["activity"] or "")
            if worker and now:
                confirmed = {**now, "since": clock(worker["since"])}
                activities = list(model.activities.values())
                holds, was_moved = _holds(model, self._sid), _was_moved(model, worker)
                self._post(
                    activities=activities, confirmed=confirmed, name=worker["name"], holds=holds, was_moved=was_moved
                )

    def on_refresh(self) -> None:
        """Say so when the worker is not there any more."""
        there = self._sid in self.feed.model.workers
        self._post(trouble=None if there else WORKER_GONE, gone=not there)

    # ---- on the render thread

    def draw(self, value: dict) -> None:
        """Draw it, and what is said of it."""
        if value["gone"]:
            value |= {"confirmed": None, "holds": None}
        super().draw(value | {"sentence": _sentence(value), "about_action": _about_action(value)})


def _holds(model: Model, worker_sid: str) -> str | None:
    """Give the status of the reservation for which TaskRouter has moved a worker: none where there is multitasking."""
    if model.workspace.get("multitasking", True):
        return None
    own = (each["status"] for each in model.reservations.values() if each["worker"] == worker_sid)
    return next((status for status in own if status in HELD_RESERVATION_STATUSES), None)


def _was_moved(model: Model, worker: WorkerEntity) -> bool:
    """Tell whether a worker is where TaskRouter moves who has a task, and has one."""
    held = [
        model.tasks.get(each["task"] or "", {}).get("queue")
        for each in model.reservations.values()
        if each["worker"] == worker["sid"] and each["status"] in HELD_RESERVATION_STATUSES
    ]
    return any(worker["activity"] in model.task_queues.get(queue or "", {}).get("moves_to", ()) for queue in held)


def _sentence(content: dict[str, Any]) -> str:
    now = content["confirmed"]
    if content["gone"]:
        return f"{content['name']} was deleted, so there is nothing to choose."
    if now is None:
        return content["sentence"]
    available = "available" if now["available"] else "not available"
    return f"{content['name']} is {now['name']} ({available}) since {now['since']} — confirmed by TaskRouter."


def _about_action(content: dict[str, Any]) -> str:
    if not content["history"]:
        return ""
    last, now = content["history"][-1], content["confirmed"]
    chosen = next((each for each in content["activities"] if each["sid"] == last["action"].get("activity")), None)
    if chosen is None:
        return last["said"]
    chose = f"You chose {chosen['name']} at {last['at']}"
    if last["outcome"] == "pending":
        return f"{chose}: asking TaskRouter …"
    if last["outcome"] == "refused":
        still = f"{content['name']} stays {now['name']}. " if now else ""
        return f"{chose}. {last['said']} {still}Put that right, then choose again."
    if now and now["sid"] != chosen["sid"]:
        then = "TaskRouter then moved" if content["was_moved"] else "Since then something else has moved"
        return f"{chose}: done. {then} {content['name']} to {now['name']}."
    return f"{chose}: done."
