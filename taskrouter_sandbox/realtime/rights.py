"""What an access token lets its bearer do, by its role (agent-sdk.md §12)."""

from __future__ import annotations

from collections.abc import Mapping

from ..engine.model.errors import TaskRouterError
from ..engine.model.state import State
from .tokens import Access

ROLES = ("worker", "supervisor", "admin")


class Forbidden(TaskRouterError):
    """A token does not let its bearer do that."""

    status = 403
    code = 20403


def check_access(
    claims: Access, state: State | None, method: str, path: Mapping[str, str], params: Mapping[str, object]
) -> None:
    """Check whether the bearer of a token may ask for something.

    state: of the workspace in the path, None where there is none; method: GET or POST; path: the SIDs of the address by
    name, as `routes` names them; params: what is sent along. Raises Forbidden.
    """
    if path["WorkspaceSid"] != claims.workspace_sid:
        raise Forbidden(f"The token is for workspace {claims.workspace_sid or 'none'}, not {path['WorkspaceSid']}")
    if claims.role not in ROLES:
        raise Forbidden(f"The role {claims.role[:40]!r} of the token may do nothing: give it {', '.join(ROLES)}")
    if claims.role == "admin":
        return
    other = path.get("WorkerSid") or path.get("OtherWorkerSid")
    if "WorkerSid" in path and other != claims.worker_sid:
        raise Forbidden(f"The token is for worker {claims.worker_sid}, so it cannot speak for {other}")
    supervises = claims.role == "supervisor"
    if "OtherWorkerSid" in path and method != "GET" and other != claims.worker_sid and not supervises:
        raise Forbidden(f"Only a supervisor may change worker {other}: the token's role is worker")
    if "SupervisedSid" in path:
        if not supervises:
            raise Forbidden("Only a supervisor may listen to others: the token's role is worker")
        if params.get("Instruction") != "supervise":
            raise Forbidden("A supervisor may only listen to others: send Instruction supervise")
        return  # whoever has the task
    if "TaskSid" in path and not _holds(claims, state, path["TaskSid"]):
        raise Forbidden(f"Worker {claims.worker_sid} has no reservation for task {path['TaskSid']}")


def _holds(claims: Access, state: State | None, task_sid: str) -> bool:
    """Tell whether the bearer has, or had, a reservation for a task; of one that is not there the answer says so."""
    task = state.tasks.get(task_sid) if state is not None else None
    return task is None or any(one.worker_sid == claims.worker_sid for one in task.reservations.values())
