"""The first version of the SDK, the quickstart's script: REST in an envelope, in REST's shapes (agent-sdk.md §13)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from ..engine.model.entities import Entity, Reservation, Task, Transfer, Worker, WorkerChannel
from ..engine.model.errors import NotFound, TaskRouterError
from ..engine.model.state import State
from ..http.dispatcher import BRIDGE, base_of
from ..http.forms import read_pairs
from ..http.messages import Request
from ..http.operation import RequestContext
from ..http.resources import tasks, worker_channels, workers
from ..runtime.service import Service
from .policies import check_policies
from .requests import Envelope, Operations, as_form
from .rights import Forbidden
from .sessions import Session, SessionRequest, message
from .tokens import Capability, read_capability

WORKSPACES = "/v1/Workspaces/"


class LegacyMessages:
    """Events in REST's own shapes, with links that lead back the way a client came.

    base: scheme and host of its address.
    """

    def __init__(self, operations: Operations, service: Service, base: str):
        self.operations, self.service, self.base = operations, service, base

    def event(self, state: State, event_type: str, about: Entity) -> bytes | None:
        """Write an event as a message; of tasks and transfers this version does not know any."""
        if isinstance(about, Task | Transfer):
            return None
        context = self.operations.context(self.base, self.service, "", {})
        context.engine_in_use = self.service.workspaces.engines[state.workspace.sid]
        return message(event_type, _payload(context, state, about))


def _payload(context: RequestContext, state: State, about: Entity) -> Any:
    match about:
        case Worker():
            return workers.render(context, about)
        case WorkerChannel():
            return worker_channels.render(context, about)
        case Reservation():  # a task, with the reservation beside it
            return {**tasks.render(context, state.tasks[about.task_sid]), "reservation_sid": about.sid}
        case _:
            raise TypeError(about)


class Legacy:
    """Answers the first version of the SDK.

    operations: of the server.
    """

    def __init__(self, operations: Operations):
        self.operations = operations

    def answer(self, request: Request, envelope: Envelope) -> dict[str, Any]:
        """Answer a request; give the body, which names its event where it is to be one. Raises TaskRouterError."""
        service, claims = self._read(request, envelope.token)
        try:
            address = urlsplit(envelope.url)
        except ValueError:
            raise TaskRouterError(f"This is no url: {envelope.url[:200]!r}") from None
        path = address.path.rstrip("/")
        pairs = [*read_pairs(address.query), *as_form(envelope.params)]
        check_policies(claims, envelope.method, path, {name for name, _ in pairs})
        node, sids = self.operations.dispatcher.tree.find(path)
        if node is None or not f"{path}/".startswith(f"{WORKSPACES}{claims.workspace_sid}/"):
            raise NotFound(f"There is nothing at {envelope.url[:200]!r} in the workspace of the token")
        if (found := node.verbs.get(envelope.method)) is None:
            raise NotFound(f"{envelope.method[:20]} is not allowed there: use {', '.join(sorted(node.verbs))}")
        operation, names = found
        context = self.operations.context(base_of(request.header), service, path, dict(zip(names, sids, strict=True)))
        context.query = pairs
        answer = self.operations.run(operation, context, pairs)
        event = {} if envelope.event_type is None else {"event_type": envelope.event_type}
        return {**event, "payload": answer.body}

    def session(self, request: Request, query: dict[str, str]) -> tuple[Service, Session]:
        """Make the session of a websocket, and find its account. Raises TaskRouterError."""
        service, claims = self._read(request, query.get("token"))
        check_policies(claims, "GET", request.path, ())
        engine = service.workspaces.engines.get(claims.workspace_sid)
        state = engine.state if engine is not None else None
        known = state is not None and (
            claims.channel in state.workers
            or claims.channel in state.task_queues
            or claims.channel == claims.workspace_sid
        )
        if not known:
            raise Forbidden(f"There is no {claims.channel} in workspace {claims.workspace_sid} to listen to")
        leaves = query.get("disconnectActivitySid") if claims.channel.startswith("WK") else None
        asked = SessionRequest(query.get("closeExistingSessions") == "true", leaves or None)
        return service, Session(
            claims, claims.channel, LegacyMessages(self.operations, service, base_of(request.header)), asked
        )

    def greeting(self, session: Session) -> list[bytes]:
        """Give what is said first: nothing, as this version asks whether it may begin."""
        return []

    def _read(self, request: Request, token: object) -> tuple[Service, Capability]:
        """Read a token; the path of the request must be that of its channel. Raises TaskRouterError."""
        service, claims = read_capability(self.operations.worlds, token)
        if request.path.rstrip("/") != f"{BRIDGE}/{claims.account_sid}/{claims.channel}":
            raise Forbidden(f"The token is for channel {claims.channel} of account {claims.account_sid}")
        return service, claims
