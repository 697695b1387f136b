"""Puts what is answered about a worker into words."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .answers import ClauseAnswer, Reason


def reason_in_words(reason: Reason) -> str:
    """Say what keeps a worker from a task, with the values on which that rests."""
    return reason["text"] + values_seen(reason["clauses"])


def values_seen(clauses: Iterable[ClauseAnswer]) -> str:
    """Say in brackets which values the clauses saw, each path once; nothing where they saw none."""
    seen: dict[str, Any] = {}
    for clause in clauses:
        seen |= clause["saw"]
    shown = ", ".join(f"{path} is {_value(value)}" for path, value in seen.items())
    return f" ({shown})" if shown else ""


def _value(value: Any) -> str:
    return "not there" if value is None else json.dumps(value, ensure_ascii=False)
