"""Who may ask: programs of this machine, and pages of this machine in a browser.

Everybody knows the sandbox's credentials, so they keep nobody out. A web page on the internet can make a browser here
ask, and with a name that it lets lead to 127.0.0.1 (DNS rebinding) even read the answers. The name it asks for gives it
away, or else what the browser says about the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from .errors import refusal

HERE = r"(?:127\.0\.0\.1|\[::1\]|(?:[\w-]+\.)*localhost)"
CONTAINERS = r"host\.(?:docker|containers)\.internal"  # what a program in a container calls this machine
HOST = re.compile(rf"(?:{HERE}|{CONTAINERS}|(?:[\w-]+\.)+twilio\.com)(?::\d+)?", re.ASCII | re.IGNORECASE)
PAGE = re.compile(rf"https?://{HERE}(?::\d+)?", re.ASCII | re.IGNORECASE)


def check(headers: Iterable[tuple[bytes, bytes]]) -> None:
    """Raises TaskRouterError (403) for a request under a name that is neither this machine's nor Twilio's, or because
    of a page from elsewhere.

    headers: of the request, names in small letters.
    """
    page, site, mode = None, b"", b""
    for name, value in headers:
        if name == b"host":
            if not _matches(HOST, value):
                raise refusal("another host", host=_shown(value))
        elif name == b"origin":
            page = value
        elif name == b"sec-fetch-site":
            site = value
        elif name == b"sec-fetch-mode":
            mode = value
    if page is not None:
        if not _matches(PAGE, page):
            raise refusal("another page", page=_shown(page))
    elif site == b"cross-site" and mode != b"navigate":  # a link that a person follows only shows them the answer
        raise refusal("another page", page="another site")


@lru_cache
def _matches(pattern: re.Pattern[str], value: bytes) -> bool:
    return pattern.fullmatch(value.decode("latin-1")) is not None


def _shown(value: bytes) -> str:
    return value.decode("latin-1")[:80] or "nobody"
