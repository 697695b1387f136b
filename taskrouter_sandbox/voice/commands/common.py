"""What several kinds of commands need: looking things up, reading addresses, and the end of a command."""

from __future__ import annotations

from typing import TypeVar

from ...engine.model.errors import NotFound, TaskRouterError
from ...engine.model.urls import callable_address
from ..model.entities import Call

T = TypeVar("T")
NOT_IN_PROGRESS, BAD_URL, NOT_COMPLETE = 21220, 21205, 20009


def found(kind: str, sid: str, there: dict[str, T]) -> T:
    """Find a resource by its SID. Raises NotFound when there is none."""
    if sid not in there:
        raise NotFound(f"{kind} {sid} was not found")
    return there[sid]


def check_url(name: str, url: str) -> str:
    """Check an address that is to be requested. Raises TaskRouterError with Twilio's code."""
    try:
        return callable_address(url)
    except ValueError as error:
        raise TaskRouterError(f"{name} {error}: {url!r}", BAD_URL) from None


def check_live(call: Call, what: str) -> None:
    """Check that a call has not ended. Raises TaskRouterError."""
    if not call.is_live:
        raise TaskRouterError(f"Unable to update record: Call is not in-progress. {what}".strip(), NOT_IN_PROGRESS)
