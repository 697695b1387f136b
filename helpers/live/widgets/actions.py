"""Do what the browser asks for: each action is one call, written as a learner would write it, and then made.

The way of a click:

1. The browser sends {"kind": "action", "id": ..., "action": {"type": ..., ...}}; `_on_message` receives it, on the
   thread that the kernel chose, and passes it to `_handle_message`.
2. `_start_action` has `_action` make an `Action` of it. LessonError refuses it, and steps 4 and 5 are left out.
3. `_publish` adds it to `history` and queues {"kind": "ack", "id": ..., "outcome": "pending"} (or "refused").
4. On the feed's thread, after the actions before it, `_perform_action` makes the call, and the model takes over what
   was answered.
5. `_publish` changes the entry in `history` and queues the second ack, with the outcome "done" or "refused".
6. On the render thread, `draw` sets the state and only then sends the acks: what an action has changed is drawn
   before.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypedDict

from twilio.rest.taskrouter.v1.workspace import WorkspaceContext

from helpers.connection.rest_log import on_behalf_of
from helpers.errors import LessonError
from helpers.live.feed.model import Model
from helpers.live.feed.rest_reader import put_worker
from helpers.live.widgets.text import NEXT_STEPS, clock, with_next_step
from helpers.live.widgets.workspace_view import F, FeedView

HISTORY_KEPT = 6
"""Actions that are over and still shown, the newest."""


@dataclass(frozen=True)
class Action:
    """One thing that a control does.

    code: Python text, ready to be pasted into a cell that has `client`; run: does it and says in words what came of it;
    who: whose call it is, "worker" or "you".
    """

    code: str
    run: Callable[[], str]
    who: str = "you"


class HistoryEntry(TypedDict):
    """An action as the browser is told of it.

    id: the browser's own, or "" for one of a cell; action: what was asked for; at: time of day; outcome: "pending",
    "done" or "refused"; said: what came of it; ms: milliseconds that it took.
    """

    id: str
    action: dict[str, Any]
    at: str
    code: str
    outcome: str
    said: str
    ms: int


class ActionView(FeedView[F]):
    """A live view with controls. `state` has the `history` of what they did, the newest last."""

    next_steps: ClassVar[dict[int, str]] = NEXT_STEPS
    """What to do about a call that was refused, by its status."""

    def __init__(self, title: str, **content: object) -> None:
        self._acks: list[dict[str, str]] = []
        super().__init__(title, history=[], **content)

    def _action(self, asked: dict[str, Any]) -> Action:
        """Make the action that the browser asks for; raises LessonError for what makes no sense. To be overridden."""
        raise NotImplementedError

    def _handle_message(self, content: dict[str, Any]) -> None:
        if content.get("kind") != "action":
            raise LessonError(f"This view does not know what {content.get('kind')!r} means; reload the page.")
        self._start_action(content["action"], str(content.get("id", "")))

    def _start_action(self, asked: dict[str, Any], action_id: str = "") -> None:
        """Begin an action; the feed's thread makes its call, after those before it."""
        at = clock(datetime.now().astimezone() + timedelta(seconds=self.feed.ahead))
        entry = HistoryEntry(id=action_id, action=asked, at=at, code="", outcome="pending", said="", ms=0)
        action = None
        try:
            if self._content["gone"]:
                raise LessonError(self._content["trouble"])
            action = self._action(asked)
            entry["code"] = action.code
        except LessonError as error:
            entry["outcome"], entry["said"] = "refused", str(error)
        with self._lock:
            self._publish([*self._content["history"], entry], entry)
        if action is not None:
            self.feed.do(lambda: self._perform_action(action, entry))

    def _perform_action(self, action: Action, entry: HistoryEntry) -> None:
        """Make the call and keep what came of it; on the feed's thread."""
        began = time.perf_counter()
        try:
            with on_behalf_of(action.who):
                outcome, said = "done", action.run()
        except Exception as error:
            outcome, said = "refused", with_next_step(error, self.next_steps)
        self.on_events([])  # what the answer has told is drawn with it
        ended = entry.copy()
        ended["outcome"], ended["said"], ended["ms"] = outcome, said, round((time.perf_counter() - began) * 1000)
        with self._lock:
            self._publish([ended if each is entry else each for each in self._content["history"]], ended)

    def _publish(self, history: list[HistoryEntry], entry: HistoryEntry) -> None:
        """Have the history drawn, and queue an ack of what has become of one action."""
        self._acks.append({"kind": "ack", "id": entry["id"], "outcome": entry["outcome"]})
        self._post(history=_newest(history))

    def draw(self, value: dict) -> None:
        """Set the state, then send the acks; on the render thread."""
        super().draw(value)
        with self._lock:
            acks, self._acks = self._acks, []
        for ack in acks:
            self.send(ack)


def _newest(history: list[HistoryEntry]) -> list[HistoryEntry]:
    """Keep the newest actions, and all that are not answered yet: a control waits for its own."""
    settled = [each for each in history if each["outcome"] != "pending"]
    surplus = settled[: max(0, min(len(settled), len(history) - HISTORY_KEPT))]
    return [each for each in history if not any(each is one for one in surplus)]


def required(asked: Mapping[str, Any], *names: str) -> tuple[Any, ...]:
    """Take what an action needs out of what was asked; raises LessonError when something is missing."""
    for name in names:
        if name not in asked:
            raise LessonError(f"This control did not say which {name!r} it means; reload the page.")
    return tuple(asked[name] for name in names)


def workspace_code(workspace_sid: str) -> str:
    """Write the first line of the code of an action in a workspace."""
    return f'workspace = client.taskrouter.v1.workspaces("{workspace_sid}")\n'


def set_activity(asked: Mapping[str, Any], place: WorkspaceContext, workspace_sid: str, model: Model) -> Action:
    """Set a worker's activity."""
    worker, activity = required(asked, "worker", "activity")
    name = model.workers.get(worker, {}).get("name", worker)
    wanted = model.activities.get(activity, {}).get("name", activity)

    def run() -> str:
        at = model.newest
        updated = place.workers(worker).update(activity_sid=activity)
        put_worker(model, updated, at)
        return f"TaskRouter answers: {name} is {updated.activity_name}."

    said = " ".join(f"{name}: {wanted}".split())  # a name must not end the comment
    code = f'{workspace_code(workspace_sid)}# {said}\nworkspace.workers("{worker}").update(activity_sid="{activity}")'
    return Action(code, run, "worker")
