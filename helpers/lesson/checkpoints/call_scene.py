"""What the checkpoints about phone calls look at: who called, the task of that call, and whose phone rings for it.

Everything is read over REST, from the calls of the account and the tasks of the workspace, in the sandbox as live.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from twilio.rest import Client

from helpers.connection.instances import CallInstance, ReservationInstance
from helpers.lesson.checkpoints.acceptance import worker_call_sid
from helpers.lesson.checkpoints.call_causes import ExerciseCall, explain_call
from helpers.lesson.checkpoints.call_record import find_record
from helpers.lesson.checkpoints.call_solutions import ENQUEUE_CALL, INCOMING_CALL, TASK
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet
from helpers.lesson.checkpoints.lookups import get_workspace
from helpers.lesson.checkpoints.scene import Scene
from helpers.sandbox_tools import debugger

CALL_AGAIN = "Then run the cell that resets the lesson, call once more, press 1, and click Idle."
MENU_AND_QUEUE = "\n\n\n".join(
    (
        INCOMING_CALL.replace("timeout=5", "timeout=60"),
        ENQUEUE_CALL.replace("workflow.sid", "team.workflow.sid"),
    )
)
"""The two functions of notebook 04, as notebooks 05 and 05b have them, but for the number of the lesson."""
HANG_UP = """\
for ends in ({"to": number.phone_number}, {"from_": number.phone_number}):
    for call in client.calls.list(status="in-progress", **ends):
        call.update(status="completed")"""
PLAY_AGAIN = f"{HANG_UP}\nteam.clear_stage()\ncaller_phone.dial()"


class Ending(NamedTuple):
    """What it means that the agent's call has ended so. what: half a sentence; hint: what to do at the phone."""

    what: str
    hint: str


NOT_REACHED = {
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


def find_call(client: Client, app: str, lesson: str = "05") -> CallScene:
    """Find the newest call of a lesson, and the task that it has become.

    app: as of a `Scene`; lesson: "05" or "05b". Raises NotYet or NotRight when nobody
    has called, the call has made no task, or its task was canceled.
    """
    workspace, record = get_workspace(client), find_record(client, lesson)
    if record.task is None:
        functions = MENU_AND_QUEUE.replace('"04"', f'"{lesson}"')
        raise explain_call(ExerciseCall(record, TASK, f"{functions}\n\n\n{app}"))
    scene = CallScene(client, workspace, record.task, app, CALL_AGAIN, caller=record.call)
    if scene.task.assignment_status == "canceled":
        raise _canceled(scene)
    return scene


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


def rings(call: CallInstance) -> NotYet:
    """Say that Alice's phone rings."""
    return NotYet(
        f"a phone rings for Alice ({call.to}): answer it.",
        hints=(
            "Press *Answer* on Alice's phone. It rings for a minute, unless the instruction has a `timeout`.",
            "No mouse at hand? The solution does the same.",
        ),
        solution="alice_phone.answer()",
    )


def alert_of(client: Client, sid: str) -> str | None:
    """Give the newest alert about a call in words, with its code; None when there is none."""
    alert = next((one for one in debugger.alerts(client) if sid in one["more"].values()), None)
    return None if alert is None else f"{_lower(alert['text'])} (error {alert['code']})"


def _lower(text: str) -> str:
    text = text.rstrip(".")
    return text if text[:2].isupper() or text.startswith("http") else text[:1].lower() + text[1:]
