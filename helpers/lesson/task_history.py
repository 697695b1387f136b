"""What happened to one task, in order: TaskRouter's events and the calls to the learner's server, merged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from helpers.connection.instances import EventInstance, TaskInstance
from helpers.connection.json_text import as_object
from helpers.connection.times import event_ms, to_ms
from helpers.connection.vocabulary import RESERVATION_ENDS_OFFER

if TYPE_CHECKING:
    from helpers.callback_server.exchange_log import Exchange

SENTENCES = {
    "task.created": "The task is created",
    "workflow.target-matched": "The filter “{workflow_filter_name}” matches",
    "task-queue.entered": "It enters the queue “{task_queue_name}”",
    "workflow.entered": "It is in the workflow “{workflow_name}”",
    "worker.activity.update": "{worker_name}: {worker_previous_activity_name} → {worker_activity_name}",
    "reservation.created": "A reservation for {worker_name}: the task is reserved",
    "reservation.accepted": "The reservation is accepted: the task is assigned",
    "reservation.canceled": "The reservation is canceled",
    "reservation.timeout": "The reservation times out",
    "reservation.completed": "The reservation is completed",
    "reservation.failed": "The worker it was meant for was not reserved in time",
    "task.transfer-initiated": "A {transfer_mode} transfer begins",
    "task.transfer-completed": "The task has been passed on",
    "task.transfer-attempt-failed": "The offer has failed; others in the queue come next",
    "task.transfer-failed": "It is not passed on: {transfer_failed_reason}",
    "task.transfer-canceled": "The transfer is taken back",
    "task.completed": "The task is completed",
    "task.canceled": "The task is canceled",
}


_ENDS = {
    "reservation.created": "Nobody has accepted the reservation yet",
    "reservation.canceled": "TaskRouter has canceled the reservation",
    "reservation.rejected": "The reservation was rejected",
    "reservation.timeout": "The reservation has timed out",
    "reservation.rescinded": "The reservation was taken back",
    "task.canceled": "The task was canceled",
}
"""What a history says that ends with an event of this type, and not with an acceptance."""


STYLE = """
.tr-history { container-type: inline-size; overflow-wrap: anywhere }
.tr-history caption { text-align: left }
.tr-history :is(th, td) { text-align: left !important; padding: 0.25em 0.8em; font-variant-numeric: tabular-nums }
.tr-history :is(th, td):not(:last-child) { white-space: nowrap }
@container (max-width: 30em) {
  .tr-history :is(table, caption, tbody) { display: block }
  .tr-history thead { display: none }
  .tr-history tr { display: flex; flex-wrap: wrap; padding: 0.3em 0 }
  .tr-history td { padding: 0 0.8em 0 0 }
  .tr-history td:last-child { flex-basis: 100% }
}
"""
"""What is said stands below its time where there is little room, as beside a board."""


@dataclass(frozen=True)
class Row:
    """One thing that happened: when (ms since 1970, or None), who says so, what, in words."""

    ms: int | None
    source: str
    kind: str
    reservation: str
    words: str

    @property
    def clock(self) -> str:
        """The time of day here, to the millisecond; empty when it is not known."""
        if self.ms is None:
            return ""
        return datetime.fromtimestamp(self.ms / 1000).strftime("%H:%M:%S.%f")[:-3]


class TaskHistory:
    """The rows in order; a table in a notebook, lines of text elsewhere."""

    def __init__(self, rows: Iterable[Row]):
        self.rows = tuple(rows)

    @property
    def still_to_do(self) -> str:
        """What is missing from the history; empty when the task was assigned."""
        kinds = [row.kind for row in self.rows]
        if "reservation.accepted" in kinds:
            return ""
        state = next((_ENDS[kind] for kind in reversed(kinds) if kind in _ENDS), "Nothing is reserved yet")
        return f"{state}. check.accepted_by_callback(client) says why. Run this cell again afterwards."

    def _gaps(self) -> list[str]:
        """Compute how much later each row is than the last one before it whose time is known."""
        gaps, before = [], None
        for row in self.rows:
            if row.ms is None or before is None:
                gaps.append("")
            else:
                gap = row.ms - before
                gaps.append(f"+{gap:,} ms" if gap < 10_000 else f"+{gap / 1000:,.1f} s")
            before = before if row.ms is None else row.ms
        return gaps

    def __repr__(self) -> str:
        lines = [
            f"{row.clock:12}  {gap:>10}  {row.source:<11} {row.words}"
            for row, gap in zip(self.rows, self._gaps(), strict=True)
        ]
        return "\n".join([*lines, self.still_to_do] if self.still_to_do else lines)

    def _repr_html_(self) -> str:
        head = "".join(f"<th scope='col'>{name}</th>" for name in ("time", "since the last", "who", "what"))
        body = "".join(
            f"<tr><td>{row.clock}</td><td>{gap}</td>"
            f"<td>{'<b>your server</b>' if row.kind == 'callback' else row.source}</td>"
            f"<td>{escape(row.words)}</td></tr>"
            for row, gap in zip(self.rows, self._gaps(), strict=True)
        )
        rest = f"<p role='status'>{escape(self.still_to_do)}</p>" if self.still_to_do else ""
        return (
            f"<div class='tr-history'><style>{STYLE}</style><table>"
            "<caption>What happened to the task, in order</caption>"
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}</div>"
        )


CAME_TO_NOTHING = {
    "reservation.canceled": "canceled",
    "reservation.rejected": "rejected",
    "reservation.timeout": "timed out",
}
"""Types of the events with which a reservation ends and the task is offered again, and how that is called."""

UNFOLDED = 3
"""So many reservations that came to nothing are told one by one."""


def what_happened(task: TaskInstance, events: Iterable[EventInstance], exchanges: Iterable[Exchange]) -> TaskHistory:
    """Give the history of `task`, from its creation on.

    events: of its workspace, in any order (`workspace.events.list(...)`); those of other tasks are left out.
    exchanges: of the callback server (`server.log.entries()`); only the callbacks for `task` count.

    Events are ordered by `event_date_ms`. A callback stands after the reservation that caused it and before
    the end of that reservation, also when the clocks of the two machines do not agree, as after `skip()`: then its
    time says nothing here, and is left out.
    """
    rows = [row for event in _oldest_first(events) if (row := _event_row(event, task.sid))]
    start = min((row.ms or 0 for row in rows if row.kind != "worker.activity.update"), default=0)
    rows = [row for row in rows if (row.ms or 0) >= start]
    for exchange in exchanges:
        if exchange.form.get("TaskSid") == task.sid and "ReservationSid" in exchange.form:
            _insert(rows, _callback_row(exchange), to_ms(exchange.at))
    return TaskHistory(_folded(rows))


def _folded(rows: list[Row]) -> list[Row]:
    """Put one row in the place of all reservations that came to nothing but the first and the last of them."""
    ends = [i for i, row in enumerate(rows) if row.kind in CAME_TO_NOTHING]
    if len(ends) <= UNFOLDED:
        return rows
    last = rows[ends[-1]].reservation
    again = next(i for i, row in enumerate(rows) if row.reservation == last)
    counts = Counter(CAME_TO_NOTHING[rows[i].kind] for i in ends[1:-1])
    words = f"… {len(ends) - 2} more reservations: " + ", ".join(f"{count} {end}" for end, count in counts.items())
    return [*rows[: ends[0] + 1], Row(None, "", "folded", "", words), *rows[again:]]


def _oldest_first(events: Iterable[EventInstance]) -> list[EventInstance]:
    events = list(events)
    if events and event_ms(events[0]) >= event_ms(events[-1]):  # newest first: rest-contract.md §10.9
        events.reverse()
    return sorted(events, key=event_ms)


def _event_row(event: EventInstance, task_sid: str) -> Row | None:
    data: Any = event.event_data if isinstance(event.event_data, dict) else as_object(event.event_data)
    if event.event_type != "worker.activity.update" and data.get("task_sid") != task_sid:
        return None
    try:
        words = SENTENCES[event.event_type].format_map(data)
    except KeyError:
        words = event.description or event.event_type
    return Row(event_ms(event), "TaskRouter", event.event_type, data.get("reservation_sid", ""), words)


def _callback_row(exchange: Exchange) -> Row:
    words = (
        f"{exchange.method} {exchange.path} is answered {exchange.status} {exchange.answer} "
        f"in {exchange.seconds * 1000:.0f} ms"
    )
    return Row(to_ms(exchange.at), "your server", "callback", exchange.form["ReservationSid"], words)


def _insert(rows: list[Row], callback: Row, ms: int) -> None:
    """Put a callback that came at that time where it belongs."""

    def at(kinds: tuple[str, ...]) -> int | None:
        same = (i for i, row in enumerate(rows) if row.kind in kinds and row.reservation == callback.reservation)
        return next(same, None)

    created, ended = at(("reservation.created",)), at(RESERVATION_ENDS_OFFER)
    first = 0 if created is None else created + 1
    last = len(rows) if ended is None else ended
    early = created is not None and ms < (rows[created].ms or 0)
    late = ended is not None and ms > (rows[ended].ms or 0)
    if early or late:
        rows.insert(last, replace(callback, ms=None))
        return
    place = first
    while place < last and (rows[place].ms or 0) <= ms:
        place += 1
    rows.insert(place, callback)
