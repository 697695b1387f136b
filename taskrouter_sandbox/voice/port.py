"""Where a voice part would come in. The sandbox has none: its engines refuse what needs a phone call."""

from __future__ import annotations

from typing import Protocol

from ..engine.model.effects import CallRequest


class Voice(Protocol):
    """Whoever places the phone calls that instructions ask for.

    `Service.connect_voice` takes it. It tells the workspace's `engine.reservations` what becomes
    of an order, by `dialed`, `connected`, `call_failed` and `call_ended`.
    """

    def place(self, workspace_sid: str, order: CallRequest) -> None:
        """Begin a call; returns at once."""
