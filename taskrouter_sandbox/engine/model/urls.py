"""Addresses that Twilio is to call."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+(?:%\w+)?", re.IGNORECASE)  # a name, an IPv4 address; an IPv6 address
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def callable_address(value: object) -> str:
    """Check an address that is to be called, and give it. Raises ValueError with what is wanted."""
    wanted = "must be an absolute http:// or https:// address"
    if not isinstance(value, str):
        raise ValueError(wanted)
    try:
        parts = urlsplit(value)
        host, port = parts.hostname, parts.port
    except ValueError as error:  # "Port out of range 0-65535", "Invalid IPv6 URL"
        raise ValueError(f"{wanted}: {error}") from None
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError(wanted)
    if not HOST.fullmatch(host):
        raise ValueError(f"{wanted}: {host!r} is no host")
    if port == 0:
        raise ValueError(f"{wanted}: there is no port 0")
    if CONTROL.search(value):
        raise ValueError(f"{wanted}, in one line")
    return value
