"""The SDK of today, in its second and third versions: its requests, and what it is told (agent-sdk.md §3 to §5)."""

from __future__ import annotations

from typing import Any, cast

from ..engine.model.entities import Entity, Reservation, Task, Transfer, Worker, WorkerChannel
from ..engine.model.errors import NotFound, TaskRouterError
from ..engine.model.state import State
from ..http.dispatcher import base_of
from ..http.messages import Request
from ..runtime.service import Service
from . import routes, shapes
from .requests import Envelope, Operations, as_form
from .rights import check_access
from .sessions import Session, SessionRequest, message
from .tokens import TokenRefused, read_access

SHAPES: dict[type[Entity], Any] = {
    Worker: shapes.worker,
    WorkerChannel: shapes.worker_channel,
    Task: shapes.task,
    Reservation: shapes.reservation_task,
    Transfer: shapes.transfer,
}


class TodaysMessages:
    """Events in the shapes of today's SDK."""

    def event(self, state: State, event_type: str, about: Entity) -> bytes:
        """Write an event as a message."""
        return message(event_type, SHAPES[type(about)](state, about))


MESSAGES = TodaysMessages()


class Todays:
    """Answers the SDK of today.

    operations: of the server.
    """

    def __init__(self, operations: Operations):
        self.operations = operations

    def answer(self, request: Request, envelope: Envelope) -> dict[str, Any]:
        """Answer a request; give the body. Raises TaskRouterError."""
        return {"payload": self._payload(request, envelope)}

    def _payload(self, request: Request, envelope: Envelope) -> Any:
        service, claims = read_access(self.operations.worlds, envelope.token)
        route, path = routes.find(envelope.method, envelope.url)
        if route is None:
            raise NotFound(f"The SDK has no {envelope.method[:20]} of {envelope.url[:200]!r}")
        engine = service.workspaces.engines.get(path["WorkspaceSid"])
        check_access(claims, engine.state if engine else None, envelope.method, path, envelope.params)
        url_path = f"/v1/{envelope.url.strip('/')}"
        context = self.operations.context(base_of(request.header), service, url_path, routes.rest_path(path))
        if path.get("OtherWorkerSid", claims.worker_sid) == claims.worker_sid:  # else it names the supervisor's version
            context.if_match = request.header.get(b"if-match", b"").decode("latin-1") or None
        params = as_form(routes.rest_params(envelope.params))
        try:
            answer = self.operations.run(route.operation, context, params, route.on_calls)
        except TaskRouterError as refused:
            refused.text = routes.as_sent(refused.text, envelope.params)
            raise
        if route.kind is None or route.shape is None:
            return {}
        state, body = context.state, cast("dict[str, Any]", answer.body)
        if route.operation.key is None:
            return route.shape(state, state.get(route.kind, body["sid"]))
        contents = [route.shape(state, state.get(route.kind, one["sid"])) for one in body[route.operation.key]]
        return _page(contents, more=body["meta"]["next_page_url"] is not None)

    def session(self, request: Request, query: dict[str, str]) -> tuple[Service, Session]:
        """Make the session of a websocket, and find its account. Raises TaskRouterError."""
        service, claims = read_access(self.operations.worlds, query.get("token"))
        engine, worker_sid = service.workspaces.engines.get(claims.workspace_sid), claims.worker_sid
        if worker_sid is None:
            raise TokenRefused("The token names no worker: give its TaskRouterGrant a worker_sid")
        if engine is None or worker_sid not in engine.state.workers:
            raise TokenRefused(
                f"There is no worker {worker_sid} in workspace {claims.workspace_sid}: make the token for one that is "
                "there"
            )
        leaves = query.get("setWorkerOfflineIfDisconnected") == "true"
        asked = SessionRequest(query.get("closeExistingSessions") == "true", "" if leaves else None)
        return service, Session(claims, worker_sid, MESSAGES, asked)

    def greeting(self, session: Session) -> list[bytes]:
        """Give what is said first."""
        claims = session.claims
        payload = {
            "channel_id": session.channel,
            "account_sid": claims.account_sid,
            "workspace_sid": claims.workspace_sid,
            "token_lifetime": claims.milliseconds_left,
        }
        return [message("init", payload)]


def _page(contents: list[Any], more: bool) -> dict[str, Any]:
    """Make one page of a list (agent-sdk.md §4.2)."""
    after = contents[-1]["sid"] if more else None
    return {
        "contents": contents,
        "after_sid": after,
        "before_sid": None,
        "meta": {"list_key": "contents", "next_token": after},
        "page": 0,
        "total": len(contents),
        "start": 0,
        "end": 0,
        "nextPage": 0,
        "lastPage": 0,
    }
