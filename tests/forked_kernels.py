"""Kernels that are forked from a template (`tests/kernel_template.py`) instead of started from nothing.

A fork is a kernel like any other, with its own process group, environment and sockets, which is interrupted, killed and
restarted; what it does not do is import IPython, FastAPI and the others again. Where the system has no `pidfd`, on
macOS and Windows, kernels start as usual.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import socket
import subprocess
import sys
from functools import cache
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

LAUNCHER = [sys.executable, "-m", "ipykernel_launcher"]
NAME = "forked"


class ForkedKernelManager(AsyncKernelManager):
    """Manages a kernel that is forked, where that is possible."""

    @property
    def kernel_spec(self) -> KernelSpec | None:
        spec = super().kernel_spec
        if spec is not None and hasattr(os, "pidfd_open"):
            spec.metadata["kernel_provisioner"] = {"provisioner_name": NAME}
        return spec


class ForkedProvisioner(LocalProvisioner):
    """Starts a kernel as a fork of the template, and does all else as with any process of this machine."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        if cmd[: len(LAUNCHER)] != LAUNCHER:
            return await super().launch_kernel(cmd, **kwargs)
        self.process = ForkedProcess(cmd[len(LAUNCHER) - 1 :], kwargs["env"], kwargs.get("cwd"))
        self.pid = self.pgid = self.process.pid
        self.cwd = kwargs.get("cwd", Path.cwd())
        return self.connection_info


class ForkedProcess:
    """A fork of the template, with what a provisioner asks of a `Popen`. With which code it ends is not known."""

    stdin = stdout = stderr = None

    def __init__(self, argv: list[str], env: dict[str, str], cwd: str | None):
        message = json.dumps({"argv": argv, "env": env, "cwd": cwd and str(cwd)}).encode()
        with open(os.devnull) as nothing:
            socket.send_fds(template(), [message], [nothing.fileno(), 1, 2])
        answer = template().recv(20)
        if not answer:
            raise RuntimeError("The template of the kernels has ended; its last words are above.")
        self.pid = int(answer)
        self._ended = os.pidfd_open(self.pid)
        self._code: int | None = None

    def poll(self) -> int | None:
        """None while it runs, then 0."""
        if self._code is None and select.select([self._ended], [], [], 0)[0]:
            self._code = 0
            os.close(self._ended)
        return self._code

    def wait(self) -> int:
        """Wait until it has ended."""
        if self.poll() is None:
            select.select([self._ended], [], [])
        return self.poll() or 0

    def send_signal(self, number: int) -> None:
        """Send it a signal; nothing happens when it has ended."""
        if self.poll() is None:
            signal.pidfd_send_signal(self._ended, number)


@cache
def template() -> socket.socket:
    """The socket to this process's template, which lives as long as the process."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    program = Path(__file__).with_name("kernel_template.py")
    with its:
        process = subprocess.Popen([sys.executable, str(program)], stdin=its, start_new_session=True)

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


KernelProvisionerFactory.provisioners[NAME] = EntryPoint(
    NAME, f"{__name__}:{ForkedProvisioner.__name__}", KernelProvisionerFactory.GROUP_NAME
)
