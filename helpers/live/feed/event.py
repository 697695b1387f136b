"""One TaskRouter event, whether an event callback brought it or a REST read: the same thing under one shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydantic.alias_generators import to_snake

from helpers.connection.instances import EventInstance
from helpers.connection.json_text import as_object
from helpers.connection.times import event_ms
from helpers.connection.vocabulary import EVENT_RANK

_snake = lru_cache(maxsize=512)(to_snake)  # the names are few, and the pattern is slow


@dataclass(frozen=True)
class TaskRouterEvent:
    """An event of a workspace.

    sid: `EV...`; type: such as `reservation.created`; at: milliseconds since 1970, by TaskRouter's clock;
    description: its sentence; data: the other parameters in snake case, all strings (behaviour.md §4.3);
    by: "callback" or "read", the way it came.
    """

    sid: str
    type: str
    at: int
    resource_sid: str
    description: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    by: str = "read"

    @property
    def order_key(self) -> tuple[int, int]:
        """The key that sorts events as they happened: the time, then what leads to what (behaviour.md §4.4)."""
        return self.at, EVENT_RANK.get(self.type, 0)

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> TaskRouterEvent:
        """Read an event from the form of an event callback (behaviour.md §4.2).

        Raises ValueError when it is none: `EventType` or its time is missing.
        """
        if not form.get("EventType"):
            raise ValueError("this form has no EventType")
        at = form.get("TimestampMs") or f"{int(form.get('Timestamp', ''))}000"
        data = {_snake(name): value for name, value in form.items()}
        sid = form.get("Sid") or f"{form['EventType']} {form.get('ResourceSid', '')} {at}"
        return cls(
            sid, form["EventType"], int(at), form.get("ResourceSid", ""), form.get("EventDescription", ""), data,
            "callback",
        )  # fmt: skip

    @classmethod
    def from_rest(cls, event: EventInstance) -> TaskRouterEvent:
        """Read an event from what `workspace.events` lists."""
        told: Any = event.event_data
        return cls(
            event.sid or "",
            event.event_type or "",
            event_ms(event),
            event.resource_sid or "",
            event.description or "",
            told if isinstance(told, dict) else as_object(told),
        )
