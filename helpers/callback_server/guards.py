"""Where a request comes from: this machine itself, or somewhere else.

A tunnel connects from loopback like everything else here, and a web page can make a browser do so. Three things tell
them apart. A tunnel of `expose` ends at a port of its own. Whatever other way there is in from outside shows
in the headers: a name that is not this machine's (a tunnel, DNS rebinding) or what proxies add. And a browser says
which page asks.
"""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Scope

from taskrouter_sandbox.loopback import is_loopback_host

OF_PROXIES = ("forwarded", "via", "x-real-ip", "cf-connecting-ip")  # headers, besides x-forwarded-...
TUNNEL = "taskrouter.tunnel"  # set in the scope of what came in through the tunnel of `expose`


def from_outside(scope: Scope) -> bool:
    """Tell whether a request came through the tunnel of `expose`, a proxy, or a name that is not this machine's own."""
    headers = Headers(scope=scope)
    if scope.get(TUNNEL) or any(name in OF_PROXIES or name.startswith("x-forwarded-") for name in headers):
        return True
    return not is_loopback_host(headers.get("host", ""))


def from_another_page(scope: Scope) -> bool:
    """Tell whether a browser asks because of another server's page: a link, a form, a script, an image.

    A page of this machine, such as JupyterLab, may link to a route or show it in a frame: that is a navigation.
    """
    headers = Headers(scope=scope)
    page = headers.get("origin") or headers.get("referer")
    if site := headers.get("sec-fetch-site"):
        if site in ("none", "same-origin"):  # none: the person typed the address
            return False
        is_navigation = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
        return not (is_navigation and page and is_loopback_host(_host_of(page)))
    if not page:
        return False
    return _host_of(page) != headers.get("host")


def _host_of(page: str) -> str:
    """Give host and port of a page's address; "" where there is none."""
    with suppress(ValueError):
        return urlsplit(page).netloc
    return ""


def only_here(request: Request) -> None:
    """Let a route answer this machine alone, with `Depends(only_here)`: 403 to all that comes from outside.

    A signature does not help: these routes are for the person at this machine, and not for Twilio.
    """
    if from_outside(request.scope) or from_another_page(request.scope):
        raise HTTPException(403, f"{request.url.path} answers on this machine only.")
