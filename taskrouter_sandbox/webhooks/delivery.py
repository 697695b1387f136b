"""A webhook that is to be delivered, its attempts, and what has become of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, cast

from msgspec import Struct, field
from msgspec.structs import replace

from ..control_types import DeliveryAttempt, DeliveryFault, DeliveryKind, DeliveryRecord, DeliveryResult

OF_CALLS: tuple[DeliveryKind, ...] = ("voice", "status")  # kinds that the voice side sends


class Outcome(NamedTuple):
    """What came of a delivery: the result, and the words about it.

    done: an instruction was carried out, or an event reported; no-instruction: the answer said none; too-late: the
    reservation had been answered; refused: the instruction broke a rule; failed: there was no answer that counts;
    dropped: too many waited; gone: there was nothing any more to ask about, or for the answer to be about.
    """

    result: DeliveryResult
    text: str


class DeliveryFailure(NamedTuple):
    """Why an attempt counts for nothing: the debugger's code (behaviour.md §3.5), and the words."""

    code: int
    text: str


class Redirect(NamedTuple):
    """A step on the way to an answer: the status that said so, and where to."""

    status: int
    url: str


class Attempt(Struct, kw_only=True):
    """One try to deliver, as the log keeps it.

    url: without a password; at: seconds since 1970, the machine's time; seconds: how long it took; signed: what the
    signature of the last request was computed over; authorized: Basic or Digest, where a 401 asked for the user that
    the address names; status, content_type and body (its beginning): of the answer, None where there was none; error:
    why there is no answer that counts, whatever its status says; fault: what was ordered to go wrong.
    """

    url: str
    at: float
    seconds: float = 0.0
    redirects: list[Redirect] = field(default_factory=list[Redirect])
    signed: str | None = None
    authorized: str | None = None
    status: int | None = None
    content_type: str | None = None
    body: str | None = None
    error: DeliveryFailure | None = None
    fault: DeliveryFault | None = None

    @property
    def failure(self) -> DeliveryFailure | None:
        """Why it counts for nothing: there was no answer, or its status says so; None for an answer that counts."""
        if self.error is None and self.status is not None and 200 <= self.status < 300:
            return None
        answered = "there was no answer" if self.status is None else f"it answered {self.status}"
        failure = self.error or DeliveryFailure(11200, answered)
        return failure._replace(text=failure.text + self.redirected)

    @property
    def redirected(self) -> str:
        """Where redirects have led, to be said behind what went wrong there; "" where there were none."""
        if not self.redirects:
            return ""
        status, url = self.redirects[-1]
        by_get = any(each.status not in (307, 308) for each in self.redirects)
        asked = ", and asked there by GET, without the form" if by_get else ""
        return f" (redirected by {status} to {url}{asked})"

    def time_out(self, seconds: float) -> None:
        """Let no answer count, though one may have come: a fault says that none came within so many seconds."""
        self.error = DeliveryFailure(11205, f"no answer within {seconds:g} seconds (as a fault has ordered)")

    def to_dict(self) -> DeliveryAttempt:
        """Put it down as plain values; what there is not is left out."""
        plain = {
            "url": self.url,
            "at": self.at,
            "redirects": [{"status": each.status, "url": each.url} for each in self.redirects],
            "signed": self.signed,
            "authorized": self.authorized,
            "status": self.status,
            "content_type": self.content_type,
            "body": self.body,
            "error": self.error and self.error.text,
            "code": self.error and self.error.code,
            "seconds": self.seconds,
            "fault": self.fault,
        }
        return cast(DeliveryAttempt, {name: value for name, value in plain.items() if value is not None})

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Attempt:
        """Read what `to_dict` has put down."""
        return cls(
            url=plain["url"],
            at=plain["at"],
            seconds=plain["seconds"],
            redirects=[Redirect(each["status"], each["url"]) for each in plain["redirects"]],
            signed=plain.get("signed"),
            authorized=plain.get("authorized"),
            status=plain.get("status"),
            content_type=plain.get("content_type"),
            body=plain.get("body"),
            error=DeliveryFailure(plain["code"], plain["error"]) if "error" in plain else None,
            fault=plain.get("fault"),
        )


class Delivery(Struct, kw_only=True):
    """One webhook, as the log keeps it.

    workspace_sid: "" for those of calls; subject_sid: the reservation that is asked about, the event that is reported,
    the call whose document is asked for, or what a status callback is about; fallback_url: where else to ask; number:
    its place in the log; at: milliseconds since 1970, the sandbox's time; outcome: None while it is under way; repeats:
    the number of the one that this sends again.
    """

    kind: DeliveryKind
    workspace_sid: str
    subject_sid: str
    url: str
    parameters: dict[str, str]
    method: Literal["GET", "POST"] = "POST"
    fallback_url: str | None = None
    number: int = 0
    at: int = 0
    attempts: list[Attempt] = field(default_factory=list[Attempt])
    outcome: Outcome | None = None
    repeats: int | None = None

    def again(self) -> Delivery:
        """Make the same once more, as a delivery of its own."""
        return replace(self, number=0, attempts=[], outcome=None, repeats=self.number)

    def to_dict(self) -> DeliveryRecord:
        """Put it down as the control plane says it: without the passwords of its addresses."""
        result, text = self.outcome or (None, None)
        return {
            "kind": self.kind,
            "workspace_sid": self.workspace_sid,
            "subject_sid": self.subject_sid,
            "method": self.method,
            "url": without_password(self.url),
            "parameters": self.parameters,
            "fallback_url": without_password(self.fallback_url) if self.fallback_url else None,
            "number": self.number,
            "at": self.at,
            "attempts": [attempt.to_dict() for attempt in self.attempts],
            "outcome": text,
            "result": result,
            "repeats": self.repeats,
        }


def without_password(url: str) -> str:
    """Show an address without its password."""
    return re.sub(r"(?<=://)([^/?#:]*):[^/?#]*@", r"\1:***@", url, count=1)
