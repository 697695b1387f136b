"""The error of whoever starts a sandbox or asks its control plane."""

from __future__ import annotations


class SandboxError(Exception):
    """The sandbox could not be started, has gone, or refuses. The message is one sentence with the next step."""
