"""The form in a request's body: urlencoded, as clients send it, or in parts (rest-contract.md §1)."""

from __future__ import annotations

import re
from typing import Any, NoReturn, cast
from urllib.parse import parse_qsl

import orjson

from ..engine.model.errors import TaskRouterError
from .errors import refusal

MAX_PARAMETERS = 10_000  # in a form; the bulk statistics, the longest, have fifty
MAX_PARTS = 200  # which take longer to read
MAX_HEAD = 1000  # bytes, of a part
URLENCODED, IN_PARTS = "application/x-www-form-urlencoded", "multipart/form-data"


def read_pairs(raw: str) -> list[tuple[str, str]]:
    """Read the parameters of a query or a form as they were sent. Raises TaskRouterError when there are too many."""
    if not raw:
        return []
    try:
        return parse_qsl(raw, keep_blank_values=True, max_num_fields=MAX_PARAMETERS)
    except ValueError:
        _refuse_more_than(MAX_PARAMETERS)


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


def names_in(body: bytes, content_type: str) -> set[str]:
    """Find the names of the parameters in a body that nothing reads, which may be of any type; none where it cannot be
    read."""
    try:
        document: Any = orjson.loads(body) if body else None
    except ValueError:
        in_parts = content_type.strip().lower().startswith(IN_PARTS)
        try:
            return {name for name, _ in read_form(body, content_type if in_parts else "")}
        except TaskRouterError:
            return set()
    return set(cast("dict[str, Any]", document)) if isinstance(document, dict) else set()


def _read_parts(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Read a form in parts, each with its name (RFC 7578); of a file only what is in it counts."""
    from email.message import Message

    head: Message = Message()
    head["Content-Type"] = content_type if len(content_type) <= MAX_HEAD else ""
    boundary = re.escape(head.get_boundary("")).encode(errors="replace")
    pairs: list[tuple[str, str]] = []
    start = None
    for found in re.finditer(rb"(?:\A|\r\n)--%b(--)?[ \t]*(?=\r\n|\Z)" % boundary, body) if boundary else ():
        if start is not None:
            pairs.append(_read_part(body[start : found.start()]))
        if found[1]:
            return pairs
        if len(pairs) == MAX_PARTS:
            _refuse_more_than(MAX_PARTS)
        start = found.end()
    raise refusal("no parts")


def _read_part(part: bytes) -> tuple[str, str]:
    """Read a part's name and value; its head is short."""
    from email.parser import BytesHeaderParser

    head, blank, content = part.partition(b"\r\n\r\n")
    if not blank or len(head) > MAX_HEAD:
        raise refusal("no parts")
    read = BytesHeaderParser().parsebytes(head[2:] + blank)
    read.set_payload(content.decode("ascii", "surrogateescape"))
    name, value = read.get_param("name", header="content-disposition"), read.get_payload(decode=True)
    if not isinstance(name, str) or not isinstance(value, bytes) or read.defects:
        raise refusal("no parts")
    return name, value.decode(errors="replace")


def _refuse_more_than(limit: int) -> NoReturn:
    raise refusal("too many parameters", limit=limit) from None
