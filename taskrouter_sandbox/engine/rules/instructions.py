"""What an instruction may say, and the phone calls that it asks for (behaviour.md §3.3, rest-contract.md §4.5).

What an instruction does is `instruct` in `commands/reservations.py`: `accept` and `reject` are the rules of these names
in `reservations.py`. The engine itself places no calls. One that has `surroundings` notes a CallRequest among
the effects and is told what became of it: `commands/reservations.py` has a command for each. Any other refuses, with
the code that Twilio has for a call that could not be made.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Literal

from ...language.strict_json import quoted
from ..model.effects import CallRequest
from ..model.entities import Reservation, Task, Worker
from ..model.errors import TaskRouterError
from ..model.state import State
from . import tasks
from .instruction_parameters import LONGEST_SIP, NUMBER, PARAMETERS, REQUIRED

Name = Literal["accept", "reject", "dequeue", "call", "redirect", "conference", "supervise"]
IN_CALLBACKS = ("accept", "reject", "dequeue", "call", "redirect", "conference")
ALL = (*IN_CALLBACKS, "supervise")  # over REST

UNKNOWN, BAD_ACTIVITY = 55555, 40100

# behaviour.md §3.5
NOT_PENDING = {"dequeue": 40135, "call": 40114, "redirect": 40123, "conference": 40136}
TRANSFERRED, NO_CONFERENCE = 40151, 40149
GONE = 40144  # conference: the caller has hung up, or the task was canceled
NO_CALL = {"dequeue": 40140, "conference": 40142}
CALL_FAILED = {"dequeue": 40133, "call": 40113, "redirect": 40122, "conference": 40145, "supervise": 40145}


def check_pending(reservation: Reservation, name: str) -> None:
    """Check that a reservation can still be answered (rest-contract.md §9.3); TaskRouterError says no."""
    if reservation.reservation_status != "pending":
        text = f"Reservation {reservation.sid} is not currently in a Pending state."
        gone = name == "conference" and reservation.reservation_status == "canceled"
        raise TaskRouterError(
            f"Unable to execute {name.title()} instruction. {text}", GONE if gone else NOT_PENDING[name]
        )
    if reservation.instruction:
        text = f"Its {reservation.instruction} instruction is under way."
        raise TaskRouterError(
            f"Unable to execute {name.title()} instruction on {reservation.sid}. {text}", NOT_PENDING[name]
        )


def rejected_to(state: State, reservation: Reservation, said: Mapping[str, Any]) -> str | None:
    """Read where `reject` moves the worker; None, with a warning, where that is no activity (behaviour.md §2.3)."""
    sid = said.get("activity_sid")
    if isinstance(sid, str) and sid in state.activities:
        return sid
    instead = f"; it was {quoted(sid)}" if sid else ""
    text = f"reject needs an activity_sid of this workspace{instead}; the worker keeps its activity"
    state.recorder.alert(BAD_ACTIVITY, text, reservation.sid, "warning")
    return None


def call_request(state: State, reservation: Reservation, name: str, given: Mapping[str, Any]) -> CallRequest:
    """Work out the phone call that an instruction asks for, complete with defaults.

    given: what the instruction says, by the names of behaviour.md §3.3; None counts as not said, and other names are
    ignored. Raises TaskRouterError with the debugger's code (§3.5) when that is not enough, or the task has no call.
    """
    task, worker = state.tasks[reservation.task_sid], state.workers[reservation.worker_sid]
    if name == "supervise":
        _check_supervise(reservation, task)
    else:
        check_pending(reservation, name)
    if name != "supervise" and reservation.transfer_sid:
        _check_transferred(reservation, task, name)
    if name in NO_CALL and not _has_call(task, name):
        raise TaskRouterError(
            f"The {name} instruction can only be issued on a task that was created using the <Enqueue> TwiML verb.",
            NO_CALL[name],
        )
    said = {key: _read(name, key, given[key]) for key in PARAMETERS[name] if given.get(key) not in (None, "")}
    implied = {
        key: _read(name, key, value, where)
        for key, (value, where) in _implied(name, task, worker).items()
        if key not in said and value is not None
    }
    order = {key: rule.default for key, rule in PARAMETERS[name].items()} | implied | said
    if name == "supervise" and order["supervisor"]:
        order["supervisor"] = _address_of(state, order["supervisor"])
    for key, code in REQUIRED[name].items():
        if order[key] is None:
            raise TaskRouterError(f"The {name} instruction needs {key}{_where_else(name, key)}.", code)
    _check_from(name, order)
    if name == "dequeue" and order["timeout"] > LONGEST_SIP and order["to"].startswith(("sip:", "sips:")):
        raise TaskRouterError(f"The dequeue instruction's timeout is at most {LONGEST_SIP} for a SIP address.")
    activity_sid = order.get("post_work_activity_sid")
    if activity_sid is not None and activity_sid not in state.activities:
        text = f"The {name} instruction's post_work_activity_sid {activity_sid} is no Activity of this workspace."
        raise TaskRouterError(text, PARAMETERS[name]["post_work_activity_sid"].code)
    return CallRequest(name, reservation.sid, order)


def _check_from(name: str, order: Mapping[str, Any]) -> None:
    """Check who calls: a telephone is called from a number, a client or SIP address from any name (voice.md §4.1)."""
    called = order.get("to") or order.get("supervisor")
    if "from" in order and NUMBER.fullmatch(str(called)) and not NUMBER.fullmatch(order["from"]):
        text = f"The {name} instruction's from must be a phone number, as it calls one; it was {order['from'][:80]!r}."
        raise TaskRouterError(text, PARAMETERS[name]["from"].code)


def _check_supervise(reservation: Reservation, task: Task) -> None:
    if reservation.reservation_status not in ("accepted", "wrapping"):
        text = f"Reservation {reservation.sid} is {reservation.reservation_status}, not accepted."
        raise TaskRouterError(f"Unable to execute Supervise instruction. {text}", 40146)
    if "conference" not in task.parsed_attributes:
        raise TaskRouterError(
            f"Task {task.sid} has no conference to listen to: it was not accepted by conference.", NO_CONFERENCE
        )


def _check_transferred(reservation: Reservation, task: Task, name: str) -> None:
    """Check an instruction for a transferred task: a conference must be there to join, most others are refused."""
    if name != "conference":
        text = f"Reservation {reservation.sid} is that of a transfer: the {name} instruction is not allowed for it."
        raise TaskRouterError(f"{text} Use accept, reject, conference or supervise.", TRANSFERRED)
    if "conference" not in task.parsed_attributes:
        text = f"Task {task.sid} has no conference to join: whoever transfers it did not accept it by conference."
        raise TaskRouterError(text, NO_CONFERENCE)


def _has_call(task: Task, name: str) -> bool:
    names = ("call_sid",) if name == "dequeue" else ("call_sid", "outbound_to")
    return any(isinstance(task.parsed_attributes.get(key), str) and task.parsed_attributes[key] for key in names)


def _read(name: str, key: str, value: Any, where: str = "") -> Any:
    """Read the value of a key. where: where it stands, when it is not the instruction that says it."""
    rule = PARAMETERS[name][key]
    try:
        return rule.read(value)
    except ValueError as error:
        from_there = f", taken from {where}," if where else ""
        text = f"The {name} instruction's {key}{from_there} {error}; it was {quoted(value)}."
        raise TaskRouterError(text, rule.code) from None


def _implied(name: str, task: Task, worker: Worker) -> dict[str, tuple[Any, str]]:
    """Find what counts when an instruction does not say it, and where it stands.

    It is the worker's contact_uri, and the number the caller dialed, or the one that the customer is called from
    (voice.md §4.1).
    """
    implied: dict[str, tuple[Any, str]] = {}
    if "to" in PARAMETERS[name]:
        implied["to"] = worker.parsed_attributes.get("contact_uri"), "the worker's contact_uri"
    if name in ("dequeue", "conference", "supervise"):
        attributes = task.parsed_attributes
        last = "from" if attributes.get("outbound_to") else "to"
        attribute = next((one for one in ("called", "to") if attributes.get(one)), last)
        implied["from"] = task.parsed_attributes.get(attribute) or None, f'the task attribute "{attribute}"'
    return implied


def _address_of(state: State, supervisor: str) -> str | None:
    """Find a supervisor's address, also by the SID of a Worker; None for one without a contact_uri."""
    if worker := state.workers.get(supervisor):
        contact_uri = worker.parsed_attributes.get("contact_uri")
        where = f"the contact_uri of Worker {worker.friendly_name}"
        return None if contact_uri is None else _read("supervise", "supervisor", contact_uri, where)
    if re.fullmatch("WK[0-9a-fA-F]{32}", supervisor):
        raise TaskRouterError(
            f"The supervise instruction's supervisor {supervisor} is no Worker of this workspace.", 40147
        )
    return supervisor


def _where_else(name: str, key: str) -> str:
    if key == "to":
        return ", or a contact_uri in the worker's attributes"
    if key == "supervisor":
        return ": a Worker with a contact_uri in its attributes, or an address"
    if key == "from" and name != "call":
        return ", or a task that knows the number the caller dialed"
    return ""


def no_calls(name: str) -> TaskRouterError:
    """Refuse as an engine without a phone does to an instruction that is right."""
    text = f"This sandbox places no phone calls, so the {name} instruction was not carried out."
    instead = "Answer with accept instead, or accept the reservation over REST."
    if name == "supervise":
        instead = "Supervise on live Twilio, where there is a conference to listen to."
    return TaskRouterError(f"{text} {instead}", CALL_FAILED[name])


def note_on_task(state: State, task: Task, **more: Any) -> None:
    """Add to a task's attributes what a call has brought about (behaviour.md §3.3)."""
    task.parsed_attributes = {**task.parsed_attributes, **more}
    tasks.replace_attributes(state, task, json.dumps(task.parsed_attributes, separators=(",", ":"), ensure_ascii=False))
