"""Asks a running sandbox for what the real service does not have: its control plane under `/_sandbox/`.

`ControlClient("http://127.0.0.1:8901", account_sid, auth_token).clock.advance(minutes=2)`. Everything here raises
SandboxError when the sandbox has gone, or refuses, with its own words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, TypeAlias
from urllib.parse import quote

from .control_requests import Control, ControlRequests
from .control_types import (
    AlertRecord,
    ClockState,
    DeliveryFault,
    DeliveryKind,
    DeliveryRecord,
    FaultState,
    Health,
    OperationName,
    OptionsState,
    TransferRecord,
    UnreadParameter,
)
from .explanation.answers import TaskAnswer
from .phone_control import CallControl, PhoneControl

AlertRecords: TypeAlias = list[AlertRecord]
DeliveryRecords: TypeAlias = list[DeliveryRecord]
FaultStates: TypeAlias = list[FaultState]
Texts: TypeAlias = list[str]
TransferRecords: TypeAlias = list[TransferRecord]


@dataclass(frozen=True)
class ControlClient(ControlRequests):
    """A client of the control plane of a sandbox.

    url: its address, without a path; account_sid and auth_token: what it was started with; answer_seconds: that an
    answer may take.
    """

    @property
    def clock(self) -> ClockControl:
        """The sandbox's clock."""
        return ClockControl(self)

    @property
    def faults(self) -> FaultControl:
        """Answers and webhooks that go wrong on demand."""
        return FaultControl(self)

    @property
    def deliveries(self) -> DeliveryControl:
        """Webhooks that were sent."""
        return DeliveryControl(self)

    @property
    def alerts(self) -> AlertControl:
        """What Twilio's debugger would show."""
        return AlertControl(self)

    @property
    def options(self) -> OptionControl:
        """How the sandbox reads what the sources leave open."""
        return OptionControl(self)

    @property
    def transfers(self) -> TransferControl:
        """Tasks that a worker passes on."""
        return TransferControl(self)

    @property
    def calls(self) -> CallControl:
        """Phone calls, as the people at the phones see them."""
        return CallControl(self)

    @property
    def phones(self) -> PhoneControl:
        """How phones behave when they are called."""
        return PhoneControl(self)

    def health(self) -> Health:
        """Tell which process answers, and what its start found amiss."""
        return self.request("GET", "health")

    def reset(self) -> None:
        """Forget every workspace, event, webhook, alert and fault, and set clock and options right again."""
        self.request("POST", "reset")

    def drop(self) -> None:
        """Forget this account with all that it has: in a sandbox for any account, each is a world of its own."""
        self.request("DELETE", "world")

    def stop(self) -> None:
        """Ask the process to end; its state stays."""
        self.request("POST", "stop")

    def why(self, task_sid: str, newest: int = 20) -> TaskAnswer:
        """Tell why a task went where it went, also one that is gone: each decision about it, as it was made.

        newest: how many of the newest decisions are told, beside the first one.
        """
        return self.request("GET", f"tasks/{quote(task_sid)}/why", newest=newest)

    def operations(self) -> list[OperationName]:
        """List TaskRouter's operations by Twilio's names for them."""
        return self.request("GET", "operations")["operations"]

    def unread(self) -> list[UnreadParameter]:
        """List the parameters that clients sent and nothing read."""
        return self.request("GET", "unread")["unread"]

    def openapi(self) -> dict[str, Any]:
        """Describe every operation as an OpenAPI document."""
        return self.request("GET", "openapi.json")


@dataclass(frozen=True)
class Sandbox(ControlClient):
    """A sandbox that runs on this machine, and a client of its control plane.

    pid: of its process; source: the folder of the code that it was started from.
    """

    remedy: ClassVar[str] = "find it by ensure(), which starts it where it has gone"
    pid: int = 0
    source: str = ""


class ClockControl(Control):
    """The sandbox's clock: read it, and let time pass at once."""

    def read(self) -> ClockState:
        """Tell the time (milliseconds since 1970), and how many seconds that is ahead of this machine."""
        return self.client.request("GET", "clock")

    def now(self) -> datetime:
        """Tell what time it is in the sandbox, in UTC."""
        return datetime.fromtimestamp(self.read()["now"] / 1000, UTC)

    def ahead(self) -> float:
        """Tell how many seconds the clock is ahead of this machine's."""
        return float(self.read()["ahead"])

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> ClockState:
        """Move the clock forward, at most 366 days at once; all that falls due on the way happens in order."""
        length = seconds + 60 * minutes + 3600 * hours + 86_400 * days
        return self.client.request("POST", "clock", advance=f"{length:.3f}")


class FaultControl(Control):
    """The faults: order what is to go wrong, and take it back."""

    def order(
        self,
        *,
        operation: str | None = None,
        status: int | None = None,
        code: int | None = None,
        deliveries: DeliveryFault | None = None,
        kind: DeliveryKind | None = None,
        seconds: float | None = None,
        first: int = 1,
    ) -> FaultState:
        """Let the first answers of an operation (or of all, "*") fail, or the first webhooks go wrong.

        status: of the answer, 500 unless told otherwise; code: another of Twilio's than usual; deliveries: "timeout",
        "late", "twice" or "out-of-order"; kind: only "assignment" callbacks, "event" callbacks, requests for documents
        of calls ("voice"), or what is reported of calls and conferences ("status"); seconds: how late. It takes the
        place of an earlier fault of the same sort.
        """
        return self.client.request(
            "POST",
            "faults",
            operation=operation,
            status=status,
            code=code,
            deliveries=deliveries,
            kind=kind,
            seconds=seconds,
            first=first,
        )

    def active(self) -> FaultStates:
        """List the faults that have not happened as often as ordered."""
        return [fault for fault in self.list() if fault["left"]]

    def descriptions(self) -> Texts:
        """Say in words what each active fault does."""
        return [fault["what"] for fault in self.active()]

    def remove(self, number: int) -> FaultState:
        """Take one fault back; the answer tells how often it happened."""
        return self.client.request("DELETE", f"faults/{number}")

    def clear(self) -> None:
        """Take all faults back."""
        self.client.request("DELETE", "faults")

    def list(self) -> FaultStates:
        """List what is ordered, also what has happened as often as ordered."""
        return self.client.request("GET", "faults")["faults"]


class DeliveryControl(Control):
    """The log of webhooks: read it, and have one sent again."""

    def resend(self, number: int) -> int:
        """Deliver a webhook once more, and its answer counts; returns the number of the new delivery.

        The document of a call is not asked for again: the call has gone on.
        """
        return self.client.request("POST", f"deliveries/{number}/resend")["number"]

    def list(self, kind: DeliveryKind | None = None, limit: int = 500) -> DeliveryRecords:
        """List the newest webhooks of a kind, or of all, the newest first; limit: up to 10,000."""
        return self.client.request("GET", "deliveries", kind=kind, limit=limit)["deliveries"]


class AlertControl(Control):
    """The alerts."""

    def list(self, limit: int = 500) -> AlertRecords:
        """List the newest alerts, the newest first, each with what to do about it; limit: up to 10,000."""
        return self.client.request("GET", "alerts", limit=limit)["alerts"]


class OptionControl(Control):
    """How the sandbox reads what the sources leave open."""

    def read(self) -> OptionsState:
        """Tell which choices are made, which there are, and which are the usual ones."""
        return self.client.request("GET", "options")

    def set(self, **choices: str | int) -> OptionsState:
        """Choose another reading from now on, as in `set(empty_answer="failed")`."""
        return self.client.request("POST", "options", **choices)

    def unusual(self) -> dict[str, tuple[str | int, str | int]]:
        """Name the options that are not as usual: name -> choice, usual choice."""
        state = self.read()
        usual = state["defaults"]
        return {name: (choice, usual[name]) for name, choice in state["options"].items() if choice != usual[name]}


class TransferControl(Control):
    """Transfers: pass tasks on, as a worker's browser does."""

    def begin(
        self,
        reservation_sid: str,
        to: str,
        *,
        mode: Literal["WARM", "COLD"] = "WARM",
        attributes: str | None = None,
        priority: int | None = None,
    ) -> TransferRecord:
        """Pass the task of an accepted reservation on; to: SID of a Worker or a TaskQueue.

        mode: does the worker keep the task until another accepts it? attributes (JSON), priority: what the task has
        from now on.
        """
        settings = {"mode": mode, "attributes": attributes, "priority": priority}
        return self.client.request("POST", "transfers", reservation=reservation_sid, to=to, **settings)

    def fetch(self, sid: str) -> TransferRecord:
        """Tell what has become of a transfer."""
        return self.client.request("GET", f"transfers/{quote(sid)}")

    def cancel(self, sid: str) -> TransferRecord:
        """Take a transfer back: the task stays with a worker who is at work on it, or is routed again."""
        return self.client.request("DELETE", f"transfers/{quote(sid)}")

    def list(self, task_sid: str | None = None) -> TransferRecords:
        """List the transfers of a task, or of all, the oldest first."""
        return self.client.request("GET", "transfers", task=task_sid)["transfers"]
