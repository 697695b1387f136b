"""Recognises the names of this machine, for the guards of all that must answer programs and pages of it alone.

A page on the internet can make a browser here send a request, and with a name of its own that leads to 127.0.0.1 (DNS
rebinding) even read the answer. The name that is asked for, or what the browser says about the page, gives it away.
"""

from __future__ import annotations

import re
from functools import lru_cache

_NAME = r"(?:127\.0\.0\.1|\[::1\]|(?:[\w-]+\.)*localhost)"
_HOST = re.compile(rf"{_NAME}(?::\d+)?", re.ASCII | re.IGNORECASE)
_ORIGIN = re.compile(rf"https?://{_NAME}(?::\d+)?", re.ASCII | re.IGNORECASE)


@lru_cache
def is_loopback_host(host: str) -> bool:
    """Tell whether a Host header, with or without a port, names this machine."""
    return _HOST.fullmatch(host) is not None


@lru_cache
def is_loopback_origin(origin: str) -> bool:
    """Tell whether an Origin header names a page of this machine."""
    return _ORIGIN.fullmatch(origin) is not None
