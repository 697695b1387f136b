"""The checkpoints of notebook 12: a token, and what an agent's page has done with a task."""

from __future__ import annotations

import re
from contextlib import suppress
from functools import partial
from typing import Any

import jwt
import requests
from twilio.rest import Client

from helpers.agents.sdk import api_key
from helpers.callback_server.server import servers
from helpers.connection.instances import ReservationInstance, TaskInstance, WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.connection.sids import short_sid
from helpers.connection.times import event_ms
from helpers.lesson.checkpoints.framework import NotRight, NotYet
from helpers.lesson.checkpoints.lookups import GONE_AFTER, get_worker, get_workspace
from helpers.lesson.checkpoints.needs import checkpoint
from helpers.lesson.checkpoints.page_script import not_awaited
from helpers.names import WRITTEN_IN_12, are_replaced

LESSON = "12"
PATH = "/token"
SCRIPT = "/agent.js"
LONGEST = 24 * 3600
"""Seconds that Twilio lets an access token be good for."""
LATEST = 2**53
"""Seconds since 1970, and more than any reader of JSON is sure to tell."""
ACCEPTED = ("accepted", "wrapping", "completed")
PLAY = "Run the cell that creates the task, click *Idle* in the frame below it, then *{button}*."

TO_SIGN = """\
def token_for(worker, seconds=3600):
    rights = grants.TaskRouterGrant(workspace.sid, worker.sid, role="worker")
    signed_by = (client.account_sid, key.sid, key.secret)
    token = AccessToken(*signed_by, identity=worker.friendly_name, ttl=seconds)
    token.add_grant(rights)
    return token.to_jwt()"""
CREATE_TASK = """\
team.clear_stage()
task = workspace.tasks.create(**settings)

IFrame(f"{server.url}/agent", width="100%", height=220)"""
WAITED = r'''
parts["describe"] = """
const describe = (task) => `${JSON.stringify(task.attributes)}, has waited ${task.age} s`;
"""
parts["accept"] = """
const accept = async (reservation) => {
  const { task } = reservation;
  await reservation.accept();
  await task.setAttributes({ ...task.attributes, waited: task.age });
};
"""'''.strip()
REASON = '''
parts["reject"] = """
const reject = async (reservation) => {
  const { task } = reservation;
  const reason = at("reason").value;
  await task.setAttributes({ ...task.attributes, rejected_because: reason });
  await reservation.reject();
};
"""'''.strip()


@checkpoint(
    "The page's token",
    hints=(
        "`AccessToken` wants account, key and secret, and a `TaskRouterGrant` for workspace and worker.",
        "Run the cells again from the one that defines `token_for`.",
    ),
    solution=TO_SIGN,
)
def agent_token(client: Client) -> str:
    """Ask the learner's server for a token, and see whose it is, who has signed it, and how long it is good for."""
    space = get_workspace(client)
    server = next((one for one in reversed(servers()) if one.answers(PATH)), None)
    if server is None:
        raise NotYet("no server of this kernel has the route `/token`.", hints=("Run the cell with `serve`.",))
    answer = requests.get(server.url + PATH, timeout=10)
    if answer.status_code != 200:
        raise NotRight(
            f"`/token` is answered {answer.status_code}.", hints=("`server.log` says why, and in which line.",)
        )
    claims = _claims(answer, api_key(client).secret)
    grants = claims.get("grants")
    grant = grants.get("task_router") if isinstance(grants, dict) else None
    if not isinstance(grant, dict) or not grant:
        raise NotRight("the token has no grant for TaskRouter, so a page can do nothing with it.")
    alice = get_worker(space, "Alice")
    if grant.get("workspace_sid") != space.sid:
        raise NotRight("the token is for another workspace.")
    if grant.get("worker_sid") != alice.sid:
        raise NotRight("the token is not for Alice.", hints=("`token_for(alice)`.",))
    if "exp" not in claims:
        raise NotRight("the token does not say when it ends (`exp`), and Twilio takes 24 hours at most.")
    seconds = claims["exp"] - claims.get("nbf", claims.get("iat", claims["exp"]))
    if seconds > LONGEST:
        raise NotRight(f"the token is good for {seconds / 3600:.0f} hours, and Twilio takes 24 at most.")
    return f"`/token` gives a token for Alice, signed with the API key and good for {seconds / 60:.0f} minutes."


def _claims(answer: requests.Response, secret: str) -> dict[str, Any]:
    """Read a token that the learner's server gave. Raises NotRight for one that TaskRouter would refuse."""
    try:
        read = partial(jwt.decode, answer.json()["token"], secret, algorithms=["HS256", "HS384", "HS512"])
        _require_times(read(options={"verify_exp": False, "verify_nbf": False, "verify_iat": False}))
        return read()
    except (ValueError, LookupError, TypeError):
        raise NotRight("`/token` does not give JSON with a `token`.") from None
    except jwt.ExpiredSignatureError:
        raise NotRight("the token has ended already.", hints=("`seconds` is how long it is good for.",)) from None
    except jwt.InvalidSignatureError:
        raise NotRight("the token is signed with another secret than the API key's.") from None
    except jwt.InvalidTokenError as error:
        raise NotRight(f"the token cannot be read ({error}).", hints=("`to_jwt()` makes the text.",)) from None


def _require_times(claims: dict[str, Any]) -> None:
    """Raise NotRight where the token's end or its beginning is there, and no time (RFC 7519 §2, NumericDate)."""
    for name, what in (("exp", "end"), ("nbf", "beginning"), ("iat", "beginning")):
        at = claims.get(name, 0)
        if isinstance(at, bool) or not isinstance(at, (int, float)) or not abs(at) < LATEST:
            raise NotRight(
                f"the token has no valid {what}: `{name}` is `{at!r}`, and not a number of seconds since 1970.",
                hints=("With `ttl=seconds`, `AccessToken` writes both ends by itself.",),
                solution=TO_SIGN,
            )


def _is_of_this_lesson(attributes: dict[str, Any]) -> bool:
    return attributes.get("lesson") == LESSON or are_replaced(attributes)


def _offers(space: WorkspaceInstance) -> list[tuple[TaskInstance, ReservationInstance]]:
    """List the reservations of Alice for this lesson's tasks, oldest first. Raises NotYet when there is no task."""
    alice = get_worker(space, "Alice")
    tasks = [one for one in space.tasks.list() if _is_of_this_lesson(as_object(one.attributes))]
    if not tasks:
        raise NotYet(
            f"there is no task of this lesson: run the cell that creates it ({GONE_AFTER}).",
            hints=(PLAY.format(button="Accept"),),
        )
    mine = [(task, one) for task in tasks for one in task.reservations.list() if one.worker_sid == alice.sid]
    return sorted(mine, key=lambda each: each[1].date_created)


def _open_offer(space: WorkspaceInstance, offers: list[Any], button: str) -> NotYet:
    """Say what there is to do as long as Alice has not done it."""
    hints = (
        PLAY.format(button=button),
        "If nothing happens there, read the top of the page: it says what is wrong with the script.",
    )
    if any(one.reservation_status == "pending" for _, one in offers):
        return NotYet(f"Alice is offered a task: press *{button}* on her page.", hints=hints)
    alice = get_worker(space, "Alice")
    if not alice.available:
        return NotYet(f"Alice is {alice.activity_name}, so no task is offered to her.", hints=hints)
    return NotYet(f"Alice has no task to {button.lower()}.", hints=hints)


@checkpoint("Accepted on the page", hints=(PLAY.format(button="Accept"),), solution=CREATE_TASK)
def page_accepted(client: Client) -> str:
    """Check that Alice has accepted a task of this lesson."""
    space = get_workspace(client)
    offers = _offers(space)
    accepted = [one for _, one in offers if one.reservation_status in ACCEPTED]
    if not accepted:
        raise _open_offer(space, offers, "Accept")
    return f"Alice has accepted {short_sid(accepted[-1].task_sid)}, and your server was not asked."


def _not_awaited(key: str) -> str:
    """Find the `setAttributes` of the learner's page that writes this attribute, and that nobody waits for; or ""."""
    server = next((one for one in reversed(servers()) if one.answers(SCRIPT)), None)
    script = ""
    with suppress(requests.RequestException):  # without a page there is nothing to say of its script
        script = requests.get(server.url + SCRIPT, timeout=10).text if server else ""
    for call in not_awaited(script, "setAttributes"):
        before = script.partition(call)[0] + call  # what it writes is named in it, or in a variable just before
        if [word for word in re.findall(r"\w+", before) if word in WRITTEN_IN_12][-1:] == [key]:
            return call.partition("(")[0]
    return ""


def _kept(task: TaskInstance, solution: str) -> dict[str, Any]:
    """Give the attributes of a task. Raises NotRight when what the customer came with is lost."""
    attributes = as_object(task.attributes)
    if "customer" not in attributes:
        raise NotRight(
            f"the task's attributes are `{task.attributes}`: what the customer came with is lost.",
            hints=("`setAttributes` replaces all of them: begin with `...task.attributes`.",),
            solution=solution,
        )
    return attributes


@checkpoint(
    "How long the customer has waited",
    hints=(
        "`await task.setAttributes({ ...task.attributes, waited: ... })`, after `reservation.accept()`.",
        "`task.age` is a number of seconds already. `task` is `reservation.task`.",
    ),
    solution=WAITED,
)
def waited(client: Client) -> str:
    """Compare what the page has written into the task that was accepted last with when it was created and accepted."""
    space = get_workspace(client)
    offers = _offers(space)
    accepted = [each for each in offers if each[1].reservation_status in ACCEPTED]
    if not accepted:
        raise _open_offer(space, offers, "Accept")
    task, reservation = accepted[-1]
    found = as_object(task.attributes).get("waited")
    if found is None and "customer" in as_object(task.attributes):
        raise NotYet("the task that Alice accepted last has no attribute `waited`: write it, then play once more.")
    _kept(task, WAITED)
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise NotRight(f"`waited` is `{found!r}`, and not a number.", hints=("`waited: task.age`",), solution=WAITED)
    least = (reservation.date_created - task.date_created).total_seconds() - 2
    most = (reservation.date_updated - task.date_created).total_seconds() + 3
    if found > 1_000_000_000:
        raise NotRight(
            f"`waited` is {found:g}: that is a time of day, not how long it took.",
            hints=("`task.age`",),
            solution=WAITED,
        )
    if not least <= found <= most:
        raise NotRight(
            f"`waited` is {found:g}, and the customer has waited {max(0, least + 2):.0f} to {most - 3:.0f} seconds.",
            hints=("Seconds, by TaskRouter's own clock: `task.age`.",),
            solution=WAITED,
        )
    right = f"The customer had waited {found:g} seconds, and the task's attributes say so for ever."
    if alone := _not_awaited("waited"):
        right += (
            f" Your script does not wait for `{alone}`, though: write `await` before it, so that a `catch` around it, "
            "and whatever comes after it, learns of an error."
        )
    return right


def _came_too_late(space: WorkspaceInstance, task: TaskInstance, rejected: ReservationInstance) -> bool:
    """Tell whether the task was offered without the reason after a rejection."""
    events = sorted(space.events.list(task_sid=task.sid, minutes=60), key=event_ms)
    kinds = [(event.event_type, event.event_data.get("reservation_sid")) for event in events]
    if ("reservation.rejected", rejected.sid) not in kinds:
        return False
    after = events[kinds.index(("reservation.rejected", rejected.sid)) + 1 :]
    offered = [event for event in after if event.event_type == "reservation.created"]
    return any("rejected_because" not in as_object(event.event_data["task_attributes"]) for event in offered)


@checkpoint(
    "Rejected with a reason",
    hints=(
        "First `await task.setAttributes(...)`, then `await reservation.reject()`.",
        "At the rejection the task is offered to the next worker, who should see the reason then.",
    ),
    solution=REASON,
)
def rejected_because(client: Client) -> str:
    """Check that Alice has rejected a task of this lesson, and that its attributes say why."""
    space = get_workspace(client)
    offers = _offers(space)
    rejected = [each for each in offers if each[1].reservation_status == "rejected"]
    if not rejected:
        raise _open_offer(space, offers, "Reject")
    task, reservation = rejected[-1]
    attributes = as_object(task.attributes)
    reason = attributes.get("rejected_because")
    if reason is None and "customer" in attributes:
        raise NotYet(
            "Alice has rejected the task, and its attributes do not say why: write `rejected_because`, then play once "
            "more."
        )
    _kept(task, REASON)
    if not isinstance(reason, str) or not reason.strip():
        raise NotRight(
            f"`rejected_because` is `{reason!r}`: there is no reason in it.",
            hints=("Type one into the field *Reason* before you press *Reject*.",),
            solution=REASON,
        )
    if _came_too_late(space, task, reservation):
        raise NotRight(
            "the reason came after the rejection, when the task had been offered to the next worker without it.",
            hints=("First `setAttributes`, then `reject`, with an `await` before both.",),
            solution=REASON,
        )
    if alone := _not_awaited("rejected_because"):
        raise NotRight(
            f"your script does not wait for `{alone}`: the rejection may be there first, or come though the reason was "
            "refused.",
            hints=("Each of the two wants an `await`. Run the cell again, and play once more.",),
            solution=REASON,
        )
    return f"Whoever gets the task next can read why Alice did not take it: “{reason}”."
