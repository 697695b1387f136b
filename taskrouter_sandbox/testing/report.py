"""What a failed test prints: the last calls, events and webhooks, alerts, and why tasks wait."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from ..errors import SandboxError
from .callbacks import CallbackTestServer
from .redirect import RestCallRecord, twilio_clients_at
from .taskrouter import TaskRouter, answers
from .waiting import explain

MOST = 8
LONGEST = 220


def text(router: TaskRouter, callbacks: Sequence[CallbackTestServer]) -> str:
    """Tell what has happened in a test's TaskRouter until now; callbacks: its web servers, which may have ended."""
    with twilio_clients_at(router.url, router.account_sid, router.auth_token, router.rest_calls):
        return _text(router, callbacks)


def _text(router: TaskRouter, callbacks: Sequence[CallbackTestServer]) -> str:
    calls = list(router.rest_calls)  # before this one adds its own
    with _without_faults(router) as faults:
        parts: list[tuple[str, Callable[[], Iterable[str]]]] = [
            ("the last calls", lambda: _calls(calls[-MOST:])),
            ("calls with credentials that are not this test's", lambda: _others(router, calls)),
            ("the last events", lambda: _events(router)),
            ("the last phone calls", lambda: _phone_calls(router)),
            ("the last webhooks", lambda: _webhooks(router)),
            ("what came to the callback server", lambda: _came(callbacks)),
            ("alerts", lambda: (f"{each['code']} {each['text']}" for each in reversed(router.alerts.list(MOST)))),
            ("faults that are ordered", lambda: faults),
            ("why tasks wait", lambda: explain(router)),
        ]
        return "\n".join(line for title, lines in parts for line in _part(title, lines))


@contextmanager
def _without_faults(router: TaskRouter) -> Generator[list[str]]:
    """Take the faults of operations back as long as the block lasts, since what is told is asked by REST, too; give all
    that were ordered, in words."""
    try:
        ordered = router.faults.active()
    except SandboxError as error:  # it has gone, which must not hide why the test failed
        yield [str(error)]
        return
    taken = [each for each in ordered if each["operation"]]
    for each in taken:
        router.faults.remove(each["number"])
    yield [each["what"] for each in ordered]
    for each in taken:
        operation, status, code = each["operation"], each["status"], each["code"]
        router.faults.order(operation=operation, status=status, code=code, first=each["left"])


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


def _calls(calls: Iterable[RestCallRecord]) -> Iterator[str]:
    for call in calls:
        given = " ".join(f"{name}={value}" for name, value in call.parameters.items())
        yield f"{call.method} {call.path} {call.status or 'no answer'} {given} {call.error}"


def _others(router: TaskRouter, calls: Iterable[RestCallRecord]) -> Iterator[str]:
    users = Counter(call.user for call in calls if call.user != router.account_sid)
    for user, count in users.items():
        whose = f"as {user}" if user != "None" else "without credentials"
        yield f"{count} {whose}: they do not see what this test makes as {router.account_sid}"
    if users:
        yield "make the client in the test, or let `taskrouter_credentials` give the application's own"


def _phone_calls(router: TaskRouter) -> Iterator[str]:
    for call in reversed(router.calls.list(MOST)):
        waits = f", waits for {call['waits_for']}" if call["waits_for"] else ""
        heard = "; heard: " + " / ".join(each["text"] for each in call["captions"][-3:]) if call["captions"] else ""
        yield f"{call['sid']} from {call['from']} to {call['to']} {call['status']}{waits}{heard}"


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
        what = each["parameters"].get("EventType", "")
        came = answers(each, longest=0) or each["url"]
        yield f"{each['kind']} {what} {came}; {each['outcome'] or 'it is under way'}"


def _came(callbacks: Sequence[CallbackTestServer]) -> Iterator[str]:
    for each in [request for server in callbacks for request in server.requests][-MOST:]:
        refused = f" (its signature holds for {each.url})" if each.status in (401, 403) else ""
        signed = refused if each.is_signed else f" (its signature does not hold for {each.url})"
        answer = each.answer[:100].decode(errors="replace")
        said = f"{type(each.error).__name__}: {each.error}" if each.error else answer
        yield f"{each.method} {each.path} {each.status} {said}{signed}"
