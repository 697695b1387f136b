"""What is known of a phone call: the service's own records, and what the callback server was asked and answered.

The call and its task come from REST, errors from the alerts, and the documents from the log of this kernel's callback
servers, in the sandbox as on live Twilio. Only what a person did at the phone is known in the sandbox alone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from xml.etree import ElementTree

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from helpers import sandbox
from helpers.callback_server.exchange_log import Exchange
from helpers.callback_server.server import exchanges
from helpers.connection.clients import mode_of
from helpers.connection.instances import CallInstance, IncomingPhoneNumberInstance, TaskInstance, WorkspaceInstance
from helpers.connection.json_text import as_object
from helpers.connection.vocabulary import UNANSWERED_CALL_STATUSES
from helpers.lesson.checkpoints.call_solutions import DIAL, SET_VOICE_URL
from helpers.lesson.checkpoints.framework import NotYet
from helpers.lesson.checkpoints.lookups import get_workspace
from helpers.phone_numbers.number import OF_THE_SANDBOX
from helpers.phone_numbers.restoring import taken_numbers
from helpers.sandbox_tools import debugger


@dataclass(frozen=True)
class CallRecord:
    """The newest call to the lessons' number. number, call: twilio instances."""

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
        sid = str(self.call.sid)
        return [one for one in exchanges() if one.form.get("CallSid") == sid or f"CallSid={sid}" in one.query]

    @cached_property
    def alerts(self) -> list[dict[str, Any]]:
        """The errors and warnings of the call, the newest first, as `debugger.alerts` gives them."""
        with suppress(TwilioException):  # they only help
            found = debugger.alerts(self.client)
            return [one for one in found if self.call.sid in one["more"].values()]
        return []

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


def find_record(client: Client) -> CallRecord:
    """Find the newest call to the lessons' number. Raises NotYet when nobody has called yet."""
    number = find_number(client)
    calls = [one for one in client.calls.list(to=number.phone_number, limit=20) if one.direction == "inbound"]
    if not calls:
        raise NotYet(
            f"nobody has called {number.phone_number} yet. Press *Call* on the phone above.",
            hints=("The phone has the number filled in.", "No mouse at hand? The solution does the same."),
            solution=DIAL,
        )
    return CallRecord(client, number, calls[0])
