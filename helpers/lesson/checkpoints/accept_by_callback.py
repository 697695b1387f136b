"""The checkpoints of notebook 03: a callback that accepts."""

from __future__ import annotations

from urllib.parse import urlsplit

from twilio.rest import Client

from helpers.callback_server import public_addresses
from helpers.callback_server.other_kernels import other_kernel_at
from helpers.lesson.checkpoints.acceptance import (
    Acceptance,
    describe_busy_alice,
    describe_reserved_alice,
    find_acceptance,
)
from helpers.lesson.checkpoints.addresses import listens
from helpers.lesson.checkpoints.callback_causes import explain_answer, open_reservation, taken_over
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet
from helpers.lesson.checkpoints.lookups import get_workflow, get_workspace, is_live
from helpers.lesson.checkpoints.needs import checkpoint
from helpers.lesson.checkpoints.rejection_causes import (
    REJECTING_APP,
    find_english_scene,
    require_accepted,
    require_asked_about_bob,
    require_rejected,
)
from helpers.lesson.checkpoints.scene import CLICK_IDLE, ONCE_MORE, PATH, SERVE_AGAIN, SET_ADDRESS, Scene
from helpers.lesson.checkpoints.waiting_causes import find_offered

LESSON = "03"

EMPTY_ANSWER_APP = """app = FastAPI()
app.include_router(routes)


@app.post("/assignment_callback")
def assignment_callback():
    return {}


server = serve(app, port)"""
ACCEPTING_APP = EMPTY_ANSWER_APP.replace("return {}", 'return {"instruction": "accept"}')
ACCEPT = (
    'for reservation in task.reservations.list(reservation_status="pending"):\n'
    '    query = {"task_sid": task.sid, "reservation_sid": reservation.sid}\n'
    '    requests.get(f"{server.url}/accept_reservation", params=query, timeout=10)'
)


@checkpoint(
    "The callback address",
    hints=(
        "The workflow knows where to ask: its `assignment_callback_url`.",
        "The address is the public one of your server, and the path that your app answers.",
        '`f"{public_url}/assignment_callback"`.',
    ),
    solution=SET_ADDRESS,
)
def callback_url(client: Client) -> str:
    """Check that the workflow's callback address has the app's path, and a server that TaskRouter can reach."""
    url = get_workflow(get_workspace(client)).assignment_callback_url
    if not url:
        raise NotYet("the workflow has no `assignment_callback_url`, so TaskRouter asks no one.")
    parts = urlsplit(url)
    if parts.path != PATH:
        raise NotRight(f"the workflow calls {url}, but your app answers at the path `{PATH}`.")
    if is_live() and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        raise NotRight(f"live Twilio cannot reach {parts.hostname}: only `expose(server)` has the public address.")
    if other := other_kernel_at(url):
        raise taken_over(url, other)
    if is_live() and url.removesuffix(PATH) not in public_addresses.latest():
        raise NotRight(f"the workflow calls {url}, and `expose(server)` gave out another address: use `public_url`.")
    if not is_live() and not listens(parts.hostname, parts.port):
        raise NotRight(
            f"the workflow calls {url}, and no server listens there.",
            hints=("The server ends with the kernel. Run the cells from `serve` again.",),
            solution=SERVE_AGAIN,
        )
    return f"TaskRouter will ask {url} about every reservation."


@checkpoint(
    "An empty answer",
    hints=(
        "The task waits for somebody who speaks Spanish. Alice is the only one.",
        "Click Idle: TaskRouter reserves Alice and asks your server.",
        "The app that answers `{}` is the first one of this page.",
    ),
    solution=CLICK_IDLE,
)
def no_instruction(client: Client) -> str:
    """Check that the server was asked, gave no instruction, and so the task stays reserved."""
    scene = find_offered(client, LESSON, EMPTY_ANSWER_APP)
    if scene.task.assignment_status == "reserved":
        return _reserved_and_asked(scene)
    acceptance = find_acceptance(scene)
    if acceptance and acceptance.by == "callback":
        raise _accepts_already(scene, acceptance)
    return f"The reservation waited until somebody accepted it; the task is {scene.task.assignment_status} now."


def _reserved_and_asked(scene: Scene) -> str:
    reservation, outcome = open_reservation(scene)
    alice = describe_reserved_alice(scene)
    if outcome.kind == "empty" and outcome.elsewhere is None:
        return f"Your server was asked and gave no instruction. The task stays reserved, and Alice {alice}."
    raise explain_answer(scene, reservation, outcome)


def _accepts_already(scene: Scene, acceptance: Acceptance) -> Unmet:
    if not acceptance.outcome.is_ours:
        return explain_answer(scene, scene.reservations()[-1], acceptance.outcome)
    return NotRight(
        f"the answer of your server was {acceptance.outcome.quoted}: it accepted the reservation already."
        if acceptance.outcome.answer
        else f"the reservation was accepted after {acceptance.ms} ms, so your server accepts already.",
        hints=(
            "On this part of the page the app answers `{}`, so that you can accept by a request.",
            f"Run the cell with the first app of this page again. {ONCE_MORE}",
        ),
        solution=EMPTY_ANSWER_APP,
    )


@checkpoint(
    "Accepted on request",
    hints=(
        "Your app has a route for this: `GET /accept_reservation`.",
        "It needs `task_sid` and `reservation_sid`, and the callback brought both: see the log.",
        "The cell above sends the request for every reservation that is pending. Run it after the click.",
    ),
    solution=ACCEPT,
)
def accepted_by_request(client: Client) -> str:
    """Check that the task is assigned by a request, and Alice is Busy."""
    scene = find_offered(client, LESSON, EMPTY_ANSWER_APP)
    if scene.task.assignment_status == "reserved":
        _reserved_and_asked(scene)
        raise NotYet("the task is reserved for Alice and waits for a yes. Run the cell above.")
    acceptance = find_acceptance(scene)
    if acceptance and acceptance.by == "callback":
        raise _accepts_already(scene, acceptance)
    if scene.task.assignment_status == "completed":
        return "The task was assigned by a request, and is completed by now."
    return f"The task is {scene.task.assignment_status}, and Alice {describe_busy_alice(scene)}."


@checkpoint(
    "Accepted by callback",
    hints=(
        "The task waits for Alice, Alice waits for your click.",
        "The second app of this page is the one that accepts, once you have written its answer.",
        'The answer is `{"instruction": "accept"}`, as JSON, within five seconds.',
    ),
    solution=ACCEPTING_APP,
)
def accepted_by_callback(client: Client) -> str:
    """Check that the answer to the callback has accepted the task, and Alice is Busy."""
    scene = find_offered(client, LESSON, ACCEPTING_APP)
    if scene.task.assignment_status == "reserved":
        raise explain_answer(scene, *open_reservation(scene))
    acceptance = find_acceptance(scene)
    if acceptance and acceptance.by == "request":
        raise _accepted_by_hand(scene, acceptance)
    if acceptance and not acceptance.outcome.is_ours:
        raise explain_answer(scene, scene.reservations()[-1], acceptance.outcome)
    after = "" if acceptance is None or acceptance.ms is None else f" {acceptance.ms} ms after the reservation"
    if scene.task.assignment_status == "completed":
        return f"The task was assigned{after}, and is completed by now."
    said = "Your server accepted it." if acceptance and acceptance.by else "This kernel did not see who accepted it."
    return f"The task is {scene.task.assignment_status}{after}, and Alice {describe_busy_alice(scene)}. {said}"


def _accepted_by_hand(scene: Scene, acceptance: Acceptance) -> NotRight:
    took = "" if acceptance.ms is None else f" after {acceptance.ms / 1000:.1f} s"
    by_hand = f"the reservation was accepted{took} by a request, such as a cell's or the board's"
    outcome = acceptance.outcome
    server = outcome.elsewhere or "your server"
    if outcome.kind == "unknown":
        return NotRight(f"{by_hand}: a callback has five seconds.", hints=(ONCE_MORE,), solution=ACCEPTING_APP)
    if outcome.kind == "under-way":
        return NotRight(f"{by_hand}: {server} had not answered yet.", hints=(f"Wait for its answer. {ONCE_MORE}",))
    did = {
        "not-asked": "was not asked",
        "empty": f"answered {outcome.quoted}",
        "failed": f"gave no answer that counts ({outcome.why})",
    }.get(outcome.kind, f"answered {outcome.quoted}, and {outcome.why}")
    cause = explain_answer(scene, scene.reservations()[-1], outcome)
    return NotRight(f"{by_hand}. {server[0].upper()}{server[1:]} {did}.", hints=cause.hints, solution=cause.solution)


@checkpoint(
    "The next worker",
    hints=(
        "`WorkerSid` says whom TaskRouter has reserved. Compare it with `bob.sid`.",
        'For Bob the answer has two keys, `"instruction"` and `"activity_sid"`; for others it is the one of before.',
    ),
    solution=REJECTING_APP,
)
def next_worker(client: Client) -> str:
    """Check that the callback has rejected the English task for Bob, who left, and accepted it for the next one."""
    scene = find_english_scene(client)
    past = scene.reservations()
    bobs = require_asked_about_bob(scene, past)
    require_rejected(scene, bobs)
    name = require_accepted(scene, [one for one in past if one.worker_name != "Bob"])
    return f"TaskRouter asked about Bob, and your server rejected. {name} was next, and has the task now."
