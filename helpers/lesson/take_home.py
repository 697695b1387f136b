"""The learner's workspace and the app of a lesson as files that run without the notebook: `take_home(client, "03")`.

The files are those of `helpers/lesson/taken_home`, with the workspace as it is (docs/snapshots.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from twilio.rest import Client

import taskrouter_sandbox
from helpers import whole_file
from helpers.connection.error_messages import as_lesson_error
from helpers.errors import LessonError
from helpers.lesson import course
from helpers.names import WORKSPACE, WRAP_UP
from taskrouter_sandbox import snapshot

TEMPLATES = Path(__file__).with_name("taken_home")
NEEDED = {"03": (), "05": (WRAP_UP,)}
"""The pages with an app to take home, and the activities that it needs."""
NEXT = "Next: in a terminal, go to this folder and do as its README.md says: first run the tests, then the app."


@dataclass(frozen=True)
class TakenHome:
    """What was taken home, and how to go on. HTML in a notebook, with links to the files, text elsewhere.

    folder: as it was asked for; files: what is in it, by name; kept: those of them that were left as they are.
    """

    folder: Path
    files: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def _about_kept(self) -> str:
        return f"Kept as they are, since they differ: {', '.join(self.kept)}. `again=True` writes them anew."

    def __repr__(self) -> str:
        files = "".join(f"\n  {name}" for name in self.files)
        kept = f"\n{self._about_kept}" if self.kept else ""
        return f"Written to {self.folder.resolve()}:{files}\n{NEXT}{kept}"

    def _repr_html_(self) -> str:
        here = not self.folder.is_absolute()  # beside the notebook: JupyterLab opens what a link leads to
        place = quote(self.folder.as_posix())
        files = "".join(
            f'<li><a href="{place}/{quote(name)}">{escape(name)}</a></li>'
            if here and not name.startswith(".")  # which Jupyter does not show
            else f"<li>{escape(name)}</li>"
            for name in self.files
        )
        kept = f"<p>{escape(self._about_kept)}</p>" if self.kept else ""
        return (
            f'<div style="overflow-wrap:anywhere"><p>Written to <code>{escape(str(self.folder.resolve()))}</code>:</p>'
            f"<ul>{files}</ul><p><b>Next:</b> {NEXT.removeprefix('Next: ')}</p>{kept}</div>"
        )


def take_home(client: Client, page: str, folder: str | Path | None = None, *, again: bool = False) -> TakenHome:
    """Write the app of a page, its test, and the workspace as it is now into a folder; to be the last value of a cell.

    page: the number of the page, "03" or "05"; folder: `take-home/` and the page's name, beside the notebook, when left
    out; again: write files anew that are there already and differ. Without it they are kept, and that is said.
    Raises LessonError where the page has no app, the workspace is not ready for it, or the folder cannot be written.
    """
    if page not in NEEDED:
        raise LessonError(f"Page {page!r} has no app to take home: there is one of {' and of '.join(NEEDED)}.")
    target = Path(folder) if folder is not None else Path("take-home", course.find(page).name)
    files = _files(page) | {"workspace.json": _workspace(client, page), "requirements-test.txt": _test_requirements()}
    kept: list[str] = []
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            file = target / name
            if file.exists() and not again and file.read_bytes() != content:
                kept.append(name)
            else:
                whole_file.write(file, content)
    except OSError as error:
        raise LessonError(f"{target} cannot be written ({error.strerror}): name another folder.") from None
    return TakenHome(target, tuple(sorted(files)), tuple(kept))


def _files(page: str) -> dict[str, bytes]:
    folders = (TEMPLATES / "shared", TEMPLATES / course.find(page).module)
    return {file.name: file.read_bytes() for folder in folders for file in folder.iterdir() if file.is_file()}


@as_lesson_error()
def _workspace(client: Client, page: str) -> bytes:
    """Read the lessons' workspace; where its callbacks lead is left to whoever sets it up."""
    found = [one for one in client.taskrouter.v1.workspaces.list() if one.friendly_name == WORKSPACE]
    if not found:
        raise LessonError(f'There is no workspace "{WORKSPACE}" yet: notebook 01 creates it.')
    try:
        read = snapshot.read(client, found[0].sid or "")
    except snapshot.SnapshotError as error:
        raise LessonError(str(error)) from None
    names = {activity.friendly_name for activity in read.activities}
    if missing := [name for name in NEEDED[page] if name not in names]:
        raise LessonError(f"The app needs the activity {missing[0]}: run the cell of this page that creates it.")
    if not read.workflows:
        raise LessonError("There is no workflow yet: notebook 01 creates it.")
    read.workspace.event_callback_url, read.workspace.events_filter = "", []
    for workflow in read.workflows:
        workflow.assignment_callback_url = workflow.fallback_assignment_callback_url = ""
    for worker in read.workers:
        worker.activity = None
    return snapshot.encode(read).encode()


def _test_requirements() -> bytes:
    """Say what the tests need: the sandbox is installed from where it is on this machine."""
    source = Path(taskrouter_sandbox.__file__).parent
    sandbox = f"{source.as_uri()}" if (source / "pyproject.toml").exists() else ""
    where = f" @ {sandbox}" if sandbox else ""
    return f"-r requirements.txt\npytest>=8\ntaskrouter-sandbox[pytest]{where}\n".encode()
