"""Which warnings say nothing any more: their subject was changed, or the app has answered better since."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from helpers.connection.json_text import as_json
from helpers.connection.vocabulary import INSTRUCTIONS
from helpers.live.board.recent import forget_oldest
from helpers.live.feed.event import TaskRouterEvent

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange

KNOWN_KEPT = 2000
"""Subjects and answers that are remembered."""

REJECTED_TO_NOWHERE = 40100
"""Twilio's code of a `reject` without a good `activity_sid` (behaviour.md §3.3)."""

CHANGES = frozenset(
    f"{of}.{what}"
    for of, happenings in {
        "task": "updated completed canceled deleted system-deleted",
        "task-channel": "updated deleted",
        "task-queue": "expression.updated deleted",
        "worker": "attributes.update deleted",
        "workflow": "updated deleted",
        "workspace": "updated",
    }.items()
    for what in happenings.split()
)
"""Events after which an earlier warning about their subject says nothing any more: what is still wrong is warned of
again (behaviour.md §6.5)."""


class PastWarnings:
    """What has happened since warnings were given. Not safe from several threads by itself."""

    def __init__(self) -> None:
        self._changed_at: dict[str, float] = {}  # SIDs of what warnings may be about -> the newest of CHANGES
        self._asked: dict[str, tuple[str, str]] = {}  # reservations -> workflow and worker that the app was asked about
        self._answered_at: dict[Hashable, float] = {}  # what an answer has shown to be right -> the newest such answer

    def add_event(self, event: TaskRouterEvent) -> bool:
        """Take in an event; tells whether warnings may have become past by it."""
        if event.type not in CHANGES:
            return False
        self._changed_at[event.resource_sid] = max(event.at, self._changed_at.get(event.resource_sid, 0))
        forget_oldest(self._changed_at, KNOWN_KEPT)
        return True

    def add_exchange(self, exchange: Exchange) -> bool:
        """Take in a request that reached the callback server; tells whether warnings may have become past by it."""
        form = exchange.form
        if "ReservationSid" not in form or "EventType" in form:
            return False
        workflow, worker = form.get("WorkflowSid", ""), form.get("WorkerSid", "")
        self._asked[form["ReservationSid"]] = workflow, worker
        shown = _shown_right(exchange, workflow, worker)
        for what in shown:
            self._answered_at[what] = exchange.at.timestamp() * 1000
        forget_oldest(self._asked, KNOWN_KEPT)
        forget_oldest(self._answered_at, KNOWN_KEPT)
        return bool(shown)

    def has(self, row: dict[str, Any]) -> bool:
        """Tell of a row of the log whether it is a warning that says nothing any more."""
        if row["of"] != "alert" or row["level"] != "warning":
            return False
        about = row["about"]
        since = [self._changed_at.get(about, 0)]
        if about in self._asked:
            workflow, worker = self._asked[about]
            of_reject = (("reject", workflow), ("instead of reject", workflow, worker))
            of_code = of_reject if row["code"] == REJECTED_TO_NOWHERE else (("answer", workflow),)
            since += [self._answered_at.get(what, 0) for what in of_code]
        return row["ms_at"] < max(since)


def _shown_right(exchange: Exchange, workflow: str, worker: str) -> tuple[Hashable, ...]:
    """Give what the app's answer to an assignment callback shows to be right now; nothing where it is no good one.

    That is the form of its answers, and how it rejects where it names an activity; where it does not reject, that it no
    longer does so for this worker.
    """
    answer = as_json(exchange.answer) if exchange.answer else {}
    if not exchange.by_app or exchange.error or exchange.status != 200 or not isinstance(answer, dict):
        return ()
    instruction = answer.get("instruction")
    if answer and instruction not in INSTRUCTIONS:
        return ()
    if instruction != "reject":
        return ("answer", workflow), ("instead of reject", workflow, worker)
    return (("answer", workflow), ("reject", workflow)) if answer.get("activity_sid") else (("answer", workflow),)
