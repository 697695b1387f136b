"""Webhooks that were sent, and one that is sent again."""

from __future__ import annotations

from ...control_types import DeliveryKind, DeliveryList, Resent
from ..errors import not_found
from ..operation import Answer, Registry, RequestContext
from .parameters import Newest, number_in_path

control = Registry(control=True)
WHICH = "GET /_sandbox/deliveries has the numbers"


class ListDelivery(Newest):
    """Which kind of webhook is wanted; all when it is left out."""

    kind: DeliveryKind | None = None


@control.operation("ListDelivery", "GET", "/deliveries", ListDelivery, returns=DeliveryList)
def list_(context: RequestContext, asked: ListDelivery) -> Answer:
    """List every webhook, the newest first: request, attempts, outcome.

    An attempt's `signed` is what its signature was computed over: address and sorted parameters. The token and the
    signature itself are kept nowhere.
    """
    found = context.service.store.deliveries(asked.kind, asked.limit)
    return Answer(DeliveryList(deliveries=[delivery.to_dict() for delivery in found]))


@control.operation("ResendDelivery", "POST", "/deliveries/{number}/resend", returns=Resent)
def resend(context: RequestContext) -> Answer:
    """Deliver a webhook once more; its answer counts like that of any other.

    The document of a call is not asked for again: the call has gone on.
    """
    number = number_in_path(context, WHICH)
    delivery = context.service.store.delivery(number)
    if delivery is None:
        raise not_found(context.url_path, WHICH)
    return Answer(Resent(number=context.service.send_again(delivery).number, repeats=number))
