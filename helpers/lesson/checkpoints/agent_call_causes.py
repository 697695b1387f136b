"""Why caller and agent are not connected: each cause in a sentence, with the hints and the code that mend it.

What became of the instruction decides. `REFUSED` has what to do for each code with which TaskRouter refuses one, and
`NOT_REACHED` what it means that the agent's call ended with this status. To add a cause, write its row or its branch,
and play it in `tests/notebooks`: `test_agent_call_causes.py`, or beside it where it lies in the answer or the phone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from helpers.connection.instances import CallInstance, ReservationInstance
from helpers.connection.vocabulary import UNANSWERED_CALL_STATUSES
from helpers.lesson.checkpoints.acceptance import Acceptance, find_acceptance
from helpers.lesson.checkpoints.answer_keys import explain_keys
from helpers.lesson.checkpoints.call_scene import NOT_REACHED, CallScene, Ending, rings
from helpers.lesson.checkpoints.callback_causes import explain_answer, open_reservation
from helpers.lesson.checkpoints.callback_outcome import CallbackOutcome
from helpers.lesson.checkpoints.document_causes import explain_agent_document
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet
from helpers.lesson.checkpoints.lookups import is_live
from helpers.lesson.checkpoints.scene import CLICK_IDLE
from helpers.lesson.checkpoints.waiting_causes import explain_pending

GIVE_CONTACT_URI = (
    'attributes = json.loads(alice.fetch().attributes) | {"contact_uri": "client:alice"}\n'
    "alice = alice.update(attributes=json.dumps(attributes))"
)
GIVE_BACK = """\
offline = team.activities["Offline"].sid
for reservation in alice.reservations.list(reservation_status="pending"):
    reservation.update(reservation_status="rejected", worker_activity_sid=offline)"""

SOON = timedelta(seconds=5)
"""So long after a reservation somebody is called, if anybody is."""

CANCELED = "so the reservation was canceled, and the task is offered again"

_FROM = "`from` is the number that the agent sees: one of the account's, such as `number.phone_number`."
_CONTACT = "Alice needs a phone: a `contact_uri` such as `client:alice` among her attributes."
_ACTIVITY = (
    "`post_work_activity_sid` is the SID of an activity of this workspace: `wrap_up.sid`, not its name. Where that was "
    "deleted, run the cell with `wrap_up` again."
)
_URL = "`url` is a whole address: `public_url` and the path of your route, in quotes with an `f` before them."
_CALL_SID = "The call's SID stands in the task's attributes, which the callback brings as `TaskAttributes`."

REFUSED = {
    40130: _ACTIVITY, 40139: _ACTIVITY, 40143: _ACTIVITY,
    40110: _CONTACT, 40131: _CONTACT, 40137: _CONTACT,
    40111: _FROM, 40132: _FROM, 40138: _FROM, 40141: _FROM,
    40112: _URL, 40120: _URL,
    40121: _CALL_SID,
}  # fmt: skip
"""What mends an instruction, by the code with which TaskRouter refuses it (behaviour.md §3.5)."""


def require_connected(scene: CallScene, instruction: str) -> tuple[ReservationInstance, CallbackOutcome]:
    """Give the reservation whose caller and agent were connected, and what came of its callback.

    instruction: what is to have connected them. Raises the cause when they were not.
    """
    status = scene.task.assignment_status
    if status == "pending":
        raise explain_waiting(scene)
    if status == "reserved":
        raise explain_reserved(scene, instruction)
    acceptance = find_acceptance(scene)
    if acceptance is None:
        raise NotYet("the task has just moved on. Run this cell again.", hints=("Wait a moment.",))
    if cause := explain_accepted(scene, acceptance, instruction):
        raise cause
    return scene.reservations()[-1], acceptance.outcome


def explain_waiting(scene: CallScene) -> Unmet:
    """Say why the task of a call is pending; what it gives is to be raised."""
    return _not_set_up(scene) or explain_pending(scene)


def explain_reserved(scene: CallScene, instruction: str) -> Unmet:
    """Say why the reservation of a call is still pending. instruction: what the lesson wants the answer to ask for."""
    newest = scene.reservations()[-1]
    if scene.outcome(newest).kind in ("not-asked", "under-way") and (cause := _not_set_up(scene)):
        return cause
    reservation, outcome = open_reservation(scene)
    if outcome.kind in ("refused", "carried-out") and outcome.by_app and (cause := explain_keys(scene, outcome)):
        return cause
    if outcome.kind == "refused":
        return _refused(scene, outcome)
    if outcome.kind == "unknown":
        return _without_record(scene, reservation) or explain_answer(scene, reservation, outcome)
    if outcome.kind != "carried-out" or not outcome.is_ours:
        return explain_answer(scene, reservation, outcome)
    if outcome.instruction != instruction:
        return other_instruction(scene, outcome, instruction)
    if instruction == "redirect":
        return _without_accept(scene)
    call = scene.agent_call(reservation)
    if call is None and is_live() and datetime.now(UTC) - reservation.date_created > SOON:
        return _called_nobody(scene, outcome)
    if call is None:
        return NotYet("TaskRouter is about to call Alice. Run this cell again.", hints=("Wait a moment.",))
    return explain_call(scene, call, instruction)


def explain_call(scene: CallScene, call: CallInstance, instruction: str = "dequeue") -> Unmet:
    """Say what becomes of a call to Alice while the reservation is pending. instruction: what has placed it."""
    if call.status in UNANSWERED_CALL_STATUSES:
        return rings(call)
    if call.status in NOT_REACHED:
        still = "and the reservation is still pending: the caller waits on"
        return _not_reached(scene, call, CANCELED if instruction == "conference" else still)
    if instruction == "call":
        return explain_agent_document(scene, call)
    return NotYet(
        f"Alice has answered ({call.to}), and is not connected with the caller yet. Run this cell again.",
        hints=("Wait a moment.", scene.again),
    )


def explain_accepted(scene: CallScene, acceptance: Acceptance, instruction: str) -> Unmet | None:
    """Say why an accepted reservation has connected nobody; None when it has. instruction: what the lesson wants."""
    outcome = acceptance.outcome
    if acceptance.by == "request":
        return NotRight(
            "the reservation was accepted by a request, such as a cell's or the board's: that calls nobody, and the "
            "caller goes on waiting.",
            hints=(f"With `{instruction}`, the answer to the phone accepts. Accept nothing by hand.", scene.again),
            solution=scene.app,
        )
    if outcome.kind == "carried-out" and outcome.instruction != instruction:
        return other_instruction(scene, outcome, instruction)
    if instruction == "call" and str(outcome.said.get("accept", "")).lower() == "true":
        return NotRight(
            "your answer has `accept`, so the reservation was accepted at once, and the `Queue` of your document could "
            "not accept it any more: Alice heard the document, and nobody else.",
            hints=("Leave `accept` away: `Queue` accepts when it connects the two.", scene.again),
            solution=scene.app,
        )
    return None


def other_instruction(scene: CallScene, outcome: CallbackOutcome, wanted: str) -> Unmet:
    """Say what came of an answer that asks for something else than the lesson does."""
    effect = {
        "accept": "so the task is assigned, and nobody has called Alice: the caller goes on waiting",
        "reject": "so the task goes back to its queue",
    }.get(outcome.instruction, f"and this part of the page is about `{wanted}`")
    return NotRight(
        f"your server answered {outcome.quoted}, {effect}.",
        hints=scene.app_hints(f"A task that is a call needs an instruction that connects it: `{wanted}`."),
        solution=scene.app,
    )


def explain_details(scene: CallScene, outcome: CallbackOutcome) -> Unmet | None:
    """Say what is wrong with an answer that has connected the two all the same; None when nothing is."""
    return explain_keys(scene, outcome) or _explain_from(scene, outcome)


def _explain_from(scene: CallScene, outcome: CallbackOutcome) -> Unmet | None:
    """Say that an answer calls from a number that the account does not have; live Twilio places no such call."""
    said = outcome.said.get("from")
    if is_live() or not said:
        return None
    numbers = [str(one.phone_number) for one in scene.client.incoming_phone_numbers.list()]
    if said in numbers:
        return None
    return NotRight(
        f"`from` is {said!r}, which is no number of this account ({', '.join(numbers)}). The sandbox has called all "
        "the same; live Twilio does not.",
        hints=(_FROM, f"Change the answer, and run its cell again. {scene.again}"),
        solution=scene.app,
    )


def _refused(scene: CallScene, outcome: CallbackOutcome) -> Unmet:
    hint = REFUSED.get(outcome.code or 0, "Compare the answer letter by letter with what the page describes.")
    elsewhere = hint is _CONTACT
    change = "Run the cell that gives her one." if elsewhere else "Change the answer, and run its cell again."
    return NotRight(
        f"your server answered {outcome.quoted}, and TaskRouter refused it: {outcome.why}.",
        hints=(hint, f"{change} {scene.again}"),
        solution=GIVE_CONTACT_URI if elsewhere else scene.app,
    )


def _without_accept(scene: CallScene) -> Unmet:
    return NotRight(
        "the caller is on the way to your document, and the reservation is still pending: your answer has no `accept` "
        "that is `True`.",
        hints=(
            "After `redirect` nothing else accepts. Without it the reservation times out while the two talk.",
            f'Add `"accept": True`. {scene.again}',
        ),
        solution=scene.app,
    )


def _not_set_up(scene: CallScene) -> Unmet | None:
    """Say that a conference came to nothing, which cancels the reservation (voice.md §4.5)."""
    canceled = [one for one in scene.reservations() if one.reservation_status == "canceled"]
    if not canceled or scene.outcome(canceled[-1]).kind != "carried-out":
        return None
    call = scene.agent_call(canceled[-1])
    return _not_reached(scene, call, CANCELED) if call is not None and call.status in NOT_REACHED else None


def _called_nobody(scene: CallScene, outcome: CallbackOutcome) -> Unmet:
    """Say that nobody was called; why, live Twilio tells in its Console only (behaviour.md §3.5)."""
    return NotRight(
        f"your server answered {outcome.quoted}, and nobody was called: Twilio has refused it.",
        hints=(
            "Twilio's Console shows under Monitor, Errors, what was wrong. The code says which key.",
            f"{_CONTACT} {_FROM}",
            _ACTIVITY,
        ),
        solution=scene.app,
    )


def _without_record(scene: CallScene, reservation: ReservationInstance) -> Unmet | None:
    call = scene.agent_call(reservation)
    return explain_call(scene, call) if call is not None else None


def _not_reached(scene: CallScene, call: CallInstance, state: str) -> Unmet:
    ending = NOT_REACHED.get(call.status, Ending(f"ended as {call.status}", "Look at Alice's phone."))
    if call.status == "busy" and (others := scene.client.calls.list(to=call.to, status="in-progress", limit=1)):
        return NotRight(
            f"Alice's phone ({call.to}) was busy with an earlier call, {state}.",
            hints=("Hang up the earlier call on Alice's phone, and reject the reservation. Then click Idle.",),
            solution=f'client.calls("{others[0].sid}").update(status="completed")\n{GIVE_BACK}\n{CLICK_IDLE}',
        )
    return NotRight(
        f"Alice's phone ({call.to}) {ending.what}, {state}.",
        hints=(
            ending.hint,
            "Reject the reservation, so that the task is offered again. Then click Idle, and answer the phone.",
        ),
        solution=f"{GIVE_BACK}\n{CLICK_IDLE}",
    )
