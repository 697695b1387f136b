"""The form in a request's body: urlencoded, as clients send it, or in parts (rest-contract.md §1)."""

from __future__ import annotations

import re
from typing import NoReturn
from urllib.parse import parse_qsl

from .errors import refusal

MAX_PARAMETERS = 10_000  # in a form; the bulk statistics, the longest, have fifty
MAX_HEAD = 2_000  # bytes before the value of a part
URLENCODED, IN_PARTS = "application/x-www-form-urlencoded", "multipart/form-data"

_BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_NAME = re.compile(
    rb'^content-disposition:[^\r\n]*;[ \t]*name=(?:"([^"\r\n]*)"|([^\s;"]+))', re.IGNORECASE | re.MULTILINE
)


def read_pairs(raw: str) -> list[tuple[str, str]]:
    """Read the parameters of a query or a form as they were sent. Raises TaskRouterError when there are too many."""
    if not raw:
        return []
    try:
        return parse_qsl(raw, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        _refuse_so_many()


def read_form(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Read the parameters of a form as they were sent.

    A body without a Content-Type counts as urlencoded. Raises TaskRouterError for one of another type, and for a form
    that cannot be read.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if not body or kind in ("", URLENCODED):
        return read_pairs(body.decode(errors="replace"))
    if kind != IN_PARTS:
        raise refusal("no form", kind=kind[:100])
    return _read_parts(body, content_type)


def _read_parts(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Read a form in parts, each with its name (RFC 7578); of a file only what is in it counts."""
    found = _BOUNDARY.search(content_type)
    line = b"\r\n--" + (found[1] or found[2]).encode("latin-1") if found else b""
    _, *parts = (b"\r\n" + body).split(line, MAX_PARAMETERS + 1) if line else [body]
    if len(parts) > MAX_PARAMETERS:
        _refuse_so_many()
    pairs: list[tuple[str, str]] = []
    for part in parts:
        if part.startswith(b"--"):  # the end
            return pairs
        head, blank, value = part.partition(b"\r\n\r\n")
        name = _NAME.search(head[:MAX_HEAD])
        if not blank or len(head) > MAX_HEAD or name is None:
            break
        pairs.append(((name[1] or name[2] or b"").decode(errors="replace"), value.decode(errors="replace")))
    raise refusal("no parts")


def _refuse_so_many() -> NoReturn:
    raise refusal("too many parameters", limit=MAX_PARAMETERS) from None
