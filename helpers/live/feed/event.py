"""One TaskRouter event, whether an event callback brought it or a REST read: the same thing under one shape."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from pydantic.alias_generators import to_snake

from helpers.connection.vocabulary import EVENT_RANK

if TYPE_CHECKING:
    from twilio.rest.taskrouter.v1.workspace.event import EventInstance

_snake = lru_cache(maxsize=512)(to_snake)  # the names are few, and the pattern is slow


@dataclass(frozen=True)
class TaskRouterEvent:
    """An event.

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
    def place(self) -> tuple[int, int]:
        """Its place in the order of what happened: by time, and within a millisecond by what leads to what."""
        return self.at, EVENT_RANK.get(self.type, 0)

    @classmethod
    def from_form(cls, form: Mapping[str, str]) -> TaskRouterEvent:
        """The event in the form of an event callback (behaviour.md §4.2).

        Raises ValueError when it is no event: `EventType` or its time is missing.
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
        """The event as `workspace.events` lists it."""
        data = event.event_data
        if isinstance(data, str):
            data = json.loads(data or "{}")
        at = event.event_date_ms
        if at is None:
            at = event.event_date.timestamp() * 1000
        return cls(event.sid, event.event_type, int(at), event.resource_sid, event.description or "", data or {})
