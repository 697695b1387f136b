"""`copy`: a workspace of a live account as a snapshot, and into the sandbox. Nothing is changed there."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from .common import DONE, add_callbacks, add_data, add_parser, choose_workspace, running, show_progress, tell
from .snapshot import add_replace, make, write
from .twilio_package import clients

EXAMPLES = """\
  taskrouter-sandbox copy --from live                          its only workspace, on the standard output
  taskrouter-sandbox copy --from live --workspace Support --mask --output support.json
  taskrouter-sandbox copy --from live --workspace WS... --load  into the running sandbox

The account is that of TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or with TWILIO_API_KEY and TWILIO_API_KEY_SECRET, in
the environment. Only GET requests are sent to it."""


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_parser(commands, "copy", "read a workspace of a live account, which changes nothing there", EXAMPLES)
    parser.add_argument("--from", dest="source", choices=["live"], required=True, help="where it is")
    parser.add_argument("--workspace", metavar="NAME", help="name or SID (default: the only one that there is)")
    parser.add_argument("--output", type=Path, metavar="FILE", help="file to write the snapshot to")
    parser.add_argument("--load", action="store_true", help="make it in the running sandbox, too")
    parser.add_argument(
        "--mask", action="store_true", help="replace what workers' attributes say, where no expression needs it"
    )
    parser.add_argument("--mask-names", action="store_true", help="replace the names of workers, too")
    add_replace(parser)
    add_callbacks(parser)
    add_data(parser)
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace) -> int:
    """Read a live workspace into a file, into the sandbox, or on the standard output."""
    from ..snapshot import encode, mistakes, oddities, read
    from ..snapshot.masking import foreign_sids, masked

    sandbox = clients().of_sandbox(running(asked.data)) if asked.load else None
    live = clients().of_live_account(read_only=True)
    workspace = choose_workspace(live, asked.workspace, f"the live account {live.account_sid}")
    copied = read(live, workspace.sid, progress=show_progress)
    for place, sid in foreign_sids(copied):
        tell(f"{place} names {sid}, which is another one in each workspace: name it by something else.")
    for each in (*mistakes(copied), *oddities(copied)):
        tell(each)
    if asked.mask or asked.mask_names:
        copied = masked(copied, names=asked.mask_names)
    if asked.output is not None or sandbox is None:
        write(encode(copied), asked.output)
    if sandbox is not None:
        make(sandbox, copied, asked.callbacks, replace=asked.replace)
    return DONE
