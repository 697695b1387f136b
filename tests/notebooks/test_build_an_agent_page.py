"""The checkpoints of notebook 12: what an agent's page has done, and the usual mistakes."""

from __future__ import annotations

import json
import re
import time
from functools import partial

import jwt
import pytest
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse
from twilio.jwt.access_token import AccessToken, grants

from helpers import api_key, check, serve
from helpers.lesson.checkpoints.build_an_agent_page import REASON, WAITED
from helpers.lesson.checkpoints.framework import CheckpointState
from helpers.lesson.checkpoints.page_script import not_awaited
from tests.notebooks.conftest import read
from tests.notebooks.source import source_of

NAME = "12-build-an-agent-page"
CUSTOMER = {"selected_language": "es", "lesson": "12", "customer": "Zoë"}


@pytest.fixture
def make_token(client, team):
    """`make_token(...)` makes what the lesson's `token_for` makes, or a little less."""
    key = api_key(client)

    def make(worker=None, seconds=3600, secret=key.secret, workspace=None, rights=True):
        token = AccessToken(client.account_sid, key.sid, secret, identity="Alice", ttl=seconds)
        if rights:
            sid = workspace or team.workspace.sid
            token.add_grant(grants.TaskRouterGrant(sid, worker or team.alice.sid, role="worker"))
        return token.to_jwt()

    return make


@pytest.fixture
def serve_route():
    """`serve_route(path, answer)` serves an app whose route answers so."""
    servers = []

    def serve_route(path, answer):
        app = FastAPI()
        app.get(path)(answer)
        servers.append(serve(app, 0))

    yield serve_route
    for server in servers:
        server.stop()


@pytest.fixture
def token_route(serve_route):
    """`token_route(answer)` serves an app whose `/token` answers so."""
    return partial(serve_route, "/token")


@pytest.mark.parametrize(
    ("made_with", "words"),
    [
        ({}, "a token for Alice, signed with the API key and good for 60 minutes"),
        ({"secret": "another-secret-of-thirty-two-letters"}, "signed with another secret"),
        ({"worker": "WK" + "0" * 32}, "not for Alice"),
        ({"workspace": "WS" + "0" * 32}, "for another workspace"),
        ({"rights": False}, "no grant for TaskRouter"),
        ({"seconds": 48 * 3600}, "good for 48 hours, and Twilio takes 24 at most"),
        ({"seconds": -60}, "has ended already"),
    ],
)
def test_the_token(client, make_token, token_route, made_with, words):
    token_route(lambda: {"token": make_token(**made_with)})
    result = check.agent_token(client)
    assert words in result.headline
    assert result.is_right == (not made_with)


def test_a_route_that_gives_no_token(client, team, token_route):
    assert "no server of this kernel has the route" in check.agent_token(client).headline
    token_route(lambda: {"jwt": "x"})
    assert "does not give JSON with a `token`" in check.agent_token(client).headline
    token_route(lambda: {"token": "x"})
    assert "cannot be read" in check.agent_token(client).headline
    token_route(lambda: {"token": 5})
    assert "cannot be read" in check.agent_token(client).headline
    token_route(lambda: 1 / 0)
    assert "is answered 500" in check.agent_token(client).headline


def test_a_token_that_is_made_by_hand(client, team, token_route):
    grant = {"task_router": {"workspace_sid": team.workspace.sid, "worker_sid": team.alice.sid}}
    later = time.time() + 3600
    for claims, words in (
        ({"grants": grant}, "does not say when it ends"),
        ({"grants": []}, "no grant for TaskRouter"),
        ({"grants": {"task_router": [1]}}, "no grant for TaskRouter"),
        ({"grants": grant, "exp": None}, "no valid end: `exp` is `None`, and not a number"),
        ({"grants": grant, "exp": "9999999999"}, "no valid end: `exp` is `'9999999999'`"),
        ({"grants": grant, "exp": [1]}, "no valid end"),
        ({"grants": grant, "exp": True}, "no valid end"),
        ({"grants": grant, "exp": float("inf")}, "no valid end"),
        ({"grants": grant, "exp": 10**400}, "no valid end"),
        ({"grants": grant, "exp": later, "nbf": None}, "no valid beginning: `nbf` is `None`"),
        ({"grants": grant, "exp": later, "iat": "0"}, "no valid beginning: `iat` is `'0'`"),
        ({"grants": grant, "exp": later, "nbf": later}, "not yet valid"),
        ({"grants": grant, "exp": later, "iat": time.time()}, "a token for Alice"),
    ):
        token = jwt.encode(claims, api_key(client).secret)
        token_route(lambda token=token: {"token": token})
        assert words in check.agent_token(client).headline, claims


@pytest.fixture
def offer(team):
    """`offer()` has a customer's task offered to Alice; gives the task and the reservation."""

    def offer():
        attributes = json.dumps(CUSTOMER)
        task = team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=attributes)
        team.alice.update(activity_sid=team.activities["Idle"].sid)
        return task, task.reservations.list(reservation_status="pending")[0]

    return offer


def test_what_is_still_to_do_is_said(client, team, offer):
    assert "there is no task of this lesson" in check.page_accepted(client).headline
    attributes = json.dumps(CUSTOMER)
    team.workspace.tasks.create(workflow_sid=team.workflow.sid, attributes=attributes)
    assert "Alice is Offline, so no task is offered to her" in check.page_accepted(client).headline
    team.alice.update(activity_sid=team.activities["Idle"].sid)
    assert "press *Accept* on her page" in check.page_accepted(client).headline
    assert "press *Accept* on her page" in check.waited(client).headline
    assert "press *Reject* on her page" in check.rejected_because(client).headline


@pytest.mark.parametrize(
    ("written", "state", "words"),
    [
        ({}, CheckpointState.NOT_YET, "has no attribute `waited`"),
        ({"waited": 1}, CheckpointState.RIGHT, "had waited 1 seconds"),
        ({"waited": "1"}, CheckpointState.NOT_RIGHT, "and not a number"),
        ({"waited": 1_795_000_000_000}, CheckpointState.NOT_RIGHT, "a time of day"),
        ({"waited": 1000}, CheckpointState.NOT_RIGHT, "the customer has waited"),
        ({"waited": -30}, CheckpointState.NOT_RIGHT, "`waited` is -30"),
    ],
)
def test_how_long_the_customer_has_waited(client, offer, written, state, words):
    task, reservation = offer()
    reservation.update(reservation_status="accepted")
    task.update(attributes=json.dumps(CUSTOMER | written))
    assert check.page_accepted(client).is_right
    result = check.waited(client)
    assert result.state is state, result
    assert words in result.headline


@pytest.mark.parametrize(
    ("written", "state", "words"),
    [
        ({}, CheckpointState.NOT_YET, "do not say why"),
        ({"rejected_because": "an invoice"}, CheckpointState.RIGHT, "“an invoice”"),
        ({"rejected_because": "  "}, CheckpointState.NOT_RIGHT, "no reason in it"),
    ],
)
def test_rejected_with_a_reason(client, offer, written, state, words):
    task, reservation = offer()
    task.update(attributes=json.dumps(CUSTOMER | written))
    reservation.update(reservation_status="rejected")
    result = check.rejected_because(client)
    assert result.state is state, result
    assert words in result.headline


def test_a_reason_that_came_after_the_rejection(client, offer):
    task, reservation = offer()
    reservation.update(reservation_status="rejected")  # and the task is offered once more, at once
    task.update(attributes=json.dumps(CUSTOMER | {"rejected_because": "an invoice"}))
    result = check.rejected_because(client)
    assert "the reason came after the rejection" in result.headline
    assert result.solution.index("setAttributes") < result.solution.index("reject()")


ALONE = (
    "const reject = async (one) => { one.task.setAttributes(all); await one.reject(); };",
    "task.setAttributes({\n  ...task.attributes, waited: Math.max(0, task.age),\n});",
    "await offer.accept()\ntask.setAttributes(all)\nsay('done')",
    "const { task } = offer\ntask.setAttributes(all)",
    "if (reason) task.setAttributes(all);",
    "if (!reason) say(`none`); else task?.setAttributes(all);",
    "offer.accept().then(() => { task.setAttributes(all); });",
    "try { task.setAttributes(all) /* at last */ } catch (error) { fail(error); }",
    "// await\ntask.setAttributes({ text: 'a ; await (b' });",
)
WAITED_FOR = (
    WAITED,
    REASON,
    "await task.setAttributes(all);",
    "await\n  task.setAttributes(all);",
    "await /* first */ task.setAttributes(all);",
    "return task.setAttributes(all);",
    "const accept = (one) => one.accept().then(() => one.task.setAttributes(all));",
    "const write = (task) =>\n  task.setAttributes(all);",
    "task.setAttributes(all).then(tell, fail);",
    "task.setAttributes(all)\n  .catch(fail);",
    "await Promise.all([task.setAttributes(all), say('so')]);",
    "const written = task.setAttributes(all);\nawait written;",
    "written =\n  task.setAttributes(all)\nawait written",
    "button(list, 'Write', () => task.setAttributes(all));",
    "reason ? await one.task.setAttributes(all) : say('none');",
    "void task.setAttributes(all);",
    "// task.setAttributes(all);\nsay('task.setAttributes(all);'); /* task.setAttributes(all); */",
    "say(`\n  task.setAttributes(all);\n`);",
)


@pytest.mark.parametrize("script", ALONE)
def test_a_call_that_nobody_waits_for(script):
    [call] = not_awaited(script, "setAttributes")
    assert re.match(r"(one\.)?task\??\.setAttributes\(", call)
    assert call.endswith(")")


@pytest.mark.parametrize("script", WAITED_FOR)
def test_a_call_that_is_waited_for_or_handled(script):
    assert not list(not_awaited(script, "setAttributes"))


def test_attributes_that_the_page_does_not_wait_for(client, offer, serve_route):
    """The page shows such a promise's error all the same; but a rejection may overtake what was sent before."""
    task, reservation = offer()
    task.update(attributes=json.dumps(CUSTOMER | {"rejected_because": "an invoice"}))
    reservation.update(reservation_status="rejected")
    script = parts_of(REASON)
    serve_route("/agent.js", lambda: PlainTextResponse(script))
    assert check.rejected_because(client).is_right
    script = parts_of(REASON).replace("await task.set", "task.set")
    result = check.rejected_because(client)
    inline = "{ ...task.attributes, rejected_because: reason }"
    named = script.replace(f"task.setAttributes({inline})", f"const next = {inline};\n  task.setAttributes(next)")
    assert named != script
    script = named
    assert check.rejected_because(client).headline == result.headline
    script = parts_of(REASON) + "\nconst kept = { waited: task.age };\ntask.setAttributes(kept);"
    assert check.rejected_because(client).is_right  # what is wrong with the other exercise is told there
    script = named
    assert "does not wait for `task.setAttributes`: the rejection may be there first" in result.headline
    task.reservations.list(reservation_status="pending")[0].update(reservation_status="accepted")
    task.update(attributes=json.dumps(CUSTOMER | {"waited": 1}))
    assert check.waited(client).headline.endswith("for ever.")
    script = parts_of(WAITED).replace("await task.set", "task.set")
    result = check.waited(client)
    assert result.is_right
    assert "does not wait for `task.setAttributes`, though: write `await` before it" in result.headline


def parts_of(solution: str) -> str:
    """The script that the page is served with this solution."""
    parts: dict[str, str] = {}
    exec(solution, {"parts": parts})
    return "".join(parts.values())


@pytest.mark.parametrize(
    ("judge", "status", "key"), [("waited", "accepted", "waited"), ("rejected_because", "rejected", "rejected_because")]
)
def test_attributes_that_were_replaced(client, team, offer, judge, status, key):
    task, reservation = offer()
    reservation.update(reservation_status=status)
    task.update(attributes=json.dumps({key: 1}))
    result = getattr(check, judge)(client)
    assert "what the customer came with is lost" in result.headline
    assert "...task.attributes" in result.hints[0]
    team.clear_stage()
    assert team.workspace.tasks(task.sid).fetch().assignment_status in ("completed", "canceled")


def test_the_lesson_makes_the_token_that_the_helper_makes(client, team):
    """The solution that the checkpoint shows is the lesson's own cell."""
    solution = check.agent_token(client).solution
    assert solution in source_of(NAME, "write-token")
    assert any("only_here" in cell.source for cell in read(NAME).cells)
