"""What TaskRouter asked about a reservation, what it was answered, and what it made of the answer.

In the sandbox its own record of each delivery says so, with its alerts. On live Twilio nobody tells what was delivered:
there the log of the callback server of this kernel is asked, and the alerts where that has nothing.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Literal

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from helpers import sandbox
from helpers.callback_server.exchange_log import Exchange
from helpers.callback_server.other_kernels import other_kernel_at
from helpers.callback_server.server import exchanges
from helpers.connection.instances import ReservationInstance, WorkflowInstance
from helpers.connection.json_text import as_object
from helpers.connection.times import to_ms
from helpers.connection.vocabulary import INSTRUCTIONS
from helpers.lesson.checkpoints.handler_errors import describe_failure
from helpers.lesson.checkpoints.lookups import is_live
from helpers.sandbox_tools import debugger
from taskrouter_sandbox.control_types import DeliveryRecord

DEADLINE = 5  # seconds that a callback has for its answer: behaviour.md §3.2

Kind = Literal["not-asked", "under-way", "carried-out", "empty", "not-understood", "refused", "failed", "unknown"]


@dataclass(frozen=True)
class CallbackOutcome:
    """What came of the assignment callback for one reservation.

    kind: carried-out (the answer's instruction), empty (an answer that says nothing), not-understood, refused (the
    instruction), failed (no answer that counts), under-way, not-asked, or unknown, which happens on live Twilio only.
    answer: its text; why: what was wrong with it, half a sentence; status: of the answer, None when there was none;
    late: it took longer than TaskRouter waits; fault: it went wrong because somebody ordered it; by_app: no board has
    answered in the place of the app; elsewhere: whose callback server was asked, where it is another kernel's; code:
    Twilio's code of what was wrong, None when there is none or it is not known.
    """

    kind: Kind
    answer: str = ""
    why: str = ""
    status: int | None = None
    late: bool = False
    fault: bool = False
    by_app: bool = True
    elsewhere: str | None = None
    code: int | None = None

    @property
    def is_ours(self) -> bool:
        """Whether nobody has answered in the place of this kernel's app: no board, and no other kernel's server."""
        return self.by_app and self.elsewhere is None

    @property
    def instruction(self) -> str:
        """What the answer asks TaskRouter to do; empty where it names no instruction."""
        return str(self.said.get("instruction", ""))

    @property
    def said(self) -> dict[str, Any]:
        """The answer as a dictionary; empty where it is none."""
        return as_object(self.answer)

    @property
    def quoted(self) -> str:
        """The answer as it stands in a sentence: between backticks, or "nothing"."""
        return f"`{self.answer}`" if self.answer else "nothing"


def find_outcome(client: Client, workflow: WorkflowInstance, reservation: ReservationInstance) -> CallbackOutcome:
    """Find out what came of asking about this reservation; with several deliveries, the one that settled it."""
    if is_live():
        exchange = _arrived(reservation.sid)
        if exchange is None:
            elsewhere = other_kernel_at(workflow.assignment_callback_url)
            return replace(_without_record(client, workflow, reservation), elsewhere=elsewhere)
        return replace(_of_exchange(exchange), by_app=exchange.by_app)
    records = [one for one in sandbox.ensure().deliveries.list("assignment") if one["subject_sid"] == reservation.sid]
    if not records:
        return CallbackOutcome("not-asked")
    exchange = _arrived(reservation.sid)  # after the records: what they say was answered is in the log by now
    record = next((one for one in records if one["result"] == "done"), records[0])
    attempt: dict[str, Any] = dict(record["attempts"][-1]) if record["attempts"] else {}
    elsewhere = other_kernel_at(attempt.get("url")) if exchange is None else None
    by_app = exchange is None or exchange.by_app
    return replace(_of_delivery(record, exchange), by_app=by_app, elsewhere=elsewhere)


def _arrived(reservation_sid: str) -> Exchange | None:
    """Find the latest request about a reservation at a callback server of this kernel."""
    about = [one for one in exchanges() if one.form.get("ReservationSid") == reservation_sid]
    return about[-1] if about else None


def _of_delivery(record: DeliveryRecord, exchange: Exchange | None) -> CallbackOutcome:
    attempt: dict[str, Any] = dict(record["attempts"][-1]) if record["attempts"] else {}
    answer, status = attempt.get("body", ""), attempt.get("status")
    late = attempt.get("seconds", 0) >= DEADLINE
    outcome = partial(CallbackOutcome, answer=answer, status=status, late=late)
    result = record["result"]
    if result is None:
        return outcome("under-way")
    if result == "done":
        return outcome("carried-out")
    alerts = sandbox.ensure().alerts.list()
    raised = next((one for one in alerts if one["subject_sid"] == record["subject_sid"]), None)
    alert = raised["text"].rstrip(".") if raised else ""
    alert = alert[:1].lower() + alert[1:]
    if result == "no-instruction":
        return outcome("not-understood" if alert and answer else "empty", why=alert)
    if result == "refused":
        return outcome("refused", why=alert, code=raised["code"] if raised else None)
    why = describe_failure(exchange.error) if exchange and exchange.error else _failure(attempt, alert)
    return outcome("failed", why=why, fault="fault" in attempt)


def _failure(attempt: dict[str, Any], alert: str) -> str:
    """Say what was wrong with an answer that did not count."""
    if "error" in attempt:
        return str(attempt["error"])
    if (status := attempt.get("status")) != 200:
        return f"{attempt.get('url')} answered {status}, not 200"
    return alert or "no answer came that counts"


def _of_exchange(exchange: Exchange) -> CallbackOutcome:
    """Read an answer as TaskRouter does (behaviour.md §3.2)."""
    late = exchange.seconds > DEADLINE
    outcome = partial(CallbackOutcome, answer=exchange.answer, status=exchange.status, late=late)
    if exchange.error:
        return outcome("failed", why=describe_failure(exchange.error))
    if exchange.status != 200:
        return outcome("failed", why=f"{exchange.path} answered {exchange.status}, not 200")
    if late:
        return outcome("failed", why=f"the answer took {exchange.seconds:.0f} seconds")
    instruction = str(as_object(exchange.answer).get("instruction", ""))
    if instruction in INSTRUCTIONS:
        return outcome("carried-out")
    if exchange.answer.strip() in ("", "{}"):
        return outcome("empty")
    why = f"{instruction!r} is not an instruction" if instruction else "it names no instruction"
    return outcome("not-understood", why=why)


def _without_record(client: Client, workflow: WorkflowInstance, reservation: ReservationInstance) -> CallbackOutcome:
    """Say what can be known on live Twilio of a reservation that no server of this kernel was asked about."""
    if not workflow.assignment_callback_url:
        return CallbackOutcome("not-asked")
    since = to_ms(reservation.date_created)
    alerts = []
    with suppress(TwilioException):  # they only help: without them it is unknown all the same
        alerts = [one for one in debugger.alerts(client) if one["at"] >= since]
    why = f"the latest alert of the account is {alerts[0]['code']}: {alerts[0]['text']}" if alerts else ""
    return CallbackOutcome("unknown", why=why)
