"""The tunnels of this kernel: opened for callback servers, and opened again when their agent dies."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from twilio.base.exceptions import TwilioException

from helpers.callback_server import public_addresses
from helpers.callback_server.server import CallbackServer
from helpers.connection import account, clients
from helpers.connection.error_messages import describe_error
from helpers.errors import LessonError
from helpers.tunnel import callback_urls


class TunnelAgent(Protocol):
    """Whatever opens tunnels: a program, or a library."""

    def holds(self, target: str) -> bool:
        """Tell whether the tunnel to a local address was opened, and can still stand."""
        ...

    def open(self, target: str) -> str:
        """Give the public address of the tunnel to a local one, opened if need be. Raises LessonError."""
        ...

    def close(self, target: str) -> None:
        """Close the tunnel to a local address, if there is one."""


@dataclass(frozen=True)
class SupervisorLimits:
    """How often the supervisor looks, in seconds.

    every: between two looks at whether the agent still runs; longest: between two tries to open the tunnels again, as
    each failure doubles the time.
    """

    every: float = 2.0
    longest: float = 60.0


DEFAULT_LIMITS = SupervisorLimits()


class OpenTunnels:
    """The servers that have a tunnel, and the supervisor, a thread that opens a tunnel again when its agent has died.

    Args:
        agent: opens the tunnels.
        gives_up: tells whether an error of the agent is one that no further try mends.
        limits: of the supervisor.
        sleep: waits, in seconds.
    """

    def __init__(
        self,
        agent: TunnelAgent,
        gives_up: Callable[[Exception], bool],
        limits: SupervisorLimits = DEFAULT_LIMITS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.agent, self.limits, self.sleep = agent, limits, sleep
        self._gives_up = gives_up
        self._servers: dict[str, CallbackServer] = {}  # by the address that the tunnel of each forwards to
        self._supervisor: threading.Thread | None = None
        self._lock = threading.RLock()

    def open(self, server: CallbackServer) -> tuple[str, str]:
        """Give the public address of a server's tunnel, opened if need be, and keep it open.

        Returns the address, and what was done with callback addresses that had an old one of this server, in words.
        Raises LessonError when there is no tunnel to be had.
        """
        with self._lock:
            address = self._open(server)
            told = _tell_taskrouter(server, address)
            self._open_again()  # the others, if the agent had died
            if self._supervisor is None:
                self._supervisor = threading.Thread(target=self._keep_open, name="tunnel supervisor", daemon=True)
                self._supervisor.start()
            return address, told

    def close(self) -> None:
        """Close all tunnels; nothing happens when there are none."""
        with self._lock:
            for target, server in self._servers.items():
                server.public_url = None
                self.agent.close(target)
            self._servers.clear()

    def _open(self, server: CallbackServer) -> str:
        target = server.tunnel_target
        address = self.agent.open(target)
        server.public_url = address
        self._servers[target] = server
        server.when_stopped(partial(self._close_one, target))
        return address

    def _close_one(self, target: str) -> None:
        """Close the tunnel to a server that stops: the port may be another program's soon."""
        with self._lock:
            server = self._servers.pop(target, None)
            if server is None:
                return
            if server not in self._servers.values():  # else it runs again, at another port
                server.public_url = None
            self.agent.close(target)

    def _keep_open(self) -> None:
        pause = self.limits.every
        while True:
            self.sleep(pause)
            try:
                self._mend()
                pause = self.limits.every
            except Exception as error:  # `expose` says why
                pause = min(2 * pause, self.limits.longest)
                if self._gives_up(error):
                    self.close()

    def _mend(self) -> None:
        """Look once. Raises what keeps a tunnel closed: no network yet, or the agent's refusal."""
        with self._lock:
            if self._servers and account.current().mode == "sandbox":  # the credentials are gone
                self.close()
            for target, server in list(self._servers.items()):
                if not server.running or server.tunnel_target != target:  # its thread has died by itself
                    self._close_one(target)
            self._open_again()

    def _open_again(self) -> None:
        """Open the tunnels that went with their agent."""
        for target, server in list(self._servers.items()):
            if server.running and not self.agent.holds(target):
                _tell_taskrouter(server, self._open(server))


def _tell_taskrouter(server: CallbackServer, address: str) -> str:
    """Bring a new address to where an old one of this server stands. Says what was done, or why it was not."""
    try:
        old = public_addresses.remember(server.port, address, lasting=not server.port_was_picked)
        if not old:
            return ""
        told = callback_urls.follow(clients.connect(quiet=True), old, address)
    except (LessonError, TwilioException, OSError) as error:
        return f"TaskRouter could not be told the new address ({describe_error(error)}): run this cell again."
    return f"The new address was brought to {' and '.join(told)}." if told else ""
