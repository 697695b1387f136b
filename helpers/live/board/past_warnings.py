"""Which warnings say nothing any more: their subject was changed, or the app has given a better answer since."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from helpers.connection.json_text import as_json
from helpers.connection.vocabulary import INSTRUCTIONS
from helpers.live.board.recent import forget_oldest
from helpers.live.feed.event import TaskRouterEvent
from helpers.live.widgets.call_row import about_call, parameters_of

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange
    from taskrouter_sandbox.control_types import DeliveryRecord

KNOWN_KEPT = 2000
"""Subjects and answers that are remembered."""

ASKED_KEPT = 50
"""Requests about one call that are remembered."""

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
        self._asked: dict[str, list[_Asked]] = {}  # reservations and calls -> what the app was asked about them
        self._heard: dict[str | int, None] = {}  # of these the requests came here, or these deliveries are known
        self._answered: dict[Hashable, _Asked] = {}  # what an answer has shown to be right -> the newest such answer

    def add_event(self, event: TaskRouterEvent) -> bool:
        """Take in an event; tells whether warnings may have become past by it."""
        if event.type not in CHANGES:
            return False
        self._changed_at[event.resource_sid] = max(event.at, self._changed_at.get(event.resource_sid, 0))
        forget_oldest(self._changed_at, KNOWN_KEPT)
        return True

    def add_exchange(self, exchange: Exchange) -> bool:
        """Take in a request that reached the callback server; tells whether warnings may have become past by it."""
        form = parameters_of(exchange)
        subject = form.get("CallSid") if about_call(form) else form.get("ReservationSid")
        if not subject or "EventType" in form:
            return False
        status = exchange.status if exchange.by_app and not exchange.error else None
        ms_at = exchange.at.timestamp() * 1000
        self._heard[subject] = None
        return self._add(subject, _Asked.about(form, ms_at, exchange.path, status, exchange.answer))

    def add_delivery(self, delivery: DeliveryRecord) -> bool:
        """Take in one of the sandbox, as of a server before the kernel's restart, unless its request is known."""
        subject, number, attempts = delivery["subject_sid"], delivery["number"], delivery["attempts"]
        if subject in self._heard or number in self._heard or not attempts or not delivery["result"]:
            return False
        self._heard[number] = None
        last = attempts[-1]
        status = None if last.get("error") else last.get("status")
        path = urlsplit(last.get("url", delivery["url"])).path
        parameters = delivery["parameters"]
        return self._add(subject, _Asked.about(parameters, delivery["at"], path, status, last.get("body", "")))

    def _add(self, subject: str, asked: _Asked) -> bool:
        self._asked[subject] = [*self._asked.get(subject, []), asked][-ASKED_KEPT:]
        shown = [
            what for what in asked.shows() if what not in self._answered or self._answered[what].ms_at < asked.ms_at
        ]
        self._answered |= dict.fromkeys(shown, asked)
        forget_oldest(self._asked, KNOWN_KEPT)
        forget_oldest(self._heard, KNOWN_KEPT)
        forget_oldest(self._answered, KNOWN_KEPT)
        return bool(shown)

    def has(self, row: dict[str, Any]) -> bool:
        """Tell of a row of the log whether it is a warning that says nothing any more."""
        if row["of"] != "alert" or row["level"] != "warning":
            return False
        about, at = row["about"], row["ms_at"]
        if at < self._changed_at.get(about, 0):
            return True
        asked = self._asked.get(about)
        if not asked:
            return False
        blamed = next((one for one in reversed(asked) if one.ms_at <= at), asked[0])
        better = (self._answered.get(what) for what in blamed.mended_by(row["code"]))
        return any(one and at < one.ms_at and one.answer != blamed.answer for one in better)


@dataclass(frozen=True)
class _Asked:
    """A request about a reservation or a call, with the app's answer.

    ms_at: milliseconds since 1970; status: None where the app has failed, or somebody else has answered; workflow,
    worker: SIDs, of a reservation.
    """

    ms_at: float
    path: str
    status: int | None
    answer: str
    workflow: str
    worker: str

    @classmethod
    def about(cls, form: Mapping[str, str], ms_at: float, path: str, status: int | None, answer: str) -> _Asked:
        """Make one of what was sent and answered."""
        return cls(ms_at, path, status, answer, form.get("WorkflowSid", ""), form.get("WorkerSid", ""))

    def mended_by(self, code: int) -> tuple[Hashable, ...]:
        """Give what has to be shown right by a later answer for a warning of that code about this one to be past."""
        if not self.workflow:
            return (("document", self.path),)
        if code == REJECTED_TO_NOWHERE:
            return ("reject", self.workflow), ("instead of reject", self.workflow, self.worker)
        return (("answer", self.workflow),)

    def shows(self) -> tuple[Hashable, ...]:
        """Give what the answer shows to be right; nothing where it is no good one.

        About a call that is the document at its path. To an assignment callback it is the form of answers, and how the
        app rejects where it names an activity; where it does not reject, that it no longer does so for this worker.
        """
        if not self.workflow:
            return (("document", self.path),) if self.status in range(200, 300) else ()
        answer = as_json(self.answer) if self.answer else {}
        if self.status != 200 or not isinstance(answer, dict):
            return ()
        instruction = answer.get("instruction")
        if answer and instruction not in INSTRUCTIONS:
            return ()
        form = ("answer", self.workflow)
        if instruction != "reject":
            return form, ("instead of reject", self.workflow, self.worker)
        return (form, ("reject", self.workflow)) if answer.get("activity_sid") else (form,)
