"""A TaskRouter that runs on this machine: the real REST API and real, signed webhooks, without an account.

From here come only the names that start it, find it and empty it; all else goes over HTTP. They are loaded when they
are used: the sandbox's own process does without them, and starts sooner.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from .code_version import __version__

if TYPE_CHECKING:
    from .control_client import ControlClient, Sandbox
    from .defaults import ACCOUNT_SID
    from .errors import SandboxError
    from .launcher import credentials, ensure, find, reset, stop

__all__ = [
    "ACCOUNT_SID",
    "ControlClient",
    "Sandbox",
    "SandboxError",
    "__version__",
    "credentials",
    "ensure",
    "find",
    "reset",
    "stop",
]

_MODULES = {
    "control_client": ("ControlClient", "Sandbox"),
    "defaults": ("ACCOUNT_SID",),
    "errors": ("SandboxError",),
    "launcher": ("credentials", "ensure", "find", "reset", "stop"),
}


def __getattr__(name: str) -> object:
    for module, names in _MODULES.items():
        if name in names:
            return getattr(import_module(f".{module}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
