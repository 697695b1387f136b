"""How an operation is declared, and what it is given when it is called."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

import orjson
from msgspec import Struct, field

from ..engine import WorkspaceEngine
from ..engine.model.effects import Alert
from ..engine.model.entities import Workspace
from ..engine.model.errors import PreconditionFailed
from ..engine.model.state import State
from ..runtime.service import Service
from ..runtime.worlds import Worlds
from .errors import invalid, refusal
from .forms import names_in, read_form
from .paging import ShownPages
from .parameters import InvalidParameter, JsonBody, Parameters, declared
from .rate_limits import RateLimit, RateLimits

MAX_WARNINGS = 1_000  # sentences that are remembered, so that each is said once

Place = Literal["there", "address", "body"]
"""Where a parameter stands that nothing has read: where an operation has its parameters, or elsewhere."""


class ServerState(Struct):
    """What the requests of one server share.

    worlds: the accounts; operations: what it serves from the start; load_others: gives all else that it serves, which
    takes some time when it is first called; any_host: may it be asked by any name? stop: ends the process once the
    answer at work has left; warned: by workspace, the sentences about strange requests that stand among the alerts.
    """

    worlds: Worlds
    operations: Sequence[Operation]
    load_others: Callable[[], Sequence[Operation]]
    stop: Callable[[], None]
    any_host: bool = False
    limits: RateLimits = field(default_factory=RateLimits)
    shown_pages: ShownPages = field(default_factory=ShownPages)
    warned: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])

    @property
    def all_operations(self) -> Sequence[Operation]:
        """Everything that it serves."""
        return (*self.operations, *self.load_others())


class RequestContext(Struct):
    """The request that an operation answers.

    service: of the account that asks, with its workspaces, their store and their clock; base: scheme and host that it
    was asked on, for links; query: its parameters as they were sent; path: SIDs from the address by name, such as
    `WorkspaceSid`; now: milliseconds since 1970; engine_in_use: of the workspace that the request is about.
    """

    server: ServerState
    service: Service
    base: str
    url_path: str
    query: list[tuple[str, str]]
    path: dict[str, str]
    if_match: str | None
    now: int
    engine_in_use: WorkspaceEngine | None = None
    rate: RateLimit | None = None

    @property
    def engine(self) -> WorkspaceEngine:
        """The engine of the workspace in the address."""
        assert self.engine_in_use is not None
        return self.engine_in_use

    @property
    def workspace(self) -> Workspace:
        """The Workspace in the address."""
        return self.engine.workspace

    @property
    def state(self) -> State:
        """What is in the workspace of the address."""
        return self.engine.state

    def link(self, *parts: str) -> str:
        """Make an absolute address below `/v1/Workspaces`."""
        return "/".join((self.base + "/v1/Workspaces", *parts))

    def check_if_match(self, version: int) -> None:
        """Check `If-Match`, plain, quoted or weak (rest-contract.md §1.1).

        Raises PreconditionFailed when it names another version.
        """
        if self.if_match is None:
            return
        named = [one.strip().removeprefix("W/").strip('"') for one in self.if_match.split(",")]
        if "*" in named or str(version) in named:
            return
        said = ", ".join(filter(None, named))
        why = f"If-Match says {said}. Fetch it again" if said else "If-Match is empty. Send the version, or no If-Match"
        raise PreconditionFailed(f"Precondition failed: the version is {version}, {why}.")

    def warn(self, texts: Iterable[str]) -> None:
        """Note for the debugger what is strange about a read that is answered, each sentence once in a workspace."""
        for text in texts:
            warned, key = self.server.warned, (self.workspace.sid, text)
            if key not in warned:
                if len(warned) >= MAX_WARNINGS:
                    warned.clear()
                warned.add(key)
                self.engine.alert(Alert(20001, "warning", text, self.workspace.sid))

    def limit(self, name: str) -> None:
        """Count one of the few requests that are allowed in a workspace; TaskRouterError (429) when it is one too many.

        Source: rest-contract.md §11.5.
        """
        self.rate = self.server.limits.count(name, self.path["WorkspaceSid"], self.now)


class Answer(Struct):
    """What an operation answers: a body to be rendered as JSON, or None; version: of the resource, if any."""

    body: Any = None
    version: int | None = None


class Operation(Struct, frozen=True):
    """One of TaskRouter's operations (rest-contract.md §3), or one of the control plane.

    id: Twilio's own name for it; parameters: what it reads, or None; status: of a success; returns: the type of a
    resource in the answer; key: where a list has its resources; etag: how its ETag header is spelled, if it has one;
    if_match: does it read If-Match? control: is it one of the control plane, whose parameters are in the query and all
    known? open: is it answered without credentials? deprecated: is there another that should be asked instead?
    """

    id: str
    method: str
    path: str
    run: Callable[..., Answer]
    parameters: type[Parameters] | None
    status: int
    returns: type | None = None
    key: str | None = None
    etag: str | None = None
    if_match: bool = False
    control: bool = False
    open: bool = False
    deprecated: bool = False


class Registry(Struct):
    """The operations of a resource, declared where they are written.

    control: are they below `/_sandbox` rather than below `base`? ending: of every path.
    """

    control: bool = False
    base: str = "/v1"
    ending: str = ""
    operations: list[Operation] = field(default_factory=list[Operation])

    def operation(
        self,
        id: str,
        method: str,
        path: str,
        parameters: type[Parameters] | None = None,
        status: int = 200,
        **about: Any,
    ) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
        """Declare the function below as an operation. It is given the RequestContext, and its parameters if it has any.

        path: below `base` or `/_sandbox`; about: the other members of the Operation.
        """
        whole_path = ("/_sandbox" if self.control else self.base) + path + self.ending

        def declare(run: Callable[..., Answer]) -> Callable[..., Answer]:
            made = Operation(id, method, whole_path, run, parameters, status, control=self.control, **about)
            self.operations.append(made)
            return run

        return declare


def read_parameters(
    operation: Operation, query: list[tuple[str, str]], body: bytes, content_type: str
) -> tuple[Parameters | None, dict[str, Place]]:
    """Read the parameters of a request, and the names of those that nothing reads, with where they stand.

    A GET and a DELETE have no form, whatever their Content-Type says (rest-contract.md §13). Raises TaskRouterError for
    a wrong value, and for a body that is no form.
    """
    kind = operation.parameters
    if operation.control:
        return _read_query(kind, query, body), {}
    elsewhere: dict[str, Place] = (
        {name: "address" for name, _ in query}
        if operation.method == "POST"
        else dict.fromkeys(names_in(body, content_type), "body")
    )
    if kind is not None and issubclass(kind, JsonBody):
        return _read_json(kind, body), elsewhere
    pairs = read_form(body, content_type) if operation.method == "POST" else query
    if kind is None:
        return None, _there(name for name, _ in pairs) | elsewhere
    try:
        parameters, unread = kind.read(pairs)
    except InvalidParameter as error:
        raise invalid(error) from None
    return parameters, _there(unread) | elsewhere


def _there(names: Iterable[str]) -> dict[str, Place]:
    return dict.fromkeys(names, "there")


def _read_query(kind: type[Parameters] | None, query: list[tuple[str, str]], body: bytes) -> Parameters | None:
    """Read the parameters of a control operation, which must all be known, and in the query."""
    known = declared(kind) if kind else {}
    if body.strip() not in (b"", b"{}"):
        raise refusal(
            "a body",
            known=f"parameters go into the query, as in ?{next(iter(known))}=..." if known else "it takes no parameter",
        )
    if unknown := sorted({name for name, _ in query} - known.keys()):
        what = f"there is {', '.join(known)}" if known else "it takes no parameter"
        raise refusal("unknown parameters", names=", ".join(unknown)[:200], known=what)
    try:
        parameters = kind.read(query)[0] if kind else None
    except InvalidParameter as error:
        raise invalid(error) from None
    if parameters is not None and parameters.repeated:
        raise refusal("several values", names=", ".join(parameters.repeated))
    return parameters


def _read_json(kind: type[JsonBody], body: bytes) -> Parameters:
    try:
        return kind.of(kind.members(orjson.loads(body)))
    except InvalidParameter as error:
        raise invalid(error) from None
    except ValueError:
        raise refusal("no json") from None
