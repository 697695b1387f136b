"""The public addresses that callback servers have had, so that an address of ours is told from somebody else's.

They are remembered for each port of a callback server. A port that was picked at random means nothing to the next
kernel: what its server had is still ours then, but is no former address of another server.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

import platformdirs

from helpers import whole_file

KEPT = 20  # addresses remembered for each port, and ports
PICKED = "picked"  # the key of what ports that were picked at random have had


_here: dict[str, list[str]] = {}  # of the ports that were picked at random, in this kernel


def folder() -> Path:
    """Tell where notes about this account's callbacks are: the user's data folder, or TASKROUTER_TUNNEL_DIR."""
    return Path(os.environ.get("TASKROUTER_TUNNEL_DIR") or platformdirs.user_data_path("taskrouter-notebooks", False))


def remember(port: int, address: str, *, lasting: bool = True) -> list[str]:
    """Keep the address as the latest of this port. Returns the other ones that it has had.

    lasting: let the next kernel's server at this port know it as its own, too.
    """
    known = _read()
    if not lasting:
        old = _put(_here, str(port), address)
        picked = known.pop(PICKED, [])
        _write({PICKED: [*(one for one in picked if one != address), address][-KEPT:]} | known)
        return old
    picked = known.pop(PICKED, [])
    old = _put(known, str(port), address)
    _write(({PICKED: picked} if picked else {}) | dict(list(known.items())[-KEPT:]))
    return old


def latest() -> list[str]:
    """Give what was given out last for each port."""
    lasting = (addresses for port, addresses in _read().items() if port != PICKED)
    return [addresses[-1] for addresses in (*lasting, *_here.values())]


def is_ours(url: str | None) -> bool:
    """Tell whether a URL is at an address that one of these callback servers has or had, in any kernel."""
    return any(path_at(url, address) is not None for addresses in _read().values() for address in addresses)


def port_of(url: str) -> int | None:
    """Give the port of the callback server to whose latest public address a URL leads; None where that is not known."""
    for port, addresses in _read().items():
        if port != PICKED and port.isdigit() and path_at(url, addresses[-1]) is not None:
            return int(port)
    return None


def path_at(url: str | None, address: str) -> str | None:
    """Give what a URL has after an address: "", or a path, query or fragment. None when it is not at the address."""
    rest = (url or "").removeprefix(address)
    return rest if rest != (url or "") and rest[:1] in ("", "/", "?", "#") else None


def _put(known: dict[str, list[str]], port: str, address: str) -> list[str]:
    old = [one for one in known.pop(port, []) if one != address]
    known[port] = [*old, address][-KEPT:]
    return old


def _file() -> Path:
    return folder() / "addresses.json"


def _write(known: dict[str, list[str]]) -> None:
    whole_file.write(_file(), json.dumps(known).encode())


def _read() -> dict[str, list[str]]:
    """Read what was remembered; what is not as it should be counts as not there."""
    with suppress(OSError, ValueError):
        known = json.loads(_file().read_text(encoding="utf-8"))
        if isinstance(known, dict):
            return {port: addresses for port, addresses in known.items() if _is_list_of_texts(addresses)}
    return {}


def _is_list_of_texts(addresses: object) -> bool:
    return isinstance(addresses, list) and bool(addresses) and all(isinstance(one, str) for one in addresses)
