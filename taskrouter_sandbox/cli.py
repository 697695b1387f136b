"""A TaskRouter on this machine, and workspaces as files: read, compared, changed.

Exit codes: 0 done as asked; 1 it cannot be done, or had to end, and says why in a sentence; 2 wrong options; 3 of
`plan`: something differs, of `status`: no sandbox runs. `taskrouter-sandbox COMMAND --help` has examples.
"""

from __future__ import annotations

import argparse
import gc
import os
from pathlib import Path

from . import __version__
from .commands import copy, plan, reset, snapshot, status
from .commands.common import FAILED, add_data, add_parser, tell
from .defaults import ACCOUNT_SID, AUTH_TOKEN_VARIABLE, data_folder

SERVE_EXAMPLES = """\
  taskrouter-sandbox serve                                     where the notebooks' sandbox is, on port 8901
  taskrouter-sandbox serve --port 0 --data sandbox-data --json
  taskrouter-sandbox serve --any-account                       a world for each test
  taskrouter-sandbox serve --host 0.0.0.0 --auth-token SECRET  for other machines; 16 characters or more

Its exit code is 0 when it was stopped."""
STOP_EXAMPLES = """\
  taskrouter-sandbox stop
  taskrouter-sandbox stop --data sandbox-data"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command line. Returns the exit code.

    arguments: the words after `taskrouter-sandbox`; those of this process when left out.
    """
    parser = argparse.ArgumentParser(
        prog="taskrouter-sandbox", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    serve = add_parser(commands, "serve", "answer TaskRouter's REST API until stopped", SERVE_EXAMPLES)
    status.add_to(commands)
    stop = add_parser(commands, "stop", "end the sandbox that runs on a folder; its state stays", STOP_EXAMPLES)
    for command in (reset, snapshot, copy, plan):
        command.add_to(commands)
    for command in (serve, stop):
        add_data(command)
    _add_options(serve)
    asked = parser.parse_args(arguments)
    if asked.command == "stop":
        return _stop(asked.data or data_folder())
    if asked.command != "serve":
        return _run(asked)
    in_memory = asked.in_memory or asked.any_account
    if in_memory and asked.data is not None:
        parser.error("--in-memory and --any-account keep nothing on disk: leave --data out")
    gc.disable()  # nothing of what is imported is garbage
    from .startup import Options
    from .startup import serve as run

    gc.freeze()
    gc.enable()
    options = Options(
        port=asked.port,
        host="127.0.0.1" if asked.host == "localhost" else asked.host,
        data=None if in_memory else asked.data or data_folder(),
        account_sid=asked.account_sid or _usual_account(asked),
        auth_token=asked.auth_token,
        any_account=asked.any_account,
        api_keys=asked.api_key,
        idle_exit=asked.idle_exit,
        stop_with_input=asked.stop_with_input,
        as_json=asked.json,
        quiet=asked.quiet,
        durable=asked.durable,
    )
    try:
        return run(options)
    except KeyboardInterrupt:
        return 0


def _usual_account(asked: argparse.Namespace) -> str:
    """Choose the account of a sandbox that was told none; where any account takes any token, one that nobody names."""
    if asked.any_account and asked.auth_token is None:
        return "AC" + os.urandom(16).hex()
    return ACCOUNT_SID


def _add_options(serve: argparse.ArgumentParser) -> None:
    serve.add_argument("--port", type=int, default=8901, help="0 for the last or any free one (default: %(default)s)")
    serve.add_argument(
        "--host",
        default="127.0.0.1",
        help="address to listen on; any other than %(default)s needs a token of its own, of 16 characters or more "
        "where other machines reach it (default: %(default)s)",
    )
    serve.add_argument("--in-memory", action="store_true", help="keep nothing on disk: all of it ends with the process")
    serve.add_argument("--durable", action="store_true", help="let each answer wait until the disk has what it says")
    serve.add_argument(
        "--any-account",
        action="store_true",
        help="every account SID is a world of its own, made in memory when it is first asked for",
    )
    serve.add_argument(
        "--account-sid",
        help=f"what clients present as their account (default: {ACCOUNT_SID}; with --any-account and no token one at "
        "random, which no test uses)",
    )
    serve.add_argument(
        "--auth-token",
        default=os.environ.get(AUTH_TOKEN_VARIABLE),
        help=f"their token; webhooks are signed with it; other users see it in the list of processes, but not in the "
        f"variable {AUTH_TOKEN_VARIABLE} (default: that variable, or a token of the folder's own, which `status "
        "--show-token` shows; with --any-account, for each account the one that it is first asked with)",
    )
    serve.add_argument(
        "--api-key",
        action="append",
        default=[],
        metavar="SID:SECRET",
        help="an API key that clients may present; of any other one the secret is the token",
    )
    serve.add_argument("--idle-exit", type=float, help="end after so many seconds without a request")
    serve.add_argument("--stop-with-input", action="store_true", help="end when the standard input does")
    serve.add_argument("--quiet", action="store_true", help="warnings only go to sandbox.log in the folder")
    serve.add_argument("--json", action="store_true", help="say where it is, once it answers, as one line of JSON")


def _run(asked: argparse.Namespace) -> int:
    """Run another command than `serve`, and say in a sentence why it cannot do what it was asked."""
    from .commands.failures import in_a_sentence

    try:
        return asked.run(asked)
    except KeyboardInterrupt:
        tell("Ended. What was done by then stays.")
        return FAILED
    except BrokenPipeError:
        return FAILED
    except Exception as error:
        if (sentence := in_a_sentence(error)) is None:
            raise
        tell(sentence)
        return FAILED


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
