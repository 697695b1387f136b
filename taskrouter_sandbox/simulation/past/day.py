"""A day that has been, made of its events into one that can be rehearsed (docs/simulation.md)."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from ...snapshot import Snapshot
from ...snapshot import read as read_snapshot
from ...snapshot.references import completed
from ..day import LENGTH, clock, midnight
from ..errors import RehearsalError
from ..workspace import snapshot_of
from .classes import Classes, some_of
from .events import KEPT, PastEvent, PastEvents, PastTask, gather, read
from .shifts import shifts_of

SILENCE = 3_600_000  # milliseconds without an event, while somebody waits, that are told of
Missing = Literal["refuse", "leave out"]


@dataclass(frozen=True, repr=False)
class PastDay:
    """A day made of events. day: as in docs/simulation.md, to be rehearsed, changed or written as JSON.

    workspace: the one that it was in, as it is now; notes: sentences on what the events do not tell.
    """

    day: dict[str, Any]
    workspace: Snapshot
    notes: list[str]

    def __repr__(self) -> str:
        """Say how much it is, and what the events do not tell."""
        tasks = sum(len(each["recorded"]) for each in self.day["classes"])
        names = ", ".join(each["name"] for each in self.day["classes"])
        return "\n".join((f"<PastDay: {tasks:,} tasks on {self.day['date']}, of the classes {names}>", *self.notes))


def day_from_events(
    events: Any,
    workspace: Any,
    *,
    date: datetime.date | str | None = None,
    by: Sequence[str] | None = None,
    missing: Missing = "refuse",
) -> PastDay:
    """Make a day of the Events of a day that has been: who came when, how long each took, who hung up, who worked.

    Nothing is changed anywhere; a client is asked with GET alone.

    Args:
        events: a list of events, as REST or callbacks have them; or a twilio client, which then reads the whole day.
        workspace: the snapshot of the workspace or the path of one; with a client the workspace's SID.
        date: the day, in UTC; needed with a client, and where tasks came on several days.
        by: names of the attributes that tell classes of tasks apart; those that the workflows read where left out.
        missing: what becomes of tasks whose beginning the events lack: they are refused with a sentence, or left out.

    Raises RehearsalError with a sentence where the events are not those of a whole day.
    """
    if missing not in ("refuse", "leave out"):
        raise RehearsalError(f'missing is {missing!r}: give "refuse" or "leave out"')
    wanted = _date(date)
    if hasattr(events, "taskrouter"):
        snapshot, told = _ask(events, workspace, wanted)
    else:
        snapshot, told = snapshot_of(workspace), read(events)
    return _Reading(snapshot, gather(told), wanted, by, missing).past_day()


def _date(date: datetime.date | str | None) -> datetime.date | None:
    try:
        given = datetime.date.fromisoformat(date) if isinstance(date, str) else date
    except ValueError:
        given = date
    if isinstance(given, datetime.datetime) or not isinstance(given, datetime.date | None):
        raise RehearsalError(f'date is {date!r}: give a date, or text such as "2026-11-27"')
    return given


def _ask(client: Any, workspace: Any, date: datetime.date | None) -> tuple[Snapshot, list[PastEvent]]:
    """Read a day's events and its workspace, and what became of its tasks within two hours after it."""
    sid = workspace if isinstance(workspace, str) else getattr(workspace, "sid", None)
    if not isinstance(sid, str) or not sid.startswith("WS"):
        raise RehearsalError(f"workspace is {workspace!r}: with a client, give the SID of the workspace")
    if date is None:
        raise RehearsalError("date: say which day is to be read")
    begin = datetime.datetime.combine(date, datetime.time(), datetime.UTC)
    listed = client.taskrouter.v1.workspaces(sid).events.stream(
        start_date=begin, end_date=begin + datetime.timedelta(hours=26), page_size=1000
    )
    told = read(listed)
    if not told:
        raise RehearsalError(f"events: there is none of {date}; TaskRouter keeps them for {KEPT} days")
    return read_snapshot(client, sid), told


class _Reading:
    """Makes a day of what was gathered; `notes` grows meanwhile."""

    def __init__(
        self,
        snapshot: Snapshot,
        found: PastEvents,
        date: datetime.date | None,
        by: Sequence[str] | None,
        missing: Missing,
    ) -> None:
        self.snapshot, self.found, self.missing = snapshot, found, missing
        self.notes: list[str] = []
        self.begins = _begins(found, date)
        self.classes = Classes(snapshot, self.begins, by, self.notes)

    def past_day(self) -> PastDay:
        tasks = self._tasks()
        self._tell_gaps(tasks)
        day: dict[str, Any] = {
            "date": datetime.datetime.fromtimestamp(self.begins / 1000, datetime.UTC).date().isoformat(),
            "classes": self.classes.of(tasks),
            "answers": _answers(self.found, self.snapshot),
        }
        shifts = shifts_of(self.snapshot, self.found, self.begins, self.notes)
        return PastDay(day | shifts, self.snapshot, self.notes)

    def _tasks(self) -> list[PastTask]:
        """Choose the tasks that came that day. Raises RehearsalError where the beginning of some is missing."""
        here = [each for each in self.found.tasks.values() if 0 <= each.begun - self.begins < LENGTH]
        before = sum(each.begun < self.begins for each in self.found.tasks.values())
        if before:
            self.notes.append(f"Tasks that were there from the day before, and are left out: {before}")
        unknown = [each for each in here if each.created is None]
        if unknown:
            first, since = min(each.begun for each in unknown), self._clock(self.found.first)
            text = (
                f"events: {len(unknown)} of {len(here)} tasks have no task.created; the first of them came at about "
                f"{self._clock(first)}, and the events that were given begin at {since}"
            )
            if self.missing == "refuse":
                raise RehearsalError(
                    f"{text}. Read all events of the day, also those on later pages; TaskRouter keeps them for "
                    f'{KEPT} days. Or leave such tasks out, by missing="leave out"'
                )
            self.notes.append(f"{text}; they are left out")
        known = [each for each in here if each.created is not None]
        if not known:
            raise RehearsalError("events: no task was created that day")
        return known

    def _tell_gaps(self, tasks: list[PastTask]) -> None:
        broken = [each.broken for each in tasks if each.broken is not None]
        if broken:
            self.notes.append(
                f"Tasks of which no event tells who accepted them, though they were worked on: {len(broken)}; there is "
                f"a gap in the events, before {self._clock(min(broken))}"
            )
        passed_on = sum(each.accepts > 1 for each in tasks)
        if passed_on:
            self.notes.append(f"Tasks that were passed on to others, each of which is played as one talk: {passed_on}")
        still = sum(each.completed is None and each.gone is None for each in tasks)
        if still:
            self.notes.append(
                f"Tasks that had not ended by {self._clock(self.found.last)}, where the events end: {still}"
            )
        censored = sum(each.gone is not None and not each.hung_up for each in tasks)
        if censored:
            self.notes.append(
                f"Tasks that TaskRouter canceled, so that it is not known how patient they were: {censored}"
            )
        self.notes += self._silences(tasks)

    def _silences(self, tasks: list[PastTask]) -> Iterable[str]:
        """Find an hour without any event in which somebody waited or was talked to."""
        moments = sorted(
            {
                at
                for each in tasks
                for at in (each.created, each.accepted, each.wrapping, each.completed, each.gone)
                if at
            }
            | {one.at for changes in self.found.changes.values() for one in changes}
        )
        for i in range(1, len(moments)):
            a, b = moments[i - 1], moments[i]
            if b - a >= SILENCE and any(each.begun <= a and (each.completed or each.gone or b) >= b for each in tasks):
                yield (
                    f"Nothing is told between {self._clock(a)} and {self._clock(b)}, though there were tasks: "
                    "events may be missing there"
                )

    def _clock(self, at: int) -> str:
        days, ms = divmod(at - self.begins, LENGTH)
        return clock(ms) if not days else f"{clock(ms)}, {days} days later"


def _begins(found: PastEvents, date: datetime.date | None) -> int:
    """Give the midnight at which the day began, in milliseconds since 1970."""
    if date is not None:
        return midnight(date)
    days = Counter(each.created // LENGTH for each in found.tasks.values() if each.created is not None)
    if len(days) > 1:
        dates = ", ".join(f"{_iso(day)} ({count})" for day, count in sorted(days.items()))
        raise RehearsalError(f"date: tasks came on several days, {dates}; say which one")
    return next(iter(days)) * LENGTH if days else found.first // LENGTH * LENGTH


def _iso(day: int) -> str:
    return datetime.datetime.fromtimestamp(day * LENGTH / 1000, datetime.UTC).date().isoformat()


def _answers(found: PastEvents, snapshot: Snapshot) -> dict[str, Any]:
    """Tell how reservations were answered, over the whole day and by all workers together.

    That who leaves rejects what is pending is no answer of theirs.
    """
    available = {each.friendly_name for each in completed(snapshot).activities if each.available}
    leaving = {
        (worker, change.at // 1000 + seconds)
        for worker, changes in found.changes.items()
        for change in changes
        if change.activity not in available
        for seconds in (-1, 0, 1)
    }
    answers = [
        each for each in found.answered.answers if not (each.rejected and (each.worker, each.at // 1000) in leaving)
    ]
    offered = found.answered.offered - len(found.answered.answers) + len(answers)
    if not offered:
        return {}
    made: dict[str, Any] = {
        "reject": round(sum(each.rejected for each in answers) / offered, 6),
        "let_time_out": round(found.answered.timed_out / offered, 6),
    }
    if answers:
        made["after"] = some_of([each.after / 1000 for each in answers])
    return made
