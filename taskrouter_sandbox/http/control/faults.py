"""Faults: answers and webhooks that go wrong on demand."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated

from msgspec import Meta

from ...control_types import DeliveryFault, DeliveryKind, FaultList, FaultState
from ...engine.model.errors import TaskRouterError
from ...runtime.faults import ANY, ORDERED
from ..errors import not_found
from ..operation import Answer, Registry, RequestContext
from .parameters import ControlParameters, number_in_path

control = Registry(control=True)
WHICH = "GET /_sandbox/faults has the numbers of those that were ordered"
BELONGS_TO = {"operation": ("status", "code"), "deliveries": ("kind", "seconds")}  # settings of the two sorts of fault


class CreateFault(ControlParameters):
    """What is to go wrong.

    Either `operation` (such as CreateTask, or *) with `status` and Twilio's `code`, or `deliveries` of a `kind`, with
    `seconds` for those that are late or overtaken. first: how many times.
    """

    operation: str | None = None
    status: Annotated[int, Meta(ge=400, le=599)] = 500
    code: Annotated[int, Meta(ge=0, le=99_999)] = 0
    deliveries: DeliveryFault | None = None
    kind: DeliveryKind | None = None
    seconds: Annotated[float, Meta(ge=0, le=60)] = 2.0
    first: Annotated[int, Meta(ge=1, le=1_000_000)] = 1


def _check(context: RequestContext, asked: CreateFault) -> None:
    """Refuse settings that do not go together."""
    if (asked.operation is None) == (asked.deliveries is None):
        raise TaskRouterError("Say either operation, such as CreateTask or *, or deliveries, such as twice")
    sort, other = ("operation", "deliveries") if asked.operation is not None else ("deliveries", "operation")
    if strange := [name for name in BELONGS_TO[other] if name in asked.given()]:
        raise TaskRouterError(f"{', '.join(strange)} belongs to {other}, and means nothing for {sort}: leave it out")
    if asked.operation is not None:
        _check_operation(context, asked.operation)
    if asked.deliveries == "out-of-order" and asked.kind not in (None, *ORDERED):
        raise TaskRouterError(
            f"Webhooks of the kind {asked.kind} leave each for itself: only events and status callbacks (kind status) "
            "can come out of order"
        )
    if "seconds" in asked.given() and asked.deliveries not in ("late", "out-of-order"):
        raise TaskRouterError(
            f"seconds belongs to late and out-of-order, and means nothing for {asked.deliveries}: leave it out"
        )


def _check_operation(context: RequestContext, name: str) -> None:
    names = {each.id.lower(): each.id for each in context.server.operations if not each.control}
    if name in (ANY, *names.values()):
        return
    near = get_close_matches(name.lower(), names, 1)
    meant = f"did you mean {names[near[0]]}? " if near else ""
    raise TaskRouterError(f"There is no operation {name}; {meant}/_sandbox/operations names them")


@control.operation("ListFault", "GET", "/faults", returns=FaultList)
def list_(context: RequestContext) -> Answer:
    """List what is ordered to go wrong."""
    return Answer(FaultList(faults=[fault.to_dict() for fault in context.service.faults.ordered.values()]))


@control.operation("CreateFault", "POST", "/faults", CreateFault, returns=FaultState)
def create(context: RequestContext, asked: CreateFault) -> Answer:
    """Order a fault, in place of one on the same operation or of the same sort of deliveries."""
    _check(context, asked)
    faults = context.service.faults
    if asked.operation is not None:
        fault = faults.order(asked.first, operation=asked.operation, status=asked.status, code=asked.code or None)
    else:
        fault = faults.order(asked.first, deliveries=asked.deliveries, kind=asked.kind, seconds=asked.seconds)
    return Answer(fault.to_dict())


@control.operation("DeleteAllFaults", "DELETE", "/faults", returns=FaultList)
def delete_all(context: RequestContext) -> Answer:
    """Take all faults back."""
    context.service.faults.clear()
    return Answer(FaultList(faults=[]))


@control.operation("DeleteFault", "DELETE", "/faults/{number}", returns=FaultState)
def delete(context: RequestContext) -> Answer:
    """Take one fault back; the answer tells how often it happened."""
    fault = context.service.faults.take_back(number_in_path(context, WHICH))
    if fault is None:
        raise not_found(context.url_path, WHICH)
    return Answer(fault.to_dict())
