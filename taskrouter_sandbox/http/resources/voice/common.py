"""What the resources of the 2010-04-01 API share: addresses, dates, pages and checks (voice.md §5)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Annotated, Any, Literal, TypeVar, cast
from urllib.parse import quote

import msgspec
from msgspec import Meta

from ....engine.model.entities import Entity
from ....engine.model.errors import NotFound, TaskRouterError
from ....storage.ended import Condition
from ....voice.calls import legs
from ....voice.calls.parameters import is_number
from ....voice.commands import common as commands
from ....voice.engine import VoiceEngine
from ....voice.model.entities import Call, StatusCallback
from ....voice.model.terms import Method
from ...operation import Answer, Registry, RequestContext
from ...paging import ListInMemory, PageSource, read_page
from ...parameters import PAGING, Listing

VERSION = "2010-04-01"
DAY = 86_400_000  # milliseconds
NO_NUMBER, BAD_EVENTS = 21212, 21626
RECORDED = ("in-progress", "completed", "absent")
PROGRESS = ("initiated", "ringing", "answered", "completed")
NUMBER = re.compile(r"\+?[0-9]{2,15}")
NORTH_AMERICAN = re.compile(r"\+1(\d{3})(\d{3})(\d{4})")

Date2822 = Annotated[str, Meta(extra_json_schema={"format": "date-time-rfc-2822"})]

E = TypeVar("E", bound=Entity)
T = TypeVar("T")


def registry() -> Registry:
    """Make the registry of a resource of an account."""
    return Registry(base=f"/{VERSION}/Accounts/{{AccountSid}}", ending=".json")


def apply(context: RequestContext, command: Callable[[VoiceEngine], T], *about: str) -> T:
    """Do something on the voice side as one unit of work. Raises TaskRouterError.

    about: SIDs of calls and conferences that the command names, and that may have ended.
    """
    return context.service.telephony.apply(context.now, command, about)


def place(
    context: RequestContext,
    command: Callable[[VoiceEngine], Call],
    from_address: str,
    to: str,
    unread_events: Iterable[str] | None,
) -> Call:
    """Make a call by a command, as one unit of work with the warnings that it gives rise to. Raises TaskRouterError.

    unread_events: names of events that were not understood, None where all were.
    """
    _check_from(context, from_address, to)

    def placed(engine: VoiceEngine) -> Call:
        call = command(engine)
        if unread_events is not None:
            _warn_of_events(engine, unread_events, call.sid)
        legs.warn_of_from(engine.state, from_address, call.sid)
        return call

    return apply(context, placed)


def current(context: RequestContext) -> VoiceEngine:
    """Give the voice side as it is now: all that was due has happened."""
    return context.service.telephony.look(context.now)


def found(kind: str, sid: str, entity: E | None) -> E:
    """Give what was looked up by its SID. Raises NotFound where there is none."""
    if entity is None:
        raise NotFound(f"{kind} {sid} was not found")
    return entity


def uri(context: RequestContext, *parts: str) -> str:
    """Make the address of a resource, relative to the API's host (voice.md §5.2)."""
    return "/".join((f"/{VERSION}/Accounts/{context.service.account_sid}", *(quote(part, safe="") for part in parts)))


def date(ms: int | None) -> str | None:
    """Write RFC 2822 in GMT (voice.md §1.2)."""
    return None if ms is None else format_datetime(datetime.fromtimestamp(ms // 1000, UTC))


def dates(entity: Entity) -> dict[str, Any]:
    """Render when a resource was created and changed."""
    return {"date_created": date(entity.date_created), "date_updated": date(entity.date_updated)}


def newest_first(entities: Mapping[str, E]) -> dict[str, E]:
    """Put resources that are kept in the order of their creation into that of lists (voice.md §5.3)."""
    return dict(reversed(list(entities.items())))


def page(
    context: RequestContext,
    key: str,
    entities: Mapping[str, E] | PageSource[E],
    render: Callable[[RequestContext, E], Any],
    asked: Listing,
    shown: Callable[[E], bool] | None = None,
) -> Answer:
    """Make one page of a list, with the envelope of this API (voice.md §5.3).

    entities: in the order of the list; shown: which of those in memory belong to it, None for all.
    """
    source = ListInMemory(entities, shown) if isinstance(entities, Mapping) else entities
    read = read_page(source, context.server.shown_pages, context.url_path, asked.page_token, asked.page_size)
    filters = [f"{quote(name)}={quote(value)}&" for name, value in context.query if name not in PAGING]
    address, number = f"{context.url_path}?{''.join(filters)}PageSize={asked.page_size}", asked.page or 0
    uri, first, previous, following = read.links(address, number, asked.page_token)
    start = number * asked.page_size
    return Answer(
        {
            key: [render(context, entity) for entity in read.items],
            "page": number,
            "page_size": asked.page_size,
            "start": start,
            "end": start + max(0, len(read.items) - 1),
            "uri": uri,
            "first_page_uri": first,
            "previous_page_uri": previous,
            "next_page_uri": following,
        }
    )


# what parameters say


def _span(sent: Any) -> list[int]:
    """Read a day, or an instant: its first and last millisecond."""
    text = str(cast("list[Any]", sent)[-1] if isinstance(sent, list) else sent)
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ValueError("must be a date such as 2026-01-31, or 2026-01-31T12:00:00Z") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    first = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    return [first, first + (DAY - 1 if len(text) <= 10 else 0)]


Span = Annotated[list[int], Meta(extra={"read": _span, "schema": {"type": "string"}})]


class Times(msgspec.Struct, frozen=True):
    """A filter by time: on a day (UTC), and from one instant to another, both included (voice.md §5.3)."""

    on: list[int] | None = None
    before: list[int] | None = None
    after: list[int] | None = None

    def of(self, field: str) -> list[Condition]:
        """Say it of a field that is a time; where it is None, it belongs to no time."""
        wanted: list[Condition] = []
        if self.on is not None:
            day = self.on[0] // DAY * DAY
            wanted += [Condition(field, ">=", day), Condition(field, "<=", day + DAY - 1)]
        if self.before is not None:
            wanted.append(Condition(field, "<=", self.before[1]))
        if self.after is not None:
            wanted.append(Condition(field, ">=", self.after[0]))
        return wanted


def equal(**wanted: str | None) -> list[Condition]:
    """Say which values fields must have, where one is given."""
    return [Condition(field, "=", value) for field, value in wanted.items() if value is not None]


def method(value: str | None, default: Method = "POST", code: int = 21209) -> Method:
    """Read the method of a request. Raises TaskRouterError."""
    match (value or default).upper():
        case "GET":
            return "GET"
        case "POST":
            return "POST"
        case _:
            raise TaskRouterError(f"Method must be GET or POST, not {value!r}", code)


def address(name: Literal["To", "From"], value: str | None) -> str:
    """Check whom a call goes to, or comes from (voice.md §1.2). Raises TaskRouterError with Twilio's code."""
    missing, wrong = (21201, 21211) if name == "To" else (21213, 21212)
    text = (value or "").strip()
    if not text:
        raise TaskRouterError(f"{name} is missing: give a number such as +15005550006, or client:name", missing)
    number = re.sub(r"[\s().-]", "", text)
    if NUMBER.fullmatch(number):
        return number
    if re.fullmatch(r"client:.{1,256}|sips?:[^\s@]+@[^\s@]+", text):
        return text
    raise TaskRouterError(f"{name} {text!r} is no phone number: write +15005550006, client:name or sip:a@b.c", wrong)


def check_url(name: str, value: str | None) -> str | None:
    """Check an address that is to be requested, if it is given. Raises TaskRouterError."""
    return commands.check_url(name, value) if value else None


def events(values: Iterable[str] | None, known: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...] | None:
    """Read names of events, repeated or with blanks between them (voice.md §0.1); None where one is not known."""
    named = [name for value in values or () for name in value.split()]
    if not named:
        return default
    return tuple(named) if set(named) <= set(known) else None


def read_status_callback(
    url: str | None, given_method: str | None, named: Iterable[str] | None, default: tuple[str, ...] = ("completed",)
) -> tuple[StatusCallback | None, bool]:
    """Read where the progress of a call is reported, and whether its events were understood (voice.md §1.6)."""
    read = events(named, PROGRESS, default)
    url = check_url("StatusCallback", url)
    if not url or read is None:
        return None, read is not None
    return StatusCallback(url, method(given_method), read), True


def _warn_of_events(engine: VoiceEngine, values: Iterable[str], subject_sid: str) -> None:
    """Note events that were not understood: no callback comes (voice.md §1.6)."""
    text = f"StatusCallbackEvent {', '.join(values)!r} is not understood, so that nothing is reported: "
    engine.state.recorder.alert(
        BAD_EVENTS, f"{text}repeat the parameter for each of {', '.join(PROGRESS)}", subject_sid, "warning"
    )


def recorded(url: str | None, given_method: str | None, named: Iterable[str] | None) -> StatusCallback | None:
    """Read where a recording is reported, and when."""
    url = check_url("RecordingStatusCallback", url)
    read = events(named, RECORDED, ("completed",))
    return StatusCallback(url, method(given_method), read) if url and read else None


def _check_from(context: RequestContext, from_address: str, to: str) -> None:
    """Refuse a call to a telephone that comes from none, and if the options say so from one that is not the account's.

    Source: voice.md §5.4. Raises TaskRouterError.
    """
    telephony = context.service.telephony
    if is_number(to) and not is_number(from_address):
        raise TaskRouterError(f"From {from_address!r} must be a phone number, as To is one", NO_NUMBER)
    if telephony.options.unknown_from == "refused" and not legs.is_own(telephony.engine.state, from_address):
        text = f"The source phone number provided, {from_address}, is not yet verified for your account."
        raise TaskRouterError(f"{text} Call from a number of the account.", legs.NOT_OURS)


def formatted(number: str) -> str:
    """Write a North American number as people do (voice.md §5.2)."""
    found = NORTH_AMERICAN.fullmatch(number)
    return "({}) {}-{}".format(*found.groups()) if found else number
