"""The ngrok agent, through `pyngrok`: started with the first tunnel, ended with the last.

The agent runs in a session of its own, so that interrupting a cell does not end it; `ngrok_processes` sees to it that
it does not outlive its kernel. It reads its token from a config file, so that no command line shows it.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from pyngrok import installer, ngrok
from pyngrok.conf import PyngrokConfig
from pyngrok.exception import PyngrokError, PyngrokNgrokError
from pyngrok.log import NgrokLog
from pyngrok.ngrok import NgrokTunnel
from pyngrok.process import is_process_running

from helpers.callback_server.loopback import keep_off_the_proxy
from helpers.connection import settings
from helpers.errors import LessonError
from helpers.tunnel import ngrok_errors, ngrok_processes

# pyngrok logs what the agent says, with the token in it; unhandled, Python would show that in the cell.
logging.getLogger("pyngrok").setLevel(logging.CRITICAL + 1)


class NgrokAgent:
    """Opens and closes tunnels.

    Args:
        patience: seconds that an agent is given to come up.
    """

    def __init__(self, patience: float = 20.0) -> None:
        self.patience = patience
        self._process: NgrokProcess | None = None

    def holds(self, target: str) -> bool:
        """Tell whether the tunnel to a local address was opened by the agent that runs."""
        return self._process is not None and target in self._process.tunnels and self._process.running

    def open(self, target: str) -> str:
        """Give the public address of the tunnel to a local one, which is opened if it does not stand.

        Raises LessonError, with the next step, when ngrok gives no tunnel.
        """
        try:
            if self._process is None or not self._process.running:
                return self._start().tunnel_to(target)
            try:
                return self._process.tunnel_to(target)
            except LessonError:
                if self._process.running:
                    raise
                return self._start().tunnel_to(target)  # it died a moment ago
        finally:  # a failure, or an interrupted cell, leaves no agent behind
            self._end_if_unused()

    def close(self, target: str) -> None:
        """Close the tunnel to a local address; nothing happens when there is none."""
        if self._process is None:
            return
        if self._process.tunnels.keys() <= {target}:  # the last one goes with its agent
            self._end()
        else:
            self._process.drop(target)

    def _start(self) -> NgrokProcess:
        self._end()
        self._process = NgrokProcess(_token(), self.patience)
        return self._process

    def _end_if_unused(self) -> None:
        if self._process is not None and not self._process.tunnels:
            self._end()

    def _end(self) -> None:
        if self._process is not None:
            self._process.end()
            self._process = None


class NgrokProcess:
    """One process of the agent. `tunnels`: local address -> public address."""

    def __init__(self, token: str, patience: float) -> None:
        self.tunnels: dict[str, str] = {}
        self._agent: psutil.Process | None = None
        self._token, self._patience = token, patience
        self._program = str(find_program())
        try:
            self.lease = ngrok_processes.NgrokProcessLease(f'version: "3"\nagent:\n  authtoken: {json.dumps(token)}\n')
        except OSError as error:
            raise LessonError(
                f"The ngrok agent needs the folder {ngrok_processes.folder()}, which cannot be used "
                f"({error.strerror}): name one that you can write to in the environment variable "
                "TASKROUTER_TUNNEL_DIR, and restart JupyterLab."
            ) from None
        self._config = PyngrokConfig(
            ngrok_path=self._program,
            config_path=str(self.lease.file),
            startup_timeout=int(patience) + 1,
            request_timeout=patience,
            start_new_session=True,
        )
        self._config.auth_token = None  # which pyngrok takes from the environment, for the command line

    @property
    def running(self) -> bool:
        """Whether the process is there. pyngrok alone does not notice its end while another thread waits for it."""
        return is_process_running(self._program) and (self._agent is None or _runs(self._agent))

    def tunnel_to(self, target: str) -> str:
        """Give the public address of the tunnel to a local one, opened if it is not there. Raises LessonError."""
        if self._stands(target):
            return self.tunnels[target]
        self.tunnels.pop(target, None)
        try:
            keep_off_the_proxy()
            ngrok.install_ngrok(self._config)
            tunnel = self._connect(target)
            agent = psutil.Process(ngrok.get_ngrok_process(self._config).proc.pid)
        except (PyngrokError, OSError, psutil.NoSuchProcess) as error:
            raise ngrok_errors.explain(error, token=self._token, program=self._program) from None
        address = str(tunnel.public_url)
        if agent != self._agent:  # pyngrok begins another agent by itself when it finds that one dead
            self.tunnels.clear()
        self._agent, self.tunnels[target] = agent, address
        return address

    def drop(self, target: str) -> None:
        """Close the tunnel to a local address; nothing happens when there is none."""
        address = self.tunnels.pop(target, None)
        if address is not None and self.running:
            with suppress(PyngrokError, OSError):
                ngrok.disconnect(address, self._config)

    def end(self) -> None:
        """End the process and leave nothing of it behind."""
        self.tunnels.clear()
        ngrok.kill(self._config)
        self.lease.give_up()

    def _stands(self, target: str) -> bool:
        if target not in self.tunnels or not self.running:
            return False
        with suppress(PyngrokError):
            return self.tunnels[target] in [tunnel.public_url for tunnel in ngrok.get_tunnels(self._config)]
        return False

    def _connect(self, target: str) -> NgrokTunnel:
        """Open a tunnel to a local address. Raises PyngrokError, which says why when the agent does.

        pyngrok stops reading as soon as the agent has ended, and may miss its last lines, which say why; then the agent
        is run once more to read them.
        """
        name = f"taskrouter-{target.rpartition(':')[2]}"
        with self._ended_when_silent() as was_silent:
            try:
                return ngrok.connect(target, name=name, pyngrok_config=self._config)
            except PyngrokNgrokError as error:
                if error.ngrok_error or was_silent.is_set() or self.running:  # it runs, and has refused the tunnel
                    raise
        self._raise_what_agent_says()
        with self._ended_when_silent():
            return ngrok.connect(target, name=name, pyngrok_config=self._config)

    def _raise_what_agent_says(self) -> None:
        """Run the agent until it has ended, and raise its last error as PyngrokNgrokError; return if it comes up."""
        command = [self._program, "start", "--none", "--log", "stdout", "--config", str(self.lease.file)]
        reason = "it said nothing"
        with (
            self._ended_when_silent(),
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # on Windows
            ) as agent,
        ):
            try:
                for line in agent.stdout or ():
                    log = NgrokLog(line)
                    if "tunnel session started" in (log.msg or ""):
                        return
                    reason = log.err if log.lvl in ("ERROR", "CRITICAL") and log.err else reason
            finally:
                agent.kill()
        raise PyngrokNgrokError(f"The ngrok process errored on start: {reason}.")

    @contextmanager
    def _ended_when_silent(self) -> Iterator[threading.Event]:
        """End an agent that does not come up; pyngrok would wait for its next line for ever. Yields whether it has."""
        was_silent = threading.Event()

        def end() -> None:
            was_silent.set()
            ngrok_processes.end_agents(self.lease.file)

        timer = threading.Timer(self._patience, end)
        timer.daemon = True
        timer.start()
        try:
            yield was_silent
        finally:
            timer.cancel()


def _runs(process: psutil.Process) -> bool:
    """Tell whether a process is there, and not only waits for its end to be noticed."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def find_program() -> Path:
    """Give the file that NGROK_PATH names, or else where pyngrok puts what it downloads.

    Raises LessonError when NGROK_PATH names no program.
    """
    named = settings.setting("NGROK_PATH")
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


def _token() -> str:
    if token := settings.setting("NGROK_AUTHTOKEN"):
        return token
    raise LessonError(ngrok_errors.NOT_SIGNED_IN)
