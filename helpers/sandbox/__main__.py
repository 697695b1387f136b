"""`python -m helpers.sandbox serve`: the sandbox in the foreground, for any program on this machine.

`python -m helpers.sandbox coverage` makes the table of what proves each operation again.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from .process import ACCOUNT_SID, AUTH_TOKEN, data_folder


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m helpers.sandbox", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="answer TaskRouter's REST API on 127.0.0.1 until stopped")
    serve.add_argument("--port", type=int, default=8901, help="0 for any free port (default: %(default)s)")
    serve.add_argument("--data", type=Path, default=data_folder(), help="folder of its state (default: %(default)s)")
    serve.add_argument("--account-sid", default=ACCOUNT_SID, help="what clients present as their account")
    serve.add_argument("--auth-token", default=AUTH_TOKEN, help="their token; webhooks are signed with it")
    serve.add_argument("--idle-exit", type=float, help="end after so many seconds without a request")
    commands.add_parser("coverage", help="drive every operation with the twilio client; print and keep what it proves")
    asked = parser.parse_args(arguments)
    if asked.command == "coverage":
        return coverage()
    from .server import serve as run

    try:
        return run(asked.port, asked.data, asked.account_sid, asked.auth_token, asked.idle_exit)
    except KeyboardInterrupt:
        return 0


def coverage() -> int:
    """Walk through a sandbox of its own; 1 when a proof fails."""
    from . import process

    try:
        from tests.sandbox import evidence
    except ImportError as error:
        print(f"The evidence is part of the tests: run this in the project's folder, with its packages ({error}).")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TASKROUTER_SANDBOX_DIR"] = folder
        try:
            found = evidence.gather(process.ensure())
        finally:
            process.stop()
    made = evidence.table(found)
    evidence.TABLE.write_text(made)
    print(made)
    problems = [text for proof in found for text in proof.problems]
    print(*problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
