"""What went wrong between a cell and TaskRouter, said in one sentence with the next step."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException

from helpers.errors import LessonError

UNREACHABLE = (
    "TaskRouter cannot be reached. Run the cell with `client = connect()` again; "
    "`python3 -m helpers doctor` says what is missing"
)
LIVE_UNREACHABLE = (
    "Live Twilio cannot be reached: check the internet connection, or go back to the sandbox with TASKROUTER_LIVE=0, "
    "where it is exported or else in .env, and a restart of the kernel; `python3 -m helpers doctor` says what is "
    "missing"
)
GONE = (
    "This task is gone: TaskRouter forgets a task some minutes after it is completed or canceled. "
    "Run the cell that creates it again, and go on from there"
)
WORKSPACE_GONE = "This workspace no longer exists: it was deleted, or the sandbox was emptied"
UNAUTHORISED = (
    "TaskRouter does not accept these credentials (401). Put TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN right (a region "
    "has a token of its own, see TWILIO_REGION), or remove both to use the sandbox, then run the cell with "
    "`client = connect()` again"
)

ONLY_AN_API_KEY = (
    "Twilio signs its webhooks with the auth token, whatever key the calls are made with: put TWILIO_AUTH_TOKEN beside "
    "the API key before a webhook is to reach your callback server"
)

FROM_THE_TOP = "Run this notebook again from the top: it creates what is missing"
CHANNEL_AGAIN = "create it once more: `workspace.task_channels.create(friendly_name=..., unique_name=...)`"

NO_JSON = "The answer is no JSON, as where an app has failed: `server.log` says what came of the request, and why"
KINDS = {
    "WK": "worker",
    "WQ": "task queue",
    "WW": "workflow",
    "WA": "activity",
    "WR": "reservation",
    "TC": "task channel",
}
"""What SIDs stand for, where `TaskRouter answered 404` names one."""

failures_of_apps: list[Callable[[str], tuple[str, str] | None]] = []
"""Each gives the path at which an app of this kernel has failed with an answer, and the error; None for no such app."""

MEANWHILE = {
    r"must be one of .*; it was": "Write one of these into the cell",
    "already exists": (
        "An earlier run or another notebook has created it: look for it with `found(...)` before you create it; "
        "a cell that does so finds it when you run it again"
    ),
    r"is already in state|because it('s| is) not|rescinded": (
        "It is in another state than this cell expects: fetch it again, or look at the board"
    ),
    r"If-Match says (?!\d)": (
        "The first argument of `update` is `if_match`, a version: write the name before yours, as in `attributes=...`"
    ),
    r"is not an? \w+ of (this )?workspace": f"It was deleted, or is of a workspace that was. {FROM_THE_TOP}",
    r"TaskChannel \w+ does not exist": f"Write one of these into the cell; or, where it was deleted, {CHANNEL_AGAIN}",
}
"""What is to be done about a value that there is not or that has no name, and where another notebook, or an earlier run
of a cell, has changed something meanwhile (rest-contract.md §11.4)."""

_COLLECTION_OF_A_WORKSPACE = re.compile(r"/Workspaces/WS[0-9a-f]{32}/\w+ was not found")  # there while the workspace is
_IN_A_WORKSPACE = re.compile(
    r"/Workspaces/(?P<workspace>WS[0-9a-f]{32})(?:/\w+)*?(?:/(?P<last>[A-Z]{2}[0-9a-f]{32}))?"
    r"(?:/Channels/(?P<channel>\w+)|/[A-Z]\w+)? was not found"
)


def describe_error(error: BaseException) -> str:
    """Describe an error in one sentence, without a full stop at the end.

    A list call raises a bare TwilioException whose second argument is the response (rest-contract.md §11.1);
    every other call raises a TwilioRestException.
    """
    if isinstance(error, LessonError):
        return str(error).rstrip(".")
    if refusal := refusal_of(error):
        return _in_words(*refusal)
    if isinstance(error, (requests.exceptions.RequestException, OSError)):
        return LIVE_UNREACHABLE if _is_of_live(error) else UNREACHABLE
    return f"{type(error).__name__}: {error}".rstrip(".")


def refusal_of(error: BaseException) -> tuple[int, str] | None:
    """Give the status of a refusal, and TaskRouter's own words; None for any other error."""
    if isinstance(error, TwilioRestException):
        return error.status, error.msg
    if not isinstance(error, TwilioException) or len(error.args) != 2:
        return None
    response = error.args[1]
    try:
        return response.status_code, json.loads(response.text)["message"]
    except (ValueError, KeyError, TypeError):
        return response.status_code, response.text


def _is_of_live(error: BaseException) -> bool:
    """Tell whether the call that failed was meant for Twilio itself: the sandbox has an address on this machine."""
    request = getattr(error, "request", None)
    host = urlsplit(getattr(request, "url", None) or "").hostname or ""
    return host.endswith(".twilio.com")


@contextmanager
def as_lesson_error() -> Iterator[None]:
    """Raise LessonError, in one sentence, where a call inside is refused or TaskRouter cannot be reached."""
    try:
        yield
    except (TwilioException, requests.exceptions.RequestException) as refused:
        words = describe_error(refused)
        raise LessonError(f"{_what_is_gone(status_of(refused) or 0, words) or words}.") from refused


def is_retryable(error: BaseException) -> bool:
    """Tell whether the same call may go well a moment later: it met a limit (429), an error (5xx), or no answer."""
    status = status_of(error)
    return isinstance(error, requests.exceptions.RequestException) if status is None else is_retryable_status(status)


def is_retryable_status(status: int) -> bool:
    """Tell from an answer's status whether the same call may go well a moment later."""
    return status == 429 or status >= 500


def status_of(error: BaseException) -> int | None:
    """Give the HTTP status of a refusal; None when there was no answer at all."""
    refusal = refusal_of(error)
    return refusal and refusal[0]


def _in_words(status: int, message: str) -> str:
    if status == 401:
        return UNAUTHORISED
    if status == 404 and _COLLECTION_OF_A_WORKSPACE.search(message):
        return f"{WORKSPACE_GONE}. {FROM_THE_TOP}"
    return f"TaskRouter answered {status}: {message}".rstrip(".")


def explain_in_cells(has_workspace: Callable[[str], bool]) -> None:
    """Say in one sentence, instead of a long traceback, what a learner is bound to meet in a notebook.

    That is a TaskRouter that cannot be reached, a task that is over and gone (behaviour.md §2.1), and what somebody
    else has done meanwhile: a workspace, or what was in it, that was deleted, and a name that was taken.

    Other answers of TaskRouter keep their traceback, down to the learner's own line.

    has_workspace: tells whether there is a workspace of a SID.
    """
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is None:
        return

    def say(shell: Any, kind: Any, error: BaseException, traceback: Any, tb_offset: int | None = None) -> list[str]:
        if sentence := _known_trouble(error, has_workspace):
            lines = LessonError(sentence)._render_traceback_()
        else:
            own = _without_library(traceback) if isinstance(error, TwilioException) else traceback
            lines = shell.InteractiveTB.structured_traceback(kind, error, own, tb_offset=tb_offset)
        shell._showtraceback(kind, error, lines)
        return lines

    told = (requests.exceptions.ConnectionError, requests.exceptions.Timeout, requests.exceptions.JSONDecodeError)
    shell.set_custom_exc((*told, TwilioException), say)


def _without_library(traceback: TracebackType | None) -> TracebackType | None:
    """Copy a traceback up to the first frame of the `twilio` library: which of its functions failed helps nobody."""
    if traceback is None or traceback.tb_frame.f_globals.get("__name__", "").startswith("twilio."):
        return None
    rest = _without_library(traceback.tb_next)
    return TracebackType(rest, traceback.tb_frame, traceback.tb_lasti, traceback.tb_lineno)


def _known_trouble(error: BaseException, has_workspace: Callable[[str], bool]) -> str | None:
    if isinstance(error, requests.exceptions.JSONDecodeError):
        failure = next((found for find in failures_of_apps if (found := find(error.doc))), None)
        return _of_app(*failure, has_workspace) if failure else f"{NO_JSON}."
    if not isinstance(error, TwilioException):
        return f"{describe_error(error)}."
    refusal = refusal_of(error)
    return _of_refusal(*refusal, has_workspace) if refusal else None


def _of_app(path: str, error: str, has_workspace: Callable[[str], bool]) -> str:
    """Say what a learner's app has failed with, where a request of a cell was answered by it."""
    refused = re.match(r"TaskRouter answered (\d+): (.*)", error)
    said = refused and _of_refusal(int(refused[1]), refused[2], has_workspace)
    return f"Your app has failed at {path}: {said or f'{error}.'}"


def _of_refusal(status: int, message: str, has_workspace: Callable[[str], bool]) -> str | None:
    """Say what a refusal comes from, and what is to be done; None where the words of TaskRouter have to do."""
    words = _in_words(status, message)
    if words.startswith(WORKSPACE_GONE):
        return f"{words}."
    if status in (400, 410, 412):
        step = next((step for sign, step in MEANWHILE.items() if re.search(sign, words)), None)
        return step and f"{words}. {step}."
    named = _IN_A_WORKSPACE.search(words)
    if status == 404 and named and not has_workspace(named["workspace"]):
        return f"{WORKSPACE_GONE}. {FROM_THE_TOP}."
    gone = _what_is_gone(status, words)
    return gone and f"{gone}."


def _what_is_gone(status: int, words: str) -> str | None:
    """Say what TaskRouter no longer has, of what a workspace holds, and what to do; None for any other refusal."""
    named = _IN_A_WORKSPACE.search(words)
    if status != 404 or named is None:
        return None
    if "/Tasks/" in words:
        return GONE
    kind = KINDS.get((named["last"] or "")[:2])
    if kind is None:
        return None
    if channel := named["channel"]:
        which = f"There is no {kind} {named['last']}, or it has no channel {channel}: one was deleted"
        return f"{which}. {FROM_THE_TOP}, except a task channel. Was that deleted, {CHANNEL_AGAIN}"
    return f"There is no {kind} {named['last']} any more: it was deleted, or its SID is not right. {FROM_THE_TOP}"
