"""What the control plane under `/_sandbox/` answers: declared here once, for the server and for its client."""

from __future__ import annotations

from typing import Literal, TypedDict

DeliveryKind = Literal["assignment", "event", "voice", "status"]
"""Assignment callbacks and events of TaskRouter; requests for the documents of calls; and what is reported of calls,
conferences and recordings."""
DeliveryFault = Literal["timeout", "late", "twice", "out-of-order"]
DeliveryResult = Literal["done", "no-instruction", "too-late", "refused", "failed", "dropped", "gone"]


class Health(TypedDict):
    """Which process answers.

    code: fingerprint of its source files; now: milliseconds since 1970, its time; notice: what a start found amiss;
    worlds: the number of accounts that it holds.
    """

    status: Literal["ok"]
    pid: int
    code: str
    now: int
    notice: str | None
    worlds: int


class Done(TypedDict):
    """What the sandbox, or the account that asked, is now."""

    status: Literal["empty", "gone", "stopping"]


class ClockState(TypedDict):
    """The sandbox's time. now: milliseconds since 1970; ahead: seconds that it is ahead of this machine."""

    now: int
    ahead: float


class FaultState(TypedDict):
    """A fault that is ordered: it happens `left` more times of `first`.

    operation: what fails (an operation's name, or * for all), with which status and which of Twilio's codes;
    deliveries: what becomes of webhooks, of that kind or of all (None); seconds: how late they are, or how long one
    waits to be overtaken; instead_of: the fault that it has replaced, in words; what: this one in words.
    """

    number: int
    first: int
    left: int
    operation: str | None
    status: int
    code: int | None
    deliveries: DeliveryFault | None
    kind: DeliveryKind | None
    seconds: float
    instead_of: str | None
    what: str


class FaultList(TypedDict):
    """The faults that are ordered."""

    faults: list[FaultState]


class RedirectRecord(TypedDict):
    """An address that a webhook was sent on to, and the status that did so."""

    status: int
    url: str


class DeliveryAttempt(TypedDict, total=False):
    """One request of a webhook and its answer.

    at: seconds since 1970; seconds: until the whole answer was there; signed: what the signature was computed over;
    authorized: Basic or Digest, where the address names a user and a 401 asked for it. Either `status`, `content_type`
    and the beginning of the `body`, or `error` in words and Twilio's `code` for it. fault: what was ordered to happen.
    """

    url: str
    at: float
    seconds: float
    redirects: list[RedirectRecord]
    signed: str
    authorized: str
    status: int
    content_type: str
    body: str
    error: str
    code: int
    fault: DeliveryFault


class DeliveryRecord(TypedDict):
    """One webhook: what was sent where, each attempt, and what came of it.

    number: its place in the log; workspace_sid: "" for those of calls; subject_sid: the reservation that was asked
    about, the event that was reported, the call whose document was asked for, or the call, conference or recording of a
    status callback; at: milliseconds since 1970, the sandbox's time; outcome: in words, None while it is under way;
    result: the same in a word; repeats: the number of the one that it sends again.
    """

    number: int
    kind: DeliveryKind
    workspace_sid: str
    subject_sid: str
    method: Literal["GET", "POST"]
    url: str
    fallback_url: str | None
    parameters: dict[str, str]
    at: int
    attempts: list[DeliveryAttempt]
    outcome: str | None
    result: DeliveryResult | None
    repeats: int | None


class DeliveryList(TypedDict):
    """Webhooks, the newest first."""

    deliveries: list[DeliveryRecord]


class Resent(TypedDict):
    """The new delivery, and the one that it repeats."""

    number: int
    repeats: int


class StoredAlert(TypedDict):
    """An alert as it is kept. at: milliseconds since 1970, the sandbox's time."""

    number: int
    workspace_sid: str
    at: int
    code: int
    level: Literal["error", "warning"]
    text: str
    subject_sid: str


class AlertRecord(StoredAlert):
    """What Twilio's debugger would show. title: what Twilio calls the code; advice: what to do next."""

    title: str
    advice: str
    more_info: str


class AlertList(TypedDict):
    """Alerts, the newest first."""

    alerts: list[AlertRecord]


class OptionsState(TypedDict):
    """How the sandbox reads what the sources leave open: the choices made, those there are, and the usual ones.

    Where there are no choices, any number of milliseconds will do.
    """

    options: dict[str, str | int]
    choices: dict[str, list[str]]
    defaults: dict[str, str | int]


class RulesState(TypedDict):
    """The same by the names that these options had first."""

    rules: dict[str, str | int]
    readings: dict[str, list[str]]
    usual: dict[str, str | int]


class TransferRecord(TypedDict):
    """A transfer by the names that the worker SDK reads; dates are seconds since 1970."""

    account_sid: str
    workspace_sid: str
    task_sid: str
    sid: str
    transfer_type: Literal["WORKER", "QUEUE"]
    transfer_mode: Literal["WARM", "COLD"]
    transfer_to: str
    transfer_status: Literal["initiated", "complete", "failed", "canceled"]
    transfer_failed_reason: str | None
    date_created: int
    date_updated: int
    initiating_reservation_sid: str
    initiating_worker_sid: str
    initiating_queue_sid: str
    initiating_workflow_sid: str | None


class TransferList(TypedDict):
    """Transfers, the oldest first."""

    transfers: list[TransferRecord]


class UnreadParameter(TypedDict):
    """A parameter that clients sent with an operation, and that nothing read."""

    operation: str
    parameter: str
    times: int


class UnreadList(TypedDict):
    """The parameters that nothing read."""

    unread: list[UnreadParameter]


class OperationName(TypedDict):
    """One of TaskRouter's operations as Twilio names it, with its verb and path."""

    id: str
    method: str
    path: str


class OperationList(TypedDict):
    """TaskRouter's operations."""

    operations: list[OperationName]


class Heard(TypedDict):
    """What somebody at a phone hears, or does there.

    at: milliseconds since 1970; source: the verb, or `phone`; language: of a Say, where it names one.
    """

    at: int
    source: str
    text: str
    language: str | None


class RequestMade(TypedDict):
    """A request that was made for a call. at: milliseconds; status: None where no answer came; problem: in words."""

    at: int
    method: str
    url: str
    status: int | None
    problem: str | None


class QueuePlace(TypedDict):
    """Where a call waits. position: from 1; size: of the queue; seconds: since it came there."""

    sid: str
    name: str
    position: int
    size: int
    seconds: int


CallState = TypedDict(
    "CallState",
    {
        "sid": str,
        "direction": Literal["inbound", "outbound-api", "outbound-dial"],
        "status": str,
        "from": str,
        "to": str,
        "phone": str,
        "parent_call_sid": str | None,
        "task_sid": str | None,
        "reservation_sid": str | None,
        "began": int,
        "answered": int | None,
        "ended": int | None,
        "seconds": int,
        "waits_for": str | None,
        "connected_with": list[str],
        "heard_by": list[str],
        "ringing": list[str],
        "queue": QueuePlace | None,
        "conference_sid": str | None,
        "captions": list[Heard],
        "requests": list[RequestMade],
    },
)
"""A call as its phone shows it. phone: the address of that; began, answered, ended: milliseconds since 1970; seconds:
since it was answered; connected_with: the other phones, without those who listen in and are not heard here;
heard_by: the phones that hear this one, fewer where it is muted or coaches;
ringing: those that are being called to be connected with it;
captions: what was heard so far."""


class CallList(TypedDict):
    """Calls, the newest first."""

    calls: list[CallState]


PhoneBehaviour = Literal["after", "never", "busy", "reject", "unreachable", "by-hand"]


class PhoneState(TypedDict):
    """How a phone behaves when it is called.

    seconds: after which it answers, or rejects; for_now: it was told so for some seconds, and then behaves as before.
    """

    address: str
    answer: PhoneBehaviour
    seconds: int
    for_now: bool


class PhoneList(TypedDict):
    """Phones that were told how to behave."""

    phones: list[PhoneState]
