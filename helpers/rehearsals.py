"""A day rehearsed in the workspace of a lesson, from a cell (docs/simulation.md)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from helpers.connection.error_messages import as_lesson_error
from helpers.errors import LessonError
from taskrouter_sandbox import simulation, snapshot
from taskrouter_sandbox.simulation import EngineName, Progress, Rehearsal, SummaryRow, TaskRecord

if TYPE_CHECKING:
    from twilio.rest import Client

    from helpers.connection.instances import WorkspaceInstance

__all__ = ["Rehearsal", "SummaryRow", "TaskRecord", "rehearse"]


def rehearse(
    client: Client,
    workspace: WorkspaceInstance | snapshot.Snapshot | str | Path,
    day: simulation.Day | Mapping[str, Any] | str | Path,
    *,
    seed: int = 1,
    replications: int = 1,
    executor: Any = None,
    progress: Progress = None,
    engine: EngineName = "auto",
) -> Rehearsal:
    """Play a day in a workspace as it is configured now, and tell what became of each task.

    Nothing is created there, and nobody is called: the workspace is read, also that of a live account, and the day is
    played in this process.

    Args:
        client: the twilio client that the lesson uses.
        workspace: the workspace, its SID, or a snapshot of one, which may have been changed to see what comes of it; or
            the path of a snapshot.
        day: who comes, how long it takes and who works, as a dictionary or the path of a JSON file.
        seed: the same one gives the same result; another workspace meets the same people.
        replications: how many such days are played, each with random numbers of its own.
        executor: of concurrent.futures, or a client of dask.distributed, on which they are played side by side.
        progress: True shows how far it is; or a function that is told how many are done, and of how many.
        engine: `exact` is the sandbox's own routing engine; `fast` decides the same, a hundred times faster, and does
            not hold everything; `auto` takes the fast one where it can. The rehearsal's `engine` says which one it was.

    The stop button ends it, and keeps the days that have been played.

    Raises LessonError with a sentence for each mistake of the day, where the workspace cannot be read, and where the
    fast engine is asked for and does not hold the day.
    """
    try:
        named = isinstance(workspace, str) and workspace.startswith("WS")
        sid = workspace if named else getattr(workspace, "sid", None)
        if isinstance(sid, str):
            with as_lesson_error():
                workspace = snapshot.read(client, sid)
        return simulation.rehearse(
            cast("snapshot.Snapshot | str | Path", workspace),
            day,
            seed=seed,
            replications=replications,
            executor=executor,
            progress=progress,
            engine=engine,
        )
    except (simulation.RehearsalError, snapshot.SnapshotError) as error:
        raise LessonError(str(error)) from None
