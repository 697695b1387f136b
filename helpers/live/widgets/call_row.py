"""A request to the callback server and its answer, as a row; and which rows are one row with a count."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from helpers.connection.json_text import as_object
from helpers.connection.sids import short_sid
from helpers.connection.vocabulary import INSTRUCTIONS
from helpers.live.widgets.text import clock

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange

SIGNATURE = {
    "valid": "valid signature: sent by Twilio",
    "invalid": "invalid signature: not sent by Twilio",
    "none": "not signed",
}
PLACES = ("city", "state", "zip", "country")
OF_A_CALL = {"call_sid", "account_sid", "api_version", "direction", "to", "caller", "called"} | {
    f"{phone}_{place}" for phone in ("from", "to", "caller", "called") for place in PLACES
}
"""What Twilio writes about a call into the attributes of its task (voice.md §3.1), without `from`."""


def call_row(exchange: Exchange) -> dict:
    """Make the row that the browser draws of one request and its answer.

    `times` and `since`: how often it came, and when first; `problem`: what is wrong with the answer, in words; None:
    nothing.
    """
    return {
        "number": exchange.number,
        "at": f"{clock(exchange.at)}.{exchange.at.microsecond // 1000:03d}",
        "request": f"{exchange.method} {exchange.path}{f'?{exchange.query}' if exchange.query else ''}",
        "said": said_by(parameters_of(exchange)),
        "signature": SIGNATURE[exchange.signature],
        "signed": exchange.signature,
        "status": exchange.status,
        "instruction": instruction_of(exchange),
        "warning": _warning(instruction_of(exchange)),
        "answer": exchange.answer,
        "ms": round(exchange.seconds * 1000, 1 if exchange.seconds < 0.01 else None),
        "error": exchange.error,
        "problem": problem_of(exchange),
        "times": 1,
        "since": clock(exchange.at),
        "form": [[name, value] for name, value in parameters_of(exchange).items()],
    }


def parameters_of(exchange: Exchange) -> dict[str, str]:
    """Read what a request says: its form, and of one about a call what stands in its query as well."""
    in_query = dict(parse_qsl(exchange.query, keep_blank_values=True))
    return in_query | exchange.form if about_call(in_query | exchange.form) else exchange.form


def about_call(parameters: Mapping[str, str]) -> bool:
    """Tell whether a request is about a call or a conference, and not one of TaskRouter's."""
    of_taskrouter = "ReservationSid" in parameters or "EventType" in parameters
    return not of_taskrouter and ("CallSid" in parameters or "ConferenceSid" in parameters)


def said_by(form: Mapping[str, str]) -> list[str]:
    """Pick out what an assignment callback says, the worker first (`behaviour.md §3.1`), or what an event is about.

    Of a request about a call: who calls whom, and what has become of it (voice.md §1.3, §2.3, §2.4).
    """
    if "EventDescription" in form:
        return [form["EventDescription"]]
    if "CallSid" in form or "ConferenceSid" in form:
        names = ("Digits", "SpeechResult", "QueueResult", "StatusCallbackEvent")
        told = [f"{name} {form[name]}" for name in names if form.get(name)]
        call = [f"{form['From']} → {form.get('To', '?')}"] if "From" in form else []
        return [*call, *([form["CallStatus"]] if "CallStatus" in form else []), *told]
    parts = [form.get("WorkerName"), _attributes(form.get("TaskAttributes", "")), short_sid(form.get("ReservationSid"))]
    return [part for part in parts if part]


def _attributes(text: str) -> str:
    """Leave out of a task's attributes, as JSON, what Twilio adds to those of a call, but for who calls."""
    attributes = as_object(text)
    if "call_sid" not in attributes:
        return text
    kept = {name: value for name, value in attributes.items() if name not in OF_A_CALL}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def instruction_of(exchange: Exchange) -> str | None:
    """Read the instruction in the app's answer; empty when it gave none, None when none was due."""
    if "ReservationSid" not in exchange.form or exchange.error:
        return None
    return str(as_object(exchange.answer).get("instruction", ""))


def _warning(instruction: str | None) -> str | None:
    """Say what is wrong with an instruction that TaskRouter does not know (behaviour.md §3.2)."""
    if not instruction or instruction in INSTRUCTIONS:
        return None
    return f"{instruction!r} is not an instruction; known are {', '.join(INSTRUCTIONS)}"


def problem_of(exchange: Exchange) -> str | None:
    """Say what is wrong with the answer to an assignment callback or about a call, or with the app; None: nothing."""
    if exchange.error:
        return exchange.error
    if exchange.status >= 400 and about_call(parameters_of(exchange)):
        return f"the answer was {exchange.status}, and only 200 to 299 count"
    if "ReservationSid" not in exchange.form or "EventType" in exchange.form:
        return None
    if exchange.status == 405:
        return f"{exchange.path} does not take {exchange.method}, which is what TaskRouter sends"
    if exchange.status >= 400:
        return f"the answer was {exchange.status}, and only a 200 counts"
    return _warning(instruction_of(exchange))


def fold_key(row: dict[str, Any]) -> Hashable | None:
    """Tell what makes two requests equal: the same problem, or the same rejection; about a call, the same answer.

    None: each is a row of its own.
    """
    form = dict(row["form"])
    if row["problem"]:
        return row["request"], row["status"], row["problem"]
    if about_call(form):
        return row["request"], row["answer"], form.get("CallSid"), tuple(row["said"])
    if row["instruction"] == "reject":
        return row["request"], row["answer"], form.get("TaskSid"), form.get("WorkerSid")
    return None


def once_more(row: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """Make the row of a call that came once more: the newest, with the count and the beginning of those before."""
    return row | {"times": known["times"] + 1, "since": known["since"]}


def folded(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Make one row of those that are equal, where the newest of them stands. rows: the newest last."""
    kept: dict[Hashable, dict[str, Any]] = {}
    for row in rows:
        key = fold_key(row) or row["number"]
        known = kept.pop(key, None)
        kept[key] = once_more(row, known) if known else row
    return list(kept.values())
