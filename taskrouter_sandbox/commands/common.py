"""What the commands have in common: exit codes, the running sandbox, a question, the choice of a workspace."""

from __future__ import annotations

import argparse
import sys
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..defaults import data_folder

if TYPE_CHECKING:
    from ..control_client import Sandbox
    from ..control_types import Health
    from ..run_file import RunFile
    from ..snapshot import Snapshot

DONE, FAILED, WRONG_OPTIONS, DIFFERENT = 0, 1, 2, 3
HANGS = "does not answer: wait, or end it by `taskrouter-sandbox stop`"
CLEARED = "\r\x1b[K"  # of a terminal: the line is empty again


class CannotDo(Exception):
    """A command cannot do what it is asked. The message is a sentence that says why and what to do."""


def add_parser(commands: Any, name: str, what: str, examples: str) -> argparse.ArgumentParser:
    """Add a command with what it does, in one sentence, and examples of its use."""
    return commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Add the option for the folder of a sandbox's state."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FOLDER",
        help="folder of the sandbox's state (default: TASKROUTER_SANDBOX_DIR, or this user's data folder)",
    )


def add_callbacks(parser: argparse.ArgumentParser) -> None:
    """Add the option that says where the addresses of a snapshot lead."""
    parser.add_argument(
        "--callbacks",
        metavar="URL",
        help="where addresses lead that begin with a slash; to the sandbox, also those of other machines, which are "
        "left out without it; `keep` leaves them as they are",
    )


def running(data: Path | None) -> Sandbox:
    """Give the sandbox that runs on a folder. Raises CannotDo where none does, or it does not answer."""
    from .. import run_file
    from ..processes import is_sandbox

    folder = data or data_folder()
    said = run_file.read(folder)
    if said is not None and health_of(sandbox := sandbox_of(said)) is not None:
        return sandbox
    if said is not None and is_sandbox(said.pid, folder):
        raise CannotDo(f"The sandbox at {said.url} {HANGS}.")
    raise CannotDo(
        f"No sandbox runs on {folder}: start one by `taskrouter-sandbox serve`, or name its folder by --data."
    )


def sandbox_of(said: RunFile) -> Sandbox:
    """Make the client of the sandbox that a run file names."""
    from ..control_client import Sandbox

    return Sandbox(said.url, said.account_sid, said.auth_token, said.pid, said.source)


def health_of(sandbox: Sandbox) -> Health | None:
    """Ask a sandbox how it is; None where it has ended, or hangs: another program may have its port."""
    from ..errors import SandboxError

    try:
        health = sandbox.health()
        return health if health.get("pid") == sandbox.pid else None
    except (SandboxError, AttributeError):  # what answers may be no sandbox at all
        return None


def is_agreed(question: str, sure: bool) -> bool:
    """Ask on the terminal, unless it is sure. Raises CannotDo where nobody can answer."""
    if sure:
        return True
    if not sys.stdin.isatty():
        raise CannotDo("Nobody can be asked here, so nothing was changed: give --yes.")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def tell(text: str) -> None:
    """Say something beside the output of a command, on the standard error."""
    print(f"{CLEARED if sys.stderr.isatty() else ''}{text}", file=sys.stderr, flush=True)


def show_progress(done: int, total: int) -> None:
    """Say how many workers are read, of how many, in one line of a terminal; nothing elsewhere."""
    if sys.stderr.isatty():
        line = f"{done} of {total} workers read" if done < total else ""
        print(f"{CLEARED}{line}", end="", file=sys.stderr, flush=True)


def load_snapshot(path: Path) -> Snapshot:
    """Read a snapshot from a file, and say what is odd in it. Raises SnapshotError."""
    from ..snapshot import SnapshotWarning, load, oddities

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SnapshotWarning)
        snapshot = load(path)
    for each in oddities(snapshot):
        tell(f"{path.name}: {each}")
    return snapshot


def choose_workspace(client: Any, asked: str | None, where: str) -> Any:
    """Give the workspace of that SID or name; the only one that there is, when nothing is asked.

    where: in words, as `the sandbox`. Raises CannotDo, with a list of those that there are.
    """
    there = client.taskrouter.v1.workspaces.list()
    found = [each for each in there if asked is None or asked in (each.sid, each.friendly_name)]
    if len(found) == 1:
        return found[0]
    names = "".join(f"\n  {each.sid}  {each.friendly_name}" for each in found or there)
    if not there:
        raise CannotDo(f"There is no workspace in {where}.")
    if not found:
        raise CannotDo(f"There is no workspace {asked} in {where}. There is:{names}")
    raise CannotDo(f"Which workspace of {where}? Name one by --workspace, a name or a SID:{names}")
