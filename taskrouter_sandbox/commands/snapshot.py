"""`snapshot`: a workspace of the running sandbox as a file, and back."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .common import (
    DONE,
    CannotDo,
    add_callbacks,
    add_data,
    add_parser,
    choose_workspace,
    load_snapshot,
    running,
    show_progress,
    tell,
)
from .twilio_package import clients

if TYPE_CHECKING:
    from ..snapshot import Snapshot

EXAMPLES = """\
  taskrouter-sandbox snapshot --output team.json       write the sandbox's only workspace down
  taskrouter-sandbox snapshot --workspace Support      the one of that name, on the standard output
  taskrouter-sandbox snapshot --load team.json         make a workspace of it in the sandbox"""


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(commands, "snapshot", "write a workspace of the sandbox to a file, or make one of it", EXAMPLES)
    add_data(parser)
    parser.add_argument("--workspace", metavar="NAME", help="name or SID (default: the only one that there is)")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--output", type=Path, metavar="FILE", help="file to write (default: the standard output)")
    which.add_argument("--load", type=Path, metavar="FILE", help="snapshot to make a workspace of")
    add_replace(parser)
    add_callbacks(parser)
    parser.set_defaults(run=run)


def add_replace(parser: argparse.ArgumentParser) -> None:
    """Add the option for a workspace of that name which is there already."""
    parser.add_argument(
        "--replace", action="store_true", help="delete a workspace of its name in the sandbox first, with its tasks"
    )


def run(asked: argparse.Namespace) -> int:
    """Write a workspace of the sandbox down, or make one of a file."""
    from ..snapshot import encode, read

    client = clients().of_sandbox(running(asked.data))
    if asked.load is not None:
        if asked.workspace is not None:
            raise CannotDo("--load makes a workspace by the name that the snapshot has: leave --workspace out.")
        make(client, load_snapshot(asked.load), asked.callbacks, replace=asked.replace)
        return DONE
    workspace = choose_workspace(client, asked.workspace, "the sandbox")
    write(encode(read(client, workspace.sid, progress=show_progress)), asked.output)
    return DONE


def write(text: str, output: Path | None) -> None:
    """Write a snapshot to a file, or to the standard output. Raises CannotDo."""
    if output is None:
        sys.stdout.write(text)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotDo(f"{output} cannot be written ({error.strerror}): name another file by --output.") from None
    tell(f"Written: {output}")


def make(client: Any, snapshot: Snapshot, callbacks: str | None, *, replace: bool) -> None:
    """Make a workspace of a snapshot in the sandbox. Raises CannotDo where one of its name is there."""
    from ..snapshot import create

    name = snapshot.workspace.friendly_name
    snapshot = for_sandbox(snapshot, callbacks)
    there = client.taskrouter.v1.workspaces.list(friendly_name=name)
    if there and not replace:
        raise CannotDo(
            f"The sandbox has a workspace {name} already: --replace deletes it first, with its tasks; "
            "`taskrouter-sandbox apply FILE --to sandbox` changes it in place."
        )
    for workspace in there:
        workspace.delete()
    made = create(client, snapshot)
    tell(f'Made in the sandbox: workspace "{name}" ({made.sid})')


def for_sandbox(snapshot: Snapshot, callbacks: str | None) -> Snapshot:
    """Let no address lead to another machine, and say which it was, unless `callbacks` is `keep`."""
    from ..snapshot import addresses

    if callbacks == "keep":
        return snapshot
    snapshot, changed = addresses.lead_here(snapshot, callbacks)
    if changed:
        where = f"lead to {callbacks}" if callbacks else "are left out (--callbacks says where they lead)"
        tell(f"Addresses that do not lead to this machine {where}:" + "".join(f"\n  {each}" for each in changed))
    return snapshot
