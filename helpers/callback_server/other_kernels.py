"""Callback servers of other kernels: whether one of them answers at an address, and whose it is."""

from __future__ import annotations

from urllib.parse import urlsplit

from helpers.callback_server import public_addresses
from helpers.callback_server.limits import DEFAULT_LIMITS
from helpers.callback_server.loopback import HOST, holder_of
from helpers.callback_server.server import CallbackServer, servers


def leads_to(url: str, server: CallbackServer) -> bool:
    """Tell whether an address is that of a callback server, here or behind its tunnel."""
    return any(public_addresses.path_at(url, own) is not None for own in (server.url, server.public_url) if own)


def other_kernel_at(url: str | None) -> str | None:
    """Say whose callback server answers at an address, as in "the callback server of 03-accept-by-callback.ipynb".

    None when it is one of this kernel's, or none of this tutorial's on this machine. Asks the server itself who it is.
    """
    if not url or any(leads_to(url, server) for server in servers()):
        return None
    parts = urlsplit(url)
    try:
        port = parts.port if parts.hostname in (HOST, "localhost") else public_addresses.port_of(url)
    except ValueError:
        return None
    holder = holder_of(port, DEFAULT_LIMITS.identify_seconds) if port else None
    return holder and f"the callback server of {holder}"
