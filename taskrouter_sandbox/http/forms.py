"""The form in a request's body: urlencoded, as clients send it, or in parts (rest-contract.md §1)."""

from __future__ import annotations

from itertools import islice
from typing import NoReturn
from urllib.parse import parse_qsl

from .errors import refusal

MAX_PARAMETERS = 10_000  # in a form; the bulk statistics, the longest, have fifty
MAX_PARTS = 200  # which take longer to read
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


def _read_parts(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Read a form in parts, each with its name (RFC 7578); of a file only what is in it counts."""
    from email import message_from_bytes

    if body.count(b"\n--") > MAX_PARTS:
        _refuse_more_than(MAX_PARTS)
    form = message_from_bytes(b"Content-Type: %b\r\n\r\n%b" % (content_type.encode("latin-1"), body))
    if not form.is_multipart() or form.defects:
        raise refusal("no parts")
    pairs: list[tuple[str, str]] = []
    for part in islice(form.walk(), 1, None):
        name, value = part.get_param("name", header="content-disposition"), part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(value, bytes) or part.defects:
            raise refusal("no parts")
        pairs.append((name, value.decode(errors="replace")))
    return pairs


def _refuse_more_than(limit: int) -> NoReturn:
    raise refusal("too many parameters", limit=limit) from None
