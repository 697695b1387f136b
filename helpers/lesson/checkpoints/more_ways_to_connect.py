"""The checkpoints of notebook 05b: an agent who is not reached, and call, redirect, conference and supervise."""

from __future__ import annotations

from typing import Any

from twilio.rest import Client

from helpers.connection.instances import CallInstance
from helpers.connection.json_text import as_object
from helpers.connection.vocabulary import UNANSWERED_CALL_STATUSES
from helpers.lesson.checkpoints.acceptance import describe_busy_alice, find_acceptance
from helpers.lesson.checkpoints.agent_call_causes import (
    GIVE_BACK,
    explain_accepted,
    explain_call,
    explain_details,
    explain_reserved,
    explain_waiting,
    require_connected,
)
from helpers.lesson.checkpoints.call_scene import HANG_UP, NOT_REACHED, PLAY_AGAIN, CallScene, find_call
from helpers.lesson.checkpoints.callback_causes import open_reservation
from helpers.lesson.checkpoints.document_causes import explain_caller_document
from helpers.lesson.checkpoints.framework import NotRight, NotYet
from helpers.lesson.checkpoints.lookups import get_worker
from helpers.lesson.checkpoints.needs import checkpoint
from helpers.lesson.checkpoints.older_calls import of_newest_app

LESSON = "05b"

BUSY = 'alice_phone.when_called("busy")'
DEQUEUE = "server = serve_with(lambda: dequeue)"
CALL = """\
def assignment_callback(ReservationSid: str = Form()):
    url = f"{public_url}/before_the_talk?reservation_sid={ReservationSid}"
    return {"instruction": "call", "from": number.phone_number, "url": url}


server = serve_with(assignment_callback, before_the_talk=before_the_talk)"""
REDIRECT = """\
def assignment_callback(TaskAttributes: str = Form()):
    call_sid = json.loads(TaskAttributes)["call_sid"]
    url = f"{public_url}/to_alice"
    return {"instruction": "redirect", "call_sid": call_sid, "url": url, "accept": True}


server = serve_with(assignment_callback, to_alice=to_alice)"""
CONFERENCE = """\
def assignment_callback():
    return {
        "instruction": "conference",
        "from": number.phone_number,
        "end_conference_on_exit": True,
        "end_conference_on_customer_exit": True,
    }


server = serve_with(assignment_callback)"""
SUPERVISE = """\
for task in workspace.tasks.list(assignment_status="assigned"):
    for reservation in task.reservations.list(reservation_status="accepted"):
        reservation.update(instruction="supervise", supervisor=bob.sid, supervisor_mode="monitor")"""
PLAY = "Reset the lesson, call, press 1, click Idle, and answer Alice's phone."
of_this_app = of_newest_app(LESSON, PLAY, PLAY_AGAIN)


@checkpoint(
    "Alice cannot be reached",
    hints=("On Alice's phone, under *When it is called*, choose *it is busy*.", PLAY.replace(", and answer", ", not")),
    solution=DEQUEUE,
)
@of_this_app
def not_reached(client: Client) -> str:
    """Check that the call to Alice has failed, and her reservation is still pending."""
    scene = find_call(client, DEQUEUE, LESSON)
    past, status = scene.reservations(), scene.task.assignment_status
    if status == "pending" and past and past[-1].reservation_status == "rejected":
        return "The call to Alice failed, and her reservation has been rejected since."
    if status == "pending":
        raise explain_waiting(scene)
    if status != "reserved":
        _require_answered(scene)
        raise NotRight(
            "Alice's phone was answered, and this part is about a phone that is not.",
            hints=("Choose *it is busy* on Alice's phone before you call.", scene.again),
            solution=f"{HANG_UP}\n{BUSY}",
        )
    reservation, outcome = open_reservation(scene)
    call = scene.agent_call(reservation)
    if outcome.instruction != "dequeue" or call is None or call.status in UNANSWERED_CALL_STATUSES:
        raise explain_reserved(scene, "dequeue")
    ending = NOT_REACHED.get(call.status)
    if ending is None:
        raise explain_call(scene, call)
    alice = get_worker(scene.workspace, "Alice").activity_name
    return f"Alice's phone {ending.what}. The reservation is still pending, Alice is {alice}, and the caller waits."


@checkpoint(
    "The task is given back",
    hints=(
        'Reject the reservation: `reservation.update(reservation_status="rejected", ...)`.',
        "`worker_activity_sid` says where Alice is then: a SID, such as `offline`.",
    ),
    solution=GIVE_BACK,
)
@of_this_app
def given_back(client: Client) -> str:
    """Check that the reservation was rejected, Alice is not available, and the caller waits for somebody else."""
    scene = find_call(client, DEQUEUE, LESSON)
    past, status = scene.reservations(), scene.task.assignment_status
    rejected = [one for one in past if one.reservation_status == "rejected"]
    alice = get_worker(scene.workspace, "Alice")
    if rejected and (status == "reserved" or alice.available):
        raise NotRight(
            f"the reservation was rejected, but Alice was available again, so the task came back to her: it has had "
            f"{len(past)} reservations.",
            hints=(
                "Without `worker_activity_sid` a worker goes back to the activity she had before, here Idle.",
                "`worker_activity_sid=offline` sends her Offline.",
            ),
            solution=GIVE_BACK,
        )
    if status == "reserved":
        raise NotYet("the reservation is still pending: nobody has rejected it.")
    if status != "pending":
        _require_answered(scene)
        raise NotRight(
            f"the task is {status}: Alice has answered after all.",
            hints=("Choose *it is busy* on her phone, and begin this part once more.", scene.again),
            solution=f"{HANG_UP}\n{BUSY}",
        )
    if not rejected:
        raise explain_waiting(scene)
    return f"The task is pending again and keeps its place, the caller waits on, and Alice is {alice.activity_name}."


def _require_answered(scene: CallScene) -> None:
    """Raise NotRight when the reservation was accepted, and not because Alice's phone was answered."""
    acceptance = find_acceptance(scene)
    if acceptance is not None and (cause := explain_accepted(scene, acceptance, "dequeue")):
        raise cause


@checkpoint("Connected by `call`", hints=(PLAY,), solution=CALL)
@of_this_app
def connected_by_call(client: Client) -> str:
    """Check that Alice has heard the document, and its `Queue` has connected her."""
    scene = find_call(client, CALL, LESSON)
    _, outcome = require_connected(scene, "call")
    if cause := explain_details(scene, outcome):
        raise cause
    if scene.task.assignment_status != "assigned":
        return f"Alice has heard your document and talked with the caller; the task is {scene.task.assignment_status}."
    return f"Alice has heard your document, and talks with the caller. Alice {describe_busy_alice(scene)}."


@checkpoint("Redirected", hints=(PLAY,), solution=REDIRECT)
@of_this_app
def redirected(client: Client) -> str:
    """Check that the caller's call runs the document, and has reached Alice by it."""
    scene = find_call(client, REDIRECT, LESSON)
    _, outcome = require_connected(scene, "redirect")
    if cause := explain_details(scene, outcome):
        raise cause
    call = explain_caller_document(scene)
    if call.status == "in-progress":
        return "The caller talks with Alice, by a document of yours. The task is assigned."
    status = scene.task.assignment_status
    left = ", and waits for your program to complete it" if status == "assigned" else ""
    return f"The caller has talked with Alice. The task is {status}{left}."


@checkpoint("In a conference", hints=(PLAY,), solution=CONFERENCE)
@of_this_app
def in_conference(client: Client) -> str:
    """Check that both are in a room that ends with either of them."""
    scene = find_call(client, CONFERENCE, LESSON)
    _, outcome = require_connected(scene, "conference")
    if cause := explain_details(scene, outcome):
        raise cause
    if outcome.kind == "carried-out":
        ends = {
            "end_conference_on_exit": "when Alice hangs up, the caller stays alone in the room",
            "end_conference_on_customer_exit": "when the caller hangs up, Alice stays alone in the room",
        }
        for key, otherwise in ends.items():
            if str(outcome.said.get(key, "")).lower() != "true":
                raise NotRight(
                    f"your answer has no `{key}` that is `True`, so {otherwise}.",
                    hints=("A room goes on while somebody is in it.", f"Add the key. {scene.again}"),
                    solution=scene.app,
                )
    status, people = scene.task.assignment_status, _participants(scene)
    if status != "assigned" or not people:
        return f"They have met in a room, which is over; the task is {status}."
    return f"{_count(people)} are in the room. The task is assigned, and Alice {describe_busy_alice(scene)}."


@checkpoint(
    "Bob listens in",
    hints=("Run the cell above while caller and Alice are in their room, and answer Bob's phone.",),
    solution=SUPERVISE,
)
@of_this_app
def listens_in(client: Client) -> str:
    """Check that a third call is in the room, and nobody hears it."""
    scene = find_call(client, CONFERENCE, LESSON)
    require_connected(scene, "conference")
    people = _participants(scene)
    if not people:
        raise NotYet(
            "the room of the last call is over. Play the part before once more, and do not hang up.",
            hints=(scene.again,),
            solution=CONFERENCE,
        )
    written = as_object(get_worker(scene.workspace, "Bob").attributes).get("contact_uri")
    bob = written if isinstance(written, str) else ""
    calls = [client.calls(one.call_sid).fetch() for one in people]
    bobs = next((one for one, call in zip(people, calls, strict=True) if call.to == bob), None)
    if bobs is None or bobs.status != "connected":
        raise _bob_is_missing(client, scene, bob)
    if not bobs.muted or bobs.coaching:
        heard = "Alice hears him" if bobs.coaching else "everybody hears him"
        raise NotRight(
            f"Bob is in the room, and {heard}: that is not the mode `monitor`.",
            hints=("He hangs up first, then you run the cell with `supervisor_mode` `monitor`.",),
            solution=f'client.calls("{bobs.call_sid}").update(status="completed")\n{SUPERVISE}',
        )
    return f"{_count(people)} are in the room, and nobody hears Bob."


def _bob_is_missing(client: Client, scene: CallScene, address: str) -> NotYet | NotRight:
    since = scene.reservations()[-1].date_created
    placed: list[CallInstance] = client.calls.list(to=address, limit=1) if address else []
    if not placed or placed[0].date_created < since:
        return NotYet("nobody has called Bob yet. Run the cell above.")
    if placed[0].status in UNANSWERED_CALL_STATUSES:
        return NotYet(f"Bob's phone rings ({address}): answer it.", hints=("Press *Answer* on Bob's phone.",))
    if placed[0].status in NOT_REACHED:
        what = NOT_REACHED[placed[0].status].what
        return NotRight(
            f"Bob's phone ({address}) {what}.",
            hints=("Choose *I answer* on Bob's phone. Then run the cell above once more.",),
            solution=SUPERVISE,
        )
    return NotYet("Bob has hung up. Run the cell above once more, and answer his phone.")


def _participants(scene: CallScene) -> list[Any]:
    """List who is in the room that the task names; nobody once it is over (voice.md §5.2)."""
    room = as_object(scene.task.attributes).get("conference")
    sid = room.get("sid") if isinstance(room, dict) else None
    return scene.client.conferences(sid).participants.list() if sid else []


def _count(people: list[Any]) -> str:
    return {2: "Two", 3: "Three"}.get(len(people), str(len(people)))
