"""Faults on demand: off until ordered, the first so many and no more, gone when the sandbox ends."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from secrets import randbelow
from typing import Any

from msgspec import Struct

from ..control_types import DeliveryFault, DeliveryKind, FaultState
from ..engine.model.errors import TaskRouterError
from ..webhooks.delivery import Delivery

ANY = "*"
ORDERED: tuple[DeliveryKind, ...] = ("event", "status")  # kinds that can come out of order

# what the service itself would say (rest-contract.md §11.2); any other status is an unnamed error of its family
ANSWERS: dict[int, tuple[int, str]] = {
    400: (20001, "Bad request"),
    401: (20003, "Authenticate"),
    403: (20403, "Forbidden"),
    404: (20404, "The requested resource was not found"),
    409: (20409, "Conflict"),
    412: (20412, "Precondition failed"),
    429: (20429, "Too Many Requests"),
    500: (20500, "An internal server error has occurred"),
    503: (20503, "Service is unavailable. Please try again"),
}
HEADERS: dict[int, dict[str, str]] = {
    429: {"Retry-After": "1", "Twilio-Concurrent-Requests": "100"},
    503: {"Retry-After": "1"},
}


class OrderedFailure(TaskRouterError):
    """An answer that a fault has ordered; nothing of the request has been done."""

    def __init__(self, status: int, code: int | None):
        own, text = ANSWERS.get(status, (20001 if status < 500 else 20500, "An error that was ordered"))
        super().__init__(text, code or own)
        self.status = status
        self.headers = HEADERS.get(status, {})


class Fault(Struct, kw_only=True):
    """What is to go wrong, and how often still (`left` of `first`).

    Either `operation` (its name, or * for all) answers `status` with Twilio's `code`; or `deliveries` of a `kind` (None
    for all) time out though they arrive, arrive `seconds` late, arrive twice, or are overtaken by the next one.
    """

    number: int
    first: int
    left: int
    operation: str | None = None
    status: int = 0
    code: int | None = None
    deliveries: DeliveryFault | None = None
    kind: DeliveryKind | None = None
    seconds: float = 2.0
    instead_of: str | None = None  # the fault that it has replaced, in words

    @property
    def scope(self) -> tuple[str | None, DeliveryFault | None, DeliveryKind | None]:
        """Say what it is about: of those with the same scope, only the last one is on."""
        return self.operation, self.deliveries, self.kind

    @property
    def description(self) -> str:
        """Say in words what goes wrong."""
        if self.operation is not None:
            return f"{self.operation} answers {self.status}"
        return f"{self.kind or ''} webhooks: {self.deliveries}".strip()

    def to_dict(self) -> FaultState:
        """Put it down as the control plane says it."""
        return {
            "number": self.number,
            "first": self.first,
            "left": self.left,
            "operation": self.operation,
            "status": self.status,
            "code": self.code,
            "deliveries": self.deliveries,
            "kind": self.kind,
            "seconds": self.seconds,
            "instead_of": self.instead_of,
            "what": self.description,
        }


class Faults:
    """The faults that are ordered now.

    on_taken_back: called when one is off before it has happened as often as ordered.
    """

    def __init__(self) -> None:
        self._numbers = count(1 + randbelow(2**31))  # so that after a restart no number means another fault
        self.ordered: dict[int, Fault] = {}
        self.on_taken_back: Callable[[], None] = lambda: None

    @property
    def active(self) -> list[Fault]:
        """List those that have not happened as often as ordered."""
        return [fault for fault in self.ordered.values() if fault.left]

    def order(self, first: int, **settings: Any) -> Fault:
        """Order a fault, in place of one on the same operation or of the same sort of deliveries.

        first: how often it happens; settings: fields of Fault.
        """
        fault = Fault(number=next(self._numbers), first=first, left=first, **settings)
        replaced = next((earlier for earlier in self.ordered.values() if earlier.scope == fault.scope), None)
        if replaced is not None:
            self.take_back(replaced.number)
            fault.instead_of = replaced.description if replaced.left else None
        self.ordered[fault.number] = fault
        return fault

    def take_back(self, number: int) -> Fault | None:
        """Turn the fault of that number off; None when it is not ordered."""
        fault = self.ordered.pop(number, None)
        self.on_taken_back()
        return fault

    def clear(self) -> None:
        """Take all back."""
        self.ordered.clear()
        self.on_taken_back()

    def fail(self, operation: str) -> None:
        """Raise OrderedFailure when this operation is to fail now."""
        for fault in self.active:
            if fault.operation in (operation, ANY):
                fault.left -= 1
                raise OrderedFailure(fault.status, fault.code)

    def fault_for(self, delivery: Delivery) -> Fault | None:
        """Find what is to go wrong with this delivery, or None. One that is sent again goes right.

        That it happens is counted here; for out-of-order by `consume`, once another one is there to overtake it.
        """
        if delivery.repeats is not None:
            return None
        for fault in self.active:
            if fault.deliveries and fault.kind in (None, delivery.kind):
                if fault.deliveries == "out-of-order" and delivery.kind not in ORDERED:
                    continue  # each of the others leaves for itself: they have no order
                if fault.deliveries != "out-of-order":
                    fault.left -= 1
                return fault
        return None

    def is_on(self, fault: Fault) -> bool:
        """Tell whether it is still to happen: it was not taken back, and has not happened often enough."""
        return fault.left > 0 and self.ordered.get(fault.number) is fault

    def consume(self, fault: Fault) -> bool:
        """Count that a fault happens now; False when it is not on any more."""
        on = self.is_on(fault)
        fault.left -= on
        return on
