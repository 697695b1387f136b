"""A workspace as a file, from a cell: written down, made anew, brought back (docs/snapshots.md).

Where each lesson begins is such a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twilio.rest import Client

from helpers.connection.clients import mode_of
from helpers.connection.error_messages import as_lesson_error
from helpers.connection.instances import WorkspaceInstance
from helpers.connection.vocabulary import OPEN_TASK_STATUSES
from helpers.errors import LessonError
from taskrouter_sandbox import snapshot

STARTING_POINTS = Path(__file__).with_name("starting_points")
BEGINS_WITH = {
    **dict.fromkeys(("02", "03", "04", "05", "05b", "06", "10", "12"), "after-01"),
    **dict.fromkeys(("07", "08", "09"), "practice"),
    "11": "contact-centre",
}
"""The file that each lesson begins with: the end of 01, the workspace for practice, or the one that 11 rehearses.

00 and 01 begin with nothing.
"""


@contextmanager
def _explained() -> Iterator[None]:
    try:
        with as_lesson_error():
            yield
    except snapshot.SnapshotError as error:
        raise LessonError(str(error)) from None


def export_workspace(client: Client, workspace: WorkspaceInstance, path: str | Path) -> None:
    """Write how a workspace is configured to a file; also of a live account, where it changes nothing.

    Raises LessonError when the file cannot be written, or TaskRouter does not answer.
    """
    with _explained():
        text = snapshot.encode(snapshot.read(client, workspace.sid))
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise LessonError(f"{path} cannot be written ({error.strerror}): choose another file.") from None
    print(f'Written to {path}: workspace "{workspace.friendly_name}", without its tasks.')


def import_workspace(client: Client, path: str | Path, *, callbacks: str | None = None) -> WorkspaceInstance:
    """Make a workspace of a file in the sandbox.

    callbacks: where addresses lead that begin with a slash, such as `server.url`. Raises LessonError for a file that
    is no snapshot, where a workspace of its name is there, and in live mode.
    """
    _require_sandbox(client)
    with _explained():
        wanted = snapshot.load(path)
        name = wanted.workspace.friendly_name
        if client.taskrouter.v1.workspaces.list(friendly_name=name):
            raise LessonError(
                f'A workspace "{name}" is there already: restore_workspace(client, workspace, path) brings it to what '
                "the file says, and workspace.delete() makes room for a new one."
            )
        made = snapshot.create(client, wanted, callbacks=callbacks)
    print(f'Made: workspace "{name}".')
    return made


def restore_workspace(
    client: Client, workspace: WorkspaceInstance, path: str | Path, *, callbacks: str | None = None
) -> WorkspaceInstance:
    """Bring a workspace of the sandbox to what a file says: what the file does not name is deleted.

    Its tasks stay, and how many are open is said. callbacks: as for `import_workspace`. Raises LessonError for a file
    that is no snapshot, for what TaskRouter refuses, such as deleting a queue with tasks in it, and in live mode.
    """
    _require_sandbox(client)
    with _explained():
        restored = snapshot.bring_to(client, workspace.sid, snapshot.load(path), callbacks=callbacks)
        waiting = [each for each in restored.tasks.list() if each.assignment_status in OPEN_TASK_STATUSES]
    tasks = f" Open tasks in it, which stay: {len(waiting)}." if waiting else ""
    print(f'Workspace "{restored.friendly_name}" is as {Path(path).name} says.{tasks}')
    return restored


def starting_point(lesson: str) -> Path:
    """Give the file of what a lesson begins with, as in `import_workspace(client, starting_point("03"))`.

    Raises LessonError for a lesson that begins with nothing, or that there is not.
    """
    if lesson not in BEGINS_WITH:
        there = ", ".join(sorted(BEGINS_WITH))
        raise LessonError(f"{lesson!r} has no starting point: there is {there}; 00 and 01 begin with nothing.")
    return STARTING_POINTS / f"{BEGINS_WITH[lesson]}.json"


def _require_sandbox(client: Client) -> None:
    if mode_of(client) == "live":
        raise LessonError(
            "This is a live account, where a workspace is changed only after you have seen what changes: "
            "`taskrouter-sandbox plan FILE --to live`, then `taskrouter-sandbox apply FILE --to live`."
        )
