"""Lets things go wrong in the sandbox, to see what a program makes of it."""

from __future__ import annotations

from helpers import sandbox
from helpers.connection import account
from helpers.errors import LessonError
from taskrouter_sandbox.control_types import DeliveryFault, DeliveryKind, FaultState


class faults:
    """Let the first answers or webhooks go wrong, and switch that off again; says both.

    `with faults(deliveries="twice", first=2): ...` ends with its block; `fault = faults(operation="CreateTask",
    status=429)` lasts until `fault.off()`. A fault takes the place of an earlier one of the same sort. All are off
    after `faults.all_off()`, and when the sandbox is emptied or starts anew.

    operation: what fails, by Twilio's name for it, or "*" for all; status: what it answers with, 500 if not said; code:
    Twilio's code, where it is to be another than usual.
    deliveries: what becomes of webhooks: "timeout" (they arrive, and the answer counts as too late), "late" (by so many
    seconds), "twice", "out-of-order" (overtaken by the next event or status callback). kind: only "assignment" or
    "event" callbacks, requests for documents of calls ("voice"), or what is reported of calls ("status"). first: how
    many. quiet: say nothing, neither when it is ordered nor when it is switched off.

    Raises LessonError on live Twilio, where nobody can order that, and for an order that makes no sense.
    """

    def __init__(
        self,
        *,
        operation: str | None = None,
        status: int | None = None,
        code: int | None = None,
        deliveries: DeliveryFault | None = None,
        kind: DeliveryKind | None = None,
        seconds: float | None = None,
        first: int = 1,
        quiet: bool = False,
    ) -> None:
        if account.current().mode == "live":
            raise LessonError("Faults cannot be ordered on live Twilio: work in the sandbox for this.")
        fault = sandbox.ensure().faults.order(
            operation=operation,
            status=status,
            code=code,
            deliveries=deliveries,
            kind=kind,
            seconds=seconds,
            first=first,
        )
        self._quiet = quiet
        self.number: int | None = fault["number"]
        self._what: str = fault["what"]
        self._scope = _scope(fault)
        replaced = f" (instead of {fault['instead_of']})" if fault["instead_of"] else ""
        self.said = f"Fault on{replaced}: {self._what}, the first {first}."
        if not quiet:
            print(self.said)

    def off(self) -> None:
        """Switch it off; nothing happens when it is off already."""
        if self.number is None:
            return
        number, self.number = self.number, None
        running = sandbox.ensure()  # perhaps another one by now, whose faults have other numbers
        ordered = {fault["number"]: fault for fault in running.faults.list()}
        if number in ordered:
            fault = running.faults.remove(number)
            told = f"it happened {fault['first'] - fault['left']} of {fault['first']} times"
        elif by := next((fault["what"] for fault in ordered.values() if _scope(fault) == self._scope), None):
            told = f"it had been replaced by {by}, which is on"
        else:
            told = "it was off already"
        if not self._quiet:
            print(f"Fault off: {self._what}; {told}.")

    @staticmethod
    def all_off(*, quiet: bool = False) -> None:
        """Switch off all faults of the sandbox, whoever ordered them; says which those were, unless `quiet`."""
        if account.current().mode == "live":
            raise LessonError("There are no faults on live Twilio.")
        running = sandbox.ensure()
        was_on = running.faults.descriptions()
        running.faults.clear()
        if not quiet:
            print(f"Faults off: {'; '.join(was_on)}." if was_on else "No fault was on.")

    @staticmethod
    def active() -> list[FaultState]:
        """List the faults that are on; on live Twilio none."""
        if account.current().mode == "live":
            return []
        return sandbox.ensure().faults.active()

    def __enter__(self) -> faults:
        return self

    def __exit__(self, *_: object) -> None:
        self.off()


def _scope(fault: FaultState) -> tuple[str | None, ...]:
    """Tell what a fault is about: of those with the same scope, only the last one is on."""
    return fault["operation"], fault["deliveries"], fault["kind"]
