"""A TaskRouter that runs on this machine: the real REST API and real, signed webhooks, without an account.

From here come only the names that start it, find it and empty it; all else goes over HTTP.
"""

from .control_client import Sandbox
from .errors import SandboxError
from .launcher import ACCOUNT_SID, AUTH_TOKEN, ensure, find, reset, stop

__all__ = ["ACCOUNT_SID", "AUTH_TOKEN", "Sandbox", "SandboxError", "ensure", "find", "reset", "stop"]
