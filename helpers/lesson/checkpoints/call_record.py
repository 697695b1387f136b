"""What is known of a phone call: the service's own records, and what the callback server was asked and answered.

The call and its task come from REST, errors from the alerts, and the documents from the log of this kernel's callback
servers, in the sandbox as on live Twilio. Only what a person did at the phone is known in the sandbox alone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from helpers import sandbox
from helpers.callback_server.exchange_log import Exchange
from helpers.callback_server.server import exchanges, newest_app_at, servers, serving_since
from helpers.connection.clients import mode_of
from helpers.connection.instances import CallInstance, IncomingPhoneNumberInstance, TaskInstance, WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.connection.vocabulary import UNANSWERED_CALL_STATUSES
from helpers.lesson.checkpoints.call_solutions import DIAL, SET_VOICE_URL
from helpers.lesson.checkpoints.framework import NotRight, NotYet, once_a_run
from helpers.lesson.checkpoints.lookups import get_workspace
from helpers.phone_numbers.number import OF_THE_SANDBOX
from helpers.phone_numbers.restoring import taken_numbers
from helpers.sandbox_tools import debugger

CALLS_LOOKED_AT = 20
"""The newest calls to the number, among which that of the lesson is looked for."""

ROUNDED = timedelta(seconds=1)
"""The times of calls have whole seconds (voice.md §1.2)."""


@dataclass(frozen=True)
class CallRecord:
    """A call to the lessons' number. number, call: twilio instances."""

    client: Client
    number: IncomingPhoneNumberInstance
    call: CallInstance

    @property
    def is_over(self) -> bool:
        """True when the call has ended, in whatever way."""
        return self.call.status not in (*UNANSWERED_CALL_STATUSES, "in-progress")

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """What this kernel's callback servers were asked about the call, in the order of time."""
        return [one for one in exchanges() if "ReservationSid" not in one.form and call_of(one) == self.call.sid]

    @cached_property
    def alerts(self) -> list[dict[str, Any]]:
        """The errors and warnings of the call, the newest first, as `debugger.alerts` gives them."""
        with suppress(TwilioException):  # they only help
            found = debugger.alerts(self.client)
            return [one for one in found if self.call.sid in one["more"].values()]
        return []

    @property
    def reached_nobody(self) -> bool:
        """True when this kernel serves apps, and a call that came since has reached none, here or elsewhere."""
        since = serving_since()
        if since is None or self.call.date_created < since - ROUNDED:
            return False
        is_new = self.call.status in UNANSWERED_CALL_STATUSES
        return is_new or any(one["level"] == "error" for one in self.alerts)

    @property
    def is_older_than_app(self) -> bool:
        """True when the app that is served now was asked nothing about the call, and an earlier one was."""
        asked = [one.at for one in exchanges() if call_of(one) == self.call.sid]
        newest = newest_app_at()
        return bool(asked) and newest is not None and max(asked) < newest

    @cached_property
    def digits(self) -> str:
        """The keys that reached the app; empty when none has."""
        return next((one.form["Digits"] for one in self.exchanges if one.form.get("Digits")), "")

    @cached_property
    def has_hung_up(self) -> bool | None:
        """Whether the caller has hung up; None where nobody can tell, which is on live Twilio."""
        if mode_of(self.client) == "live":
            return None
        captions = sandbox.ensure().calls.fetch(str(self.call.sid))["captions"]
        return any((one["source"], one["text"]) == ("phone", "hangs up") for one in captions)

    @cached_property
    def workspace(self) -> WorkspaceInstance:
        """The lessons' workspace. Raises NotYet when there is none."""
        return get_workspace(self.client)

    @cached_property
    def task(self) -> TaskInstance | None:
        """The newest task of the call in the lessons' workspace; None when there is none, or it is gone already."""
        own = [one for one in self.workspace.tasks.list() if as_object(one.attributes).get("call_sid") == self.call.sid]
        return own[-1] if own else None

    def asked_at(self, path: str) -> list[Exchange]:
        """Give what was asked at a path."""
        return [one for one in self.exchanges if one.path == path]

    def document(self, path: str) -> ElementTree.Element | None:
        """Give the newest TwiML that a path has answered with; None when there is none that can be read."""
        for one in reversed(self.asked_at(path)):
            with suppress(ElementTree.ParseError):
                return ElementTree.fromstring(one.answer)  # noqa: S314 (the learner's own, at most 2,000 characters)
        return None


def find_number(client: Client) -> IncomingPhoneNumberInstance:
    """Find the number that the lessons are called at. Raises NotYet when they have none, or no workspace."""
    get_workspace(client)
    live = mode_of(client) == "live"
    numbers = [one.phone_number for one in taken_numbers(client)] if live else [OF_THE_SANDBOX]
    for name in reversed(numbers):
        for number in client.incoming_phone_numbers.list(phone_number=name, limit=1):
            return number
    raise NotYet(
        "the lessons have no phone number: run the cell with `phone_number`.",
        hints=("`phone_number(client)` finds the number, or says what there is to do.",),
        solution=f"number = phone_number(client)\n{SET_VOICE_URL}",
    )


@once_a_run
def find_record(client: Client, lesson: str) -> CallRecord:
    """Find the newest call of this lesson to the lessons' number.

    lesson: "04", "05" or "05b". A call is of the lesson when a callback server of this kernel was asked about it, when
    its task carries the lesson's number, or when it has reached nobody. Raises NotYet when there is none,
    NotRight when the calls go to somebody else's server.
    """
    number = find_number(client)
    newest = client.calls.list(to=number.phone_number, limit=CALLS_LOOKED_AT)
    calls = [one for one in newest if one.direction == "inbound"]
    tasks = [as_object(one.attributes) for one in get_workspace(client).tasks.list()] if calls else []
    by_call = {each["call_sid"]: each for each in tasks if each.get("call_sid")}
    for call in calls:
        record = CallRecord(client, number, call)
        sid = str(call.sid)
        if is_of_lesson(by_call.get(sid, {"call_sid": sid}), lesson) or (sid not in by_call and record.reached_nobody):
            return record
    if calls and (elsewhere := _leads_elsewhere(number)):
        raise elsewhere
    raise NotYet(
        f"nobody has called {number.phone_number} yet. Press *Call* on the phone above.",
        hints=("The phone has the number filled in.", "No mouse at hand? The solution does the same."),
        solution=DIAL,
    )


def is_of_lesson(attributes: dict[str, Any], lesson: str) -> bool:
    """Tell from a task's attributes whether it was made of a call of this lesson, or of one that asked this kernel."""
    sid = attributes.get("call_sid")
    return bool(sid) and (attributes.get("lesson") == lesson or any(call_of(one) == sid for one in exchanges()))


def call_of(exchange: Exchange) -> str | None:
    """Give the SID of the call that a request to a callback server is about, or whose task it is about."""
    form = exchange.form
    in_query = dict(parse_qsl(exchange.query)).get("CallSid")
    return form.get("CallSid") or in_query or as_object(form.get("TaskAttributes")).get("call_sid")


def _leads_elsewhere(number: IncomingPhoneNumberInstance) -> NotRight | None:
    """Say that the calls to a number go to an address that is of no callback server of this kernel, if so."""
    url = number.voice_url or ""
    if not url or any(url.startswith(f"{own}/") for one in servers() for own in (one.url, one.public_url) if own):
        return None
    return NotRight(
        f"the number's `voice_url` is {url}, which is not the address of this page's server: its calls go elsewhere.",
        hints=(
            "Each page with calls has a server of its own, and the number has one voice URL.",
            "Run the cell that sets it again, then call.",
        ),
        solution=SET_VOICE_URL,
    )
