"""Every error document, in one place (rest-contract.md §11).

`ERRORS` holds what the HTTP layer itself refuses. What the rules of routing refuse comes as a `TaskRouterError` with
its own sentence and Twilio's code; both leave as `body` and `headers` say.
"""

from __future__ import annotations

from typing import Any, cast

import orjson

from ..engine.model.errors import TaskRouterError
from ..language.strict_json import quoted
from ..runtime.faults import OrderedFailure
from .parameters import InvalidParameter

# name: HTTP status, Twilio's code, what the client reads
ERRORS: dict[str, tuple[int, int, str]] = {
    "required": (400, 20001, "{name} field is required"),
    "no form": (
        400,
        20001,
        "The body is no form: send parameters as application/x-www-form-urlencoded, not as {kind}",
    ),
    "no parts": (
        400,
        20001,
        "The body is not the form that its Content-Type, multipart/form-data, describes: give each part a name, and "
        "let the boundary stand there and after the last part, or send application/x-www-form-urlencoded",
    ),
    "invalid": (400, 20001, "{name}: {text}; it was {value}"),
    "too many parameters": (400, 20001, "The request has more than {limit} parameters: send fewer"),
    "unknown parameters": (400, 20001, "Nothing reads {names} here; {known}"),
    "a body": (400, 20001, "Nothing reads a body here: {known}"),
    "several values": (400, 20001, "{names}: give one value, not several"),
    "no json": (400, 20001, "The body must be JSON, sent with Content-Type: application/json"),
    "unknown page token": (
        400,
        20001,
        "PageToken {token} names no item of this list: start again at the first page",
    ),
    "absolute paging": (
        400,
        40153,
        "Page needs its PageToken: follow meta.next_page_url instead of counting pages",
    ),
    "no credentials": (401, 20003, "Authentication Error - No credentials provided"),
    "wrong credentials": (401, 20003, "Authenticate"),
    "too many worlds": (
        429,
        20429,
        "There are {limit} accounts in this sandbox: drop some by DELETE /_sandbox/world with their credentials",
    ),
    "of all worlds": (
        403,
        20403,
        "The process serves other accounts too: only account {account_sid}, which it was started for, may end it. "
        "DELETE /_sandbox/world drops this one",
    ),
    "the first world": (
        409,
        20409,
        "Account {account_sid} stays as long as the sandbox runs: POST /_sandbox/reset empties it",
    ),
    "another host": (
        403,
        20403,
        "The sandbox answers on this machine only: ask 127.0.0.1, localhost or taskrouter.twilio.com, not {host}",
    ),
    "another page": (
        403,
        20403,
        "The sandbox answers pages of this machine only, and not what a page of {page} makes a browser ask",
    ),
    "another user": (
        403,
        20403,
        "A sandbox that takes any token, or the one that everybody knows, answers programs of its own user only: "
        "start it with --auth-token and one of your own, and give that to whoever may use it",
    ),
    "not found": (404, 20404, "The requested resource {path} was not found{advice}"),
    "not allowed": (405, 20004, "{method} is not allowed on {path}: use {allowed}"),
    "too large": (413, 20413, "The request is larger than {limit} bytes: send less in one request"),
    "too many requests": (
        429,
        20429,
        "Too Many Requests: {name} is limited to {limit} requests a second. Wait some seconds, then ask again.",
    ),
    "failed": (500, 20500, "The sandbox itself failed here, and nothing of the request was kept: sandbox.log says why"),
    "unwritable": (
        500,
        20500,
        "{path} cannot be written ({why}), so nothing of the request was kept: see to that, then send it again",
    ),
    "in use": (
        503,
        20503,
        "Another program, such as a database browser or a backup, holds {path}, so nothing of the request was kept: "
        "close it there, then send the request again",
    ),
    "gone": (
        503,
        20503,
        "{path} was removed or replaced while the sandbox used it, so nothing of the request was kept and the sandbox "
        "ends: start it again, as connect() does",
    ),
    "no space": (
        507,
        20500,
        "No space is left on the disk of {path}, so nothing of the request was kept: make room, then send it again",
    ),
}


def refusal(name: str, /, detail: str | None = None, **words: Any) -> TaskRouterError:
    """Make the refusal of that name in `ERRORS`, its blanks filled with words; detail: a further member of its body."""
    status, code, text = ERRORS[name]
    made = TaskRouterError(text.format(**words), code)
    made.status, made.detail = status, detail
    return made


def not_found(path: str, advice: str = "") -> TaskRouterError:
    """Make the refusal of a path where nothing is; the path is shown without its version (rest-contract.md §11.2).

    advice: what to do, where it is none of Twilio's paths.
    """
    return refusal("not found", path=path.removeprefix("/v1") or path, advice=advice and f": {advice}")


def invalid(error: InvalidParameter) -> TaskRouterError:
    """Make the refusal of a missing or wrong parameter."""
    if error.text is None:
        return refusal("required", name=error.name)
    return refusal("invalid", name=error.name, text=error.text, value=_shown(error.value))


def _shown(value: Any) -> str:
    """Quote the beginning of what was sent: texts, as forms have them, as texts; all else as JSON."""
    several = cast("list[Any]", value) if isinstance(value, list) else [value]
    if not several or not all(isinstance(one, str) for one in several):
        return quoted(value)
    text = ", ".join(several)
    return repr(text if len(text) <= 80 else text[:77] + "...")


def body(refused: TaskRouterError) -> bytes:
    """Render the document of a refusal, as JSON."""
    members = {
        "code": refused.code,
        "message": refused.text,
        "more_info": f"https://www.twilio.com/docs/errors/{refused.code}",
        "status": refused.status,
    }
    if refused.detail:
        members["detail"] = refused.detail
    return orjson.dumps(members)


def headers(refused: TaskRouterError) -> dict[str, str]:
    """Give the headers that go with a refusal."""
    if isinstance(refused, OrderedFailure):
        return refused.headers
    return {"WWW-Authenticate": 'Basic realm="Twilio API"'} if refused.status == 401 else {}
