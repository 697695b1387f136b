"""How parameters of the control plane are declared: names in small letters, all in the query."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from ..errors import not_found
from ..operation import RequestContext
from ..parameters import Parameters

MAX_NUMBER = 2**63  # that SQLite can count to


class ControlParameters(Parameters, rename=str):
    """The parameters of a control operation, by the names of the fields. One that is not declared is refused."""


class Newest(ControlParameters):
    """How many of the newest entries are wanted."""

    limit: Annotated[int, Meta(ge=1, le=10_000)] = 500


def number_in_path(context: RequestContext, advice: str) -> int:
    """Read the number in the address. Raises TaskRouterError (404), with the advice, for what nothing can have as its
    number."""
    text = context.path["number"]
    if not (text.isascii() and text.isdigit() and len(text) <= 19 and int(text) < MAX_NUMBER):
        raise not_found(context.url_path, advice)
    return int(text)
