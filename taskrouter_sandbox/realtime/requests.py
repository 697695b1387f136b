"""What agents' browsers ask: an envelope around a request, and the operations of REST that answer what is in it."""

from __future__ import annotations

from typing import Any, cast

import orjson
from msgspec import Struct

from ..engine.model.errors import TaskRouterError
from ..http.dispatcher import Dispatcher
from ..http.errors import invalid
from ..http.operation import Answer, Operation, RequestContext
from ..http.parameters import InvalidParameter
from ..runtime.service import Service

ATTRIBUTES = "Attributes"  # the one parameter that is JSON


class Envelope(Struct):
    """What a request holds: the method and the url that it really asks, its params, and a token.

    event_type: of the event that the answer is taken for, as the first version wants it; None for no event.
    """

    url: str
    method: str
    params: dict[str, Any]
    token: str
    event_type: str | None


def read_envelope(body: bytes) -> Envelope:
    """Read the body of a request. Raises TaskRouterError (400)."""
    try:
        told = orjson.loads(body)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise TaskRouterError("The body must be a JSON object with url, method, params and token, as the SDK sends it")
    found = cast("dict[str, Any]", told)
    url, method, token = found.get("url"), found.get("method"), found.get("token")
    params: object = found.get("params") or {}
    event_type = found.get("event_type")
    if not isinstance(url, str) or not isinstance(method, str):
        raise TaskRouterError("The body must have a url and a method, as the SDK sends them")
    if not isinstance(params, dict):
        raise TaskRouterError("params must be a JSON object")
    return Envelope(
        url,
        method.upper(),
        cast("dict[str, Any]", params),
        token if isinstance(token, str) else "",
        event_type if isinstance(event_type, str) else None,
    )


def as_form(params: dict[str, Any]) -> list[tuple[str, str]]:
    """Write params as a form would have them: objects, and whatever comes as attributes, as JSON texts, lists as a name
    that comes again and again."""
    given: list[tuple[str, str]] = []
    for name, value in params.items():
        several = isinstance(value, list) and name != ATTRIBUTES
        values = cast("list[object]", value if several else [value])
        given += [(name, _text(one)) for one in values if several or one is not None]
    return given


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode()


class Operations:
    """The operations of a server, for requests that come in an envelope.

    dispatcher: whose operations they are.
    """

    def __init__(self, dispatcher: Dispatcher):
        self.dispatcher, self.worlds = dispatcher, dispatcher.worlds

    def context(self, base: str, service: Service, url_path: str, path: dict[str, str]) -> RequestContext:
        """Make what an operation is given, without a query and an If-Match."""
        return RequestContext(
            server=self.dispatcher.server,
            service=service,
            base=base,
            url_path=url_path,
            query=[],
            path=path,
            if_match=None,
            now=service.now(),
        )

    def run(
        self, operation: Operation, context: RequestContext, pairs: list[tuple[str, str]], on_calls: bool = False
    ) -> Answer:
        """Run an operation of REST, or one like it. on_calls: see `Route`. Raises TaskRouterError."""
        service = context.service
        service.faults.fail(operation.id)
        parameters, unread = None, set[str]()
        if operation.parameters is not None:
            try:
                parameters, unread = operation.parameters.read(pairs)
            except InvalidParameter as error:
                raise invalid(error) from None
        if not on_calls:
            return self.dispatcher.perform(operation, context, parameters, dict.fromkeys(unread, "there"))
        workspace_sid = context.path["WorkspaceSid"]
        context.engine_in_use = service.workspaces.apply(workspace_sid, context.now, lambda engine: engine)
        return operation.run(context, parameters)
