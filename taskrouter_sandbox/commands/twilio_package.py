"""The clients, for commands that need the `twilio` package, or a sentence where it is not installed."""

from __future__ import annotations

from types import ModuleType

from .common import CannotDo


def clients() -> ModuleType:
    """Load the module of the clients. Raises CannotDo where `twilio` is missing."""
    try:
        from . import clients
    except ModuleNotFoundError as missing:
        if (missing.name or "").split(".")[0] not in ("twilio", "requests"):
            raise
        raise CannotDo(
            "This command asks the REST API by the twilio package, which is not installed: "
            "pip install 'taskrouter-sandbox[client]'"
        ) from None
    return clients
