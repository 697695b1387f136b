"""The public address of a callback server: ngrok's when live, loopback in the sandbox."""

from __future__ import annotations

import atexit

from helpers.callback_server.server import CallbackServer
from helpers.connection import account
from helpers.connection.error_messages import ONLY_AN_API_KEY
from helpers.errors import LessonError
from helpers.tunnel import ngrok_processes
from helpers.tunnel.ngrok_agent import NgrokAgent
from helpers.tunnel.ngrok_errors import is_final
from helpers.tunnel.open_tunnels import OpenTunnels

tunnels = OpenTunnels(NgrokAgent(), gives_up=is_final)
"""The tunnels of this kernel."""

atexit.register(tunnels.close)


def expose(server: CallbackServer) -> str:
    """Give the address, without a slash at its end, at which TaskRouter reaches the callback server; say which.

    Run again, it is the same for as long as the tunnel stands; a new one is brought to the callback addresses of the
    tutorial's workspace that had an old one of this server. In the sandbox it is `server.url`.
    Raises LessonError, with the next step, when ngrok gives no tunnel, or `server` is none that runs.
    """
    _require_running(server)
    ngrok_processes.end_orphans()
    chosen = account.current()
    if chosen.mode == "sandbox":
        tunnels.close()
        print(f"The sandbox reaches your server at {server.url}; no tunnel needed.")
        return server.url
    if not chosen.auth_token:
        raise LessonError(f"{ONLY_AN_API_KEY}; then run this cell again.")
    address, told = tunnels.open(server)
    print(f"Twilio reaches your server at {address}, through ngrok; only requests signed by Twilio get in.")
    if told:
        print(told)
    return address


def _require_running(server: object) -> None:
    """Raise LessonError unless it is a callback server that runs: a port that nobody holds is anybody's."""
    if not isinstance(server, CallbackServer):
        kind = "nothing" if server is None else f"a {type(server).__name__}"
        raise LessonError(
            f"expose() needs what serve(app) returns and was given {kind}: "
            "run server = serve(app), then expose(server)."
        )
    if not server.running:
        raise LessonError("This callback server has been stopped: run the cell with serve(app) again, then this one.")
