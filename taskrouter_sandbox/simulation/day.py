"""A day: who comes and when, how long it takes, who works, and how offers are answered (docs/simulation.md)."""

from __future__ import annotations

import copy
import datetime
import json
import math
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, cast

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, field

from ..snapshot.references import did_you_mean
from .distributions import Duration
from .errors import RehearsalError

LENGTH = 86_400_000  # milliseconds of a day
TEXT = re.compile(r"(\d{1,2}):([0-5]\d)(?::([0-5]\d(?:\.\d{1,3})?))?")
PLACE = re.compile(r"(?P<what>.*?)(?: - at `\$?\.?(?P<place>.*)`)?", re.DOTALL)
KINDS = {"float": "a number", "int": "a whole number", "str": "a text", "array": "a list", "object": "an object"}
Share = Annotated[float, Meta(ge=0, le=1)]
Factor = Annotated[float, Meta(ge=0, le=1000)]


class TimeOfDay:
    """A time of the day, in UTC. ms: milliseconds since it began."""

    def __init__(self, ms: int) -> None:
        self.ms = ms

    @classmethod
    def read(cls, value: object) -> TimeOfDay:
        """Read `"09:30"`, `"09:30:12.5"`, or seconds since the day began. Raises ValueError."""
        if isinstance(value, TimeOfDay):
            return value
        ms = -1.0
        if isinstance(value, str) and (found := TEXT.fullmatch(value)):
            ms = ((int(found[1]) * 60 + int(found[2])) * 60 + float(found[3] or 0)) * 1000
        elif isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= LENGTH / 1000:
            ms = value * 1000.0
        if not 0 <= ms <= LENGTH:
            raise ValueError(f'{value!r} is no time of the day; give "09:30", up to "24:00", or seconds up to 86400')
        return cls(round(ms))


def clock(ms: int) -> str:
    """Give a time of the day as text, as days have it."""
    seconds, rest = divmod(ms, 1000)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{rest:03}" if rest else text.removesuffix(":00")


def midnight(date: datetime.date) -> int:
    """Tell when a date begins in UTC, in milliseconds since 1970."""
    return int(datetime.datetime.combine(date, datetime.time(), datetime.UTC).timestamp()) * 1000


BEGINNING, MIDNIGHT = TimeOfDay(0), TimeOfDay(LENGTH)


class DayPart(Struct, forbid_unknown_fields=True, kw_only=True):
    """A part of a day; a name that none of its fields has is refused."""


class ArrivalRate(DayPart):
    """How many come at random from one time to another. per_hour: on average."""

    per_hour: Annotated[float, Meta(ge=0, lt=1e9)]
    start: TimeOfDay = field(name="from", default=BEGINNING)
    end: TimeOfDay = field(name="to", default=MIDNIGHT)


class RecordedTask(DayPart):
    """One that came at a known time. What is known of it besides stands in place of what its class says.

    waited: seconds that it has waited without hanging up, as far as is known: its patience counts from there.
    """

    at: TimeOfDay
    talk: Duration | None = None
    wrap_up: Duration | None = None
    patience: Duration | None = None
    waited: Annotated[float, Meta(ge=0, le=1e9)] = 0.0


class OfferAnswers(DayPart):
    """How reservations are answered; what is left out is as further out: a worker's before a class's before the day's.

    after: how long it takes to accept or to reject; reject, let_time_out: shares of the reservations, from 0 to 1.
    """

    after: Duration | UnsetType = UNSET
    reject: Share | UnsetType = UNSET
    let_time_out: Share | UnsetType = UNSET


class WorkerAnswers(OfferAnswers):
    """How a worker answers. back_after: as in the answers of the day."""

    back_after: Duration | UnsetType | None = UNSET


class Answers(DayPart):
    """How workers answer reservations.

    after: how long it takes them to accept or to reject; reject, let_time_out: shares of the reservations, from 0 to 1;
    back_after: when a worker whom a reservation that timed out has moved goes back to the activity of the shift; None
    for not before the next shift.
    """

    after: Duration = field(default_factory=lambda: Duration.read(0))
    reject: Share = 0.0
    let_time_out: Share = 0.0
    back_after: Duration | None = None


class WorkerHabits(DayPart):
    """What is a worker's own: how long talks and wrapping up take, and how offers are answered.

    talk, wrap_up: in place of those of any class; talk_factor, wrap_up_factor: or so many times those of the class.
    """

    worker: str
    talk: Duration | None = None
    wrap_up: Duration | None = None
    talk_factor: Factor = 1.0
    wrap_up_factor: Factor = 1.0
    answers: WorkerAnswers | None = None


class TaskClass(DayPart):
    """Tasks of one kind. workflow: by name, the only one where it is left out; channel: by unique name.

    arrivals or recorded: when they come. talk, wrap_up: from accepting to the end of the talk, and from there to
    completion. patience: after how long somebody hangs up whom nobody has accepted; None for never. timeout: seconds
    after which TaskRouter cancels a task that nobody has accepted. answers: to offers of these tasks.
    """

    name: Annotated[str, Meta(min_length=1)]
    talk: Duration
    wrap_up: Duration = field(default_factory=lambda: Duration.read(0))
    patience: Duration | None = None
    attributes: dict[str, Any] = field(default_factory=dict[str, Any])
    workflow: str | None = None
    channel: str = "default"
    priority: Annotated[int, Meta(ge=0, le=2_147_483_647)] = 0  # rest-contract.md §12
    timeout: Annotated[int, Meta(ge=1, le=1_209_600)] = 86_400
    arrivals: list[ArrivalRate] = field(default_factory=list[ArrivalRate])
    recorded: list[RecordedTask] = field(default_factory=list[RecordedTask])
    answers: OfferAnswers | None = None


class Shift(DayPart):
    """A worker's time in an activity: a shift, or a break in an activity that is not available.

    activity: by name; the workspace's first available one where it is left out.
    """

    worker: str
    start: TimeOfDay = field(name="from")
    end: TimeOfDay = field(name="to")
    activity: str | None = None


class Day(DayPart):
    """A day. date: which one it is, for expressions that read the time (UTC); off_duty: the activity outside of shifts,
    the workspace's default one where it is left out; workers: what is their own; absent: who does not come, whatever
    the shifts say.
    """

    classes: Annotated[list[TaskClass], Meta(min_length=1)]
    shifts: list[Shift] = field(default_factory=list[Shift])
    workers: list[WorkerHabits] = field(default_factory=list[WorkerHabits])
    absent: list[str] = field(default_factory=list[str])
    answers: Answers = field(default_factory=Answers)
    date: datetime.date = datetime.date(2026, 1, 5)
    off_duty: str | None = None

    @property
    def begins(self) -> int:
        """When it begins, in milliseconds since 1970."""
        return midnight(self.date)


PARTS: dict[str, type[DayPart]] = {
    "classes": TaskClass,
    "recorded": RecordedTask,
    "arrivals": ArrivalRate,
    "shifts": Shift,
    "workers": WorkerHabits,
    "classes.answers": OfferAnswers,
    "workers.answers": WorkerAnswers,
    "answers": Answers,
}


def read_day(day: Day | Mapping[str, Any] | str | Path) -> Day:
    """Read a day from what JSON has of it, or from a file. Raises RehearsalError."""
    if isinstance(day, Day):
        return day
    if isinstance(day, str | Path):
        if str(day).lstrip().startswith("{"):
            raise RehearsalError("day is JSON as text: give what `json.loads` makes of it, or the path of a file")
        try:
            day = json.loads(Path(day).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            reason = (isinstance(error, OSError) and error.strerror) or error
            raise RehearsalError(f"day: {day} cannot be read as JSON: {reason}") from None
    try:
        return msgspec.convert(day, Day, dec_hook=_read)
    except msgspec.ValidationError as error:
        raise RehearsalError(_explained(str(error))) from None


def rates(tasks: Iterable[float], *, start: str | float = 0, every: float = 900) -> list[dict[str, Any]]:
    """Make the arrivals of a class of how many tasks come in each interval, on average.

    tasks: for one interval after the other; start: when the first one begins, as a day has times; every: its seconds, a
    quarter of an hour where left out. Raises RehearsalError.
    """
    if isinstance(every, bool) or not isinstance(every, int | float) or not 1 <= every <= LENGTH / 1000:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise RehearsalError(f"every is {every!r}: give seconds, from 1 to 86400")
    counts = [] if isinstance(tasks, str) else list(tasks)
    if not counts:
        raise RehearsalError(f"tasks is {tasks!r}: give how many come in each interval, as a list of numbers")
    for i, count in enumerate(counts):
        if isinstance(count, bool) or not isinstance(count, int | float) or not 0 <= count < math.inf:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise RehearsalError(f"tasks[{i}] is {count!r}: give a number, 0 or more")
    try:
        begin = TimeOfDay.read(start).ms / 1000
        TimeOfDay.read(begin + every * len(counts))
    except ValueError as error:
        raise RehearsalError(f"{len(counts)} intervals of {every:g} seconds from {start!r}: {error}") from None
    return [
        {"from": begin + i * every, "to": begin + (i + 1) * every, "per_hour": count * 3600 / every}
        for i, count in enumerate(counts)
    ]


def as_plain(day: Day) -> dict[str, Any]:
    """Give a day as JSON has it, as a copy of its own; functions that draw stay what they are."""
    return _plain(day)


def _plain(value: Any) -> Any:
    if isinstance(value, Struct):
        names = zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True)
        fields = ((encoded, getattr(value, name)) for name, encoded in names)
        return {name: _plain(each) for name, each in fields if each is not UNSET and each is not None}
    if isinstance(value, list):
        return [_plain(each) for each in cast("list[Any]", value)]
    if isinstance(value, TimeOfDay):
        return value.ms / 1000
    if isinstance(value, datetime.date):
        return value.isoformat()
    return copy.deepcopy(value.given if isinstance(value, Duration) else value)


def _read(kind: type[Any], value: object) -> Any:
    if kind not in (Duration, TimeOfDay):
        raise NotImplementedError(kind)
    return kind.read(value)


def _explained(error: str) -> str:
    """Say where something is wrong, and what is accepted there."""
    match = PLACE.fullmatch(error)
    assert match is not None
    what, place = match["what"], match["place"] or ""
    path = re.sub(r"\[[^]]*\]", "", place).split(".")
    part = next((PARTS[name] for name in (".".join(path[-2:]), path[-1]) if name in PARTS), Day)
    names = part.__struct_encode_fields__
    if "unknown field" in what:
        (unknown,) = re.findall("`(.+)`", what)
        elsewhere = [each for each, other in PARTS.items() if unknown in other.__struct_encode_fields__]
        hint = f"; it belongs into {' or '.join(elsewhere)}" if elsewhere else did_you_mean(unknown, names)
        what = f"there is no field {unknown!r}; there is {', '.join(names)}{hint}"
    elif "missing required field" in what:
        (needed,) = re.findall("`(.+)`", what)
        what = f"it needs the field {needed!r}"
    elif place == "date":
        what = f'{what}; give a date, or text such as "2026-11-30"'
    else:
        what = re.sub("`(.+?)`", lambda found: KINDS.get(found[1], found[1]), what)
    return f"{place or 'day'}: {what}"
