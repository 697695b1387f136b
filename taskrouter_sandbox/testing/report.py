"""What a failed test prints: the last calls, events and webhooks, alerts, and why tasks wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice

from .callbacks import CallbackServer
from .redirect import RestCall
from .taskrouter import TaskRouter
from .waiting import explain

MOST = 8
LONGEST = 220


def text(router: TaskRouter, callbacks: CallbackServer | None) -> str:
    """Tell what has happened in a test's TaskRouter until now."""
    calls = list(router.rest_calls)[-MOST:]  # before this one adds its own
    parts: list[tuple[str, Callable[[], Iterable[str]]]] = [
        ("the last calls", lambda: _calls(calls)),
        ("the last events", lambda: _events(router)),
        ("the last webhooks", lambda: _webhooks(router)),
        ("what came to the callback server", lambda: _came(callbacks)),
        ("alerts", lambda: (f"{each['code']} {each['text']}" for each in reversed(router.alerts.list(MOST)))),
        ("faults that are ordered", router.faults.descriptions),
        ("why tasks wait", lambda: explain(router.client)),
    ]
    return "\n".join(line for title, lines in parts for line in _part(title, lines))


def _part(title: str, lines: Callable[[], Iterable[str]]) -> Iterator[str]:
    try:
        found = [_shortened(line) for line in lines()]
    except Exception as error:  # a sandbox that has gone must not hide why the test failed
        found = [f"not known: {error}"]
    if found:
        yield f"{title}:"
        yield from (f"  {line}" for line in found)


def _shortened(line: str) -> str:
    line = ("  " if line.startswith(" ") else "") + " ".join(line.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."


def _calls(calls: Iterable[RestCall]) -> Iterator[str]:
    for call in calls:
        given = " ".join(f"{name}={value}" for name, value in call.parameters.items())
        yield f"{call.method} {call.path} {call.status or 'no answer'} {given} {call.error}"


def _events(router: TaskRouter) -> Iterator[str]:
    found: list[tuple[datetime, str]] = []
    for workspace in router.client.taskrouter.v1.workspaces.list():
        newest_first = islice(workspace.events.stream(page_size=MOST), MOST)
        found += [(each.event_date, f"{each.event_type} {each.description}") for each in newest_first][::-1]
    found.sort(key=lambda each: each[0])  # which leaves those of one second as they were
    for at, what in found[-MOST:]:
        yield f"{at:%H:%M:%S} {what}"


def _webhooks(router: TaskRouter) -> Iterator[str]:
    for each in reversed(router.deliveries.list(limit=MOST)):
        attempt = each["attempts"][-1] if each["attempts"] else None
        status = attempt.get("status") if attempt else None
        what = each["parameters"].get("EventType", "")
        yield f"{each['kind']} {what} {each['url']} {status or ''} {each['outcome'] or 'is under way'}"


def _came(callbacks: CallbackServer | None) -> Iterator[str]:
    for each in callbacks.requests[-MOST:] if callbacks else ():
        signed = "" if each.is_signed else " (its signature does not hold)"
        raised = f" {type(each.error).__name__}: {each.error}" if each.error else ""
        yield f"{each.method} {each.path} {each.status} {each.answer[:100].decode(errors='replace')}{signed}{raised}"
