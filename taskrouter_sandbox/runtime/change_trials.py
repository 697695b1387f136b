"""Tries a change in a copy of a workspace, to see what comes of it; nothing of it is kept, and nobody is called."""

from __future__ import annotations

from ..engine import WorkspaceEngine
from ..engine.commands.common import KEEP
from ..engine.model.errors import TaskRouterError
from ..engine.reporting.counters import CountingObserver
from ..explanation.answers import Change, ChangeRequest
from ..explanation.reasons import short_sid
from .workspaces import Workspaces

MOST_WORKERS, MOST_TASKS = 1_000, 1_000  # of a workspace that is copied: it takes some milliseconds for each change


def try_changes(workspaces: Workspaces, workspace_sid: str, now: int, task_sid: str, changes: list[Change]) -> None:
    """Note in each change for a waiting task what came of it when it was tried at `now`.

    A workspace with many workers or tasks is not copied; what would come of a change is left open then.
    """
    state = workspaces.engines[workspace_sid].state
    if len(state.workers) > MOST_WORKERS or len(state.tasks) > MOST_TASKS:
        for change in changes:
            change["outcome"] = f"not tried: the workspace has more than {MOST_WORKERS:,} workers or tasks"
        return
    for change in changes:
        try:
            engine = workspaces.copy(workspace_sid, CountingObserver)
            for request in change["requests"]:
                _carry_out(engine, now, request)
            change["reserved"], change["outcome"] = _outcome(engine, task_sid, change)
        except TaskRouterError as refused:
            change["reserved"], change["outcome"] = False, f"TaskRouter would refuse it: {refused}"


def _carry_out(engine: WorkspaceEngine, now: int, request: ChangeRequest) -> None:
    """Do what an update over REST would do. Raises TaskRouterError."""
    state, sid, values = engine.state, request["sid"], request["set"]
    match request["what"]:
        case "worker":
            attributes, activity_sid = values.get("Attributes", KEEP), values.get("ActivitySid", KEEP)
            engine.workers.update(now, state.workers[sid], attributes=attributes, activity_sid=activity_sid)
        case "worker-channel":
            (channel,) = (
                one
                for one in state.workers[sid].channels.values()
                if state.task_channels[one.task_channel_sid].unique_name == request["channel"]
            )
            engine.worker_channels.update(now, channel, capacity=int(values["Capacity"]), available=True)
        case "reservation":
            reservation = state.reservations.get(sid)
            if reservation is None or values["ReservationStatus"] == reservation.reservation_status:
                return
            if values["ReservationStatus"] == "rejected":
                engine.reservations.reject(now, reservation)
            else:
                engine.reservations.wrap_up_or_complete(now, reservation, "completed")
        case "task":
            engine.tasks.update(now, state.tasks[sid], attributes=values["Attributes"])


def _outcome(engine: WorkspaceEngine, task_sid: str, change: Change) -> tuple[bool, str]:
    state, worker_sid, name = engine.state, change["worker_sid"], change["worker"]
    task = state.tasks.get(task_sid)
    holders = [reservation.worker_sid for reservation in task.open.values()] if task else []
    if worker_sid in holders:
        return True, f"The task would be reserved for {name}"
    if holders:
        others = ", ".join(state.workers[sid].friendly_name for sid in holders)
        return False, f"The task would be reserved for {others}"
    before = [one.task_sid for one in state.workers[worker_sid].open.values() if one.reservation_status == "pending"]
    if before:
        return False, f"{name} would be given another task first ({short_sid(before[-1])})"
    return False, "The task would still wait"
