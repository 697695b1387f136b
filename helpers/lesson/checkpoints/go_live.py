"""The checkpoints of notebook 10: a server that lets in TaskRouter only, and a request that is tried again."""

from __future__ import annotations

import ast
import inspect
import json
import sys
from contextlib import suppress
from functools import partial
from itertools import pairwise
from textwrap import dedent
from types import FunctionType

from starlette.routing import Route
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from helpers.callback_server.server import CallbackServer, exchanges
from helpers.connection.account import current
from helpers.connection.instances import WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.connection.rest_log import RestCall
from helpers.lesson.checkpoints.asked_app import ask_app, find_server
from helpers.lesson.checkpoints.framework import NotRight, NotYet
from helpers.lesson.checkpoints.handler_errors import hint_of_error
from helpers.lesson.checkpoints.lookups import get_workflow, get_workspace
from helpers.lesson.checkpoints.needs import checkpoint
from helpers.lesson.checkpoints.own_calls import own_calls
from helpers.lesson.checkpoints.refusals import ENOUGH, LONGEST, try_refused
from helpers.lesson.checkpoints.scene import PATH

IMPORT = "`HTTPException` is imported from `fastapi`."
SHORTEST = 0.02
"""Seconds that are a pause, rather than the time that a program takes to send the next request."""
FORM = {"ReservationSid": "WR" + "0" * 32, "TaskSid": "WT" + "0" * 32}
GUARD = """\
from fastapi import HTTPException


async def only_twilio(request: Request):
    form = dict(await request.form())
    signature = request.headers.get("X-Twilio-Signature", "")
    if not validator.validate(address, form, signature):
        raise HTTPException(403)


app = FastAPI(dependencies=[Depends(only_twilio)])


@app.post("/assignment_callback")
def accept():
    return {"instruction": "accept"}"""
SERVE = "server = serve(app, port)\n\nplay()"
RETRY = """\
def create_task(**settings):
    for pause in (0.2, 0.4, 0.8, 1.6):
        try:
            return workspace.tasks.create(**settings)
        except TwilioRestException as error:
            if error.status != 429:
                raise
            time.sleep(pause)
    return workspace.tasks.create(**settings)


attributes = json.dumps({"selected_language": "es", "lesson": "10", "part": "retry"})
order = {"operation": "CreateTask", "status": 429, "first": 2}
with faults(**order) if current().mode == "sandbox" else nullcontext():
    print(create_task(workflow_sid=team.workflow.sid, attributes=attributes).sid)"""


def _server() -> CallbackServer:
    """Give the newest server of this kernel that has the callback. Raises NotYet when there is none."""
    found = find_server(PATH)
    if found is None:
        raise NotYet("no server of this kernel has the callback.", hints=("Run the cells from the top.",))
    return found


def _not_raised(app: object) -> str:
    """Find the refusal that a guard of the app, or its handler, makes and does not raise: its name, or ""."""
    routes = [one for one in getattr(app, "routes", ()) if getattr(one, "path", "") == PATH]
    places = (getattr(app, "router", None), *routes)
    guards = [one.dependency for place in places for one in getattr(place, "dependencies", ())]
    for function in (*guards, *(one.endpoint for one in routes if isinstance(one, Route))):
        with suppress(OSError, TypeError, SyntaxError):  # its source is not there
            nodes = list(ast.walk(ast.parse(dedent(inspect.getsource(function)))))
            calls = [ast.unparse(one.func).rpartition(".")[2] for one in nodes if isinstance(one, ast.Call)]
            made = next((name for name in calls if name == "HTTPException" or name.endswith("Response")), "")
            if made and not any(isinstance(one, ast.Raise) for one in nodes):
                return made
    return ""


@checkpoint(
    "Only TaskRouter gets in",
    hints=(
        "`validator.validate(address, form, signature)` is true when the signature is right.",
        "When it is not: `raise HTTPException(403)`. Then serve the app, and play the scene.",
    ),
    solution=f"{GUARD}\n\n\n{SERVE}",
)
def guarded(client: Client) -> str:
    """Send the server a request without a signature and one with a wrong one, and look at TaskRouter's own."""
    space = get_workspace(client)
    server = _server()
    from_taskrouter = [one for one in exchanges() if one.path == PATH and one.signature == "valid"]
    (without, _, error), (wrong, _, other) = (ask_app(server, PATH, FORM, each) for each in (None, "d3Jvbmc="))
    if without == 200 and (made := _not_raised(server.app)):
        raise NotRight(
            f"a request without a signature is answered 200: your guard makes the `{made}` and does not raise it, and "
            "FastAPI does not look at what a guard returns.",
            hints=("An error takes effect when it is raised: `raise HTTPException(403)`.",),
        )
    address = get_workflow(space).assignment_callback_url or ""
    signature = RequestValidator(current().auth_token).compute_signature(address, FORM)
    right = ask_app(server, PATH, FORM, signature).status
    if without == wrong == 200 and right == 403:
        raise NotRight(
            "your guard is the wrong way round: a rightly signed request is answered 403, and all others 200.",
            hints=("Raise the error when the signature is *not* right: `if not validator.validate(...)`.",),
        )
    if without == 200:
        raise NotYet("a request without a signature is answered 200.")
    if without >= 500 or wrong >= 500:
        raise NotRight(
            f"your guard fails, and a stranger is answered {max(without, wrong)}: {error or other}.",
            hints=(hint_of_error(error or other) or "That is the exception, and where it was raised.", IMPORT),
        )
    if wrong == 200:
        raise NotRight(
            "a request with a wrong signature is answered 200: it is not enough that there is one.",
            hints=("Let the validator compare it.",),
        )
    if without != 403 or wrong != 403:
        raise NotRight(
            f"a stranger is answered {without}, and the exercise asks for 403.",
            hints=("`raise HTTPException(403)`.",),
        )
    if not from_taskrouter:
        raise NotYet("strangers are answered 403. TaskRouter has not asked yet: play the scene.", solution=SERVE)
    last = from_taskrouter[-1]
    if last.status != 200:
        raise NotRight(
            f"TaskRouter itself was answered {last.status}.",
            hints=(
                "Do you check `address`, which the workflow has, and `form`, with all its parameters?",
                "Then serve the app, and play the scene again.",
            ),
        )
    if right == 403:
        raise NotRight(
            "a rightly signed request is answered 403 when it comes through a proxy, which changes the address.",
            hints=("Give the validator `address`, not the address that the request has.",),
        )
    return "Strangers are answered 403, with and without a signature, and TaskRouter is answered 200."


@checkpoint(
    "Tried again",
    hints=(
        "A loop with `try` and `except TwilioRestException`, and a `time.sleep` in it.",
        "`error.status` is 429 when there were too many requests. Return the task as soon as it is created.",
    ),
    solution=RETRY,
)
def retried(client: Client) -> str:
    """Check that the newest attempt has created the task, after pauses, and try what the function does when refused."""
    space = get_workspace(client)
    calls = own_calls(client, rf"/{space.sid}/Tasks", "Attributes")
    said = _created(space) if calls is None else _created_after(calls)
    require_an_end(client, space)
    return said


def _created_after(calls: list[RestCall]) -> str:
    """Look at the requests of the newest run. Raises NotYet when it has not created the task."""
    attempts = [one for one in calls if _is_retry(one.parameters["Attributes"])]
    if not attempts:
        raise NotYet("no task was to be created yet.", hints=("Run the cell with your function.",), solution=RETRY)
    if [one.status for one in attempts[-2:]] == [201, 201]:  # a run begins with an error 429
        raise NotRight(
            "your program has created the task more than once in one run.",
            hints=("`return` the task as soon as it is created: that ends the loop.",),
            solution=RETRY,
        )
    if attempts[-1].status != 201:
        raise NotYet(f"the task was not created: after an error {attempts[-1].status} your program gave up.")
    earlier = max((place for place, one in enumerate(attempts[:-1], 1) if one.status == 201), default=0)
    pauses = [after.at - before.at - before.seconds for before, after in pairwise(attempts[earlier:])]
    if any(pause < SHORTEST for pause in pauses):
        raise NotRight(
            "the task was created, but your program has tried again without a pause.",
            hints=("Call `time.sleep` before each further attempt, first with a small number of seconds.",),
            solution=RETRY,
        )
    return f"The task was created{', in spite of the errors' if pauses else ''}."


def require_an_end(client: Client, space: WorkspaceInstance, longest: float = LONGEST) -> None:
    """Raise NotRight when the learner's function never gives up, tries again after any error, or raises none.

    longest: seconds that it is given where its pauses cannot be passed over.
    """
    written = getattr(sys.modules["__main__"], "create_task", None)
    if not isinstance(written, FunctionType):
        return
    attributes = json.dumps({"selected_language": "es", "lesson": "10", "part": "retry"})
    sid = get_workflow(space).sid
    refused = partial(try_refused, client, written, longest=longest, workflow_sid=sid, attributes=attributes)
    too_many = refused(status=429)
    if too_many.is_endless:
        raise NotRight(
            f"the task was created, but your program does not give up: after {ENOUGH} errors 429 it still tries again, "
            "so that it never ends while TaskRouter refuses.",
            hints=(
                "Give up after a few attempts. A loop over the pauses ends: `for pause in (0.2, 0.4, 0.8, 1.6)`.",
                "The last attempt stands after the loop, where its error is raised.",
            ),
            solution=RETRY,
        )
    if too_many.is_late:
        errors = too_many.attempts - 1
        raise NotRight(
            f"the task was created, but whether your program gives up was not seen: {longest:g} seconds and {errors} "
            f"error{'' if errors == 1 else 's'} 429 later it still tried again.",
            hints=(
                "Pause with `time.sleep`: this checkpoint passes over such pauses, and so sees the end of long ones.",
                "Give up after a few attempts. A loop over the pauses ends: `for pause in (0.2, 0.4, 0.8, 1.6)`.",
            ),
            solution=RETRY,
        )
    other = refused(status=400)
    if other.attempts > 1:
        raise NotRight(
            "the task was created, but your program tries again after an error 400, too, which comes each time.",
            hints=("Raise what is not 429 at once: `if error.status != 429: raise`, before the pause.",),
            solution=RETRY,
        )
    if other.is_silent or too_many.is_silent:
        error = "an error 400" if other.is_silent else "the last error 429"
        raise NotRight(
            f"the task was created, but your function does not raise {error}: whoever calls it takes the task for "
            "created.",
            hints=(
                "`raise` alone, in the `except`, raises the error once more.",
                "The last attempt stands after the loop, where its error is raised.",
            ),
            solution=RETRY,
        )


def _created(space: WorkspaceInstance) -> str:
    """Look for the task itself, where the requests are not known."""
    if any(_is_retry(one.attributes) for one in space.tasks.list()):
        return "The task was created."
    raise NotYet("the task was not created.")


def _is_retry(attributes: str) -> bool:
    return as_object(attributes).get("part") == "retry"
