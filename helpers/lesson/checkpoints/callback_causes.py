"""Why a callback has not accepted: each cause in a sentence, with the hints and the code that mend it.

What came of asking, a `CallbackOutcome`, decides: `explain_answer` has a branch for each kind of it, and
`HINT_BY_STATUS` a hint for each status of an answer that does not count. To add a cause, write its branch or its hint,
and play it in `tests/notebooks/test_callback_causes.py`.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from helpers.callback_server.other_kernels import leads_to
from helpers.callback_server.server import servers
from helpers.connection.instances import ReservationInstance
from helpers.connection.json_text import as_json
from helpers.lesson.checkpoints.callback_outcome import CallbackOutcome
from helpers.lesson.checkpoints.framework import NotRight, NotYet, Unmet
from helpers.lesson.checkpoints.handler_errors import OF_A_CALLBACK, RETURNS_NOTHING, explain_missing, hint_of_error
from helpers.lesson.checkpoints.lookups import get_workflow
from helpers.lesson.checkpoints.scene import NO_ADDRESS, PATH, SERVE_AGAIN, SET_ADDRESS, Scene

HINT_BY_STATUS = {
    200: "The answer must be JSON. FastAPI makes it JSON when the handler returns a dictionary.",
    403: "A route with `only_here` is for this machine. Put the callback on `app`, not on `routes`.",
    404: f'The app has no route for this path. It needs `@app.post("{PATH}")`.',
    405: "TaskRouter sends a POST, so the route is made with `@app.post`.",
}
LETTER_BY_LETTER = "Compare the answer letter by letter with the one that the page shows."
NOT_A_DICTIONARY = (
    "An answer is a dictionary, with keys and values. Return it as it is, without `json.dumps`: FastAPI makes JSON "
    "of it."
)
TWO_ON_ONE = "Two kernels work in one workspace, and a workflow has one callback address: whoever sets it last has it."
OTHER_STATUS = "An exception in the app: `server.log` tells which, and in which line."


def open_reservation(scene: Scene) -> tuple[ReservationInstance, CallbackOutcome]:
    """Give the task's pending reservation, and what came of asking about it.

    Raises NotRight when it repeats one that the callback has brought to nothing, and NotYet when there is none.
    """
    past = scene.reservations()
    if not past or past[-1].reservation_status != "pending":
        raise moved_on()
    outcome = scene.outcome(past[-1])
    if outcome.kind == "under-way" and (repeated := explain_return(scene, past)):
        raise repeated
    return past[-1], outcome


def moved_on() -> NotYet:
    """Say that the task is on its way to another state just now."""
    return NotYet("the task has just moved on. Run this cell again.", hints=("Wait a moment.",))


def explain_return(scene: Scene, past: list[ReservationInstance]) -> Unmet | None:
    """Say why the callback has sent the task back to its queue, from its reservations so far, the newest last.

    None when it did not: there has been no such reservation, or the last one was rejected by a request.
    """
    ended = [one for one in past if one.reservation_status in ("canceled", "rejected")]
    if not ended:
        return None
    if ended[-1].reservation_status == "canceled":
        return explain_canceled(scene, past)
    outcome = scene.outcome(ended[-1])
    if outcome.kind != "carried-out":
        return None
    if outcome.elsewhere:
        return _answered_elsewhere(scene, outcome)
    if not outcome.by_app:
        return _board_answered(scene, outcome)
    return NotRight(
        f"your server answered {outcome.quoted}, so the task went back to its queue.",
        hints=scene.app_hints("This page wants another answer."),
        solution=scene.app or NO_ADDRESS,
    )


def explain_canceled(scene: Scene, past: list[ReservationInstance]) -> Unmet:
    """Say why the callback has failed for the newest reservation that was canceled (behaviour.md §3.2)."""
    canceled = [one for one in past if one.reservation_status == "canceled"]
    what = "the reservation" if len(canceled) == 1 else f"{len(canceled)} reservations"
    outcome = scene.outcome(canceled[-1])
    if outcome.elsewhere:
        return _answered_elsewhere(scene, outcome)
    if outcome.kind != "failed":
        why = outcome.why or "nobody answered at the workflow's callback address"
        return NotRight(
            f"TaskRouter canceled {what}: {why.rstrip('.')}.",
            hints=("Look at the answers in the board's Log, or in `server.log`.", scene.again),
        )
    return _served_elsewhere(scene) or _failed(f"TaskRouter canceled {what}", scene, outcome)


def explain_answer(scene: Scene, reservation: ReservationInstance, outcome: CallbackOutcome) -> Unmet:
    """Say why the callback has not accepted a reservation, from what came of asking about it."""
    name = reservation.worker_name
    if outcome.kind == "not-asked":
        return _nobody_asked(scene, name)
    if outcome.elsewhere:
        return _answered_elsewhere(scene, outcome)
    if not outcome.by_app:
        return _board_answered(scene, outcome)
    if elsewhere := _served_elsewhere(scene):
        return elsewhere
    if outcome.kind == "under-way":
        return NotYet("TaskRouter is asking your server just now. Run this cell again.", hints=("Wait a moment.",))
    if outcome.kind == "empty":
        return NotYet(
            f"the task is reserved for {name}, and your server answered {outcome.quoted}, without an instruction.",
            hints=scene.app_hints("An answer without an instruction leaves the reservation open."),
            solution=scene.app,
        )
    if outcome.kind in ("not-understood", "refused"):
        verdict = "TaskRouter refused it" if outcome.kind == "refused" else "TaskRouter ignored it"
        return NotRight(
            f"your server answered {outcome.quoted}, and {verdict}: {outcome.why}.",
            hints=scene.app_hints(_hint_of_answer(outcome.answer)),
            solution=scene.app,
        )
    if outcome.kind == "failed":
        past = scene.reservations()
        if any(one.sid == reservation.sid and one.reservation_status == "canceled" for one in past):
            return explain_canceled(scene, past)  # which TaskRouter did when the answer came, after the task was read
        return _failed(f"the task is reserved for {name}, and your server gave no answer that counts", scene, outcome)
    why = f" ({outcome.why})" if outcome.why else ""
    return NotRight(
        f"the task is reserved for {name}, and no answer of this notebook's server has accepted it{why}.",
        hints=(
            "Has the kernel been restarted? Run the cells from `serve` to the callback address again.",
            f"Twilio's Console shows under Monitor, Errors, what went wrong with a callback. {scene.again}",
        ),
        solution=SERVE_AGAIN,
    )


def _hint_of_answer(answer: str) -> str:
    """Give what there is to do about an answer that TaskRouter did not follow."""
    said = as_json(answer.strip())
    if said is None:
        return f"{RETURNS_NOTHING} A dictionary's `update` returns nothing, too."
    return LETTER_BY_LETTER if isinstance(said, dict) else NOT_A_DICTIONARY


def _board_answered(scene: Scene, outcome: CallbackOutcome) -> Unmet:
    return NotRight(
        f"the board answered {outcome.quoted} in the place of your app, as *Next answer* had ordered.",
        hints=("That happens once: your app answers the next callback.", scene.again),
    )


def taken_over(url: str, other: str) -> NotRight:
    """Say that the workflow's callback address leads to the callback server of another kernel."""
    return NotRight(
        f"the workflow calls {url}, where {other} answers: it has taken the callbacks over from yours.",
        hints=(TWO_ON_ONE, "Run the cell with `expose` again, and the callbacks come here."),
        solution=SERVE_AGAIN,
    )


def _answered_elsewhere(scene: Scene, outcome: CallbackOutcome) -> Unmet:
    """Say that another kernel's callback server was asked, in the place of this one's."""
    answered = f"answered {outcome.quoted}" if outcome.answer else "was asked"
    return NotRight(
        f"{outcome.elsewhere} {answered} in the place of yours: the workflow has its address.",
        hints=(
            TWO_ON_ONE,
            f"Run the cell with `expose` again, and the callbacks come here. {scene.again}"
            if scene.app
            else f"On this page you decide: take the address out of the workflow. {scene.again}",
        ),
        solution=SERVE_AGAIN if scene.app else NO_ADDRESS,
    )


def _nobody_asked(scene: Scene, name: str) -> Unmet:
    if get_workflow(scene.workspace).assignment_callback_url:
        return NotRight(
            f"{name} was reserved before the workflow had its callback address, so nobody was asked about it.",
            hints=("TaskRouter asks once, when it makes the reservation.", scene.again),
        )
    return NotRight(
        f"the task is reserved for {name}, but the workflow has no callback address, so nobody was asked: notebook "
        "02 takes the address out.",
        hints=(
            "The app is not the cause: TaskRouter does not know its address.",
            f"Run the cell with `expose` again. {scene.again}",
        ),
        solution=SET_ADDRESS,
    )


def _served_elsewhere(scene: Scene) -> NotRight | None:
    """Say that the workflow's address leads to an app that is not the newest one, which has another port, if so."""
    address = get_workflow(scene.workspace).assignment_callback_url or ""
    known = servers()
    asked = next((one for one in known if leads_to(address, one)), None)
    if not scene.app or asked is None:
        return None
    newer = known[known.index(asked) + 1 :]
    newest = next((one for one in reversed(newer) if one.answers(PATH)), None)
    if newest is None:
        return None
    return NotRight(
        f"the workflow's address is {address}, and the app that answers there is not your newest one, which you serve "
        f"at {newest.url}.",
        hints=(
            f"A second port is a second server: `serve(app, {asked.port})` gives the first one the new app.",
            f"Or give the workflow the new address: run the cell with `expose` again. {scene.again}",
        ),
        solution=SERVE_AGAIN,
    )


def _failed(what: str, scene: Scene, outcome: CallbackOutcome) -> NotRight:
    """Say what came of a callback that failed, why, and what mends it."""
    hints, solution = _what_mends(scene, outcome)
    return NotRight(f"{what}: {outcome.why}.", hints=hints, solution=solution)


def _what_mends(scene: Scene, outcome: CallbackOutcome) -> tuple[tuple[str, ...], str]:
    """Give the hints and the solution for a callback that fails."""
    if not scene.app:
        return (
            "On this page you decide: the workflow needs no callback.",
            f"Take the address out of the workflow. {scene.again}",
        ), NO_ADDRESS
    if outcome.fault:
        hint = f"The callback fails because a fault was ordered. Take back what is left of it. {scene.again}"
        return (hint,), "from helpers import faults\nfaults.all_off()"
    if outcome.late:
        return scene.app_hints("A callback has five seconds. Answer first, and do slow work later."), scene.app
    if outcome.status is None:
        return (
            "Is the server running, and is the workflow's address its own? After a restart it has to be started again.",
            f"Run the cells from `serve` to the callback address again. {scene.again}",
        ), SERVE_AGAIN
    if outcome.status == 404 and urlsplit(get_workflow(scene.workspace).assignment_callback_url or "").path != PATH:
        return (
            f"The path in the workflow's address is not the app's, which is `{PATH}`.",
            f"Set the address again. {scene.again}",
        ), SET_ADDRESS
    if outcome.status == 422:
        what, hint = explain_missing(outcome.answer, OF_A_CALLBACK, OF_A_CALLBACK[:3])
        return scene.app_hints(f"Your handler {what}. {hint}"), scene.app
    hint = hint_of_error(outcome.why) or HINT_BY_STATUS.get(outcome.status, OTHER_STATUS)
    return scene.app_hints(hint), scene.app
