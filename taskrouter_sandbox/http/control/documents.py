"""What the sandbox says of itself: its operations, its OpenAPI document, and what clients sent for nothing."""

from __future__ import annotations

from ...control_types import OperationList, UnreadList
from .. import openapi
from ..operation import Answer, Registry, RequestContext

control = Registry(control=True)


@control.operation("ListOperation", "GET", "/operations", returns=OperationList)
def operations(context: RequestContext) -> Answer:
    """List the operations of both APIs by Twilio's names for them."""
    rest = [each for each in context.server.all_operations if not each.control]
    return Answer(OperationList(operations=[{"id": o.id, "method": o.method, "path": o.path} for o in rest]))


@control.operation("ListUnreadParameter", "GET", "/unread", returns=UnreadList)
def unread(context: RequestContext) -> Answer:
    """List parameters that a client sent and nothing read."""
    counted = sorted(context.service.unread.items())
    return Answer(
        UnreadList(unread=[{"operation": id, "parameter": name, "times": times} for (id, name), times in counted])
    )


@control.operation("FetchOpenApiDocument", "GET", "/openapi.json")
def document(context: RequestContext) -> Answer:
    """Describe every operation: what it takes and what it returns."""
    return Answer(openapi.document(context.server.all_operations, context.base))
