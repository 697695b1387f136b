"""The types of parameters: what is accepted, and how what was sent is read (rest-contract.md §1, §4)."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, cast

from msgspec import Meta

from ..engine.model.entities import TransferMode
from ..engine.model.urls import callable_address
from ..language.strict_json import DUMPS, MAX_DIGITS, made_otherwise

MAX_PAGE_SIZE = 1000
MAX_INTEGER = 2_147_483_647
WORD = re.compile(r"(?!(?:true|false|null|NaN|Infinity)$)[^\W\d][\w.-]*")  # such as a key of a dict
WHOLE = re.compile(r"\s*([+-]?\d+)(?:\.0*)?\s*", re.ASCII)


def _whole(sent: Any) -> Any:
    """Take a whole number as it may be written: with blanks around it, a sign, zeros before it, or ".0" after it."""
    if isinstance(sent, float) and sent.is_integer():
        return int(sent)
    written = WHOLE.fullmatch(sent) if isinstance(sent, str) else None
    if written is None:
        return sent
    if len(written[1]) > MAX_DIGITS:
        raise ValueError("integer value out of range")
    return int(written[1])


def _number(sent: Any) -> Any:
    """Take a number as `float` reads it; what it does not read, and what is no finite number, is left as it is."""
    try:
        number = float(sent) if isinstance(sent, str) else sent
    except ValueError:
        return sent
    return sent if isinstance(number, float) and not math.isfinite(number) else number


def _flag(sent: Any) -> bool:
    """Read true or false, in the ways that clients write them."""
    text = str(sent).strip().lower()
    if text in ("true", "1", "yes", "on", "t", "y"):
        return True
    if text in ("false", "0", "no", "off", "f", "n"):
        return False
    raise ValueError("must be true or false")


READ: dict[Any, Callable[[Any], Any]] = {bool: _flag, int: _whole, float: _number}


def _page_size(sent: Any) -> Any:
    """Read a PageSize; a larger one than 1,000 counts as 1,000 (rest-contract.md §15, point 15)."""
    size = _whole(sent)
    return min(size, MAX_PAGE_SIZE) if isinstance(size, int) else size


Natural = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
PageSize = Annotated[int, Meta(ge=1, extra={"read": _page_size})]


def _sid(prefix: str) -> Meta:
    """Require the two letters of a kind of resource and 32 hexadecimal digits (rest-contract.md §1)."""
    return Meta(pattern=f"^{prefix}[0-9a-fA-F]{{32}}$", max_length=34)  # `$` alone lets a line end after it


def _yes(sent: Any) -> bool:
    """Read a flag that is a string: `true`, `1` and `yes` mean true, all else false (rest-contract.md §1)."""
    return str(sent).lower() in ("true", "1", "yes")


def _url(sent: str) -> str:
    """Read an address to call, or an empty text, which takes it off."""
    return sent and callable_address(sent)


def _moment(sent: Any) -> int:
    """Read ISO 8601, UTC when no zone is named; milliseconds since 1970. Not before 1900."""
    try:
        moment = datetime.fromisoformat(str(sent).replace("Z", "+00:00"))
    except ValueError:
        plus = "; a + in an address has to be %2B" if re.search(r":\d\d \d\d:?\d\d$", str(sent)) else ""
        raise ValueError(f"must be a date such as 2026-01-31T12:00:00Z{plus}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment.year < 1900:
        raise ValueError("must not be before 1900")
    return int(moment.timestamp() * 1000)


def json_text(sent: Any) -> str:
    """Read JSON that is sent as one text. Of a dict clients send its keys, or its values, one after the other.

    Raises ValueError for those, for what Python writes of a dict, and for what was encoded twice. All else is checked
    by who reads the JSON.
    """
    values = cast("list[str]", sent) if isinstance(sent, list) else [str(sent)]
    last = values[-1].strip()
    if len(values) > 1 and not last.startswith("{"):
        raise ValueError(f"came {len(values)} times: {DUMPS}")
    if WORD.fullmatch(last):
        raise ValueError(f"must be JSON: {DUMPS}")
    if wanted := made_otherwise(last):
        raise ValueError(f"must be {wanted}")
    return values[-1]


def _spread(sent: Any) -> list[str]:
    """Read a repeated parameter, which may also be one comma-separated value (rest-contract.md §4.4)."""
    parts = cast("list[Any]", sent) if isinstance(sent, list) else [sent]
    return [piece.strip() for part in parts for piece in str(part).split(",")]


def _upper(sent: Any) -> str:
    return str(sent).upper()


def _whole_numbers(sent: Any) -> list[Any]:
    """Read whole numbers that are spread like `Several`."""
    return [_whole(piece) for piece in _spread(sent)]


AccountSid = Annotated[str, _sid("AC")]
WorkspaceSid = Annotated[str, _sid("WS")]
ActivitySid = Annotated[str, _sid("WA")]
ActivitySidOrNone = Annotated[
    str,
    Meta(
        pattern="^(WA[0-9a-fA-F]{32})?$",
        max_length=34,
        extra={"schema": {"anyOf": [{"type": "string", "pattern": "^WA[0-9a-fA-F]{32}$"}, {"const": ""}]}},
    ),
]
EventSid = Annotated[str, _sid("EV")]
TaskSid = Annotated[str, _sid("WT")]
ReservationSid = Annotated[str, _sid("WR")]
TaskChannelSid = Annotated[str, _sid("TC")]
TaskQueueSid = Annotated[str, _sid("WQ")]
WorkerSid = Annotated[str, _sid("WK")]
WorkerChannelSid = Annotated[str, _sid("WC")]
WorkflowSid = Annotated[str, _sid("WW")]
RoutingTargetSid = Annotated[str, _sid("(WK|WQ|WW)")]

ShortName = Annotated[str, Meta(min_length=1, max_length=64)]
YesNo = Annotated[bool, Meta(extra={"read": _yes, "schema": {"type": "string"}})]
JsonText = Annotated[str, Meta(extra={"read": json_text})]
YesNoBoolean = Annotated[bool, Meta(extra={"read": _yes})]
Url = Annotated[str, Meta(extra={"read": _url, "schema": {"type": "string", "format": "uri"}})]
Moment = Annotated[int, Meta(extra={"read": _moment, "schema": {"type": "string", "format": "date-time"}})]
Priority = Natural
Several = Annotated[list[str], Meta(extra={"read": _spread})]
Thresholds = Annotated[
    list[Annotated[int, Meta(ge=1, le=MAX_INTEGER)]],
    Meta(max_length=50, extra={"read": _whole_numbers, "schema": {"type": "string"}}),
]
Mode = Annotated[TransferMode, Meta(extra={"read": _upper})]
