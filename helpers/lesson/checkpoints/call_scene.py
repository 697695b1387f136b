"""What the checkpoints about phone calls look at: who called, the task of that call, and whose phone rings for it.

Everything is read over REST, from the calls of the account and the tasks of the workspace, in the sandbox as live.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from urllib.parse import urlsplit

from twilio.rest import Client

from helpers.connection.instances import CallInstance, IncomingPhoneNumberInstance, ReservationInstance, TaskInstance
from helpers.connection.json_text import as_object
from helpers.lesson.checkpoints.acceptance import worker_call_sid
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet
from helpers.lesson.checkpoints.lookups import get_worker, get_workspace
from helpers.lesson.checkpoints.scene import Scene
from helpers.sandbox_tools import debugger

VOICE_PATH = "/incoming_call"
CALL_AGAIN = "Then run the cell that resets the lesson, call once more, press 1, and click Idle."
SET_VOICE_URL = 'number = number.update(voice_url=f"{public_url}/incoming_call")'
HANG_UP = """\
for ends in ({"to": number.phone_number}, {"from_": number.phone_number}):
    for call in client.calls.list(status="in-progress", **ends):
        call.update(status="completed")"""
NOT_ANSWERED = ("queued", "ringing")
"""Statuses of a call that somebody may still answer (voice.md §1.1)."""


class Ending(NamedTuple):
    """What it means that the agent's call has ended so. what: half a sentence; hint: what to do at the phone."""

    what: str
    hint: str


UNANSWERED = {
    "busy": Ending("was busy, or the call was rejected", "On Alice's phone, choose *I answer*, and answer it."),
    "no-answer": Ending("rang, and nobody answered in time", "Answer Alice's phone while it rings."),
    "failed": Ending("could not be reached", "Is `contact_uri` the address of a phone, and may it be reached?"),
    "canceled": Ending("rang until the call was given up", "The caller hung up, or the reservation was over."),
}
"""The final statuses of a call that nobody has answered (voice.md §1.1)."""


@dataclass(frozen=True, kw_only=True)
class CallScene(Scene):
    """A scene whose task was made by a call. caller: that call."""

    caller: CallInstance

    @property
    def waits(self) -> bool:
        """True while the caller has neither hung up nor been hung up on."""
        return self.caller.status == "in-progress"

    @cached_property
    def contact_uri(self) -> str:
        """The address of Alice's phone; empty when she has none."""
        return str(as_object(get_worker(self.workspace, "Alice").attributes).get("contact_uri") or "")

    def agent_call(self, reservation: ReservationInstance) -> CallInstance | None:
        """Find the call to the worker that was placed for this reservation; None when there is none yet.

        The task names the call of dequeue and call, and that of a conference once it has come about; a conference that
        is being set up has only the call itself (voice.md §4.1).
        """
        sid = worker_call_sid(self.task)
        named = self.client.calls(sid).fetch() if sid else None
        since = reservation.date_created
        if named is not None and named.date_created >= since:
            return named
        placed = self.client.calls.list(limit=20)
        return next((one for one in placed if one.direction == "outbound-api" and one.date_created >= since), None)


def get_number(client: Client) -> IncomingPhoneNumberInstance:
    """Give the number of the account that leads to the lessons' app. Raises NotYet when none does."""
    numbers: list[IncomingPhoneNumberInstance] = client.incoming_phone_numbers.list()
    for number in numbers:
        if urlsplit(number.voice_url or "").path == VOICE_PATH:
            return number
    known = ", ".join(f"{one.phone_number} has {one.voice_url or 'none'}" for one in numbers) or "there is no number"
    raise NotYet(
        f"no number of this account has a `voice_url` with the path `{VOICE_PATH}` ({known}).",
        hints=("The number has to know which app answers its calls.", "Run the cell that sets `voice_url`."),
        solution=SET_VOICE_URL,
    )


def find_call(client: Client, app: str = "") -> CallScene:
    """Find the newest call to the lessons' number, and the task that it has become.

    app: as of a `Scene`. Raises NotYet or NotRight when nobody has called, the call has made no task, or its task was
    canceled.
    """
    workspace, number = get_workspace(client), get_number(client)
    calls: list[CallInstance] = client.calls.list(to=number.phone_number, limit=10)  # the newest first: voice.md §5.3
    caller = next((one for one in calls if one.direction == "inbound"), None)
    if caller is None:
        raise NotYet(
            f"nobody has called {number.phone_number} yet.",
            hints=("Press *Call* on the caller's phone, listen, and press 1.",),
        )
    task = next((one for one in workspace.tasks.list() if _call_sid(one) == caller.sid), None)
    if task is None:
        raise _without_task(client, caller)
    scene = CallScene(client, workspace, task, app, CALL_AGAIN, caller=caller)
    if task.assignment_status == "canceled":
        raise _canceled(scene)
    return scene


def _call_sid(task: TaskInstance) -> str:
    return str(as_object(task.attributes).get("call_sid", ""))


def _without_task(client: Client, caller: CallInstance) -> Unmet:
    """Say why a call has no task."""
    if caller.status in NOT_ANSWERED:
        return NotYet(
            "your app is being asked what to do with the call. Run this cell again.", hints=("Wait a moment.",)
        )
    alert = alert_of(client, caller.sid)
    if alert is not None:
        return NotRight(
            f"the call has made no task: {alert}.",
            hints=(
                "The app's answers to `/incoming_call` and `/enqueue_call` make the task; notebook 04 is about them.",
                f"Run the two cells with these routes again, and those after them. {CALL_AGAIN}",
            ),
        )
    if caller.status == "in-progress":
        return NotYet(
            "the caller hears the menu. Press 1 on the caller's phone.",
            hints=("Without a key the menu ends after a while, and so does the call.",),
        )
    return NotYet(
        f"the call is over ({caller.status}), and has no task: nobody pressed a key, or the task is gone.",
        hints=("Call once more, and press 1.", "A finished task disappears after five minutes."),
    )


def _canceled(scene: CallScene) -> Unmet:
    """Say why the task of a call was canceled (voice.md §3.4)."""
    reason = scene.task.reason or "no reason given"
    if reason == "hangup" or (reason == "no reason given" and not scene.waits):
        return NotYet(
            "the caller hung up before anybody answered, so TaskRouter canceled the task.",
            hints=(f"Nothing is broken: a caller may give up. {CALL_AGAIN}",),
        )
    goes_on = ", and the caller still hears the music: nobody tells them" if scene.waits else ""
    return NotRight(
        f"the task was canceled ({reason}){goes_on}.",
        hints=(
            "A task ends when its time is over, when the workflow has no further step, or by a request. The call does "
            "not end with it.",
            scene.again,
        ),
        solution=HANG_UP,
    )


def alert_of(client: Client, sid: str) -> str | None:
    """Give the newest alert about a call in words, with its code; None when there is none."""
    alert = next((one for one in debugger.alerts(client) if sid in one["more"].values()), None)
    return None if alert is None else f"{_lower(alert['text'])} (error {alert['code']})"


def _lower(text: str) -> str:
    text = text.rstrip(".")
    return text if text[:2].isupper() or text.startswith("http") else text[:1].lower() + text[1:]
