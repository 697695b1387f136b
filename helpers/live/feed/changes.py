"""What has changed in a set of collections since somebody last asked."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any


class ChangeTracker:
    """What one view has not been told yet. Safe from any thread.

    Args:
        lock: held while something changes.
        look_up: gives what stands now under a collection's name and a SID; None when it is not there any more.
        end: takes this tracker off the list of those that are told.
    """

    def __init__(
        self,
        lock: AbstractContextManager[Any],
        look_up: Callable[[str, str], Any],
        end: Callable[[ChangeTracker], None],
    ) -> None:
        self._lock, self._look_up, self._end = lock, look_up, end
        self._changed: dict[tuple[str, str], None] = {}
        self._is_reset = True

    def note(self, collection: str, sid: str) -> None:
        """Remember that an entity has changed or gone; sid: "" for a collection that is a single thing."""
        self._changed[collection, sid] = None

    def reset(self) -> None:
        """Have the next `changes()` tell to take a snapshot: so much has changed that single changes are no help."""
        self._is_reset = True

    def changes(self) -> dict[str, Any] | None:
        """Give what has changed since the last call, as {collection: {sid: entity or None}}.

        Gives None when a snapshot is to be taken instead: at the first call, and after `reset`.
        """
        with self._lock:
            changed, self._changed = self._changed, {}
            was_reset, self._is_reset = self._is_reset, False
            if was_reset:
                return None
            delta: dict[str, Any] = {}
            for collection, sid in changed:
                if sid:
                    delta.setdefault(collection, {})[sid] = self._look_up(collection, sid)
                else:
                    delta[collection] = self._look_up(collection, sid)
            return delta

    def end(self) -> None:
        """Stop noting changes."""
        with self._lock:
            self._end(self)
