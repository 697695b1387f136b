"""Which events a workspace reports to its EventCallbackUrl, and with what parameters (behaviour.md §4)."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache

from ..engine.model.entities import Event, Workspace
from ..event_types import TYPES
from .delivery import Delivery


def event_deliveries(workspace: Workspace, account_sid: str, events: list[Event]) -> list[Delivery]:
    """Make the event callbacks that a command gives rise to, in the order of its events."""
    if not workspace.event_callback_url:
        return []
    wanted = _types(workspace.events_filter or "")
    return [
        Delivery(
            kind="event",
            workspace_sid=workspace.sid,
            subject_sid=event.sid,
            url=workspace.event_callback_url,
            parameters=event_form(account_sid, event),
        )
        for event in events
        if not wanted or event.event_type in wanted
    ]


@lru_cache
def _types(events_filter: str) -> frozenset[str]:
    """Read the event types of an EventsFilter; none named is all (behaviour.md §4.1)."""
    return frozenset(name for part in events_filter.split(",") if (name := part.strip()))


def events_filter_warning(workspace: Workspace) -> str | None:
    """Say in a sentence what is strange about a workspace's EventsFilter; None when it names types of events."""
    text = workspace.events_filter
    if not text:
        return None
    if not (named := _types(text)):
        return f"EventsFilter {text!r} names no event type, so that every event is reported"
    if not (unknown := sorted(named - TYPES)):
        return None
    told = ", ".join(unknown)
    return f"EventsFilter: nothing is ever reported for {told}, which is no type of an event{_meant(unknown[0])}"


def _meant(name: str) -> str:
    """Say what may have been meant by what is no type: types with another sign between them, or all of a group."""
    if len(named := [word for word in re.findall(r"[a-z.-]+", name.lower()) if word in TYPES]) > 1:
        return f"; put commas between types: {','.join(named)}"
    if "*" in name:
        return "; no sign stands for several, so name each"
    near = named or get_close_matches(name.lower(), TYPES, 1)
    return f"; did you mean {near[0]}?" if near else ""


def event_form(account_sid: str, event: Event) -> dict[str, str]:
    """Build the form that is posted: COMMON of behaviour.md §4.3 and the event's own fields
    (`engine/reporting/event_fields.py`).

    What is not known is left out (§4.2).
    """
    common = {
        "AccountSid": account_sid,
        "EventDescription": event.description,
        "EventType": event.event_type,
        "ResourceSid": event.resource_sid,
        "ResourceType": event.resource_type,
        "Sid": event.sid,
        "Timestamp": str(event.date_created // 1000),
        "TimestampMs": str(event.date_created),
    }
    return dict(sorted((event.data | common).items()))
