"""The public address of a callback server: ngrok's, through `pyngrok`, when live; loopback in the sandbox.

The agent runs in a session of its own, so that interrupting a cell does not end it; `helpers.agents` sees to it
that it does not outlive its kernel. It reads its token from a config file, so that no command line shows it.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from pyngrok import installer, ngrok
from pyngrok.conf import PyngrokConfig
from pyngrok.exception import PyngrokError
from pyngrok.process import is_process_running
from twilio.base.exceptions import TwilioException

from helpers.callback_server.server import CallbackServer, keep_off_the_proxy
from helpers.connection.error_messages import describe_error
from helpers.errors import LessonError
from helpers.tunnel import ngrok_processes

PATIENCE = 20.0  # seconds that an agent is given to come up
KEEPING = 2.0  # seconds between two looks at whether it still runs
LONGEST = 60.0  # seconds between two tries to open the tunnels again; each failure doubles the time

_NO_TOKEN = (
    "ngrok needs a token, which is free: copy yours from dashboard.ngrok.com/get-started/your-authtoken "
    "into .env, in a line NGROK_AUTHTOKEN=..., then run this cell again."
)
_UNKNOWN_TOKEN = (
    "ngrok does not know the token in NGROK_AUTHTOKEN: copy it once more from "
    "dashboard.ngrok.com/get-started/your-authtoken into .env, then run this cell again."
)
_TOO_MANY = (
    "Your ngrok account has as many agents running as it may: shut down the other notebook or program "
    "that has one (dashboard.ngrok.com/agents lists them), then run this cell again."
)
_UNVERIFIED = (
    "ngrok wants a verified account: confirm your e-mail address at dashboard.ngrok.com, see that the token in "
    "NGROK_AUTHTOKEN is the one that is shown there, then run this cell again."
)
_FOR_THE_LEARNER = (_NO_TOKEN, _UNVERIFIED, _UNKNOWN_TOKEN, _TOO_MANY)  # what no further try mends
_ADVICE = (  # what is found in an agent's or pyngrok's words -> what a learner is told
    (r"ERR_NGROK_4018\b", _UNVERIFIED),
    (r"ERR_NGROK_105\b", _UNKNOWN_TOKEN),
    (r"ERR_NGROK_108\b", _TOO_MANY),
    (
        r"ERR_NGROK_334\b",
        "Your ngrok address is in use by another agent of yours: shut that one down "
        "(dashboard.ngrok.com/endpoints lists them), then run this cell again.",
    ),
    (
        r"downloading ngrok|not a supported",
        "The ngrok agent is not on this machine and could not be downloaded: check the internet connection, or "
        "install ngrok yourself and name its file in .env, in a line NGROK_PATH=..., then run this cell again.",
    ),
    (
        r"failed to dial|no such host",
        "The ngrok agent cannot reach ngrok: check the internet connection (a proxy, a firewall), then run this "
        "cell again.",
    ),
)

_agent: NgrokProcess | None = None
_exposed: dict[str, CallbackServer] = {}  # by the address that the tunnel of each forwards to
_keeper: threading.Thread | None = None
_lock = threading.RLock()

# pyngrok logs what the agent says, with the token in it; unhandled, Python would show that in the cell.
logging.getLogger("pyngrok").setLevel(logging.CRITICAL + 1)


def expose(server: CallbackServer) -> str:
    """The address, without a slash at its end, at which TaskRouter reaches the callback server; says which.

    Run again, it is the same for as long as the tunnel stands; a new one is brought to the callback addresses of the
    tutorial's workspace that had an old one of this server. In the sandbox it is `server.url`.
    Raises LessonError, with the next step, when ngrok gives no tunnel, or `server` is none that runs.
    """
    _require_running(server)
    with _lock:
        ngrok_processes.end_orphans()
        if not _is_live():
            close()
            print(f"The sandbox reaches your server at {server.url}: nothing leaves this machine, no tunnel needed.")
            return server.url
        address = _open(server)
        print(f"Twilio reaches your server at {address}, through ngrok; only requests signed by Twilio get in.")
        if told := _tell_taskrouter(server, address):
            print(told)
        _keep()
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


def _open(server: CallbackServer) -> str:
    """The address of the server's tunnel, which is opened when it does not stand."""
    global _agent
    try:
        if _agent is None or not _agent.running:
            _end_agent()
            _agent = NgrokProcess(_token())
        server.public_url = _agent.tunnel_to(server.tunnel_target)
    finally:  # a failure, or an interrupted cell, leaves no agent behind
        if _agent is not None and not _agent.tunnels:
            _end_agent()
    _exposed[server.tunnel_target] = server
    server.when_stopped(partial(_close_one, server.tunnel_target))
    return server.public_url


def _close_one(target: str) -> None:
    """Close the tunnel to a server that stops: the port may be another program's soon."""
    with _lock:
        server = _exposed.pop(target, None)
        if server is None:
            return
        if server not in _exposed.values():  # else it runs again, at another port
            server.public_url = None
        if _agent is not None:
            _agent.drop(target)
            if not _agent.tunnels:
                _end_agent()


def _tell_taskrouter(server: CallbackServer, address: str) -> str:
    """Bring a new address to where an old one of this server stands. Says what was done, or why it was not."""
    from helpers.connection import account
    from helpers.tunnel import callback_urls

    try:
        old = callback_urls.remember(server.port, address, lasting=not server.port_was_picked)
        if not old:
            return ""
        told = callback_urls.follow(account.connect(quiet=True), old, address)
    except (LessonError, TwilioException, OSError) as error:
        return f"TaskRouter could not be told the new address ({describe_error(error)}): run this cell again."
    return f"The new address was brought to {' and '.join(told)}." if told else ""


def _keep() -> None:
    """From now on, open the tunnels again whenever their agent has died, and bring their new addresses along."""
    global _keeper
    if _keeper is None:
        _keeper = threading.Thread(target=_keep_open, name="tunnel keeper", daemon=True)
        _keeper.start()


def _keep_open() -> None:
    pause = KEEPING
    while True:
        time.sleep(pause)
        try:
            _mend()
            pause = KEEPING
        except Exception as error:  # `expose` says why
            pause = min(2 * pause, LONGEST)
            if str(error) in _FOR_THE_LEARNER:
                close()


def _mend() -> None:
    """One look of the keeper. Raises what kept a tunnel closed: no network yet, or ngrok's refusal."""
    with _lock:
        if _exposed and not _is_live():  # the credentials are gone: back in the sandbox
            close()
        for target, server in list(_exposed.items()):
            if not server.running or server.tunnel_target != target:  # its thread has died by itself
                _close_one(target)
        if _exposed and not (_agent and _agent.running):
            for server in list(_exposed.values()):
                _tell_taskrouter(server, _open(server))


def close() -> None:
    """End this kernel's tunnels and their agent; nothing happens when there are none."""
    with _lock:
        for server in _exposed.values():
            server.public_url = None
        _exposed.clear()
        _end_agent()


def _end_agent() -> None:
    global _agent
    if _agent is not None:
        _agent.end()
        _agent = None


atexit.register(close)


def program_of_the_agent() -> Path:
    """The file that NGROK_PATH names, or else where pyngrok puts what it downloads.

    Raises LessonError when NGROK_PATH names no program.
    """
    named = _setting("NGROK_PATH")
    if not named:
        return ngrok_processes.folder() / installer.get_ngrok_bin()
    program = Path(named).expanduser()
    if program.is_file() and os.access(program, os.X_OK):
        return program
    what = "a folder" if program.is_dir() else "no program" if program.exists() else "not there"
    raise LessonError(
        f"NGROK_PATH names {named}, which is {what}: let it name the file of the ngrok agent, or take that line away, "
        "so that the agent is fetched by itself; then run this cell again."
    )


class NgrokProcess:
    """The one ngrok agent of this kernel. `tunnels`: local address -> public address."""

    def __init__(self, token: str) -> None:
        self.tunnels: dict[str, str] = {}
        self._token = token
        program = program_of_the_agent()
        try:
            self._lease = ngrok_processes.NgrokProcessLease(f'version: "3"\nagent:\n  authtoken: {json.dumps(token)}\n')
        except OSError as error:
            raise LessonError(
                f"The ngrok agent needs the folder {ngrok_processes.folder()}, which cannot be used "
                f"({error.strerror}): name one that you can write to in the environment variable "
                "TASKROUTER_TUNNEL_DIR, and restart JupyterLab."
            ) from None
        self._config = PyngrokConfig(
            ngrok_path=str(program),
            config_path=str(self._lease.file),
            startup_timeout=int(PATIENCE) + 1,
            request_timeout=PATIENCE,
            start_new_session=True,
        )
        self._config.auth_token = None  # which pyngrok takes from the environment, for the command line

    @property
    def running(self) -> bool:
        return is_process_running(self._config.ngrok_path)

    def tunnel_to(self, local: str) -> str:
        """The public address of the tunnel to a local one, opened if it is not there. Raises LessonError."""
        if self._stands(local):
            return self.tunnels[local]
        self.tunnels.pop(local, None)
        try:
            keep_off_the_proxy()
            ngrok.install_ngrok(self._config)
            with self._patience():
                name = f"taskrouter-{local.rpartition(':')[2]}"
                tunnel = ngrok.connect(local, name=name, pyngrok_config=self._config)
        except (PyngrokError, OSError) as error:
            raise LessonError(self._explain(error)) from None
        self.tunnels[local] = tunnel.public_url
        return tunnel.public_url

    def drop(self, local: str) -> None:
        """Close the tunnel to a local address; nothing happens when there is none."""
        address = self.tunnels.pop(local, None)
        if address is not None and self.running:
            with suppress(PyngrokError, OSError):
                ngrok.disconnect(address, self._config)

    def _stands(self, local: str) -> bool:
        if local not in self.tunnels or not self.running:
            return False
        with suppress(PyngrokError):
            return self.tunnels[local] in [tunnel.public_url for tunnel in ngrok.get_tunnels(self._config)]
        return False

    @contextmanager
    def _patience(self) -> Iterator[None]:
        """Ends an agent that does not come up; pyngrok would wait for its next line for ever (plumbing.md)."""
        timer = threading.Timer(PATIENCE, ngrok_processes.end_agents, [self._lease.file])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _explain(self, error: Exception) -> str:
        said = " ".join(str(part) for part in (error, getattr(error, "body", "")) if part)
        for sign, words in _ADVICE:
            if re.search(sign, said):
                return words
        if code := re.search(r"ERR_NGROK_(\d+)", said):
            return f"ngrok refuses with {code[0]}: ngrok.com/docs/errors/{code[0].lower()} says what to do."
        words = said.replace(self._token, "...").split("\n")[0][:200].rstrip(". ")
        return (
            f"The ngrok agent did not come up and has been ended ({words}): run this cell again, and if that does "
            f"not help, bring the agent up to date with `{self._config.ngrok_path} update`."
        )

    def end(self) -> None:
        """End the agent and leave nothing of it behind."""
        self.tunnels.clear()
        ngrok.kill(self._config)
        self._lease.give_up()


def _is_live() -> bool:
    from helpers.connection import account

    return account.current().mode == "live"


def _setting(name: str) -> str | None:
    from helpers.connection import account

    return account.setting(name)


def _token() -> str:
    if token := _setting("NGROK_AUTHTOKEN"):
        return token
    raise LessonError(_NO_TOKEN)
