"""Reads and quotes JSON that a client sends; refuses what could not be sent back (rest-contract.md §15, point 25)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any, cast

MAX_DEPTH = 200  # objects and lists in one another
MAX_ATTRIBUTES = 4096  # characters of the attributes of a task or a worker (rest-contract.md §12)
MAX_DIGITS = 4_300  # of a whole number: as many as Python reads
DUMPS = "a dict has to go through json.dumps first"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise _too_large(digits)
    return number


def _bounded(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise _too_large(digits)
    return int(digits)


def _too_large(digits: str) -> ValueError:
    return ValueError(f"the number {digits[:40]} is too large")


_DECODER = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite, parse_int=_bounded)
to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""Write JSON without insignificant white space, as it is kept and sent."""


def read_json(text: str) -> tuple[str, Any]:
    """Read JSON: the text without insignificant white space, key order and unknown keys kept, and its value.

    Raises ValueError when the text is not JSON, or cannot be kept: half a surrogate pair is no character.
    """
    try:
        value = _DECODER.decode(text)
        if text.count("{") + text.count("[") > MAX_DEPTH:
            _check_depth(value)
        compact = to_json(value)
        compact.encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeEncodeError:
        raise ValueError("it contains half a surrogate pair, such as \\ud800") from None
    return compact, value


def made_otherwise(text: str) -> str | None:
    """Say what was to come in the place of what Python writes of a dict, or of JSON that was made twice."""
    begins = text.strip()[:2]
    if begins == "{'":
        return f"JSON: {DUMPS}"
    return "a JSON object: json.dumps once is enough" if begins == '"{' else None


def _check_depth(value: Any) -> None:
    """Check how deep a value nests. Raises RecursionError long before Python's stack ends."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        inner: list[Iterable[Any]] = []
        for one in level:
            if isinstance(one, dict):
                inner.append(cast("dict[str, Any]", one).values())
            elif isinstance(one, list):
                inner.append(cast("list[Any]", one))
        if not inner:
            return
        level = [one for values in inner for one in values]
    raise RecursionError


def quoted(value: Any, most: int = 80) -> str:
    """Quote the beginning of a value from JSON in a sentence: a text in quotation marks, anything else as JSON has it.

    most: characters.
    """
    return repr(value[:most]) if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)[:most]
