"""How parameters are declared: one class for each operation, one field for each parameter (rest-contract.md §4).

A field's snake_case name is the parameter's PascalCase name and the router's keyword at the same time; its type says
what is accepted and how it is read.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_pascal

from ..engine.model.urls import callable_address

MAX_PAGE_SIZE = 1000
MAX_INTEGER = 2_147_483_647


class Parameters(BaseModel):
    """What an operation reads. Parameters that it does not declare are ignored (rest-contract.md §1)."""

    model_config = ConfigDict(alias_generator=to_pascal, extra="ignore")

    def given(self) -> dict[str, Any]:
        """The parameters that were sent, by snake_case name."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}

    @classmethod
    def read(cls, pairs: list[tuple[str, str]]) -> tuple[Parameters, set[str]]:
        """Parse name and value pairs; also the names that nothing read. Raises pydantic's ValidationError.

        A repeated name is a list where the field is one; elsewhere the last value counts.
        """
        known = cls.names()
        values: dict[str, Any] = {}
        unread: set[str] = set()
        for name, value in pairs:
            if name not in known:
                unread.add(name)
            elif known[name]:
                values.setdefault(name, []).append(value)
            else:
                values[name] = value
        return cls.model_validate(values), unread

    @classmethod
    @cache
    def names(cls) -> dict[str, bool]:
        """The names of the parameters as they are sent, and whether each may be repeated."""
        return {field.alias or name: "list[" in str(field.annotation) for name, field in cls.model_fields.items()}


class JsonBody(Parameters):
    """What an operation reads from a JSON body (rest-contract.md §1)."""


Natural = Annotated[int, Field(ge=0, le=MAX_INTEGER)]


class Listing(Parameters):
    """What every list takes. A larger PageSize than 1,000 counts as 1,000 (rest-contract.md §15, point 15)."""

    page_size: Annotated[int, Field(ge=1), AfterValidator(lambda n: min(n, MAX_PAGE_SIZE))] = 50
    page: Natural | None = None
    page_token: str | None = None


def _sid(prefix: str) -> StringConstraints:
    """Require the two letters of a kind of resource and 32 hexadecimal digits (rest-contract.md §1)."""
    return StringConstraints(pattern=f"^{prefix}[0-9a-fA-F]{{32}}$")


def _yes(value: Any) -> bool:
    """Flags that are strings: `true`, `1` and `yes` mean true, all else false (rest-contract.md §1)."""
    return str(value).lower() in ("true", "1", "yes")


def _url(value: str) -> str:
    """An address to call, or empty to take it off."""
    return value and callable_address(value)


def _moment(value: Any) -> int:
    """ISO 8601, UTC when no zone is named; milliseconds since 1970. Not before 1900."""
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        raise ValueError("must be a date such as 2026-01-31T12:00:00Z") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if moment.year < 1900:
        raise ValueError("must not be before 1900")
    return int(moment.timestamp() * 1000)


def _spread(value: Any) -> Any:
    """A repeated parameter may also be one comma-separated value (rest-contract.md §4.4)."""
    parts = value if isinstance(value, list) else [value]
    return [piece.strip() for part in parts for piece in str(part).split(",")]


AccountSid = Annotated[str, _sid("AC")]
WorkspaceSid = Annotated[str, _sid("WS")]
ActivitySid = Annotated[str, _sid("WA")]
EventSid = Annotated[str, _sid("EV")]
TaskSid = Annotated[str, _sid("WT")]
ReservationSid = Annotated[str, _sid("WR")]
TaskChannelSid = Annotated[str, _sid("TC")]
TaskQueueSid = Annotated[str, _sid("WQ")]
WorkerSid = Annotated[str, _sid("WK")]
WorkerChannelSid = Annotated[str, _sid("WC")]
WorkflowSid = Annotated[str, _sid("WW")]
RoutingTargetSid = Annotated[str, _sid("(WK|WQ|WW)")]

Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]
YesNo = Annotated[bool, BeforeValidator(_yes), WithJsonSchema({"type": "string"})]
Url = Annotated[str, AfterValidator(_url), WithJsonSchema({"type": "string", "format": "uri"})]
Moment = Annotated[int, BeforeValidator(_moment), WithJsonSchema({"type": "string", "format": "date-time"})]
Priority = Natural
Several = Annotated[list[str], BeforeValidator(_spread)]
Thresholds = Annotated[
    list[Annotated[int, Field(ge=1, le=MAX_INTEGER)]],
    BeforeValidator(_spread),
    Field(max_length=50),
    WithJsonSchema({"type": "string"}),
]
