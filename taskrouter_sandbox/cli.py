"""`taskrouter-sandbox serve`: the sandbox in the foreground, for any program on this machine. `stop` ends one."""

from __future__ import annotations

import argparse
from pathlib import Path

from . import __version__
from .defaults import ACCOUNT_SID, AUTH_TOKEN, data_folder


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit code.

    arguments: the words after `taskrouter-sandbox`; those of this process when left out.
    """
    parser = argparse.ArgumentParser(prog="taskrouter-sandbox", description=__doc__)
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="answer TaskRouter's REST API on 127.0.0.1 until stopped")
    serve.add_argument("--port", type=int, default=8901, help="0 for any free port (default: %(default)s)")
    stop = commands.add_parser("stop", help="end the sandbox that runs on a folder; its state stays")
    for command in (serve, stop):
        command.add_argument(
            "--data", type=Path, default=data_folder(), help="folder of its state (default: %(default)s)"
        )
    serve.add_argument("--account-sid", default=ACCOUNT_SID, help="what clients present as their account")
    serve.add_argument("--auth-token", default=AUTH_TOKEN, help="their token; webhooks are signed with it")
    serve.add_argument(
        "--api-key",
        action="append",
        default=[],
        metavar="SID:SECRET",
        help="an API key that clients may present; of any other one the secret is the token",
    )
    serve.add_argument("--idle-exit", type=float, help="end after so many seconds without a request")
    asked = parser.parse_args(arguments)
    if asked.command == "stop":
        return _stop(asked.data)
    from .server import serve as run

    try:
        return run(asked.port, asked.data, asked.account_sid, asked.auth_token, asked.idle_exit, asked.api_key)
    except KeyboardInterrupt:
        return 0


def _stop(data: Path) -> int:
    from .errors import SandboxError
    from .launcher import stop

    try:
        ended = stop(data)
    except SandboxError as error:
        print(f"{error}.")
        return 1
    print(f"The sandbox on {data} has ended." if ended else f"No sandbox runs on {data}.")
    return 0
