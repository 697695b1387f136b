"""What an engine asks of what is outside its workspace: phone calls, and the other workspaces of the account."""

from __future__ import annotations

from typing import Protocol


class Surroundings(Protocol):
    """Whoever holds the workspaces of an account, and places the phone calls among their effects."""

    def can_redirect(self, call_sid: str, /) -> bool:
        """Tell whether there is a call of that SID which can be sent to another document now (voice.md §4.4)."""
        ...

    def has_worker(self, worker_sid: str) -> bool:
        """Tell whether any workspace of the account has a worker of that SID (behaviour.md §5.4)."""
        ...
