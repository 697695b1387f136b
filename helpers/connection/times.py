"""Times as the twilio client gives them, in milliseconds since 1970."""

from __future__ import annotations

from datetime import datetime

from helpers.connection.instances import EventInstance


def to_ms(at: datetime | str | None) -> int:
    """Give a time in milliseconds since 1970, 0 for None. The client hands times with fractions back as strings."""
    if at is None:
        return 0
    if isinstance(at, str):
        at = datetime.fromisoformat(at)
    return int(at.timestamp() * 1000)


def event_ms(event: EventInstance) -> int:
    """Give the time of an event: its `event_date_ms`, or else its `event_date`, which has whole seconds."""
    return to_ms(event.event_date) if event.event_date_ms is None else int(event.event_date_ms)
