"""Lets in programs of this machine, and pages of this machine in a browser (see `loopback`).

Credentials do not keep pages out: a sandbox for any account takes every token, and a browser repeats those that a
person has typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from ..loopback import is_loopback_host, is_loopback_origin
from .errors import refusal

# Twilio's own names, where a client's are made to lead here, and what a program in a container calls this machine
OTHER_HOSTS = re.compile(
    r"(?:(?:[\w-]+\.)+twilio\.com|host\.(?:docker|containers)\.internal)(?::\d+)?", re.ASCII | re.IGNORECASE
)


def check(method: str, header: Mapping[bytes, bytes], any_host: bool = False) -> None:
    """Check under which name a request comes, and because of which page.

    header: the request's, by name in small letters. A link that a person follows only shows them the answer, so a GET
    may come from a page elsewhere as navigation; a form that such a page sends may not. any_host: other names are taken
    too, for a sandbox with a secret token that is reached from other machines. Raises TaskRouterError (403)
    for a name that is neither this machine's nor Twilio's, and for a page from elsewhere.
    """
    host, page = header.get(b"host"), header.get(b"origin")
    is_followed = header.get(b"sec-fetch-mode") == b"navigate" and method in ("GET", "HEAD")
    if host is not None and not any_host and not _is_known_host(host):
        raise refusal("another host", host=_shown(host))
    if page is not None:
        if not is_loopback_origin(page.decode("latin-1")):
            raise refusal("another page", page=_shown(page))
    elif header.get(b"sec-fetch-site") == b"cross-site" and not is_followed:
        raise refusal("another page", page="another site")


@lru_cache
def _is_known_host(value: bytes) -> bool:
    host = value.decode("latin-1")
    return is_loopback_host(host) or OTHER_HOSTS.fullmatch(host) is not None


def _shown(value: bytes) -> str:
    return value.decode("latin-1")[:80] or "nobody"
